"""Give every record an identity that comes from its content, never from order or time.

A decision made on a record must find it again after a new search, another order of files or
another export of the same hits.
"""

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

DIGESTED = ("title", "authors", "year", "journal", "volume", "issue", "pages", "doi")


def identify(records: "pd.DataFrame") -> "pd.DataFrame":
    """Return the records with `record_id` set: `<source>:<accession>`, else `<source>:<digest>`.

    Two rows with one id are not one row: they are duplicates by a rule of their own.
    """
    records = records.copy()
    records["record_id"] = [
        f"{source}:{_plain(accession) or _digest(fields)}"
        for source, accession, *fields in records[
            ["source", "accession", *DIGESTED]
        ].itertuples(index=False, name=None)
    ]
    return records


def _plain(accession: str) -> str:
    return re.sub(r"[^\w.()+-]+", "_", accession.strip())


def _digest(fields: list[str]) -> str:
    text = "\x1f".join(
        " ".join(unicodedata.normalize("NFKC", field).casefold().split())
        for field in fields
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]
