"""Read the bytes of a CSV file into rows, and name everything in them that is no plain CSV.

What changes no cell is accepted: a byte order mark, line ends of any system, blank rows and
blank columns at the end. All else is a problem of its line, and reading goes on behind it, so
that one run names every mistake of a file.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from retrace.errors import Problem, conflict_marks, unreadable

DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "upright lines"}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_NO_TABLES = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"version https://git-lfs": "a Git LFS pointer and not the file itself",
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_AS_UTF8 = "save the file as CSV UTF-8"


@dataclass
class Rows:
    """A file's header, its rows, the line on which each begins, and what is wrong; no header: no table.

    ``uneven`` has the rows of another length than the header, which are left out.
    """

    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    uneven: list[Problem] = field(default_factory=list)


def read(path: str | Path) -> Rows:
    """Return the rows of a CSV file; nothing that stands in it makes this fail."""
    found = Rows()
    text = _decoded(path, found.problems)
    if text is None:
        return found
    text = text.replace("\r\n", "\n")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    lines = text.split("\n")
    _name_lines(path, lines, found.problems, controls=bool(_CONTROLS.search(text)))
    first, delimiter = _delimiter(path, lines, found.problems)
    rows = [
        (place, row)
        for place, row in _rows(path, lines, first, delimiter, found.problems)
        if "".join(row).strip()
    ]
    if not rows:
        found.problems.append(
            Problem(str(path), 1, "", "the file is empty", "a header line")
        )
        return found
    header = [name.strip().strip("\ufeff") for name in rows[0][1]]
    while header[-1] == "":
        header.pop()
    found.header = header
    width = len(header)
    for place, row in rows[1:]:
        if len(row) < width or "".join(row[width:]).strip():
            found.uneven.append(
                Problem(str(path), place, "", f"{len(row)} cells", f"{width}, as in the header",
                        "quote cells that hold a comma")
            )  # fmt: skip
            continue
        found.rows.append(row[:width])
        found.places.append(place)
    return found


def _decoded(path: str | Path, problems: list[Problem]) -> str | None:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        problems.append(unreadable(path, error))
        return None
    begins = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, what in _NO_TABLES.items():
        if begins.startswith(magic.lower()):
            problems.append(
                Problem(str(path), 0, "", f"this is {what}", "a CSV file", _AS_UTF8)
            )
            return None
    if data.startswith(_UTF16) or data[:200].count(0) > len(data[:200]) / 4:
        problems.append(
            Problem(str(path), 0, "", "the file is UTF-16", "UTF-8", _AS_UTF8)
        )
        codec = "utf-16" if data.startswith(_UTF16) else "utf-16-le"
        return data.decode(codec, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    for row, line in enumerate(data.splitlines(), start=1):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            byte = line[error.start : error.start + 1]
            letter = byte.decode("cp1252", "replace")
            what = f"byte {byte[0]:#04x} is not UTF-8"
            if letter.isalpha():
                what += f" ({letter} as Windows writes it?)"
            problems.append(Problem(str(path), row, "", what, "UTF-8", _AS_UTF8))
    return data.removeprefix(codecs.BOM_UTF8).decode("cp1252", "replace")


def _name_lines(
    path: str | Path, lines: list[str], problems: list[Problem], *, controls: bool
) -> None:
    """Name markers of a merge conflict, which are taken out, and characters that no cell may hold."""
    for mark in conflict_marks(path, lines):
        problems.append(mark)
        lines[mark.row - 1] = ""
    for at, line in enumerate(lines if controls else ()):
        if found := _CONTROLS.search(line):
            name = "a NUL byte" if found[0] == "\0" else "a control character"
            problems.append(
                Problem(str(path), at + 1, "", f"{name} ({found[0]!r}) stands in this line", "text", "delete it")
            )  # fmt: skip
            lines[at] = _CONTROLS.sub("", line)


def _delimiter(
    path: str | Path, lines: list[str], problems: list[Problem]
) -> tuple[int, str]:
    """Return the index of the header line and what separates its cells."""
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    said = re.fullmatch(r'"?sep=(.)"?,*', lines[first])
    if said:
        first += 1
    head = lines[first] if first < len(lines) else ""
    counts = {mark: head.count(mark) for mark in DELIMITERS}
    mark = max(counts, key=lambda mark: counts[mark])
    if "," in head or not counts[mark]:
        return first, ","
    problems.append(
        Problem(str(path), first + 1, "", f"the columns are separated by {DELIMITERS[mark]}", "commas",
                "save the file as CSV with commas")
    )  # fmt: skip
    return first, mark


def _rows(
    path: str | Path,
    lines: list[str],
    first: int,
    delimiter: str,
    problems: list[Problem],
) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line it begins on; go on behind a line whose quotes do not fit."""
    csv.field_size_limit(1 << 30)
    while first < len(lines):
        reader = csv.reader(
            io.StringIO("\n".join(lines[first:]) + "\n", newline=""),
            delimiter=delimiter,
            strict=True,
        )
        begins = first
        try:
            for row in reader:
                yield begins + 1, row
                begins = first + reader.line_num
            return
        except csv.Error:
            end = first + reader.line_num
            opened = "is never closed" if end >= len(lines) else f"does not end before a comma, by line {end}"  # fmt: skip
            problems.append(
                Problem(str(path), begins + 1, "", f"not CSV: a quoted cell that begins in this row {opened}",
                        'quotes about the whole cell, and "" for a quote in it', "check the quotes of this row")
            )  # fmt: skip
            first = begins + 1
