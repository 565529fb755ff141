"""Turn definitions and tables into numbers: the value of each, and the members it is the size of.

No definition is ever evaluated as code: a small closed language says which rows, and what of
them is counted. A number is computed together with the set behind it, so the two cannot part.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from retrace import schemas as kinds_of_table
from retrace import tables
from retrace.definitions import Definition, Definitions, load, names
from retrace.errors import NumberError, Problem, one_of, some
from retrace.relations import (
    Cells,
    Missing,
    Relations,
    Unfit,
    as_number,
    as_term,
    joined,
)

if TYPE_CHECKING:
    import pandas as pd

    from retrace.labels import Labels

__all__ = ["Definitions", "define", "explain", "load", "printed", "tables_of"]

OfRows = Callable[[Sequence[int]], tuple[str, list[str]]]
"""What gives value and members of some rows; made once for all terms of a family."""

LATE = "claims"
"""The one table that is made from numbers: what is counted in it is counted after it."""

NOT_YET = "not yet"
"""The value of a number of a draft whose rows do not give it yet."""

_ID = re.compile(r"[A-Za-z0-9_.+-]+")


@dataclass(frozen=True)
class Number:
    """A number as it is computed; ``exact`` is None for what is no quantity."""

    number_id: str
    value: str
    exact: Fraction | None
    definition: Definition
    says: str
    selection: str = ""
    table: str = ""
    of: str = ""
    members: Sequence[str] = ()
    terms: tuple[str, ...] = ()


def define(
    definitions: Definitions,
    frames: "Mapping[str, pd.DataFrame]",
    schemas: Mapping[str, tables.Table],
    labels: "Labels",
    *,
    before: "tuple[pd.DataFrame, pd.DataFrame] | None" = None,
    final: bool = True,
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the numbers and their members; see `schemas.NUMBERS` and `schemas.NUMBER_MEMBERS`.

    Claims are held against numbers, and numbers count claims: the first call leaves out what
    is counted in the table of claims; the second takes the result of the first as ``before``
    and adds that. While the review is not ``final``, a number that needs a row, a cell or a divisor
    that is not there yet has the value `NOT_YET`.

    Raises:
        NumberError: every number that cannot be computed as it is defined.
    """
    counting = _Counting(definitions, Relations(frames, schemas, labels), before, final)
    made = [
        number
        for definition in definitions
        if before is not None or not _is_late(definitions, definition)
        for number in counting.attempt(definition)
    ]
    problems = counting.problems + _doubled(definitions, made)
    if problems:
        raise NumberError(sorted(set(problems)))
    return (
        tables.frame([_as_row(number) for number in made], kinds_of_table.NUMBERS),
        tables.frame(
            [
                (number.number_id, member)
                for number in made
                for member in dict.fromkeys(number.members)
            ],
            kinds_of_table.NUMBER_MEMBERS,
        ),
    )


def waiting(numbers: "pd.DataFrame") -> list[str]:
    """Return a sentence on the numbers that are not known yet, where there are any."""
    ids = list(numbers["number_id"][numbers["value"] == NOT_YET])
    return [f"not yet known: {some(ids)}"] if ids else []


def tables_of(
    definitions: Definitions, schemas: Mapping[str, tables.Table], there: Iterable[str]
) -> dict[str, tables.Table]:
    """Return the schemas of the labels and of every table that the definitions reach, of those there are."""
    todo = ["labels", "reported", *(definitions.base(one)[0] for one in definitions)]
    found: dict[str, tables.Table] = {}
    while todo:
        name = todo.pop(0)
        if name in there and name in schemas and name not in found:
            found[name] = schemas[name]
            todo += [one.refers_to for one in schemas[name].columns if one.refers_to]
    return found


def explain(
    definitions: Definitions,
    definition: Definition,
    terms: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """Return what a number is, in a sentence, and which rows it is read from, and how, in words.

    For a number of a family, ``terms`` and ``labels`` give the term and label by column.
    """
    says = definition.spec["says"]
    if labels:
        # In one pass: a label may itself hold what looks like the place of another.
        place = "|".join(map(re.escape, labels))
        says = re.sub(rf"\{{({place})\}}", lambda found: labels[found[1]], says)
    statistic = definition.spec.get("statistic", "")
    if "of" in definition.spec and statistic:
        return says, _OF_TWO[statistic]
    table, conditions = definitions.base(definition)
    if not table:
        return says, ""
    words = [
        f"{column} {_in_words(condition)}"
        for where in conditions
        for column, condition in where.items()
    ]
    words += [f"{column} is {term}" for column, term in (terms or {}).items()]
    how = f"{statistic} over " if statistic else ""
    return says, f"{how}rows of {table}" + (
        f" where {' and '.join(words)}" if words else ""
    )


def printed(value: float | Fraction) -> str:
    """Return a quantity as it is written: whole numbers without decimals, others with four at most.

    A quantity too small for four decimals keeps two digits, so that it never prints as nothing. One
    whose last digit is a 5 that rounding made keeps the digits behind it, since whoever rounds
    2.445 for 2.44496 to two decimals would be led the wrong way.
    """
    exact = value if isinstance(value, Fraction) else _exactly(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    decimals = max(4, 1 - floor(log10(abs(exact))))
    while True:
        short = rounded(exact, decimals)
        text = f"{float(short):.{decimals}f}".rstrip("0")
        if not text.endswith("5") or abs(short) <= abs(exact):
            return text
        decimals += 1


def rounded(value: Fraction, decimals: int) -> Fraction:
    """Return a quantity rounded to decimals, halves away from zero, as a reader rounds."""
    scaled = abs(value) * 10**decimals
    return (1 if value >= 0 else -1) * Fraction(
        floor(scaled + Fraction(1, 2)), 10**decimals
    )


_STATISTICS: dict[str, Callable[[Any], Any]] = {
    "min": lambda every: every[0],
    "max": lambda every: every[-1],
    "sum": lambda every: sum(every, Fraction()),
    "mean": lambda every: sum(every, Fraction()) / len(every),
    "median": lambda every: (every[(len(every) - 1) // 2] + every[len(every) // 2]) / 2,
}
"""What each statistic is of sorted values."""
_OF_TWO = {
    "difference": "the first less the second",
    "ratio": "the first divided by the second",
    "least_unique": "the first divided by the second, rounded up",
}
"""What each statistic is of two numbers, in words."""


class _Left(Exception):
    """A number is not computed because something it is made of has a problem of its own."""


class _Counting:
    """One pass over all definitions, each computed once, in the order that they need each other."""

    def __init__(
        self, definitions: Definitions, relations: Relations, before: Any, final: bool
    ):
        self.definitions, self.relations, self.final = definitions, relations, final
        self.problems: list[Problem] = []
        self._made: dict[str, dict[str, Number] | None] = {}
        self._open: list[str] = []
        self._before: dict[str, dict[str, Number]] = {}
        self._is_second = before is not None
        if before is not None:
            self._take(*before)

    def attempt(self, definition: Definition) -> list[Number]:
        """Return the numbers of a definition, or none when it has a problem, which is kept."""
        try:
            return list(self.numbers(definition).values())
        except _Left:
            return []

    def numbers(self, definition: Definition) -> dict[str, Number]:
        """Return the numbers of a definition by their ids, in order."""
        name = definition.name
        if name in self._open:
            circle = " -> ".join([*self._open[self._open.index(name) :], name])
            self._complain(
                definition, definition.kind, f"it is made of itself: {circle}"
            )
            raise _Left
        if name not in self._made:
            self._open.append(name)
            self._made[name] = None
            try:
                self._made[name] = self._compute(definition)
            except Unfit as unfit:
                self._complain(definition, definition.kind, *unfit.complaint)
            except _Left:
                pass
            finally:
                self._open.pop()
        made = self._made[name]
        if made is None:
            raise _Left
        return made

    def _compute(self, definition: Definition) -> dict[str, Number]:
        if self._is_second and not _is_late(self.definitions, definition):
            return self._before.get(definition.name, {})
        of = {"count": "counts", "set": "rows", "direction": "rows"}
        way = (
            f"family_of_{of.get(definition.kind, 'numbers')}"
            if definition.is_family
            else definition.kind
        )
        try:
            made = getattr(self, f"_{way}")(definition)
        except Missing:
            if self.final:
                raise
            made = self._number(definition, NOT_YET)
        return {
            number.number_id: number
            for number in ([made] if isinstance(made, Number) else made)
        }

    # --- numbers that are read from rows --------------------------------------------

    def _count(self, definition: Definition) -> Number:
        counted = self._counted(definition)
        members = dict.fromkeys(
            one for row in self._rows(definition) for one in counted(row)
        )
        return self._number(definition, len(members), list(members))

    def _set(self, definition: Definition) -> Number:
        return self._number(
            definition, *self._set_in(definition)(self._rows(definition))
        )

    def _direction(self, definition: Definition) -> Number:
        rows = self._rows(definition)
        return self._number(definition, *self._direction_in(definition)(rows))

    def _set_in(self, definition: Definition) -> OfRows:
        """Return what gives the set that stands in some rows."""
        cells = self._cells(definition, "set")

        def found(rows: Sequence[int]) -> tuple[str, list[str]]:
            terms = dict.fromkeys(
                as_term(one) for row in rows for one in cells.each(row)
            )
            labels = (self.relations.label(cells, term) for term in terms)
            return tables.SEPARATOR.join(labels), list(terms)

        return found

    def _direction_in(self, definition: Definition) -> OfRows:
        """Return what gives the directions that stand in some rows."""
        cells, counted = self._cells(definition, "direction"), self._counted(definition)
        known, is_closed = self.relations.terms(cells.home, cells.column.name)
        told = definition.spec.get("terms")
        for term in told or []:
            if is_closed and term not in known:
                self._complain(
                    definition,
                    "terms",
                    f"{term!r} is no term of {cells.column.name}",
                    *one_of(term, known),
                )
                raise _Left

        def found(rows: Sequence[int]) -> tuple[str, list[str]]:
            went: dict[str, dict[str, None]] = {term: {} for term in told or known}
            members: dict[str, None] = {}
            for row in rows:
                for term in map(as_term, cells.each(row)):
                    if term in went or not told:
                        ids = dict.fromkeys(counted(row))
                        went.setdefault(term, {}).update(ids)
                        members |= ids
            value = ", ".join(
                f"{term} {len(ids)}" for term, ids in went.items() if ids or told
            )
            return value, list(members)

        return found

    def _lookup(self, definition: Definition) -> Number:
        cells, rows = self._cells(definition, "lookup"), self._rows(definition)
        if len(rows) != 1:
            raise (Unfit if rows else Missing)(
                f"the conditions leave {len(rows)} rows",
                "exactly one row",
                "correct where",
            )
        cell = cells.of[rows[0]]
        if cell is None or cell == ():
            raise Missing(
                f"the cell of {cells.column.name} is empty in that row", "a value"
            )
        return self._number(
            definition,
            _exactly(cell) if cells.is_number else as_term(cell),
            self._keys(definition, rows),
        )

    def _statistic(self, definition: Definition) -> Number:
        spec, statistic = definition.spec, definition.spec["statistic"]
        if "of" in spec:
            a, b = (self._quantity(part) for part in spec["of"])
            if statistic == "difference":
                return self._number(definition, a - b)
            if b == 0:
                raise Missing(f"{spec['of'][1]} is zero", "a number that can divide")
            return self._number(
                definition,
                Fraction(ceil(a / b)) if statistic == "least_unique" else a / b,
            )
        cells = self._cells(definition, "column")
        if cells.column.several:
            raise Unfit(
                f"{cells.column.name} holds several values", "a column of numbers"
            )
        is_days = cells.column.kind == "date"
        if is_days and statistic not in ("min", "max"):
            raise Unfit(f"{cells.column.name} holds days", "min or max of them")

        def read(cell: Any) -> Any:
            number = cell if is_days else as_number(cell, cells.column.name)
            return number if number is None or is_days else _exactly(number)

        rows = self._rows(definition)
        found = [(row, one) for row in rows if (one := read(cells.of[row])) is not None]
        if not found and statistic != "sum":
            raise Missing(
                f"no row has a {cells.column.name}", f"a row to take the {statistic} of"
            )
        every = sorted(one for _, one in found)
        value = _STATISTICS[statistic](every)
        within = [one for one in every if one != value and is_days and (one.startswith(value) or value.startswith(one))]  # fmt: skip
        if within:
            raise Unfit(
                f"{cells.column.name} holds {value} and {within[0]}, which stand in no order",
                "whole days",
            )
        kept = [
            row for row, one in found if statistic not in ("min", "max") or one == value
        ]
        made = self._number(definition, value, self._keys(definition, kept))
        if empty := len(rows) - len(found):
            said = f"{empty} of {len(rows)} rows {'has' if empty == 1 else 'have'} no {cells.column.name}"
            made = replace(made, selection=f"{made.selection}; {said}")
        return made

    def _reported(self, definition: Definition) -> Number:
        box = definition.spec["reported"]
        cells = self.relations.cells("reported", "box")
        if box not in cells.of:
            raise Unfit(f"box {box!r} was not reported", *one_of(box, cells.of))
        n = self.relations.cells("reported", "n").of[cells.of.index(box)]
        return Number(
            definition.name, printed(n), Fraction(n), definition, definition.spec["says"],
            f"row of reported where box is {box}", "reported", "n",
        )  # fmt: skip

    def _family_of_counts(self, definition: Definition) -> list[Number]:
        """Group once, not once per term."""
        table, _ = self.definitions.base(definition)
        by = [
            self._cells(definition, "by", name) for name in names(definition.spec["by"])
        ]
        counted = self._counted(definition)
        members: dict[tuple[str, ...], dict[str, None]] = {
            terms: {}
            for terms in product(*(self._closed_terms(table, cells) for cells in by))
        }
        open_ones: list[dict[str, None]] = [
            dict.fromkeys(self._closed_terms(table, cells)) for cells in by
        ]
        for row in self._rows(definition):
            ids = dict.fromkeys(counted(row))
            for terms in product(*(map(as_term, cells.each(row)) for cells in by)):
                members.setdefault(terms, {}).update(ids)
                for known, term in zip(open_ones, terms, strict=True):
                    known[term] = None
        orders = [
            _ranked(known, cells) for known, cells in zip(open_ones, by, strict=True)
        ]
        return [
            self._number(
                definition,
                len(members.get(terms, ())),
                list(members.get(terms, ())),
                terms,
                by,
            )
            for terms in product(*orders)
        ]

    def _family_of_rows(self, definition: Definition) -> list[Number]:
        """Return the set or the directions of each term that occurs: none of no rows is no answer."""
        by = [
            self._cells(definition, "by", name) for name in names(definition.spec["by"])
        ]
        table, _ = self.definitions.base(definition)
        found = getattr(self, f"_{definition.kind}_in")(definition)
        groups: dict[tuple[str, ...], list[int]] = {}
        for row in self._rows(definition):
            for terms in product(*(map(as_term, cells.each(row)) for cells in by)):
                groups.setdefault(terms, []).append(row)
        places: list[dict[str, int]] = []
        for at, cells in enumerate(by):
            known = dict.fromkeys(self._closed_terms(table, cells))
            known |= dict.fromkeys(terms[at] for terms in groups)
            places.append({one: n for n, one in enumerate(_ranked(known, cells))})
        ordered = sorted(
            groups, key=lambda one: [of[t] for of, t in zip(places, one, strict=True)]
        )
        made = [(terms, *found(groups[terms])) for terms in ordered]
        return [
            self._number(definition, value, members, terms, by)
            for terms, value, members in made
        ]

    # --- numbers that are made of numbers -------------------------------------------

    def _share(self, definition: Definition) -> Number:
        part = self._part(definition.spec["share"])
        return self._number(definition, self._percent(definition, part), part.members)

    def _rank(self, definition: Definition) -> Number:
        ranked = self._part(definition.spec["rank"])
        if not ranked.definition.is_family:
            raise Unfit(
                f"{ranked.number_id} is of no family",
                "a number of a family, as family.term",
            )
        if ranked.exact is None:
            raise Unfit(
                f"{ranked.number_id} is no quantity", "a number that has a size"
            )
        return self._number(definition, self._place(ranked), ranked.members)

    def _list(self, definition: Definition) -> Number:
        family = definition.spec["list"]
        source = self._family(family)
        if len(self.definitions.by(family)) != 1:
            raise Unfit(
                f"{family} runs over {len(self.definitions.by(family))} columns",
                "a family over one column",
            )
        for one in source.values():
            self._must_be_known(one)
        sized = [one for one in source.values() if one.exact]
        sized.sort(key=lambda one: -(one.exact or 0))
        table, column = self._home_of(family)
        cells = self.relations.cells(table, column)
        terms = [one.terms[0] for one in sized]
        value = tables.SEPARATOR.join(
            self.relations.label(cells, term) for term in terms
        )
        return self._number(
            definition, value, terms, of=[one.number_id for one in sized]
        )

    def _family_of_numbers(self, definition: Definition) -> list[Number]:
        """Return the share or the rank of each number of another family."""
        family = definition.spec[definition.kind]
        parts = self._family(family)
        if self._is_second and not _is_late(self.definitions, self.definitions.families[family]):  # fmt: skip
            raise Unfit(
                f"{family} is counted in the tables, {definition.spec['of']} in the claims",
                "a family and a whole that are both counted in the tables, or both in the claims",
            )
        made = []
        for part in parts.values():
            table, _ = self._home_of(family)
            by = [
                self.relations.cells(table, name)
                for name in self.definitions.by(family)
            ]
            try:
                self._must_be_known(part)
                value: Any = (
                    self._percent(definition, part)
                    if definition.kind == "share"
                    else self._place(part)
                )
            except Missing:
                if self.final:
                    raise
                value = NOT_YET
            of = [
                part.number_id,
                *([definition.spec["of"]] if "of" in definition.spec else []),
            ]
            made.append(
                self._number(definition, value, part.members, part.terms, by, of=of)
            )
        return made

    def _percent(self, definition: Definition, part: Number) -> Fraction:
        whole = self._quantity(definition.spec["of"])
        if part.exact is None:
            raise Unfit(
                f"{part.number_id} is no quantity", "a number that can be divided"
            )
        if whole == 0:
            raise Missing(
                f"{definition.spec['of']} is zero", "a number that can divide"
            )
        return 100 * part.exact / whole

    def _place(self, ranked: Number) -> int:
        family = self.numbers(ranked.definition).values()
        return 1 + sum((one.exact or 0) > (ranked.exact or 0) for one in family)

    def _part(self, number_id: str) -> Number:
        found = self.definitions.find(number_id)
        made = self.numbers(found) if found else {}
        if number_id not in made:
            known = list(made) or [one.name for one in self.definitions]
            raise Unfit(f"there is no number {number_id!r}", *one_of(number_id, known))
        self._must_be_known(made[number_id])
        return made[number_id]

    def _quantity(self, number_id: str) -> Fraction:
        part = self._part(number_id)
        if part.exact is None:
            raise Unfit(
                f"{number_id} is no quantity but a {part.definition.kind}",
                "a number to reckon with",
            )
        return part.exact

    def _must_be_known(self, part: Number) -> None:
        if part.value == NOT_YET:
            raise Missing(f"{part.number_id} is not known yet", "a number with a value")

    def _family(self, name: str) -> dict[str, Number]:
        if name not in self.definitions.families:
            raise Unfit(
                f"there is no family {name!r}",
                *one_of(name, self.definitions.families),
            )
        found = self.definitions.families[name]
        if found.kind in ("set", "direction"):
            raise Unfit(
                f"{name} is a family of {found.kind}s, which have no size",
                "a family of numbers",
            )
        return self.numbers(found)

    def _home_of(self, family: str) -> tuple[str, str]:
        """Return the table that a family is counted in, and its first column."""
        definition = self.definitions.families[family]
        while "by" not in definition.spec:
            definition = self.definitions.families[definition.spec[definition.kind]]
        return self.definitions.base(definition)[0], self.definitions.by(family)[0]

    # --- what they share --------------------------------------------------------------

    def _rows(self, definition: Definition) -> list[int]:
        table, conditions = self.definitions.base(definition)
        try:
            return self.relations.rows(table, conditions)
        except Unfit as unfit:
            # A condition of a named selection is that selection's problem, said once.
            selection = self.definitions.selections.get(definition.spec.get("from", ""))
            if selection is not None:
                try:
                    self.relations.rows(*self.definitions.base(selection))
                except Unfit as in_selection:
                    self._complain(selection, "where", *in_selection.complaint)
                    raise _Left from None
            self._complain(definition, "where", *unfit.complaint)
            raise _Left from None

    def _cells(
        self, definition: Definition, key: str, name: str | None = None
    ) -> Cells:
        try:
            return self.relations.cells(
                self.definitions.base(definition)[0], name or definition.spec[key]
            )
        except Unfit as unfit:
            self._complain(definition, key, *unfit.complaint)
            raise _Left from None

    def _counted(self, definition: Definition) -> Any:
        """Return what gives the things that are counted in a row."""
        columns = [
            self._cells(definition, "count", name)
            for name in names(definition.spec["count"])
        ]
        if len(columns) == 1:
            return lambda row: map(as_term, columns[0].each(row))
        if split := [cells.column.name for cells in columns if cells.column.several]:
            self._complain(
                definition,
                "count",
                f"{some(split)} holds several values",
                "columns of one value",
            )
            raise _Left
        return lambda row: [one for one in joined(columns, [row]) if one is not None]

    def _closed_terms(self, table: str, cells: Cells) -> list[str]:
        terms, is_closed = self.relations.terms(table, cells.column.name)
        return terms if is_closed else []

    def _keys(self, definition: Definition, rows: Sequence[int]) -> list[str]:
        keys = self.relations.keys(self.definitions.base(definition)[0])
        return [as_term(keys[row]) for row in rows]

    def _number(
        self,
        definition: Definition,
        value: Any,
        members: Sequence[str] = (),
        terms: tuple[str, ...] = (),
        by: Sequence[Cells] = (),
        *,
        of: Sequence[str] | None = None,
    ) -> Number:
        spec = definition.spec
        number_id = ".".join([definition.name, *terms])
        if not _ID.fullmatch(number_id):
            raise Unfit(
                f"{number_id!r} is no name of a number",
                "terms of letters, digits and _ . + -",
            )
        columns = [cells.column.name for cells in by]
        says, selection = explain(
            self.definitions,
            definition,
            dict(zip(columns, terms, strict=True)),
            {
                cells.column.name: self.relations.label(cells, term)
                for cells, term in zip(by, terms, strict=True)
            },
        )
        if of is None:
            of = definition.parts or names(
                spec.get("count")
                or spec.get("column")
                or spec.get("set")
                or spec.get("lookup", "")
            )
        exact = None if isinstance(value, str) else Fraction(value)
        if isinstance(value, str):
            text = value
        elif definition.kind == "share":
            text = f"{float(rounded(Fraction(value), 2)):.2f}"
        else:
            text = printed(value)
        return Number(
            number_id, text, exact, definition, says, selection,
            self.definitions.base(definition)[0], tables.SEPARATOR.join(of), members, terms,
        )  # fmt: skip

    def _complain(self, definition: Definition, key: str, *complaint: str) -> None:
        self.problems.append(self.definitions.problem(definition, key, *complaint))

    def _take(self, numbers: "pd.DataFrame", members: "pd.DataFrame") -> None:
        """Take over numbers that were computed before."""
        of: dict[str, list[str]] = {}
        for number_id, member in zip(
            members["number_id"], members["member_id"], strict=True
        ):
            of.setdefault(number_id, []).append(member)
        rows: list[Any] = list(numbers.itertuples(index=False))
        for row in rows:
            definition = self.definitions.find(row.number_id)
            if definition is None:
                continue
            try:
                exact = Fraction(row.value)
            except ValueError:
                exact = None
            self._before.setdefault(definition.name, {})[row.number_id] = Number(
                row.number_id, row.value, exact, definition, row.definition, row.selection,
                row.table, row.of, of.get(row.number_id, []),
            )  # fmt: skip


def _is_late(definitions: Definitions, definition: Definition) -> bool:
    """Return whether a number is counted in the claims, or made of one that is."""
    todo, seen = [definition], set()
    while todo:
        one = todo.pop()
        if definitions.base(one)[0] == LATE:
            return True
        if one.name not in seen:
            seen.add(one.name)
            todo += [part for name in one.parts if (part := definitions.find(name))]
    return False


def _doubled(definitions: Definitions, made: Sequence[Number]) -> list[Problem]:
    first: dict[str, Definition] = {}
    problems = []
    for number in made:
        other = first.setdefault(number.number_id, number.definition)
        if other is not number.definition:
            problems.append(
                definitions.problem(
                    other, "", f"{number.number_id} is a number of the family {number.definition.name} too",
                    "a name of its own", "rename one",
                )
            )  # fmt: skip
    return problems


def _as_row(number: Number) -> dict[str, Any]:
    return {
        "number_id": number.number_id,
        "value": number.value,
        "kind": number.definition.kind,
        "definition": number.says,
        "table": number.table,
        "selection": number.selection,
        "of": number.of,
        "n_members": len(dict.fromkeys(number.members)),
    }


def _ranked(terms: Mapping[str, None], cells: Cells) -> list[str]:
    """Return terms in order: those of a vocabulary as they stand there, years and other numbers by size."""
    return sorted(terms, key=float) if cells.is_number else list(terms)


def _exactly(value: float) -> Fraction:
    """Return the number that is written, not the nearest binary fraction of it."""
    return Fraction(repr(value))


def _in_words(condition: Any) -> str:
    if isinstance(condition, Mapping):
        return " and ".join(
            _bound_in_words(key, given) for key, given in condition.items()
        )
    return f"is {_either(condition)}"


_BOUNDS = {"at_least": "at least", "at_most": "at most"}


def _bound_in_words(key: str, given: Any) -> str:
    if key == "empty":
        return "is empty" if given else "is not empty"
    if key == "not":
        is_list = isinstance(given, list) and len(given) > 1
        return (
            f"is neither {_either(given, ' nor ')}"
            if is_list
            else f"is not {_either(given)}"
        )
    return f"is {_BOUNDS[key]} {given}"


def _either(given: Any, word: str = " or ") -> str:
    several = [str(one) for one in given] if isinstance(given, list) else [str(given)]
    return (
        word.join([", ".join(several[:-1]), several[-1]])
        if len(several) > 1
        else several[0]
    )
