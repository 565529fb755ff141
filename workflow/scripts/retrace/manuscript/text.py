"""Turn values into Markdown that says the value and nothing else.

Whatever comes from a table is a stranger's text: a title may hold a fenced div, a raw
attribute or a citation key. It is escaped once, where it enters the Markdown.
"""

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from retrace.labels import within

WORDS = "no one two three four five six seven eight nine ten eleven twelve"
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
)
NBSP = "\N{NO-BREAK SPACE}"

# Between these two, a mark of ours waits for the numbering; data can never hold them.
OPEN, CLOSE = "\ue000", "\ue001"

_SPECIAL = re.compile(r"""[\\`*_{}\[\]<>#|~^$@"']|&(?=#?\w+;)|!(?=\[|$)""")
_AT_AN_EDGE = re.compile(r"^[-:%(=+]|-$|(?<=[-.:])[-.:]|[-.:](?=[-.:])")
# Inside a table: HTML's own references stay; all else that Markdown reads becomes one.
_IN_A_CELL = re.compile(r"&#?\w+;|[\\`*_{}\[\]#|~^$@]|^[-+:%=]")
_LIST_MARK = re.compile(r"^(\(?\w{1,9})([.)])(?=\s|$)")
# Bidi controls would reorder the author's words around the value, too.
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\ue000\ue001]")


class Markdown(Markup):
    """Text that is Markdown already and is not escaped again."""


def escape(value: Any) -> Markdown:
    """Return a value as Markdown that shows it unchanged, on one line."""
    if isinstance(value, Markup):
        return Markdown(value)
    text = " ".join(_HIDDEN.sub("", str(value)).split())
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))
    made = _AT_AN_EDGE.sub(lambda mark: "\0" + mark[0], text)
    made = _SPECIAL.sub(lambda mark: "\\" + mark[0], made)
    made = _LIST_MARK.sub(r"\1\\\2", made)
    return Markdown(made.replace("\0", "\\"))


def attribute(value: str) -> str:
    """Return a text as the quoted value of an attribute of a span, link or image."""
    text = " ".join(_HIDDEN.sub("", value).split())
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))
    for mark in '\\"<>`{}[]&':
        # As entities, so that the text cannot end its quotes whatever stands around them.
        text = text.replace(mark, f"\0{ord(mark)};")
    return '"' + text.replace("\0", "&#") + '"'


def inert(table: str) -> str:
    """Return a table's HTML in which no reader of Markdown finds markup between the tags."""

    def reference(found: re.Match) -> str:
        return found[0] if found[0][0] == "&" else f"&#{ord(found[0])};"

    return re.sub(
        r">([^<>]+)<",
        lambda found: f">{_IN_A_CELL.sub(reference, found[1])}<",
        _HIDDEN.sub("", table),
    )


def table_row(opens: str, cells: Sequence[str]) -> str:
    """Return a row of plain text; the last cell opens the row of a computed table, by table/key."""
    *first, last = (html.escape(" ".join(cell.split())) for cell in cells)
    plain = "".join(f"<td>{cell}</td>" for cell in first)
    return f'<tr>{plain}<td data-row="{html.escape(opens)}">{last}</td></tr>\n'


def table_block(
    name: str, caption: str, columns: Sequence[tuple[str, int]], rows: Iterable[str]
) -> Markdown:
    """Return a table's block with its anchor: columns by title and share of the width, rows in HTML."""
    widths = "".join(f'<col style="width: {width}%">' for _, width in columns)
    head = "".join(f'<th scope="col">{title}</th>' for title, _ in columns)
    table = f"<table><colgroup>{widths}</colgroup><thead><tr>{head}</tr></thead><tbody>\n{''.join(rows)}</tbody></table>"
    return Markdown(
        f"\n\n::: {{#tbl-{name} .table-block}}\n"
        f"::: {{#tbl-{name}-caption .table-caption}}\n{caption}\n:::\n\n"
        f"{inert(table)}\n:::\n\n"
    )


def number_link(shown: str, number_id: str) -> Markdown:
    """Return a shown number as a link that names its definition."""
    anchor = quote(number_id, safe="+")
    return Markdown(
        f"[{shown}](#n-{anchor}){{.number data-number={attribute(number_id)}}}"
    )


def claim_link(says: str, claim_id: str) -> Markdown:
    """Return what a claim says as a link that opens it."""
    return Markdown(f"[{escape(says)}](#c-{quote(claim_id, safe='')})")


def in_words(value: str) -> str:
    """Return a small whole number spelled out, others as they are."""
    words = WORDS.split()
    whole = int(value) if value.isdecimal() else len(words)
    return words[whole] if whole < len(words) else value


def in_order(value: str) -> str:
    """Return a whole number as an ordinal: first to twelfth in words, then 13th."""
    words = ORDINALS.split()
    whole = int(value) if value.isdecimal() else 0
    if whole < 1:
        return value
    if whole <= len(words):
        return words[whole - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole}{'th' if whole % 100 in (11, 12, 13) else ending}"


def rounded(value: str, digits: int | None) -> str:
    """Return a decimal with so many digits, halves away from zero as readers expect."""
    if digits is None:
        return value
    try:
        step = Decimal(1).scaleb(-digits)
        return str(Decimal(value).quantize(step, rounding=ROUND_HALF_UP))
    except InvalidOperation:
        return value


def joined(parts: Sequence[str]) -> Markdown:
    """Return "a", "a and b" or "a, b and c"."""
    if len(parts) < 2:
        return Markdown("".join(parts))
    return Markdown(f"{', '.join(parts[:-1])} and {parts[-1]}")


def capitalised(text: str) -> str:
    """Return a text with its first letter raised."""
    return text[:1].upper() + text[1:]


def lowered(words: str) -> Markdown | str:
    """Return a label as inside a sentence; "DNA" and "pH" stay as they are."""
    return type(words)(within(words))


def code_block(words: str) -> Markdown:
    """Return words as a block in which nothing is markup, whatever they hold."""
    lines = _HIDDEN.sub("", words).splitlines()
    kept = [
        "".join(c for c in line if unicodedata.category(c) != "Cc") for line in lines
    ]
    longest = max((len(run) for run in re.findall(r"`+", words)), default=0)
    fence = "`" * max(3, longest + 1)
    return Markdown("\n\n" + "\n".join([fence, *kept, fence]) + "\n\n")


def quoted(text: str) -> str:
    """Return a text as the quoted value of a YAML block: JSON is YAML, whatever stands in it."""
    return json.dumps(str(escape(text)), ensure_ascii=False)
