"""Say what is odd in a search string, and at which character.

A finding says what stands there, not what was meant: a platform may read a string that is odd, and
a string that was printed may have been whole before it was.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from retrace.queries.terms import WILDCARDS, wording
from retrace.queries.tokens import CURLY, Token
from retrace.queries.tree import Group, Term, Tree, blocks, field_name
from retrace.queries.vocabularies import Vocabulary

BROKEN = frozenset(
    {
        "unclosed_bracket",
        "extra_bracket",
        "unclosed_quote",
        "empty_group",
        "cut_off",
        "operator_without_term",
        "junk_after_end",
    }
)
"""What no platform can be given as it stands, or reads in a way of its own."""

MOST = 20
"""Findings of one kind in one string that are told one by one."""


@dataclass(frozen=True)
class Finding:
    """What is odd: at which character, counted from 0, of which kind, and in words."""

    offset: int
    code: str
    says: str


def lint(tree: Tree, vocabulary: Vocabulary | None = None) -> list[Finding]:
    """Return what is odd in a string, by place; a kind found often is told that often and summed up.

    Its headings are looked up in ``vocabulary``, where there is one.
    """
    found = sorted(
        set(_all(tree, vocabulary)), key=lambda one: (one.offset, one.code, one.says)
    )
    kept: list[Finding] = []
    seen: Counter[str] = Counter()
    for finding in found:
        seen[finding.code] += 1
        if seen[finding.code] <= MOST:
            kept.append(finding)
        elif seen[finding.code] == MOST + 1:
            rest = sum(one.code == finding.code for one in found) - MOST
            kept.append(
                Finding(
                    finding.offset, finding.code, f"there are {rest} more such places"
                )
            )
    return kept


def _all(tree: Tree, vocabulary: Vocabulary | None) -> Iterator[Finding]:
    yield from _brackets(tree)
    yield from _quotes(tree)
    yield from _ends(tree)
    yield from _operators(tree)
    for group in tree.groups():
        yield from _order(group, tree)
    yield from _fields(tree)
    yield from _wildcards(tree)
    yield from _doubled(tree)
    if vocabulary:
        yield from _headings(tree, vocabulary)


def _brackets(tree: Tree) -> Iterator[Finding]:
    for token in tree.extra:
        yield Finding(
            token.start,
            "extra_bracket",
            "a bracket is closed that was not opened before",
        )
    for group in tree.groups():
        if group is tree.root:
            continue
        if not group.is_closed:
            yield Finding(group.start, "unclosed_bracket", "a bracket is opened and not closed")  # fmt: skip
        elif not group.parts:
            yield Finding(group.start, "empty_group", "nothing stands between two brackets")  # fmt: skip


def _quotes(tree: Tree) -> Iterator[Finding]:
    curly = [
        token
        for token in tree.tokens
        if token.text[0] in CURLY or token.text[-1] in CURLY
    ]
    if curly:
        yield Finding(
            curly[0].start, "curly_quotes",
            f"{len(curly)} {'phrase has' if len(curly) == 1 else 'phrases have'} typographic quotation marks"
            ", which not every platform reads as quotation marks",
        )  # fmt: skip
    for token in tree.tokens:
        if token.kind == "phrase" and not token.whole:
            yield Finding(token.start, "unclosed_quote", f"the quotation mark before {_shown(token.text[1:])} is not closed")  # fmt: skip
        elif token.kind == "phrase" and not token.text[1:-1].strip():
            yield Finding(token.start, "empty_group", "nothing stands between two quotation marks")  # fmt: skip
        elif token.kind == "tag" and not token.whole:
            yield Finding(token.start, "unclosed_bracket", "a square bracket is opened and not closed")  # fmt: skip


def _ends(tree: Tree) -> Iterator[Finding]:
    """Tell a string that breaks off after an operator, and what stands behind its last term."""
    rest = list(tree.tokens)
    while rest and (_is_junk(rest[-1])):
        token = rest.pop()
        if rest:
            what = "a full stop" if token.text == "." else _shown(token.text)
            yield Finding(
                token.start, "junk_after_end", f"behind its last term or bracket stands {what}, which is no part of a query"
            )  # fmt: skip
    if rest and rest[-1].kind in ("operator", "function"):
        is_open = any(not group.is_closed for group in tree.groups() if group is not tree.root)  # fmt: skip
        also = " with a bracket still open" if is_open else ""
        yield Finding(
            rest[-1].start, "cut_off", f"it ends after {_shown(rest[-1].text)}{also}, as a string does that was cut off"
        )  # fmt: skip
    elif rest and rest[-1].kind == "open":
        yield Finding(rest[-1].start, "cut_off", "it ends with an opening bracket, as a string does that was cut off")  # fmt: skip


def _is_junk(token: Token) -> bool:
    return token.kind in ("junk", "comma") or token.text == "."


def _operators(tree: Tree) -> Iterator[Finding]:
    booleans = [
        token
        for token in tree.tokens
        if token.kind == "operator"
        and token.operator in ("AND", "OR", "NOT", "AND NOT")
    ]
    if booleans and not tree.syntax.boolean:
        yield Finding(booleans[0].start, "operator_as_word", f"{tree.syntax.name} knows no operators, and looks for {_shown(booleans[0].text)} as a word")  # fmt: skip
        return
    lower = [token for token in booleans if token.text != token.text.upper()]
    if not tree.syntax.capitals and len(lower) == len(booleans):
        # Where every operator is small it is the custom of the platform, not an oversight.
        return
    for token in lower:
        why = (
            f"{tree.syntax.name} asks for capitals"
            if tree.syntax.capitals
            else "the others are in capitals"
        )
        if tree.syntax.capitals or not tree.syntax.name:
            yield Finding(token.start, "lower_case_operator", f"the operator {_shown(token.text)} is in lower case; {why}")  # fmt: skip


def _order(group: Group, tree: Tree) -> Iterator[Finding]:
    """Tell operators without a term, terms without an operator, and operators without brackets."""
    before: Term | Group | Token | None = None
    booleans: list[str] = []
    is_told = False
    for part in group.parts:
        if isinstance(part, Token):
            if part.kind == "range":
                before = part
            if part.kind != "operator":
                continue
            unary = part.operator == "NOT" and (before is None or _is_operator(before))
            if (before is None or _is_operator(before)) and not unary:
                yield Finding(part.start, "operator_without_term", f"no term stands before {_shown(part.text)}")  # fmt: skip
            if part.operator in ("AND", "OR", "NOT", "AND NOT") and before is not None:
                kind = "OR" if part.operator == "OR" else "AND"
                if booleans and kind not in booleans and not is_told:
                    is_told = True
                    yield Finding(
                        part.start, "mixed_operators",
                        f"{_shown(part.text)} stands beside {_shown('AND' if kind == 'OR' else 'OR')} without brackets;"
                        " platforms differ in which of them they take first",
                    )  # fmt: skip
                booleans = [*booleans, kind] if kind not in booleans else booleans
        elif isinstance(before, Term | Group):
            yield Finding(part.start, "missing_operator", f"no operator stands before {_shown(_text(part))}")  # fmt: skip
        before = part
    is_last = group is tree.root or not group.is_closed
    if _is_operator(before) and not is_last and isinstance(before, Token):
        yield Finding(before.start, "operator_without_term", f"no term stands after {_shown(before.text)}")  # fmt: skip


def _is_operator(part: object) -> bool:
    return isinstance(part, Token) and part.kind == "operator"


def _text(part: Term | Group) -> str:
    return part.text if isinstance(part, Term) else "a bracket"


def _fields(tree: Tree) -> Iterator[Finding]:
    tags, functions = tree.syntax.tags, tree.syntax.functions
    for token in tree.tokens:
        name = field_name(token.text).casefold()
        if token.kind == "tag" and token.text[0] == "[" and token.whole:
            if tags and _plain(name) not in tags:
                yield Finding(token.start, "unknown_field", f"{_shown(token.text)} is no field of {tree.syntax.name} that we know")  # fmt: skip
            elif functions and not tags:
                yield Finding(token.start, "unknown_field", f"{tree.syntax.name} has no fields in square brackets like {_shown(token.text)}")  # fmt: skip
        elif token.kind == "function" and (
            (functions and name not in functions) or (tags and not functions)
        ):
            yield Finding(token.start, "unknown_field", f"{_shown(token.text)} is no field of {tree.syntax.name} that we know")  # fmt: skip


def _plain(name: str) -> str:
    """Return a field's name without what says how it is searched: mh:noexp, tiab:~3."""
    return name.partition(":")[0].strip()


def _wildcards(tree: Tree) -> Iterator[Finding]:
    syntax = tree.syntax
    for token in tree.tokens:
        if token.kind not in ("word", "phrase"):
            continue
        if syntax.name == "Ovid" and "/" in token.text:
            # An asterisk before a heading asks for it as the focus of a work.
            continue
        text = token.text
        if not any(mark in text for mark in syntax.wildcards):
            continue
        is_phrase = token.kind == "phrase"
        if is_phrase and (not syntax.wild_phrases or text[0] == "{"):
            yield Finding(
                token.start, "wildcard_in_phrase",
                f"the wildcard within {_shown(text)} is not read as one by {syntax.name or 'every platform'}",
            )  # fmt: skip
        for word in text.strip("{}'").split() if is_phrase else [text]:
            word = word.strip('"' + CURLY)
            at = min((word.find(mark) for mark in syntax.wildcards if mark in word), default=-1)  # fmt: skip
            if 0 <= at < syntax.stem and len(word) > 1 - at:
                least = f"{syntax.stem} characters" if syntax.stem > 1 else "a character"  # fmt: skip
                yield Finding(
                    token.start, "short_wildcard",
                    f"the wildcard of {_shown(word)} stands behind {at or 'no'} character{'' if at == 1 else 's'};"
                    f" {syntax.name or 'a platform'} asks for {least} before it",
                )  # fmt: skip


def _doubled(tree: Tree) -> Iterator[Finding]:
    for block in blocks(tree):
        first: dict[tuple[str, str], Term] = {}
        for term in block.terms:
            name = wording(term.text), term.field.casefold()
            if not name[0]:
                continue
            earlier = first.setdefault(name, term)
            if earlier is not term:
                yield Finding(
                    term.start, "doubled_term",
                    f"{_shown(term.text)} stands in its block a second time, first at character {earlier.start + 1}",
                )  # fmt: skip


def _headings(tree: Tree, vocabulary: Vocabulary) -> Iterator[Finding]:
    unknown = (
        term
        for block in blocks(tree)
        for term in block.terms
        if _plain(field_name(term.field).casefold()) in tree.syntax.headings
        and term.text
        and not any(mark in term.text.lstrip("*") for mark in WILDCARDS)
        and not vocabulary.has(term.text.lstrip("*"))
    )
    for place, term in enumerate(unknown):
        # The nearest heading is not looked for where no more of a kind are told one by one.
        says = vocabulary.lacks(term.text.lstrip("*")) if place < MOST else ""
        yield Finding(term.start, "unknown_heading", says)


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text[:57]}…”" if len(text) > 58 else f"“{text}”"
