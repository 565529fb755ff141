"""Say of each number what it is and who its members are: names that a person knows, with DOIs.

The page shows them when a number is clicked; a member is an id of any table, so names come
from the labels, the extraction sheets and the records, whichever knows the id.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from retrace import tables

INLINED = 5_000
"""Most members of one set, and most rows of one table, that a page holds.

A browser takes thousands of names and no million: a page says how many it shows of how many, and
links the file that has them all.
"""

SAID = {
    "claims": (("claim_id",), "says"),
    "prisma": (("data", "boxtext"), "boxtext"),
    "search_warnings": (("where",), "says"),
}
"""Tables whose rows say in words what they are: the columns that make a member's id, and the words."""
_DOI = re.compile(r"10\.\d{4,9}/\S+")
# A line refers to an arm and an arm to a study: deeper than that no sheet goes.
_DEPTH = 4


def explained(
    ids: Iterable[str],
    *,
    numbers: str | Path,
    members: str | Path,
    labels: str | Path,
    sheets: Sequence[str],
    records: str | Path = "",
    sources: Mapping[str, str] | None = None,
    further: Iterable[str] = (),
    most: int = INLINED,
) -> dict[str, Any]:
    """Return numbers, with those that they are made of, and members by id, as the page holds them.

    ``numbers``: value, definition, table, selection, of, n_members and the first ``most`` of its
    members; ``members``: name, note, doi, year, of these members and of ``further`` ids.
    """
    listed = {row["number_id"]: row for row in rows_of(numbers)}
    wanted, todo = set(), sorted(set(ids) & set(listed))
    while todo:
        number_id = todo.pop()
        if number_id in listed and number_id not in wanted:
            wanted.add(number_id)
            todo += re.split(r"[;,\s]+", listed[number_id]["of"])
    rows = [row for row in listed.values() if row["number_id"] in wanted]
    made: dict[str, dict[str, Any]] = {
        row["number_id"]: {
            **{
                key: row[key]
                for key in ("value", "definition", "table", "selection", "of", "kind")
            },
            "members": [],
            "n_members": 0,
        }
        for row in rows
    }
    for number_id, its in sets_of(members, "number_id", most=most).items():
        if number_id in made:
            made[number_id] |= its
    found = {member for number in made.values() for member in number["members"]}
    return {
        "numbers": made,
        "members": named(
            found | set(further),
            labels=labels,
            sheets=sheets,
            records=records,
            sources=sources,
        ),
    }


def named(
    ids: Iterable[str],
    *,
    labels: str | Path,
    sheets: Sequence[str],
    records: str | Path = "",
    sources: Mapping[str, str] | None = None,
) -> dict[str, dict[str, str]]:
    """Return name, note, doi and year of each id of which more than the id is known.

    ``sources`` has the files of tables by their names, those of `SAID` among them.
    """
    names = {
        ":".join(row[column] for column in key): row[words]
        for table, (key, words) in SAID.items()
        if Path(path := (sources or {}).get(table, "")).is_file()
        for row in rows_of(path)
    }
    names |= {row["term"]: row["label_long"] or row["label"] for row in rows_of(labels)}
    known = [
        {next(iter(row.values())): row for row in reversed(rows_of(path))}
        for path in sheets
    ]
    wanted = sorted(set(ids))
    if records:
        known.append(records_by_id(records, wanted))
    return {
        member: said
        for member in wanted
        if (said := _said(member, names, known)) != {"name": member}
    }


def sets_of(
    path: str | Path, key: str, *, most: int, beside: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    """Return of each set, by its ``key`` in a table of members, the first members and how many it has.

    A set is ``members``, ids or, with columns ``beside`` them, lists; and ``n_members``, all of it.
    """
    rows = tables.each_row(path)
    header = next(rows)
    at, first, *rest = map(header.index, (key, "member_id", *beside))
    made: dict[str, dict[str, Any]] = {}
    for row in rows:
        its = made.setdefault(row[at], {"members": [], "n_members": 0})
        its["n_members"] += 1
        if its["n_members"] <= most:
            member = [row[first], *(row[place] for place in rest)]
            its["members"].append(member if rest else member[0])
    return made


def rows_of(path: str | Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file that a rule has written and checked."""
    header, rows, _ = tables.read_rows(path)
    return [dict(zip(header, row, strict=True)) for row in rows]


def records_by_id(
    records: str | Path, wanted: Iterable[str]
) -> dict[str, dict[str, str]]:
    """Return the records that have one of the ids, by it."""
    columns = ["record_id", "title", "authors", "year", "journal", "doi"]
    return {
        row["record_id"]: {name: str(row[name] or "") for name in columns}
        for row in rows_with(records, "record_id", wanted, columns=columns)
    }


def rows_with(
    path: str | Path, key: str, wanted: Iterable[str], *, columns: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the rows of a parquet file whose ``key`` is one of the wanted ones."""
    import pyarrow as pa
    import pyarrow.compute as compute
    import pyarrow.parquet as parquet

    rows = parquet.read_table(path, columns=list(columns))
    asked = pa.array(sorted(set(wanted)), rows.schema.field(key).type)
    return list(rows.filter(compute.is_in(rows[key], asked)).to_pylist())


def _said(
    member: str,
    names: Mapping[str, str],
    known: Sequence[Mapping[str, dict[str, str]]],
) -> dict[str, str]:
    said = {"name": names.get(member, member)}
    for rows in known:
        row = rows.get(member)
        if row is None:
            continue
        if row.get("title"):
            said["note"] = row["title"]
        said |= _work(row, known)
        if member in names:
            continue
        if "record_id" in row and row.get("title"):
            # A record is known by its title; who wrote it stands below.
            said |= {"name": row["title"], "note": _source(row)}
        else:
            # A line of a sheet has no name of its own: the names of what it refers to serve.
            words = [names[cell] for cell in list(row.values())[1:] if cell in names]
            said["name"] = ", ".join(dict.fromkeys(words)) or member
    return {key: value for key, value in said.items() if value}


def _work(
    row: Mapping[str, str],
    known: Sequence[Mapping[str, dict[str, str]]],
    depth: int = 0,
) -> dict[str, str]:
    """Return doi and year of a row, else those of the row that it refers to."""
    found = {key: row[key] for key in ("doi", "year") if row.get(key)}
    if not _DOI.fullmatch(found.get("doi", "")):
        found.pop("doi", None)
    if found or depth == _DEPTH:
        return found
    for cell in list(row.values())[1:]:
        for rows in known:
            if cell in rows and (work := _work(rows[cell], known, depth + 1)):
                return work
    return {}


def _source(row: Mapping[str, str]) -> str:
    first = row["authors"].partition(";")[0].strip()
    if first and ";" in row["authors"]:
        first += " et al."
    return ". ".join(part for part in (first, row["journal"]) if part)
