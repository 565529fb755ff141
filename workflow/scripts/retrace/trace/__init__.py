"""Walk an id of a built review back to rows, bytes, code and settings, and forward to what rests on it.

Nothing is computed again: what was written when the review was built (numbers and members,
tables, sidecars of the ledger) is followed, together with the raw files below it.
"""

from typing import Any

from retrace.trace import ahead, back, ids
from retrace.trace.text import SHOWN, as_text
from retrace.trace.written import Written

__all__ = ["SHOWN", "Written", "as_text", "forward", "index", "walk"]


def walk(
    asked: str, written: Written | None = None, *, limit: int | None = None
) -> dict[str, Any]:
    """Return what is known of an id; docs/trace.md has every key.

    ``asked`` may carry its kind (`number:`, `table:`, `figure:`, `box:`, `claim:`, `study:`,
    `record:`; `cell:` and `row:` always do); a bare id must be unique. Who walks many ids gives
    one ``written``, so that each file is read once. Of ``limit`` members at most more than id
    and name is looked up.

    Raises:
        ReviewError: nothing was built, the id is unknown (the nearest ones are named), or it
            is of several kinds.
    """
    written = written or Written()
    return back.walk(written, *ids.resolve(written, asked), limit)


def forward(asked: str, written: Written | None = None) -> dict[str, Any]:
    """Return what would change with an id: numbers, claims, tables, figures, boxes, text, outputs.

    Raises:
        ReviewError: as `walk`.
    """
    written = written or Written()
    return ahead.forward(written, *ids.resolve(written, asked))


def index(written: Written | None = None) -> dict[str, list[str]]:
    """Return every id of the review by its kind."""
    return ids.index(written or Written())
