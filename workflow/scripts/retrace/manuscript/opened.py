"""Gather what rows of tables, boxes and marks of figures open in the page, and the files behind them.

A row of a sheet opens as it stands, with the rows that refer to it; a box opens its records.
Files are told by path and digest: no code, no clock, so the page's bytes follow from its inputs.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from retrace import ledger, schemas, tables
from retrace.definitions import load
from retrace.manuscript.members import INLINED, rows_of, sets_of
from retrace.sheets import FOLDER


def sheets_of(sheets: Sequence[str], labels: str | Path) -> dict[str, Any]:
    """Return every row of the extraction sheets by its key, and the labels of terms by column.

    A sheet is filled by people, so all of it stands in the page, however many records were found.
    ``at`` has of each row the files, by their place in ``below``, and the lines that it was made from.
    """
    made = {}
    for path in sheets:
        rows = rows_of(path)
        if rows:
            made[Path(path).stem] = {
                "columns": list(rows[0]),
                "rows": {next(iter(row.values())): list(row.values()) for row in rows},
                **_lines_of(path, key=next(iter(rows[0]))),
            }
    terms: dict[str, dict[str, str]] = {}
    for row in rows_of(labels):
        terms.setdefault(row["column"], {})[row["term"]] = row["label"] or row["term"]
    return {"sheets": made, "terms": terms}


def _lines_of(sheet: str, key: str) -> dict[str, Any]:
    """Return the lines of raw files that each row of a sheet was made from: readings, decisions, notes."""
    name = Path(sheet).stem
    below: list[str] = []
    at: dict[str, list[list[int]]] = {}
    for path in sorted(_raw_below(sheet)):
        if not path.startswith(f"{FOLDER}/") or not path.endswith(".csv"):
            continue
        header, rows, lines = tables.read_rows(path)
        if Path(path).stem == name and key in header:
            held = [(row[header.index(key)], line) for row, line in zip(rows, lines, strict=True)]  # fmt: skip
        elif header[:2] == [key, "column"]:
            held = [(row[0], line) for row, line in zip(rows, lines, strict=True)]
        elif header[:2] == ["sheet", "key"]:
            held = [(row[1], line) for row, line in zip(rows, lines, strict=True) if row[0] == name]  # fmt: skip
        else:
            continue
        below.append(path)
        for one, line in held:
            at.setdefault(one, []).append([len(below) - 1, line])
    return {"below": below, "at": at}


def claims_of(ids: Iterable[str], claims: str | Path) -> dict[str, dict[str, Any]]:
    """Return claims by their ids: their row with its verdict, and of the raw one note, alternatives and line."""
    wanted = set(ids)
    made: dict[str, dict[str, Any]] = {
        row["claim_id"]: row for row in rows_of(claims) if row["claim_id"] in wanted
    }
    path = schemas.RAW_CLAIMS.path
    header, rows, lines = tables.read_rows(path)
    for cells, line in zip(rows, lines, strict=True):
        row = dict(zip(header, cells, strict=True))
        if row["claim_id"] in made:
            made[row["claim_id"]] |= {
                "note": row.get("note", ""), "alternatives": row.get("alternatives", ""), "at": f"{path}:{line}",
            }  # fmt: skip
    return made


def published_at(ids: Iterable[str], definitions: str | Path) -> dict[str, Any]:
    """Return of each number that was published as a count the file, line, place and reason."""
    path = schemas.REPORTED.path
    if not Path(path).is_file():
        return {}
    header, rows, lines = tables.read_rows(path)
    told = {
        row["box"]: {"file": path, "line": line, "location": row["location"], "why": row.get("why", "")}
        for row, line in ((dict(zip(header, cells, strict=True)), line) for cells, line in zip(rows, lines, strict=True))
    }  # fmt: skip
    known = load(definitions, schema=None)
    boxes = {
        number_id: found.spec["reported"]
        for number_id in ids
        if (found := known.find(number_id)) and found.kind == "reported"
    }
    return {one: told[box] for one, box in boxes.items() if box in told}


def rows_read(
    asked: Sequence[str], sources: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Return the rows of computed tables that cells were read from, by table/key; blanks join a key of several columns."""
    found = {}
    known = schemas.by_name({"sheets": {}})
    for name in sorted({one.partition("/")[0] for one in asked} & set(sources)):
        if Path(sources[name]).is_file():
            for row in rows_of(sources[name]):
                key = known[name].key if name in known else list(row)[:1]
                found[f"{name}/{' '.join(row[column] for column in key)}"] = row
    return {one: found[one] for one in asked if one in found}


def boxes_of(
    prisma: str | Path,
    box_members: str | Path,
    figures: Sequence[str],
    *,
    most: int = INLINED,
) -> dict[str, list[dict[str, Any]]]:
    """Return what each box of the flow holds, by its key and by its name in the drawing.

    Of its members, with the reason, the first ``most``, and how many they are. The words are those
    that a figure prints in the box, where one does.
    """
    printed: dict[str, list[str]] = {}
    heads: dict[str, str] = {}
    for row in (row for path in figures for row in rows_of(path)):
        if row.get("box"):
            printed.setdefault(row["box"], []).append(row["text"])
        elif row.get("mark") == "heading":
            heads[row["panel"]] = row["text"].rstrip(":")
    within = sets_of(box_members, "box", beside=["reason"], most=most)
    none: dict[str, Any] = {"members": [], "n_members": 0}
    made: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(prisma):
        if row["kind"] == "not_applicable":
            continue
        words = printed.get(row["data"], [])
        counted = within.get(row["data"], none)
        box = {
            "text": words.pop(0) if words else row["description"],
            "kind": row["kind"],
            "says": row["tooltips"],
            "data": row["data"],
            **(counted if row["kind"] == "counted" else none),
        }
        made.setdefault(row["data"], []).append(box)
        made.setdefault(row["box"], []).append(
            box | {"of": heads[row["box"]]} if row["box"] in heads else box
        )
    return made


def marks_of(path: str | Path, figures: Sequence[str]) -> dict[str, str]:
    """Return what the elements of a drawing open, by their ids, as its CSV says."""
    if str(path) not in {str(figure) for figure in figures}:
        return {}
    found = {}
    for row in rows_of(path):
        if number_id := row.get("number_id"):
            found[number_id] = f"#n-{quote(number_id, safe='+')}"
        if row.get("box"):
            found[f"box-{row['panel']}"] = f"#b-{quote(row['panel'], safe='')}"
    return found


def files_of(sources: Mapping[str, str]) -> dict[str, Any]:
    """Return the file of each table, its digest, and the raw files below it with theirs."""
    there = {name: path for name, path in sources.items() if Path(path).is_file()}
    files: dict[str, Any] = {}
    for path in there.values():
        raw = sorted(_raw_below(path))
        files[path] = {"sha256": ledger.sha256(path)[:12], "raw": raw}
        for below in raw:
            files[below] = {"sha256": ledger.sha256(below)[:12]}
    return {"sources": there, "files": files}


def _raw_below(path: str) -> set[str]:
    """Return the raw files that a result was made from, as the ledger says."""
    found: set[str] = set()
    seen: set[str] = set()
    todo = [path]
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        if ledger.is_raw(one):
            found.add(one)
        elif ledger.sidecar_of(one).is_file():
            todo += ledger.inputs_at(one)
    return found
