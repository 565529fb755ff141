"""Read XLSX, XLS and ODS: the first row with usual column names, then a row a record.

A workbook is unpacked before it is read, and counted while it is: a small file can unpack to
more than any memory holds.
"""

import datetime
import io
import zipfile
from typing import Any

from retrace.readers import columns
from retrace.readers.reading import Reading
from retrace.readers.source import Source

LARGEST = 1 << 28
"""Bytes to which the parts of a workbook may unpack."""

MOST_CELLS = 40_000_000


def read(source: Source) -> Reading:
    """Return the records of every sheet of a workbook that has usual column names."""
    out = Reading(source, "workbook", placed=False)
    if why := _refused(source.data):
        out.junk(0, len(source.data), why)
        return out
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.data))
    except (
        Exception
    ) as error:  # the library has no base class for what a broken file makes it raise
        out.junk(0, len(source.data), f"a workbook that cannot be opened: {error}")
        return out
    out.counted = 0
    for name in book.sheet_names:
        try:
            sheet = book.get_sheet_by_name(name)
            if sheet.height * sheet.width > MOST_CELLS:
                out.junk(
                    0, 0, f"sheet {name!r} has {sheet.height} x {sheet.width} cells"
                )
                continue
            _read_sheet(out, name, sheet.to_python(skip_empty_area=False))
        except Exception as error:  # as above
            out.junk(0, 0, f"sheet {name!r} cannot be read: {error}")
    return out


def _read_sheet(out: Reading, name: str, rows: list[list[Any]]) -> None:
    filled = sum(1 for row in rows if any(cell not in ("", None) for cell in row))
    if not filled:
        return
    head = next(
        (
            at
            for at, row in enumerate(rows[:20])
            if columns.is_header([*map(_text, row)])
        ),
        None,
    )
    if head is None:
        out.junk(
            0,
            0,
            f"sheet {name!r} has no row with usual column names, such as title and year",
        )
        return
    for at, row in enumerate(rows[:head]):
        if any(map(_text, row)):
            out.junk(0, 0, f"sheet {name!r}, row {at + 1}: text before the header")
    named = columns.Columns([*map(_text, rows[head])])
    for row in rows[head + 1 :]:
        cells = [*map(_text, row)]
        if any(cell.strip() for cell in cells):
            out.record(0, 0, named.values(cells))
    out.counted = (
        (out.counted or 0)
        + filled
        - 1
        - sum(1 for row in rows[:head] if any(map(_text, row)))
    )


def _text(cell: Any) -> str:
    """Return a cell as a person sees it: whole numbers without a fraction, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell).replace("_x000D_", "").replace("\r\n", "\n")


def _refused(data: bytes) -> str:
    """Return why a workbook is not opened: it is broken, or unpacks to more than is sensible."""
    if not data.startswith(b"PK"):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            total = 0
            for part in archive.infolist():
                if part.flag_bits & 1:
                    return "a workbook with a password"
                with archive.open(part) as stream:
                    while chunk := stream.read(1 << 16):
                        total += len(chunk)
                        if total > LARGEST:
                            return f"a workbook that unpacks to more than {LARGEST >> 20} MB"
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        return f"a workbook that is broken or cut short: {error}"
    except Exception as error:
        return f"a workbook that cannot be unpacked: {error}"
    return ""
