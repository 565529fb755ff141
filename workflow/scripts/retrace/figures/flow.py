"""Draw the flow of a review as the PRISMA 2020 statement's own diagram lays it out.

From the boxes of `results/flow/prisma.csv`. A count that was published without its records is
marked as reported, also beside one that was counted; one that nobody published is drawn as an
empty, dashed box; an arm that the review does not have is not drawn. Where the arms do not fit
side by side they stand one below the other, each with its own stages, so that letters never fall
below the smallest size.

Layout and wording: Page et al. 2021, BMJ 372:n71, doi 10.1136/bmj.n71.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from retrace import schemas
from retrace.figures import marks
from retrace.figures import sheet as on

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TAKES = {"boxes": schemas.PRISMA}

# Box -> heading and its lines: key in prisma.csv -> words. The words are PRISMA 2020's.
WORDS: dict[str, tuple[str, dict[str, str]]] = {
    "box1": ("", {
        "previous_studies": "Studies included in previous version of review",
        "previous_reports": "Reports of studies included in previous version of review",
    }),
    "box2": ("Records identified from:", {
        "database_results": "Databases", "database_specific_results": "",
        "register_results": "Registers", "register_specific_results": "",
    }),
    "box11": ("Records identified from:", {
        "website_results": "Websites", "organisation_results": "Organisations",
        "citations_results": "Citation searching",
    }),
    "box3": ("Records removed before screening:", {
        "duplicates": "Duplicate records removed",
        "excluded_automatic": "Records marked as ineligible by automation tools",
        "excluded_other": "Records removed for other reasons",
    }),
    "box4": ("", {"records_screened": "Records screened"}),
    "box5": ("", {"records_excluded": "Records excluded"}),
    "box6": ("", {"dbr_sought_reports": "Reports sought for retrieval"}),
    "box7": ("", {"dbr_notretrieved_reports": "Reports not retrieved"}),
    "box8": ("", {"dbr_assessed": "Reports assessed for eligibility"}),
    "box9": ("", {"dbr_excluded": "Reports excluded"}),
    "box12": ("", {"other_sought_reports": "Reports sought for retrieval"}),
    "box13": ("", {"other_notretrieved_reports": "Reports not retrieved"}),
    "box14": ("", {"other_assessed": "Reports assessed for eligibility"}),
    "box15": ("", {"other_excluded": "Reports excluded"}),
    "box10": ("", {
        "new_studies": "New studies included in review",
        "retracted_studies": "",
        "new_reports": "Reports of new included studies",
    }),
    "box16": ("", {
        "total_studies": "Total studies included in review",
        "total_reports": "Reports of total included studies",
    }),
    "box17": ("", {
        "total_studies_ma": "Total studies included in meta-analysis",
        "total_reports_ma": "Reports of total included studies in meta-analysis",
    }),
}  # fmt: skip
# Without a previous version nothing is new: the diagram for new reviews says so much.
WORDS_OF_NEW_REVIEW = {
    "new_studies": "Studies included in review",
    "new_reports": "Reports of included studies",
}
# Arm -> title, and the boxes of its stages: (box, the box to its right).
ARMS: dict[str, tuple[str, dict[str, list[tuple[str, str]]]]] = {
    "previous": ("Previous studies", {"Identification": [("box1", "")]}),
    "databases": ("Identification of new studies via databases and registers", {
        "Identification": [("box2", "box3")],
        "Screening": [("box4", "box5"), ("box6", "box7"), ("box8", "box9")],
    }),
    "other_methods": ("Identification of new studies via other methods", {
        "Identification": [("box11", "")],
        "Screening": [("", ""), ("box12", "box13"), ("box14", "box15")],
    }),
}  # fmt: skip
SPLIT = frozenset({
    "database_specific_results", "register_specific_results",
    "records_excluded", "dbr_excluded", "other_excluded", "retracted_studies",
})  # fmt: skip
ENDS = ("box10", "box16", "box17")
LOOK: dict[str, dict[str, Any]] = {
    "counted": {"edge": on.INK},
    "reported": {"edge": on.INK, "fill": "#FDF0D5"},
    "not_published": {"edge": on.QUIET, "dashed": True},
}
LEADING = ("reported", "counted", "not_published")
"""Which kind of its counts a box looks like."""
DRAFT = "Draft: build in progress."
NOT_PUBLISHED, NOT_YET = "(not published)", "(not yet counted)"
MEANING = {
    "counted": "Counted from the records",
    "reported": "As reported, without the records",
    "not_published": "Not published",
}
STAGE_FILL, TITLE_FILL, OTHER_FILL = "#CFE3F1", "#F7D98B", "#E3E3E3"
PAD, ROW_GAP, COLUMN_GAP, STAGE = 1.6, 5.0, 6.0, 5.2
NARROWEST = 25.0


@dataclass
class _Box:
    name: str
    lines: list[tuple[str, str, str]]
    kind: str
    height: float = 0.0
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass
class _Arm:
    name: str
    title: str
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    x: float = 0.0
    columns: int = 1


def data(*, boxes: "pd.DataFrame", spec: Mapping[str, Any]) -> "pd.DataFrame":
    """Return one row per line of a box that is drawn; an arm that does not apply has none.

    What an author's own draft cannot count is not yet counted; not published is what a published
    review, some of whose counts are reported, did not tell.
    """
    is_own = spec.get("status") == "draft" and not (boxes["kind"] == "reported").any()
    missing = NOT_YET if is_own else NOT_PUBLISHED
    of_key: dict[str, list[Any]] = {}
    for row in boxes.itertuples(index=False):
        if row.kind != "not_applicable":
            of_key.setdefault(str(row.data), []).append(row)
    is_update = any(key in of_key for key in WORDS["box1"][1])
    found = []
    for name, (heading, lines) in WORDS.items():
        of_box = []
        for key, words in lines.items():
            if not is_update:
                words = WORDS_OF_NEW_REVIEW.get(key, words)
            of_box += _lines_of(name, key, words, of_key.get(key, []), missing)
        if heading and of_box:
            found.append({"panel": name, "mark": "heading", "text": heading})
        found += of_box
    return marks.frame(found)


@on.styled
def draw(data: "pd.DataFrame", spec: Mapping[str, Any]) -> "Figure":
    """Return the diagram, ``spec["width_mm"]`` wide."""
    sheet = on.Sheet(spec["width_mm"])
    boxes = _boxes(marks.rows_of(data))
    arms = _arms(boxes)
    if not boxes:
        end = sheet.text(1, 1, "No box of the flow applies to this review.")
        return sheet.finish(end + 1)
    columns = sum(arm.columns for arm in arms) or 1
    room = (sheet.width - STAGE + COLUMN_GAP / 2 - 0.4) / columns
    if room - COLUMN_GAP >= NARROWEST or len(arms) < 2:
        bottom = _side_by_side(sheet, boxes, arms, room)
    else:
        bottom = _one_below_the_other(sheet, boxes, arms)
    kinds = [kind for kind in LOOK if any(box.kind == kind for box in boxes.values())]
    if kinds != ["counted"]:
        is_own = any(
            count == NOT_YET for box in boxes.values() for _, _, count in box.lines
        )
        meaning = MEANING | ({"not_published": "Not yet counted"} if is_own else {})
        entries = [(meaning[kind], LOOK[kind]) for kind in kinds]
        bottom = on.key(
            sheet, STAGE + 2, bottom + 2.5, sheet.width - STAGE - 3, entries
        )
    if spec.get("status") == "draft":
        note = on.wrapped(DRAFT, sheet.width - STAGE - 3, on.SMALL)
        bottom = sheet.text(STAGE + 2, bottom + 1, note, size=on.SMALL, color=on.QUIET)
    return sheet.finish(bottom + 0.8)


def alt(data: "pd.DataFrame", spec: Mapping[str, Any]) -> str:
    """Return the flow in words, box after box."""
    said = []
    for name in WORDS:
        rows = [row for row in marks.rows_of(data) if row["panel"] == name]
        if rows:
            lines = [row["text"] for row in rows]
            heads = [
                line
                for row, line in zip(rows, lines, strict=True)
                if row["mark"] == "heading"
            ]
            rest = [
                line
                for row, line in zip(rows, lines, strict=True)
                if row["mark"] != "heading"
            ]
            said.append(
                " ".join(part for part in (*heads, ", ".join(rest)) if part) + "."
            )
    if not said:
        return "PRISMA 2020 flow diagram without boxes."
    if spec.get("status") == "draft":
        said.insert(0, DRAFT)
    return "PRISMA 2020 flow diagram. " + " ".join(said)


def _lines_of(
    name: str, key: str, words: str, rows: list[Any], missing: str
) -> list[dict[str, Any]]:
    """Return the lines of one key: its words with a count, or one line for each reason or source."""
    is_split = key in SPLIT and any(
        row.boxtext not in ("", row.description) for row in rows
    )
    found: list[dict[str, Any]] = []
    if is_split and words:
        found.append(
            {"panel": name, "row": key, "mark": "heading", "text": f"{words}:"}
        )
    for row in rows:
        text = row.boxtext or row.description if is_split else words
        if not text:
            continue
        n = None if str(row.n) in ("<NA>", "nan", "None", "") else int(row.n)
        found.append(
            {
                "panel": name,
                "row": key,
                "row_label": text,
                "mark": "part" if is_split else "box",
                "n": n,
                "kind": "not_published" if n is None else row.kind,
                "text": f"{text} {missing if n is None else _count(n, row.kind)}",
                "box": key,
            }
        )
    return found


def _count(n: int, kind: str) -> str:
    return f"(n = {n:,}{', as reported' if kind == 'reported' else ''})"


def _boxes(rows: list[dict[str, Any]]) -> dict[str, _Box]:
    """Return the boxes that are drawn, each with its lines and where its counts come from."""
    found: dict[str, _Box] = {}
    for row in rows:
        box = found.setdefault(row["panel"], _Box(row["panel"], [], ""))
        is_heading = row["mark"] == "heading"
        box.lines.append(
            (row["mark"], row["text"], "")
            if is_heading
            else (
                row["mark"],
                row["row_label"],
                row["text"].removeprefix(row["row_label"]).strip(),
            )
        )
        # One published count in a box is enough for it to be shaded, one of any kind for its frame to be solid.
        if row["kind"] and (
            not box.kind or LEADING.index(row["kind"]) < LEADING.index(box.kind)
        ):
            box.kind = row["kind"]
    return found


def _arms(boxes: Mapping[str, _Box]) -> list[_Arm]:
    """Return the arms that have a box, in the order of the diagram, with what stands in each row."""
    found = []
    for name, (title, stages) in ARMS.items():
        arm = _Arm(name, title)
        for stage, pairs in stages.items():
            for left, right in pairs:
                arm.rows.append(
                    (
                        stage,
                        left if left in boxes else "",
                        right if right in boxes else "",
                    )
                )
        if any(left or right for _, left, right in arm.rows):
            arm.columns = 1 if name == "previous" else 2
            found.append(arm)
    if found and not any(arm.name == "previous" for arm in found):
        for arm in found:
            arm.title = arm.title.replace("new studies", "studies")
    if not found and any(name in boxes for name in ENDS):
        found.append(_Arm("databases", "", columns=2))
    return found


def _set(box: _Box, x: float, y: float, width: float) -> None:
    """Give a box its place, its width and the height that its text needs."""
    box.x, box.y, box.width = x, y, width
    box.height = 2 * PAD + sum(
        len(_lines(*line, width)) * on.line_height(on.SMALL) for line in box.lines
    )


def _lines(mark: str, text: str, count: str, width: float) -> list[str]:
    """Return a line as it is printed: words may be shortened, the count never is nor parts."""
    room = width - 2 * PAD - (2.0 if mark == "part" else 0.0)
    count = count.replace(", as ", ",~as ").replace(" ", "\u00a0").replace("~", " ")
    lines = on.wrapped(f"{text} {count}".rstrip(), room, on.SMALL, most=6)
    if count and lines[-1].endswith("…"):
        return [
            *on.wrapped(text, room, on.SMALL, most=4),
            *on.wrapped(count, room, on.SMALL),
        ]
    return lines


def _print(sheet: on.Sheet, box: _Box) -> None:
    look = LOOK.get(box.kind or "counted", LOOK["counted"])
    sheet.box(box.x, box.y, box.width, box.height, gid=f"box-{box.name}", **look)
    y = box.y + PAD
    for mark, text, count in box.lines:
        quiet = box.kind == "not_published" or count in (NOT_PUBLISHED, NOT_YET)
        y = sheet.text(
            box.x + PAD + (2.0 if mark == "part" else 0.0),
            y,
            _lines(mark, text, count, box.width),
            size=on.SMALL,
            color=on.QUIET if quiet else on.INK,
        )


def _title(
    sheet: on.Sheet, arm: _Arm, x: float, y: float, width: float, height: float = 0.0
) -> float:
    """Print an arm's title bar; return the y below it. With no height, only measure."""
    lines = on.wrapped(arm.title, width - 2 * PAD, on.SMALL, "bold")
    need = len(lines) * on.line_height(on.SMALL) + 2 * PAD
    if height:
        fill = TITLE_FILL if arm.name == "databases" else OTHER_FILL
        sheet.box(x, y, width, height, fill=fill)
        top = y + (height - need) / 2 + PAD
        sheet.text(
            x + width / 2, top, lines, size=on.SMALL, weight="bold", align="center"
        )
    return y + need


def _stage(sheet: on.Sheet, name: str, top: float, bottom: float) -> None:
    """Draw the bar of a stage at the left."""
    sheet.box(0.2, top, STAGE, bottom - top, fill=STAGE_FILL)
    sheet.upright(0.2 + STAGE / 2, (top + bottom) / 2, name, weight="bold", va="center")


def _least(stage: str) -> float:
    """Return how high a stage must be for its name to fit into its bar."""
    return on.width_of(stage, on.SMALL, "bold") + 2


def _rows(
    boxes: dict[str, _Box],
    rows: list[tuple[str, list[tuple[str, float]]]],
    y: float,
    width: float,
) -> tuple[float, dict[str, list[float]]]:
    """Place rows of boxes below each other; return the y below, and each stage from top to bottom."""
    rows = [(stage, here) for stage, here in rows if here]
    stages: dict[str, list[float]] = {}
    for number, (stage, here) in enumerate(rows):
        for name, x in here:
            _set(boxes[name], x, y, width)
        bottom = y + max(boxes[name].height for name, _ in here)
        span = stages.setdefault(stage, [y, bottom])
        if number + 1 == len(rows) or rows[number + 1][0] != stage:
            bottom = max(bottom, span[0] + _least(stage))
        span[1] = bottom
        y = bottom + ROW_GAP
    return y, stages


def _side_by_side(
    sheet: on.Sheet, boxes: dict[str, _Box], arms: list[_Arm], room: float
) -> float:
    """Draw the arms beside each other, in common rows; return the y below."""
    x = STAGE + COLUMN_GAP / 2
    width = room - COLUMN_GAP
    titled = [arm for arm in arms if arm.title]
    y = 0.2
    for arm in arms:
        arm.x = x
        x += arm.columns * room
    spans = {arm.name: arm.columns * room - COLUMN_GAP for arm in arms}
    if titled:
        height = (
            max(_title(sheet, arm, arm.x, y, spans[arm.name]) for arm in titled) - y
        )
        for arm in titled:
            _title(sheet, arm, arm.x, y, spans[arm.name], height)
        y += height + ROW_GAP * 0.7
    main = next((arm for arm in arms if arm.name != "previous"), arms[0])
    rows: list[tuple[str, list[tuple[str, float]]]] = []
    for number in range(max((len(arm.rows) for arm in arms), default=0)):
        here = [(arm, *arm.rows[number]) for arm in arms if number < len(arm.rows)]
        pairs = [
            (name, place)
            for arm, _, left, right in here
            for name, place in ((left, arm.x), (right, arm.x + room))
            if name
        ]
        rows.append((here[0][1], pairs))
    rows += [("Included", [(name, main.x)]) for name in ENDS if name in boxes]
    y, stages = _rows(boxes, rows, y, width)
    for arm in arms:
        _join_arm(sheet, boxes, arm)
        last = _last(boxes, arm)
        ends = [boxes[name] for name in ENDS if name in boxes]
        if not last or not ends:
            continue
        if arm is main:
            sheet.path(
                (last.middle, last.y + last.height),
                (last.middle, ends[0].y),
                arrow=True,
            )
        elif arm.name == "previous":
            target = boxes.get("box16", ends[0])
            level = target.y + target.height / 2
            sheet.path(
                (last.middle, last.y + last.height),
                (last.middle, level),
                (target.x, level),
                arrow=True,
            )
        else:
            level = ends[0].y + ends[0].height / 2
            right = ends[0].x + ends[0].width
            sheet.path(
                (last.middle, last.y + last.height),
                (last.middle, level),
                (right, level),
                arrow=True,
            )
    _join_ends(sheet, boxes)
    _finish(sheet, boxes, stages)
    return y - ROW_GAP


def _one_below_the_other(
    sheet: on.Sheet, boxes: dict[str, _Box], arms: list[_Arm]
) -> float:
    """Draw each arm below the one before, joined by lanes at the right; return the y below."""
    lanes = 3.0 * len(arms)
    x = STAGE + COLUMN_GAP / 2
    room = (sheet.width - x - lanes) / 2
    width = room - COLUMN_GAP / 2
    y = 0.2
    starts: list[tuple[_Arm, _Box]] = []
    for arm in arms:
        arm.x = x
        height = _title(sheet, arm, x, y, 2 * width + COLUMN_GAP) - y
        _title(sheet, arm, x, y, 2 * width + COLUMN_GAP, height)
        y += height + ROW_GAP * 0.7
        right_of = x + width + COLUMN_GAP
        rows = [
            (stage, [pair for pair in ((left, x), (right, right_of)) if pair[0]])
            for stage, left, right in arm.rows
        ]
        y, stages = _rows(boxes, rows, y, width)
        for stage, (top, bottom) in stages.items():
            _stage(sheet, stage, top, bottom)
        _join_arm(sheet, boxes, arm)
        last = _last(boxes, arm)
        if last:
            starts.append((arm, last))
    rows = [("Included", [(name, x)]) for name in ENDS if name in boxes]
    y, stages = _rows(boxes, rows, y, width)
    ends = [boxes[name] for name in ENDS if name in boxes]
    for place, (arm, last) in enumerate(starts):
        if not ends:
            break
        if place == len(starts) - 1 and arm.name != "previous":
            sheet.path(
                (last.middle, last.y + last.height),
                (last.middle, ends[0].y),
                arrow=True,
            )
            continue
        target = boxes.get("box16", ends[0]) if arm.name == "previous" else ends[0]
        # Each lane has its own place at the right margin and its own height at its target.
        lane = sheet.width - 1.0 - 3.0 * place
        leave = ROW_GAP * 0.45 + max(
            boxes[name].y + boxes[name].height
            for row in arm.rows
            for name in row[1:]
            if name
        )
        level = target.y + target.height * (0.3 + 0.4 * (place % 2))
        sheet.path(
            (last.middle, last.y + last.height), (last.middle, leave), (lane, leave),
            (lane, level), (target.x + target.width, level), arrow=True,
        )  # fmt: skip
    _join_ends(sheet, boxes)
    _finish(sheet, boxes, stages)
    return y - ROW_GAP


def _last(boxes: Mapping[str, _Box], arm: _Arm) -> _Box | None:
    return next((boxes[left] for _, left, _ in reversed(arm.rows) if left), None)


def _join_arm(sheet: on.Sheet, boxes: Mapping[str, _Box], arm: _Arm) -> None:
    before = None
    for _, left, right in arm.rows:
        if left and right:
            start, end = boxes[left], boxes[right]
            level = start.y + min(start.height, end.height) / 2
            sheet.path((start.x + start.width, level), (end.x, level), arrow=True)
        if left:
            box = boxes[left]
            if before:
                sheet.path(
                    (box.middle, before.y + before.height),
                    (box.middle, box.y),
                    arrow=True,
                )
            before = box


def _join_ends(sheet: on.Sheet, boxes: Mapping[str, _Box]) -> None:
    ends = [boxes[name] for name in ENDS if name in boxes]
    for start, end in zip(ends, ends[1:], strict=False):
        sheet.path(
            (start.middle, start.y + start.height), (end.middle, end.y), arrow=True
        )


def _finish(
    sheet: on.Sheet, boxes: Mapping[str, _Box], stages: Mapping[str, list[float]]
) -> None:
    for stage, (top, bottom) in stages.items():
        _stage(sheet, stage, top, bottom)
    for box in boxes.values():
        if box.width:
            _print(sheet, box)
