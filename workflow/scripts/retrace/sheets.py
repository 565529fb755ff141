"""Read the raw sheets of an extraction as config.yaml describes them, each with its closed terms.

A single reading may hold what the consensus may not: an empty key of another sheet is there a
difference to adjudicate, not an error. So readings are read with a laxer schema than results.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables
from retrace.errors import ConfigError, Problem, TableError, did_you_mean, some
from retrace.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "data/raw/extraction"
TAKEN = frozenset({"agreement", "warnings"})
"""Files beside the sheets' under results/extraction/, which no sheet can be named after."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: its schema with closed terms, its readings by name, and what config says of it."""

    schema: Table
    readings: Mapping[str, "pd.DataFrame"]
    order: Sequence[str] = ()
    label: str = ""
    parent: str = ""

    @property
    def key(self) -> str:
        """Return the column that names a row."""
        return self.schema.key[0]


@dataclass(frozen=True)
class Raw:
    """All that lies under data/raw/extraction/, read; ``names`` has the files' names of config.yaml."""

    sheets: dict[str, Sheet]
    adjudication: "pd.DataFrame"
    notes: "pd.DataFrame"
    vocabulary: "pd.DataFrame"
    codings: dict[str, "pd.DataFrame"] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def path(self, name: str) -> str:
        """Return where the adjudication, the notes or the coding of a sheet stand."""
        return f"{FOLDER}/{self.names.get(name, f'{name}.csv')}"


def path_of(reading: str, sheet: str) -> str:
    """Return where one reading of a sheet stands; a sheet that was read once has no reading's name."""
    return "/".join(filter(None, (FOLDER, reading, f"{sheet}.csv")))


def files(extraction: Mapping[str, Any]) -> list[str]:
    """Return every file that an extraction is read from, as config.yaml names them."""
    found = [extraction.get(name) for name in ("adjudication", "notes", "vocabulary")]
    for name, spec in extraction.get("sheets", {}).items():
        found += _readings(extraction, name, spec).values()
        found.append(spec.get("coding"))
    return [f"{FOLDER}/{file}" for file in dict.fromkeys(found) if file]


def of_studies(extraction: Mapping[str, Any]) -> dict[str, Any]:
    """Return what config.yaml says of each sheet that has one row per included study."""
    return {
        name: spec
        for name, spec in extraction.get("sheets", {}).items()
        if spec.get("one_row_per")
    }


def study_ids(
    extraction: Mapping[str, Any], frames: "Mapping[str, pd.DataFrame]"
) -> dict[str, list[str]]:
    """Return the ids in the key of each sheet that has one row per included study."""
    return {
        name: frames[name][spec["key"]].tolist()
        for name, spec in of_studies(extraction).items()
    }


def read(extraction: Mapping[str, Any]) -> Raw:
    """Return the raw sheets, adjudication, notes and vocabulary of an extraction.

    Raises:
        ConfigError: a sheet names a column, sheet or number of readings that cannot be.
        TableError: the problems of all files, not only of the first.
    """
    if wrong := list(misnamed(extraction)):
        raise ConfigError(wrong)
    raw, problems = look(extraction)
    if problems or raw is None:
        raise TableError(problems)
    return raw


def look(extraction: Mapping[str, Any]) -> tuple[Raw | None, list[Problem]]:
    """Return what can be read of an extraction, and all that is wrong with its files.

    None where a whole sheet is missing, so that nothing can be said of differences.
    """
    problems: list[Problem] = []
    lost = False

    def table(file: str | None, schema: Table) -> "pd.DataFrame":
        nonlocal lost
        if not file:
            return tables.empty(schema)
        frame, found = tables.look(f"{FOLDER}/{file}", schema)
        problems.extend(found)
        lost = lost or frame is None
        return tables.empty(schema) if frame is None else frame

    described = extraction.get("sheets", {})
    vocabulary = table(extraction.get("vocabulary"), schemas.VOCABULARY)
    closed, unfit = close(extraction, vocabulary)
    # Where the file of terms could not be read, they are not missing from it. Cells of a column
    # whose terms are not known are free; all else of the sheets is looked at.
    problems += [] if problems else unfit
    lost = False
    codings = {
        name: table(spec["coding"], _coding(spec["key"]))
        for name, spec in described.items()
        if spec.get("coding")
    }
    raw = Raw(
        sheets={
            name: Sheet(
                closed[name],
                {
                    reading: table(file, _lax(closed[name]))
                    for reading, file in _readings(extraction, name, spec).items()
                },
                spec.get("order", ()),
                spec.get("label", ""),
                spec.get("parent", ""),
            )
            for name, spec in described.items()
        },
        adjudication=table(extraction.get("adjudication"), schemas.ADJUDICATION),
        notes=table(extraction.get("notes"), schemas.NOTES),
        vocabulary=vocabulary,
        codings={
            name: coding
            for name, coding in codings.items()
            if not _is_open(described[name], closed[name])
        },
        names={
            name: file
            for name, file in (
                ("adjudication", extraction.get("adjudication")),
                ("notes", extraction.get("notes")),
                *((name, spec.get("coding")) for name, spec in described.items()),
            )
            if file
        },
    )  # fmt: skip
    return None if lost else raw, problems


def close(
    extraction: Mapping[str, Any], vocabulary: "pd.DataFrame"
) -> tuple[dict[str, Table], list[Problem]]:
    """Return the schema of each sheet, the terms of closed columns taken from the vocabulary.

    Beside them the closed columns without terms, which stay open, and terms of no closed column.
    """
    terms: dict[tuple[str, str], list[str]] = {}
    for row in vocabulary.itertuples(index=False):
        terms.setdefault((row.sheet, row.column), []).append(row.term)
    closed = {
        (name, column)
        for name, spec in extraction.get("sheets", {}).items()
        for column, of_column in spec["columns"].items()
        if of_column.get("closed")
    }
    file = f"{FOLDER}/{extraction.get('vocabulary', 'vocab.csv')}"
    problems = [
        Problem(file, 0, f"{sheet}.{column}", "no terms", "at least one term of this closed column",
                "add its terms, or take closed away in config.yaml")
        for sheet, column in sorted(closed - set(terms))
    ] + [
        Problem(file, 0, f"{sheet}.{column}", "terms of a column that is not closed",
                "a column with closed: true in config.yaml", "correct the names, or close the column")
        for sheet, column in sorted(set(terms) - closed)
    ]  # fmt: skip
    return {
        name: replace(
            schema,
            columns=tuple(
                replace(column, terms=tuple(terms[name, column.name]), listed_in=file)
                if (name, column.name) in closed & set(terms)
                else column
                for column in schema.columns
            ),
        )
        for name, schema in schemas.of_sheets(extraction).items()
    }, problems


def _is_open(spec: Mapping[str, Any], schema: Table) -> bool:
    """Return whether the terms of a closed column of a sheet are not known."""
    return any(
        spec["columns"].get(column.name, {}).get("closed") and column.terms is None
        for column in schema.columns
    )


def misnamed(extraction: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what config.yaml says of a sheet that its columns, sheets or readings do not bear out."""
    described = extraction.get("sheets", {})
    known = extraction.get("readings", [])
    for name, spec in described.items():
        if name in TAKEN or name in schemas.by_name({"sheets": {}}):
            yield Problem("config.yaml", 0, f"extraction.sheets.{name}", "the name of a table that the engine makes",
                          "a name of its own", "rename the sheet and its files")  # fmt: skip
        for reading in spec.get("readings", ()):
            if reading not in known and len(spec["readings"]) <= len(known):
                yield _not_there(f"{name}.readings", reading, "a reading", known)
        columns = spec["columns"]
        named = [("key", spec["key"]), ("parent", spec.get("parent"))]
        named += [("order", column) for column in spec.get("order", ())]
        try:
            fields = Formatter().parse(spec.get("label", ""))
            named += [
                ("label", column) for _, column, _, _ in fields if column is not None
            ]
        except ValueError as error:
            yield Problem(
                "config.yaml",
                0,
                f"extraction.sheets.{name}.label",
                str(error),
                "a text with {column} in it",
            )
        for option, column in named:
            if column is not None and column not in columns:
                yield _not_there(f"{name}.{option}", column, f"a column of {name}", columns)  # fmt: skip
        for column, of_column in columns.items():
            parent = of_column.get("refers_to")
            if parent is not None and parent not in described:
                yield _not_there(f"{name}.columns.{column}.refers_to", parent, "a sheet", described)  # fmt: skip
        readings = _readings(extraction, name, spec)
        if len(readings) > 2:
            yield Problem(
                "config.yaml",
                0,
                f"extraction.sheets.{name}.readings",
                f"{len(readings)} readings",
                "two at most, the adjudication has value_a and value_b",
                "adjudicate two of them first",
            )
        if spec.get("coding") and len(readings) > 1:
            yield Problem("config.yaml", 0, f"extraction.sheets.{name}.coding", "a sheet of two readings",
                          "a sheet that is one file, coded twice", "take coding away, or set readings: []")  # fmt: skip


def _not_there(place: str, name: str, what: str, known: Iterable[str]) -> Problem:
    return Problem("config.yaml", 0, f"extraction.sheets.{place}", repr(name), f"{what}: {some(known, 30)}",
                   did_you_mean(name, known, "correct it"))  # fmt: skip


def _readings(
    extraction: Mapping[str, Any], name: str, spec: Mapping[str, Any]
) -> dict[str, str]:
    readings = spec.get("readings", extraction.get("readings", []))
    return {reading: f"{reading}/{name}.csv" for reading in readings} or {
        "": f"{name}.csv"
    }


def _lax(schema: Table) -> Table:
    return replace(
        schema,
        columns=tuple(
            replace(column, kind="text" if column.kind in tables.DTYPES else column.kind,
                    required=column.name in schema.key)
            for column in schema.columns
        ),
    )  # fmt: skip


def _coding(key: str) -> Table:
    return tables.table(
        "coding", FOLDER, "The cells in which two codings of a sheet's closed columns differ.",
        Column(key, "The row.", required=True),
        Column("column", "The column.", required=True),
        Column("coding_a", "The first coding."),
        Column("coding_b", "The second coding."),
        Column("chosen", "The cell in the sheet."),
        Column("reason", "Why.", required=True),
        key=f"{key} column",
    )  # fmt: skip
