"""What can go wrong in a review, and how it is said.

ReviewError                an author can fix it: printed without a traceback
  + TableError             a file does not fit its schema
  + ConfigError            config.yaml or numbers.yaml does not fit its schema
  + ScreeningError         votes and resolutions do not settle every record
  + FlowError              the decisions do not add up to a flow
  + ExtractionError        the readings do not make one consensus
  + NumberError            a number cannot be computed as it is defined
  + ManuscriptError        the text asks for a number nobody computed, or types one itself
  + WriteError             the system does not let a file be written
  + ChangedError           a file changed while a step read it
  + TurnError              another build of the same review is running
  + SearchError            a live search cannot be run, or its round cannot be frozen
"""

import contextlib
import difflib
import errno
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Braces are Snakemake's; a line break or a control character writes lines of its own into logs.
_IN_NO_NAME = re.compile("[{}\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONFLICT = re.compile(r"(<{7}|>{7}|\|{7})( .*)?|={7}")


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
        parts = [_cut(self.what)]
        if self.expected:
            parts.append(f"expected {_cut(self.expected)}")
        if self.remedy:
            parts.append(_cut(self.remedy))
        return on_one_line(f"{place}: {'; '.join(parts)}")


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


class WriteError(ReviewError):
    """The system does not let a file be written."""


class ChangedError(ReviewError):
    """A file changed while a step read it."""


class TurnError(ReviewError):
    """Another build of the same review is running."""


class SearchError(ReviewError):
    """A live search cannot be run, or its round cannot be frozen."""


def unreadable(path: object, error: OSError) -> Problem:
    """Return what to tell an author of a file that cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return Problem(str(path), what="there is no such file")
    if isinstance(error, IsADirectoryError):
        return Problem(
            str(path),
            what="this is a folder",
            expected="a file",
            remedy="rename or move it",
        )
    if isinstance(error, PermissionError):
        return Problem(
            str(path),
            what="the file may not be read",
            remedy="change its permissions (chmod u+r)",
        )
    if error.errno == errno.ELOOP:
        return Problem(
            str(path),
            what="a link that leads back to itself",
            expected="a file",
            remedy="put the file itself here",
        )
    return Problem(str(path), what=f"the file cannot be read: {error.strerror}")


def unfit_names(paths: Iterable[object]) -> list[Problem]:
    """Return the names of files that a program would take for more than names."""
    return [
        Problem(str(path), 0, "", f"{found[0]!r} stands in the name of this file", "a name in plain letters", "rename the file")
        for path in paths
        if (found := _IN_NO_NAME.search(str(path)))
    ]  # fmt: skip


def conflict_marks(path: object, lines: Sequence[str]) -> list[Problem]:
    """Return the marks that a merge conflict left in a text, by their lines."""
    if not any(line.startswith("<<<<<<<") for line in lines):
        return []
    return [
        Problem(str(path), row, "", f"{shown(line)} is a mark of a merge conflict", "what both sides agreed on",
                "settle the conflict: keep the right lines, delete the marks")
        for row, line in enumerate(lines, start=1)
        if _CONFLICT.fullmatch(line)
    ]  # fmt: skip


def shown(cell: object, limit: int = 60) -> str:
    """Return a cell in quotes, what cannot be seen escaped, what is long cut."""
    text = str(cell)
    return repr(text) if len(text) <= limit else f"{text[:limit]!r}... ({len(text):,} characters)"  # fmt: skip


def nearest(word: object, known: Iterable[object], most: int = 3) -> list[str]:
    """Return the known words that are near to one that is not known, the nearest first."""
    by_form = {_form(name): str(name) for name in reversed(list(known))}
    return [by_form[form] for form in difflib.get_close_matches(_form(word), by_form, most)]  # fmt: skip


def did_you_mean(word: object, known: Iterable[object], otherwise: str = "") -> str:
    """Return the remedy for a word that is not known: the nearest that is, else what to do."""
    near = nearest(word, known, 1)
    return f"did you mean {near[0]}?" if near else otherwise


def one_of(word: object, known: Iterable[object], otherwise: str = "") -> tuple[str, str]:  # fmt: skip
    """Return what was expected in place of a word that is not known, and the remedy."""
    known = list(dict.fromkeys(known))
    expected = f"one of {some(nearest(word, known) or known, 12)}" if known else ""
    return expected, did_you_mean(word, known, otherwise)


def some(names: Iterable[object], limit: int = 5) -> str:
    """Return the first names of a collection, and how many more there are."""
    shown_as = [str(name) for name in names]
    shown = ", ".join(shown_as[:limit])
    return shown + (
        f" and {len(shown_as) - limit} more" if len(shown_as) > limit else ""
    )


def so_many(n: int, unit: str) -> str:
    """Return a count with its unit: 1 study, 2 studies."""
    many = f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"
    return f"{n:,} {unit if n == 1 else many}"


def _form(word: object) -> str:
    """Return a word without what hands and spreadsheets change: case, width, blanks, quotes."""
    text = unicodedata.normalize("NFKC", str(word)).casefold()
    return "".join(letter for letter in text if letter.isalnum()) or text


def _cut(text: str, limit: int = 600) -> str:
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text):,} characters)"  # fmt: skip


def on_one_line(text: str) -> str:
    """Return a text that cannot end its line or steer a terminal, whatever it was taken from."""
    return "".join(
        letter if letter.isprintable() or letter == "\N{NO-BREAK SPACE}" else repr(letter)[1:-1]
        for letter in text
    )  # fmt: skip


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Print the problems of a block as the lines that jobs print, and end the process with them."""
    try:
        yield
    except ReviewError as error:
        for problem in error.problems:
            print(f"ERROR: {problem}", file=sys.stderr)
        raise SystemExit(1) from None
