"""Read CSV and TSV of any vendor: a header with usual column names, then a row a record.

Rows are bounded in bytes before cells are read, so that each row knows its place and a quote
that is never closed costs its own row and not all that follow.
"""

import csv
import re
import sys
from collections.abc import Iterator

from retrace.readers import columns
from retrace.readers.reading import Reading, as_json, shown
from retrace.readers.source import Source

csv.field_size_limit(sys.maxsize)

DELIMITERS = (b",", b"\t", b";", b"|")
SEPARATOR = re.compile(rb"(?:\s|\xef\xbb\xbf|\x1a|\0|(?i:sep=.)|[,;|]*)*")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_BLOCK = re.compile(rb"\s*\"?TITLE\"?,", re.IGNORECASE)


def header_of(source: Source) -> tuple[int, int, bytes, list[str]] | None:
    """Return where the header begins and ends, its delimiter and its cells, if there is one."""
    data = source.data
    at = 0
    for _ in range(20):
        if at >= len(data):
            return None
        for delimiter in DELIMITERS:
            end = _row_end(data, at, len(data), 1 << 16)
            if end - at > 1 << 17:
                continue
            cells = _cells(source.text(at, end), delimiter)
            if (len(cells) > 1 or delimiter == b",") and columns.is_header(cells):
                return at, end, delimiter, cells
        at = _LINE.match(data, at).end()
    return None


def is_blocks(source: Source) -> bool:
    """Return whether a file is Embase's CSV with a row a field and an empty row between records."""
    return bool(_BLOCK.match(source.data)) and header_of(source) is None


def read(source: Source) -> Reading:
    """Return the records of a CSV or TSV file."""
    if is_blocks(source):
        return _read_blocks(source)
    out = Reading(source, "csv")
    found = header_of(source)
    if found is None:
        out.junk(
            0,
            len(source.data),
            "no row with usual column names, such as title and year",
        )
        return out
    start, at, delimiter, header = found
    out.format = "tsv" if delimiter == b"\t" else "csv"
    if start and source.data[:start].strip():
        out.junk(0, start, f"text before the header: {shown(source.data[:start])}")
    out.skip(start, at)
    named = columns.Columns(header)
    width = len(header)
    for begin, end, cells in _rows(source, at, delimiter, width):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) == width:
            out.record(begin, end, named.values(cells))
            continue
        last = end == len(source.data) and len(cells) < width
        values = None if last else named.unequal(cells)
        if values is None:
            out.reject(
                begin,
                end,
                f"{len(cells)} cells where the header has {width}"
                + (", at the end of the file" if last else ""),
            )
        else:
            if any(cell.strip() for cell in cells[width:]):
                out.warn(
                    begin,
                    f"{len(cells)} cells where the header has {width}: some have no certain column",
                )
            out.record(begin, end, values)
    out.close(SEPARATOR, None)
    out.counted = _count(source, at, width, delimiter)
    if out.counted != len(out) + out.n_rejected:
        out.warn(
            at,
            f"{len(out)} records and {out.n_rejected} rejects, but {out.counted} rows with a quarter of the columns",
        )
    return out


def _rows(
    source: Source, at: int, delimiter: bytes, width: int
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the place and the cells of each row."""
    data, size = source.data, len(source.data)
    mark = delimiter.decode()
    while at < size:
        end = data.find(b"\n", at) + 1 or size
        if b'"' not in data[at:end] and b"\r" not in data[at : end - 2]:
            yield at, end, source.text(at, end).rstrip("\r\n").split(mark)
            at = end
            continue
        end = _row_end(data, at, size)
        text = source.text(at, end)
        cells = _cells(text, delimiter)
        line = _LINE.match(data, at).end()
        if line < end and _runs_on(text, cells, mark, width):
            # A quote that is never closed takes later rows with it, which are sound.
            end = line
            cells = _cells(source.text(at, end), delimiter)
        yield at, end, cells
        at = end


def _row_end(data: bytes, at: int, size: int, longest: int = 1 << 24) -> int:
    """Return where a row ends: behind the first line break that stands in no quotes."""
    quotes = 0
    end = at
    while end < size:
        line = _LINE.match(data, end).end()
        quotes += data.count(b'"', end, line)
        end = line
        if quotes % 2 == 0:
            return end
        if end - at > longest:
            break
    # No balance up to the end of the file: the quote is a stray one.
    return _LINE.match(data, at).end()


def _runs_on(text: str, cells: list[str], mark: str, width: int) -> bool:
    """Return whether a row of several lines holds further rows, by a quote that is not closed."""
    sign = re.escape(mark)
    cell = rf'(?:"[^"]*"|[^"{sign}\r\n][^{sign}\r\n]*)?'
    if re.fullmatch(rf"{cell}(?:{sign}{cell})*\s*", text.replace('""', "")):
        return False
    if len(cells) != width:
        return True
    return any(
        len(_cells(line, mark.encode())) == width for line in text.splitlines()[1:]
    )


def _cells(text: str, delimiter: bytes) -> list[str]:
    text = text.rstrip("\r\n")
    try:
        return next(csv.reader([text], delimiter=delimiter.decode()), [])
    except csv.Error:
        return text.split(delimiter.decode())


def _count(source: Source, at: int, width: int, delimiter: bytes) -> int:
    """Return how many rows a plain reading with Python's csv module finds."""
    data = source.data[at:]
    if b"\0" in data:
        data = data.replace(b"\0", b"")
    try:
        return sum(
            1 for row in csv.reader(_text_lines(data), delimiter=delimiter.decode())
            if any(cell.strip() for cell in row)
        )  # fmt: skip
    except csv.Error:
        return -1


def _text_lines(data: bytes) -> Iterator[str]:
    for match in _LINE.finditer(data):
        if match.group():
            yield match.group().decode("utf-8", "replace")


def _read_blocks(source: Source) -> Reading:
    """Read Embase's record-per-block form: `"TITLE","..."`, then further fields, a row each."""
    out = Reading(source, "csv blocks")
    blocks: list[tuple[int, int, dict[str, list[str]]]] = []
    fresh = True
    for begin, end, cells in _rows(source, 0, b",", -1):
        if not any(cell.strip() for cell in cells):
            fresh = True
            continue
        name, values = (
            cells[0].strip(),
            [cell.strip() for cell in cells[1:] if cell.strip()],
        )
        if fresh or (
            columns.plain(name) == "title"
            and any(columns.plain(held) == "title" for held in blocks[-1][2])
        ):
            blocks.append((begin, end, {}))
        start, _, found = blocks[-1]
        found.setdefault(name, []).extend(values)
        blocks[-1] = (start, end, found)
        fresh = False
    for begin, end, found in blocks:
        if not any(found.values()):
            out.reject(begin, end, "a block without a value")
            continue
        header = list(found)
        joined = [
            ("; " if columns.plain(name) == "authornames" else " ").join(found[name])
            for name in header
        ]
        values = columns.Columns([*header, "Emtree drug index terms"]).values(
            [*joined, ""]
        )
        values = (
            _number(found),
            *values[1:-1],
            as_json(
                {
                    name: held
                    for name, held in found.items()
                    if held
                    and columns.plain(name) not in ("title", "authornames", "abstract")
                }
            ),
        )
        out.record(begin, end, values)
    out.close(SEPARATOR, rb'"?(?i:TITLE)"?,')
    return out


def _number(found: dict[str, list[str]]) -> str:
    """Return Embase's number of a record."""
    for held in found.values():
        for value in held:
            if match := re.search(r"(?:^|id=)(L\d{5,12})\b", value):
                return match.group(1)
    return ""
