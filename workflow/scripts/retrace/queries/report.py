"""Tell what is odd in the search strings of a review, as a table and as problems of its inputs."""

from typing import TYPE_CHECKING

from retrace import schemas, tables
from retrace.errors import Problem
from retrace.queries.compare import String, strings, unpaired
from retrace.queries.lint import BROKEN, Finding, lint
from retrace.queries.tokens import place

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "data/raw/searches"


def warn(searches: "pd.DataFrame") -> "pd.DataFrame":
    """Return what is odd in each search string, `schemas.WARNINGS`."""
    rows = [
        (finding.code, _where(string, finding), _sentence(string, finding))
        for string in strings(searches)
        for finding in lint(string.tree)
    ]
    rows += [
        (
            "concept_in_some",
            f"{string.source}/{string.round}:query_{string.query}",
            f"The string {string.query} for {string.label} has no block of its own for the concept of “{term}”.",
        )
        for string, _, term in unpaired(searches)
    ]
    return tables.frame(rows, schemas.WARNINGS)


def problems_of(searches: "pd.DataFrame") -> tuple[list[Problem], list[Problem]]:
    """Return what must be mended before a query is run, and what is merely odd.

    A query as run that is broken is a mistake of the review's; a published one stays as printed.
    """
    errors: list[Problem] = []
    odd: list[Problem] = []
    for string in strings(searches):
        for finding in lint(string.tree):
            is_error = string.query == "run" and finding.code in BROKEN
            (errors if is_error else odd).append(
                Problem(
                    f"{FOLDER}/{string.source}/{string.round}/search.yaml",
                    0,
                    f"query_{string.query}",
                    f"{finding.says} (line and column of the string {place(string.tree.query, finding.offset)})",
                    "a string that the platform can be given" if is_error else "",
                    "mend it, or write the string as it was run" if is_error else "",
                )
            )
    return errors, odd


def _where(string: String, finding: Finding) -> str:
    at = place(string.tree.query, finding.offset)
    return f"{string.source}/{string.round}:query_{string.query}:{at}"


def _sentence(string: String, finding: Finding) -> str:
    return (
        f"In the string {string.query} for {string.label}, at character {finding.offset + 1}, {finding.says}."
    )  # fmt: skip
