"""Tables of a million rows: a file's columns as Arrow arrays in, and files out.

Beside `tables`, which holds every cell to a schema one by one: here cells are text as they stand,
a quarter of the time and memory. What Arrow cannot read is read again by `tables`, which names
every bad line.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from retrace import tables
from retrace.errors import Problem, TableError, some
from retrace.ledger import write_bytes

BLOCK = 1 << 26
"""Bytes parsed at a time: one record must fit."""


def read(path: str | Path, names: Sequence[str]) -> dict[str, Any]:
    """Return those of the named columns that a CSV or parquet file has, as text; missing cells are empty.

    Raises:
        TableError: the file is not there, or neither CSV nor parquet.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if str(path).endswith(".parquet"):
        import pyarrow.parquet as pq

        try:
            has = [name for name in names if name in pq.read_schema(path).names]
            table = pq.read_table(path, columns=has)
        except (pa.ArrowInvalid, OSError) as error:
            what = f"cannot be read as parquet: {str(error).splitlines()[0]}"
            raise TableError(Problem(str(path), what=what)) from None
    else:
        table = _read_csv(path, names)
    found = {}
    for name in table.column_names:
        column = table[name].cast(pa.large_string()).combine_chunks()
        found[name] = pc.fill_null(column, "") if column.null_count else column
    return found


def key(columns: Mapping[str, Any], name: str, path: str | Path) -> Any:
    """Return a column that tells rows apart.

    Raises:
        TableError: there is none, a cell of it is empty, or two are equal.
    """
    import pyarrow.compute as pc

    if name not in columns:
        raise TableError(
            Problem(
                str(path), 1, name, "the column is missing", "one id per row", "add it"
            )
        )
    found = columns[name]
    if pc.any(pc.equal(found, "")).as_py():
        raise TableError(
            Problem(
                str(path), 0, name, "a row has none", "one id per row", "number the rows"
            )
        )  # fmt: skip
    counts = pc.value_counts(found)
    twice = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    if len(twice):
        raise TableError(
            Problem(
                str(path), 0, name, f"stand here twice: {some(twice.to_pylist())}",
                "one id per row", "number the rows anew",
            )
        )  # fmt: skip
    return found


def write(columns: Mapping[str, Sequence[Any]], path: str | Path) -> None:
    """Write columns of equal length as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    write_bytes(path, out.getvalue().encode())


def _quotes_are_closed(path: str | Path) -> bool:
    """Return whether quotes are even in number: else Arrow takes the rest of the file for one cell."""
    with open(path, "rb") as file:
        pieces = iter(lambda: file.read(BLOCK), b"")
        return sum(piece.count(b'"') for piece in pieces) % 2 == 0


def _read_csv(path: str | Path, names: Sequence[str]) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            header = [name.strip() for name in next(csv.reader(file), [])]
        has = [name for name in names if name in header]
        if has and len(set(header)) == len(header) and _quotes_are_closed(path):
            return arrow_csv.read_csv(
                path,
                read_options=arrow_csv.ReadOptions(block_size=BLOCK, column_names=header, skip_rows=1),
                parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
                convert_options=arrow_csv.ConvertOptions(
                    include_columns=has,
                    column_types={name: pa.large_string() for name in has},
                    strings_can_be_null=False,
                ),
            )  # fmt: skip
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError, UnicodeDecodeError, csv.Error):
        pass
    header, rows, _ = tables.read_rows(path)
    return pa.table(
        {
            name: pa.array([row[header.index(name)] for row in rows], pa.large_string())
            for name in names
            if name in header
        }
    )
