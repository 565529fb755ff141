"""Find the counts that somebody typed into the prose of a template.

A typed count is right on the day it is typed and wrong after the next search, and nobody
sees the day it turns. Digits are refused wherever a reader would read them; words that
count ("two", "most") only before a noun the review counts, since "one" is also a pronoun.
"""

import re
import unicodedata
from collections.abc import Iterable

from retrace.errors import Problem
from retrace.errors import one_of as instead_of

CARDINALS = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    "fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|"
    "eighty|ninety|hundreds?|thousands?|dozens?"
)
QUANTIFIERS = (
    "no|none|both|half|most|many|few|fewer|several|numerous|majority|minority|twice|thrice|"
    "couple|pair|handful"
)
FRACTIONS = "thirds?|quarters?|fifths?|sixths?|eighths?|tenths?"
"""Words that count. "all", "each", "every", "any", "some" and "other" name no size and stay free."""

# Between a word that counts and its noun stand adjectives; one of these there ends the search.
_NO_ADJECTIVES = (
    "on|in|at|by|to|for|with|from|and|or|but|nor|that|than|as|is|are|was|were|be|been|has|have|"
    "had|do|does|did|which|who|whose|we|it|they|this|into|over|under|between|per|not"
)
_NO_COUNTS = {("most", "the"), ("many", "how"), ("many", "as"), ("few", "how")}
_EXPRESSION = re.compile(
    r"""\{\{(?:"[^"]*"|'[^']*'|[^"'])*?\}\}|\{%(?:"[^"]*"|'[^']*'|[^"'])*?%\}""", re.S
)
_COMMENT = re.compile(r"\{##.*?##\}", re.S)
_KEY = r"@(?:\{[^}\s]+\}|[A-Za-z0-9_][\w:.#$%&+?~/-]*\w)"
# What Markdown does not print as prose, in the order in which it is taken out.
_NOT_PROSE = (
    re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?^\1[`~]*[ \t]*$", re.S | re.M),
    re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.S),
    re.compile(r"<!--.*?-->", re.S),
    re.compile(r"(?<=\])\((?:[^()\s]|\([^()\s]*\))*\)"),
    re.compile(r"<(?:https?|mailto|doi):[^>\s]*>"),
    re.compile(r"\bhttps?://\S+"),
    re.compile(r"\b10\.\d{4,9}/\S+"),
    re.compile(r"^\[[^\]\n]+\]:[^\n]*$", re.M),
    re.compile(r"\[\^[^\]\s]+\]"),
    re.compile(
        rf"(?<![\w@])-?{_KEY}"
        r"(?:, ?(?:pp?|sec|ch|fig|tab|table)\. ?[A-Z]?\d+(?:[-\u2013]\d+)?)?"
    ),
    re.compile(r"\{(?=[#.]|-\}|\w+=)[^{}\n]*\}"),
)
_AT = len(_NOT_PROSE) - 2
"""Where citations stand among them."""
_FORMULA = re.compile(r"\$\$.+?\$\$|\$(?=\S)[^$\n]+?(?<=\S)\$(?!\d)", re.S)
# A key that an expression continues is not known before the text is filled.
_CITED = re.compile(rf"(?<![\w@\\])(?>{_KEY})(?!\0)")
_MARKS = "*~^\\"


def typed_counts(
    source: str,
    *,
    file: str,
    terms: Iterable[str] = (),
    counted_nouns: Iterable[str] = (),
    column: str | None = None,
) -> list[Problem]:
    """Return every count typed into a template's prose, by line and column.

    ``terms`` are words with digits that are no counts (CO2, B12); ``counted_nouns`` are the
    nouns before which number words and quantifiers are refused. ``column`` names the place
    where the source is a key of a file rather than a file.
    """
    prose = _prose_of(source)
    found = [*_digits(prose, terms), *_words(prose, counted_nouns)]
    return [
        Problem(file, 0, column, f"{text!r} is typed into the prose", *advice)
        if column
        else Problem(
            file,
            source.count("\n", 0, start) + 1,
            str(start - source.rfind("\n", 0, start)),
            f"{text!r} is typed into the prose",
            *advice,
        )
        for start, text, advice in sorted(found)
    ]


def unknown_citations(
    source: str, keys: Iterable[str], *, file: str, column: str | None = None
) -> list[Problem]:
    """Return every citation of a key that is not in the bibliography, by line and column.

    ``column`` names the place where the source is a key of a file rather than a file.
    """
    known = set(keys)
    text = _COMMENT.sub(lambda found: _blank(found[0], " "), source)
    text = _EXPRESSION.sub(lambda found: _blank(found[0], "\0"), text)
    for pattern in (*_NOT_PROSE[:_AT], _FORMULA):
        text = pattern.sub(lambda found: _blank(found[0], " "), text)
    problems = []
    for found in _CITED.finditer(text):
        key = found[0][1:].strip("{}")
        if key in known:
            continue
        start = found.start()
        line = 0 if column else source.count("\n", 0, start) + 1
        place = column or str(start - source.rfind("\n", 0, start))
        what = f"the bibliography has no entry {key!r}"
        problems.append(
            Problem(
                file,
                line,
                place,
                what,
                *instead_of(
                    key, known, "add the entry, or write \\@ where no work is cited"
                ),
            )
        )
    return problems


def printed_words(text: str) -> bool:
    """Return whether a text that an expression prints counts something: digits or a cardinal."""
    spelled = re.search(rf"\b(?:{CARDINALS})\b", text, re.IGNORECASE)
    return any(map(_is_digit, text)) or bool(spelled)


def words_of_terms(cells: Iterable[str]) -> set[str]:
    """Return the terms with digits that cells of a vocabulary hold: whole, and word by word.

    A bare number in a cell is no term, nor is a cell that begins with one ("3 studies").
    """
    found = set()
    for cell in cells:
        words = [word.strip("()[],;:.") for word in cell.split()]
        named = [word for word in words if _is_term(word)]
        found.update(named)
        found.update(
            part for word in named for part in word.split("/") if _is_term(part)
        )
        if len(cell) <= 60 and any(map(_is_digit, cell)) and cell[:1].isalpha():
            found.add(cell)
    return found


def one_of(forms: Iterable[str]) -> re.Pattern | None:
    """Return what finds whole words that have one of these forms, the longest before others."""
    ordered = sorted(set(forms), key=lambda form: (-len(form), form))
    if not ordered:
        return None
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(ordered)})(?![^\W_])", re.IGNORECASE)


def _is_term(word: str) -> bool:
    return any(c.isalpha() for c in word) and any(map(_is_digit, word))


def _prose_of(source: str) -> str:
    """Return the source with all that is not prose blanked out, place by place."""
    text = _COMMENT.sub(lambda found: _blank(found[0], " "), source)
    # An expression stands for a word: "two {{ kind }} studies" is still a count.
    text = _EXPRESSION.sub(
        lambda found: _blank(found[0], "x" if found[0][1] == "{" else " "), text
    )
    for pattern in _NOT_PROSE:
        text = pattern.sub(lambda found: _blank(found[0], " "), text)
    return text


def _blank(text: str, fill: str) -> str:
    return "".join("\n" if char == "\n" else fill for char in text)


def _digits(prose: str, terms: Iterable[str]) -> Iterable[tuple[int, str, tuple]]:
    advice = (
        "a number with a name",
        'write {{ n("id") }}; a term belongs in a vocabulary or manuscript.glossary; '
        'a year or a day that nothing counts is {{ literal("2015", "a year") }}; '
        "lists begin with #.",
    )
    # CO~2~ and **B12** are the terms CO2 and B12, so terms are sought without the marks.
    places = [place for place, char in enumerate(prose) if char not in _MARKS]
    bare = "".join(prose[place] for place in places)
    covered: set[int] = set()
    if named := one_of(_spaced(term) for term in terms if term):
        for found in named.finditer(bare):
            covered.update(range(*found.span()))
    start = None
    for place in range(len(bare) + 1):
        counts = place < len(bare) and place not in covered and _is_digit(bare[place])
        if start is None and counts:
            start = place
        elif start is not None and not counts:
            inside = bare[place : place + 2]
            if not (inside[:1] in ".,/" and inside[1:] and _is_digit(inside[1])):
                yield places[start], bare[start:place], advice
                start = None


def _spaced(term: str) -> str:
    return r"\s+".join(
        re.escape(word) for word in term.translate(_WITHOUT_MARKS).split()
    )


_WITHOUT_MARKS = str.maketrans("", "", _MARKS)


def _is_digit(char: str) -> bool:
    return unicodedata.category(char) in ("Nd", "Nl", "No")


def _words(prose: str, nouns: Iterable[str]) -> Iterable[tuple[int, str, tuple]]:
    forms = sorted({form for noun in nouns for form in _forms(noun.lower())})
    if not forms:
        return
    pattern = re.compile(
        rf"(?<![\w-])(?P<count>(?:{CARDINALS})(?:[ -](?:and )?(?:{CARDINALS}))*"
        rf"|{QUANTIFIERS}|(?:an?|one|two|three)[ -](?:{FRACTIONS}))"
        r"(?:\s+of)?(?:\s+(?:the|these|those|all|its|their|our|an?))*"
        rf"(?:\s+(?!(?:{_NO_ADJECTIVES})(?![\w-]))[\w'’-]+){{0,2}}?"
        rf"\s+(?:{'|'.join(map(re.escape, forms))})(?![\w-])",
        re.IGNORECASE,
    )
    bare = re.sub(r"[*_]", " ", prose)
    for found in pattern.finditer(bare):
        # "the most recent study" compares and "how many studies" asks; neither counts.
        before = bare[: found.start()].split()[-1:]
        if (found["count"].lower(), *map(str.lower, before)) in _NO_COUNTS:
            continue
        yield (
            found.start(),
            " ".join(found[0].split()),
            ("a number with a name", 'write {{ n("id", "words") }}'),
        )


def _forms(noun: str) -> list[str]:
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return [noun, f"{noun[:-1]}ies"]
    return [noun, f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"]
