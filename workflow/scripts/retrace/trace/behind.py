"""Find the rows behind a number, and behind a row of the consensus its readings and decisions.

The rows are told by the conditions that counted them, on the tables as they were written; which
of them count is never decided here again: only members that were written down are kept.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from retrace import schemas, screening
from retrace.definitions import Definition, names
from retrace.extraction import ROW
from retrace.relations import Unfit, as_term, joined
from retrace.sheets import FOLDER
from retrace.tables import values
from retrace.trace.code import files_behind
from retrace.trace.written import Written, readings_of

EFFECT_DIRECTIONS = schemas.EFFECT_DIRECTIONS.path

RAW_CLAIMS = "data/raw/published/claims.csv"
TERMS_LOOKED_UP = 20_000
"""In how many rows it is looked whether a column holds terms that have labels."""
OF_RECORDS = ("flow_members", "settled", "duplicates", "rejects")
"""Tables whose rows name the records they are of."""
FILES_NAMED = 12
"""Of a row whose table was made from more raw files none is named: they say nothing of it."""
Looked = dict[str, list[str]]
"""The columns that a selection looks at, by the table they stand in."""


@dataclass
class Selected:
    """What a definition selects: its table, its rows, the columns it looks at, and what a row counts for."""

    table: str
    rows: list[int]
    looked: Looked
    counts: list[list[str]] = field(default_factory=list)
    """The members that each of the rows counts for, in the order of the rows."""
    terms: list[list[str]] = field(default_factory=list)
    """The ends of the ids of the family's numbers that each row counts in; of no family, one empty end."""


def source_of(written: Written, number_id: str) -> tuple[Definition | None, str]:
    """Return the definition that a number's members are counted by, and the end of its id.

    A share or rank has the members of the number that it is a share or rank of.
    """
    seen = set()
    while (found := written.definitions.find(number_id)) and number_id not in seen:
        seen.add(number_id)
        end = number_id.removeprefix(found.name) if found.is_family else ""
        if found.kind not in ("share", "rank"):
            return found, end
        number_id = f"{found.spec[found.kind]}{end}"
    return None, ""


@functools.cache
def select(written: Written, name: str) -> Selected | None:
    """Return the rows that a definition selects, or None where it selects none of a table."""
    definition = written.definitions.find(name)
    if definition is None:
        return None
    relations, spec = written.relations, definition.spec
    conditions: list[Any]
    if definition.kind == "reported":
        table, conditions = "reported", [{"box": spec["reported"]}]
    else:
        table, conditions = written.definitions.base(definition)
    if not table or table not in written.paths or definition.parts:
        return None
    counted = names(spec.get("count", [])) or names(spec.get("set", []))
    by = names(spec.get("by", []))
    others = [spec[key] for key in ("direction", "lookup", "column") if key in spec]
    columns = [*counted, *by, *others, *(name for where in conditions for name in where)]  # fmt: skip
    try:
        rows = relations.rows(table, conditions)
        of = {name: relations.cells(table, name) for name in dict.fromkeys(columns)}
        if counted:
            cells = [of[name] for name in counted]
            counts = [
                [as_term(one) for one in cells[0].each(row)]
                if len(cells) == 1
                else [one for one in joined(cells, [row]) if one is not None]
                for row in rows
            ]
        else:
            counts = [[written.key(table, row)] for row in rows]
    except (Unfit, KeyError, ValueError):
        return None
    looked: Looked = {}
    for name, column in of.items():
        looked.setdefault(column.home, []).append(name)
    terms = [[""]] * len(rows) if not by else [
        [
            "".join(f".{term}" for term in combined)
            for combined in product(*(map(as_term, of[name].each(row)) for name in by))
        ]
        for row in rows
    ]  # fmt: skip
    return Selected(table, rows, looked, counts, terms)


def rows_by_member(
    written: Written, number_id: str, members: Iterable[str]
) -> tuple[Selected | None, dict[str, list[int]]]:
    """Return what a number selects, and its rows by the members that they count for."""
    definition, end = source_of(written, number_id)
    selected = select(written, definition.name) if definition else None
    found: dict[str, list[int]] = {member: [] for member in members}
    if selected:
        for row, counts, ends in zip(
            selected.rows, selected.counts, selected.terms, strict=True
        ):
            if end in ends:
                for member in counts:
                    if member in found:
                        found[member].append(row)
    return selected, found


def entries(
    written: Written,
    table: str,
    row: int,
    looked: Mapping[str, Sequence[str]] | None = None,
) -> list[dict[str, Any]]:
    """Return a row, and the rows it refers to, each with the cells that were looked at."""  # fmt: skip
    looked = looked if looked is not None else {table: columns_of(written, table)}
    found = []
    for home, (_, places) in written.relations.parents(table).items():
        place = places[row]
        if place is not None and (home == table or home in looked):
            found.append(entry(written, home, place, looked.get(home, ())))
    return found


def columns_of(written: Written, table: str) -> list[str]:
    """Return the columns of a table that say something: not its key, not notes."""
    schema = written.schemas.get(table)
    if schema is None:
        return list(written.frame(table).columns)
    return [
        column.name
        for column in schema.columns
        if column.name not in schema.key and column.compared
    ]


def entry(
    written: Written, table: str, row: int, columns: Sequence[str]
) -> dict[str, Any]:
    """Return one row of a table as it was written: where, its cells, and what it was made from."""
    return _entry(written, table, row, tuple(columns))


@functools.cache
def _entry(
    written: Written, table: str, row: int, columns: tuple[str, ...]
) -> dict[str, Any]:
    frame, path = written.frame(table), written.paths[table]
    key = written.key(table, row)
    found: dict[str, Any] = {"table": table, "key": key, "file": path}
    found["line"] = frame.lines[row]
    found["sha256"] = written.digest(path)
    found["cells"] = {name: frame.row(row)[name] for name in columns}
    found |= origin(written, table, key, columns)
    return found


def origin(
    written: Written, table: str, key: str, columns: Sequence[str]
) -> dict[str, Any]:
    """Return what a row was made from: of the consensus, its readings and what decided it.

    Of a computed table that has rows of the consensus behind its rows, those.
    """
    if table in _COMPUTED:
        return _COMPUTED[table](written, key)
    if table not in written.extraction["sheets"]:
        return _of_files(written, table, key)
    spec = written.extraction["sheets"][table]
    places = []
    for reading, path in readings_of(written.extraction, table).items():
        raw = written.raw(path)
        for place in raw.where(spec["key"]).get(key, []):
            cells = raw.row(place)
            places.append(
                {
                    "reading": reading, "file": path, "line": raw.lines[place], "sha256": written.digest(path),
                    "cells": {name: cells[name] for name in columns if name in cells},
                }
            )  # fmt: skip
    found: dict[str, Any] = {"places": places}
    decided = [
        *_rows_of(written, written.extraction.get("adjudication"), ("sheet", "key"), (table, key)),
        *_rows_of(written, spec.get("coding"), (spec["key"],), key),
    ]  # fmt: skip
    decided = [one for one in decided if one["column"] in (*columns, ROW)]
    if decided:
        found["decisions"] = decided
    notes = _rows_of(written, written.extraction.get("notes"), ("sheet", "key"), (table, key))  # fmt: skip
    if notes:
        found["notes"] = notes
    return found


def place_of(written: Written, record: Mapping[str, str]) -> dict[str, Any]:
    """Return where a record was read from: file, number in it, byte, line."""
    path, offset = record["raw_file"], int(record["raw_offset"] or 0)
    return {
        "file": path,
        "ordinal": int(record["raw_position"] or 0),
        "offset": offset,
        "line": written.line_at(path, offset) if Path(path).is_file() else None,
        "sha256": written.digest(path),
        "record_id": record["record_id"],
    }


def answers_of(written: Written, row: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return where the records of answers stand that a row of `schemas.NOTICES` was made from."""
    made = []
    for answer, offset in zip(values(row["answers"]), values(row["offsets"]), strict=True):  # fmt: skip
        path, _, position = answer.rpartition("#")
        made.append(place_of(written, {"raw_file": path, "raw_position": position, "raw_offset": offset, "record_id": row["record_id"]}))  # fmt: skip
    return made


def label_of(written: Written, selected: Selected | None, columns: Sequence[str], member: str) -> str:  # fmt: skip
    """Return the name of a member for a reader."""
    if member in written.labels:
        return written.labels[member]
    if selected and len(columns) == 1 and len(selected.rows) < TERMS_LOOKED_UP:
        cells = written.relations.cells(selected.table, columns[0])
        return written.relations.label(cells, member)
    return member


def _whole(written: Written, path: str) -> dict[str, Any]:
    """Return the place of a file of which all was looked at."""
    return {"file": path, "line": None, "sha256": written.digest(path)}


def _of_claim(written: Written, key: str) -> dict[str, Any]:
    return {
        "places": [
            {"file": RAW_CLAIMS, "line": line, "sha256": written.digest(RAW_CLAIMS)}
            for line, _ in written.rows_with(RAW_CLAIMS, ["claim_id"], [key])
        ]
    }


def _of_agreement(written: Written, key: str) -> dict[str, Any]:
    """Return the cells in which the readings of a column differed, as they were decided."""
    sheet, _, column = key.partition(":")
    file = written.extraction.get("adjudication")
    spec = written.extraction["sheets"].get(sheet, {})
    decided = _rows_of(written, file, ("sheet", "column"), (sheet, column))
    decided += _rows_of(written, spec.get("coding"), ("column",), column)
    readings = readings_of(written.extraction, sheet).values() if spec else ()
    return {"places": [_whole(written, path) for path in readings], "decisions": decided}  # fmt: skip


def _of_votes(written: Written, key: str) -> dict[str, Any]:
    """Return the files of the two reviewers whose agreement a row measures."""
    paths = [f"{screening.DIRECTORY}/{name}.csv" for name in key.split(":")[1:]]
    return {"places": [_whole(written, path) for path in paths if Path(path).is_file()]}


def _of_files(written: Written, table: str, key: str) -> dict[str, Any]:
    """Return what a row was read from where only files can be named: its search's, or its table's."""
    path = written.paths[table]
    if table in OF_RECORDS or not path.startswith("results/"):
        return {}
    if written.schemas[table].key[:2] == ("source", "round"):
        return _of_search(written, ":".join(key.split(":")[:2]))
    raw = [one["path"] for one in files_behind(written, [path]) if "rule" not in one]
    if len(raw) > FILES_NAMED:
        return {}
    return {"places": [_whole(written, one) for one in raw]}


def _of_notices(written: Written, key: str) -> dict[str, Any]:
    """Return the records of the answers that say what a row tells."""
    rows = written.frame("notices").dicts()
    return {"places": [place for at, row in enumerate(rows) if written.key("notices", at) == key for place in answers_of(written, row)]}  # fmt: skip


def _of_search(written: Written, key: str) -> dict[str, Any]:
    path = f"data/raw/searches/{key.replace(':', '/')}/search.yaml"
    return {"places": [_whole(written, path)]}


def _of_tests(written: Written, key: str) -> dict[str, Any]:
    """Return the directions that a test of a group was made on."""
    rows = written.frame("effect_directions").where("group").get(key, [])
    columns = ["study", "group", "direction"]
    return {"rows": [entry(written, "effect_directions", row, columns) for row in rows]}


def _of_directions(written: Written, key: str) -> dict[str, Any]:
    """Return the outcomes of a study in a group: the rows that its direction was counted from."""
    spec = written.line(EFFECT_DIRECTIONS)["params"]["synthesis"]
    study, _, group = key.partition(":")
    looked: Looked = {}
    where = spec.get("where") or {}
    try:
        rows = written.relations.rows(
            spec["lines"], [where, {spec["study"]: study, spec["group"]: group}]
        )
        for name in (spec["direction"], spec["desired"], *where):
            home = written.relations.cells(spec["lines"], name).home
            looked.setdefault(home, []).append(name)
    except (Unfit, KeyError):
        return {}
    found = []
    for row in rows:
        new = entries(written, spec["lines"], row, looked)
        found += [part for part in new if part not in found]
    return {"rows": found}


_COMPUTED = {
    "claims": _of_claim,
    "extraction_agreement": _of_agreement,
    "notices": _of_notices,
    "effect_directions": _of_directions,
    "direction_tests": _of_tests,
    "screening_agreement": _of_votes,
    "searches": _of_search,
}


def _rows_of(
    written: Written, file: str | None, columns: tuple[str, ...], key: Any
) -> list[dict[str, Any]]:
    """Return the rows of a file of decisions that have a key."""
    path = f"{FOLDER}/{file}"
    if not file or not Path(path).is_file():
        return []
    raw = written.raw(path)
    return [
        {"file": path, "line": raw.lines[place], "sha256": written.digest(path)}
        | raw.row(place)
        for place in raw.where(*columns).get(key, [])
    ]
