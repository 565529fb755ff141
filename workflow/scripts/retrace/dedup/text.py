"""Columns of text in; the same columns as plain lower-case words out.

Every step runs over a whole column in Arrow's C++, and the rare cases (markup, accents, Greek)
only over the rows that have them: a Python object per cell would cost more than all the
comparing that follows.
"""

import html
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.compute as pc

_LETTERS = "αβγδεζηθικλμνξοπρστυφχψως"
_NAMES = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho
 sigma tau upsilon phi chi psi omega sigma"""
GREEK = dict(zip(_LETTERS, _NAMES.split(), strict=True))
LETTERS = {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}  # fmt: skip
MARKUP = r"</?[A-Za-z][^<>]{0,200}>"
CHUNK = 100_000


def in_chunks(column: pa.Array, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Return a column changed piece by piece on two threads, so that copies stay small."""
    if len(column) <= CHUNK:
        return change(column)
    pieces = [column.slice(start, CHUNK) for start in range(0, len(column), CHUNK)]
    with ThreadPoolExecutor(2) as pool:
        return pa.concat_arrays(list(pool.map(change, pieces)))


def where(
    column: pa.Array, pattern: str, change: Callable[[pa.Array], pa.Array]
) -> pa.Array:
    """Return a column with the rows that match a pattern changed."""
    rows = pc.match_substring_regex(column, pattern)
    if not pc.any(rows).as_py():
        return column
    return pc.replace_with_mask(column, rows, change(column.filter(rows)))


def sub(column: pa.Array, pattern: str, by: str = "") -> pa.Array:
    """Return a column with every match of a regular expression (RE2) replaced."""
    return pc.replace_substring_regex(column, pattern, by)


def folded(column: pa.Array) -> pa.Array:
    """Return a column without markup, entities and accents, Greek letters by name, case kept."""
    column = where(column, r"&#?\w{1,10};", _unescaped)
    column = where(column, MARKUP, lambda some: sub(some, MARKUP))
    return where(column, r"[^\x00-\x7f]", _without_accents)


def words(column: pa.Array) -> pa.Array:
    """Return a lower-cased column with nothing but words and single blanks."""
    return pc.utf8_trim(
        sub(pc.utf8_lower(column), r"[^\p{L}\p{N}]+", " "), characters=" "
    )


def _unescaped(column: pa.Array) -> pa.Array:
    # Twice, since exports hold "&amp;lt;i&amp;gt;" too.
    return pa.array(
        [html.unescape(html.unescape(cell)) for cell in column.to_pylist()], column.type
    )


def _without_accents(column: pa.Array) -> pa.Array:
    column = sub(pc.utf8_normalize(column, form="NFKD"), r"\p{M}+")
    column = where(column, r"\p{Greek}", _greek_by_name)
    for letter, plain in LETTERS.items():
        column = pc.replace_substring(column, letter, plain)
        column = pc.replace_substring(column, letter.upper(), plain)
    return column


def _greek_by_name(column: pa.Array) -> pa.Array:
    for letter, name in GREEK.items():
        column = pc.replace_substring(column, letter, name)
        if letter != "ς":
            column = pc.replace_substring(column, letter.upper(), name)
    return column
