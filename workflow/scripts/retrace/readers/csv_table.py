"""Read a CSV of records with usual column names.

Fields are kept as text, and columns without a name of ours are kept in ``extra``.
"""

import csv
import io
import re
from typing import Any

from retrace import schemas
from retrace.readers.reading import FIELDS, Reading, as_json
from retrace.readers.source import Source

USUAL = {
    "title": ("title", "article title", "document title"),
    "authors": ("authors", "author", "author(s)"),
    "year": ("year", "publication year", "pubyear"),
    "journal": ("journal", "source title", "journal/book", "publication title"),
    "volume": ("volume",),
    "issue": ("issue", "number"),
    "pages": ("pages", "page"),
    "doi": ("doi",),
    "pmid": ("pmid", "pubmed id"),
    "abstract": ("abstract",),
    "type": ("type", "document type", "publication type"),
    "url": ("url", "link"),
    "accession": ("accession", "eid", "ut", "id"),
}
"""Each of our columns and the names it is given in exports, in order of preference."""


def read(source: Source) -> Reading:
    """Return the records of a CSV file."""
    out = Reading(source, "csv")
    data = source.data
    records, rejects = _read(data, raw_file="")
    begun = [int(row["raw_offset"]) for row in records] + [
        reject["byte_offset"] for reject in rejects
    ]
    ends = dict(zip(sorted(begun), [*sorted(begun)[1:], len(data)], strict=True))
    listed = [*((int(row["raw_offset"]), row) for row in records)]
    listed += [(reject["byte_offset"], reject) for reject in rejects]
    for start, row in sorted(listed, key=lambda pair: pair[0]):
        if "reason" in row:
            out.reject(start, ends[start], row["reason"])
        else:
            values = (
                row.get(name, "")
                if name != "extra"
                else as_json({k: [v] for k, v in row["extra"].items()})
                for name in FIELDS
            )
            out.record(start, ends[start], tuple(values))
    out.close(re.compile(rb"[^\r\n]*[\r\n]+"), None)
    return out


def _read(
    data: bytes, *, raw_file: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the records and the rejects of a CSV file's bytes.

    A record holds the columns of `schemas.RECORDS` that the file has, its position counted
    from 1, and the byte at which its row begins.
    """
    text = data.decode("utf-8-sig")
    skipped = len(data) - len(text.encode())
    starts = _line_starts(text, skipped)
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    ours = _columns(header)
    records, rejects = [], []
    line = reader.line_num
    for row in reader:
        offset, line = starts[line], reader.line_num
        if not any(cell.strip() for cell in row):
            continue
        ordinal = len(records) + len(rejects) + 1
        if len(row) != len(header):
            rejects.append(
                {
                    "raw_file": raw_file,
                    "ordinal": ordinal,
                    "byte_offset": offset,
                    "reason": f"{len(row)} cells where the header has {len(header)}",
                }
            )
            continue
        cells = dict(zip(header, row, strict=True))
        records.append(
            {
                **{column: cells[name].strip() for column, name in ours.items()},
                "raw_file": raw_file,
                "raw_position": str(ordinal),
                "raw_offset": str(offset),
                "extra": {
                    name: cell
                    for name, cell in cells.items()
                    if cell and name not in ours.values()
                },
            }
        )
    return records, rejects


def _columns(header: list[str]) -> dict[str, str]:
    by_name = {name.strip().lower(): name for name in reversed(header)}
    return {
        column: by_name[usual]
        for column, names in USUAL.items()
        for usual in [next((name for name in names if name in by_name), "")]
        if usual and column in schemas.RECORDS.names
    }


def _line_starts(text: str, skipped: int) -> list[int]:
    starts, offset = [skipped], skipped
    for line in text.splitlines(keepends=True):
        offset += len(line.encode())
        starts.append(offset)
    return starts
