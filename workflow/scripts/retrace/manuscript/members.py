"""Say of each number what it is and who its members are: names that a person knows, with DOIs.

The page shows them when a number is clicked; a member is an id of any table, so names come
from the labels, the extraction sheets and the bibliography, whichever knows the id.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from retrace import tables


def explained(
    ids: Iterable[str],
    *,
    numbers: str | Path,
    members: str | Path,
    labels: str | Path,
    sheets: Sequence[str],
) -> dict[str, Any]:
    """Return numbers and members by id, as the page holds them.

    ``numbers``: value, definition, table, selection, of, members; ``members``: name, note, doi.
    """
    wanted = set(ids)
    rows = [row for row in rows_of(numbers) if row["number_id"] in wanted]
    parts = {part for row in rows for part in re.split(r"[;,\s]+", row["of"])}
    rows += [
        row
        for row in rows_of(numbers)
        if row["number_id"] in parts and row["number_id"] not in wanted
    ]
    made: dict[str, dict[str, Any]] = {
        row["number_id"]: {
            **{
                key: row[key]
                for key in ("value", "definition", "table", "selection", "of", "kind")
            },
            "members": [],
        }
        for row in rows
    }
    for row in rows_of(members):
        if row["number_id"] in made:
            made[row["number_id"]]["members"].append(row["member_id"])
    found = {member for number in made.values() for member in number["members"]}
    names = {row["term"]: row["label_long"] or row["label"] for row in rows_of(labels)}
    known = {Path(path).stem: rows_of(path) for path in sheets}
    return {
        "numbers": made,
        "members": {
            member: said
            for member in sorted(found)
            if (said := _said(member, names, known)) != {"name": member}
        },
    }


def rows_of(path: str | Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file that a rule has written and checked."""
    header, rows, _ = tables.read_rows(path)
    return [dict(zip(header, row, strict=True)) for row in rows]


def _said(
    member: str, names: Mapping[str, str], sheets: Mapping[str, list[dict[str, str]]]
) -> dict[str, str]:
    said = {"name": names.get(member, member)}
    for rows in sheets.values():
        row = _by_key(rows).get(member)
        if row is None:
            continue
        if row.get("title"):
            said["note"] = row["title"]
        if re.fullmatch(r"10\.\d{4,9}/\S+", row.get("doi", "")):
            said["doi"] = row["doi"]
        if member not in names:
            # A line of a sheet has no name of its own: the names of what it refers to serve.
            words = [names[cell] for cell in list(row.values())[1:] if cell in names]
            said["name"] = ", ".join(dict.fromkeys(words)) or member
    return said


_KEYS: dict[int, dict[str, dict[str, str]]] = {}


def _by_key(rows: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    if id(rows) not in _KEYS:
        _KEYS[id(rows)] = {next(iter(row.values())): row for row in reversed(rows)}
    return _KEYS[id(rows)]
