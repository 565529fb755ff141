"""Walk an id of a built review back to raw files, rows and bytes, and name the code that took part.

Nothing is computed again: what was written when the review was built (numbers and members,
sidecars of the ledger, tables) is followed from the value to its sources.
"""

import csv
import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from retrace import ledger
from retrace.errors import Problem, ReviewError, on_one_line, some

NUMBERS = Path("results/numbers/numbers.csv")
NUMBER_MEMBERS = Path("results/numbers/members.csv")
PRISMA = Path("results/flow/prisma.csv")
BOX_MEMBERS = Path("results/flow/members.csv")
CLAIMS = Path("results/claims/claims.csv")
LABELS = Path("results/extraction/labels.csv")
RECORDS = Path("results/records/records.parquet")
INCLUDED = Path("data/raw/published/included.csv")


def walk(asked: str) -> dict[str, Any]:
    """Return what is known of an id: value, members with their places, files and code behind it.

    ``asked`` may carry its kind (`number:`, `figure:`, `table:`, `box:`, `claim:`, `study:`,
    `record:`); a bare id must be unique.

    Raises:
        ReviewError: nothing was built, the id is unknown (the nearest ones are named), or it
            is of several kinds.
    """
    if not NUMBERS.is_file():
        raise ReviewError(
            Problem(
                "results",
                what="nothing is built here",
                remedy="run `retrace build` first",
            )
        )
    kind, _, name = asked.partition(":")
    if kind not in _WALKS:
        kind, name = "", asked
    ids = {of: _ids(of) for of in ([kind] if kind else _WALKS)}
    found = [of for of, names in ids.items() if name in names]
    if len(found) == 1:
        return {"id": name, "kind": found[0], **_WALKS[found[0]](name)}
    if found:
        what = f"{name} is of several kinds"
        raise ReviewError(
            Problem(
                "trace", what=what, expected=" or ".join(f"{of}:{name}" for of in found)
            )
        )
    near = [
        f"{of}:{close}"
        for of, names in ids.items()
        for close in difflib.get_close_matches(name, names, 3, 0.5)
    ]
    known = f"one of {some(near, 6)}" if near else "an id of this review"
    raise ReviewError(Problem("trace", what=f"{asked} is not known", expected=known))


def as_text(found: dict[str, Any]) -> str:
    """Return a walk in lines for people."""
    lines = [f"{found['kind']} {found['id']}"]
    for name in (
        "value",
        "definition",
        "selection",
        "says",
        "stated",
        "verdict",
        "why",
        "title",
    ):
        if found.get(name):
            lines.append(f"  {name}: {found[name]}")
    if members := found.get("members"):
        lines.append(f"  members: {len(members)}")
    for member in members or []:
        label = f" ({member['label']})" if member["label"] != member["id"] else ""
        lines.append(f"    {member['id']}{label}")
        lines += [f"      {_place(place)}" for place in member["places"]]
    lines += [f"  stands in {_place(place)}" for place in found.get("places", [])]
    if found["files"]:
        lines.append("  made from:")
    for file in found["files"]:
        by = (
            f"  by {file['rule']}, code {file['code_sha256'][:12]}"
            if "rule" in file
            else "  raw"
        )
        lines.append(f"    {file['path']}  sha256 {file['sha256'][:12]}{by}")
    if "behind" in found:
        lines += ["", *as_text(found["behind"]).split("\n")]
    return "\n".join(map(on_one_line, lines))


def chain(*outputs: str | Path) -> list[dict[str, Any]]:
    """Return the files behind some outputs, each once, the outputs first and raw files last.

    Raises:
        ReviewError: the ledger has no line for one of them.
    """
    seen: dict[str, dict[str, Any]] = {}
    todo = [str(output) for output in outputs]
    while todo:
        path = todo.pop(0)
        if path in seen:
            continue
        if not path.startswith("results/"):
            if Path(path).is_file():
                seen[path] = {"path": path, "sha256": ledger.sha256(path)}
            continue
        try:
            (line,) = ledger.lines_of([path])
        except OSError:
            raise ReviewError(
                Problem(
                    path,
                    what="the ledger has no line for it",
                    remedy="run `retrace build`",
                )
            ) from None
        seen[path] = {
            "path": path, "sha256": line["sha256"], "rule": line["rule"],
            "code_sha256": line["code_sha256"], "params": line["params"],
        }  # fmt: skip
        todo += [used["path"] for used in line["inputs"]]
    return sorted(seen.values(), key=lambda file: "rule" not in file)


def _number(name: str) -> dict[str, Any]:
    row = next(row for row in _rows(NUMBERS) if row["number_id"] == name)
    members = [
        member["member_id"]
        for member in _rows(NUMBER_MEMBERS)
        if member["number_id"] == name
    ]
    source = (
        next(iter(Path("results").glob(f"*/{row['table']}.csv")), None)
        if row["table"]
        else None
    )
    behind = [source] if source else [NUMBERS]
    return row | {
        "members": _members(members),
        "files": chain(*behind, "manuscript/numbers.yaml"),
    }


def _figure(name: str) -> dict[str, Any]:
    files = sorted(Path("results/figures").glob(f"{name}.*"))
    return {"value": f"{len(files)} files", "files": chain(*files)}


def _table(name: str) -> dict[str, Any]:
    files = sorted(Path("results/tables").glob(f"{name}.*"))
    return {
        "value": f"{sum(1 for _ in _rows(Path(f'results/tables/{name}.csv')))} rows",
        "files": chain(*files),
    }


def _box(name: str) -> dict[str, Any]:
    rows = [row for row in _rows(PRISMA) if row["data"] == name]
    members = [row["member_id"] for row in _rows(BOX_MEMBERS) if row["box"] == name]
    value = "; ".join(
        f"{row['boxtext']}: {row['n'] or row['kind'].replace('_', ' ')}" for row in rows
    )
    return {
        "value": value, "definition": rows[0]["tooltips"], "members": _members(dict.fromkeys(members)),
        "files": chain(PRISMA, BOX_MEMBERS),
    }  # fmt: skip


def _claim(name: str) -> dict[str, Any]:
    row: dict[str, Any] = next(row for row in _rows(CLAIMS) if row["claim_id"] == name)
    found = row | {
        "value": row["recomputed"],
        "files": chain(CLAIMS),
        "places": _places(name),
    }
    if row["number_id"]:
        found["behind"] = walk(f"number:{row['number_id']}")
    return found


def _study(name: str) -> dict[str, Any]:
    return {"value": _labels().get(name, name), "places": _places(name), "files": []}


def _record(name: str) -> dict[str, Any]:
    rows = [row for row in _records() if row["record_id"] == name]
    places = [
        {"file": row["raw_file"], "row": row["raw_position"], "offset": row["raw_offset"],
         "sha256": ledger.sha256(row["raw_file"])}
        for row in rows
    ]  # fmt: skip
    return {
        "title": rows[0]["title"],
        "places": places + _places(name),
        "files": chain(RECORDS),
    }


_WALKS: dict[str, Callable[[str], dict[str, Any]]] = {
    "number": _number,
    "figure": _figure,
    "table": _table,
    "box": _box,
    "claim": _claim,
    "study": _study,
    "record": _record,
}


def _ids(kind: str) -> list[str]:
    if kind in ("figure", "table"):
        return [path.stem for path in sorted(Path(f"results/{kind}s").glob("*.csv"))]
    if kind == "record":
        return [row["record_id"] for row in _records()]
    path, column = {
        "number": (NUMBERS, "number_id"),
        "box": (PRISMA, "data"),
        "claim": (CLAIMS, "claim_id"),
        "study": (INCLUDED, "study_id"),
    }[kind]
    if kind == "study" and not path.is_file():
        path, column = BOX_MEMBERS, "member_id"
        return [row[column] for row in _rows(path) if row["box"] == "new_studies"]
    return [row[column] for row in _rows(path)]


def _members(ids: Iterable[str]) -> list[dict[str, Any]]:
    labels, found = _labels(), _places_of(set(ids := list(ids)))
    return [
        {"id": name, "label": labels.get(name, name), "places": found.get(name, [])}
        for name in ids
    ]


def _labels() -> dict[str, str]:
    return {row["term"]: row["label"] for row in _rows(LABELS)}


def _places(name: str) -> list[dict[str, Any]]:
    return _places_of({name}).get(name, [])


def _places_of(names: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of raw tables whose key, the first cell, or adjudicated key is one of the names."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(Path("data/raw").rglob("*.csv")):
        digest = None
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            line = 1
            for row in reader:
                for name in {cell for cell in row[:2]} & names:
                    digest = digest or ledger.sha256(path)
                    found.setdefault(name, []).append(
                        {"file": path.as_posix(), "row": line, "sha256": digest}
                    )
                line = reader.line_num + 1
    return found


def _place(place: dict[str, Any]) -> str:
    offset = f", byte {place['offset']}" if place.get("offset") else ""
    return f"{place['file']}:{place['row']}{offset}  sha256 {place['sha256'][:12]}"


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _records() -> list[dict[str, str]]:
    import pandas as pd

    columns = ["record_id", "title", "raw_file", "raw_position", "raw_offset"]
    return (
        pd.read_parquet(RECORDS, columns=columns).to_dict("records")
        if RECORDS.is_file()
        else []
    )
