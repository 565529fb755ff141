"""What can go wrong in a review, and how it is said.

ReviewError                an author can fix it: printed without a traceback
  + TableError             a file does not fit its schema
  + ConfigError            config.yaml or numbers.yaml does not fit its schema
  + ScreeningError         votes and resolutions do not settle every record
  + FlowError              the decisions do not add up to a flow
  + ExtractionError        the readings do not make one consensus
  + NumberError            a number cannot be computed as it is defined
  + ManuscriptError        the text asks for a number nobody computed, or types one itself
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to fix: where it stands, what is there, what was expected, what to do."""

    file: str
    row: int = 0
    column: str = ""
    what: str = ""
    expected: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        place = ":".join([self.file, str(self.row or ""), self.column]).rstrip(":")
        parts = [self.what]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.remedy:
            parts.append(self.remedy)
        return f"{place}: {'; '.join(parts)}"


class ReviewError(Exception):
    """Base of every error that an author, not a programmer, can fix.

    It carries all problems found, not only the first.
    """

    def __init__(self, problems: Iterable[Problem] | Problem | str):
        if isinstance(problems, str):
            problems = Problem(file="review", what=problems)
        if isinstance(problems, Problem):
            problems = [problems]
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class TableError(ReviewError):
    """A file does not fit its schema."""


class ConfigError(ReviewError):
    """config.yaml or numbers.yaml does not fit its schema."""


class ScreeningError(ReviewError):
    """Votes and resolutions do not settle every record."""


class FlowError(ReviewError):
    """The decisions do not add up to a flow."""


class ExtractionError(ReviewError):
    """The readings do not make one consensus."""


class NumberError(ReviewError):
    """A number cannot be computed as it is defined."""


class ManuscriptError(ReviewError):
    """The text asks for a number nobody computed, or types one itself."""


def some(names: Iterable[object], limit: int = 5) -> str:
    """Return the first names of a collection, and how many more there are."""
    shown_as = [str(name) for name in names]
    shown = ", ".join(shown_as[:limit])
    return shown + (
        f" and {len(shown_as) - limit} more" if len(shown_as) > limit else ""
    )
