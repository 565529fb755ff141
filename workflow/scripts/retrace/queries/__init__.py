"""Search strings: published and run queries in; their terms side by side and what is odd in them out.

Nothing is mended here and no platform's parser is imitated: a string is cut into tokens that keep
their places, so that whatever is said of it points at a character of what was printed.
"""

from retrace.queries.compare import compare
from retrace.queries.lint import BROKEN, Finding, lint
from retrace.queries.recall import measure
from retrace.queries.rendering import Rendered, render, strings_of
from retrace.queries.report import (
    as_text,
    list_strings,
    problems_of,
    problems_of_config,
    warn,
)
from retrace.queries.syntax import Syntax, syntax_of
from retrace.queries.tokens import Token, tokens
from retrace.queries.tree import Group, Term, parse
from retrace.queries.vocabularies import Vocabulary, read_vocabularies

__all__ = [
    "BROKEN",
    "Finding",
    "Group",
    "Rendered",
    "Syntax",
    "Term",
    "Token",
    "Vocabulary",
    "as_text",
    "compare",
    "lint",
    "parse",
    "list_strings",
    "measure",
    "problems_of",
    "problems_of_config",
    "read_vocabularies",
    "render",
    "strings_of",
    "syntax_of",
    "tokens",
    "warn",
]
