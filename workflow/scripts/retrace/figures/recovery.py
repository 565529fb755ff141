"""Draw how many studies recovered in each group of outcomes, and which mediators they name.

Left, one stacked bar per group: studies by the direction of their effects. Right, a matrix of
the mediators that the studies of the recovered part name; its marks are the members that the
part has in common with the mediator, so every dot can be walked back like a bar. Where the
page is narrow or the mediators are many, the columns are the kinds of mediator instead.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from retrace import schemas
from retrace.figures import marks
from retrace.figures import sheet as on
from retrace.labels import Labels
from retrace.tables import table, values

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

CARRIERS = table(
    "mediators",
    "results/extraction/<sheet>.csv",
    "The sheet that names the mediators.",
    open=True,
)
TAKES = {
    "numbers": schemas.NUMBERS,
    "members": schemas.NUMBER_MEMBERS,
    "labels": schemas.LABELS,
    "sheet": CARRIERS,
}
DIRECTIONS = ("recovery", "conflicting", "against", "no_change", "unsettled")
WORDS = {
    "recovery": "Recovery",
    "conflicting": "Conflicting",
    "against": "Against recovery",
    "no_change": "No change",
    "unsettled": "Direction of recovery not settled",
}
COLOURS = {
    "recovery": on.BLUE,
    "conflicting": on.ORANGE,
    "against": on.VERMILION,
    "no_change": on.GREY,
    "unsettled": on.PALE,
}
SHAPES = ("o", "s", "D", "^", "v", "P", "X", "p")
TINTS = (
    on.GREEN,
    on.PURPLE,
    on.SKY,
    on.ORANGE,
    on.BLUE,
    on.VERMILION,
    on.GREY,
    on.YELLOW,
)
MOST = 40
NAMED_FROM, MOST_NAMED = 140.0, 24
BAR, GAP, DOT = 3.6, 1.5, 2.9


def data(
    *,
    numbers: "pd.DataFrame",
    members: "pd.DataFrame",
    labels: "pd.DataFrame",
    sheet: "pd.DataFrame",
    spec: Mapping[str, Any],
) -> "pd.DataFrame":
    """Return one row per segment of a bar and one per dot of the matrix.

    Groups stand by the number of studies that recovered; a group without any study is left out.
    """
    names = Labels(labels)
    of_number = marks.members_of(members)
    groups = names.terms(spec["column"])
    family = marks.of_family(numbers, spec["family"], groups, DIRECTIONS)
    by_group: dict[str, dict[str, marks.Term]] = {}
    for term in family:
        if term.n:
            by_group.setdefault(term.terms[0], {})[term.terms[1]] = term
    place = {group: number for number, group in enumerate(groups)}

    def size(group: str) -> tuple[Any, ...]:
        parts = by_group[group]
        of = [parts[way].n if way in parts else 0 for way in DIRECTIONS]
        return (*(-n for n in of), place.get(group, len(place)), group)

    ordered = sorted(by_group, key=size)
    most = spec.get("most", MOST)
    found: list[dict[str, Any]] = []
    for group in ordered[:most]:
        words = marks.label(names, spec, group)
        for way, term in sorted(
            by_group[group].items(), key=lambda part: _rank(part[0])
        ):
            found.append(
                {
                    "panel": "studies",
                    "row": group,
                    "row_label": words,
                    "series": way,
                    "series_label": spec.get("words", {}).get(way, WORDS.get(way, way)),
                    "mark": "segment",
                    "n": term.n,
                    "kind": "counted",
                    "text": f"{term.n:,}",
                    "number_id": term.number_id,
                }
            )
    rest = [term for group in ordered[most:] for term in by_group[group].values()]
    if rest:
        together = marks.together(rest, of_number)
        unit = marks.counted(len(together), spec.get("unit", ("study", "studies")))
        found.append(
            {
                "panel": "studies",
                "mark": "remainder",
                "n": len(together),
                "kind": "counted",
                "text": f"and {len(ordered) - most:,} more groups, in {unit} altogether",
                "members": "; ".join(together),
            }
        )
    if spec.get("mediators"):
        found += _matrix(sheet, names, spec, by_group, ordered[:most], of_number)
    return marks.frame(found)


@on.styled
def draw(data: "pd.DataFrame", spec: Mapping[str, Any]) -> "Figure":
    """Return bars and matrix in common rows, with the legend below."""
    sheet = on.Sheet(spec["width_mm"])
    rows = marks.rows_of(data)
    groups: dict[str, str] = {}
    for row in rows:
        if row["mark"] == "segment":
            groups[row["row"]] = row["row_label"]
    if not groups:
        return sheet.finish(sheet.text(0, 1, "Nothing to show", color=on.QUIET) + 1)
    of_group = {
        group: [row for row in rows if row["row"] == group and row["mark"] == "segment"]
        for group in groups
    }
    dots = [row for row in rows if row["mark"] == "dot"]
    columns = list(
        dict.fromkeys(
            (row["series"], row["series_label"], row["panel"]) for row in dots
        )
    )
    heads = [on.shortened(on.one_line(words), 30) for _, words, _ in columns]
    gutter = min(
        max(on.width_of(on.one_line(words)) for words in groups.values()),
        sheet.width * 0.3,
    )
    pitch = 3.9 if sheet.width >= NAMED_FROM else 4.4
    strip = len(columns) * pitch + (4.0 if columns else 0)
    start = gutter + 1.8
    room = sheet.width - start - strip - 1
    most = max(sum(row["n"] for row in parts) for parts in of_group.values())
    slope = max((on.width_of(head, on.SMALL) for head in heads), default=0)
    title = on.wrapped(spec.get("title", "Studies"), room, on.SMALL, "bold")
    over = on.wrapped(
        spec.get("mediators", {}).get("title", ""),
        max(strip - 4, 30),
        on.SMALL,
        "bold",
    )
    over_height = len(over) * on.line_height(on.SMALL) + 0.8 if columns else 0
    head = over_height + max(slope, len(title) * on.line_height(on.SMALL)) + 1.6
    sheet.text(
        start,
        head - 1.4 - len(title) * on.line_height(on.SMALL),
        title,
        size=on.SMALL,
        weight="bold",
    )
    left = sheet.width - strip + 4.0
    if columns:
        # Over a strip of few columns the words stand at the margin, and reach over the bars.
        wide = max(on.width_of(line, on.SMALL, "bold") for line in over)
        place = min(left, sheet.width - wide)
        sheet.text(place, 0, over, size=on.SMALL, weight="bold")
    for number, words in enumerate(heads):
        sheet.upright(left + (number + 0.5) * pitch, head - 1.4, words)
    y, unprinted = head, 0
    for number, (group, words) in enumerate(groups.items()):
        lines = on.wrapped(words, gutter + 0.01)
        height = max(BAR, len(lines) * on.line_height()) + GAP
        if number % 2 == 0:
            sheet.box(0, y, sheet.width, height, fill=on.BAND, behind=True)
        top = y + (height - len(lines) * on.line_height()) / 2
        sheet.text(start - 1.8, top, lines, align="right")
        x, middle = start, y + height / 2
        for row in of_group[group]:
            long = room * row["n"] / most
            fill = COLOURS.get(row["series"], on.PALE)
            if not sheet.segment(x, middle, long, BAR, row["text"], fill=fill, gid=row["number_id"]):  # fmt: skip
                unprinted = max(unprinted, row["n"])
            x += long
        for row in [row for row in dots if row["row"] == group]:
            column = [name for name, _, _ in columns].index(row["series"])
            across = left + (column + 0.5) * pitch
            shape, fill = _look(row["panel"], columns)
            if (
                sheet.width >= NAMED_FROM
                and row["n"] == 1
                and row["panel"] != row["series"]
            ):
                sheet.dot(across, middle, DOT - 0.7, fill=fill, shape=shape)
            else:
                sheet.text(
                    across, middle - on.line_height(on.SMALL) / 2, row["text"],
                    size=on.SMALL, weight="bold", align="center",
                )  # fmt: skip
        y += height
    for row in rows:
        if row["mark"] == "remainder":
            text = on.wrapped(row["text"], sheet.width - start - 1, on.SMALL)
            y = sheet.text(start, y + 0.5, text, size=on.SMALL, color=on.QUIET)
    sheet.path((start, head), (start, y), color=on.QUIET)
    present = dict.fromkeys(row["series"] for row in rows if row["mark"] == "segment")
    entries: list[tuple[str, dict[str, Any]]] = [
        (
            spec.get("words", {}).get(way, WORDS.get(way, way)),
            {"fill": COLOURS.get(way, on.PALE)},
        )
        for way in sorted(present, key=_rank)
    ]
    y = on.key(sheet, 0, y + 1.8, sheet.width, entries)
    kinds = list(dict.fromkeys(kind for name, _, kind in columns if kind != name))
    if kinds:
        said = {row["panel"]: row["panel_label"] for row in dots}
        looks = [_look(kind, columns) for kind in kinds]
        entries = [
            (said[kind], {"shape": shape, "fill": fill})
            for kind, (shape, fill) in zip(kinds, looks, strict=True)
        ]
        y = on.key(sheet, 0, y + 0.6, sheet.width, entries)
    for line in on.unprinted(unprinted, spec.get("unit", ("study", "studies"))):
        y = sheet.remark(y, line)
    if spec.get("note"):
        y = sheet.remark(y, spec["note"])
    return sheet.finish(y + 0.8)


def alt(data: "pd.DataFrame", spec: Mapping[str, Any]) -> str:
    """Return every group as a sentence: studies by direction, then the mediators they name."""
    bars: dict[str, list[str]] = {}
    dots: dict[str, list[str]] = {}
    rest = ""
    for row in marks.rows_of(data):
        if row["mark"] == "segment":
            bars.setdefault(row["row_label"], []).append(
                f"{row['series_label'].lower()} {row['n']:,}"
            )
        elif row["mark"] == "dot":
            dots.setdefault(row["row_label"], []).append(
                f"{row['series_label']} {row['n']:,}"
            )
        else:
            rest = f" {row['text']}."
    said = []
    for group, parts in bars.items():
        named = f"; mediators: {', '.join(dots[group])}" if group in dots else ""
        said.append(f"{group}: {', '.join(parts)}{named}.")
    many = spec.get("unit", ("study", "studies"))[1]
    return f"Stacked bars of {many} by direction of their effects. {' '.join(said) or 'Nothing to show.'}{rest}"


def _rank(way: str) -> tuple[int, str]:
    return (DIRECTIONS.index(way) if way in DIRECTIONS else len(DIRECTIONS), way)


def _look(kind: str, columns: Sequence[tuple[str, str, str]]) -> tuple[str, str]:
    kinds = list(dict.fromkeys(panel for _, _, panel in columns))
    place = kinds.index(kind) % len(SHAPES)
    return SHAPES[place], TINTS[place]


def _matrix(
    sheet: "pd.DataFrame",
    labels: Labels,
    spec: Mapping[str, Any],
    by_group: Mapping[str, Mapping[str, marks.Term]],
    groups: Sequence[str],
    of_number: Mapping[str, Sequence[str]],
) -> list[dict[str, Any]]:
    """Return the dots: for each group and mediator, the recovered studies that name it."""
    columns = spec["mediators"]
    kind_of: dict[str, str] = {}
    named: dict[str, set[str]] = {}
    by_kind: dict[str, set[str]] = {}
    for row in sheet.to_dict("records"):
        kind, study = row[columns["kind"]], row[columns["study"]]
        if kind in columns.get("left_out", ()):
            continue
        by_kind.setdefault(kind, set()).add(study)
        for name in values(row[columns["name"]]):
            kind_of.setdefault(name, kind)
            named.setdefault(name, set()).add(study)
    recovered = {
        group: set(of_number.get(by_group[group]["recovery"].number_id, ()))
        for group in groups
        if "recovery" in by_group[group]
    }
    order = {kind: place for place, kind in enumerate(labels.terms(columns["kind"]))}
    seen = {study for studies in recovered.values() for study in studies}
    named = {name: studies & seen for name, studies in named.items() if studies & seen}
    by_name = spec["width_mm"] >= NAMED_FROM and 0 < len(named) <= columns.get(
        "most", MOST_NAMED
    )
    if by_name:
        keys = sorted(
            named,
            key=lambda name: (
                order.get(kind_of[name], len(order)),
                kind_of[name],
                -len(named[name]),
                name,
            ),
        )
        sets: Mapping[str, set[str]] = named
    else:
        keys = sorted(
            (kind for kind in by_kind if by_kind[kind] & seen),
            key=lambda kind: (order.get(kind, len(order)), kind),
        )[:12]
        sets = by_kind
    found = []
    for name in keys:
        kind = kind_of[name] if by_name else name
        for group in groups:
            common = sorted(recovered.get(group, set()) & sets[name])
            if common:
                found.append(
                    {
                        "panel": kind,
                        "panel_label": labels.short(columns["kind"], kind),
                        "row": group,
                        "row_label": marks.label(labels, spec, group),
                        "series": name,
                        "series_label": name
                        if by_name
                        else labels.short(columns["kind"], name),
                        "mark": "dot",
                        "n": len(common),
                        "kind": "counted",
                        "text": f"{len(common):,}",
                        "number_id": by_group[group]["recovery"].number_id,
                        "with_number_id": f"{columns['family']}.{kind}",
                        "members": "; ".join(common),
                    }
                )
    return found
