"""Columns of text in; the same columns as plain lower-case words out.

Every step runs over a whole column in Arrow's C++, and the rare cases (markup, accents, Greek)
only over the rows that have them: a Python object per cell would cost more than all the
comparing that follows.
"""

import html
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_LETTERS = "αβγδεζηθικλμνξοπρστυφχψως"
_NAMES = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho
 sigma tau upsilon phi chi psi omega sigma"""
GREEK = dict(zip(_LETTERS, _NAMES.split(), strict=True))
LETTERS = {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}  # fmt: skip
MARKUP = r"</?[A-Za-z][^<>]{0,200}>"
CHUNK = 50_000


def in_chunks(column: pa.Array, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Return a column changed piece by piece on two threads, so that copies stay small."""
    if len(column) <= CHUNK:
        return change(column)
    pieces = [column.slice(start, CHUNK) for start in range(0, len(column), CHUNK)]
    with ThreadPoolExecutor(2) as pool:
        return pa.concat_arrays(list(pool.map(change, pieces)))


def places(numbers: np.ndarray) -> pa.Array:
    """Return row numbers for Arrow's take, without a copy and without `pa.array`, which imports pandas."""
    numbers = np.ascontiguousarray(numbers, np.int64)
    return pa.Array.from_buffers(
        pa.int64(), len(numbers), [None, pa.py_buffer(numbers)]
    )


def mask(column: pa.Array) -> np.ndarray:
    """Return a column of true and false as numpy has it."""
    return column.to_numpy(zero_copy_only=False).astype(bool)


def strings(cells: Sequence[str]) -> pa.Array:
    """Return a list of strings as a column."""
    spelled = [cell.encode("utf-8", "replace") for cell in cells]
    ends = np.cumsum([0, *map(len, spelled)], dtype=np.int64)
    return _column(np.frombuffer(b"".join(spelled), np.uint8), ends)


def where(
    column: pa.Array,
    pattern: str,
    change: Callable[[pa.Array], pa.Array],
    *,
    has: str,
) -> pa.Array:
    """Return a column with the rows that hold ``has`` and match a pattern changed."""
    rows = pc.match_substring(column, has)
    return where_true(column, rows, lambda some: where_matching(some, pattern, change))


def where_matching(
    column: pa.Array, pattern: str, change: Callable[[pa.Array], pa.Array]
) -> pa.Array:
    """Return a column with the rows that match a regular expression changed."""
    return where_true(column, pc.match_substring_regex(column, pattern), change)


def where_true(
    column: pa.Array, rows: pa.Array, change: Callable[[pa.Array], pa.Array]
) -> pa.Array:
    """Return a column with some rows changed."""
    if not pc.any(rows).as_py():
        return column
    return pc.replace_with_mask(column, rows, change(column.filter(rows)))


def sub(column: pa.Array, pattern: str, by: str = "") -> pa.Array:
    """Return a column with every match of a regular expression (RE2) replaced."""
    return pc.replace_substring_regex(column, pattern, by)


def folded(column: pa.Array) -> pa.Array:
    """Return a column without markup, entities and accents, Greek letters by name, case kept."""
    column = where(column, r"&#?\w{1,10};", _unescaped, has="&")
    column = where(column, MARKUP, lambda some: sub(some, MARKUP), has="<")
    return where_true(column, pc.invert(pc.string_is_ascii(column)), _without_accents)


def words(column: pa.Array) -> pa.Array:
    """Return a lower-cased column with nothing but words and single blanks."""
    column = where_true(
        column, pc.invert(pc.string_is_ascii(column)), _words_beyond_ascii
    )
    return squeezed(translated(column, WORDS))


def _words_beyond_ascii(column: pa.Array) -> pa.Array:
    return sub(pc.utf8_lower(column), r"[^\p{L}\p{N}\x00-\x7f]+", " ")


def _table(change: Callable[[str], str]) -> np.ndarray:
    return np.array([ord(change(chr(byte))) if byte < 128 else byte for byte in range(256)], np.uint8)  # fmt: skip


WORDS = _table(lambda letter: letter.lower() if letter.isalnum() else " ")
"""Of each byte, what `words` makes of it; those beyond ASCII stay."""

DOTS = _table(lambda letter: " " if letter == "." else letter)


def translated(column: pa.Array, table: np.ndarray) -> pa.Array:
    """Return a column with each byte replaced by its entry in a table: regular expressions take ten times as long."""
    data, offsets = _bytes(column)
    return _column(table[data], offsets)


def squeezed(column: pa.Array) -> pa.Array:
    """Return a column with single blanks between words and none around them."""
    data, offsets = _bytes(column)
    blank = data == 32
    follows = np.ones(len(data), bool)
    follows[:-1] = blank[1:]
    follows[offsets[1:][offsets[:-1] < offsets[1:]] - 1] = True
    data, offsets = _without(data, offsets, np.flatnonzero(blank & follows))
    starts = offsets[:-1][offsets[:-1] < offsets[1:]]
    return _column(*_without(data, offsets, starts[data[starts] == 32]))


def letters(column: pa.Array) -> pa.Array:
    """Return a column without blanks."""
    data, offsets = _bytes(column)
    return _column(*_without(data, offsets, np.flatnonzero(data == 32)))


def _without(
    data: np.ndarray, offsets: np.ndarray, gone: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return bytes and offsets without the bytes at some places, which are in order."""
    if not len(gone):
        return data, offsets
    keep = np.ones(len(data), bool)
    keep[gone] = False
    return data[keep], offsets - np.searchsorted(gone, offsets)


def _bytes(column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return the bytes of a column of large strings, and where each cell begins and the last ends."""
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int64)[
        column.offset : column.offset + len(column) + 1
    ]
    if data is None:
        return np.empty(0, np.uint8), ends - ends[0]
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]], ends - ends[0]


def _column(data: np.ndarray, offsets: np.ndarray) -> pa.Array:
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, buffers)


def _unescaped(column: pa.Array) -> pa.Array:
    # Twice, since exports hold "&amp;lt;i&amp;gt;" too.
    return strings([html.unescape(html.unescape(cell)) for cell in column.to_pylist()])


def _without_accents(column: pa.Array) -> pa.Array:
    column = sub(pc.utf8_normalize(column, form="NFKD"), r"\p{M}+")
    column = where_matching(column, r"\p{Greek}", _greek_by_name)
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
