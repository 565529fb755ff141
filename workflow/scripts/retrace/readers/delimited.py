"""Read CSV and TSV of any vendor: a header with usual column names, then a row a record.

Rows are bounded in bytes before cells are read, so that each row knows its place and a quote
that is never closed costs its own row and not all that follow.
"""

import csv
import io
import re
import sys
from collections.abc import Iterator

from retrace.readers import columns
from retrace.readers.reading import Reading, shown
from retrace.readers.source import Source

csv.field_size_limit(sys.maxsize)

DELIMITERS = (b",", b"\t", b";", b"|")
SEPARATOR = re.compile(rb"(?:\s|\xef\xbb\xbf|\x1a|\0|(?i:sep=.)|[,;|])*+")


def header_of(source: Source) -> tuple[int, int, bytes, list[str]] | None:
    """Return where the header begins and ends, its delimiter and its cells, if there is one."""
    data = source.data
    at = source.start
    for _ in range(20):
        if at >= len(data):
            return None
        end = _row_end(data, at, len(data), 1 << 16)
        for delimiter in DELIMITERS if end - at <= 1 << 17 else ():
            if delimiter != b"," and data.find(delimiter, at, end) < 0:
                continue
            cells = _cells(source.text(at, end), delimiter)
            # A lone word, such as title, heads a file only where it stands first in it.
            alone = len(cells) == 1 and (
                delimiter != b"," or data[source.start : at].strip()
            )
            if not alone and columns.is_header(cells):
                return at, end, delimiter, cells
        at = _line_end(data, at)
    return None


def read(source: Source) -> Reading:
    """Return the records of a CSV or TSV file."""
    out = Reading(source, "csv", SEPARATOR)
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
    if not SEPARATOR.fullmatch(source.data[:start]):
        out.junk(0, start, f"text before the header: {shown(source.data[:start])}")
    out.skip(start, at)
    named = columns.Columns(header)
    width = len(header)
    for begin, end, cells in rows(source, at, delimiter, width):
        if not any(cell.strip() for cell in cells):
            continue
        if cells == header:
            out.skip(begin, end)  # exports laid end to end
            continue
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            cells = cells[:width]  # a delimiter at the end of each row
        if len(cells) == width:
            out.record(begin, end, named.values(cells))
            continue
        faulty = f"{len(cells)} cells where the header has {width}"
        if end == len(source.data) and len(cells) < width:
            faulty += ", at the end of the file"
        values = named.unequal(cells)
        if values is None:
            out.reject(begin, end, faulty)
        else:
            out.warn(begin, faulty)
            out.record(begin, end, values)
    out.warn_if_open()
    out.counted = _count(source, at, header, delimiter)
    if out.counted != len(out) + out.n_rejected:
        out.warn(
            at,
            f"{len(out)} records and {out.n_rejected} rejects, but {out.counted} rows by a plain reading",
        )
    return out


def rows(
    source: Source, at: int, delimiter: bytes, width: int
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the place and the cells of each row."""
    data, size = source.data, len(source.data)
    mark = delimiter.decode()
    while at < size:
        end = data.find(b"\n", at) + 1 or size
        quotes = data.count(b'"', at, end)
        if not quotes:
            yield at, end, source.text(at, end).rstrip("\r\n").split(mark)
            at = end
            continue
        if not quotes % 2:
            yield at, end, _cells(source.text(at, end), delimiter)
            at = end
            continue
        end = _row_end(data, at, size)
        text = source.text(at, end)
        cells = _cells(text, delimiter)
        line = _line_end(data, at)
        if line < end and _runs_on(text, cells, mark, width):
            # A quote that is never closed takes later rows with it, which are sound.
            end = line
            cells = _cells(source.text(at, end), delimiter)
        yield at, end, cells
        at = end


def _line_end(data: bytes, at: int) -> int:
    return data.find(b"\n", at) + 1 or len(data)


def _row_end(data: bytes, at: int, size: int, longest: int = 1 << 24) -> int:
    """Return where a row ends: behind the first line break that stands in no quotes."""
    quotes = 0
    end = at
    while end < size:
        line = _line_end(data, end)
        quotes += data.count(b'"', end, line)
        end = line
        if quotes % 2 == 0:
            return end
        if end - at > longest:
            break
    # No balance up to the end of the file: the quote is a stray one.
    return _line_end(data, at)


def _runs_on(text: str, cells: list[str], mark: str, width: int) -> bool:
    """Return whether a row of several lines holds further rows, by a quote that is not closed."""
    sign = re.escape(mark)
    cell = rf'(?:"[^"]*"|[^"{sign}\r\n][^{sign}\r\n]*+)?'
    if re.fullmatch(rf"{cell}(?:{sign}{cell})*\s*", text.replace('""', "")):
        return False
    if len(cells) != width or re.search(rf'[\r\n]"[^"{sign}\r\n]', text):
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


def _count(source: Source, at: int, header: list[str], delimiter: bytes) -> int:
    """Return how many rows a plain reading with Python's csv module finds."""
    stream = io.BytesIO(source.data)  # shares the bytes
    stream.seek(at)
    text = io.TextIOWrapper(stream, "utf-8", "replace", newline="")
    try:
        return sum(
            1 for row in csv.reader(text, delimiter=delimiter.decode())
            if any(map(str.strip, row)) and row != header
        )  # fmt: skip
    except csv.Error:
        return -1
