"""What the tagged formats share: where records begin, and their text split at its tags.

Text is split, not searched: what stands between two tags belongs to the first, so that
continuation lines, blank lines and stray text stay where they were found.
"""

import codecs
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from retrace.readers import fields
from retrace.readers.source import CHUNK

if TYPE_CHECKING:
    import numpy as np

_INDENT = re.compile(rb"[ \t\xef\xbb\xbf]*")


class Lines:
    """Where the lines of a file begin, and where their text does, behind blanks and byte order marks.

    All lines are looked at as one array: a search looks at them one by one. The arrays are to be
    let go before records are read, for where lines are short they take as much memory as the file.
    """

    def __init__(self, data: bytes):
        import numpy as np

        self.data = data
        self._codes = np.frombuffer(data, np.uint8)
        feeds = [
            np.flatnonzero(self._codes[at : at + CHUNK] == 10) + (at + 1)
            for at in range(0, len(data), CHUNK)
        ]
        self._begins = np.concatenate([np.zeros(1, np.int64), *feeds])
        del feeds
        if self._begins[-1] == len(data):
            self._begins = self._begins[:-1]
        self._heads = self._begins.copy()
        for at in range(0, len(self._heads), CHUNK):
            self._pass_blanks(self._heads[at : at + CHUNK])

    def _pass_blanks(self, heads: "np.ndarray") -> None:
        """Move places behind the blanks and byte order marks that stand there."""
        import numpy as np

        codes, last = self._codes, len(self.data) - 1
        blank = np.zeros(256, bool)
        blank[[*b" \t", *codecs.BOM_UTF8]] = True
        indented = np.flatnonzero(blank[codes[heads]])
        at = heads[indented]
        for _ in range(32):
            at = np.minimum(at + 1, last)
            ended = ~blank[codes[at]]
            if ended.any():
                heads[indented[ended]] = at[ended]
                indented, at = indented[~ended], at[~ended]
        for line in indented:
            end = _INDENT.match(self.data, heads[line]).end()  # type: ignore[union-attr]
            heads[line] = min(end, last)

    def _reading(self, places: "np.ndarray", word: bytes) -> "np.ndarray":
        """Return which places a word stands at, in upper or lower case."""
        import numpy as np

        codes, last = self._codes, len(self.data) - len(word)
        places = places[: np.searchsorted(places, last, "right")]
        held = np.flatnonzero(codes[places] | 32 == word[0] | 32)
        for place, letter in enumerate(word):
            held = held[codes[places[held] + place] | 32 == letter | 32]
        return held

    def opening(self, word: bytes, pattern: bytes) -> list[int]:
        """Return where lines that open with a word, in upper or lower case, match a pattern: where it ends."""
        return self._ends(self._reading(self._heads, word), pattern)

    def behind_blank_ones(self, pattern: bytes) -> list[int]:
        """Return where lines behind a blank one match a pattern: where it ends."""
        import numpy as np

        codes = self._codes[self._heads[:-1]]
        return self._ends(np.flatnonzero((codes == 10) | (codes == 13)) + 1, pattern)

    def _ends(self, lines: "np.ndarray", pattern: bytes) -> list[int]:
        match, data = re.compile(pattern).match, self.data
        places = self._begins[lines].tolist()
        return [found.end() for at in places if (found := match(data, at))]


def count(data: bytes, mark: bytes) -> int:
    """Return how many lines begin with a mark, counted without what is known of lines here."""
    return data.count(b"\n" + mark) + data.startswith(mark)


def bounds(begun: list[int], size: int) -> Iterator[tuple[int, int]]:
    """Return from each beginning to the next, the last one to the end of the file."""
    return pairwise([*begun, size])


def cut(data: bytes, mark: bytes) -> int:
    """Return where the file ends, without the beginning of a start mark that it is cut in."""
    tail = data[-200:]
    found = re.search(rb"[\r\n][ \t]*[\r\n]+([^\r\n]+)\Z", tail)
    if found and re.fullmatch(mark, found.group(1)):
        return len(data) - len(found.group(1))
    return len(data)


class _Tags(dict[str, str]):
    """Tags as they stand in a file -> in upper case, without blanks: there are few, each is made once."""

    def __missing__(self, tag: str) -> str:
        if len(self) > 10_000:
            self.clear()
        plain = self[tag] = tag.strip(" \t\ufeff").upper()
        return plain


_plain = _Tags().__getitem__


def by_tag(parts: list[str]) -> dict[str, list[str]]:
    """Return the values of each tag in order, from what splitting gave; empty ones are left out."""
    found: dict[str, list[str]] = {}
    tags, values = map(_plain, parts[1::2]), map(str.strip, parts[2::2])
    for tag, value in zip(tags, values, strict=True):
        if value:
            if "\n" in value:
                value = fields.one_line(value)
            if tag in found:
                found[tag].append(value)
            else:
                found[tag] = [value]
    return found


def first(found: dict[str, list[str]], *tags: str) -> str:
    """Take the first value of the first of some tags; further values stay."""
    for tag in tags:
        if tag in found:
            values = found[tag]
            if len(values) == 1:
                del found[tag]
                return values[0]
            return values.pop(0)
    return ""
