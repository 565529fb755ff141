"""Give every record an identity that comes from its content, never from order or time.

A decision made on a record must find it again after a new search, another order of files or
another export of the same hits.
"""

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from retrace import tables

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "id", "record_id", "title", "authors", "year", "journal", "volume", "issue", "pages", "doi",
    "pmid", "abstract", "source", "type", "raw_file", "raw_position", "raw_offset", "accession",
    "url", "extra",
)  # fmt: skip
"""The columns of records outside a build: those of `schemas.RECORDS`, with `id` for `row_id`."""

DIGESTED = ("title", "authors", "year", "journal", "volume", "issue", "pages", "doi")


def identify(records: "pd.DataFrame") -> "pd.DataFrame":
    """Return the records with `record_id` set: `<source>:<accession>`, else `<source>:<digest>`.

    Two rows with one id are not one row: they are duplicates by a rule of their own.
    """
    records = records.copy()
    records["record_id"] = [
        id_of(source, accession) or f"{source}:{_digest(fields)}"
        for source, accession, *fields in tables.rows(
            records, "source", "accession", *DIGESTED
        )
    ]
    return records


def id_of(source: str, accession: str) -> str:
    """Return the id of a record that has an accession number; nothing where it has none."""
    plain = _plain(accession)
    return f"{source}:{plain}" if plain else ""


def as_csv(records: "pd.DataFrame") -> bytes:
    """Return identified records as CSV, with `id` (the row's place) first, as `retrace dedup` reads it."""
    import io

    import pyarrow as pa
    from pyarrow import csv

    named = records.rename(columns={"row_id": "id"})
    table = pa.Table.from_pandas(named[[*COLUMNS]], preserve_index=False)
    out = io.BytesIO()
    csv.write_csv(table, out, csv.WriteOptions(quoting_style="needed"))
    return out.getvalue()


def _plain(accession: str) -> str:
    plain = re.sub(r"[^\w.()+-]+", "_", accession.strip())
    return plain if plain.strip("_") else ""


def _digest(fields: list[str]) -> str:
    text = "\x1f".join(
        " ".join(unicodedata.normalize("NFKC", field).casefold().split())
        for field in fields
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]
