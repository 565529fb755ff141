"""Lay out tables as a reader sees them: rows of a sheet with what belongs to them, or grids of numbers.

Each table is made once, as rows of cells; CSV and the HTML fragment that all formats of the
manuscript take are two ways to write those cells, so they cannot differ.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from retrace.errors import ConfigError, Problem, some
from retrace.labels import Labels, within
from retrace.relations import Relations, Unfit
from retrace.tables import SEPARATOR

if TYPE_CHECKING:
    import pandas as pd


MEMBERS = "members"
"""The column of the CSV file that says of which rows or term a printed row is made."""


@dataclass(frozen=True)
class Cell:
    """A cell: its lines, one below the other or running on, and what it links to.

    ``row`` is the row of a computed table that it is read from, as table/key.
    """

    lines: tuple[str, ...] = ()
    number_id: str = ""
    study: str = ""
    row: str = ""
    running: bool = False


@dataclass
class Printed:
    """A table as printed: titles and widths of its columns, rows, what each row is, and notes."""

    titles: list[str]
    widths: list[float]
    rows: list[list[Cell]] = field(default_factory=list)
    members: list[list[str]] = field(default_factory=list)
    is_of_terms: bool = False
    notes: list[str] = field(default_factory=list)
    numeric: set[int] = field(default_factory=set)
    language: str = "en"


def lay_out(
    spec: Mapping[str, Any],
    *,
    relations: Relations,
    labels: Labels,
    numbers: "pd.DataFrame",
    name: str = "",
) -> Printed:
    """Return a table as config.yaml describes it: kind `rows` or `grid`.

    `rows`: one printed row for each distinct combination of the columns of ``row`` in a sheet;
    its cells hold labels, or the lines of a sheet that refers to it. `grid`: one row for each
    term of a column; its cells hold numbers of families, or a column of a computed table.

    Raises:
        ConfigError: a sheet, column, term, family or number that is not there.
    """
    try:
        kind = {"rows": _rows, "grid": _grid}.get(spec["kind"])
        if kind is None:
            raise Unfit(f"kind {spec['kind']!r}", "rows or grid")
        made = kind(spec, relations, labels, numbers)
    except Unfit as error:
        raise ConfigError(
            Problem("config.yaml", 0, f"tables.{name}", *error.complaint)
        ) from None
    made.notes += spec.get("notes", [])
    return made


def as_csv(made: Printed) -> "pd.DataFrame":
    """Return the cells as text, with the members of each row, and the number behind each number."""
    import pandas as pd

    rows = []
    for cells, members in zip(made.rows, made.members, strict=True):
        row = {MEMBERS: SEPARATOR.join(members)}
        for title, cell in zip(made.titles, cells, strict=True):
            row[title] = SEPARATOR.join(cell.lines)
            if cell.number_id:
                row[f"{title} (number_id)"] = cell.number_id
        rows.append(row)
    columns = [MEMBERS]
    for place, title in enumerate(made.titles):
        columns.append(title)
        if place in made.numeric:
            columns.append(f"{title} (number_id)")
    return pd.DataFrame(rows, columns=columns, dtype=str).fillna("")


def as_html(made: Printed) -> str:
    """Return one table element and a paragraph of notes, every text escaped."""
    total = sum(made.widths) or 1
    shares = "".join(
        f'<col style="width: {100 * width / total:.1f}%">' for width in made.widths
    )
    head = "".join(
        f'<th scope="col"{_aligned(made, place)}>{_text(title)}</th>'
        for place, title in enumerate(made.titles)
    )
    body = "".join(
        # A term may be spelled as the key of a row is, and is no row.
        (
            "<tr>"
            if made.is_of_terms
            else f'<tr data-members="{html.escape(" ".join(members))}">'
        )
        + "".join(
            f"<{tag}{_aligned(made, place)}{_read_from(cell)}>{_written(cell)}</{tag[:2]}>"
            for place, cell in enumerate(cells)
            for tag in ['th scope="row"' if place == 0 else "td"]
        )
        + "</tr>\n"
        for cells, members in zip(made.rows, made.members, strict=True)
    )
    notes = (
        f'<p class="table-notes">{" ".join(map(_text, made.notes))}</p>\n'
        if made.notes
        else ""
    )
    return (
        f"<table>\n<colgroup>{shares}</colgroup>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}</tbody>\n</table>\n{notes}"
    )


def _rows(
    spec: Mapping[str, Any],
    relations: Relations,
    labels: Labels,
    numbers: "pd.DataFrame",
) -> Printed:
    sheet = spec["sheet"]
    chosen = relations.rows(sheet, [spec.get("where", {})])
    by = [relations.cells(sheet, column) for column in spec["row"]]
    groups: dict[tuple, list[int]] = {}
    for row in chosen:
        groups.setdefault(tuple(cells.of[row] for cells in by), []).append(row)
    keys = relations.keys(sheet)
    made = _empty(spec)
    used: dict[tuple[str, str], None] = {}
    filled = [
        _column(column, spec, relations, labels, used, made)
        for column in spec["columns"]
    ]
    for rows in groups.values():
        made.rows.append([fill(rows) for fill in filled])
        made.members.append([keys[row] for row in rows])
    abbreviated = {
        labels.short(column, term): labels.long(column, term)
        for column, term in used
        if labels.short(column, term) != labels.long(column, term)
    }
    if abbreviated:
        ordered = sorted(abbreviated.items(), key=lambda item: item[0].casefold())
        made.notes.append(
            "; ".join(f"{short}: {long}" for short, long in ordered) + "."
        )
    return made


def _column(
    column: Mapping[str, Any],
    spec: Mapping[str, Any],
    relations: Relations,
    labels: Labels,
    used: dict[tuple[str, str], None],
    made: Printed,
) -> Any:
    """Return what fills a column's cell for the sheet's rows of one printed row."""
    sheet = spec["sheet"]
    if "lines" in column:
        return _lines(column["lines"], sheet, relations, labels, used, made)
    names = column.get("columns") or [column["column"]]
    cells = [relations.cells(sheet, name) for name in names]
    form, words = column.get("labels", "short"), column.get("words", {})
    labelled = labels.long if form == "long" else labels.short
    studies = relations.cells(sheet, column["study"]) if "study" in column else None

    def fill(rows: Sequence[int]) -> Cell:
        lines: dict[str, None] = {}
        for row in rows:
            parts: list[str] = []
            for name, of in zip(names, cells, strict=True):
                terms = [str(term) for term in of.each(row)]
                if form != "long":
                    used.update(
                        dict.fromkeys(
                            (name, term)
                            for term in terms
                            if term not in words.get(name, {})
                        )
                    )
                own = words.get(name, {})
                shown = [own.get(term) or labelled(name, term) for term in terms]
                if any(parts):
                    shown = [within(label, made.language) for label in shown]
                parts.append(" / ".join(shown))
            lines[" ".join(part for part in parts if part)] = None
        study = str(studies.of[rows[0]] or "") if studies else ""
        return Cell(tuple(line for line in lines if line), study=study)

    return fill


def _lines(
    spec: Mapping[str, Any],
    sheet: str,
    relations: Relations,
    labels: Labels,
    used: dict[tuple[str, str], None],
    made: Printed,
) -> Any:
    """Return what fills a cell with the lines of a sheet that refers to the printed rows.

    A line is a mark for its direction, a name, its levels and its limits. A line printed again
    stands once; a line that only holds the place of a lost cell says so.
    """
    child, owner = spec["sheet"], spec["refers"]
    chosen = relations.rows(child, [spec.get("where", {})])
    if relations.cells(child, owner).column.refers_to != sheet:
        raise Unfit(
            f"{owner} of {child} does not refer to {sheet}",
            f"a column of {child} that holds keys of {sheet}",
        )
    owners = relations.cells(child, owner).of
    names, printed = (
        relations.cells(child, spec["name"]),
        relations.cells(child, spec["printed"]),
    )
    directions = relations.cells(child, spec["direction"])
    in_text = relations.cells(child, spec["in_text"]) if "in_text" in spec else None
    levels, limits = (
        relations.cells(child, spec["levels"]),
        relations.cells(child, spec["limits"]),
    )
    keys = relations.keys(sheet)
    told_apart = (
        relations.cells(sheet, spec["told_apart"]) if "told_apart" in spec else None
    )
    marks, lost, foot = spec["marks"], spec.get("lost"), spec.get("footnotes", {})
    # A misspelt term would let the place of a lost cell pass for an outcome.
    relations.rows(child, [{spec["limits"]: [*foot, *([lost] if lost else [])]}])
    relations.rows(child, [{spec["levels"]: list(spec["plain_levels"])}])
    for column in filter(None, (spec["direction"], spec.get("in_text"))):
        unmarked = [
            term for term in relations.terms(child, column)[0] if term not in marks
        ]
        if unmarked:
            raise Unfit(
                f"no mark for {some(map(repr, unmarked))} of {column}",
                f"a mark for each term: {some(marks)}",
            )

    def short(column: str, term: str) -> str:
        used[column, term] = None
        return labels.short(column, term)

    of_owner: dict[str, list[int]] = {}
    for line in chosen:
        of_owner.setdefault(owners[line], []).append(line)

    def fill(rows: Sequence[int]) -> Cell:
        lines = []
        for place, row in enumerate(rows):
            for line in of_owner.get(keys[row], []):
                terms = limits.each(line)
                if lost in terms:
                    lines.append(
                        spec.get("lost_says") or labels.long(spec["limits"], str(lost))
                    )
                    continue
                name = short(spec["name"], names.of[line]) if names.of[line] else ""
                name = name or f"{printed.of[line] or ''} ({spec['unnamed']})"
                shown = [
                    short(spec["levels"], level)
                    for level in levels.each(line)
                    if level not in spec["plain_levels"]
                ]
                shown += [
                    short(spec["limits"], term) for term in terms if term not in foot
                ]
                shown = [within(label, made.language) for label in shown]
                if told_apart and place:
                    shown.append(short(spec["told_apart"], told_apart.of[row]))
                if (
                    in_text
                    and in_text.of[line]
                    and in_text.of[line] != directions.of[line]
                ):
                    shown.append(f"{spec['text_says']} {marks[in_text.of[line]]}")
                signs = "".join(sign for term, sign in foot.items() if term in terms)
                detail = f" ({', '.join(shown)})" if shown else ""
                lines.append(f"{marks[directions.of[line]]} {name}{signs}{detail}")
                for term, sign in foot.items():
                    note = f"{sign} {labels.long(spec['limits'], term)}."
                    if term in terms and note not in made.notes:
                        made.notes.append(note)
        return Cell(tuple(lines), running=spec.get("running", False))

    return fill


def _grid(
    spec: Mapping[str, Any],
    relations: Relations,
    labels: Labels,
    numbers: "pd.DataFrame",
) -> Printed:
    value_of = dict(zip(numbers["number_id"], numbers["value"], strict=True))
    families = {number_id.split(".")[0] for number_id in value_of}
    made = _empty(spec)
    missing = [
        column["family"]
        for column in spec["columns"]
        if "family" in column and column["family"] not in families
    ]
    if missing:
        raise Unfit(f"no family {some(missing)}", "a family of numbers.yaml")
    terms = labels.terms(spec["rows"]["column"])
    if not terms:
        raise Unfit(f"no terms of {spec['rows']['column']!r}", "a column with labels")
    for column in spec["columns"]:
        if "family" in column and not any(
            _number_id(column, term) in value_of for term in terms
        ):
            raise Unfit(
                f"no number {_number_id(column, terms[0])!r} or of another term",
                f"a family over {spec['rows']['column']}, with 'of' for its second column",
            )
    made.is_of_terms = True
    made.numeric = {
        place
        for place, column in enumerate(spec["columns"], start=1)
        if "family" in column
    }
    counted = [column for column in spec["columns"] if "family" in column]
    for term in terms:
        ids = [_number_id(column, term) for column in counted]
        if not any(value_of.get(number_id, "0") not in ("", "0") for number_id in ids):
            continue
        cells = [Cell((labels.long(spec["rows"]["column"], term),))]
        for column in spec["columns"]:
            if "family" in column:
                number_id = _number_id(column, term)
                known = number_id in value_of
                cells.append(
                    Cell(
                        (str(value_of.get(number_id, "")),), number_id if known else ""
                    )
                )
            else:
                lines = _looked_up(column, term, relations)
                row = f"{column['table']}/{term}" if lines else ""
                cells.append(Cell(lines, row=row))
        made.rows.append(cells)
        made.members.append([term])
    return made


def _looked_up(
    column: Mapping[str, Any], term: str, relations: Relations
) -> tuple[str, ...]:
    keys = relations.keys(column["table"])
    if term not in keys:
        return ()
    value = relations.cells(column["table"], column["column"]).of[keys.index(term)]
    if value is None:
        return (column.get("none", ""),)
    least = column.get("least")
    if isinstance(value, float) and least is not None:
        return (f"<{least}" if value < least else f"{value:.{len(str(least)) - 2}f}",)
    return (str(value),)


def _number_id(column: Mapping[str, Any], term: str) -> str:
    return ".".join(filter(None, (column["family"], term, column.get("of", ""))))


def _empty(spec: Mapping[str, Any]) -> Printed:
    first = [spec["rows"]] if spec["kind"] == "grid" else []
    columns = [*first, *spec["columns"]]
    # Titles name the columns of the CSV file, beside those that it has of itself.
    titles = [column["title"] for column in columns]
    doubled = [title for title in titles if [MEMBERS, *titles].count(title) > 1]
    if doubled:
        raise Unfit(f"two columns are called {doubled[0]!r}", "titles of their own")
    return Printed(
        titles,
        [float(column.get("width", 10)) for column in columns],
        language=spec.get("language", "en"),
    )


def _aligned(made: Printed, place: int) -> str:
    return (
        ' class="number-cell" style="text-align: right"'
        if place in made.numeric
        else ""
    )


def _read_from(cell: Cell) -> str:
    return f' data-row="{html.escape(cell.row)}"' if cell.row else ""


def _written(cell: Cell) -> str:
    if cell.running:
        # A mark must not stand at the end of a line, apart from what it marks.
        text = "; ".join(
            _text(line.replace(" ", "\N{NO-BREAK SPACE}", 1)) for line in cell.lines
        )
    else:
        text = "<br>".join(map(_text, cell.lines))
    if cell.number_id:
        anchor = html.escape(cell.number_id)
        return f'<a class="number" href="#n-{anchor}" data-number="{anchor}">{text}</a>'
    if cell.study:
        return f'<a class="study" href="#ref-{html.escape(cell.study)}">{text}</a>'
    return text


def _text(text: str) -> str:
    # On one line: an empty line would end the table for a reader of Markdown.
    return html.escape(re.sub(r"[^\S\N{NO-BREAK SPACE}]+", " ", text))
