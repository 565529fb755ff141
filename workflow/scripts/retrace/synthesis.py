"""Say in which direction each study's effects point in each group of outcomes.

Effects are counted by direction, never by significance (Cochrane Handbook ch. 12; SWiM, Campbell
et al. 2020, doi 10.1136/bmj.l6890), so a study with many outcomes weighs no more than another.
"""

from collections import Counter
from collections.abc import Mapping
from math import comb
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables
from retrace.errors import ExtractionError, Problem, some
from retrace.relations import Relations, Unfit

if TYPE_CHECKING:
    import pandas as pd

DIRECTIONS = ("recovery", "against", "conflicting", "no_change", "unsettled")


def direct(
    relations: Relations,
    *,
    lines: str = "",
    where: Mapping[str, Any] | None = None,
    study: str = "",
    group: str = "",
    direction: str = "",
    desired: str = "",
    terms: Mapping[str, str] | None = None,
    agreement: float = 0.7,
) -> "pd.DataFrame":
    """Return each study's direction in each group of outcomes, `schemas.EFFECT_DIRECTIONS`.

    ``lines`` names the table with one row per outcome (a review without such a table has no
    directions), ``where`` picks the distinct ones, and
    the columns, its own or a parent's, say of each its study, its group, the direction in which
    it moved and the one that counts as recovery. ``terms`` names the terms for `up`, `down` and
    `no_change`. A study points in a direction when at least ``agreement`` of its settled
    outcomes, those that moved and whose way of recovery is known, do; else its directions
    conflict.

    Source of the rule: Boon MH, Thomson H (2021), Res Synth Methods 12:29-33,
    doi 10.1002/jrsm.1458.

    Raises:
        ExtractionError: a table, column or term that is not there, or half of the outcomes or
            fewer would do, so that a study could point both ways.
    """
    if not lines or terms is None:
        return tables.empty(schemas.EFFECT_DIRECTIONS)
    if not 0.5 < agreement <= 1:
        raise ExtractionError(
            Problem("config.yaml", 0, "synthesis.agreement", repr(agreement), "more than 0.5, and 1 at most")
        )  # fmt: skip
    try:
        # A misspelt term would make every outcome unsettled without a word.
        relations.rows(lines, [{direction: list(terms.values())}])
        ways, _ = relations.terms(lines, desired)
        if not {terms["up"], terms["down"]} & set(ways):
            raise Unfit(f"{desired} holds neither {terms['up']!r} nor {terms['down']!r}", f"one of them among {some(ways)}")  # fmt: skip
        rows = relations.rows(lines, [where or {}])
        cells = [
            relations.cells(lines, name).of
            for name in (study, group, direction, desired)
        ]
    except Unfit as error:
        raise ExtractionError(
            Problem("config.yaml", 0, "synthesis", *error.complaint)
        ) from None
    counts: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        of_study, of_group, moved, wanted = (of[row] for of in cells)
        if of_study and of_group:
            found = counts.setdefault((of_study, of_group), Counter())
            found[_points(moved, wanted, terms)] += 1
    return tables.frame(
        [
            (
                of_study, of_group, sum(found.values()), found["recovery"], found["against"],
                found["no_change"], found["unsettled"], _direction(found, agreement),
            )
            for (of_study, of_group), found in counts.items()
        ],
        schemas.EFFECT_DIRECTIONS,
    )  # fmt: skip


def test_signs(directions: "pd.DataFrame") -> "pd.DataFrame":
    """Return the studies by direction in each group, with a sign test, `schemas.DIRECTION_TESTS`.

    The test asks how likely so uneven a split of recovery and the contrary is if both were
    equally likely; it describes the split and says nothing of the size of an effect.
    """
    rows = []
    for group, of_group in directions.groupby("group", sort=False):
        found = Counter(of_group["direction"])
        p = sign_test(found["recovery"], found["against"])
        rows.append(
            (
                group,
                len(of_group),
                *(found[name] for name in DIRECTIONS),
                # Four digits of what there is: rounded at a place, a small p would say it is nought.
                "" if p is None else float(f"{p:.4g}"),
            )
        )
    return tables.frame(rows, schemas.DIRECTION_TESTS)


def sign_test(first: int, second: int) -> float | None:
    """Return the two-sided exact binomial probability of so uneven a split; None without a case."""
    n = first + second
    if n == 0:
        return None
    tail = sum(comb(n, k) for k in range(min(first, second) + 1)) / 2**n
    return min(1.0, 2 * tail)


def _points(moved: str, wanted: str, terms: Mapping[str, str]) -> str:
    if moved == terms["no_change"]:
        return "no_change"
    ways = (terms["up"], terms["down"])
    if moved not in ways or wanted not in ways:
        return "unsettled"
    return "recovery" if moved == wanted else "against"


def _direction(found: Counter[str], agreement: float) -> str:
    settled = found["recovery"] + found["against"]
    if settled == 0:
        return "no_change" if found["no_change"] else "unsettled"
    for way in ("recovery", "against"):
        if found[way] / settled >= agreement:
            return way
    return "conflicting"
