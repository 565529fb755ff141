"""Read XLSX, XLS and ODS: in each sheet the first row with usual column names, then a row a record."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from retrace.readers import columns, workbook_rows
from retrace.readers.reading import Reading
from retrace.readers.source import Source

SCRIPT = Path(workbook_rows.__file__)
HEADS = 20
"""Rows among which the header is looked for."""


def read(source: Source) -> Reading:
    """Return the records of every sheet of a workbook that has usual column names."""
    out = Reading(source, "workbook", placed=False)
    run = subprocess.run(
        [sys.executable, "-P", SCRIPT], input=source.data, capture_output=True
    )
    sheets: dict[str, list[list[str]]] = {}
    name, ended = "", False
    for line in run.stdout.splitlines():
        try:
            said: Any = json.loads(line)
        except ValueError:
            break  # the process ended amid a line
        if isinstance(said, list):
            sheets[name].append(said)
        elif "sheet" in said:
            name = said["sheet"]
            sheets[name] = []
        elif "error" in said:
            out.junk(0, 0, f"sheet {name!r} cannot be read: {said['error']}")
        else:
            ended = True
    if not ended:
        # What was printed before is no whole sheet, and cannot be told from one.
        out.junk(0, len(source.data), _why(run))
        return out
    out.counted = 0
    for name, rows in sheets.items():
        _read_sheet(out, name, rows)
    return out


def _why(run: "subprocess.CompletedProcess[bytes]") -> str:
    last = run.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    if run.returncode < 0 or "MemoryError" in last:
        bounds = f"{workbook_rows.MEMORY >> 30} GB and {workbook_rows.SECONDS} s"
        return f"a workbook that needs more than {bounds} to open; save it as CSV"
    return f"a workbook that cannot be opened: {last.partition(': ')[2] or last}"


def _read_sheet(out: Reading, name: str, rows: list[list[str]]) -> None:
    filled = [any(cell.strip() for cell in row) for row in rows]
    if not any(filled):
        return
    head = next(
        (at for at, row in enumerate(rows[:HEADS]) if columns.is_header(row)), None
    )
    if head is None:
        out.junk(
            0,
            0,
            f"sheet {name!r} has no row with usual column names, such as title and year",
        )
        return
    for at in range(head):
        if filled[at]:
            out.junk(0, 0, f"sheet {name!r}, row {at + 1}: text before the header")
    named = columns.Columns(rows[head])
    for row, holds in zip(rows[head + 1 :], filled[head + 1 :], strict=True):
        if holds:
            out.record(0, 0, named.values(row))
    out.counted = (out.counted or 0) + sum(filled[head + 1 :])
