"""Walk from an id back to its rows, readings, decisions, bytes, code and settings; one function per kind."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from retrace.definitions import names
from retrace.errors import Problem, ReviewError, so_many
from retrace.tables import SEPARATOR, values
from retrace.trace import records
from retrace.trace.behind import (
    RAW_CLAIMS,
    Selected,
    columns_of,
    entries,
    entry,
    label_of,
    origin,
    place_of,
    rows_by_member,
    source_of,
)
from retrace.trace.code import files_behind, rules_behind
from retrace.trace.ids import BOX_MEMBERS, PRISMA, unknown
from retrace.trace.written import (  # fmt: skip
    CLAIMS,
    DEDUPLICATED,
    NUMBERS,
    OF_TABLES,
    OF_TABLES_MEMBERS,
    RECORDS,
    Written,
    readings_of,
)

REPORTS_LOOKED_UP = 2000
"""Of how many reports or studies the records are looked up at most, one by one."""
REPORTED = "data/raw/published/reported.csv"


def walk(
    written: Written, kind: str, name: str, limit: int | None = None
) -> dict[str, Any]:
    """Return what is known of an id; of ``limit`` members at most more than the name is looked up."""
    found = WALKS[kind](written, name, limit)
    files = files_behind(written, found.pop("outputs", []), found.pop("apart", ()))
    return {
        "id": name,
        "kind": kind,
        **found,
        "files": files,
        "rules": rules_behind(written, files),
    }


def _number(written: Written, name: str, limit: int | None) -> dict[str, Any]:
    number_id, _, member = name.partition("/")
    row = written.numbers[number_id]
    definition = written.definitions.find(number_id)
    ids = written.members_of(number_id)
    if member:
        if member not in ids:
            raise unknown(written, name, [f"{number_id}/{one}" for one in ids])
        ids = [member]
    selected, members = members_of(written, number_id, ids, limit)
    made_of = parts_of(written, number_id)
    tables = {row["table"], *(selected.looked if selected else ())}
    tables |= {written.numbers[part["id"]]["table"] for part in made_of}
    found: dict[str, Any] = {
        "value": row["value"],
        "number_kind": row["kind"],
        "definition": row["definition"],
        "table": row["table"],
        "selection": row["selection"],
        "of": row["of"],
        "n_members": int(row["n_members"] or 0),
        "file": NUMBERS,
        "line": row["line"],
    }
    if definition:
        found["defined"] = {
            "file": definition_file(written),
            "line": definition.line,
            "name": definition.name,
            "section": definition.section,
        }
        base = source_of(written, number_id)[0]
        rule = written.definitions.selections.get(base.spec.get("from", "") if base else "")  # fmt: skip
        if rule:
            found["rule"] = {"name": rule.name, "says": rule.spec["says"], "line": rule.line}  # fmt: skip
    if selected:
        found["looked_at"] = selected.looked
    if row["kind"] == "list":
        for one, part in zip(members, values(row["of"]), strict=False):
            one["number"] = part
    if selected and row["kind"] == "reported":
        found["rows"] = [part for at in selected.rows for part in entries(written, selected.table, at, selected.looked)]  # fmt: skip
        found["places"] = places_in(found["rows"])
    return found | {
        "members": members,
        "made_of": made_of,
        "apart": [NUMBERS, OF_TABLES],
        "outputs": [
            NUMBERS if row["table"] == "claims" else OF_TABLES,
            *(written.paths[one] for one in sorted(tables) if one in written.paths),
        ],
    }


def definition_file(written: Written) -> str:
    """Return the file that the numbers are defined in."""
    return written.config[0]["manuscript"]["definitions"]


def members_of(
    written: Written, number_id: str, ids: Sequence[str], limit: int | None
) -> tuple[Selected | None, list[dict[str, Any]]]:
    """Return what a number selects, and its members with their rows and places."""
    shown = ids[:limit]
    definition = source_of(written, number_id)[0]
    counted: list[str] = []
    if definition and definition.kind in ("count", "direction", "set"):
        counted = names(definition.spec.get("count", definition.spec.get("set", [])))
    if definition and len(counted) == 1 and shown and len(shown) < len(ids):
        table, _ = written.definitions.base(definition)
        written = written.narrowed(table, counted, shown)
    selected, rows = rows_by_member(written, number_id, shown)
    read = _read_from(written, selected, shown)
    made = []
    for member in ids:
        one: dict[str, Any] = {"id": member, "label": written.labels.get(member, member)}  # fmt: skip
        if member in rows:
            one["label"] = label_of(written, selected, counted, member)
            one |= {"rows": [], "places": read.get(member, ("", []))[1]}
            if one["label"] == member and member in read:
                one["label"] = read[member][0]
            if selected and not written.paths[selected.table].endswith(".parquet"):
                for row in rows[member]:
                    one["rows"] += [
                        part
                        for part in entries(written, selected.table, row, selected.looked)
                        if part not in one["rows"]
                    ]  # fmt: skip
            one["places"] = places_in(one["rows"]) + one["places"]
            if selected and selected.table == "settled":
                record, _, stage = member.rpartition(":")
                one["decisions"] = records.at_stage(written, record, stage)
                one["places"] = places_in(one["decisions"])
        made.append(one)
    return selected, made


def places_in(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the raw places of some rows, and of those behind them, each once."""
    found: dict[tuple, dict[str, Any]] = {}
    todo = list(rows)
    for row in todo:
        parts = [row, *row.get("places", ()), *row.get("decisions", ()), *row.get("notes", ())]  # fmt: skip
        for place in parts:
            if not place["file"].startswith("results/"):
                found.setdefault(
                    (place["file"], place["line"]),
                    {name: place[name] for name in ("file", "line", "sha256")},
                )
        todo += row.get("rows", ())
    return list(found.values())


def parts_of(written: Written, number_id: str) -> list[dict[str, Any]]:
    """Return the numbers that a number is made of, and those that they are made of, each once."""
    found: dict[str, dict[str, Any]] = {}
    todo = [number_id]
    for one in todo:
        for part in needs(written, one):
            if part not in found and part != number_id:
                row = written.numbers[part]
                found[part] = {
                    "id": part, "value": row["value"], "number_kind": row["kind"],
                    "definition": row["definition"], "of_what": one,
                }  # fmt: skip
                todo.append(part)
    return list(found.values())


def needs(written: Written, number_id: str) -> list[str]:
    """Return the numbers that a number is directly made of: of a rank, all that it is a place among."""
    definition, row = written.definitions.find(number_id), written.numbers[number_id]
    if not definition or not definition.parts:
        return []
    parts = [one for one in values(row["of"]) if one in written.numbers]
    if definition.kind in ("rank", "list"):
        ranked = written.definitions.find(str(definition.spec[definition.kind]))
        if ranked:
            family = f"{ranked.name}."
            parts += [one for one in written.numbers if one.startswith(family)]
    return list(dict.fromkeys(parts))


def _table(written: Written, name: str, limit: int | None) -> dict[str, Any]:
    name, _, place = name.partition("/")
    place, _, title = place.partition("/")
    path, spec = f"results/tables/{name}.csv", written.config[0]["tables"].get(name, {})
    table = written.csv(path)
    titles = [one for one in table.columns if one != "members" and not one.endswith(" (number_id)")]  # fmt: skip
    found: dict[str, Any] = {
        "value": f"{len(table)} rows",
        "definition": spec.get("caption", ""),
        "columns": titles,
        "outputs": [path, path.replace(".csv", ".html")],
    }
    if not place:
        rows = [
            {"row": at, "line": line, **_cells(table.row(at - 1), titles)}
            for at, line in enumerate(table.lines, start=1)
        ]
        return found | {"rows": rows}
    if not place.isdecimal() or not 0 < int(place) <= len(table):
        what = f"row {place} of table {name}"
        raise ReviewError(Problem("trace", what=what, expected=f"1 to {len(table)}"))
    if title and title not in titles:
        raise unknown(written, f"{name}/{place}/{title}", [f"{name}/{place}/{one}" for one in titles])  # fmt: skip
    row = table.row(int(place) - 1)
    found["line"] = table.lines[int(place) - 1]
    found["cells"] = {one: row[one] for one in ([title] if title else titles)}
    found["value"] = row[title] if title else found["value"]
    ids = [row.get(f"{one} (number_id)", "") for one in found["cells"]]
    found["numbers"] = [written.numbers[one] | {"id": one} for one in ids if one]
    found["rows"] = _printed(written, spec, values(row["members"]), title)
    if title and ids[0]:
        found["behind"] = walk(written, "number", ids[0], limit)
    return found


def _cells(row: dict[str, str], titles: Sequence[str]) -> dict[str, Any]:
    numbers = {
        one: row[f"{one} (number_id)"] for one in titles if row.get(f"{one} (number_id)")
    }  # fmt: skip
    return {
        "cells": {one: row[one] for one in titles},
        "members": values(row["members"]),
        "numbers": numbers,
    }


def _printed(
    written: Written, spec: dict[str, Any], members: Sequence[str], title: str
) -> list[dict[str, Any]]:
    """Return the rows of the sheets that a printed row, or one cell of it, was taken from."""
    sheet, found = spec.get("sheet", ""), []
    if sheet not in written.extraction["sheets"]:
        return []
    columns = [one for one in spec["columns"] if not title or one["title"] == title]
    own = [
        name
        for one in columns
        for name in [*one.get("columns", []), *([one["column"]] if "column" in one else [])]
    ]  # fmt: skip
    key = written.extraction["sheets"][sheet]["key"]
    at = written.frame(sheet).where(key)
    rows = [row for member in members for row in at.get(member, [])]
    if own:
        found += [
            entry(written, sheet, row, [str(name) for name in own]) for row in rows
        ]
    for one in columns:
        if lines := one.get("lines"):
            known = columns_of(written, lines["sheet"])
            looked = [name for name in lines.values() if isinstance(name, str) and name in known]  # fmt: skip
            refers = written.frame(lines["sheet"]).where(lines["refers"])
            printed = written.relations.rows(lines["sheet"], [lines.get("where", {})])
            rows = [row for member in members for row in refers.get(member, [])]
            found += [entry(written, lines["sheet"], row, looked) for row in sorted(set(rows) & set(printed), key=rows.index)]  # fmt: skip
    return found


def _figure(written: Written, name: str, limit: int | None) -> dict[str, Any]:
    name, _, mark = name.partition("/")
    path, spec = f"results/figures/{name}.csv", written.config[0]["figures"].get(name, {})  # fmt: skip
    table, alt = written.csv(path), Path(f"results/figures/{name}.alt.txt")
    marks = [
        {"line": line}
        | {key: cell for key, cell in row.items() if cell}
        | {"id": "/".join(row[key] for key in ("panel", "row", "series") if row[key])}
        for row, line in zip(table.dicts(), table.lines, strict=True)
    ]
    if mark:
        known = [one["id"] for one in marks]
        marks = [one for one in marks if mark in (one["id"], one.get("row"))]
        if not marks:
            raise unknown(written, f"{name}/{mark}", [f"{name}/{one}" for one in known])
    found: dict[str, Any] = {
        "value": so_many(len(marks), "mark"),
        "definition": spec.get("caption", ""),
        "says": alt.read_text(encoding="utf-8").strip()
        if alt.is_file() and not mark
        else "",
        "marks": marks,
        "outputs": [one.as_posix() for one in sorted(path_of(name))],
    }
    if mark:
        numbers = [one["number_id"] for one in marks if "number_id" in one]
        if numbers:
            found["behind"] = walk(written, "number", str(numbers[0]), limit)
        elif boxes := [one["box"] for one in marks if "box" in one]:
            found["behind"] = walk(written, "box", str(boxes[0]), limit)
    return found


def path_of(figure: str) -> list[Path]:
    """Return the files of a figure."""
    return list(Path("results/figures").glob(f"{figure}.*"))


def _box(written: Written, name: str, limit: int | None) -> dict[str, Any]:
    table = written.csv(PRISMA)
    rows = [
        row | {"line": line}
        for row, line in zip(table.dicts(), table.lines, strict=True)
        if row["data"] == name
    ]
    held = written.block(BOX_MEMBERS, name)
    ids = list(dict.fromkeys(member for *_, member in held))
    reasons: dict[str, list[str]] = {}
    for _, reason, _, member in held:
        if reason:
            reasons.setdefault(member, []).append(reason)
    shown = ids[:limit]
    of_records = written.records(shown) | written.records(shown, "row_id")
    members = []
    for member in ids:
        one: dict[str, Any] = {"id": member, "label": written.labels.get(member, member)}  # fmt: skip
        one["reason"] = SEPARATOR.join(reasons.get(member, []))
        if member in of_records:
            one["label"] = of_records[member][0]["title"] or member
            one["places"] = [place_of(written, row) for row in of_records[member]]
        elif name == "retracted_studies" and member in shown:
            one["places"] = [
                place
                for row in records.notices_on(written, [member])
                for place in row["places"]
            ]
        elif member in shown:
            one["places"] = [
                place
                for record in records.records_of(written, member)
                for place in record["places"]
            ]
        members.append(one)
    is_both = len({row["kind"] for row in rows}) > 1
    value = "; ".join(
        f"{row['boxtext']}: {row['n'] or str(row['kind']).replace('_', ' ')}"
        + (", as reported" if is_both and row["kind"] == "reported" else "")
        for row in rows
    )
    reported = written.rows_with(REPORTED, ["box"], [name])
    return {
        "value": value,
        "count_kind": rows[0]["kind"],
        "definition": rows[0]["tooltips"],
        "rows": [
            {"file": PRISMA, "line": row["line"], "text": row["boxtext"], "n": row["n"], "count_kind": row["kind"]}
            for row in rows
        ],
        "n_members": len(ids),
        "members": members,
        "places": [
            {"file": REPORTED, "line": line, "sha256": written.digest(REPORTED), "cells": row}
            for line, row in reported
        ],
        "outputs": [PRISMA, BOX_MEMBERS],
    }  # fmt: skip


def _claim(written: Written, name: str, limit: int | None) -> dict[str, Any]:
    ((line, row),) = written.rows_with(CLAIMS, ["claim_id"], [name])
    raw = written.rows_with(RAW_CLAIMS, ["claim_id"], [name])
    found: dict[str, Any] = {"value": row["recomputed"], **row, "file": CLAIMS, "line": line}  # fmt: skip
    found["places"] = [
        {"file": RAW_CLAIMS, "line": at, "sha256": written.digest(RAW_CLAIMS), "cells": cells}
        for at, cells in raw
    ]  # fmt: skip
    others = [one for _, cells in raw for one in values(cells["alternatives"])]
    found["alternatives"] = [
        {"id": one, "value": written.numbers[one]["value"], "definition": written.numbers[one]["definition"]}
        for one in others
        if one in written.numbers
    ]  # fmt: skip
    found |= {"outputs": [CLAIMS], "apart": [NUMBERS, OF_TABLES, OF_TABLES_MEMBERS]}
    if row["number_id"] in written.numbers:
        found["behind"] = walk(written, "number", row["number_id"], limit)
        found["outputs"] += [file["path"] for file in found["behind"]["files"] if "rule" in file]  # fmt: skip
    return found


def _study(written: Written, name: str, limit: int | None) -> dict[str, Any]:
    of_study = rows_of_study(written, name)
    rows = [
        entry(written, sheet, row, columns_of(written, sheet))
        for sheet, places in of_study.items()
        for row in places
    ]
    held = written.rows_with(BOX_MEMBERS, ["member_id"], [name])
    return {
        "value": written.labels.get(name, name),
        "label": written.labels.get(name, name),
        "records": records.records_of(written, name),
        "notices": records.notices_on(written, [name]),
        "rows": rows,
        "places": places_in(rows),
        "boxes": [{"file": BOX_MEMBERS, "line": line} | row for line, row in held],
        "members": [],
        "outputs": [BOX_MEMBERS, *(written.paths[sheet] for sheet in of_study)],
    }


def rows_of_study(written: Written, name: str) -> dict[str, list[int]]:
    """Return the rows of the sheets that are of a study: its own, and those that refer to it."""
    sheets = written.extraction["sheets"]
    found: dict[str, list[int]] = {}
    for home, spec in sheets.items():
        at = written.frame(home).where(spec["key"]).get(name, [])
        if at:
            for sheet in sheets:
                way, places = written.relations.parents(sheet).get(home, ((), ()))
                rows = [row for row, place in enumerate(places) if place in at]
                if rows:
                    found[sheet] = rows
            break
    return dict(sorted(found.items(), key=lambda item: len(written.relations.parents(item[0]))))  # fmt: skip


def _record(written: Written, name: str, limit: int | None) -> dict[str, Any]:
    found = records.story(written, name)
    tables = [RECORDS, DEDUPLICATED, records.DUPLICATES]
    if found["settled"]:
        tables.append(records.SETTLED)
    if found["boxes"]:
        tables.append(BOX_MEMBERS)
    if found["notices"]:
        tables.append(records.NOTICES)
    return found | {"outputs": [one for one in tables if Path(one).is_file()]}


def _cell(written: Written, name: str, limit: int | None) -> dict[str, Any]:
    sheet, _, rest = name.partition("/")
    if sheet not in written.extraction["sheets"]:
        raise unknown(written, f"cell:{name}", [f"cell:{one}/..." for one in written.extraction["sheets"]])  # fmt: skip
    spec = written.extraction["sheets"][sheet]
    at = written.frame(sheet).where(spec["key"])
    key, column = rest, ""
    if rest not in at:
        key, _, column = rest.rpartition("/")
    known = written.schemas[sheet].names
    if key not in at:
        near = [*at, *(row["key"] for row in _dropped(written, sheet))]
        raise unknown(written, f"cell:{name}", [f"cell:{sheet}/{one}" for one in near])
    if column and column not in known:
        raise unknown(written, f"cell:{name}", [f"cell:{sheet}/{key}/{one}" for one in known])  # fmt: skip
    columns = [column] if column else columns_of(written, sheet)
    (row,) = at[key]
    found = entry(written, sheet, row, columns)
    says = written.schemas[sheet].column(column).says if column else spec["says"]
    value = found["cells"].get(column, "") if column else written.labels.get(key, key)
    return {
        "value": value, "definition": says, "table": sheet, "key": key, "column": column,
        "rows": [found], "places": places_in([found]), "outputs": [written.paths[sheet]],
    }  # fmt: skip


def _dropped(written: Written, sheet: str) -> list[dict[str, str]]:
    file = written.extraction.get("adjudication")
    rows = written.raw(f"data/raw/extraction/{file}").dicts() if file else []
    return [row for row in rows if row["sheet"] == sheet]


def _row(written: Written, name: str, limit: int | None) -> dict[str, Any]:
    path, _, at = name.rpartition(":")
    if not at.isdecimal() or not Path(path).is_file():
        raise ReviewError(
            Problem("trace", what=f"row:{name} is no row", expected="row:FILE:LINE, a line of a file of this review")
        )  # fmt: skip
    line, lines = int(at), written.lines_in(path)
    if not 0 < line <= lines:
        raise ReviewError(Problem(path, line, what=f"no such line: the file has {lines} lines", expected=f"1 to {lines}"))  # fmt: skip
    found = {"file": path, "line": line, "sha256": written.digest(path)}
    if record := record_at(written, path, line):
        return found | records.story(written, record) | {"outputs": [RECORDS]}
    if not path.endswith(".csv"):
        return found | {"value": written.text_at(path, line), "outputs": [path]}
    table = written.csv(path) if path.startswith("results/") else written.raw(path)
    before = [place for place, begins in enumerate(table.lines) if begins <= line]
    if not before:
        raise ReviewError(Problem(path, line, what="no row begins here", expected=f"a line from {min(table.lines, default=2)} on"))  # fmt: skip
    cells = table.row(before[-1])
    found |= {"line": table.lines[before[-1]], "cells": cells, "value": next(iter(cells.values()), "")}  # fmt: skip
    rows = []
    for sheet, key in rows_at(written, path, cells):
        places = written.frame(sheet).where(written.extraction["sheets"][sheet]["key"])
        columns = columns_of(written, sheet)
        rows += [entry(written, sheet, row, columns) for row in places.get(key, [])]
        if key not in places:
            gone = {"table": sheet, "key": key, "file": path, "line": found["line"], "sha256": found["sha256"]}  # fmt: skip
            rows.append(gone | origin(written, sheet, key, columns) | {"dropped": True})
    made = [row["file"] for row in rows if row["file"].startswith("results/")]
    if cells.get("record_id"):
        found["record"] = cells["record_id"]
    return found | {
        "rows": rows,
        "places": places_in(rows),
        "outputs": made[:1] or made_from(written, path)[:1] or [path],
    }


def made_from(written: Written, path: str) -> list[str]:
    """Return the outputs that a file is a direct input of, those that only tell of the build last."""
    made = [
        output
        for output, line in written.sidecars.items()
        if any(used["path"] == path for used in line["inputs"])
    ]
    return sorted(made, key=lambda output: output.startswith("results/audit/"))


def rows_at(
    written: Written, path: str, cells: dict[str, str]
) -> list[tuple[str, str]]:
    """Return the sheet and key of the row of the consensus that a row of a file is about."""
    extraction, found = written.extraction, []
    for sheet, spec in extraction["sheets"].items():
        files = [*readings_of(extraction, sheet).values(), written.paths.get(sheet)]
        if spec.get("coding"):
            files.append(f"data/raw/extraction/{spec['coding']}")
        if path in files:
            found.append((sheet, cells.get(spec["key"], "")))
    if path in [f"data/raw/extraction/{extraction.get(one)}" for one in ("adjudication", "notes")]:  # fmt: skip
        found.append((cells["sheet"], cells["key"]))
    return found


def record_at(written: Written, path: str, line: int) -> str:
    """Return the row of the records that was read at a line of an export, or nothing."""
    if not path.startswith("data/raw/searches/") or "records" not in written.paths:
        return ""
    frame = written.frame("records")
    end = written.offset_of(path, line + 1)
    before = [
        (int(offset or 0), row)
        for row, (file, offset) in enumerate(zip(frame.column("raw_file"), frame.column("raw_offset"), strict=True))
        if file == path and int(offset or 0) < end
    ]  # fmt: skip
    return frame.column("row_id")[max(before)[1]] if before else ""


WALKS: dict[str, Callable[[Written, str, int | None], dict[str, Any]]] = {
    "number": _number,
    "table": _table,
    "figure": _figure,
    "box": _box,
    "claim": _claim,
    "study": _study,
    "record": _record,
    "cell": _cell,
    "row": _row,
}


def _read_from(
    written: Written, selected: Selected | None, ids: Sequence[str]
) -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """Return title and places of members that are records, rows of records or reports."""
    if not selected or selected.table not in ("records", "deduplicated", "duplicates", "flow_members"):  # fmt: skip
        return {}
    found = written.records(ids) | written.records(ids, "row_id")
    read = {
        name: (rows[0]["title"] or name, [place_of(written, row) for row in rows])
        for name, rows in found.items()
    }
    if selected.table == "flow_members" and len(ids) <= REPORTS_LOOKED_UP:
        for name in ids:
            if name not in read and (of_name := records.records_of(written, name)):
                places = [place for one in of_name for place in one["places"]]
                read[name] = (of_name[0]["title"] or name, places)
    return read
