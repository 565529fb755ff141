"""Read what a build wrote and the raw files below it, with lines, and no more than is asked for.

pandas takes most of a second to start and exports hold a hundred thousand records: tables are
lists of text here, records are read by column, and rows of long files are found by their bytes.
"""

import copy
import csv
import functools
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from retrace import definitions, ledger, rawcsv, schemas, sheets, yamlfile
from retrace.errors import Problem, ReviewError
from retrace.labels import Labels
from retrace.relations import Relations
from retrace.tables import DTYPES, Column, Table, values

CONFIG = "config.yaml"
NUMBERS = "results/numbers/numbers.csv"
NUMBER_MEMBERS = "results/numbers/members.csv"
OF_TABLES = "results/numbers/of_tables.csv"
OF_TABLES_MEMBERS = "results/numbers/of_tables_members.csv"
LABELS = "results/extraction/labels.csv"
CLAIMS = "results/claims/claims.csv"
USES = "results/manuscript/uses.csv"
TEXT = "results/manuscript/review.md"
RECORDS = "results/records/records.parquet"
DEDUPLICATED = "results/records/deduplicated.parquet"
LARGE = 1 << 22
"""Files above this size are searched by their bytes and not hashed again."""
PLACE = ("row_id", "record_id", "title", "year", "doi", "source", "raw_file", "raw_position", "raw_offset")  # fmt: skip
"""What is read of a record: never its abstract."""


class Lines:
    """A CSV file as text: its columns, its rows, and the line on which each begins."""

    def __init__(self, header: list[str], rows: list[list[str]], lines: Sequence[int]):
        self.columns, self.rows, self.lines = header, rows, lines
        self._at = {name: at for at, name in enumerate(header)}

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[str]:
        """Return the cells of a column."""
        at = self._at[name]
        return [row[at] for row in self.rows]

    def cell(self, name: str, place: int) -> str:
        """Return one cell."""
        return self.rows[place][self._at[name]]

    def row(self, place: int) -> dict[str, str]:
        """Return the cells of a row by their columns."""
        return dict(zip(self.columns, self.rows[place], strict=False))

    def dicts(self) -> list[dict[str, str]]:
        """Return the cells of each row by their columns."""
        return [self.row(place) for place in range(len(self))]

    @functools.cache  # noqa: B019 - lives as long as the walk
    def where(self, *columns: str) -> dict[Any, list[int]]:
        """Return the rows by what stands in a column, or in several as a tuple."""
        found: dict[Any, list[int]] = {}
        cells = [self.column(name) for name in columns]
        keys = cells[0] if len(cells) == 1 else zip(*cells, strict=True)
        for place, key in enumerate(keys):
            found.setdefault(key, []).append(place)
        return found


class _Columns:
    """A parquet file of which a column is read when it is asked for."""

    def __init__(self, path: str):
        import pyarrow.parquet as parquet

        self._file = parquet.ParquetFile(path)
        self.columns = self._file.schema_arrow.names
        self.column = functools.cache(self._column)

    def __len__(self) -> int:
        return self._file.metadata.num_rows

    def cell(self, name: str, place: int) -> str:
        """Return one cell."""
        return self.column(name)[place]

    def _column(self, name: str) -> list[str]:
        return self._file.read([name]).column(0).to_pylist()


class Written:
    """A built review in the current folder; each file is read once, when something asks for it."""

    def __init__(self) -> None:
        if not Path(NUMBERS).is_file():
            raise ReviewError(
                Problem("results", what="nothing is built here", remedy="run `retrace build` first")
            )  # fmt: skip
        self.csv = functools.cache(self._csv)
        self.raw = functools.cache(self._raw)
        self.frame = functools.cache(self._frame)
        self.line = functools.cache(self._line)
        self.digest = functools.cache(self._digest)
        self._bytes = functools.cache(lambda path: Path(path).read_bytes())

    # --- what the review says of itself ---------------------------------------------------

    @functools.cached_property
    def config(self) -> tuple[Any, dict[tuple, int]]:
        """Return config.yaml and the line of each of its keys; a build has checked it."""
        return yamlfile.load_with_lines(CONFIG)

    @functools.cached_property
    def definitions(self) -> definitions.Definitions:
        """Return the definitions of the numbers; a build has checked them."""
        return definitions.load(self.config[0]["manuscript"]["definitions"], None)

    @functools.cached_property
    def extraction(self) -> Mapping[str, Any]:
        """Return how the extraction was described when the consensus was made."""
        return self.line(LABELS)["params"].get("extraction") or {"sheets": {}}

    @functools.cached_property
    def paths(self) -> dict[str, str]:
        """Return the file of each table that a number can be read from."""
        found = dict(self.line(OF_TABLES)["params"]["tables"]) | {"claims": CLAIMS}
        return {name: path for name, path in found.items() if Path(path).is_file()}

    @functools.cached_property
    def schemas(self) -> dict[str, Table]:
        """Return the schema of each of these tables."""
        return schemas.by_name(self.extraction)

    @functools.cached_property
    def relations(self) -> "Rows":
        """Return the tables as numbers look at them."""
        return Rows(self)

    @functools.cached_property
    def labels(self) -> dict[str, str]:
        """Return the label of each key of a sheet that has labels."""
        keys = {spec["key"] for spec in self.extraction["sheets"].values()}
        return {
            row["term"]: row["label"]
            for row in self.csv(LABELS).dicts()
            if row["column"] in keys
        }

    @functools.cached_property
    def numbers(self) -> dict[str, dict[str, Any]]:
        """Return each number's row by its id, with its line."""
        table = self.csv(NUMBERS)
        return {
            row["number_id"]: row | {"line": line}
            for row, line in zip(table.dicts(), table.lines, strict=True)
        }

    # --- files ------------------------------------------------------------------------------

    def _csv(self, path: str) -> Lines:
        """Return a table that a build wrote; one that is not there has no rows."""
        if not Path(path).is_file():
            return Lines([], [], [])
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
        rows = list(csv.reader(io.StringIO(text, newline="")))
        lines: Sequence[int] = range(1, len(rows) + 1)
        if text.count("\n") != len(rows):
            reader, lines = csv.reader(io.StringIO(text, newline="")), [1]
            lines += [reader.line_num + 1 for _ in reader]
        return Lines(rows[0], rows[1:], lines[1 : len(rows)]) if rows else Lines([], [], [])  # fmt: skip

    def _raw(self, path: str) -> Lines:
        """Return a table that a person wrote, with the lines that an editor shows."""
        found = rawcsv.read(path)
        return Lines(found.header, found.rows, found.places)

    def rows_with(
        self, path: str, columns: Sequence[str], words: Iterable[str]
    ) -> list[tuple[int, dict[str, str]]]:
        """Return the rows, each with its line, that have one of the words in one of the columns.

        A long file is searched for the bytes first, so that not all of it is parsed.
        """
        words = set(words)
        if not Path(path).is_file() or not words:
            return []
        starts = None
        if Path(path).stat().st_size > LARGE and len(words) < 50:
            starts = self._rows_by_bytes(path, words)
        if starts is None:
            table = self._table(path)
            starts = [
                (line, table.row(place))
                for place, line in enumerate(table.lines)
                if not words.isdisjoint(table.rows[place])
            ]
        return [
            (line, row)
            for line, row in starts
            if any(row.get(column) in words for column in columns)
        ]

    def _table(self, path: str) -> Lines:
        return self.csv(path) if path.startswith("results/") else self.raw(path)

    def _rows_by_bytes(
        self, path: str, words: set[str]
    ) -> list[tuple[int, dict[str, str]]] | None:
        data = self._bytes(path)
        header = next(csv.reader([data[: data.find(b"\n") + 1].decode("utf-8-sig")]))
        starts = set()
        for word in words:
            needle, at = word.replace('"', '""').encode(), 0
            while (at := data.find(needle, at)) >= 0:
                starts.add(data.rfind(b"\n", 0, at) + 1)
                at += len(needle)
                if len(starts) > 20_000:
                    return None
        found, line, before = [], 1, 0
        for start in sorted(starts):
            line += data.count(b"\n", before, start)
            before = start
            text = io.StringIO(data[start : start + (1 << 16)].decode("utf-8", "replace"))  # fmt: skip
            row = next(csv.reader(text), [])
            if len(row) != len(header):
                return None
            found.append((line, dict(zip(header, row, strict=True))))
        return found

    def narrowed(self, name: str, columns: Sequence[str], words: Sequence[str]) -> "Written":  # fmt: skip
        """Return the same review where a long table has only the rows with one of some words.

        Whoever shows six members of a hundred thousand need not look at all rows.
        """
        path = self.paths.get(name, "")
        if not path.endswith(".csv") or Path(path).stat().st_size < LARGE:
            return self
        found = self.rows_with(path, columns, words)
        if len(found) < len(words):
            return self
        rows = [list(row.values()) for _, row in found]
        table = Lines(list(found[0][1]), rows, [line for line, _ in found])
        other = copy.copy(self)
        other.__dict__.pop("relations", None)
        other.frame = lambda one: table if one == name else self.frame(one)  # type: ignore[assignment]
        return other

    def members_of(self, number_id: str) -> list[str]:
        """Return the members of a number, in order."""
        return [row[1] for row in self.block(NUMBER_MEMBERS, number_id)]

    def block(self, path: str, name: str) -> list[list[str]]:
        """Return the rows of a table whose first cell is a name; those of one name stand together."""
        if not Path(path).is_file():
            return []
        data, start = self._bytes(path), b"\n" + name.encode() + b","
        first = data.find(start)
        if first < 0:
            return []
        end = data.find(b"\n", data.rfind(start) + 1)
        while data.count(b'"', first, end) % 2:
            end = data.find(b"\n", end + 1)
        text = io.StringIO(data[first + 1 : end].decode(), newline="")
        return [row for row in csv.reader(text) if row[0] == name]

    def numbers_with(self, members: Iterable[str]) -> dict[str, list[str]]:
        """Return the numbers that have one of some members, with those."""
        data = self._bytes(NUMBER_MEMBERS)
        found: dict[str, list[str]] = {}
        for member in dict.fromkeys(members):
            cell = io.StringIO()
            csv.writer(cell, lineterminator="\n").writerow([member])
            needle, at = f",{cell.getvalue()}".encode(), 0
            while (at := data.find(needle, at)) >= 0:
                number_id = data[data.rfind(b"\n", 0, at) + 1 : at].decode()
                if number_id in self.numbers:
                    found.setdefault(number_id, []).append(member)
                at += 1
        return found

    def records(
        self, ids: Iterable[str], column: str = "record_id"
    ) -> dict[str, list[dict[str, str]]]:
        """Return the rows of the records by an id, of those that there are."""
        wanted = set(ids)
        if not Path(RECORDS).is_file() or not wanted:
            return {}
        import pyarrow as arrow
        import pyarrow.compute
        import pyarrow.parquet as parquet

        file = parquet.ParquetFile(RECORDS)
        found = file.read([column]).column(0)
        mask = arrow.compute.is_in(found, arrow.array(list(wanted), found.type))
        if not arrow.compute.any(mask).as_py():
            return {}
        rows: dict[str, list[dict[str, str]]] = {}
        for row in file.read(list(PLACE)).filter(mask).to_pylist():
            rows.setdefault(row[column], []).append(row)
        return rows

    def with_doi(self, doi: str) -> list[str]:
        """Return the ids of the records with a DOI, in whatever case it was written."""
        if not Path(RECORDS).is_file():
            return []
        frame, wanted = self.frame("records"), doi.casefold()
        cells = zip(frame.column("record_id"), frame.column("doi"), strict=True)
        return list(dict.fromkeys(one for one, cell in cells if (cell or "").casefold() == wanted))  # fmt: skip

    def deduplicated(self, record_id: str) -> dict[str, str]:
        """Return the sources of a distinct record and the origins of its fields, or nothing."""
        if not Path(DEDUPLICATED).is_file():
            return {}
        import pyarrow as arrow
        import pyarrow.compute
        import pyarrow.parquet as parquet

        file = parquet.ParquetFile(DEDUPLICATED)
        ids = file.read(["record_id"]).column(0)
        mask = arrow.compute.equal(ids, record_id)
        if not arrow.compute.any(mask).as_py():
            return {}
        return file.read(["sources", "origins"]).filter(mask).to_pylist()[0]

    def record_ids(self) -> list[str]:
        """Return the id of each record, once."""
        if not Path(RECORDS).is_file():
            return []
        return list(dict.fromkeys(self.frame("records").column("record_id")))

    def line_at(self, path: str, offset: int) -> int:
        """Return the line of a byte of a raw file."""
        return self._bytes(path).count(b"\n", 0, offset) + 1

    def offset_of(self, path: str, line: int) -> int:
        """Return the byte at which a line of a raw file begins."""
        data, at = self._bytes(path), 0
        for _ in range(line - 1):
            at = data.find(b"\n", at) + 1
            if not at:
                return len(data)
        return at

    def lines_in(self, path: str) -> int:
        """Return how many lines a file has."""
        return len(self._bytes(path).splitlines())

    def text_at(self, path: str, line: int) -> str:
        """Return a line of a file, cut where it is very long."""
        text = self._bytes(path).splitlines()[line - 1].decode("utf-8", "replace")
        return text.strip()[:300]

    def key(self, table: str, row: int) -> str:
        """Return what names a row of a table: its key, or its line where it has none."""
        names = self.schemas[table].key
        if not names:
            return f"row {row + 2}"
        cells = (self.frame(table).cell(name, row) for name in names)
        return ":".join(cell for cell in cells if cell)

    def _frame(self, name: str) -> Any:
        path = self.paths[name]
        if path.endswith(".parquet"):
            return _Columns(path)
        return self.csv(path) if path.startswith("results/") else self.raw(path)

    # --- the ledger -------------------------------------------------------------------------

    def _line(self, output: str) -> dict[str, Any]:
        """Return the ledger's line of an output.

        Raises:
            ReviewError: there is none.
        """
        try:
            return ledger.lines_of([output])[0]
        except (OSError, ValueError):
            raise ReviewError(
                Problem(output, what="the ledger has no line for it", remedy="run `retrace build`")
            ) from None  # fmt: skip

    @functools.cached_property
    def sidecars(self) -> dict[str, dict[str, Any]]:
        """Return the ledger's line of every output."""
        return ledger.every_line()

    @functools.cached_property
    def recorded(self) -> dict[str, str]:
        """Return the digest of every raw file when the review was built."""
        return {
            used["path"]: used["sha256"]
            for line in self.sidecars.values()
            for used in line["inputs"]
            if not used["path"].startswith("results/")
        }

    def _digest(self, path: str) -> str:
        """Return the sha256 of a file: of a large raw one, and of an output, as the ledger has it."""
        if path.startswith("results/"):
            return self.line(path)["sha256"]
        file = Path(path)
        if not file.is_file():
            return self.recorded.get(path, "")
        if file.stat().st_size > LARGE and path in self.recorded:
            return self.recorded[path]
        return ledger.sha256(path)


class Rows(Relations):
    """The tables as numbers look at them, from text and not from frames."""

    def __init__(self, written: Written):
        labels = SimpleNamespace(
            itertuples=lambda index: (
                SimpleNamespace(**row) for row in written.csv(LABELS).dicts()
            )
        )
        super().__init__(_Frames(written), written.schemas, Labels(labels))  # type: ignore[arg-type]
        self.parents = functools.cache(self._parents)
        self._vocabulary = functools.cache(super()._vocabulary)  # type: ignore[method-assign]

    def reaches(self, table: str, home: str) -> bool:
        """Return whether a table is another one, or refers to it, directly or not; no table is read."""
        todo = [table]
        for one in todo:
            todo += [
                parent for _, parent in self._references(one) if parent not in todo
            ]
        return home in todo

    def _parents(self, table: str) -> dict[str, tuple[list[str], list[int | None]]]:
        """Return the tables that a table refers to: those on the way, and the row that each row leads to."""
        found: dict[str, tuple[list[str], list[int | None]]] = {
            table: ([table], list(range(self.size(table))))
        }
        todo: list[tuple[str, list | None]] = [(table, None)]
        for here, places in todo:
            for column, parent in self._references(here):
                if parent not in found:
                    rows = self._places(here, column, parent, places)
                    found[parent] = ([*found[here][0], parent], rows)
                    todo.append((parent, rows))
        return found

    def _own_cells(self, table: str, name: str) -> tuple[Column, list]:
        try:
            column = self._schemas[table].column(name)
        except KeyError:
            column = Column(name, name)
        cells = self._frames[table].column(name)  # type: ignore[union-attr]
        if column.several:
            return column, [tuple(values(cell or "")) for cell in cells]
        if column.kind in DTYPES:
            number = {"integer": int, "number": float}[column.kind]
            return column, [number(cell) if cell else None for cell in cells]
        return column, [cell or None for cell in cells]


class _Frames(Mapping):
    """Tables by name, read when they are asked for."""

    def __init__(self, written: Written):
        self._written = written

    def __getitem__(self, name: str) -> Any:
        return self._written.frame(name)

    def __contains__(self, name: object) -> bool:
        return name in self._written.paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._written.paths)

    def __len__(self) -> int:
        return len(self._written.paths)


def readings_of(extraction: Mapping[str, Any], sheet: str) -> dict[str, str]:
    """Return the file of each reading of a sheet; a sheet that was read once has no reading's name."""
    spec = extraction["sheets"][sheet]
    named = spec.get("readings", extraction.get("readings", [])) or [""]
    return {reading: sheets.path_of(reading, sheet) for reading in named}
