"""Turn the terms of closed columns, and the keys of sheets, into the words a reader sees."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class Labels:
    """Labels by column and term, in the vocabulary's own order.

    Built from the table `schemas.LABELS`. A term without a label is its own label, so a
    review may leave a vocabulary open.
    """

    def __init__(self, frame: "pd.DataFrame"):
        self._of: dict[str, dict[str, tuple[str, str]]] = {}
        self._parent: dict[tuple[str, str], str] = {}
        for row in frame.itertuples(index=False):
            self._of.setdefault(row.column, {}).setdefault(
                row.term, (row.label, row.label_long or row.label)
            )
            if row.parent:
                self._parent.setdefault((row.column, row.term), row.parent)

    def short(self, column: str, term: str) -> str:
        """Return the label that suits a narrow column."""
        return self._of.get(column, {}).get(term, (term, term))[0] or term

    def long(self, column: str, term: str) -> str:
        """Return the label that stands on its own in a sentence or a note."""
        return self._of.get(column, {}).get(term, (term, term))[1] or term

    def columns(self) -> list[str]:
        """Return the columns that have a vocabulary."""
        return list(self._of)

    def terms(self, column: str) -> list[str]:
        """Return a column's terms in the order of its vocabulary."""
        return list(self._of.get(column, {}))

    def are_terms(self, columns: Sequence[str], name: str) -> bool:
        """Return whether a name is a term of each of these columns, joined by dots."""
        if len(columns) < 2:
            return name in self.terms("".join(columns))
        return any(
            name.startswith(f"{term}.")
            and self.are_terms(columns[1:], name.removeprefix(f"{term}."))
            for term in self.terms(columns[0])
        )

    def parent(self, column: str, term: str) -> str:
        """Return the coarser term that a term belongs to, or nothing."""
        return self._parent.get((column, term), "")


NOUNS_KEEP_CAPITALS = ("de", "lb")
"""Languages in which a label's first word may be a noun, whose capital is no sentence's."""


def within(label: str, language: str = "en") -> str:
    """Return a label as it stands within a sentence; names and abbreviations keep their letters."""
    start = re.match(r"[^\W\d_]+", label)
    if (
        language.split("-")[0] in NOUNS_KEEP_CAPITALS
        or not start
        or not start[0][1:].islower()
    ):
        return label
    return label[:1].lower() + label[1:]


def of_no_rows(number_id: str) -> tuple[str, str, str]:
    """Return what is wrong with a number of a family whose terms stand in no row, and what to do."""
    return (
        f"there is no number {number_id!r}: no row has its terms",
        "one whose terms stand in rows",
        "look at what became of those rows",
    )
