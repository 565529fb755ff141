"""Compute the consensus of readings from the readings and the adjudication of their differences.

The consensus is never typed: a difference that nobody decided on, a decision on what does not
differ, a term outside its vocabulary and a key that dangles stop the build, all named at once.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from retrace import agreement, schemas, tables
from retrace.errors import ExtractionError, Problem, some
from retrace.sheets import FOLDER, Sheet
from retrace.tables import Table

if TYPE_CHECKING:
    import pandas as pd

ADJUDICATION = f"{FOLDER}/adjudication.csv"
ROW = "(row)"
DROP = "drop"
BOTH_WRONG = "both_wrong:"
SINGLE = "single reading:"


def agree(
    sheets: Mapping[str, Sheet], adjudication: "pd.DataFrame", notes: "pd.DataFrame"
) -> dict[str, "pd.DataFrame"]:
    """Return the consensus of every sheet.

    A sheet with one reading is that reading, less the rows that the adjudication drops. Notes
    come from ``notes`` alone; those of the readings were made before the consensus.

    Raises:
        ExtractionError: every difference without a decision, decision without a difference,
            term outside its vocabulary, and doubled or dangling key.
    """
    problems: list[Problem] = []
    made = {}
    of_sheet = dict(list(adjudication.groupby("sheet", sort=False)))
    for stray in set(of_sheet) - set(sheets):
        problems += _stray(
            of_sheet[stray], adjudication, "sheet", f"one of {some(sheets, 20)}"
        )
    for name, sheet in sheets.items():
        decisions = {
            (row.key, row.column): (place, row)
            for place, row in zip(
                adjudication.index + 2,
                adjudication.itertuples(index=False),
                strict=True,
            )
            if row.sheet == name
        }
        made[name] = _consensus(
            name, sheet, decisions, notes[notes["sheet"] == name], problems
        )
    for name, sheet in sheets.items():
        problems += _dangling(name, sheet.schema, made)
        problems += tables.check(
            made[name].astype(str), sheet.schema, path=f"results/extraction/{name}.csv"
        )
    if problems:
        raise ExtractionError(list(dict.fromkeys(problems)))
    return {name: _sorted(frame, sheets[name].order) for name, frame in made.items()}


def measure(
    sheets: Mapping[str, Sheet], codings: Mapping[str, "pd.DataFrame"] | None = None
) -> "pd.DataFrame":
    """Return the agreement of two readings, after recoding, `schemas.EXTRACTION_AGREEMENT`.

    Over the rows that both readings have, by compared column; kappa only where a column is
    closed and holds one value. ``codings`` has, for a sheet coded twice, the cells in which
    the codings differ; in all other cells they agree.
    """
    rows: list[tuple[Any, ...]] = []
    for name, sheet in sheets.items():
        if len(sheet.readings) == 2:
            first, second = (
                frame.set_index(sheet.key, drop=False)
                for frame in sheet.readings.values()
            )
            both = [key for key in first.index if key in second.index]
            columns = [
                column
                for column in sheet.schema.columns
                if column.compared and column.name != sheet.key
            ]
            pairs = {
                column: (
                    list(first.loc[both, column.name]),
                    list(second.loc[both, column.name]),
                )
                for column in columns
            }
            rows += [
                _measured(name, column.name, *pairs[column], column)
                for column in columns
            ]
            rows.append(
                _measured(
                    name,
                    "(all)",
                    [x for a, _ in pairs.values() for x in a],
                    [x for _, b in pairs.values() for x in b],
                )
            )
    for name, coding in (codings or {}).items():
        sheet = sheets[name]
        (frame,) = sheet.readings.values()
        for column in dict.fromkeys(coding["column"]):
            of_column = coding[coding["column"] == column]
            cells = dict(zip(frame[sheet.key], frame[column], strict=True))
            first, second = (
                list(
                    (
                        cells
                        | dict(zip(of_column[sheet.key], of_column[coded], strict=True))
                    ).values()
                )
                for coded in ("coding_a", "coding_b")
            )
            rows.append(
                _measured(name, column, first, second, sheet.schema.column(column))
            )
    return tables.frame(rows, schemas.EXTRACTION_AGREEMENT)


def label(
    sheets: Mapping[str, Sheet],
    consensus: Mapping[str, "pd.DataFrame"],
    vocabulary: "pd.DataFrame",
) -> "pd.DataFrame":
    """Return what a reader sees for each term and each key with a label, `schemas.LABELS`."""
    rows = [
        (
            row.sheet,
            row.column,
            row.term,
            row.label or row.term,
            row.label_long or row.label or row.term,
            row.parent,
        )
        for row in vocabulary.itertuples(index=False)
    ]
    for name, sheet in sheets.items():
        if sheet.label:
            for cells in consensus[name].astype(str).to_dict("records"):
                text = sheet.label.format(**cells)
                rows.append(
                    (
                        name,
                        sheet.key,
                        cells[sheet.key],
                        text,
                        text,
                        cells.get(sheet.parent, ""),
                    )
                )
    return tables.frame(rows, schemas.LABELS)


def _consensus(
    name: str,
    sheet: Sheet,
    decisions: dict,
    notes: "pd.DataFrame",
    problems: list[Problem],
) -> "pd.DataFrame":
    import pandas as pd

    readings = list(sheet.readings.values())
    used: set[tuple[str, str]] = set()
    keys = list(dict.fromkeys(key for frame in readings for key in frame[sheet.key]))
    by_key = [
        {row[sheet.key]: row for row in frame.astype(str).to_dict("records")}
        for frame in readings
    ]
    rows = []
    for key in keys:
        present = [row[key] for row in by_key if key in row]
        if (key, ROW) in decisions:
            place, decision = decisions[key, ROW]
            used.add((key, ROW))
            if len(present) == len(readings) and not (
                len(readings) == 1 and decision.reason.startswith(SINGLE)
            ):
                problems.append(_idle(place, decision))
            if decision.chosen == DROP:
                continue
        elif len(present) < len(readings):
            has = [
                reading
                for reading, row in zip(sheet.readings, by_key, strict=True)
                if key in row
            ]
            problems.append(
                Problem(f"{FOLDER}/{has[0]}/{name}.csv", 0, key, "a row that the other reading does not have",
                        f"a row of the adjudication: {name},{key},{ROW}", "decide whether to keep or drop it")
            )  # fmt: skip
        row = dict(present[0])
        for column in sheet.schema.columns:
            if column.name != sheet.key and column.compared:
                cells = [of_reading[column.name] for of_reading in present]
                row[column.name] = _cell(
                    name, key, column.name, cells, decisions, used, problems
                )
        rows.append(row)
    problems += [
        _idle(place, row)
        for at, (place, row) in decisions.items()
        if at not in used and at[0] in keys
    ]
    problems += [
        Problem(
            ADJUDICATION,
            place,
            "key",
            repr(row.key),
            f"a key of {name}",
            "correct or delete the row",
        )
        for at, (place, row) in decisions.items()
        if at not in used and at[0] not in keys
    ]
    frame = pd.DataFrame(rows, columns=sheet.schema.names, dtype=str)
    if len(readings) > 1 and "note" in frame:
        said = dict(zip(notes["key"], notes["note"], strict=True))
        frame["note"] = [said.get(key, "") for key in frame[sheet.key]]
    return frame


def _cell(
    name: str,
    key: str,
    column: str,
    cells: list[str],
    decisions: dict,
    used: set,
    problems: list[Problem],
) -> str:
    """Return the consensus of one cell; note what is not decided, or decided without need."""
    differs = len(set(cells)) > 1
    if (key, column) not in decisions:
        if differs:
            problems.append(
                Problem(ADJUDICATION, 0, f"{name}.{key}.{column}", f"the readings differ: {some(map(repr, cells))}",
                        "a decision on each difference", "add a row to the adjudication")
            )  # fmt: skip
        return cells[0]
    place, decision = decisions[key, column]
    used.add((key, column))
    said = (
        [decision.value_a, decision.value_b][: len(cells)] if len(cells) > 1 else cells
    )
    if said != cells:
        problems.append(
            Problem(ADJUDICATION, place, "value_a", f"says {some(map(repr, said))}",
                    f"what the readings hold: {some(map(repr, cells))}", "the decision is on other cells; decide again")
        )  # fmt: skip
    if not differs and not decision.reason.startswith((BOTH_WRONG, SINGLE)):
        problems.append(_idle(place, decision))
    return decision.chosen


def _idle(place: int, row: Any) -> Problem:
    return Problem(
        ADJUDICATION, place, row.column, f"{row.sheet} {row.key}: the readings do not differ here",
        f"a difference, or a reason that begins with {BOTH_WRONG} or {SINGLE}", "delete the row or give the reason",
    )  # fmt: skip


def _stray(
    rows: "pd.DataFrame", of: "pd.DataFrame", column: str, expected: str
) -> list[Problem]:
    return [
        Problem(
            ADJUDICATION,
            index + 2,
            column,
            repr(of.loc[index, column]),
            expected,
            "correct it",
        )
        for index in rows.index
    ]


def _dangling(
    name: str, schema: Table, made: Mapping[str, "pd.DataFrame"]
) -> list[Problem]:
    problems = []
    for column in schema.columns:
        if column.refers_to and column.refers_to in made:
            keys = set(made[column.refers_to].iloc[:, 0])
            for key, cell in zip(
                made[name].iloc[:, 0], made[name][column.name], strict=True
            ):
                if cell and cell not in keys:
                    problems.append(
                        Problem(f"results/extraction/{name}.csv", 0, column.name, f"{key} refers to {cell!r}",
                                f"a key of {column.refers_to}", "correct one of the two sheets")
                    )  # fmt: skip
    return problems


def _sorted(frame: "pd.DataFrame", order: Sequence[str]) -> "pd.DataFrame":
    if not order:
        return frame.reset_index(drop=True)

    def sortable(column: "pd.Series") -> "pd.Series":
        return (
            column.astype(int)
            if column.str.fullmatch(r"-?\d+").all() and len(column)
            else column
        )

    return frame.sort_values(list(order), key=sortable, kind="stable").reset_index(
        drop=True
    )


def _measured(
    name: str,
    label: str,
    first: list[str],
    second: list[str],
    column: tables.Column | None = None,
) -> tuple[Any, ...]:
    single = column is not None and column.terms is not None and not column.several
    kappa = agreement.cohens_kappa(first, second) if single else None
    percent = agreement.percent(first, second)
    same = sum(a == b for a, b in zip(first, second, strict=True))
    return (
        name, label, len(first), same,
        "" if percent is None else round(percent, 2), "" if kappa is None else round(kappa, 4),
    )  # fmt: skip
