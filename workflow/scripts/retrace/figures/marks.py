"""Turn families of numbers into the marks of a figure: one row per bar, segment, dot or box.

Every mark keeps the id of the number it shows, so that whoever reads the figure's CSV can walk
from a bar to the studies behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrace import tables
from retrace.errors import NumberError, Problem
from retrace.labels import Labels
from retrace.tables import Column, table

if TYPE_CHECKING:
    import pandas as pd

MARKS = table(
    "figure_marks",
    "results/figures/<figure>.csv",
    "Exactly what a figure draws: one row per mark.",
    Column("panel", "The part of the figure that the mark stands in."),
    Column("panel_label", "Its label, whole."),
    Column("row", "The term of the row that the mark stands in."),
    Column("row_label", "That term's label, whole."),
    Column("series", "The term that gives the mark its colour or column."),
    Column("series_label", "That term's label, whole."),
    Column(
        "mark",
        "What is drawn: bar, segment, dot, total, count, box, part, heading, remainder, note.",
    ),
    Column("n", "The count that the mark shows.", "integer"),
    Column("kind", "Where the count comes from: counted, reported, not_published."),
    Column("text", "What is printed for the mark, whole."),
    Column("number_id", "The number that the mark shows."),
    Column(
        "with_number_id",
        "A second number whose members the mark shares with the first.",
    ),
    Column("box", "The box of the PRISMA flow that the mark shows."),
    Column("members", "The members, where the mark is not the whole of one number."),
)


@dataclass(frozen=True)
class Term:
    """One number of a family: its terms, its value and its id."""

    terms: tuple[str, ...]
    n: int
    number_id: str


def of_family(
    numbers: "pd.DataFrame", family: str, *known: Iterable[str]
) -> list[Term]:
    """Return the numbers of a family, by the terms of their ids, in the table's order.

    ``known`` gives the terms of each column of the family; an id of two terms is split at the
    point where both sides are known, for a term may hold a point of its own (miR-1.2).

    Raises:
        NumberError: numbers.yaml defines no such family, or one without counts.
    """
    start = f"{family}."
    known_terms = [set(terms) for terms in known]
    found = []
    for number_id, value in zip(numbers["number_id"], numbers["value"], strict=True):
        if number_id.startswith(start):
            terms = _split(number_id[len(start) :], known_terms)
            found.append(Term(terms, _whole(number_id, value), number_id))
    return found


def in_order(terms: Iterable[Term], vocabulary: Sequence[str]) -> list[Term]:
    """Return a family's numbers by size, those of one size in the vocabulary's order."""
    place = {term: number for number, term in enumerate(vocabulary)}
    return sorted(
        terms,
        key=lambda term: (-term.n, place.get(term.terms[0], len(place)), term.terms),
    )


def members_of(members: "pd.DataFrame") -> dict[str, list[str]]:
    """Return the members of each number, in order."""
    found: dict[str, list[str]] = {}
    for number_id, member in zip(
        members["number_id"], members["member_id"], strict=True
    ):
        found.setdefault(number_id, []).append(member)
    return found


def together(terms: Iterable[Term], members: Mapping[str, Sequence[str]]) -> list[str]:
    """Return every member of some numbers once, in alphabetical order.

    A study that measured three things is one study: a sum would count it three times.
    """
    return sorted({one for term in terms for one in members.get(term.number_id, ())})


def of_term(mark: str, term: Term, words: str) -> dict[str, Any]:
    """Return the mark of a number: its term, the term's label, its count and its id."""
    return {
        "row": term.terms[0],
        "row_label": words,
        "mark": mark,
        "n": term.n,
        "kind": "counted",
        "text": f"{term.n:,}",
        "number_id": term.number_id,
    }


def remainder(members: Sequence[str], text: str) -> dict[str, Any]:
    """Return the mark of what is not drawn one by one: its members, and how it is stated."""
    return {
        "mark": "remainder",
        "n": len(members),
        "kind": "counted",
        "text": text,
        "members": "; ".join(members),
    }


def label(
    labels: Labels, spec: Mapping[str, Any], term: str, column: str = "column"
) -> str:
    """Return a term's label: the spec's own words, else the vocabulary's, long where asked."""
    words = spec.get("words", {})
    if term in words:
        return str(words[term])
    asked = labels.short if spec.get("labels") == "short" else labels.long
    return asked(spec[column], term)


def counted(n: int, unit: Sequence[str] = ("study", "studies")) -> str:
    """Return a count with its unit: "1 study", "2 studies"."""
    return f"{n:,} {unit[0] if n == 1 else unit[1]}"


def listed(parts: Sequence[str]) -> str:
    """Return parts as a list in a sentence."""
    return (
        f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
    )


def frame(rows: Sequence[Mapping[str, Any]]) -> "pd.DataFrame":
    """Return marks as a table."""
    return tables.frame(rows, MARKS)


def rows_of(data: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return marks as rows, a missing count as None."""
    rows: list[dict[str, Any]] = [
        {str(name): cell for name, cell in row.items()}
        for row in data.to_dict("records")
    ]
    for row in rows:
        row["n"] = None if str(row["n"]) in ("<NA>", "nan", "None") else int(row["n"])
    return rows


def _split(rest: str, known: Sequence[set[str]]) -> tuple[str, ...]:
    if len(known) < 2:
        return (rest,)
    points = [place for place, letter in enumerate(rest) if letter == "."]
    cuts = [(rest[:place], rest[place + 1 :]) for place in points]
    for left, right in cuts:
        if left in known[0] and right in known[1]:
            return (left, right)
    for left, right in cuts:
        if left in known[0] or right in known[1]:
            return (left, right)
    return cuts[0] if cuts else (rest, "")


def _whole(number_id: str, value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise NumberError(
            Problem(
                "results/numbers/of_tables.csv",
                column=number_id,
                what=f"the value {value!r} cannot be drawn",
                expected="a count",
            )
        ) from None
