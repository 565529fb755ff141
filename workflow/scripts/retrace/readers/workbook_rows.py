"""Print the rows of a workbook as JSON lines: a program of its own, within bounds of its own.

A small workbook can unpack to more than any memory holds, in more ways than can be foreseen;
so it is opened in a process whose end costs nothing but the file.
"""

import datetime
import io
import json
import resource
import sys
from typing import Any

MEMORY = 1 << 30
SECONDS = 30


def main() -> None:
    """Read a workbook from standard input; print a line per sheet, then a line per row of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import python_calamine

    data = io.BytesIO(sys.stdin.buffer.read())
    book = python_calamine.CalamineWorkbook.from_filelike(data)
    for name in book.sheet_names:
        print(json.dumps({"sheet": name}))
        try:
            rows = book.get_sheet_by_name(name).iter_rows()
            for row in rows:
                print(json.dumps([*map(text, row)]))
        except Exception as error:  # the library raises what its parser does
            print(json.dumps({"error": str(error)}))
    print(json.dumps({"end": True}))


def text(cell: Any) -> str:
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


if __name__ == "__main__":
    main()
