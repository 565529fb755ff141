"""Find the rows that are one record, and say of each merge which rule found it.

The rule `same_accession` needs no comparison: two rows with one record id are the same hit
of the same source, read twice.
"""

import json
from typing import TYPE_CHECKING

from retrace import schemas, tables

if TYPE_CHECKING:
    import pandas as pd


def deduplicate(records: "pd.DataFrame") -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Return the distinct records and the duplicates.

    The tables are `schemas.DEDUPLICATED` and `schemas.DUPLICATES`. In = kept + merged: each
    row of ``records`` is the kept one of a record, or a row of the duplicates.
    """
    first = records.drop_duplicates("record_id", keep="first")
    kept_row = dict(zip(first["record_id"], first["row_id"], strict=True))
    merged = records[
        records["row_id"].map(lambda row: row not in set(kept_row.values()))
    ]
    duplicates = [
        {
            "row_id": row.row_id,
            "record_id": row.record_id,
            "kept_row_id": kept_row[row.record_id],
            "kept_id": row.record_id,
            "rule": "same_accession",
            "similarities": "{}",
        }
        for row in merged.itertuples(index=False)
    ]
    fields = [name for name in schemas.DEDUPLICATED.names if name in records.columns]
    kept = first[fields].assign(
        sources=first["source"],
        origins=[json.dumps({"*": row}) for row in first["row_id"]],
    )
    return kept, tables.frame(duplicates, schemas.DUPLICATES)
