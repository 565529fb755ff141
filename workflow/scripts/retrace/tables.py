"""The review's tables: a schema for each kind, to which every cell is held when one is read or written.

Cells are read as text and "NA" stays "NA": a guess of types would turn Namibia's country
code into a missing value and 00123 into 123. A schema then says which columns are numbers.
"""

import csv
import io
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrace import cells, rawcsv
from retrace.errors import Problem, TableError, nearest, shown, some
from retrace.ledger import write_bytes

if TYPE_CHECKING:
    import pandas as pd

SEPARATOR = "; "
"""Between the values of one cell that holds several."""

DTYPES = {"integer": "Int64", "number": "Float64"}


@dataclass(frozen=True)
class Column:
    """A column: its name, what it means, and what may stand in it.

    ``kind`` is text, id, integer, number or date; ``terms`` closes the column, ``listed_in``
    names the file of the review that lists them, where one does; ``known`` are values of an open
    column that may stand in no row yet; ``several`` allows values joined by "; "; ``refers_to``
    names the table whose key it holds.
    """

    name: str
    says: str
    kind: str = "text"
    required: bool = False
    terms: tuple[str, ...] | None = None
    several: bool = False
    refers_to: str | None = None
    compared: bool = True
    listed_in: str = ""
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A kind of table: where it stands, what one row is, its columns and its key.

    A sheet that is given out to be filled has columns ``beside`` its own that are for the eye
    alone, and rows of which nothing but the key is filled in yet: neither is read.
    """

    name: str
    path: str
    says: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    open: bool = False
    beside: tuple[str, ...] = ()

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
    name: str,
    path: str,
    says: str,
    *columns: Column,
    key: str = "",
    open: bool = False,
    beside: str = "",
) -> Table:
    """Return a `Table`; ``key`` and ``beside`` are blank-separated lists of column names."""
    return Table(
        name, path, says, columns, tuple(key.split()), open, tuple(beside.split())
    )


def read(
    path: str | Path, schema: Table, *, columns: Sequence[str] | None = None
) -> "pd.DataFrame":
    """Read a CSV or parquet file and hold it to its schema; of a parquet file, perhaps some columns.

    Integer columns come back as Int64, number columns as Float64, all others as text; columns
    stand in the schema's order, whatever their order in the file.

    Raises:
        TableError: every cell that does not fit, by file, row (the line of the file,
            so that row 2 is the first after the header) and column.
    """
    if columns and str(path).endswith(".parquet"):
        import pandas as pd

        return pd.read_parquet(path, columns=list(columns))
    frame, problems = look(path, schema)
    if problems or frame is None:
        raise TableError(problems)
    return frame


def look(
    path: str | Path, schema: Table
) -> "tuple[pd.DataFrame | None, list[Problem]]":
    """Return what can be read of a file, and all that is wrong with it.

    Who wants to name every mistake of a review at once goes on with what is there: a cell that
    is no number is empty, a row of another length is left out. None where not even the columns
    can be told. `lines` says where the rows of a frame stand.
    """
    import pandas as pd

    if str(path).endswith(".parquet"):
        return pd.read_parquet(path), []
    found = _filled_in(path, schema)
    problems = list(found.problems)
    wrong = _header_problems(path, found.header, schema) if found.header else []
    if wrong or not found.header:
        # Of a first line that is no header, no row has the length.
        is_header = set(found.header) & set(schema.names)
        return None, problems + (found.uneven if is_header else []) + wrong
    problems += found.uneven
    frame = pd.DataFrame(found.rows, columns=found.header, dtype=str)
    rest = [name for name in found.header if name not in schema.names]
    frame = frame[schema.names + rest]
    problems += check(frame, schema, path=path, places=found.places)
    if problems:
        for column in schema.columns:
            if column.kind in DTYPES:
                fits = frame[column.name].map(
                    lambda cell, column=column: _complaint(cell, column) is None
                )
                frame[column.name] = frame[column.name].where(fits, "")
    frame = _typed(frame, schema)
    # An array, since pandas copies attributes, member by member, at each of its steps.
    frame.attrs["lines"] = array("q", found.places)
    return frame, problems


def lines(frame: "pd.DataFrame") -> list[int]:
    """Return the line on which each row stands in the file that it was read from.

    Of rows that were made and not read, what the lines of a file would be.
    """
    found = frame.attrs.get("lines", [])
    return list(found if len(found) == len(frame) else range(2, len(frame) + 2))


def rows(frame: "pd.DataFrame", *names: str) -> Iterator[tuple[Any, ...]]:
    """Return the cells of some columns row by row; a walk of pandas' own takes ten times as long."""
    return zip(*(frame[name].tolist() for name in names), strict=True)


def read_each(paths: Iterable[str | Path], schema: Table) -> "dict[str, pd.DataFrame]":
    """Read several files of one kind; return them by their names without the ending.

    Raises:
        TableError: the problems of all files, not only of the first.
    """
    paths = list(paths)
    frames = _read_several(paths, schema)
    return {Path(path).stem: frame for path, frame in zip(paths, frames, strict=True)}


def _read_several(paths: Iterable[str | Path], schema: Table) -> "list[pd.DataFrame]":
    frames, problems = [], []
    for path in paths:
        try:
            frames.append(read(path, schema))
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

    # Files of several folders may bear one name, so they are not gathered by it.
    frames = _read_several([paths] if isinstance(paths, str) else paths, schema)
    if len(frames) == 1:
        return frames[0]
    return pd.concat(frames, ignore_index=True) if frames else empty(schema)


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
        write_bytes(path, _as_parquet(frame))
        return
    text = frame.astype(object).where(frame.notna(), "")
    problems = check(text.astype(str), schema, path=path)
    if problems:
        raise TableError(problems)
    write_bytes(path, as_csv(text))


def write_as_it_is(frame: "pd.DataFrame", path: str | Path) -> None:
    """Write a table that is laid out for readers, whose columns a review's config names."""
    write_bytes(path, as_csv(frame))


def write_each(
    frames: "Mapping[str, pd.DataFrame]",
    paths: Iterable[str | Path],
    schema_of: Mapping[str, Table],
) -> None:
    """Write several tables, each to the path that has its name."""
    for path in paths:
        write(frames[Path(path).stem], path, schema_of[Path(path).stem])


def read_text(path: str | Path) -> str:
    """Read a text file of the build."""
    return Path(path).read_text(encoding="utf-8")


def read_rows(
    path: str | Path, schema: Table | None = None
) -> tuple[list[str], list[list[str]], list[int]]:
    """Return the header, the rows and the line each row begins on; of a ``schema``, what is read of it.

    Raises:
        TableError: the file is no readable CSV; every cause found is named.
    """
    found = _filled_in(path, schema)
    if found.problems or found.uneven:
        raise TableError(found.problems + found.uneven)
    return found.header, found.rows, found.places


def each_row(path: str | Path) -> Iterator[list[str]]:
    """Yield the header, then each row, of a CSV file that a rule has written.

    One at a time: of the millions that a file may have, who asks keeps a few.
    """
    csv.field_size_limit(1 << 30)
    with open(path, encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


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
            for value in _suspects(frame[column.name].unique().tolist(), column)
            if (complaint := _complaint(value, column))
        }
        if complaint:
            problems += [
                Problem(str(path), place, column.name, *complaint[value])
                for place, value in zip(
                    places, frame[column.name].tolist(), strict=True
                )
                if value in complaint
            ]
    if schema.key and set(schema.key) <= set(frame.columns):
        first: dict[tuple[str, ...], int] = {}
        for line, key in zip(places, rows(frame, *schema.key), strict=True):
            if first.setdefault(key, line) != line:
                problems.append(
                    Problem(str(path), line, schema.key[0], f"{shown(' '.join(key))} stands here a second time",
                            f"one row per {', '.join(schema.key)}; the first is row {first[key]}",
                            "delete or correct one of the rows")
                )  # fmt: skip
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
    """Return rows as a table with the schema's columns; missing cells are empty.

    Raises:
        ValueError: a row has another column, or as a tuple another number of cells.
    """
    import pandas as pd

    rows = list(rows)
    if not rows:
        return empty(schema)
    wide = {len(row) for row in rows if isinstance(row, tuple)} - {len(schema.names)}
    if wide:
        raise ValueError(f"{schema.name}: a row of {min(wide)} cells, {len(schema.names)} columns")  # fmt: skip
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
    rest = [name for name in made.columns if name not in schema.names]
    if rest and not schema.open:
        raise ValueError(f"{schema.name} has no column {', '.join(map(str, rest))}")
    return _typed(made[schema.names + rest], schema)


def _typed(frame: "pd.DataFrame", schema: Table) -> "pd.DataFrame":
    import pandas as pd

    for column in schema.columns:
        if column.kind in DTYPES and column.name in frame:
            cells = frame[column.name].replace("", pd.NA)
            frame[column.name] = pd.to_numeric(cells).astype(DTYPES[column.kind])
    return frame


def _as_parquet(frame: "pd.DataFrame") -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # In one piece: in what pieces a table was put together would show in the file.
    table = pa.Table.from_pandas(frame, preserve_index=False).combine_chunks()
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def as_csv(frame: "pd.DataFrame") -> bytes:
    """Return a table as CSV, whatever stands in its cells."""
    text = frame.to_csv(index=False, lineterminator="\n")
    if "\r" in text:
        # Left unquoted by the writer, a lone carriage return would end the row for a reader.
        text = frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)
    return text.encode()


def _filled_in(path: str | Path, schema: Table | None) -> rawcsv.Rows:
    """Return the rows of a CSV file; of a sheet to be filled, its own columns and what is filled in."""
    found = rawcsv.read(path)
    if schema is None or not schema.beside:
        return found
    own = [at for at, name in enumerate(found.header) if name not in schema.beside]
    filled = [at for at in own if found.header[at] not in schema.key]
    kept = [any(row[at] for at in filled) for row in found.rows]
    found.rows = [[row[at] for at in own] for row in compress(found.rows, kept)]
    found.places = list(compress(found.places, kept))
    found.header = [found.header[at] for at in own]
    return found


def _header_problems(
    path: str | Path, header: list[str], schema: Table
) -> list[Problem]:
    missing = [name for name in schema.names if name not in header]
    unknown = [name for name in header if name not in schema.names]
    if schema.names and len(missing) == len(schema.names):
        what = f"no header line: this line begins {shown(', '.join(header))}"
        return [Problem(str(path), 1, "", what, f"the columns {some(schema.names, 30)}", "write them into the first line")]  # fmt: skip
    renamed = {
        name: near[0]
        for name in unknown
        if (near := nearest(name, missing, 1)) and not schema.open
    }
    problems = [
        Problem(str(path), 1, name, "the column is missing", "", "add it, empty where nothing is known")
        for name in missing
        if name not in renamed.values()
    ] + [
        Problem(str(path), 1, name or f"column {header.index(name) + 1}", "unknown column" if name else "the column has no name",
                some(schema.names, 30),
                f"did you mean {renamed[name]}?" if name in renamed else "rename or delete it")
        for name in unknown
        if not schema.open
    ] + [
        Problem(str(path), 1, name, "the column stands here twice", "each column once", "delete one of them")
        for name in header
        if header.count(name) > 1
    ]  # fmt: skip
    return sorted(set(problems))


def _suspects(values: list[str], column: Column) -> list[str]:
    """Return the values that may not fit: of plain text, empty ones and the errors of formulas."""
    if column.terms is not None or column.kind != "text" or column.several:
        return values
    return [value for value in values if not value or "#" in value]


def _complaint(value: str, column: Column) -> tuple[str, str, str] | None:
    """Return what is wrong with a cell, what was expected and what to do."""
    if value == "":
        if column.required:
            says = f"{column.says[0].lower()}{column.says[1:]}".rstrip(".")
            return "the cell is empty", says, "fill it in"
        return None
    if column.several and SEPARATOR.join(values(value)) != value:
        expected = f"values separated by {SEPARATOR!r}, none empty"
        return shown(value), expected, "correct the separators"
    for part in values(value) if column.several else [value]:
        if column.terms is None or part not in column.terms:
            complaint = cells.complaint(
                part,
                column.kind,
                column.terms,
                several=column.several,
                required=column.required,
                listed_in=column.listed_in,
            )
            if complaint:
                return complaint
    return None
