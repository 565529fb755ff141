"""Gather where each number is used: in the text, in claims, tables, figures, other numbers.

A definition that nothing uses is a sentence that was cut and a query that stayed; a family
counts as used when one of its numbers is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables
from retrace.definitions import load
from retrace.errors import Problem

if TYPE_CHECKING:
    import pandas as pd

_IN_TABLE = re.compile(r"""data-number=["']([^"']*)["']""")


def columns_of_families(definitions: str | Path) -> dict[str, list[str]]:
    """Return the columns over whose terms each family of numbers.yaml runs."""
    loaded = load(definitions)
    return {family: loaded.by(family) for family in loaded.families}


def of_tables(fragments: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the numbers that the review's tables print, with the table."""
    return [
        (unescape(number_id), f"results/tables/{name}.html")
        for name, fragment in sorted(fragments.items())
        for number_id in sorted(set(_IN_TABLE.findall(fragment)))
    ]


def of_figures(paths: Sequence[str]) -> list[tuple[str, str]]:
    """Return the numbers that figures draw: every column whose name ends in number_id."""
    found: set[tuple[str, str]] = set()
    for path in paths:
        header, rows, _ = tables.read_rows(path)
        for at, name in enumerate(header):
            if name.endswith("number_id"):
                found.update((row[at], str(path)) for row in rows if row[at])
    return sorted(found)


def of_claims(claims: "pd.DataFrame", stated: Sequence[str]) -> list[tuple[str, str]]:
    """Return the numbers that claims are held against, alternatives included."""
    found = [
        (row.number_id, f"{schemas.CLAIMS.path}:{row.claim_id}")
        for row in rows_of(claims)
        if row.number_id
    ]
    for path in stated:
        for row in rows_of(tables.read(path, schemas.RAW_CLAIMS)):
            found += [
                (number_id, f"{path}:{row.claim_id}")
                for number_id in tables.values(row.alternatives)
            ]
    return found


def gather(numbers: "pd.DataFrame", found: Iterable[tuple[str, str]]) -> "pd.DataFrame":
    """Return all uses, with those by numbers that are used themselves; see `schemas.USES`."""
    parts = {
        row.number_id: [part for part in re.split(r"[;,]\s*|\s+", row.of) if part]
        for row in rows_of(numbers)
    }
    uses = {use for use in found if use[0] in parts}
    todo = sorted({number_id for number_id, _ in uses})
    seen = set(todo)
    while todo:
        number_id = todo.pop()
        for part in parts[number_id]:
            if part in parts and part != number_id:
                uses.add((part, f"number:{number_id}"))
                if part not in seen:
                    seen.add(part)
                    todo.append(part)
    ordered: list[tuple] = sorted(uses, key=_natural)
    return tables.frame(ordered, schemas.USES)


def unused(
    numbers: "pd.DataFrame",
    uses: "pd.DataFrame",
    families: Iterable[str],
    file: str,
) -> list[Problem]:
    """Return a problem for each definition that nothing uses, by its name in numbers.yaml."""
    families = set(families)

    def defined_as(number_id: str) -> str:
        name = number_id.partition(".")[0]
        return name if name in families else number_id

    used = {defined_as(number_id) for number_id in uses["number_id"]}
    defined = dict.fromkeys(map(defined_as, numbers["number_id"]))
    return [
        Problem(
            file,
            0,
            name,
            "nothing uses this definition",
            "a use in the text, a claim, a table or a figure",
            "use it or delete it",
        )
        for name in defined
        if name not in used
    ]


def rows_of(frame: "pd.DataFrame") -> Any:
    """Return a table's rows with its columns as attributes; all hold text here."""
    return frame.itertuples(index=False)


def _natural(use: tuple) -> tuple:
    number_id, where = use
    return number_id, [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", where)]
