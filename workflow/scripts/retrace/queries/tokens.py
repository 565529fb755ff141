"""Cut a Boolean search string into tokens that keep their places.

Whatever cannot be understood becomes a token too, so that joined tokens and the blanks between
them are the string, byte for byte. One pass from left to right without backtracking: a string of
any length or depth costs time in proportion.
"""

import re
from dataclasses import dataclass
from typing import Literal

from retrace.queries.syntax import ANY, Syntax

Kind = Literal[
    "open", "close", "operator", "phrase", "word", "tag", "function", "line", "comma", "range", "junk"
]  # fmt: skip

QUOTES = '"\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}\N{DOUBLE HIGH-REVERSED-9 QUOTATION MARK}\N{FULLWIDTH QUOTATION MARK}'
CURLY = QUOTES[1:]


@dataclass(frozen=True)
class Token:
    """A piece of a string: what it is, its text as written, and where it begins and ends.

    ``whole`` is false for a phrase or a tag that was opened and not closed.
    """

    kind: Kind
    text: str
    start: int
    whole: bool = True

    @property
    def end(self) -> int:
        """Return where it ends."""
        return self.start + len(self.text)

    @property
    def operator(self) -> str:
        """Return an operator in capitals, with single blanks."""
        return " ".join(self.text.upper().split())

    @property
    def term(self) -> str:
        """Return what is looked for by a phrase, without its quotes, or by a heading in brackets or before a slash."""
        heading = _MH.fullmatch(self.text) or _SH.fullmatch(self.text)
        if heading:
            return heading[1] or heading[2]
        return self.text[1:-1] if self.whole else self.text[1:]


_SUFFIX = r"\.[a-z]{2}(?:,[a-z]{2}){0,20}\.(?=[\s)]|\Z)"
_BOOLEAN = re.compile(
    rf"(?:and[ \t]{{1,9}}not|and|or|not)(?![^\s()\[\]{{}}{QUOTES}])", re.I
)
_NUMBERED = re.compile(r"#\d{1,5}(?:\s?-\s?#?\d{1,5})?(?![\w-])|(?:or|and)/\d{1,5}(?:-\d{1,5}|,\d{1,5}){1,50}", re.I)  # fmt: skip
_TAG = re.compile(rf"\[[^\[\](){{}}{QUOTES}]{{0,120}}\]")
_AFTER = re.compile(rf"{_SUFFIX}|:[a-z]{{2,4}}(?:,[a-z]{{2,4}}){{0,20}}(?=[\s)]|\Z)|/(?:exp|de|mj|br|dm|lnk)\b(?:/(?:mj|de))?", re.I)  # fmt: skip
_FUNCTION = re.compile(rf"[A-Za-z][\w-]{{0,39}}(?:\s?=|:)?(?=\s?[({{{QUOTES}])")
_WORD = re.compile(rf"(?:[^\s()\[\]{{}}{QUOTES},;.:/]|(?!{_AFTER.pattern})\.(?!\s*\Z)|(?!{_AFTER.pattern})[:/])+", re.I)  # fmt: skip
_PREFIX = re.compile(r"[A-Za-z]\w{1,29}:(?=[^\s:/])")
_RANGE = re.compile(
    r"[A-Za-z]\w{1,29}:\[[^\[\]]{0,120}\]|\[[^\[\]]{1,60}\]/(?:py|lim|sd)\b"
)
_MH = re.compile(
    r'\[mh\s{1,9}\^?(?:"([^"\[\]]{1,200})"|([^"\[\]^]{1,200}))[^"\[\]]{0,60}\]', re.I
)
_SH = re.compile(
    r'(?:exp\s{1,9})?\*?"([^"]{1,200})"/(?:[a-z]{2}(?:,\s?[a-z]{2}){0,20})?(?=[\s)]|\Z)',
    re.I,
)
"""A heading of Ovid that has a word of operators in it: exp "Trial and Error"/."""
_RUNS_ON = re.compile(r"\s(?:AND|OR|NOT)\s")
_ENDS_IN_OPERATOR = re.compile(r"(?:\s(?:AND|OR|NOT)\s|\()\s*\Z", re.I)


def tokens(query: str, syntax: Syntax = ANY) -> list[Token]:
    """Return the tokens of a string, in order."""
    made: list[Token] = []
    at, size = 0, len(query)
    while at < size:
        if query[at].isspace():
            at += 1
            continue
        token = _next(query, at, syntax, made)
        made.append(token)
        at = token.end
    return made


def place(query: str, offset: int) -> str:
    """Return line and column of a character, counted from 1."""
    line = query.count("\n", 0, offset) + 1
    return f"{line}:{offset - (query.rfind(chr(10), 0, offset) + 1) + 1}"


def _next(query: str, at: int, syntax: Syntax, made: list[Token]) -> Token:
    char = query[at]
    adjacent = bool(made) and made[-1].end == at
    opened = not adjacent or made[-1].kind == "open"
    if char in "()":
        return Token("open" if char == "(" else "close", char, at)
    if syntax.name == "Ovid" and opened:
        found = _SH.match(query, at)
        if found:
            return Token("phrase", found.group(), at)
    if char in QUOTES:
        return _phrase(query, at)
    if char == "{" and syntax.name in ("", "Scopus"):
        end = query.find("}", at)
        if end >= 0 and "{" not in query[at + 1 : end]:
            return Token("phrase", query[at : end + 1], at)
    if char == "'" and syntax.name == "Embase.com" and opened:
        end = query.find("'", at + 1)
        if end >= 0:
            return Token("phrase", query[at : end + 1], at)
    if syntax.name in ("Europe PMC", "Embase.com") and opened:
        found = _RANGE.match(query, at)
        if found:
            return Token("range", found.group(), at)
    if char == "[" and syntax.name == "Cochrane Library":
        found = _MH.match(query, at)
        if found:
            return Token("phrase", found.group(), at)
    if char == "[":
        found = _TAG.match(query, at)
        return Token("tag", found.group(), at) if found else Token("tag", char, at, False)  # fmt: skip
    if adjacent and made[-1].kind in ("word", "phrase", "close"):
        after = _AFTER.match(query, at)
        if after:
            return Token("tag", after.group(), at)
    if char in ",;":
        return Token("comma", char, at)
    if char == ":" and not adjacent:
        return Token("operator", char, at)
    if not adjacent or made[-1].kind != "word":
        for kind, pattern in (
            ("line", _NUMBERED), ("operator", _BOOLEAN), ("operator", syntax.adjacency),
        ):  # fmt: skip
            found = pattern.match(query, at)
            if found and _stands_alone(query, found.end()):
                return Token(kind, found.group(), at)  # type: ignore[arg-type]
        found = _PREFIX.match(query, at) if syntax.prefixed else None
        if found:
            return Token("function", found.group(), at)
        found = _FUNCTION.match(query, at)
        if found and _is_function(found, query, syntax):
            return Token("function", found.group(), at)
    found = _WORD.match(query, at)
    return Token("word", found.group(), at) if found else Token("junk", char, at)


def _stands_alone(query: str, end: int) -> bool:
    return end >= len(query) or query[end].isspace() or query[end] in "()[]{}" + QUOTES


def _is_function(found: re.Match[str], query: str, syntax: Syntax) -> bool:
    text = found.group()
    name = text.rstrip("=: ").casefold()
    if name in syntax.functions or text[-1] in "=:":
        return True
    # TITLE-ABS-KEY(...) of a platform we do not know, or of another one than this string is for.
    return (
        query[found.end()] == "("
        and name.upper() == text
        and (len(name) > 2 and "-" in name or not syntax.tags)
    )


def _phrase(query: str, at: int) -> Token:
    end = _quote_after(query, at + 1)
    inside = query[at + 1 : end if end >= 0 else len(query)]
    runs_on = end < 0 or (inside.strip() and _ENDS_IN_OPERATOR.search(inside[-24:]))
    if not runs_on:
        return Token("phrase", query[at : end + 1], at)
    # The closing quote is missing: what follows the first operator is not of this phrase.
    stop = _RUNS_ON.search(inside)
    text = (inside[: stop.start()] if stop else inside).rstrip()
    if not stop and text.endswith((")", ").")):
        text = text.rstrip(").").rstrip()
    return Token("phrase", query[at : at + 1 + len(text)], at, False)


_QUOTE = re.compile(f"[{QUOTES}]")


def _quote_after(query: str, at: int) -> int:
    found = _QUOTE.search(query, at)
    return found.start() if found else -1
