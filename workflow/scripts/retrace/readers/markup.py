"""What the XML formats share: each record is cut out of the file by its tags and parsed alone.

So one broken record costs no other, each knows its byte, and what a document declares at its
head (entities that unfold without end, files to be fetched) is never looked at.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

from retrace.readers.reading import Reading
from retrace.readers.source import Source

SEPARATOR = re.compile(
    rb"(?:\s|\xef\xbb\xbf|\x1a|\0|<\?[^>]*>|<!--.*?-->"
    rb"|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|</?[A-Za-z][\w:.-]*(?:\s[^<>]*)?>)*+",
    re.DOTALL,
)
LARGEST = 1 << 26
"""Bytes of one record; no sound one comes near."""

_BUILT_IN = {"amp", "lt", "gt", "quot", "apos"}
_ENTITY = re.compile(r"&(#\d{1,8}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{0,40});|&")
_PREFIX = re.compile(r"(</?)[A-Za-z_][\w.-]*:(?=[A-Za-z])")
_BOUND = re.compile(
    r"\sxmlns(?::[\w.-]+)?=(?:\"[^\"]*\"|'[^']*')|\s[A-Za-z_][\w.-]*:(?=[\w.-]+=[\"'])"
)

Values = Callable[[ElementTree.Element], tuple[str, ...]]


def read(
    source: Source,
    format: str,
    tags: str,
    values: Values,
    frame: re.Pattern[bytes] | None = None,
) -> Reading:
    """Return the records of an XML file: its elements of some names, joined by `|`.

    ``frame`` are elements with text before the first record, such as the number of hits.
    """
    out = Reading(source, format, SEPARATOR)
    data = source.data
    opening = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(" + tags.encode() + rb")(?=[\s/>])")
    begun, hidden = _openings(data, opening)
    for start, end in hidden:
        out.junk(start, end, "records that are commented out")
    head = begun[0].start() if begun else len(data)
    for match in frame.finditer(data, 0, head) if frame else ():
        if not any(start <= match.start() < end for start, end in hidden):
            out.skip(*match.span())
    stops = sorted(
        [
            *(match.start() for match in begun),
            *(start for start, _ in hidden),
            len(data),
        ]
    )
    ends = [stops[bisect_right(stops, match.start())] for match in begun]
    for match, limit in zip(begun, ends, strict=True):
        start = match.start()
        closing = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?" + match.group(1) + rb"\s*>")
        closed = closing.search(data, start, limit)
        if closed is None:
            out.reject(start, limit, f"<{match.group(1).decode()}> is not closed")
        elif closed.end() - start > LARGEST:
            out.reject(start, closed.end(), f"a record of {closed.end() - start} bytes")
        else:
            _record(out, start, closed.end(), values)
    out.counted = len(opening.findall(data))
    if out.counted != len(out) + out.n_rejected:
        out.warn(
            0,
            f"{len(out)} records and {out.n_rejected} rejects, but {out.counted} start tags",
        )
    if b"<!ENTITY" in data[:head]:
        out.warn(
            data.index(b"<!ENTITY"), "entities that the file declares are not unfolded"
        )
    return out


def local(element: ElementTree.Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def text(element: ElementTree.Element | None) -> str:
    """Return all text within an element on one line."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def leaves(
    root: ElementTree.Element, label: Callable[[ElementTree.Element], str]
) -> Iterator[tuple[str, str]]:
    """Yield name and text of every element that holds text itself; the name says its parent's."""
    stack = [("", root)]
    while stack:
        above, element = stack.pop()
        name = label(element)
        if (
            len(element)
            and not (element.text or "").strip()
            and not any((child.tail or "").strip() for child in element)
        ):
            stack.extend((name, child) for child in reversed(element))
        elif value := text(element):
            yield (f"{above}/{name}" if above else name), value


def _record(out: Reading, start: int, end: int, values: Values) -> None:
    snippet = out.source.text(start, end)
    try:
        root = ElementTree.fromstring(snippet)
    except ElementTree.ParseError:
        try:
            root = ElementTree.fromstring(_mended(snippet))
        except ElementTree.ParseError as error:
            out.reject(start, end, f"not well-formed: {error}")
            return
    for element in root.iter():
        element.tag = local(element)
    found = values(root)
    if not any(found[:-1]):
        out.reject(start, end, "a record without a field")
    else:
        out.record(start, end, found)


def _mended(snippet: str) -> str:
    """Return XML with what exporters get wrong put right: prefixes, entities, bare signs."""
    snippet = _ENTITY.sub(_entity, snippet)
    snippet = re.sub(r"<(?![A-Za-z/!?])", "&lt;", snippet)
    return _BOUND.sub(" ", _PREFIX.sub(r"\1", snippet))


def _entity(match: re.Match[str]) -> str:
    name = match.group(1)
    if not name:
        return "&amp;"
    if name in _BUILT_IN:
        return match.group()
    if name.startswith("#"):
        number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        sound = (
            number in (9, 10, 13)
            or 32 <= number < 0xD800
            or 0xE000 <= number < 0xFFFE
            or 0x10000 <= number < 0x110000
        )
        return match.group() if sound else " "
    char = html.unescape(match.group())
    return char if char != match.group() else f"&amp;{name};"


def _openings(
    data: bytes, opening: re.Pattern[bytes]
) -> tuple[list[re.Match[bytes]], list[tuple[int, int]]]:
    """Return where records open, and the comments that hold such places."""
    last = data.rfind(b"-->")
    begun: list[re.Match[bytes]] = []
    hidden: list[tuple[int, int]] = []
    at = 0
    while match := opening.search(data, at):
        comment, end = _comment(data, at, match.start(), last)
        if end:
            hidden.append((comment, end))
            at = end
        else:
            begun.append(match)
            at = match.end()
    return begun, hidden


def _comment(data: bytes, at: int, place: int, last: int) -> tuple[int, int]:
    """Return where the comment that holds a place begins and ends; zeros where none does.

    A comment that is never closed is none: it would hide the rest of the file.
    """
    while (start := data.find(b"<!--", at, place)) >= 0:
        if start + 4 > last:
            break
        end = data.find(b"-->", start + 4)
        if end > place:
            return start, end + 3
        at = end
    return 0, 0
