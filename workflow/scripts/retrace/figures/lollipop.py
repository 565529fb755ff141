"""Draw one family of counts as dots on stems, its terms under the headings of a coarser column.

Terms below the threshold are not drawn one by one: under each heading stands how many they are
and in how many studies, so that the rest is stated and not lost.
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
MOST = 120
ROW, GROUP_GAP, COLUMN_GAP, DOT = 3.9, 1.6, 8.0, 2.1


def data(
    *,
    numbers: "pd.DataFrame",
    members: "pd.DataFrame",
    labels: "pd.DataFrame",
    spec: Mapping[str, Any],
) -> "pd.DataFrame":
    """Return one row per dot and one per remainder of a group, groups in their vocabulary's order.

    A term is drawn where at least ``spec["at_least"]`` studies stand behind it, and of those at
    most ``spec["most"]``, the largest first.
    """
    names = Labels(labels)
    of_number = marks.members_of(members)
    unit = spec.get("unit", ("study", "studies"))
    one, many = spec.get("terms", ("term", "terms"))
    vocabulary = names.terms(spec["column"])
    terms = [t for t in marks.of_family(numbers, spec["family"]) if t.n]
    ordered = marks.in_order(terms, vocabulary)
    large = [term for term in ordered if term.n >= spec.get("at_least", 1)]
    shown = {term.number_id for term in large[: spec.get("most", MOST)]}
    groups: dict[str, list[marks.Term]] = {
        group: [] for group in (names.terms(spec["group"]) if spec.get("group") else [])
    }
    for term in ordered:
        parent = (
            names.parent(spec["column"], term.terms[0]) if spec.get("group") else ""
        )
        groups.setdefault(parent, []).append(term)
    found = []
    for group, mine in groups.items():
        drawn = [term for term in mine if term.number_id in shown]
        rest = [term for term in mine if term.number_id not in shown]
        dots = [
            marks.of_term("dot", term, marks.label(names, spec, term.terms[0]))
            for term in drawn
        ]
        if rest:
            together = marks.together(rest, of_number)
            more = "more " if drawn else ""
            text = (
                f"{len(rest):,} {more}{one if len(rest) == 1 else many}"
                f" in {marks.counted(len(together), unit)}"
            )
            dots.append(marks.remainder(together, text))
        words = marks.label(names, spec, group, "group") if group else ""
        found += [{"panel": group, "panel_label": words} | mark for mark in dots]
    return marks.frame(found)


@on.styled
def draw(data: "pd.DataFrame", spec: Mapping[str, Any]) -> "Figure":
    """Return the groups, in two columns where the page is wide enough."""
    sheet = on.Sheet(spec["width_mm"])
    rows = marks.rows_of(data)
    if not rows:
        return sheet.finish(sheet.text(0, 1, "Nothing to show", color=on.QUIET) + 1)
    is_wide = sheet.width >= on.TWO_COLUMNS_FROM and len(rows) > 12
    width = (sheet.width - COLUMN_GAP) / 2 if is_wide else sheet.width
    dots = [row for row in rows if row["mark"] == "dot"]
    most = max((row["n"] for row in dots), default=1)
    gutter = max(
        (on.width_of(on.one_line(row["row_label"])) for row in dots), default=0
    )
    gutter = min(gutter, width * 0.5)
    lines = _lines(rows, width, gutter)
    heights = [height for _, _, height in lines]
    # A column begins at a heading, unless one group is longer than the rest together.
    starts = [kind == "heading" for kind, _, _ in lines]
    split = len(lines)
    if is_wide:
        split = on.side_by_side(heights, starts)
        if max(sum(heights[:split]), sum(heights[split:])) > 0.65 * sum(heights):
            split = on.side_by_side(
                heights, [kind in ("heading", "dot") for kind, _, _ in lines]
            )
    bottom = 0.0
    for x, part in ((0.0, lines[:split]), (width + COLUMN_GAP, lines[split:])):
        y = 0.3
        if part and part[0][0] == "dot" and part[0][1]["panel_label"]:
            again = f"{part[0][1]['panel_label']} (continued)"
            y = (
                sheet.text(
                    x, y, on.shortened(again, width, on.SIZE, "bold"), weight="bold"
                )
                + 0.3
            )
        for place, (kind, row, height) in enumerate(part):
            if kind == "heading" and place:
                y += GROUP_GAP
                height -= GROUP_GAP
            _line(sheet, kind, row, x, y, width, gutter, height, most)
            y += height
        bottom = max(bottom, y)
    return sheet.finish(bottom + 0.8)


def alt(data: "pd.DataFrame", spec: Mapping[str, Any]) -> str:
    """Return every group as a sentence: its terms with their counts, then what is left."""
    groups: dict[str, list[str]] = {}
    for row in marks.rows_of(data):
        said = (
            f"{row['row_label']} {row['n']:,}" if row["mark"] == "dot" else row["text"]
        )
        groups.setdefault(row["panel_label"], []).append(said)
    unit = spec.get("unit", ("study", "studies"))[1]
    many = spec.get("terms", ("term", "terms"))[1]
    body = " ".join(
        f"{name + ': ' if name else ''}{', '.join(said)}."
        for name, said in groups.items()
    )
    return f"Dot chart of the number of {unit} for {many}. {body or 'Nothing to show.'}"


def _lines(
    rows: list[dict[str, Any]], width: float, gutter: float
) -> list[tuple[str, dict[str, Any], float]]:
    """Return what is printed line by line, with the height of each."""
    found: list[tuple[str, dict[str, Any], float]] = []
    before = None
    for place, row in enumerate(rows):
        if row["panel"] != before and row["panel_label"]:
            words = on.wrapped(row["panel_label"], width, on.SIZE, "bold", most=2)
            height = len(words) * on.line_height() + 0.3 + (GROUP_GAP if place else 0)
            found.append(("heading", row, height))
        before = row["panel"]
        if row["mark"] == "dot":
            height = max(
                ROW,
                len(on.wrapped(row["row_label"], gutter + 0.01, most=2))
                * on.line_height()
                + 0.4,
            )
            found.append(("dot", row, height))
        else:
            words = on.wrapped(row["text"], width - 2, on.SMALL, most=2)
            found.append(
                ("remainder", row, len(words) * on.line_height(on.SMALL) + 0.3)
            )
    return found


def _line(
    sheet: on.Sheet,
    kind: str,
    row: dict[str, Any],
    x: float,
    y: float,
    width: float,
    gutter: float,
    height: float,
    most: int,
) -> None:
    if kind == "heading":
        words = on.wrapped(row["panel_label"], width, on.SIZE, "bold", most=2)
        sheet.text(x, y, words, weight="bold")
        return
    if kind == "remainder":
        words = on.wrapped(row["text"], width - 2, on.SMALL, most=2)
        sheet.text(x + 2, y, words, size=on.SMALL, color=on.QUIET)
        return
    words = on.wrapped(row["row_label"], gutter + 0.01, most=2)
    sheet.text(
        x + gutter,
        y + (height - len(words) * on.line_height()) / 2,
        words,
        align="right",
    )
    start = x + gutter + 1.8
    room = width - gutter - 1.8 - DOT - on.width_of(f"{most:,}") - 1.5
    end = start + room * row["n"] / most
    middle = y + height / 2
    sheet.path((start, y), (start, y + height), color=on.RULE)
    sheet.path((start, middle), (end, middle), color=on.BLUE, line=1.0)
    sheet.dot(end, middle, DOT, fill=on.BLUE, gid=row["number_id"])
    sheet.text(end + DOT / 2 + 0.8, middle - on.line_height() / 2, row["text"])
