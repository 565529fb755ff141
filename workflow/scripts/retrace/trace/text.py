"""Print a walk for people: what it is first, then where it comes from, then what rests on it.

Long lists are cut and say how much is left, digests are cut to what tells them apart by eye;
``whole`` shows all. Whatever came from a file cannot steer the terminal.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from retrace.errors import on_one_line, so_many

WIDTH = 100
SHOWN = 6
"""How much of a list is shown unless all of it is asked for."""


def as_text(
    found: Mapping[str, Any],
    onward: Mapping[str, Any] | None = None,
    *,
    whole: bool = False,
) -> str:
    """Return a walk, and what rests on it, in lines for people."""
    page = _Page(whole)
    page.thing(found)
    behind = found.get("behind")
    while behind:
        page.line("")
        page.line(f"behind it: {behind['kind']}:{behind['id']}")
        page.thing(behind, 1)
        behind = behind.get("behind")
    if onward is not None:
        page.onward(onward)
    page.made(found)
    return "\n".join(page.lines) + "\n"


class _Page:
    def __init__(self, whole: bool):
        self.whole = whole
        self.lines: list[str] = []

    def line(self, text: str, depth: int = 0) -> None:
        """Add a line; what cannot be printed is written out."""
        self.lines.append("  " * depth + on_one_line(text))

    def wrapped(self, text: str, depth: int = 1) -> None:
        """Add a sentence, broken into lines."""
        for part in textwrap.wrap(text, WIDTH - 2 * depth) or []:
            self.line(part, depth)

    def head(self, text: str) -> None:
        """Add the line that begins a part."""
        self.line("")
        self.line(text)

    def some(self, items: Sequence[Any], most: int = SHOWN) -> Sequence[Any]:
        """Return the items that are shown: one more is no reason to cut."""
        return items if self.whole or len(items) <= most + 1 else items[:most]

    def rest(self, items: Sequence[Any], depth: int, most: int = SHOWN) -> None:
        """Say how many items are left out."""
        if left := len(items) - len(self.some(items, most)):
            self.line(f"... and {left} more (--all shows them)", depth)

    def listed(self, name: str, items: Iterable[str], depth: int = 1) -> None:
        """Add a list on as many lines as it needs."""
        items = list(items)
        if not items:
            return
        shown = self.some(items, 12)
        text = ", ".join(shown)
        if len(shown) < len(items):
            text += f" and {len(items) - len(shown)} more"
        pad = " " * 13
        parts = textwrap.wrap(
            text, WIDTH - 16, break_long_words=False, break_on_hyphens=False
        )
        for at, part in enumerate(parts):
            self.line(f"{name.ljust(13) if not at else pad}{part}", depth)

    # --- what it is ---------------------------------------------------------------------

    def thing(self, found: Mapping[str, Any], depth: int = 0) -> None:
        kind, value = found["kind"], found.get("value", "")
        is_number = kind in ("number", "cell") or "column" in found
        named = f"{kind} {found['id']}"
        if value and kind != "claim" and value not in (found["id"], found.get("key")):
            named += f" = {value}" if is_number else f": {value}"
        self.line(named, depth)
        for name in ("definition", "says"):
            if found.get(name):
                self.wrapped(found[name], depth + 1)
        getattr(self, f"_{kind}", lambda *_: None)(found, depth + 1)
        self._shared(found, depth)

    def _number(self, found: Mapping[str, Any], depth: int) -> None:
        how = found["number_kind"] + (f" of {found['of']}" if found["of"] else "")
        self.wrapped(f"{how}{': ' + found['selection'] if found['selection'] else ''}", depth)  # fmt: skip
        if rule := found.get("rule"):
            self.wrapped(f"counting rule {rule['name']}: {rule['says']}", depth)
        if defined := found.get("defined"):
            self.line(f"defined in {defined['file']}:{defined['line']} as {defined['name']}", depth)  # fmt: skip
        if made_of := found["made_of"]:
            self.line(f"made of {so_many(len(made_of), 'number')}", depth)
            for part in self.some(made_of, 8):
                self.line(f"{part['id']} = {_short(part['value'], 50)}  {_short(part['definition'], 60)}", depth + 1)  # fmt: skip
            self.rest(made_of, depth + 1, 8)

    def _claim(self, found: Mapping[str, Any], depth: int) -> None:
        self.line(f"{found['location']} ({found['basis']})", depth)
        self.line(f"stated {found['stated'] or 'in words'} ({found['relation']}), recomputed {found['recomputed'] or 'not'}", depth)  # fmt: skip
        self.wrapped(f"{found['verdict']}: {found['why']}", depth)
        for one in found["alternatives"]:
            self.line(f"another counting rule: {one['id']} = {one['value']}  {_short(one['definition'], 60)}", depth)  # fmt: skip
        for place in found["places"]:
            self.line(_place(place), depth)
            if place["cells"].get("note"):
                self.wrapped(f"note: {place['cells']['note']}", depth + 1)

    def _box(self, found: Mapping[str, Any], depth: int) -> None:
        self.line(found["count_kind"].replace("_", " "), depth)
        for place in found["places"]:
            self.line(_place(place), depth)

    def _figure(self, found: Mapping[str, Any], depth: int) -> None:
        for mark in self.some(found["marks"], 10):
            behind = mark.get("number_id") or mark.get("box") or ""
            label = mark.get("text") or mark.get("row_label") or mark["id"]
            self.line(f"line {mark['line']}: {_short(mark['id'], 40)}  {_short(label, 50)}  {behind}".rstrip(), depth)  # fmt: skip
        self.rest(found["marks"], depth, 10)

    def _table(self, found: Mapping[str, Any], depth: int) -> None:
        if "cells" in found:
            for title, cell in found["cells"].items():
                self.wrapped(f"{title}: {cell}", depth)
            for number in found["numbers"]:
                self.line(f"number {number['id']} = {number['value']}", depth)
            return
        for row in self.some(found["rows"], 10):
            first = " | ".join(_short(cell, 24) for cell in list(row["cells"].values())[:3])  # fmt: skip
            self.line(f"row {row['row']}: {first}  {_short('; '.join(row['members']), 40)}", depth)  # fmt: skip
        self.rest(found["rows"], depth, 10)

    def _row(self, found: Mapping[str, Any], depth: int) -> None:
        self.line(f"sha256 {found['sha256'][:12]}", depth)
        for name, cell in found.get("cells", {}).items():
            if cell:
                self.line(f"{name}: {_short(cell, 80)}", depth)

    def _record(self, found: Mapping[str, Any], depth: int) -> None:
        named = [f"{name} {found[name]}" for name in ("year", "doi") if found[name]]
        if named:
            self.line(", ".join(named), depth)
        if found["kept_id"] != found["id"]:
            self.line(f"merged into {found['kept_id']}", depth)

    # --- where it comes from ---------------------------------------------------------------

    def _shared(self, found: Mapping[str, Any], depth: int) -> None:
        if "title" in found:
            self._story(found)
        if members := found.get("members"):
            self.line("")
            self.line(f"members ({len(members)})", depth)
            for member in self.some(members):
                self.member(member, depth + 1)
            left = [one["id"] if one["label"] == one["id"] else f"{one['id']} ({one['label']})" for one in members[len(self.some(members)):]]  # fmt: skip
            if left:
                self.listed("and", left, depth + 1)
        if found.get("records"):
            self.head("records")
            for record in found["records"]:
                self.line(f"{record['id']}  {_short(record['title'], 70)}", 1)
                for place in [record["said"], *record["places"]]:
                    if place:
                        self.line(_place(place), 2)
        if found.get("notices"):
            self.head("notices and open access")
            for one in found["notices"]:
                self.line(f"{_at(one)}  {one['notice'].replace('_', ' ')}; open access: {one['open_access'].replace('_', ' ')}", 1)  # fmt: skip
                for says in filter(None, one["says"].split(" | ")):
                    self.line(says, 2)
                for place in one["places"]:
                    self.line(_place(place), 2)
        rows = [row for row in found.get("rows", []) if "table" in row]
        if rows:
            self.line("")
            self.line("rows", depth)
            for row in self.some(rows, 12):
                self.entry(row, depth + 1)
            self.rest(rows, depth + 1, 12)
        if found["kind"] == "study" and found["boxes"]:
            self.line("")
            self.listed("boxes", [f"box:{row['box']}" for row in found["boxes"]], 0)

    def member(self, member: Mapping[str, Any], depth: int) -> None:
        label = f"  {_short(member['label'], 70)}" if member["label"] != member["id"] else ""  # fmt: skip
        reason = f"  ({member['reason']})" if member.get("reason") else ""
        reason += f"  number:{member['number']}" if "number" in member else ""
        self.line(f"{member['id']}{label}{reason}", depth)
        rows = member.get("rows", [])
        for row in self.some(rows, 4):
            self.entry(row, depth + 1)
        self.rest(rows, depth + 1, 4)
        if not any("places" in row or "rows" in row for row in rows):
            for place in self.some(member.get("places", []), 4):
                self.line(_place(place), depth + 1)
        self._decided(member, depth + 1)

    def entry(self, row: Mapping[str, Any], depth: int) -> None:
        """Add a row of the consensus: its cells, and what its readings had."""
        cells = {name: cell for name, cell in row.get("cells", {}).items() if cell}
        said = ", ".join(f"{name} {_short(cell, 40)}" for name, cell in list(cells.items())[: None if self.whole else 8])  # fmt: skip
        if row.get("dropped"):
            said = "not in the consensus"
        self.line(f"{row['table']} {row['key']}: {said}" if said else f"{row['table']} {row['key']}", depth)  # fmt: skip
        places = row.get("places", [])
        same = [one for one in places if "cells" not in one or one["cells"] == row.get("cells")]  # fmt: skip
        if same:
            self.line("  ".join(_at(one) for one in same), depth + 1)
        for one in places:
            if one not in same:
                other = [f"{name} {_apart(cell, row.get('cells', {}).get(name, ''), self.whole)}" for name, cell in one["cells"].items() if cell != row.get("cells", {}).get(name)]  # fmt: skip
                self.line(f"{_at(one)} has {', '.join(other)}", depth + 1)
        if not places:
            self.line(_at(row), depth + 1)
        self._decided(row, depth + 1)
        for inner in self.some(row.get("rows", []), 4):
            self.entry(inner, depth + 1)
        self.rest(row.get("rows", []), depth + 1, 4)
        for note in row.get("notes", []) if self.whole else []:
            self.line(f"{_at(note)} note: {note['note']}", depth + 1)

    def _decided(self, row: Mapping[str, Any], depth: int) -> None:
        decisions = row.get("decisions", [])
        for one in self.some(decisions):
            if "chosen" in one:
                self.line(f"{_at(one)} chose {_apart(one['chosen'], one.get('value_a') or one.get('coding_a', ''), self.whole)} for {one['column']}: {_short(one['reason'], 90)}", depth)  # fmt: skip
            else:
                self._decision(one, depth)
        self.rest(decisions, depth)

    def _decision(self, one: Mapping[str, Any], depth: int) -> None:
        who = one.get("reviewer") or one.get("decided_by") or one.get("basis") or ""
        reason = f": {one['reason']}" if one.get("reason") else ""
        copy = f" on {one['record_id']}"
        self.line(f"{_at(one)}  {one['stage']} {one['decision']}{reason} ({who}{copy})", depth)  # fmt: skip

    def _story(self, found: Mapping[str, Any]) -> None:
        self.head("read from")
        for place in found["places"]:
            self.line(_place(place), 1)
        if found["merges"]:
            self.head(f"one record with it ({len(found['merges'])} rows merged into {found['kept_id']})")  # fmt: skip
            for one in self.some(found["merges"]):
                alike = ", ".join(f"{name} {value:g}" for name, value in one["similarities"].items())  # fmt: skip
                self.line(f"{one['record_id']} by {one['rule']}: {alike}", 1)
                self.line(f"{one['row_id']} equals {one['matched_row_id']}  ({_at(one)})", 2)  # fmt: skip
            self.rest(found["merges"], 1)
        for one in found["overrides"]:
            self.line(f"{_at(one)} {one['action']} {one['record_id']} and {one['kept_id']}: {one['reason']}", 1)  # fmt: skip
        if found["borderline"]:
            self.head("left apart, in doubt")
            for one in self.some(found["borderline"]):
                other = one["other_id"] if one["record_id"] in found["ids"] else one["record_id"]  # fmt: skip
                self.line(f"{other}: {one['objections']}  ({_at(one)})", 1)
        if found["decisions"] or found["resolutions"] or found["settled"]:
            self.head("decisions")
            for one in (*found["decisions"], *found["resolutions"], *found["settled"]):
                self._decision(one, 1)
        if found["studies"]:
            self.head("study")
            for one in found["studies"]:
                self.line(f"study:{one['study_id']}  {_at(one)}", 1)
        if found["boxes"]:
            self.head("boxes")
            for one in found["boxes"]:
                reason = f": {one['reason']}" if one["reason"] else ""
                self.line(f"box:{one['box']}{reason}", 1)

    # --- what rests on it, and what made it -------------------------------------------------

    def onward(self, found: Mapping[str, Any]) -> None:
        """Add what would change."""
        if "read_by" in found:
            self.head("what rests on this line is not followed")
            self.wrapped(f"its file is read by {', '.join(found['read_by']) or 'no step of the build'}")  # fmt: skip
            return
        parts = ("numbers", "claims", "tables", "figures", "text", "looked_at_by")
        if not any(found[part] for part in parts):
            self.head(
                "what rests on it: nothing in the text, claims, tables or figures"
            )
            return
        self.head("what rests on it")
        direct = [f"{one['id']} = {_short(one['value'], 30)}" for one in found["numbers"] if one["how"] != "made_of"]  # fmt: skip
        made = [f"{one['id']} = {_short(one['value'], 30)}" for one in found["numbers"] if one["how"] == "made_of"]  # fmt: skip
        self.listed("numbers", direct)
        self.listed("made of it" if not direct else "and of them", made)
        self.listed("claims", [f"{one['id']} ({one['verdict']})" for one in found["claims"]])  # fmt: skip
        self.listed("tables", [one["id"] + (f" (row {', '.join(map(str, one['rows'][:6]))})" if one["rows"] else "") for one in found["tables"]])  # fmt: skip
        self.listed("figures", [one["id"] for one in found["figures"]])
        if found["text"]:
            self.line("text", 1)
            for one in self.some(found["text"], 5):
                self.line(f"{one['file']}:{one['line']}", 2)
                said = " ".join(one["sentences"])
                self.wrapped(said if self.whole else _short(said, 180), 3)
            self.rest(found["text"], 2, 5)
        for how, says in (
            (
                "looks_at",
                "look at it and pass it by now, or count it under another term",
            ),
            ("through", "are read from tables made with it"),
            ("made_of", "are made of those"),
        ):
            names = [one["name"] for one in found["looked_at_by"] if one["how"] == how]
            if names:
                self.line(f"{len(names)} more definitions {says}:", 1)
                self.listed("", names, 1)

    def made(self, found: Mapping[str, Any]) -> None:
        """Add the rules, code, settings and files that took part."""
        if found["rules"]:
            self.head("made by")
        for rule in found["rules"]:
            changed = ", changed since the build" if rule["code_changed_since_build"] else ""  # fmt: skip
            self.line(f"{rule['rule']}  code {rule['code_sha256'][:12]}{changed}: {rule['script']['path']} and {len(rule['modules'])} modules", 1)  # fmt: skip
            for file in self.some(rule["files"], 4):
                self.line(f"{file['path']}  sha256 {file['sha256'][:12]}", 2)
            self.rest(rule["files"], 2, 4)
            for used in self.some(rule["config"], 4):
                value = used["value"]
                is_long = isinstance(value, dict | list) and len(str(value)) > 50
                self.line(f"{used['file']}:{used['line']}  {used['key']}{'' if is_long else f' = {value}'}", 2)  # fmt: skip
            self.rest(rule["config"], 2, 4)
        outputs = [file for file in found["files"] if "rule" in file]
        raw = [file for file in found["files"] if "rule" not in file]
        for name, files in (("outputs", outputs), ("raw files", raw)):
            if files:
                self.head(name)
            for file in self.some(files, 12):
                changed = "  changed since the build" if file.get("changed_since_build") else ""  # fmt: skip
                digest = file["sha256"] if self.whole else file["sha256"][:12]
                self.line(f"{file['path']}  sha256 {digest}{changed}", 1)
            self.rest(files, 1, 12)


def _at(place: Mapping[str, Any]) -> str:
    return f"{place['file']}:{place['line']}" if place.get("line") else place["file"]


def _place(place: Mapping[str, Any]) -> str:
    parts = [_at(place)]
    if place.get("ordinal"):
        parts[0] += f" (record {place['ordinal']}, byte {place['offset']})"
    return f"{parts[0]}  sha256 {place['sha256'][:12]}"


def _apart(cell: str, other: str, whole: bool) -> str:
    """Return a cell beside another one, cut to where the two part."""
    if len(cell) <= 40 or whole:
        return cell or "(empty)"
    at = next((n for n, (a, b) in enumerate(zip(cell, other, strict=False)) if a != b), 0)  # fmt: skip
    begin = max(0, min(at - 15, len(cell) - 40))
    return ("…" if begin else "") + _short(cell[begin:], 40)


def _short(text: object, limit: int) -> str:
    text = str(text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
