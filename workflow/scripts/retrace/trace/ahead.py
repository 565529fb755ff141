"""Walk from an id forward: the numbers that rest on it, and the claims, tables, figures and text that use them.

A number that has the row among those it selects changes with it; one whose selection looks at the
row and passes it by would change if its cells said something else. The two are kept apart.
"""

import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from retrace import ledger
from retrace.definitions import Definition
from retrace.extraction import ALL
from retrace.tables import values
from retrace.trace import back, records
from retrace.trace.behind import Selected, select
from retrace.trace.ids import BOX_MEMBERS, PRISMA
from retrace.trace.written import CLAIMS, CONFIG, TEXT, USES, Written

SELECTS, MADE_OF, LOOKS, THROUGH = "selects", "made_of", "looks_at", "through"
DEFINED = "defined"


class _Ahead:
    """What is found on the way forward from one id."""

    def __init__(self, written: Written):
        self.written = written
        self.numbers: dict[str, str] = {}
        self.looking: dict[str, tuple[str, str]] = {}
        self.keys: set[str] = set()
        self.boxes: set[str] = set()
        self.files: set[str] = set()
        self.claims: set[str] = set()
        self.text: list[dict[str, Any]] = []
        self.unfollowed = ""
        """The file of a line that is followed no further: what rests on the line is not known."""

    def take_members(self, ids: Iterable[str]) -> None:
        """Take the numbers that have one of some ids among their members."""
        for number_id in self.written.numbers_with(ids):
            self.numbers.setdefault(number_id, SELECTS)

    def take_rows(self, table: str, rows: Iterable[int], column: str = "") -> None:
        """Take the numbers that select some rows of a table, or look at them."""
        wanted = set(rows)
        for definition in self.written.definitions:
            base = _base(self.written, definition)
            if base not in self.written.paths or not self.written.relations.reaches(
                base, table
            ):
                continue
            selected = select(self.written, definition.name)
            way = _way(self.written, selected, table, column)
            if selected is None or way is None:
                continue
            ends = {
                end
                for row, of_row in zip(selected.rows, selected.terms, strict=True)
                if way[row] in wanted
                for end in of_row
            }
            found = [f"{definition.name}{end}" for end in ends]
            for number_id in found:
                if number_id in self.written.numbers:
                    self.numbers.setdefault(number_id, SELECTS)
            if not found or definition.is_family:
                # Of a family, the row counts under one term and could under another.
                self.looking.setdefault(definition.name, (LOOKS, selected.table))

    def take_files(
        self, paths: Iterable[str], but: Iterable[str] = (), column: str = ""
    ) -> None:
        """Take the definitions on tables that were made from some files, directly or not.

        Where only a ``column`` is asked for, tables whose rule was not told of it are left out.
        """
        later, but = ledger.downstream(self.written.sidecars, paths), set(but)
        self.files |= set(later)
        through = {
            name
            for name, path in self.written.paths.items()
            if path in later
            and name not in but
            and name != "claims"
            and (not column or _is_told(self.written.line(path), column))
        }
        counted = {one.partition(".")[0] for one in self.numbers} | set(self.numbers)
        for definition in self.written.definitions:
            table, _ = self.written.definitions.base(definition)
            if table in through and definition.name not in counted:
                self.looking.setdefault(definition.name, (THROUGH, table))

    def as_dict(self) -> dict[str, Any]:
        """Return all that was found."""
        written, uses = self.written, _uses(self.written)
        of: dict[str, str] = {}
        todo = list(self.numbers)
        for one in todo:
            for number_id in _made_of(written).get(one, ()):
                if number_id not in self.numbers:
                    self.numbers[number_id], of[number_id] = MADE_OF, one
                    todo.append(number_id)
        used = [where for one in self.numbers for where in uses.get(one, ())]
        places = dict.fromkeys(used)
        claims = [where.rpartition(":")[2] for where in places if "claims.csv:" in where]  # fmt: skip
        text = [where for where in places if _is_text(where)]
        if claims:
            self._take_verdicts()
        self._look_on()
        return {
            "numbers": [
                {"id": one, "value": written.numbers[one]["value"], "how": how}
                | ({"of": of[one]} if one in of else {})
                for one, how in self.numbers.items()
            ],
            "looked_at_by": [
                {"name": name, "how": how, "of" if how == MADE_OF else "table": of_what}
                for name, (how, of_what) in self.looking.items()
            ],
            "claims": _claims(written, {*claims, *self.claims}),
            "tables": _tables(written, set(places), self.keys),
            "figures": _figures(written, set(places), self.keys, self.boxes),
            "boxes": sorted(self.boxes),
            "text": _sentences(written, text, set(self.numbers)) or self.text,
            "outputs": sorted(self.files),
        } | ({"read_by": _read_by(written, self.unfollowed)} if self.unfollowed else {})

    def _take_verdicts(self) -> None:
        """Take the definitions that are counted in the claims: a verdict may be another one then."""
        for definition in self.written.definitions:
            if self.written.definitions.base(definition)[0] == "claims":
                self.looking.setdefault(definition.name, (THROUGH, "claims"))

    def _look_on(self) -> None:
        """Take the definitions that are made of those that look at it."""
        definitions, grown = self.written.definitions, True
        while grown:
            grown = False
            for definition in definitions:
                if definition.name in self.looking:
                    continue
                parts = (definitions.find(str(part)) for part in definition.parts)
                of = next((part.name for part in parts if part and part.name in self.looking), "")  # fmt: skip
                if of and (definition.is_family or definition.name not in self.numbers):
                    self.looking[definition.name] = (MADE_OF, of)
                    grown = True


def forward(written: Written, kind: str, name: str) -> dict[str, Any]:
    """Return what rests on an id: see docs/trace.md."""
    ahead = _Ahead(written)
    _STARTS[kind](ahead, name)
    found = ahead.as_dict()
    if kind == "number":
        found["numbers"] = found["numbers"][1:]
    return found


def _way(
    written: Written, selected: Selected | None, table: str, column: str
) -> list[int | None] | None:
    """Return the row of a table that each row of a selection's table leads to, where the selection looks at it."""
    if selected is None or table not in written.relations.parents(selected.table):
        return None
    parents = written.relations.parents(selected.table)
    on_the_way = {step for home in selected.looked for step in parents[home][0]}
    if table != selected.table and table not in on_the_way:
        return None
    if column and column not in selected.looked.get(table, ()):
        refers = written.schemas[table].column(column).refers_to
        if refers is None or refers not in on_the_way:
            return None
    return parents[table][1]


def _number(ahead: _Ahead, name: str) -> None:
    ahead.numbers[name.partition("/")[0]] = ""


def _claim(ahead: _Ahead, name: str) -> None:
    ahead.take_members([name])
    ahead.files |= set(ledger.downstream(ahead.written.sidecars, [CLAIMS]))


def _table(ahead: _Ahead, name: str) -> None:
    name = name.partition("/")[0]
    ahead.text = _inserted(ahead.written, name, ("table", "tab"))
    ahead.files |= set(ledger.downstream(ahead.written.sidecars, [f"results/tables/{name}.csv", f"results/tables/{name}.html"]))  # fmt: skip


def _figure(ahead: _Ahead, name: str) -> None:
    name = name.partition("/")[0]
    ahead.text = _inserted(ahead.written, name, ("figure", "fig"))
    ahead.files |= set(ledger.downstream(ahead.written.sidecars, [path.as_posix() for path in back.path_of(name)]))  # fmt: skip


def _box(ahead: _Ahead, name: str) -> None:
    written = ahead.written
    ahead.boxes.add(name)
    for definition in written.definitions:
        table, conditions = written.definitions.base(definition)
        if table == "flow_members":
            asked = [where["box"] for where in conditions if "box" in where]
            if all(_holds(condition, name) for condition in asked):
                found = [one for one in written.numbers if one.partition(".")[0] == definition.name or one == definition.name]  # fmt: skip
                ahead.numbers |= dict.fromkeys(found, SELECTS)
    for table, column in (("prisma", "data"), ("reported", "box")):
        if table in written.paths:
            at = written.frame(table).where(column).get(name, [])
            ahead.take_rows(table, at)
    # Who passes this box by looks at others.
    ahead.looking = {}
    ahead.files |= set(ledger.downstream(written.sidecars, [PRISMA, BOX_MEMBERS]))


def _holds(condition: Any, value: str) -> bool:
    """Return whether a text meets a condition of a definition."""
    if isinstance(condition, dict):
        return "not" not in condition or not _holds(condition["not"], value)
    return value in condition if isinstance(condition, list) else value == condition


def _study(ahead: _Ahead, name: str) -> None:
    written = ahead.written
    rows = back.rows_of_study(written, name)
    for table, places in rows.items():
        ahead.take_rows(table, places)
        ahead.keys |= {written.key(table, row) for row in places}
    ahead.take_members([name])
    ahead.boxes |= _boxes_of(written, [name])
    ahead.keys.add(name)
    _of_extraction(ahead, rows)


def _record(ahead: _Ahead, name: str) -> None:
    _of_record(ahead, records.story(ahead.written, name))


def _of_record(ahead: _Ahead, story: dict[str, Any]) -> None:
    written, ids = ahead.written, story["ids"]
    stages = [f"{row['record_id']}:{row['stage']}" for row in story["settled"]]
    ahead.take_members([*ids, *stages])
    ahead.boxes |= {row["box"] for row in story["boxes"]}
    for study in story["studies"]:
        ahead.keys.add(study["study_id"])
    ahead.take_files({place["file"] for place in story["places"]})
    if ahead.boxes and "prisma" in written.paths:
        _take_boxes(ahead)


def _take_boxes(ahead: _Ahead) -> None:
    """Take the definitions that look at the boxes of the flow that hold something."""
    written = ahead.written
    at = written.frame("prisma").where("data")
    rows = {row for box in ahead.boxes for row in at.get(box, [])}
    for definition in written.definitions:
        if written.definitions.base(definition)[0] == "prisma":
            selected = select(written, definition.name)
            if selected and rows & set(selected.rows):
                ahead.looking.setdefault(definition.name, (LOOKS, "prisma"))


def _base(written: Written, definition: Definition) -> str:
    if definition.kind == "reported":
        return "reported"
    return written.definitions.base(definition)[0]


def _cell(ahead: _Ahead, name: str) -> None:
    found = back.walk(ahead.written, "cell", name)
    _of_row(ahead, found["table"], found["key"], found["column"])


def _of_row(ahead: _Ahead, sheet: str, key: str, column: str = "") -> None:
    written = ahead.written
    spec = written.extraction["sheets"][sheet]
    rows = written.frame(sheet).where(spec["key"]).get(key, [])
    ahead.take_rows(sheet, rows, column)
    ahead.keys.add(key)
    _of_extraction(ahead, [sheet], column)


def _of_extraction(ahead: _Ahead, sheets: Iterable[str], column: str = "") -> None:
    """Take the computed tables that are made from the consensus of some sheets, or from their readings."""
    written, sheets = ahead.written, set(sheets)
    if column and written.schemas[next(iter(sheets))].column(column).refers_to:
        column = ""
    made = [written.paths[sheet] for sheet in sheets]
    ahead.take_files(made, {*written.extraction["sheets"], "labels"}, column)
    agreement = written.frame("extraction_agreement")
    for definition in written.definitions:
        if written.definitions.base(definition)[0] != "extraction_agreement":
            continue
        if selected := select(written, definition.name):
            rows = [agreement.row(row) for row in selected.rows]
            if any(row["sheet"] in sheets and (not column or row["column"] in (column, ALL)) for row in rows):  # fmt: skip
                ahead.looking.setdefault(definition.name, (THROUGH, selected.table))


def _is_told(line: dict[str, Any], column: str) -> bool:
    """Return whether a rule's settings name a column, those aside that describe all columns."""

    def names(value: Any) -> Iterable[str]:
        if isinstance(value, dict):
            for key, one in value.items():
                yield from (key, *names(one))
        elif isinstance(value, list):
            for one in value:
                yield from names(one)
        else:
            yield str(value)

    told = {key: value for key, value in line["params"].items() if key != "extraction"}
    return not told or column in set(names(told))


def _row(ahead: _Ahead, name: str) -> None:
    written = ahead.written
    path, _, line = name.rpartition(":")
    found = back.walk(written, "row", name)
    ahead.files |= set(ledger.downstream(written.sidecars, [path]))
    if "ids" in found:
        _of_record(ahead, found)
        return
    cells, is_followed = found.get("cells", {}), bool(found.get("rows"))
    for sheet, key in back.rows_at(written, path, cells):
        is_decision = "column" in cells and cells["column"] in written.schemas[sheet].names  # fmt: skip
        _of_row(ahead, sheet, key, cells["column"] if is_decision else "")
    if not is_followed:
        # Of labels only the row is one: where a reader sees them is written nowhere.
        for table, at in written.paths.items():
            if at == path and table != "labels":
                is_followed = True
                frame = written.frame(table)
                ahead.take_rows(table, [place for place, begins in enumerate(frame.lines) if begins == found["line"]])  # fmt: skip
                ahead.looking = {}
        if "claim_id" in cells:
            is_followed = True
            ahead.claims.add(cells["claim_id"])
            ahead.take_members([cells["claim_id"]])
        if "record_id" in cells and written.records([cells["record_id"]]):
            is_followed = True
            _of_record(ahead, records.story(written, cells["record_id"]))
        if "box" in cells:
            is_followed = True
            ahead.boxes.add(cells["box"])
        of_text = _OF_TEXT.get(_role(written, path))
        if of_text and not found["value"].startswith(("#", "%")):
            is_followed = of_text(ahead, path, int(line))
    if not is_followed:
        ahead.unfollowed = path


def _role(written: Written, path: str) -> str:
    """Return what a file is to the text, as config.yaml says: its `definitions`, its `bibliography`."""
    roles = written.config[0]["manuscript"].items()
    return next((role for role, file in roles if file == path), "")


def _defined(ahead: _Ahead, path: str, line: int) -> bool:
    """Take the numbers of the definition that a line of numbers.yaml is part of; return whether it is of one."""
    definitions = ahead.written.definitions
    before = [(at, key) for key, at in definitions.lines.items() if at <= line]
    _, (section, *name) = max(before, default=(0, ("",)))
    if not name:
        return False

    def rests(definition: Definition | None) -> bool:
        if definition is None or (definition.section, definition.name) == (section, str(name[0])):  # fmt: skip
            return definition is not None
        return rests(definitions.selections.get(definition.spec.get("from", "")))

    of_it = [one for one in ahead.written.numbers if rests(definitions.find(one))]
    ahead.numbers |= dict.fromkeys(of_it, DEFINED)
    return True


def _cited(ahead: _Ahead, path: str, line: int) -> bool:
    """Take the text that cites the entry that a line of the bibliography is part of; return whether it is of one."""
    from retrace.manuscript.template import ENTRY

    entries = ENTRY.findall("\n".join(_lines(path)[:line]))
    if not entries:
        return False
    cites = re.compile(rf"@\{{?{re.escape(entries[-1])}(?![\w:.#$%&+?<>~/-]*\w)")
    ahead.text = [
        {"file": TEXT, "line": at, "sentences": [one for one in _split(said) if cites.search(one)]}
        for at, said in enumerate(_lines(TEXT), start=1)
        if cites.search(said)
    ]  # fmt: skip
    return True


_OF_TEXT = {"definitions": _defined, "bibliography": _cited}


def _read_by(written: Written, path: str) -> list[str]:
    """Return the steps that read a file; config.yaml is what each of them is told."""
    told = [line["rule"] for output, line in written.sidecars.items() if path == CONFIG or any(used["path"] == path for used in line["inputs"])]  # fmt: skip
    return sorted(set(told))


_STARTS = {
    "number": _number,
    "claim": _claim,
    "table": _table,
    "figure": _figure,
    "box": _box,
    "study": _study,
    "record": _record,
    "cell": _cell,
    "row": _row,
}


@functools.cache
def _made_of(written: Written) -> dict[str, list[str]]:
    """Return the numbers that are directly made of a number."""
    found: dict[str, list[str]] = {}
    for number_id in written.numbers:
        for part in back.needs(written, number_id):
            if part != number_id:
                found.setdefault(part, []).append(number_id)
    return found


@functools.cache
def _uses(written: Written) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in written.csv(USES).dicts():
        found.setdefault(row["number_id"], []).append(row["where"])
    return found


def _boxes_of(written: Written, members: Iterable[str]) -> set[str]:
    return {row["box"] for _, row in written.rows_with(BOX_MEMBERS, ["member_id"], members)}  # fmt: skip


def _is_text(where: str) -> bool:
    return not where.startswith(("results/", "data/", "number:"))


def _claims(written: Written, ids: set[str]) -> list[dict[str, Any]]:
    return [
        {"id": row["claim_id"], "verdict": row["verdict"], "says": row["says"]}
        for row in written.csv(CLAIMS).dicts()
        if row["claim_id"] in ids
    ]


def _tables(written: Written, places: set[str], keys: set[str]) -> list[dict[str, Any]]:
    """Return the tables that print a number, or a row of the sheets: which of their rows."""
    found = []
    for name, (path, rows, _) in _shown(written, "tables").items():
        html = path.replace(".csv", ".html")
        at = sorted({row for key in keys for row in rows.get(key, ())})
        if at or not places.isdisjoint((path, html)):
            found.append({"id": name, "rows": at})
    return found


def _figures(
    written: Written, places: set[str], keys: set[str], boxes: set[str]
) -> list[dict[str, Any]]:
    return [
        {"id": name}
        for name, (path, rows, drawn) in _shown(written, "figures").items()
        if path in places or boxes & drawn or not keys.isdisjoint(rows)
    ]


@functools.cache
def _shown(
    written: Written, kind: str
) -> dict[str, tuple[str, dict[str, list[int]], set[str]]]:
    """Return each table's or figure's file, the rows that show a member, and the boxes it draws."""
    found = {}
    for file in sorted(Path(f"results/{kind}").glob("*.csv")):
        table = written.csv(file.as_posix())
        rows: dict[str, list[int]] = {}
        members = table.column("members") if "members" in table.columns else []
        for at, cell in enumerate(members, start=1):
            for member in values(cell):
                rows.setdefault(member, []).append(at)
        boxes = set(table.column("box")) - {""} if "box" in table.columns else set()
        found[file.stem] = (file.as_posix(), rows, boxes)
    return found


def _inserted(
    written: Written, name: str, functions: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the lines of the text that show a table or figure, or refer to it."""
    file = written.config[0]["manuscript"]["template"]
    calls = [f'{function}("{name}")' for function in functions]
    return [
        {"file": file, "line": at, "sentences": [_as_read(written, one) for one in _split(line) if any(call in one for call in calls)]}
        for at, line in enumerate(_lines(file), start=1)
        if any(call in line for call in calls)
    ]  # fmt: skip


def _sentences(
    written: Written, places: Iterable[str], numbers: set[str]
) -> list[dict[str, Any]]:
    """Return the lines of the text that use some numbers, with the sentences that do."""
    named = numbers | {one.partition(".")[0] for one in numbers}
    split = [where.rpartition(":") for where in places]
    found = []
    for file, line in sorted({(file, int(line)) for file, _, line in split if line.isdecimal()}):  # fmt: skip
        text = next(iter(_lines(file)[line - 1 : line]), "")
        sentences = [
            _as_read(written, sentence)
            for sentence in _split(text)
            if not named.isdisjoint(re.findall(r'"([A-Za-z0-9_.+-]+)"', sentence))
        ]
        sentences = sentences or [_as_read(written, text)]
        found.append({"file": file, "line": line, "sentences": sentences})
    return found


@functools.cache
def _lines(file: str) -> list[str]:
    path = Path(file)
    return path.read_text(encoding="utf-8").split("\n") if path.is_file() else []


def _split(text: str) -> list[str]:
    return re.split(r"(?<=[.!?]) +(?=[^ ])", text)


def _as_read(written: Written, sentence: str) -> str:
    """Return a sentence of the template with the values of its numbers, nearly as it is printed."""

    def said(call: re.Match) -> str:
        named = re.match(r'\s*(\w+)\(\s*"([^"]*)"', call[1])
        if not named:
            return "[…]"
        number = written.numbers.get(named[2]) if named[1] == "n" else None
        return number["value"] if number else f"[{named[2]}]"

    return re.sub(r"\{%.*?%\}", "", re.sub(r"\{\{(.*?)\}\}", said, sentence)).strip()
