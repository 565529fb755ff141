"""Number sections, figures and tables in their order of appearance, and link what refers to them.

Done once, in the Markdown: Word, Typst and HTML each have counters of their own, and three
counters can disagree about which table is the second.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from retrace.manuscript.text import CLOSE, NBSP, OPEN, joined

KINDS = {"fig": "Figure", "tab": "Table", "sec": "Section"}
ANCHORS = {"fig": "fig", "tab": "tbl"}

_BLOCK = re.compile(f"{OPEN}block:(fig|tab):([^{CLOSE}]*){CLOSE}")
_REFERENCE = re.compile(f"{OPEN}ref:(fig|tab|sec):([^:{CLOSE}]*):([^{CLOSE}]*){CLOSE}")
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*(\{[^{}]*\})?[ \t]*$")
_FENCE = re.compile(r"^(`{3,}|~{3,})")


@dataclass(frozen=True)
class Numbered:
    """The numbered text, and the number of each figure, table and section by its name."""

    text: str
    numbers: dict[tuple[str, str], str]


def block(kind: str, name: str) -> str:
    """Return the mark that becomes "Figure 1" where the block stands."""
    return f"{OPEN}block:{kind}:{name}{CLOSE}"


def reference(kind: str, names: Iterable[str], panel: str = "") -> str:
    """Return the mark that becomes a link, "Figure 1" or "Figures 1 and 2"."""
    return f"{OPEN}ref:{kind}:{','.join(names)}:{panel}{CLOSE}"


def number(text: str) -> Numbered:
    """Return the text with every mark resolved and every heading numbered.

    A heading carries its number as the attribute ``sec``, unless it is ``.unnumbered``; a
    reference to what is not there stays a mark, for the caller has named it a problem.
    """
    numbers: dict[tuple[str, str], str] = {}
    counts = {"fig": 0, "tab": 0}

    def of_block(found: re.Match) -> str:
        kind, name = found.groups()
        counts[kind] += 1
        numbers[kind, name] = str(counts[kind])
        return f"{KINDS[kind]}{NBSP}{counts[kind]}"

    text = _BLOCK.sub(of_block, text)
    text = _numbered_headings(text, numbers)

    def of_reference(found: re.Match) -> str:
        kind, names, panel = found[1], found[2].split(","), found[3]
        if any((kind, name) not in numbers for name in names):
            return found[0]
        word = KINDS[kind] + ("s" if len(names) > 1 else "")
        links = [
            f"[{word + NBSP if at == 0 else ''}{numbers[kind, name]}{panel}]"
            f"(#{anchor(kind, name)})"
            for at, name in enumerate(names)
        ]
        return str(joined(links))

    return Numbered(_REFERENCE.sub(of_reference, text), numbers)


def anchor(kind: str, name: str) -> str:
    """Return the anchor of a figure, a table or a section."""
    return f"{ANCHORS[kind]}-{name}" if kind in ANCHORS else name


def _numbered_headings(text: str, numbers: dict[tuple[str, str], str]) -> str:
    counters = [0] * 6
    lines, fence = [], ""
    for line in text.split("\n"):
        opening = _FENCE.match(line)
        if opening and (not fence or line.startswith(fence)):
            fence = "" if fence else opening[1]
        heading = None if fence else _HEADING.match(line)
        lines.append(_numbered_heading(heading, counters, numbers) if heading else line)
    return "\n".join(lines)


def _numbered_heading(
    heading: re.Match, counters: list[int], numbers: dict[tuple[str, str], str]
) -> str:
    marks, title, given = heading[1], heading[2], (heading[3] or "{}")[1:-1].split()
    name = next((word[1:] for word in given if word[0] == "#"), "") or _slug(title)
    rest = [word for word in given if word[0] != "#"]
    if not {"-", ".unnumbered"} & {*rest}:
        level = len(marks)
        counters[level - 1] += 1
        counters[level:] = [0] * (6 - level)
        numbers["sec", name] = ".".join(map(str, counters[:level]))
        rest.append(f'sec="{numbers["sec", name]}"')
    return f"{marks} {title} {{{' '.join([f'#{name}', *rest])}}}"


def _slug(title: str) -> str:
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)(\{[^}]*\})?", r"\1", title)
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "section"
