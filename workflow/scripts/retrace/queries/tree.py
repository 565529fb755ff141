"""Put tokens into groups, terms and concept blocks.

Groups are made with a stack and walked with one, never by recursion: a string may be nested
deeper than any program's call stack.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from retrace.queries.syntax import ANY, Syntax
from retrace.queries.tokens import Token, tokens

JOINING = ("AND", "NOT", "AND NOT")
"""Operators that join concepts."""


@dataclass
class Term:
    """A word, a run of words or a phrase, without quotes, and the field it is looked for in."""

    text: str
    start: int
    end: int
    quoted: bool = False
    field: str = ""
    is_line: bool = False
    tokens: list[Token] = dataclasses.field(default_factory=list)


@dataclass
class Group:
    """What stands between two brackets: terms, groups and operators in order."""

    start: int
    parts: list["Term | Group | Token"] = dataclasses.field(default_factory=list)
    field: str = ""
    end: int = -1

    @property
    def is_closed(self) -> bool:
        """Return whether its bracket was closed."""
        return self.end >= 0


@dataclass
class Tree:
    """A string's outermost group, its tokens, and brackets that close nothing."""

    query: str
    root: Group
    tokens: list[Token]
    extra: list[Token]
    syntax: Syntax

    def groups(self) -> Iterator[Group]:
        """Yield every group, the outermost first, in the order in which they begin."""
        todo = [self.root]
        while todo:
            group = todo.pop()
            yield group
            todo += [part for part in reversed(group.parts) if isinstance(part, Group)]


@dataclass
class Block:
    """A concept: what is joined to the rest by AND; ``text`` is a string that looks for it alone."""

    terms: list[Term]
    text: str = ""
    excluded: bool = False
    is_cut: bool = False


def parse(query: str, syntax: Syntax = ANY) -> Tree:
    """Return a string as a tree; brackets that do not match stop nothing."""
    found = tokens(query, syntax)
    root = Group(0)
    stack, extra = [root], []
    function = ""
    for token in found:
        here = stack[-1]
        before = here.parts[-1] if here.parts else None
        if token.kind == "open":
            group = Group(token.start, field=function)
            here.parts.append(group)
            stack.append(group)
        elif token.kind == "close":
            if len(stack) == 1:
                extra.append(token)
            else:
                stack.pop().end = token.end
        elif token.kind == "tag" and isinstance(before, Term | Group):
            before.field = field_name(token.text)
            if isinstance(before, Term):
                before.tokens.append(token)
            else:
                before.end = token.end
        elif token.kind in ("word", "phrase", "line"):
            _add(here, token, function)
        elif token.kind == "comma" and isinstance(before, Term) and not before.quoted:
            before.tokens.append(token)
        else:
            here.parts.append(token)
        function = field_name(token.text) if token.kind == "function" else ""
    tree = Tree(query, root, found, extra, syntax)
    for group in tree.groups():
        for part in group.parts:
            if isinstance(part, Term) and not part.quoted:
                part.text = query[part.start : part.end]
                if syntax.name == "Ovid" and part.text.endswith("/"):
                    part.text, part.field = part.text[:-1].removeprefix("exp "), "sh"
    return tree


def field_name(text: str) -> str:
    """Return a field's name without what marks it as one."""
    return text.strip().strip("[]").strip("=:./ ").strip()


def _add(group: Group, token: Token, function: str) -> None:
    before = group.parts[-1] if group.parts else None
    is_phrase = token.kind == "phrase"
    joins = (
        token.kind == "word"
        and isinstance(before, Term)
        and not before.quoted
        and not before.is_line
        and not before.field
        and not function
        and before.tokens[-1].kind in ("word", "comma")
    )
    if joins and isinstance(before, Term):
        # Words in a row are one term; each platform has its own idea of how they are joined.
        before.tokens.append(token)
        before.end = token.end
        return
    text = token.term if is_phrase else token.text
    name = function
    if is_phrase and token.text[0] == "[":
        name = "mh"
    elif is_phrase and token.text.rpartition('"')[2].startswith("/"):
        name = "sh"
    group.parts.append(
        Term(text, token.start, token.end, is_phrase, name, token.kind == "line", [token])
    )  # fmt: skip


def blocks(tree: Tree) -> list[Block]:
    """Return the concept blocks of a string, in order; limits and references to lines are left out."""
    made: list[Block] = []
    todo: list[tuple[list[Term | Group | Token], str, bool, bool, tuple[str, str]]] = [
        (tree.root.parts, "", False, False, ("", ""))
    ]
    while todo:
        held, name, excluded, is_open, (before, behind) = todo.pop()
        # What stands before a bracket is in its field already.
        parts = [part for part in held if not (isinstance(part, Token) and part.kind == "function")]  # fmt: skip
        if len(parts) == 1 and isinstance(parts[0], Group):
            only = parts[0]
            around = (before, behind)
            if only.field and only.parts:
                # The field holds for each block within.
                before += tree.query[held[0].start : only.parts[0].start]
                behind = tree.query[_end(only.parts[-1]) : _end(only)] + behind
                around = (before, behind)
            todo.append((only.parts, only.field or name, excluded, is_open or not only.is_closed, around))  # fmt: skip
            continue
        operands = _operands(held)
        if len(operands) > 1:
            todo += [
                (
                    of,
                    name,
                    excluded != is_not,
                    is_open and place == len(operands) - 1,
                    (before, behind),
                )
                for place, (of, is_not) in reversed(list(enumerate(operands)))
            ]
            continue
        is_cut = is_open or _ends_open(parts)
        terms = _terms(parts, name, tree.syntax)
        if terms:
            text = before + tree.query[held[0].start : _end(held[-1])] + behind
            made.append(Block(terms, text, excluded, is_cut))
    return made


def _end(part: Term | Group | Token) -> int:
    """Return where a part ends, its field included."""
    return part.tokens[-1].end if isinstance(part, Term) else part.end


def _operands(
    parts: list[Term | Group | Token],
) -> list[tuple[list[Term | Group | Token], bool]]:
    """Return what AND and NOT join, each with whether it is excluded."""
    found: list[tuple[list[Term | Group | Token], bool]] = [([], False)]
    for part in parts:
        if not isinstance(part, Token) or part.operator not in JOINING:
            found[-1][0].append(part)
        elif found[-1][0]:
            found.append(([], part.operator != "AND"))
        else:
            found[-1] = ([], part.operator != "AND" or found[-1][1])
    return [(of, is_not) for of, is_not in found if of]


def _ends_open(parts: list[Term | Group | Token]) -> bool:
    while parts:
        last = parts[-1]
        if not isinstance(last, Group):
            return isinstance(last, Token) and last.kind == "operator"
        if not last.is_closed:
            return True
        parts = last.parts
    return False


def _terms(
    parts: list[Term | Group | Token], name: str, syntax: Syntax
) -> list[Term]:  # fmt: skip
    made = []
    todo = [(part, name) for part in reversed(parts)]
    while todo:
        part, of = todo.pop()
        if isinstance(part, Group):
            inner = part.field or of
            if inner.casefold() not in syntax.limits:
                todo += [(one, inner) for one in reversed(part.parts)]
        elif isinstance(part, Term) and not part.is_line:
            part.field = part.field or of
            if not _is_limit(part, syntax):
                made.append(part)
    return made


def _is_limit(term: Term, syntax: Syntax) -> bool:
    first = term.text.split(maxsplit=1)[:1]
    return term.field.casefold() in syntax.limits or bool(
        first and not term.quoted and syntax.functions and first[0].casefold() in syntax.limits
    )  # fmt: skip
