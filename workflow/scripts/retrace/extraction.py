"""Compute the consensus of readings from the readings and the adjudication of their differences.

The consensus is never typed: a difference that nobody decided on, a decision on what does not
differ, a term outside its vocabulary and a key that dangles stop the build, all named at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from retrace import agreement, schemas, tables
from retrace.errors import ExtractionError, Problem, some
from retrace.sheets import Raw, Sheet, path_of

if TYPE_CHECKING:
    import pandas as pd

ROW = "(row)"
DROP = "drop"
KEEP = "keep"
BOTH_WRONG = "both_wrong:"
SINGLE = "single reading:"
ALL = "(all)"
"""The row of a sheet's agreement over all of its columns."""

Place = tuple[str, int, str]
"""File, row and column of a cell that an author can correct."""


@dataclass
class _Made:
    """A consensus as it is computed: its rows, and where each of their cells was written."""

    rows: list[dict[str, str]] = field(default_factory=list)
    origins: list[dict[str, Place]] = field(default_factory=list)


def agree(raw: Raw) -> dict[str, "pd.DataFrame"]:
    """Return the consensus of every sheet.

    A sheet with one reading is that reading, as far as the adjudication does not change it.
    Notes come from the notes of the consensus alone; those of the readings were made before.

    Raises:
        ExtractionError: every difference without a decision, decision without a difference or
            on other cells, term outside its vocabulary, doubled or dangling key, and note or
            coding of a row that is not there.
    """
    import pandas as pd

    problems = list(_strays(raw))
    made = {}
    for name, sheet in raw.sheets.items():
        decisions = {
            (row.key, row.column): (line, row)
            for line, row in zip(
                tables.lines(raw.adjudication),
                raw.adjudication.itertuples(index=False),
                strict=True,
            )
            if row.sheet == name
        }
        made[name] = _consensus(name, sheet, decisions, raw, problems)
    frames = {
        name: pd.DataFrame(made[name].rows, columns=sheet.schema.names, dtype=str)
        for name, sheet in raw.sheets.items()
    }
    for name, sheet in raw.sheets.items():
        unfit = tables.check(
            frames[name], sheet.schema, places=list(range(len(frames[name])))
        )
        problems += [
            _placed(problem, made[name].origins[problem.row], problem.column)
            for problem in unfit
        ]
        problems += _dangling(name, sheet, made, raw.sheets)
        problems += _miscoded(name, sheet, frames[name], raw)
    if problems:
        raise ExtractionError(list(dict.fromkeys(problems)))
    return {
        name: _sorted(frame, raw.sheets[name].order) for name, frame in frames.items()
    }


def measure(
    sheets: Mapping[str, Sheet], codings: Mapping[str, "pd.DataFrame"] | None = None
) -> "pd.DataFrame":
    """Return the agreement of two readings, after recoding, `schemas.EXTRACTION_AGREEMENT`.

    Over the rows that both readings have, by compared column; kappa only where a column is
    closed and holds one value. ``codings`` has, for a sheet whose closed columns were coded
    twice, the cells in which the codings differ; in all other cells they agree. These have no
    row over all columns: it would pool judgements of different kinds.
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
                    _compared(first.loc[both, column.name], column),
                    _compared(second.loc[both, column.name], column),
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
                    ALL,
                    [x for a, _ in pairs.values() for x in a],
                    [x for _, b in pairs.values() for x in b],
                )
            )
    for name, coding in (codings or {}).items():
        sheet = sheets[name]
        (frame,) = sheet.readings.values()
        for column in sheet.schema.columns:
            if column.terms is not None:
                differing = coding[coding["column"] == column.name]
                cells = dict(zip(frame[sheet.key], frame[column.name], strict=True))
                first, second = (
                    cells | dict(zip(differing[sheet.key], differing[coded], strict=True))
                    for coded in ("coding_a", "coding_b")
                )  # fmt: skip
                rows.append(
                    _measured(
                        name,
                        column.name,
                        _compared(first.values(), column),
                        _compared(second.values(), column),
                        column,
                    )
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
    name: str, sheet: Sheet, decisions: dict, raw: Raw, problems: list[Problem]
) -> _Made:
    """Return a sheet's consensus; note each decision that is missing, idle or on other cells."""
    file = raw.path("adjudication")
    readings = {
        path_of(reading, name): {
            row[sheet.key]: (place, row)
            for place, row in zip(
                tables.lines(frame), frame.astype(str).to_dict("records"), strict=True
            )
        }
        for reading, frame in sheet.readings.items()
    }
    keys = list(dict.fromkeys(key for rows in readings.values() for key in rows))
    of_sheet = raw.notes["sheet"] == name
    notes = raw.notes[of_sheet]
    lines = [line for line, mine in zip(tables.lines(raw.notes), of_sheet, strict=True) if mine]  # fmt: skip
    said = {
        key: (note, place)
        for key, note, place in zip(notes["key"], notes["note"], lines, strict=True)
    }
    made, used = _Made(), set()
    for key in keys:
        present = [(path, *rows[key]) for path, rows in readings.items() if key in rows]
        path, place, first = present[0]
        if (key, ROW) in decisions:
            used.add((key, ROW))
            at, decision = decisions[key, ROW]
            problems += _row_problems(decision, at, file, present, readings)
            if decision.chosen == DROP:
                continue
        elif len(present) < len(readings):
            problems.append(
                Problem(path, place, sheet.key, f"{key!r} stands in this reading alone",
                        f"a decision on it in {file}: {name},{key},{ROW}", f"choose {DROP} or {KEEP}")
            )  # fmt: skip
        row = dict(first)
        origin = {column: (path, place, column) for column in sheet.schema.names}
        for column in sheet.schema.columns:
            if column.compared and column.name != sheet.key:
                cells = [
                    (path, place, row[column.name]) for path, place, row in present
                ]
                at, decision = decisions.get((key, column.name), (0, None))
                problems += _cell_problems(name, key, column, cells, at, decision, file)  # fmt: skip
                if decision is not None:
                    used.add((key, column.name))
                    row[column.name] = decision.chosen
                    origin[column.name] = (file, at, "chosen")
        if len(readings) > 1 and "note" in row:
            row["note"], at = said.get(key, ("", 0))
            origin["note"] = (raw.path("notes"), at, "note")
        made.rows.append(row)
        made.origins.append(origin)
    problems += [
        _idle(file, place, row)
        if at[0] in keys
        else Problem(file, place, "key", repr(row.key), f"a key of {name}", "correct or delete the row")
        for at, (place, row) in decisions.items()
        if at not in used
    ]  # fmt: skip
    kept = {row[sheet.key] for row in made.rows}
    problems += [
        Problem(raw.path("notes"), place, "key", repr(key), f"a row of the consensus of {name}", "correct or delete the row")
        for key, (_, place) in said.items()
        if key not in kept
    ]  # fmt: skip
    return made


def _row_problems(
    decision: Any, at: int, file: str, present: Sequence, readings: Mapping
) -> Iterator[Problem]:
    """Yield what is wrong with a decision on a whole row."""
    if decision.chosen not in (DROP, KEEP):
        yield Problem(file, at, "chosen", repr(decision.chosen), f"{DROP} or {KEEP}", "decide whether the row stays")  # fmt: skip
    is_single = len(readings) == 1 and decision.reason.startswith(SINGLE)
    if len(present) == len(readings) and not is_single:
        yield _idle(file, at, decision)


def _cell_problems(
    name: str,
    key: str,
    column: tables.Column,
    cells: Sequence[tuple[str, int, str]],
    at: int,
    decision: Any,
    file: str,
) -> Iterator[Problem]:
    """Yield what is wrong with the decision on one cell, or that there is none."""
    held = [cell for _, _, cell in cells]
    found = _compared(held, column)
    differs = len(set(found)) > 1
    if decision is None:
        if differs:
            path, place, _ = cells[0]
            yield Problem(path, place, column.name, f"{name} {key}: the readings differ: {some(map(repr, held))}",
                          f"a decision on it in {file}", "add a row to the adjudication")  # fmt: skip
        return
    said = [decision.value_a, decision.value_b]
    stated = _compared(said, column)
    # A row that one reading has stands under that reading's value, whichever it is.
    if stated != found and not (len(found) == 1 and found[0] in stated):
        yield Problem(file, at, "value_a" if len(found) == 1 or stated[0] != found[0] else "value_b",
                      f"says {some(map(repr, said))}", f"what the readings hold: {some(map(repr, held))}",
                      "the decision is on other cells; decide again")  # fmt: skip
    if not differs and not decision.reason.startswith((BOTH_WRONG, SINGLE)):
        yield _idle(file, at, decision)


def _strays(raw: Raw) -> Iterator[Problem]:
    """Yield the rows of adjudication and notes that name no sheet."""
    for name, frame in (("adjudication", raw.adjudication), ("notes", raw.notes)):
        for line, sheet in zip(tables.lines(frame), frame["sheet"], strict=True):
            if sheet not in raw.sheets:
                yield Problem(raw.path(name), line, "sheet", repr(sheet), f"one of {some(raw.sheets, 20)}", "correct it")  # fmt: skip


def _dangling(
    name: str, sheet: Sheet, made: Mapping[str, _Made], sheets: Mapping[str, Sheet]
) -> Iterator[Problem]:
    """Yield the cells that refer to a row that the consensus of another sheet does not have."""
    for column in sheet.schema.columns:
        parent = column.refers_to
        if parent is not None and parent in made:
            key = sheets[parent].key
            keys = {row[key] for row in made[parent].rows}
            for row, origin in zip(made[name].rows, made[name].origins, strict=True):
                cell = row[column.name]
                for one in (
                    tables.values(cell) if column.several else filter(None, [cell])
                ):
                    if one not in keys:
                        yield _placed(
                            Problem("", 0, "", f"{row[sheet.key]} refers to {one!r}", f"a key of {parent}",
                                    "correct one of the two sheets"),
                            origin, column.name)  # fmt: skip


def _miscoded(
    name: str, sheet: Sheet, frame: "pd.DataFrame", raw: Raw
) -> Iterator[Problem]:
    """Yield the disagreements of two codings that do not fit the sheet that was chosen from them."""
    if name not in raw.codings:
        return
    path, coding = raw.path(name), raw.codings[name]
    closed = {column.name: column for column in sheet.schema.columns if column.terms is not None}  # fmt: skip
    cells = frame.set_index(sheet.key).to_dict("index")
    for index, row in zip(tables.lines(coding), coding.to_dict("records"), strict=True):
        key, column = row[sheet.key], row["column"]
        if key not in cells:
            yield Problem(path, index, sheet.key, repr(key), f"a key of {name}", "correct or delete the row")  # fmt: skip
        elif column not in closed:
            yield Problem(path, index, "column", repr(column), f"a closed column of {name}: {some(closed)}", "correct it")  # fmt: skip
        else:
            for coded in ("coding_a", "coding_b"):
                for part in (
                    tables.values(row[coded])
                    if closed[column].several
                    else [row[coded]]
                ):
                    if part not in (closed[column].terms or ()):
                        yield Problem(path, index, coded, repr(part), f"one of {some(closed[column].terms or (), 12)}", "correct it")  # fmt: skip
            if (
                len(set(_compared([row["coding_a"], row["coding_b"]], closed[column])))
                == 1
            ):
                yield Problem(path, index, "coding_b", f"{key}: the codings do not differ here", "a difference", "delete the row")  # fmt: skip
            if row["chosen"] != cells[key][column]:
                yield Problem(path, index, "chosen", repr(row["chosen"]), f"what {name} holds: {cells[key][column]!r}", "correct one of the two")  # fmt: skip


def _compared(cells: Iterable[str], column: tables.Column) -> list[Any]:
    """Return cells as they are held against each other: of several values, in whatever order they stand."""
    return [frozenset(tables.values(cell)) for cell in cells] if column.several else list(cells)  # fmt: skip


def _idle(file: str, place: int, row: Any) -> Problem:
    return Problem(
        file, place, "column", f"{row.sheet} {row.key} {row.column}: the readings do not differ here",
        f"a difference, or a reason that begins with {BOTH_WRONG} or {SINGLE}", "delete the row or give the reason",
    )  # fmt: skip


def _placed(problem: Problem, origin: Mapping[str, Place], column: str) -> Problem:
    """Return a problem of the consensus where its cell was written, which an author can correct."""
    file, row, written = origin[column]
    return replace(problem, file=file, row=row, column=written)


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
    first: list[Any],
    second: list[Any],
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
