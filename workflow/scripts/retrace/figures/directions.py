"""Draw, for each group, how many outcomes rose to the right of a line and how many fell to its left.

The side says what was seen, the colour what it means: whether that direction counts as recovery
for the outcome, counts against it, or is not settled. The two are kept apart because a rise is
good for one outcome and bad for the next.
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

TAKES = {"numbers": schemas.NUMBERS, "labels": schemas.LABELS}
MEANINGS = ("recovery", "unsettled", "against")
WORDS = {
    "recovery": "Counts as recovery",
    "unsettled": "Direction of recovery not settled",
    "against": "Counts against recovery",
}
COLOURS = {"recovery": on.BLUE, "unsettled": on.PALE, "against": on.VERMILION}
MOST = 40
BAR, GAP = 3.6, 1.5


def data(
    *, numbers: "pd.DataFrame", labels: "pd.DataFrame", spec: Mapping[str, Any]
) -> "pd.DataFrame":
    """Return one row per segment, per total at the end of a bar and per count beside the bars.

    ``spec["families"]`` gives for each direction that can count as recovery the family of the
    outcomes of which that is so; none, for those of which it is not settled.
    """
    names = Labels(labels)
    groups = names.terms(spec["column"])
    ways = [spec["left"], spec["right"], *spec.get("beside", [])]
    said = spec.get("words", {})
    segments: dict[tuple[str, str, str], marks.Term] = {}
    for part in spec["families"]:
        for term in marks.of_family(numbers, part["family"], groups, ways):
            group, way = term.terms
            meaning = _meaning(way, part.get("recovery"), spec)
            if term.n and way in ways[:2]:
                segments[group, way, meaning] = term
    totals = {
        term.terms: term
        for term in marks.of_family(numbers, spec["totals"], groups, ways)
        if term.n and term.terms[1] in ways
    }
    place = {group: number for number, group in enumerate(groups)}
    size: dict[str, int] = {}
    for (group, _), term in totals.items():
        size[group] = size.get(group, 0) + term.n
    ordered = sorted(
        size, key=lambda group: (-size[group], place.get(group, len(place)), group)
    )
    most = spec.get("most", MOST)
    found: list[dict[str, Any]] = []
    for group in ordered[:most]:
        base = {
            "row": group,
            "row_label": marks.label(names, spec, group),
            "kind": "counted",
        }
        for way in ways:
            for meaning in MEANINGS if way in ways[:2] else ():
                if (group, way, meaning) in segments:
                    term = segments[group, way, meaning]
                    words = said.get(meaning, WORDS[meaning])
                    found.append(
                        base | {"panel": way, "panel_label": said.get(way, way), "series": meaning, "series_label": words, "mark": "segment",
                                "n": term.n, "text": f"{term.n:,}", "number_id": term.number_id}
                    )  # fmt: skip
            if (group, way) in totals:
                term = totals[group, way]
                found.append(
                    base | {"panel": way, "panel_label": said.get(way, way), "mark": "total" if way in ways[:2] else "count",
                            "n": term.n, "text": f"{term.n:,}", "number_id": term.number_id}
                )  # fmt: skip
    rest = ordered[most:]
    if rest:
        lines = sum(size[group] for group in rest)
        unit = marks.counted(lines, spec.get("unit", ("outcome", "outcomes")))
        found.append(
            {
                "mark": "remainder",
                "n": lines,
                "kind": "counted",
                "text": f"and {len(rest):,} more groups with {unit}",
            }
        )
    without = numbers[numbers["number_id"] == spec.get("without", "")]
    for row in without.itertuples(index=False):
        if int(row.value):
            of = spec.get("without_says", "not in any group")
            unit = marks.counted(
                int(row.value), spec.get("unit", ("outcome", "outcomes"))
            )
            found.append(
                {"mark": "note", "n": int(row.value), "kind": "counted", "text": f"{unit} {of}",
                 "number_id": row.number_id}
            )  # fmt: skip
    return marks.frame(found)


@on.styled
def draw(data: "pd.DataFrame", spec: Mapping[str, Any]) -> "Figure":
    """Return the bars about their line, counts without a side in columns at the right."""
    sheet = on.Sheet(spec["width_mm"])
    rows = marks.rows_of(data)
    groups = dict((row["row"], row["row_label"]) for row in rows if row["row"])
    if not groups:
        return sheet.finish(sheet.text(0, 1, "Nothing to show", color=on.QUIET) + 1)
    left, right, beside = spec["left"], spec["right"], list(spec.get("beside", []))
    said = spec.get("words", {})
    totals = {
        (row["row"], row["panel"]): row
        for row in rows
        if row["mark"] in ("total", "count")
    }
    gutter = min(
        max(on.width_of(on.one_line(words)) for words in groups.values()),
        sheet.width * 0.3,
    )
    number = on.width_of(f"{max(row['n'] for row in totals.values()):,}") + 1.2
    words_of = {way: on.one_line(said.get(way, way)) for way in (left, right, *beside)}
    longest = [word for way in beside for word in words_of[way].split(" ")]
    columns = max((on.width_of(word, on.SMALL) for word in longest), default=0) + 2.0
    # On a narrow page the words stand upright, so that the bars keep the room.
    is_upright = columns * len(beside) > sheet.width * 0.2
    columns = number + 2.5 if is_upright else max(columns, number + 1)
    room = sheet.width - gutter - 2.5 - columns * len(beside) - 1
    most = {
        way: max(
            (totals[group, way]["n"] for group in groups if (group, way) in totals),
            default=0,
        )
        for way in (left, right)
    }
    sides = {
        left: on.shortened(f"← {words_of[left]}", room * 0.45, on.SMALL, "bold"),
        right: on.shortened(f"{words_of[right]} →", room * 0.45, on.SMALL, "bold"),
    }
    # The word over a side needs room even where the side has no bar.
    need = {way: on.width_of(sides[way], on.SMALL, "bold") + 2 for way in (left, right)}
    unit = (room - 2 * number) / max(most[left] + most[right], 1)
    for way, other in ((left, right), (right, left)):
        if number + unit * most[way] < need[way] and most[other]:
            unit = min(unit, (room - need[way] - number) / most[other])
    axis = gutter + 2.5 + max(number + unit * most[left], need[left])
    most_room = 32.0 if is_upright else columns - 0.8
    heads = {
        way: [on.shortened(words_of[way], most_room, on.SMALL)]
        if is_upright
        else on.wrapped(words_of[way], most_room, on.SMALL, most=3)
        for way in beside
    }
    line = on.line_height(on.SMALL)
    head = 1.4 + max(
        line,
        *(
            on.width_of(heads[way][0], on.SMALL)
            if is_upright
            else len(heads[way]) * line
            for way in beside
        ),
        0,
    )
    base = head - 0.8 - line
    sheet.text(
        axis - 1.2, base, sides[left], size=on.SMALL, weight="bold", align="right"
    )
    sheet.text(axis + 1.2, base, sides[right], size=on.SMALL, weight="bold")
    for place, way in enumerate(beside):
        x = sheet.width - columns * (len(beside) - place - 0.5)
        if is_upright:
            sheet.upright(x, head - 0.8, heads[way][0])
        else:
            top = head - 0.8 - len(heads[way]) * line
            sheet.text(x, top, heads[way], size=on.SMALL, align="center")
    y, unprinted = head, 0
    for place, (group, words) in enumerate(groups.items()):
        lines = on.wrapped(words, gutter + 0.01)
        height = max(BAR, len(lines) * on.line_height()) + GAP
        if place % 2 == 0:
            sheet.box(0, y, sheet.width, height, fill=on.BAND, behind=True)
        sheet.text(
            gutter,
            y + (height - len(lines) * on.line_height()) / 2,
            lines,
            align="right",
        )
        middle = y + height / 2
        for way, sign in ((left, -1), (right, 1)):
            x = axis
            for row in rows:
                if (
                    row["mark"] != "segment"
                    or row["row"] != group
                    or row["panel"] != way
                ):
                    continue
                long = unit * row["n"]
                fill = COLOURS[row["series"]]
                text = "" if _is_alone(rows, row) else row["text"]
                if not sheet.segment(min(x, x + sign * long), middle, long, BAR, text, fill=fill, gid=row["number_id"]):  # fmt: skip
                    unprinted = max(unprinted, row["n"])
                x += sign * long
            if (group, way) in totals:
                sheet.text(x + sign * 0.8, middle - on.line_height() / 2, totals[group, way]["text"],
                           align="left" if sign > 0 else "right")  # fmt: skip
        for column, way in enumerate(beside):
            if (group, way) in totals:
                x = sheet.width - columns * (len(beside) - column - 0.5)
                sheet.text(
                    x,
                    middle - on.line_height() / 2,
                    totals[group, way]["text"],
                    align="center",
                )
        y += height
    sheet.path((axis, head), (axis, y), color=on.INK)
    present = {row["series"] for row in rows if row["mark"] == "segment"}
    entries = [
        (said.get(m, WORDS[m]), {"fill": COLOURS[m]}) for m in MEANINGS if m in present
    ]
    y = on.key(sheet, 0, y + 1.8, sheet.width, entries)
    for words in on.unprinted(unprinted, spec.get("unit", ("outcome", "outcomes"))):
        y = sheet.remark(y, words)
    for row in rows:
        if row["mark"] in ("remainder", "note"):
            y = sheet.remark(y, f"{row['text'][0].upper()}{row['text'][1:]}.", most=6)
    if spec.get("note"):
        y = sheet.remark(y, spec["note"])
    return sheet.finish(y + 0.8)


def alt(data: "pd.DataFrame", spec: Mapping[str, Any]) -> str:
    """Return every group as a sentence: its outcomes by direction, and what that means."""
    groups: dict[str, list[str]] = {}
    rest = []
    rows = marks.rows_of(data)
    for row in rows:
        if row["mark"] in ("total", "count"):
            parts = [
                f"{other['n']:,} {other['series_label'].lower()}"
                for other in rows
                if other["mark"] == "segment"
                and (other["row"], other["panel"]) == (row["row"], row["panel"])
            ]
            of = f" ({', '.join(parts)})" if parts else ""
            way = row["panel_label"].lower()
            groups.setdefault(row["row_label"], []).append(f"{way} {row['n']:,}{of}")
        elif row["mark"] in ("remainder", "note"):
            rest.append(f"{row['text'][0].upper()}{row['text'][1:]}.")
    many = spec.get("unit", ("outcome", "outcomes"))[1]
    body = " ".join(f"{group}: {', '.join(parts)}." for group, parts in groups.items())
    return " ".join(
        part for part in (f"Bars of {many} by direction, falling to the left and rising to the right.",
                          body or "Nothing to show.", *rest) if part
    )  # fmt: skip


def _meaning(way: str, recovery: str | None, spec: Mapping[str, Any]) -> str:
    if recovery not in (spec["left"], spec["right"]):
        return "unsettled"
    return "recovery" if way == recovery else "against"


def _is_alone(rows: list[dict[str, Any]], row: dict[str, Any]) -> bool:
    """Return whether a segment is its whole bar: the total at its end says its count already."""
    same = [
        other for other in rows
        if other["mark"] == "segment" and (other["row"], other["panel"]) == (row["row"], row["panel"])
    ]  # fmt: skip
    return len(same) == 1
