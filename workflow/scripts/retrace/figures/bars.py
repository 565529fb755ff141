"""Draw families of counts as panels of horizontal bars, each sorted by size, its count at its end.

All panels share one scale, so that a bar of one can be held against a bar of another; counts
are printed, so no axis is needed.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from retrace import schemas
from retrace.figures import marks
from retrace.figures import sheet as on
from retrace.labels import Labels

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TAKES = {
    "numbers": schemas.NUMBERS,
    "members": schemas.NUMBER_MEMBERS,
    "labels": schemas.LABELS,
}
MOST = 30
BAR, GAP, PANEL_GAP, COLUMN_GAP = 3.2, 1.3, 5.0, 8.0


def data(
    *,
    numbers: "pd.DataFrame",
    members: "pd.DataFrame",
    labels: "pd.DataFrame",
    spec: Mapping[str, Any],
) -> "pd.DataFrame":
    """Return one row per bar, and one per remainder where a panel holds more than its limit.

    A term without members is drawn only where ``spec["zeros"]`` asks for it.
    """
    names = Labels(labels)
    of_number = marks.members_of(members)
    found = []
    for place, panel in enumerate(spec["panels"]):
        vocabulary = names.terms(panel["column"])
        terms = marks.in_order(marks.of_family(numbers, panel["family"]), vocabulary)
        if not spec.get("zeros", False):
            terms = [term for term in terms if term.n]
        most = spec.get("most", MOST)
        drawn, rest = terms[:most], terms[most:]
        mine = [
            marks.of_term("bar", term, marks.label(names, panel, term.terms[0]))
            for term in drawn
        ]
        if rest:
            together = marks.together(rest, of_number)
            unit = marks.counted(len(together), spec.get("unit", ("study", "studies")))
            text = f"and {len(rest):,} more, in {unit} altogether"
            mine.append(marks.remainder(together, text))
        of_panel = {"panel": _letter(place), "panel_label": panel["title"]}
        found += [of_panel | mark for mark in mine]
    return marks.frame(found)


@on.styled
def draw(data: "pd.DataFrame", spec: Mapping[str, Any]) -> "Figure":
    """Return the panels, one below the other, in two columns where the page is wide enough."""
    sheet = on.Sheet(spec["width_mm"])
    rows = marks.rows_of(data)
    letters = [_letter(place) for place in range(len(spec["panels"]))]
    of_panel = {
        letter: [row for row in rows if row["panel"] == letter] for letter in letters
    }
    is_wide = sheet.width >= on.TWO_COLUMNS_FROM and len(letters) > 1
    width = (sheet.width - COLUMN_GAP) / 2 if is_wide else sheet.width
    most = max((row["n"] for row in rows if row["mark"] == "bar"), default=1) or 1
    heights = []
    for letter, panel in zip(letters, spec["panels"], strict=True):
        blank = on.Sheet(sheet.width)
        heights.append(
            _panel(blank, 0, 0, width, letter, panel, of_panel[letter], most)
        )
    split = on.side_by_side(heights, [True] * len(heights)) if is_wide else len(heights)
    # Gutters are common to a column, so that its bars begin on one line.
    y, bottom = 0.5, 0.0
    for place, (letter, panel) in enumerate(zip(letters, spec["panels"], strict=True)):
        if place == split:
            y = 0.5
        column = range(split) if place < split else range(split, len(letters))
        beside = [row for other in column for row in of_panel[letters[other]]]
        x = 0.0 if place < split else width + COLUMN_GAP
        y = _panel(sheet, x, y, width, letter, panel, of_panel[letter], most, beside)
        bottom = max(bottom, y)
        y += PANEL_GAP
    if not letters:
        bottom = sheet.text(0, 1, "Nothing to show", color=on.QUIET)
    return sheet.finish(bottom + 0.8)


def alt(data: "pd.DataFrame", spec: Mapping[str, Any]) -> str:
    """Return every panel as a sentence: its title, then each term with its count."""
    rows = marks.rows_of(data)
    said = []
    for place, panel in enumerate(spec["panels"]):
        mine = [row for row in rows if row["panel"] == _letter(place)]
        bars = [
            f"{row['row_label']} {row['n']:,}" for row in mine if row["mark"] == "bar"
        ]
        rest = [row["text"] for row in mine if row["mark"] == "remainder"]
        what = ", ".join(bars + rest) or "nothing to show"
        said.append(f"Panel {_letter(place)}, {panel['title']}: {what}.")
    unit = spec.get("unit", ("study", "studies"))[1]
    return f"Bar charts of the number of {unit}. " + " ".join(said)


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place + 1)


def _panel(
    sheet: on.Sheet,
    x: float,
    y: float,
    width: float,
    letter: str,
    panel: Mapping[str, Any],
    rows: list[dict[str, Any]],
    most: int,
    beside: list[dict[str, Any]] | None = None,
) -> float:
    """Draw one panel; return the y below it."""
    indent = on.width_of(f"{letter}  ", 9, "bold")
    sheet.text(x, y - 0.35, letter, size=9, weight="bold")
    title = on.wrapped(panel["title"], width - indent, on.SIZE, "bold")
    y = sheet.text(x + indent, y, title, weight="bold")
    if panel.get("note"):
        note = on.wrapped(panel["note"], width - indent, on.SMALL, most=6)
        y = sheet.text(x + indent, y, note, size=on.SMALL, color=on.QUIET)
    y += 1.2
    if not rows:
        return sheet.text(
            x + indent, y, "Nothing to show", size=on.SMALL, color=on.QUIET
        )
    names = [row["row_label"] for row in beside or rows if row["mark"] == "bar"]
    gutter = min(
        max((on.width_of(on.one_line(name)) for name in names), default=0), width * 0.45
    )
    start = x + gutter + 1.8
    room = width - gutter - 1.8 - on.width_of(f"{most:,}") - 2.5
    top = y
    for row in rows:
        if row["mark"] == "remainder":
            text = on.wrapped(row["text"], width - gutter - 1.8, on.SMALL)
            y = sheet.text(start + 1, y + 0.3, text, size=on.SMALL, color=on.QUIET)
            continue
        lines = on.wrapped(row["row_label"], gutter + 0.01)
        height = max(BAR, len(lines) * on.line_height())
        sheet.text(
            start - 1.8,
            y + (height - len(lines) * on.line_height()) / 2,
            lines,
            align="right",
        )
        long = room * row["n"] / most
        if long:
            sheet.box(
                start,
                y + (height - BAR) / 2,
                long,
                BAR,
                fill=on.BLUE,
                gid=row["number_id"],
            )
        sheet.text(start + long + 1, y + (height - on.line_height()) / 2, row["text"])
        y += height + GAP
    sheet.path((start, top - 0.6), (start, y - GAP + 0.6), color=on.QUIET)
    return y
