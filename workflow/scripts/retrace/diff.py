"""Say what differs between two builds of a review, and which input, setting or code made it differ.

Both are read as they were written, tables and ledger; nothing is built or computed again, so
an old build in another folder can be compared, whatever code made it.
"""

import base64
import csv
import functools
import html
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from retrace import ledger, plain_page
from retrace.errors import Problem, ReviewError, some

LISTED = 12
"""How many members a line of text names; the JSON has all."""
LAST = "results/audit/index.html"
"""What a build makes last, from all that it made."""


_STYLE = """
body { max-width: 70rem; }
.pair { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { flex: 1 1 20rem; margin: 0; }
img { max-width: 100%; border: 1px solid #ddd; }
"""


def hold_finished(*folders: str | Path) -> None:
    """See to it that each folder holds a finished build of the raw files that stand in it now.

    Told by the ledger of the folder itself: other code is a cause of what differs, and no fault.

    Raises:
        ReviewError: a build did not come to its end, or files changed after it.
    """
    problems = [
        Problem(str(folder), what=f"no finished build of what stands here: {some(amiss, 3)}",
                remedy=f"run `retrace build -d {folder}`")
        for folder in dict.fromkeys(folders)
        if (amiss := list(dict.fromkeys(_amiss(Path(folder)))))
    ]  # fmt: skip
    if problems:
        raise ReviewError(problems)


def _amiss(folder: Path) -> Iterator[str]:
    """Say what is not as the last step of a finished build left it, from that step up to the raw files."""
    lines, todo = ledger.every_line(folder), [LAST]

    @functools.cache
    def digest(path: str) -> str:
        return ledger.sha256(folder / path) if (folder / path).is_file() else ""

    for path in todo:
        line = lines.get(path)
        if not digest(path) or line is None:
            yield f"{path} is missing"
            continue
        if digest(path) != line["sha256"]:
            yield f"{path} is edited"
        used = {one["path"]: one["sha256"] for one in line["inputs"]}
        for one, was in {**used, **line["lines"]}.items():
            if digest(one) and digest(one) != was:
                yield f"{path} is stale (made from another {one})"
            elif one not in lines and not digest(one):
                yield f"{one} is missing"
        todo += [one for one in used if one in lines and one not in todo]
    if LAST in lines:
        read = {one["path"] for line in lines.values() for one in line["inputs"]}
        for file in sorted((folder / "data/raw").rglob("*")):
            name = file.relative_to(folder)
            if file.is_file() and name.as_posix() not in read and not any(part.startswith(".") for part in name.parts):  # fmt: skip
                yield f"{name.as_posix()} came after the build"


def compare(old: str | Path, new: str | Path) -> dict[str, Any]:
    """Return what came, went and changed from one built review to another.

    Keys: `causes` (of each changed raw file, setting and code), `records`, `decisions`,
    `numbers`, `claims` and `figures`. Both are finished: see `hold_finished`.
    """
    folders = (Path(old), Path(new))
    return {
        "causes": _causes(*folders),
        "records": _records(*folders),
        "decisions": _changed_rows(
            *folders, "screening/settled.csv", ("record_id", "stage"), ("decision", "reason", "basis")
        ),
        "numbers": _numbers(*folders),
        "claims": _changed_rows(
            *folders, "claims/claims.csv", ("claim_id",), ("verdict", "recomputed", "why")
        ),
        "figures": _figures(*folders),
    }  # fmt: skip


def as_text(found: dict[str, Any]) -> str:
    """Return a comparison in lines for people."""
    lines = []
    for kind in ("records", "decisions", "numbers", "claims", "figures"):
        for change in found[kind]:
            lines.append(f"{kind[:-1]} {_name(change)}; {_said(change)}")
    if not lines:
        lines.append("Nothing differs in what the review says.")
    lines += (
        ["", "Because of:"]
        if found["causes"]
        else ["", "No input, setting or code differs."]
    )
    lines += [
        f"  {cause['kind']} {cause['name']}: {cause['what']}"
        for cause in found["causes"]
    ]
    return "\n".join(lines)


def as_html(found: dict[str, Any], old: str | Path, new: str | Path) -> str:
    """Return a comparison as one page that asks the network for nothing; figures side by side."""
    parts = []
    for kind in ("causes", "records", "decisions", "numbers", "claims"):
        rows = "".join(
            f"<tr><th scope=row>{html.escape(_name(change))}</th>"
            f"<td>{html.escape(_said(change))}</td></tr>"
            for change in found[kind]
        )
        body = f"<table>{rows}</table>" if rows else "<p>Nothing.</p>"
        parts.append(f"<section><h2>{kind.capitalize()}</h2>{body}</section>")
    for change in found["figures"]:
        pictures = "".join(
            f'<figure><img alt="{html.escape(change["id"])}, {when}" src="{_embedded(Path(folder), change["id"])}">'
            f"<figcaption>{when}</figcaption></figure>"
            for when, folder in (("old", old), ("new", new))
        )
        parts.append(
            f"<section><h2>{html.escape(change['id'])}</h2><div class=pair>{pictures}</div></section>"
        )
    return plain_page.made("What changed", "".join(parts), style=_STYLE, pictures=True)


def _name(change: dict[str, Any]) -> str:
    return str(change.get("id") or change.get("name"))


def _said(change: dict[str, Any]) -> str:
    """Return of one change what it was, what it is, and the members that made it."""
    said = []
    if change.get("change"):
        said.append(change["change"])
    if "what" in change:
        said.append(change["what"])
    for column, (before, after) in change.get("cells", {}).items():
        said.append(f"{column}: {before or '(empty)'} -> {after or '(empty)'}")
    for way in ("came", "went"):
        if change.get(way):
            said.append(f"{way}: {some(change[way], LISTED)}")
    return "; ".join(said)


def _causes(old: Path, new: Path) -> list[dict[str, Any]]:
    """Return every raw file, setting and rule's code that the ledgers of two builds tell apart."""
    lines = [ledger.every_line(folder) for folder in (old, new)]
    found: dict[tuple[str, str], str] = {}
    raw = [
        {
            used["path"]: used["sha256"]
            for line in of.values()
            for used in line["inputs"]
            if used["path"] not in of
        }
        for of in lines
    ]
    for path in sorted(set(raw[0]) | set(raw[1])):
        if raw[0].get(path) != raw[1].get(path):
            found["input", path] = _came_or_went(path in raw[0], path in raw[1])
    for path in sorted(set(lines[0]) & set(lines[1])):
        before, after = lines[0][path], lines[1][path]
        rule = after["rule"]
        if before["code_sha256"] != after["code_sha256"]:
            found["code", rule] = (
                f"{before['code_sha256'][:12]} -> {after['code_sha256'][:12]}"
            )
        for name in sorted(set(before["params"]) | set(after["params"])):
            if before["params"].get(name) != after["params"].get(name):
                found["setting", f"{rule}.{name}"] = _differing(
                    before["params"].get(name), after["params"].get(name)
                )
    return [
        {"kind": kind, "name": name, "what": what}
        for (kind, name), what in sorted(found.items())
    ]


def _differing(before: Any, after: Any, place: str = "") -> str:
    """Return the innermost values that differ, by their place."""
    if isinstance(before, dict) and isinstance(after, dict):
        return "; ".join(
            _differing(before.get(key), after.get(key), f"{place}.{key}".lstrip("."))
            for key in sorted(set(before) | set(after))
            if before.get(key) != after.get(key)
        )
    shown = [json.dumps(value, ensure_ascii=False) for value in (before, after)]
    shown = [value if len(value) < 60 else value[:57] + "..." for value in shown]
    return f"{place} {shown[0]} -> {shown[1]}".strip()


def _records(old: Path, new: Path) -> list[dict[str, Any]]:
    import pandas as pd

    def titles(folder: Path) -> dict[str, str]:
        path = folder / "results/records/deduplicated.parquet"
        if not path.is_file():
            return {}
        frame = pd.read_parquet(path, columns=["record_id", "title"])
        return dict(zip(frame["record_id"], frame["title"], strict=True))

    before, after = titles(old), titles(new)
    return [
        {
            "id": name,
            "change": _came_or_went(name in before, name in after),
            "what": title,
        }
        for name, title in (before | after).items()
        if (name in before) != (name in after)
    ]


def _changed_rows(
    old: Path, new: Path, table: str, key: tuple[str, ...], columns: Iterable[str]
) -> list[dict[str, Any]]:
    before, after = (_table(folder / "results" / table, *key) for folder in (old, new))
    return _changes(before, after, columns)


def _numbers(old: Path, new: Path) -> list[dict[str, Any]]:
    then, now = (
        _table(folder / "results/numbers/numbers.csv", "number_id")
        for folder in (old, new)
    )
    members = [
        _members(folder / "results/numbers/members.csv") for folder in (old, new)
    ]
    known = {
        change["id"]: change
        for change in _changes(then, now, ("value", "definition", "selection"))
    }
    for name in now:
        before, after = members[0].get(name, {}), members[1].get(name, {})
        if name in then and before.keys() != after.keys():
            change = known.setdefault(name, {"id": name, "change": "", "cells": {}})
            change["came"] = [member for member in after if member not in before]
            change["went"] = [member for member in before if member not in after]
    return [known[name] for name in dict.fromkeys([*then, *now]) if name in known]


def _changes(
    before: dict[str, dict[str, str]],
    after: dict[str, dict[str, str]],
    columns: Iterable[str],
) -> list[dict[str, Any]]:
    found = []
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            row = before.get(name) or after[name]
            cells = {
                column: _sided(row[column], name in before)
                for column in list(columns)[:1]
            }
            found.append(
                {
                    "id": name,
                    "change": _came_or_went(name in before, name in after),
                    "cells": cells,
                }
            )
            continue
        cells = {
            column: (before[name].get(column, ""), after[name].get(column, ""))
            for column in columns
            if before[name].get(column, "") != after[name].get(column, "")
        }
        if cells:
            found.append({"id": name, "change": "", "cells": cells})
    return found


def _figures(old: Path, new: Path) -> list[dict[str, Any]]:
    names = {
        path.stem
        for folder in (old, new)
        for path in (folder / "results/figures").glob("*.svg")
    }
    found = []
    for name in sorted(names):
        drawn = [folder / f"results/figures/{name}.svg" for folder in (old, new)]
        there = [path.is_file() for path in drawn]
        if not all(there):
            found.append({"id": name, "change": _came_or_went(*there)})
        elif drawn[0].read_bytes() != drawn[1].read_bytes():
            data = [folder / f"results/figures/{name}.csv" for folder in (old, new)]
            same = data[0].read_bytes() == data[1].read_bytes()
            found.append(
                {
                    "id": name,
                    "change": "redrawn",
                    "what": "the same data" if same else "other data",
                }
            )
    return found


def _table(path: Path, *key: str) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            " ".join(row[name] for name in key): row for row in csv.DictReader(file)
        }


def _members(path: Path) -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["number_id"], {})[row["member_id"]] = None
    return found


def _sided(value: str, was: bool) -> tuple[str, str]:
    return (value, "") if was else ("", value)


def _came_or_went(before: bool, after: bool) -> str:
    return "changed" if before and after else "went" if before else "came"


def _embedded(folder: Path, name: str) -> str:
    path = folder / f"results/figures/{name}.svg"
    if not path.is_file():
        return "data:,"
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()
