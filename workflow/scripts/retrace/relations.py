"""Look at a table's rows together with the columns of every table it refers to.

Cells are kept as plain lists, joined along keys once per column and asked once per distinct
value: hundreds of numbers over the same rows then cost what a handful would.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from retrace.errors import one_of, some
from retrace.tables import DTYPES, SEPARATOR, Column, Table, values

if TYPE_CHECKING:
    import pandas as pd

    from retrace.labels import Labels

Condition = Any
"""A value, a list of them, or a mapping with not, empty, at_least or at_most; see numbers.schema.json."""

_BOUNDS = {"at_least": operator.ge, "at_most": operator.le}
"""How a number is held against what a condition gives, by the condition's key."""


class Unfit(Exception):
    """A table, column, term or value that is not there: what, what was expected, what to do."""

    def __init__(self, what: str, expected: str = "", remedy: str = ""):
        self.complaint = (what, expected, remedy)
        super().__init__(what)


class Missing(Unfit):
    """A value that the rows do not give yet: while a review is under way this is no mistake."""


@dataclass(frozen=True)
class Cells:
    """A column as seen from a table's rows: text, numbers or None; tuples of text where several."""

    of: Sequence[Any]
    column: Column
    home: str
    """The table that the column stands in."""

    @property
    def is_number(self) -> bool:
        """Return whether the cells hold numbers."""
        return self.column.kind in DTYPES

    def each(self, row: int) -> tuple:
        """Return the values of a cell: none, one or several."""
        cell = self.of[row]
        if self.column.several:
            return cell
        return () if cell is None else (cell,)


class Relations:
    """Tables by name, and how the rows of one reach the columns of another.

    A column marked ``refers_to`` leads from a table to the one whose key it holds. Of two
    columns with one name the nearer is meant.
    """

    def __init__(
        self,
        frames: "Mapping[str, pd.DataFrame]",
        schemas: Mapping[str, Table],
        labels: "Labels",
    ):
        self._frames, self._schemas, self._labels = frames, schemas, labels
        self.cells = cache(self._cells)
        self.terms = cache(self._terms)
        self._own = cache(self._own_cells)
        self._present = cache(self._values_present)

    def size(self, table: str) -> int:
        """Return how many rows a table has."""
        self._there(table)
        return len(self._frames[table])

    def keys(self, table: str) -> list[str]:
        """Return what names each row of a table: its key, or its line where it has none."""
        key = self._schemas[table].key
        if not key:
            return [f"row {row + 2}" for row in range(self.size(table))]
        return joined(
            [self.cells(table, name) for name in key], range(self.size(table))
        )

    def rows(
        self, table: str, conditions: Sequence[Mapping[str, Condition]]
    ) -> list[int]:
        """Return the places of the rows for which every condition holds.

        Raises:
            Unfit: a column, term or value that is not there.
        """
        rows: Sequence[int] = range(self.size(table))
        for where in conditions:
            for column, condition in where.items():
                cells = self.cells(table, column)
                holds = cache(self._test(cells, condition))
                of = cells.of
                rows = [row for row in rows if holds(of[row])]
        return list(rows)

    def label(self, cells: Cells, term: str) -> str:
        """Return the label of a term that stands on its own in a sentence."""
        name = self._vocabulary(cells.home, cells.column.name)
        label = self._labels.long(name, term) if name else term
        return (
            label.replace("_", " ") if label == term and cells.column.terms else label
        )

    def _cells(self, table: str, name: str) -> Cells:
        """Return a column as seen from a table's rows."""
        self._there(table)
        seen = {table}
        ways: list[tuple[str, list | None]] = [(table, None)]
        known: dict[str, None] = {}
        while ways:
            found = [way for way in ways if name in self._columns(way[0])]
            if len({home for home, _ in found}) > 1:
                raise Unfit(
                    f"column {name!r} stands in {some(home for home, _ in found)}",
                    "a column of one table",
                )
            if found:
                home, places = found[0]
                column, cells = self._own(home, name)
                if places is not None:
                    nothing = () if column.several else None
                    cells = [nothing if at is None else cells[at] for at in places]
                return Cells(cells, column, home)
            nearer, ways = ways, []
            for here, places in nearer:
                known |= dict.fromkeys(self._columns(here))
                for column, parent in self._references(here):
                    if parent not in seen:
                        seen.add(parent)
                        ways.append(
                            (parent, self._places(here, column, parent, places))
                        )
        raise Unfit(
            f"{table} has no column {name!r}, nor has a table it refers to",
            *one_of(name, known),
        )

    def _places(
        self, here: str, column: Column, parent: str, places: list | None
    ) -> list:
        """Return the row of the parent that each row of the base refers to."""
        key = self._schemas[parent].key[0]
        at = {cell: row for row, cell in enumerate(self._own(parent, key)[1])}
        _, cells = self._own(here, column.name)
        lost = [cell for cell in cells if cell is not None and cell not in at]
        if lost:
            raise Unfit(
                f"{column.name} of {here} names {some(dict.fromkeys(map(repr, lost)))}",
                f"a {key} of {parent}",
            )
        own = [None if cell is None else at[cell] for cell in cells]
        return (
            own
            if places is None
            else [None if row is None else own[row] for row in places]
        )

    def _references(self, table: str) -> Iterator[tuple[Column, str]]:
        for column in self._schemas[table].columns:
            parent = column.refers_to
            if (
                parent is not None
                and parent in self._frames
                and not column.several
                and len(self._schemas[parent].key) == 1
            ):
                yield column, parent

    def _own_cells(self, table: str, name: str) -> tuple[Column, list]:
        import pandas as pd

        try:
            column = self._schemas[table].column(name)
        except KeyError:
            column = Column(name, name)
        cells = self._frames[table][name].tolist()
        if column.several:
            return column, [tuple(values(cell)) for cell in cells]
        if column.kind in DTYPES:
            return column, [None if pd.isna(cell) else cell for cell in cells]
        return column, [
            None
            if cell is None or cell is pd.NA or cell != cell or cell == ""
            else str(cell)
            for cell in cells
        ]

    def _columns(self, table: str) -> list[str]:
        return list(self._frames[table].columns)

    def _there(self, table: str) -> None:
        if table not in self._schemas:
            raise Unfit(f"there is no table {table!r}", *one_of(table, self._schemas))
        if table not in self._frames:
            raise Unfit(
                f"this review has no table {table!r}",
                "",
                f"see {self._schemas[table].path}",
            )

    def _values_present(self, table: str, name: str) -> dict[str, None]:
        """Return the distinct values of a column in the table it stands in, as text, in their order."""
        column, cells = self._own(table, name)
        if column.several:
            return {one: None for cell in cells for one in cell}
        return {as_term(cell): None for cell in cells if cell is not None}

    def _vocabulary(self, table: str, name: str) -> str | None:
        """Return the name under which a column's terms stand in the labels.

        A computed table holds terms of the review's vocabularies under names of its own
        (`group`), and which it holds is the author's choice: it is the one vocabulary that has
        all its values.
        """
        column, _ = self._own(table, name)
        if column.terms is not None or self._labels.terms(name):
            return name
        present = set(self._present(table, name))
        is_sheet = self._schemas[table].path == f"results/extraction/{table}.csv"
        if not present or column.kind in DTYPES or is_sheet:
            return None
        fitting = (
            one
            for one in self._labels.columns()
            if present <= set(self._labels.terms(one))
        )
        return next(fitting, None)

    def _terms(self, table: str, name: str) -> tuple[list[str], bool]:
        """Return all terms of a column as seen from a table, in order, and whether no others may stand there."""
        cells = self.cells(table, name)
        column, home = cells.column, cells.home
        if column.terms is not None:
            return list(column.terms), True
        parent = column.refers_to
        if parent is not None and parent in self._frames:
            return list(self._present(parent, self._schemas[parent].key[0])), True
        vocabulary = self._vocabulary(home, name)
        if vocabulary:
            return self._labels.terms(vocabulary), True
        present = self._present(home, name)
        # A table without rows tells nothing of what may stand in it.
        known = column.known if present else ()
        return list(dict.fromkeys([*present, *known])), False

    def _test(self, cells: Cells, condition: Condition) -> Callable[[Any], bool]:
        """Return the test of one cell that a condition stands for."""
        if isinstance(condition, Mapping):
            tests = [self._bound(cells, key, given) for key, given in condition.items()]
            return lambda cell: all(test(cell) for test in tests)
        wanted = self._wanted(cells, condition)
        if cells.column.several:
            return lambda cell: not wanted.isdisjoint(cell)
        return lambda cell: cell in wanted

    def _bound(self, cells: Cells, key: str, given: Any) -> Callable[[Any], bool]:
        if key == "not":
            is_one = self._test(cells, given)
            return lambda cell: not is_one(cell)
        if key == "empty":
            return lambda cell: (cell is None or cell == ()) == given
        holds = _BOUNDS[key]
        if cells.column.several:
            raise Unfit(
                f"{cells.column.name} holds several values", "a column of numbers"
            )

        def bound(cell: Any) -> bool:
            number = as_number(cell, cells.column.name)
            return number is not None and holds(number, given)

        return bound

    def _wanted(self, cells: Cells, given: Any) -> frozenset:
        """Return the values that a condition names.

        A value that can never stand in the column is a typo, not a selection of no rows.
        """
        column = cells.column
        wanted = list(given) if isinstance(given, list) else [given]
        terms, is_closed = self.terms(cells.home, column.name)
        is_known = set(terms) if is_closed or (terms and not cells.is_number) else None
        unknown = [
            one
            for one in wanted
            if is_known is not None and as_term(one) not in is_known
        ]
        if unknown:
            what = "no term of" if is_closed else "no value of"
            raise Unfit(
                f"{some(map(repr, unknown))} is {what} {column.name}",
                *one_of(unknown[0], terms),
            )
        if cells.is_number:
            return frozenset(as_number(one, column.name) for one in wanted)
        return frozenset(map(as_term, wanted))


def joined(columns: Sequence[Cells], rows: Sequence[int]) -> list:
    """Return for each row its value in one column, or those in several columns joined by ":"."""
    if len(columns) == 1:
        of = columns[0].of
        return [of[row] for row in rows]
    return [
        None if any(cells.of[row] is None for cells in columns)
        else ":".join(as_term(cells.of[row]) for cells in columns)
        for row in rows
    ]  # fmt: skip


def as_term(value: Any) -> str:
    """Return a cell's value as text, whole numbers without decimals."""
    if isinstance(value, tuple):
        return SEPARATOR.join(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def as_number(value: Any, column: str) -> int | float | None:
    """Return a cell's value as a number, None where it is empty.

    Raises:
        Unfit: it is none.
    """
    if value is None or isinstance(value, int | float):
        return value
    try:
        return int(value)
    except ValueError:
        pass
    try:
        return float(value)
    except ValueError:
        raise Unfit(f"{column} holds {value!r}", "a number") from None
