"""Find where a draft says what a row of claims says: by a quotation, or by the words of the row.

A place counts only if the stated value stands in it; a claim whose words are there and whose
value is not was written for another version of the draft.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from retrace.draft.passages import CITATION, Passage
from retrace.draft.quantities import Quantity

_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-"})  # fmt: skip
_DROPPED = "*~^\\`"
_BEFORE_NO_SPACE = ".,;:)"
_QUOTED_CITATION = re.compile(r"\s*\[(?:-?@[^\]]*|\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*)\]")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been by for from had has have in into is it its of on or our than that"
        " the their there these this to under was we were which with",
    )
)
_Plain = tuple[str, list[int]]
ENOUGH = Fraction(2, 3)
"""How much of a row's own words a sentence must hold to be what the row is about."""


@dataclass(frozen=True)
class Wanted:
    """What of a stated value must stand in a place: quantities, and words each in one of its forms."""

    values: tuple[Fraction, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()


@dataclass
class Sentence:
    """A sentence of the draft with its quantities."""

    passage: Passage
    start: int
    end: int
    line: int
    quantities: list[Quantity]
    words: frozenset[str] = field(default_factory=frozenset)

    @property
    def text(self) -> str:
        """Return its words."""
        return self.passage.text[self.start : self.end].strip()


@dataclass
class Place:
    """Where a claim stands: sentences in a row, the span that says it, how it was found.

    ``stated`` has for each value the quantities that may be it, the likeliest first.
    """

    sentences: list[Sentence]
    start: int
    end: int
    how: str
    stated: list[list[Quantity]]


class Draft:
    """The draft as it is searched: its sentences, and the text of each passage as it is compared."""

    def __init__(
        self, passages: Iterable[Passage], quantities: Iterable[Sequence[Quantity]]
    ):
        self.sentences: list[Sentence] = []
        self._passages: list[tuple[list[Sentence], _Plain, _Plain]] = []
        for passage, found in zip(passages, quantities, strict=True):
            made = list(_sentences(passage, found))
            cited = [
                (start, end) for start, end, kind in passage.marks if kind == CITATION
            ]
            cited += [one.span() for one in _QUOTED_CITATION.finditer(passage.text)]
            self.sentences += made
            self._passages.append(
                (made, _plain(passage.text), _plain(passage.text, cited))
            )

    def by_quotation(self, quote: str, wanted: Wanted) -> tuple[list[Place], str]:
        """Return the places that hold the words, and why there is none.

        Letters' case, kinds of dashes and quotation marks, and marks of Markdown make no
        difference; citations in between make none either.
        """
        found, missing = [], ""
        whole, without = plain(quote), plain(_QUOTED_CITATION.sub("", quote))
        for sentences, *texts in self._passages:
            for start, end in _found_in(texts, (whole, without)):
                around = [
                    one for one in sentences if one.start < end and start < one.end
                ]
                place, lacks = _holding(wanted, around, start, end, "quoted")
                if place:
                    found.append(place)
                missing = missing or lacks
        if found:
            return found, ""
        return [], missing or "these words stand nowhere in the draft"

    def by_words(self, says: str, wanted: Wanted) -> tuple[list[Place], str]:
        """Return the sentence that holds most of a row's own words and its value, or why there is none."""
        words = frozenset(_content(says))
        enough = ENOUGH * len(words)
        shared = [
            (len(words & one.words), -at) for at, one in enumerate(self.sentences)
        ]
        close = sorted(
            (one for one in shared if one[0] and one[0] >= enough), reverse=True
        )
        missing = ""
        for _, at in close:
            one = self.sentences[-at]
            place, lacks = _holding(wanted, [one], one.start, one.end, "by its words")
            if place:
                return [place], ""
            missing = missing or lacks
        return [], missing or "no sentence says this"

    def nearest(self, words: str) -> Sentence | None:
        """Return the sentence that shares most words, the first of several; None where none shares any."""
        wanted = frozenset(_content(words))
        best = max(
            self.sentences, key=lambda one: len(wanted & one.words), default=None
        )
        return best if best is not None and wanted & best.words else None


def _sentences(passage: Passage, found: Sequence[Quantity]) -> Iterator[Sentence]:
    lines = passage.lines or [0] * len(passage.sentences)
    for (start, end), line in zip(passage.sentences, lines, strict=True):
        inside = [one for one in found if start <= one.start < end]
        words = frozenset(_content(passage.text[start:end]))
        yield Sentence(passage, start, end, line, inside, words)


def _found_in(texts: Sequence[_Plain], sought: Sequence[str]) -> list[tuple[int, int]]:
    """Return where a passage holds the words of a quotation, its citations counted or not."""
    for (text, places), words in zip(texts, sought, strict=True):
        if words and words in text:
            starts = [found.start() for found in re.finditer(re.escape(words), text)]
            return [(places[at], places[at + len(words) - 1] + 1) for at in starts]
    return []


def _holding(
    wanted: Wanted, around: list[Sentence], start: int, end: int, how: str
) -> tuple[Place | None, str]:
    """Return a place if all that is wanted stands in it, else what does not."""
    passage = around[0].passage
    stated: list[list[Quantity]] = []
    quantities = [one for sentence in around for one in sentence.quantities]
    # What stands within the quoted words is meant before what stands beside them.
    quantities.sort(key=lambda one: not start <= one.start < end)
    for value in wanted.values:
        fitting = [one for one in quantities if value in one.values]
        if not fitting:
            return None, f"{_shown(value)} does not stand there"
        stated.append(fitting)
    text, places = _plain(passage.text[around[0].start : around[-1].end])
    text = text.replace("-", " ")
    for forms in wanted.words:
        spans = [found.span() for form in forms if form for found in re.finditer(rf"(?<![^\W_]){re.escape(form.replace('-', ' '))}", text)]  # fmt: skip
        if not spans:
            return None, f"{forms[0]!r} does not stand there"
        for a, b in spans:
            upto = around[0].start + places[a], around[0].start + places[b - 1]
            stated += [[one] for one in quantities if upto[0] <= one.start <= upto[1]]
    return Place(around, start, end, how, stated), ""


def plain(text: str) -> str:
    """Return a text as it is compared: small letters, plain dashes and quotation marks, single blanks."""
    return _plain(text)[0].strip()


def _shown(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


def _plain(text: str, left_out: Iterable[tuple[int, int]] = ()) -> _Plain:
    """Return a text as it is compared, and the place of each of its letters in the text itself."""
    skipped = {at for start, end in left_out for at in range(start, end)}
    made: list[str] = []
    places: list[int] = []
    for at, letter in enumerate(text):
        if at in skipped or letter in _DROPPED:
            continue
        for small in letter.translate(_PLAIN).casefold():
            if small.isspace():
                if not made or made[-1] == " ":
                    continue
                small = " "
            elif small in _BEFORE_NO_SPACE and made and made[-1] == " ":
                made.pop()
                places.pop()
            made.append(small)
            places.append(at)
    return "".join(made), places


def _content(text: str) -> list[str]:
    """Return the words of a text that carry its sense, without number, plural or place."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return [word.removesuffix("s") if len(word) > 3 else word for word in words if word not in _COMMON]  # fmt: skip
