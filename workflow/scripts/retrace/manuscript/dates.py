"""Find the day that the review's documents bear: the one its author states, else the latest in its raw inputs.

A clock would give every build other bytes, and a file's time changes with each copy.
"""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from retrace import tables

FIRST = date(1980, 1, 1)
"""Where nothing bears a date: the first day that every format can hold."""


def written_on(paths: Sequence[str | Path], stated: str | None = None) -> date:
    """Return the day that is stated, else the latest whole one in columns of the tables whose names end in ``_on``."""
    if stated:
        return date.fromisoformat(stated)
    found = [FIRST]
    for path in paths:
        header, rows, _ = tables.read_rows(path)
        for at, name in enumerate(header):
            if name.endswith("_on"):
                found += [
                    date.fromisoformat(row[at])
                    for row in rows
                    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", row[at])
                ]
    return max(found)
