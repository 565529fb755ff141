"""The review's tables: a schema for each kind, and the only place that reads or writes them.

Cells are read as text and "NA" stays "NA": a guess of types would turn Namibia's country
code into a missing value and 00123 into 123. A schema then says which columns are numbers.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrace.errors import Problem, TableError, some
from retrace.ledger import write_bytes

if TYPE_CHECKING:
    import pandas as pd

SEPARATOR = "; "
"""Between the values of one cell that holds several."""

PATTERNS = {
    "integer": (re.compile(r"-?\d+"), "a whole number"),
    "number": (re.compile(r"-?\d+(\.\d+)?([eE]-?\d+)?"), "a number"),
    "date": (re.compile(r"\d{4}(-\d{2}(-\d{2})?)?"), "an ISO date such as 2024-05-31"),
    "id": (re.compile(r"[^\s;,/\\]+"), "an id without blanks, commas or slashes"),
}
DTYPES = {"integer": "Int64", "number": "Float64"}


@dataclass(frozen=True)
class Column:
    """A column: its name, what it means, and what may stand in it.

    ``kind`` is text, id, integer, number or date; ``terms`` closes the column; ``several``
    allows values joined by "; "; ``refers_to`` names the table whose key it holds.
    """

    name: str
    says: str
    kind: str = "text"
    required: bool = False
    terms: tuple[str, ...] | None = None
    several: bool = False
    refers_to: str | None = None
    compared: bool = True


@dataclass(frozen=True)
class Table:
    """A kind of table: where it stands, what one row is, its columns and its key."""

    name: str
    path: str
    says: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    open: bool = False

    @property
    def names(self) -> list[str]:
        """Return the column names in order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """Return a column by its name; raise KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")


def table(
    name: str, path: str, says: str, *columns: Column, key: str = "", open: bool = False
) -> Table:
    """Return a `Table`; ``key`` is a blank-separated list of column names."""
    return Table(name, path, says, columns, tuple(key.split()), open)


def read(path: str | Path, schema: Table) -> "pd.DataFrame":
    """Read a CSV or parquet file and hold it to its schema.

    Integer columns come back as Int64, number columns as Float64, all others as text.

    Raises:
        TableError: every cell that does not fit, by file, row (the line of the file,
            so that row 2 is the first after the header) and column.
    """
    import pandas as pd

    if str(path).endswith(".parquet"):
        return pd.read_parquet(path)
    header, rows, places = read_rows(path)
    problems = _header_problems(path, header, schema)
    if problems:
        raise TableError(problems)
    frame = pd.DataFrame(rows, columns=header, dtype=str)
    problems = check(frame, schema, path=path, places=places)
    if problems:
        raise TableError(problems)
    return _typed(frame, schema)


def read_each(paths: Iterable[str | Path], schema: Table) -> "dict[str, pd.DataFrame]":
    """Read several files of one kind; return them by their names without the ending.

    Raises:
        TableError: the problems of all files, not only of the first.
    """
    frames, problems = {}, []
    for path in paths:
        try:
            frames[Path(path).stem] = read(path, schema)
        except TableError as error:
            problems += error.problems
    if problems:
        raise TableError(problems)
    return frames


def read_named(paths: Any, schemas: Mapping[str, Table]) -> "dict[str, pd.DataFrame]":
    """Read tables by name, each from the path of the same name and held to its own schema."""
    return {name: read(paths.get(name), schema) for name, schema in schemas.items()}


def read_all(paths: Iterable[str | Path] | str, schema: Table) -> "pd.DataFrame":
    """Read the rows of several files of one kind, in order; no file gives no rows."""
    import pandas as pd

    frames = read_each([paths] if isinstance(paths, str) else paths, schema)
    return pd.concat(frames.values(), ignore_index=True) if frames else empty(schema)


def write(frame: "pd.DataFrame", path: str | Path, schema: Table) -> None:
    """Write a table in its schema's column order, as it stands, as CSV or parquet.

    Raises:
        TableError: the table does not fit its schema.
    """
    frame = frame.reset_index(drop=True)
    extra = [name for name in frame.columns if name not in schema.names]
    missing = [name for name in schema.names if name not in frame.columns]
    if missing or (extra and not schema.open):
        raise TableError(
            Problem(
                str(path),
                1,
                what=f"columns missing: {some(missing)}; not in the schema: {some(extra)}",
            )
        )
    frame = frame[schema.names + extra]
    if str(path).endswith(".parquet"):
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        write_bytes(path, buffer.getvalue())
        return
    text = frame.astype(object).where(frame.notna(), "")
    problems = check(text.map(_as_text), schema, path=path)
    if problems:
        raise TableError(problems)
    write_bytes(path, text.to_csv(index=False, lineterminator="\n").encode())


def write_as_it_is(frame: "pd.DataFrame", path: str | Path) -> None:
    """Write a table that is laid out for readers, whose columns a review's config names."""
    write_bytes(path, frame.to_csv(index=False, lineterminator="\n").encode())


def write_each(
    frames: "Mapping[str, pd.DataFrame]",
    paths: Iterable[str | Path],
    schema_of: Mapping[str, Table],
) -> None:
    """Write several tables, each to the path that has its name."""
    for path in paths:
        write(frames[Path(path).stem], path, schema_of[Path(path).stem])


def read_rows(path: str | Path) -> tuple[list[str], list[list[str]], list[int]]:
    """Return the header, the rows and the line each row begins on.

    Raises:
        TableError: the file is no readable CSV; every cause found is named.
    """
    text = _decoded(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, places, start = [], [], 1
    try:
        for row in reader:
            if row:
                rows.append(row)
                places.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise TableError(
            Problem(
                str(path),
                reader.line_num,
                what=f"not CSV: {error}",
                remedy="check the quotes of this line",
            )
        ) from None
    if not rows:
        raise TableError(
            Problem(str(path), 1, what="the file is empty", expected="a header line")
        )
    header = [name.strip() for name in rows[0]]
    problems = [
        Problem(
            str(path),
            place,
            what=f"{len(row)} cells",
            expected=f"{len(header)}, as in the header",
            remedy="quote cells that hold a comma",
        )
        for row, place in zip(rows[1:], places[1:], strict=True)
        if len(row) != len(header)
    ]
    if problems:
        raise TableError(problems)
    return header, rows[1:], places[1:]


def check(
    frame: "pd.DataFrame",
    schema: Table,
    *,
    path: str | Path = "",
    places: list[int] | None = None,
) -> list[Problem]:
    """Return every cell of a text table that does not fit, and every doubled key."""
    problems: list[Problem] = []
    places = places or list(range(2, len(frame) + 2))
    for column in schema.columns:
        if column.name not in frame:
            continue
        complaint = {
            value: complaint
            for value in frame[column.name].unique()
            if (complaint := _complaint(value, column))
        }
        if complaint:
            problems += [
                Problem(str(path), place, column.name, *complaint[value])
                for place, value in zip(places, frame[column.name], strict=True)
                if value in complaint
            ]
    if schema.key and set(schema.key) <= set(frame.columns):
        key = frame[list(schema.key)]
        doubled = key.duplicated(keep="first").to_numpy()
        problems += [
            Problem(
                str(path),
                place,
                schema.key[0],
                f"{' '.join(cells)!r} stands here a second time",
                f"one row per {', '.join(schema.key)}",
                "delete one of the rows",
            )
            for place, cells in zip(
                (place for place, again in zip(places, doubled, strict=True) if again),
                key[doubled].itertuples(index=False),
                strict=True,
            )
        ]
    return problems


def values(cell: str) -> list[str]:
    """Return the values of a cell that holds several."""
    return [value for value in cell.split(SEPARATOR) if value]


def empty(schema: Table) -> "pd.DataFrame":
    """Return a table of no rows."""
    import pandas as pd

    return _typed(
        pd.DataFrame({name: pd.Series(dtype=str) for name in schema.names}), schema
    )


def frame(rows: Iterable[Mapping[str, Any] | tuple], schema: Table) -> "pd.DataFrame":
    """Return rows as a table with the schema's columns; missing cells are empty."""
    import pandas as pd

    rows = list(rows)
    if not rows:
        return empty(schema)
    made = (
        pd.DataFrame(rows)
        if isinstance(rows[0], Mapping)
        else pd.DataFrame(rows, columns=schema.names)
    )
    for column in schema.columns:
        if column.name not in made:
            made[column.name] = ""
        if column.kind not in DTYPES:
            made[column.name] = made[column.name].fillna("").astype(str)
    rest = (
        [name for name in made.columns if name not in schema.names]
        if schema.open
        else []
    )
    return _typed(made[schema.names + rest], schema)


def _typed(frame: "pd.DataFrame", schema: Table) -> "pd.DataFrame":
    import pandas as pd

    for column in schema.columns:
        if column.kind in DTYPES and column.name in frame:
            cells = frame[column.name].replace("", pd.NA)
            frame[column.name] = pd.to_numeric(cells).astype(DTYPES[column.kind])
    return frame


def _as_text(value: object) -> str:
    return str(value) if value is not None else ""


def _decoded(path: str | Path) -> str:
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise TableError(Problem(str(path), what="there is no such file")) from None
    except IsADirectoryError:
        raise TableError(
            Problem(str(path), what="this is a folder", expected="a CSV file")
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise TableError(
            Problem(
                str(path),
                row,
                what=f"byte {error.start} is not UTF-8",
                expected="UTF-8",
                remedy="save the file as CSV UTF-8",
            )
        ) from None


def _header_problems(
    path: str | Path, header: list[str], schema: Table
) -> list[Problem]:
    problems = [
        Problem(
            str(path),
            1,
            name,
            "the column is missing",
            remedy="add it, empty where nothing is known",
        )
        for name in schema.names
        if name not in header
    ]
    for name in header:
        if header.count(name) > 1:
            problems.append(Problem(str(path), 1, name, "the column stands here twice"))
        elif name not in schema.names and not schema.open:
            problems.append(
                Problem(
                    str(path),
                    1,
                    name,
                    "unknown column",
                    some(schema.names, 30),
                    "rename or delete it",
                )
            )
    return sorted(set(problems))


def _complaint(value: str, column: Column) -> tuple[str, str, str] | None:
    """Return what is wrong with a cell, what was expected and what to do."""
    if value == "":
        if column.required:
            return (
                "the cell is empty",
                f"{column.says[0].lower()}{column.says[1:]}",
                "fill it in",
            )
        return None
    for part in values(value) if column.several else [value]:
        if column.terms is not None and part not in column.terms:
            return (
                repr(part),
                f"one of {some(column.terms, 12)}",
                "correct the cell or add the term",
            )
        if column.kind in PATTERNS and not PATTERNS[column.kind][0].fullmatch(part):
            return repr(part), PATTERNS[column.kind][1], "correct the cell"
    if column.several and SEPARATOR.join(values(value)) != value:
        return (
            repr(value),
            "values separated by '; ', none empty",
            "correct the separators",
        )
    return None
