"""Read Embase's CSV of one record per block: a row a field, an empty row between records."""

import re

from retrace.readers import columns, delimited
from retrace.readers.reading import Reading, as_json
from retrace.readers.source import Source

MARKS = rb'(?:\xef\xbb\xbf)*"?(?i:TITLE)"?,'
SEPARATOR = re.compile(rb"(?:\s|\xef\xbb\xbf|\x1a|\0|,)*+")

_HEAD = re.compile(rb"\s*\"?TITLE\"?,[^\n]*\n", re.IGNORECASE)
"""The first of several rows: a header that is cut short has no second one."""
_SHOWN = ("title", "authornames", "abstract")
_NUMBER = re.compile(r"(?:^|id=)(L\d{5,12})\b")


def is_blocks(source: Source) -> bool:
    """Return whether a file begins with a field of a record, not with a header."""
    return (
        bool(_HEAD.match(source.data, source.start))
        and delimited.header_of(source) is None
    )


def read(source: Source) -> Reading:
    """Return the records of a file of blocks."""
    out = Reading(source, "embase_blocks", SEPARATOR, MARKS)
    for begin, end, found in _blocks(source):
        if any(found.values()):
            out.record(begin, end, _values(found))
        else:
            out.reject(begin, end, "a block without a value")
    return out


def _blocks(source: Source) -> list[tuple[int, int, dict[str, list[str]]]]:
    """Return the fields of each block; a second title opens a block where no empty row does."""
    blocks: list[tuple[int, int, dict[str, list[str]]]] = []
    fresh = True
    for begin, end, cells in delimited.rows(source, source.start, b",", -1):
        filled = [cell.strip() for cell in cells if cell.strip()]
        if not filled:
            fresh = True
            continue
        name = filled[0]
        if fresh or (columns.plain(name) == "title" and name in blocks[-1][2]):
            blocks.append((begin, end, {}))
        start, _, found = blocks[-1]
        found.setdefault(name, []).extend(filled[1:])
        blocks[-1] = (start, end, found)
        fresh = False
    return blocks


def _values(found: dict[str, list[str]]) -> tuple[str, ...]:
    header = [name for name in found if found[name]]
    joined = [
        ("; " if columns.plain(name) == "authornames" else " ").join(found[name])
        for name in header
    ]
    # The column that only Embase has says that `source` is the journal.
    named = columns.Columns([*header, "Emtree drug index terms"])
    numbers = (_NUMBER.search(value) for held in found.values() for value in held)
    accession = next((match.group(1) for match in numbers if match), "")
    rest = {name: found[name] for name in header if columns.plain(name) not in _SHOWN}
    return (accession, *named.values([*joined, ""])[1:-1], as_json(rest))
