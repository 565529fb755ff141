"""Hold what a published article states against the numbers that the tables give.

The verdict is computed from two values and never typed. Only a statement that no stated
counting rule reproduces is contradicted, and damage to the source never accuses anybody.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables
from retrace.definitions import Definitions
from retrace.errors import Problem, TableError, one_of, some
from retrace.labels import of_no_rows
from retrace.numbers import NOT_YET, rounded

if TYPE_CHECKING:
    import pandas as pd

    from retrace.labels import Labels

OF_LISTS = ("includes", "same_set", "same_order")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_WENT = re.compile(r"(.+?)\s+(\d+)")


@dataclass(frozen=True)
class Side:
    """A named number as claims see it."""

    number_id: str
    kind: str
    value: str
    says: str
    exact: Fraction | None
    items: tuple[str, ...]
    column: str

    @property
    def is_list(self) -> bool:
        """Return whether it is a list or a set of terms."""
        return self.kind in ("list", "set")

    @property
    def decides_nothing(self) -> str:
        """Return why no statement can be held against it, or nothing where one can."""
        if self.kind == "reported":
            return "the number is itself a reported one, and a published count never confirms itself"
        return "the number is not known yet" if self.value == NOT_YET else ""


def compare(
    raw_claims: "pd.DataFrame",
    numbers: "pd.DataFrame",
    members: "pd.DataFrame",
    definitions: Definitions,
    labels: "Labels",
    *,
    file: str = schemas.RAW_CLAIMS.path,
) -> "pd.DataFrame":
    """Return a row per claim with its verdict; see `schemas.CLAIMS`. ``file`` is where they stand.

    Raises:
        TableError: every claim that cannot be held against its number, by row and column.
    """
    sides = Sides(numbers, members, definitions, labels)
    problems, made = [], []
    first: dict[str, int] = {}
    claims: list[Any] = raw_claims.to_dict("records")
    for row, claim in zip(tables.lines(raw_claims), claims, strict=True):
        if claim["claim_id"] in first:
            what = f"{claim['claim_id']!r} stands here a second time"
            problems.append(
                Problem(
                    file,
                    row,
                    "claim_id",
                    what,
                    f"one row; the first is {first[claim['claim_id']]}",
                )
            )
        first.setdefault(claim["claim_id"], row)
        found = [
            Problem(file, row, *complaint) for complaint in _complaints(claim, sides)
        ]
        problems += found
        if not found:
            made.append(_judged(claim, sides))
    if problems:
        raise TableError(problems)
    return tables.frame(made, schemas.CLAIMS)


class Sides:
    """The numbers by their ids, each with what a comparison needs of it."""

    def __init__(
        self,
        numbers: "pd.DataFrame",
        members: "pd.DataFrame",
        definitions: Definitions,
        labels: "Labels",
    ):
        self._definitions, self._labels = definitions, labels
        rows: list[Any] = list(numbers.itertuples(index=False))
        self._rows = {row.number_id: row for row in rows}
        self._members: dict[str, list[str]] = {}
        for number_id, member in zip(
            members["number_id"], members["member_id"], strict=True
        ):
            self._members.setdefault(number_id, []).append(member)

    def __contains__(self, number_id: str) -> bool:
        return number_id in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def is_defined(self, number_id: str) -> bool:
        """Return whether numbers.yaml defines a number, be it one that is counted in the claims."""
        return self._definitions.find(number_id) is not None

    def has_no_rows(self, number_id: str) -> bool:
        """Return whether a number is missing because no row has the terms of a family it is of."""
        family, _, terms = number_id.partition(".")
        return self._labels.are_terms(self._definitions.by(family), terms)

    def of(self, number_id: str) -> Side:
        """Return one number."""
        row = self._rows[number_id]
        is_list = row.kind in ("list", "set")
        return Side(
            number_id, row.kind, row.value, row.definition, self._exact(row),
            tuple(self._members.get(number_id, [])) if is_list else (),
            self._column(number_id),
        )  # fmt: skip

    def terms(self, stated: str, column: str) -> list[str]:
        """Return the terms that a stated list names by term or label; what is no term stays as it is."""
        known: dict[str, str] = {}
        for spelled in (
            lambda term: term,
            lambda term: self._labels.long(column, term),
            lambda term: self._labels.short(column, term),
        ):
            for term in self._labels.terms(column):
                known.setdefault(spelled(term).casefold(), term)
        items = [
            " ".join(item.split()) for item in stated.split(tables.SEPARATOR.strip())
        ]
        return [known.get(item.casefold(), item) for item in items if item]

    def forms(self, item: str, column: str) -> list[str]:
        """Return how a text may spell an item of a list: as stated, its term, its labels."""
        (term,) = self.terms(item.replace(tables.SEPARATOR.strip(), " "), column) or [item]  # fmt: skip
        named = (term.replace("_", " "), self._labels.short(column, term), self._labels.long(column, term))  # fmt: skip
        return list(dict.fromkeys([item, term, *named]))

    def label(self, term: str, column: str) -> str:
        """Return what a reader sees for a term."""
        return self._labels.long(column, term)

    def _exact(self, row: Any) -> Fraction | None:
        """Return a quantity before it was rounded to be written: a share from its two numbers."""
        if not _DECIMAL.fullmatch(row.value):
            return None
        parts = row.of.split(tables.SEPARATOR)
        if (
            row.kind in ("share", "statistic")
            and len(parts) == 2
            and all(one in self._rows for one in parts)
        ):
            a, b = (self._rows[one].value for one in parts)
            of = self._definitions.find(row.number_id)
            if (
                _DECIMAL.fullmatch(a)
                and _DECIMAL.fullmatch(b)
                and Fraction(b)
                and of is not None
            ):
                if row.kind == "share":
                    return 100 * Fraction(a) / Fraction(b)
                if of.spec.get("statistic") == "ratio":
                    return Fraction(a) / Fraction(b)
        return Fraction(row.value)

    def _column(self, number_id: str) -> str:
        """Return the column whose terms a list, set or direction holds."""
        definition = self._definitions.find(number_id)
        if definition is None:
            return ""
        spec = definition.spec
        by = self._definitions.by(spec["list"]) if "list" in spec else []
        return (by or [spec.get("set") or spec.get("direction") or ""])[0]


def _complaints(claim: Mapping[str, str], sides: Sides) -> Iterator[tuple[str, ...]]:
    """Find what keeps a claim from being held against its number: column, what, expected, remedy."""
    ids = [("number_id", claim["number_id"])] if claim["number_id"] else []
    alternatives = tables.values(claim["alternatives"])
    if alternatives and not ids:
        yield "alternatives", "alternatives to no number", "a number_id"
    ids += [("alternatives", number_id) for number_id in dict.fromkeys(alternatives)]
    if len(set(alternatives)) < len(alternatives) or claim["number_id"] in alternatives:
        yield "alternatives", "a number stands here twice", "each once", "delete one"
    for column, number_id in ids:
        if number_id not in sides:
            if sides.is_defined(number_id) and number_id.partition(".")[0] == number_id:
                yield (
                    column,
                    f"{number_id} is a family, or is counted in the claims",
                    "a number of the tables",
                )
            elif sides.has_no_rows(number_id):
                yield (column, *of_no_rows(number_id))
            else:
                yield (
                    column,
                    f"there is no number {number_id!r}",
                    *one_of(number_id, sides),
                )
            continue
        side = sides.of(number_id)
        if not side.decides_nothing and (complaint := _unfit(claim, side)):
            yield complaint


def _unfit(claim: Mapping[str, str], side: Side) -> tuple[str, ...] | None:
    """Return why a relation or a stated value does not suit a number."""
    relation, stated = claim["relation"], claim["stated"]
    if not stated:
        return "stated", "the cell is empty", "the stated value", "fill it in"
    if relation in OF_LISTS and not (side.is_list or side.kind == "direction"):
        return (
            "relation",
            f"{relation} with {side.number_id}, a {side.kind}",
            "equals, at_least or at_most",
        )
    if relation in ("at_least", "at_most") and side.exact is None:
        return (
            "relation",
            f"{relation} with {side.number_id}, which is no quantity",
            "equals, includes, same_set or same_order",
        )
    if side.exact is not None and decimal(stated) is None:
        return "stated", repr(stated), f"a number in digits, as {side.number_id} is one"
    return None


def _judged(claim: Mapping[str, str], sides: Sides) -> dict[str, str]:
    """Return a claim with its verdict and the reason."""
    kept = {name: claim[name] for name in schemas.CLAIMS.names if name in claim}
    if not claim["number_id"]:
        why = claim.get("note") or "nothing in the tables leads to this statement"
        return {**kept, "recomputed": "", "verdict": "not_derivable", "why": why}
    side = sides.of(claim["number_id"])
    if why := side.decides_nothing:
        return {
            **kept,
            "recomputed": side.value,
            "verdict": "not_derivable",
            "why": why,
        }
    others = [sides.of(number_id) for number_id in tables.values(claim["alternatives"])]
    others = [other for other in others if not other.decides_nothing]
    gap = _gap(claim, side, sides)
    if _holds(claim, side, sides):
        verdict, why = "reproduced", gap
    elif found := next(
        (other for other in others if _holds(claim, other, sides)), None
    ):
        verdict = "rule_dependent"
        why = f"{gap}; by another counting rule it holds ({found.value}): {found.says}"
    elif claim["basis"] == "source_damaged":
        verdict = "not_derivable"
        why = f"{gap}, but the source is damaged here and decides nothing"
    else:
        verdict = "contradicted"
        why = gap
        if others:
            values = list(dict.fromkeys(other.value for other in others))
            rules = "by the other counting rule" + ("s" if len(others) > 1 else "")
            why += f"; {rules} " + (
                "too" if values == [side.value] else " or ".join(values)
            )
    return {**kept, "recomputed": side.value, "verdict": verdict, "why": why}


def _holds(claim: Mapping[str, str], side: Side, sides: Sides) -> bool:
    """Return whether the stated value stands in the relation to the number."""
    relation, stated = claim["relation"], claim["stated"]
    if side.is_list or side.kind == "direction":
        return _holds_for_items(relation, side, *_items(stated, side, sides))
    given = decimal(stated)
    if side.exact is None or given is None:
        return (
            " ".join(stated.split()).casefold()
            == " ".join(side.value.split()).casefold()
        )
    value, limit = side.exact, given[0]
    if value.denominator != 1 or side.kind == "share":
        # 74 is a fair statement of 74.36, and 74.4 is too.
        value = rounded(value, given[1])
    return {
        "equals": value == limit,
        "at_least": value >= limit,
        "at_most": value <= limit,
    }[relation]


def _holds_for_items(
    relation: str, side: Side, given: Sequence[str], found: Sequence[str]
) -> bool:
    if relation == "equals":
        relation = "same_order" if side.kind == "list" else "same_set"
    if relation == "includes":
        return set(given) <= set(found)
    if relation == "same_order":
        return list(given) == list(found)
    return set(given) == set(found)


def _items(stated: str, side: Side, sides: Sides) -> tuple[list[str], list[str]]:
    """Return the items of a stated list or direction, and those of the number, spelled alike."""
    if side.kind != "direction":
        return _spelled(sides.terms(stated, side.column)), _spelled(side.items)
    found = _went(side.value, side, sides)
    given = _went(stated.replace(";", ","), side, sides)
    if all(n is None for _, n in given):
        return [term for term, _ in given], [term for term, n in found if n]
    as_items = [[f"{term} {n}" for term, n in one if n != 0] for one in (given, found)]
    return as_items[0], as_items[1]


def _went(text: str, side: Side, sides: Sides) -> list[tuple[str, int | None]]:
    """Return the directions of "up n, down n", with their counts where they have any."""
    made: list[tuple[str, int | None]] = []
    for item in filter(None, (one.strip() for one in text.split(","))):
        found = _WENT.fullmatch(item)
        term = _spelled(sides.terms(found[1] if found else item, side.column))[0]
        made.append((term, int(found[2]) if found else None))
    return made


def _spelled(terms: Sequence[str]) -> list[str]:
    return [term.casefold() for term in terms]


def _gap(claim: Mapping[str, str], side: Side, sides: Sides) -> str:
    """Return what is stated and what the tables give, in a sentence that takes no side."""
    if not side.is_list:
        bound = {"at_least": "at least ", "at_most": "at most "}.get(
            claim["relation"], ""
        )
        unit = " %" if side.kind == "share" else ""
        return f"stated {bound}{claim['stated'].strip(' %')}{unit}, the tables give {side.value}{unit}"
    given, found = sides.terms(claim["stated"], side.column), list(side.items)
    spelled = [_spelled(given), _spelled(found)]
    missing = [
        sides.label(one, side.column)
        for one in given
        if one.casefold() not in spelled[1]
    ]
    further = [
        sides.label(one, side.column)
        for one in found
        if one.casefold() not in spelled[0]
    ]
    if claim["relation"] == "includes" and not missing:
        return (
            f"all {len(given)} that are stated are among the {len(found)} of the tables"
        )
    parts = []
    if missing:
        parts.append(f"stated, but not in the tables: {some(missing, 12)}")
    if further and claim["relation"] != "includes":
        parts.append(f"in the tables, but not stated: {some(further, 12)}")
    if parts:
        return "; ".join(parts)
    is_same = spelled[0] == spelled[1] or claim["relation"] == "same_set"
    return f"the same {len(found)} are stated and found" + (
        "" if is_same else ", in another order"
    )


def decimal(stated: str) -> tuple[Fraction, int] | None:
    """Return a stated number and how many decimals it was stated with."""
    text = stated.strip().removesuffix("%").strip()
    if not _DECIMAL.fullmatch(text):
        return None
    return Fraction(text), len(text.partition(".")[2])
