"""Find every quantity that a passage states, in digits or in words, with its value.

What has digits and states nothing is told apart by its form: a name (B12, CO2, X9), a citation,
the number of a figure or table. Whatever is left in doubt is taken for a quantity, so that
nothing stays unaudited.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from retrace.draft.passages import CITATION, CODE, RAISED
from retrace.manuscript import prose

_SPACES = "\u00a0\u2009\u202f"
_NUMBER = re.compile(
    rf"""(?<![^\W_])(?<![^\W\d_][-‐‑])
    (?P<sign>(?:(?<=[\s(\[=<>≤≥~±])|^)[-−–](?=\d))?
    (?P<digits>\d{{4}}-\d\d-\d\d(?!\d)
      |(?:\d{{1,3}}(?:[,{_SPACES}']\d{{3}})+(?!\d)|\d+)(?:\.\d+)*
       (?:[eE][-+−]?\d+(?![^\W_]))?
      |[¼-¾⅐-⅞])
    (?P<raised>\^[-−+]?\d+)?
    (?:\s?%)?""",
    re.VERBOSE,
)
# A digit that a capital or another digit's word follows begins a name: 3T3, 2D, 5-FU.
_NAME_GOES_ON = re.compile(r"[-‐‑]?[A-Z]|[^\W\d_]+\d")
_WORD = re.compile(
    rf"(?<![^\W_])(?:(?P<fraction>(?:an?|{prose.CARDINALS})[ -](?:{prose.FRACTIONS}))"
    r"|(?P<other>half|halves|twice|thrice|none)"
    rf"|(?P<cardinal>(?:an? (?=hundred|thousand|dozen))?(?:{prose.CARDINALS})"
    rf"(?:[ -](?:{prose.CARDINALS})|(?<=hundred) and (?:{prose.CARDINALS})"
    rf"|(?<=thousand) and (?:{prose.CARDINALS}))*))(?![^\W_])",
    re.IGNORECASE,
)
_NO_NUMBER_BEFORE = re.compile(r"\b(?:no|any|every|each|the|this|that|which)\s+$", re.I)
_NO_NUMBER_AFTER = re.compile(r"(?:['’]s|\s+(?:another|can|could|may|might|must|should|would))\b", re.I)  # fmt: skip
_ONES = dict(zip(prose.CARDINALS.split("|")[:20], range(20), strict=True))
_TENS = dict(zip(prose.CARDINALS.split("|")[20:28], range(20, 100, 10), strict=True))
_SCALES = {"hundred": 100, "thousand": 1000, "dozen": 12}
_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_OTHERS = {"half": Fraction(1, 2), "twice": Fraction(2), "thrice": Fraction(3), "none": Fraction(0)}  # fmt: skip

_YEAR = r"(?:1[6-9]|20)\d\d[a-z]?"
_NAMED = r"[A-Z][\w'’-]+(?:(?:,| and| &)? [A-Z][\w'’.-]*)*(?: et al\.?)?"
_CITES = (
    re.compile(r"\[\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*\]"),
    re.compile(r"\[[^\[\]@]{0,80}@[^\[\]]*\]|(?<!\w)@\w[\w:.#$%&+?~/-]*"),
    re.compile(rf"\bet al\.?,? ?[(\[]?{_YEAR}(?:, ?{_YEAR})*[)\]]?"),
    re.compile(rf"(?<=[^\W\d_]) \({_YEAR}(?:[,;] ?{_YEAR})*\)"),
    re.compile(r"\bhttps?://\S+|\b10\.\d{4,9}/\S+"),
)
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,600})[)\]]")
_NAME_AND_YEAR = re.compile(
    rf"\s*(?:see |e\.g\.,? |cf\. )?{_NAMED},? {_YEAR}(?:, ?{_YEAR})*\s*"
)
_PART = r"S?\d+(?:\.\d+)*[A-Za-z]?"
_REFERS = re.compile(
    r"\b(?:fig|figure|table|section|eq|equation|appendix|chapter|box|panel|ref|reference|page|file|note)\.?"
    rf"\s+{_PART}(?![\w%])"
    r"|\b(?:figs|figures|tables|sections|eqs|equations|appendices|chapters|boxes|panels|refs|references|pages|pp)\.?"
    rf"\s+{_PART}(?:, {_PART})*(?:(?: and | to | & |\s?[-–]\s?){_PART})?(?![\w%])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Quantity:
    """A quantity: where it stands in its passage, as it is written, its values, why it states nothing.

    ``half`` has two values, 0.5 and 50; what is too long or no one number ("dozens") has none.
    """

    start: int
    end: int
    text: str
    values: frozenset[Fraction] = frozenset()
    left_out: str = ""


def find(
    text: str,
    marks: Iterable[tuple[int, int, str]] = (),
    names: re.Pattern | None = None,
) -> list[Quantity]:
    """Return the quantities of a passage in their order; ``names`` is of `pattern_of`."""
    spans = [*marks, *_no_prose(text)]
    named = [one.span() for one in names.finditer(text)] if names else []
    found = []
    for one in _NUMBER.finditer(text):
        quantity = _in_digits(text, one)
        if quantity and not _within(quantity, named):
            found.append(quantity)
    taken = {at for one in found for at in range(one.start, one.end)}
    for one in _WORD.finditer(text):
        if one.start() not in taken and _counts(text, one):
            found.append(Quantity(*one.span(), one[0], _of_words(one)))
    made = []
    for quantity in sorted(found, key=lambda one: one.start):
        why = next((kind for *span, kind in spans if _within(quantity, [span])), "")
        if why != CODE:
            why = "raised, as citations are" if why == RAISED else why
            made.append(dataclasses.replace(quantity, left_out=why))
    return made


def pattern_of(terms: Iterable[str]) -> re.Pattern | None:
    """Return what finds the terms that hold digits and count nothing."""
    return prose.one_of(re.escape(term) for term in terms if term)


def _no_prose(text: str) -> Iterator[tuple[int, int, str]]:
    """Find citations and references to parts of the text by their forms."""
    for cites in _CITES:
        for one in cites.finditer(text):
            yield (*one.span(), CITATION)
    for group in _IN_BRACKETS.finditer(text):
        at = group.start(1)
        for part in group[1].split(";"):
            if _NAME_AND_YEAR.fullmatch(part):
                yield at, at + len(part), CITATION
            at += len(part) + 1
    for one in _REFERS.finditer(text):
        yield (*one.span(), "cross-reference")


def _in_digits(text: str, found: re.Match) -> Quantity | None:
    end = found.end()
    raised = found["raised"] or ""
    if raised and found["digits"] not in ("10", "2"):
        # Behind any other number stands a citation, not an exponent.
        end, raised = found.start("raised"), ""
    if not raised and _NAME_GOES_ON.match(text, end):
        return None
    written = text[found.start() : end]
    digits = re.sub(rf"[,{_SPACES}']", "", found["digits"])
    values = _of_digits(digits, raised, negative=bool(found["sign"]))
    return Quantity(found.start(), end, written.strip(), values)


def _of_digits(digits: str, raised: str, *, negative: bool) -> frozenset[Fraction]:
    sign = -1 if negative else 1
    if len(digits) == 1 and not digits.isdecimal():
        return frozenset({Fraction(str(unicodedata.numeric(digits)))})
    if len(digits) > 30 or digits.count(".") > 1 or digits.count("-") > 1 or len(raised) > 4:  # fmt: skip
        return frozenset()
    if (power := re.search(r"[eE]([-+−]?\d+)$", digits)) and abs(_whole(power[1])) > 300:  # fmt: skip
        return frozenset()
    value = Fraction(digits.replace("−", "-"))
    return frozenset({sign * (value ** _whole(raised[1:]) if raised else value)})


def _whole(text: str) -> int:
    return int(text.replace("−", "-"))


def _of_words(found: re.Match) -> frozenset[Fraction]:
    words = re.split(r"[ -]", found[0].lower())
    if found["other"]:
        value = _OTHERS.get(words[0], Fraction(1, 2))
        return _and_percent(value) if value.denominator > 1 else frozenset({value})
    if found["fraction"]:
        upper = _count(["one" if words[0] in ("a", "an") else words[0]])
        lower = _PARTS[words[1].removesuffix("s")]
        return _and_percent(Fraction(upper or 1, lower))
    whole = _count([word for word in words if word not in ("a", "an", "and")])
    return frozenset() if whole is None else frozenset({Fraction(whole)})


def _and_percent(value: Fraction) -> frozenset[Fraction]:
    return frozenset({value, 100 * value})


def _count(words: Sequence[str]) -> int | None:
    """Return the value of a cardinal in words; None where it names no one number (dozens)."""
    total, part = 0, 0
    for word in words:
        if word in _SCALES:
            part = max(part, 1) * _SCALES[word]
            if word == "thousand":
                total, part = total + part, 0
        elif word in _ONES or word in _TENS:
            part += _ONES.get(word, _TENS.get(word, 0))
        else:
            return None
    return total + part


def _counts(text: str, found: re.Match) -> bool:
    """Return whether a word counts: "one" often stands for a thing, and "none" of "none the less"."""
    if found[0].lower() not in ("one", "none"):
        return True
    return not (
        _NO_NUMBER_BEFORE.search(text, 0, found.start())
        if found[0].lower() == "one"
        else text[found.end() :].lower().startswith((" the ", "theless"))
    ) and not _NO_NUMBER_AFTER.match(text, found.end())


def _within(one: Quantity, spans: Iterable[Sequence[int]]) -> bool:
    return any(start <= one.start and one.end <= end for start, end in spans)
