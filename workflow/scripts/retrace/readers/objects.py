"""What the JSON formats share: each record is cut out of the file by its braces and parsed alone.

So one broken record costs no other and each knows its byte. What surrounds the list of records is
passed over only where it is well-formed, and a field of another type than it is documented to have
is kept among the extra fields and told of, never guessed at.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from retrace.readers import fields
from retrace.readers.markup import LARGEST
from retrace.readers.reading import Reading, as_json, shown
from retrace.readers.source import Source, without_controls

SEPARATOR = re.compile(rb"(?:[\s,\0\x1a]|\xef\xbb\xbf)*+")
DEEPEST = 64
"""Braces within braces of one record; no sound one comes near."""
USUAL = ("title", "year", "accession")
"""What a platform gives with every record, in the order of what a reader returns."""

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\(?:.|\Z)[^"\\]*+)*+(?:"|\Z)|[{}\[\]]', re.DOTALL)
_COLON = re.compile(rb"\s*:")
_CLOSING = {b"{": b"}", b"[": b"]"}
_LONE = re.compile("[\ud800-\udfff]")


@dataclass
class Item:
    """One record: its values by path (`journal/title`; lists on the way are looked through)."""

    root: dict[str, Any]
    odd: list[str] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)

    def texts(self, path: str) -> list[str]:
        """Return every text at a path; what stands there and is none is told of."""
        found = _at(self.root, path)
        if any(isinstance(value, dict | list) for value in found):
            self.odd.append(f"{path} is no text here")
        return [one for value in found if (one := as_text(value))]

    def text(self, *paths: str) -> str:
        """Return the first text of the first of some paths that has one; further ones stay extra."""
        for path in paths:
            if found := self.texts(path):
                if len(found) == 1:
                    self._taken.add(path)
                return found[0]
        return ""

    def items(self, path: str) -> "list[Item]":
        """Return the objects at a path, whose values are then this record's no more."""
        found = _at(self.root, path)
        if any(not isinstance(value, dict) for value in found if value is not None):
            self.odd.append(f"{path} is no object here")
        return [Item(value, self.odd) for value in found if isinstance(value, dict)]

    def take(self, *paths: str) -> None:
        """Say that what stands at some paths, and below them, is in a column."""
        self._taken.update(paths)

    def extra(self) -> str:
        """Return all that no column took, by path."""
        held: dict[str, list[str]] = {}
        stack: list[tuple[str, Any]] = [("", self.root)]
        while stack:
            path, value = stack.pop()
            if path in self._taken:
                continue
            if isinstance(value, dict):
                stack += [(f"{path}/{name}" if path else clean(name), one) for name, one in reversed(value.items())]  # fmt: skip
            elif isinstance(value, list):
                stack += [(path, one) for one in reversed(value)]
            elif text := as_text(value):
                held.setdefault(path, []).append(text)
        return as_json(held)


Values = Callable[[Item], tuple[str, ...]]
"""What a format makes of a record: the columns but the last, its extra fields."""


def read(source: Source, format: str, path: str, opening: bytes, values: Values) -> Reading:  # fmt: skip
    """Return the records of a JSON file: the objects in the list at a path of its documents.

    ``opening`` is a pattern of how a record usually begins: for the independent count, and to find
    the next record behind a broken one.
    """
    out = Reading(source, format, SEPARATOR)
    data = source.data
    wanted = [b"", *path.encode().split(b"/")]
    marks = [match.start() for match in re.finditer(opening, data)]
    # The brackets that are open, each with its key; where lists of records open and close.
    stack: list[tuple[bytes, bytes]] = []
    lists: list[tuple[int, int]] = []
    key, at, begin = b"", 0, 0
    while token := _TOKEN.search(data, at):
        sign, at = token[0][:1], token.end()
        if sign == b'"':
            if _COLON.match(data, at):
                key = token[0][1:-1]
            continue
        if sign in (b"{", b"["):
            if not stack:
                begin, key, lists = token.start(), b"", []
            names = [*(name for _, name in stack), key]
            if names == wanted and (sign == b"[" or lists == []):
                start = at if sign == b"[" else token.start()
                at = _records(out, start, sign == b"{", marks, values)
                lists.append((start, at))
                key = b""
                if sign == b"{":
                    continue
            stack.append((sign, key))
            key = b""
        elif stack:
            stack.pop()
            if not stack:
                _frame(out, begin, at, lists, b"", path)
    if stack:
        out.warn(len(data), "the file is cut short: its brackets are not closed")
        closing = b"".join(_CLOSING[sign] for sign, _ in reversed(stack))
        _frame(out, begin, len(data), lists, closing, path)
    _count(out, marks)
    _warn_of_lost(out)
    return out


def as_text(value: Any) -> str:
    """Return a value as text on one line; objects, lists and null are none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(fields.one_line(value)) if isinstance(value, str) else ""


def clean(text: str) -> str:
    """Return text without what neither XML nor a table can hold: controls and halves of characters."""
    return _LONE.sub("\ufffd", without_controls(text))


def _at(value: Any, path: str) -> list[Any]:
    found = [value]
    for name in path.split("/"):
        found = [one[name] for one in _flat(found) if isinstance(one, dict) and name in one]  # fmt: skip
    return [one for one in _flat(found) if one is not None]


def _flat(values: list[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from value
        else:
            yield value


def _records(out: Reading, at: int, is_one: bool, marks: list[int], values: Values) -> int:  # fmt: skip
    """Read the records of a list that opens before a place; return where it closes."""
    data = out.source.data
    is_broken = False
    while token := _TOKEN.search(data, at):
        start, at = token.span()
        sign = token[0][:1]
        if sign == b"]":
            return start
        if sign not in (b"{", b"["):
            continue
        following = bisect_right(marks, start)
        limit = marks[following] if following < len(marks) else len(data)
        # Behind a broken record, braces are trusted no further than to where the next begins:
        # else a file of such would be gone over again for each.
        end, depth = _closed(data, start, limit if is_broken else len(data))
        size = (end or limit) - start
        if not end:
            why = "its brackets are not closed"
        elif sign == b"[":
            why = "a list stands in the place of a record"
        elif depth > DEEPEST:
            why = f"a record nested {depth} deep"
        elif size > LARGEST:
            why = f"a record of {size} bytes"
        else:
            why = _record(out, start, end, values)
            if why.startswith("not well-formed"):
                end = min(end, limit)
                is_broken = True
        if why:
            is_broken = is_broken or not end
            at = end or limit
            at = start + len(data[start:at].rstrip(b", \t\r\n\0\x1a"))
            out.reject(start, at, why)
        else:
            at = end
        if is_one:
            return at
    return len(data)


def _closed(data: bytes, start: int, limit: int) -> tuple[int, int]:
    """Return where the bracket at a place is closed, 0 where it is not, and how deep it nests."""
    stack: list[bytes] = []
    depth = 0
    for token in _TOKEN.finditer(data, start, limit):
        sign = token[0]
        if sign in (b"{", b"["):
            stack.append(_CLOSING[sign])
            depth = max(depth, len(stack))
        elif sign in (b"}", b"]"):
            if stack.pop() != sign:
                return 0, depth
            if not stack:
                return token.end(), depth
    return 0, depth


def _record(out: Reading, start: int, end: int, values: Values) -> str:
    """Add a record, or return why it is none."""
    doubled: list[str] = []
    try:
        root = _loaded(out.source.data[start:end], doubled)
    except ValueError as error:
        return f"not well-formed: {error}"
    item = Item(root)
    found = values(item)
    told = {*item.odd, *(f"the key {shown(name.encode('utf-8', 'replace'))} stands twice in an object" for name in doubled)}  # fmt: skip
    for says in sorted(told):
        out.warn(start, says)
    if not any(found[place] for place in (0, 1, 8)):
        says = item.text("error", "error/message")
        return f"the platform says: {says}" if says else "a record without number, title or DOI"  # fmt: skip
    out.record(start, end, (*found, item.extra()))
    return ""


def _loaded(data: bytes, doubled: list[str]) -> Any:
    """Return an object with its numbers as they are written; of a doubled key the last counts."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        held = dict(found)
        if len(held) < len(found):
            seen: set[str] = set()
            doubled.extend(name for name, _ in found if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        return held

    return json.loads(
        data.decode("utf-8", "replace"),
        object_pairs_hook=pairs, parse_int=str, parse_float=str,
        parse_constant=lambda name: None, strict=False,
    )  # fmt: skip


def _frame(out: Reading, begin: int, end: int, lists: list[tuple[int, int]], closing: bytes, path: str) -> None:  # fmt: skip
    """Pass over what surrounds the records of a document, as far as it is well-formed."""
    data = out.source.data
    if not lists:
        end = begin + len(data[begin:end].rstrip())
        out.junk(begin, end, f"no list of records stands at {path.replace('/', '.')} of this JSON")  # fmt: skip
        return
    places = [begin, *(place for span in lists for place in span), end]
    pieces = list(zip(places[::2], places[1::2], strict=True))
    whole = b"".join(data[start:stop] for start, stop in pieces) + closing
    try:
        json.loads(re.sub(rb":(?=[,}])", b":0", whole.strip(b"\0\x1a")), strict=False)
    except (ValueError, RecursionError):
        return  # what stands there is listed as text outside any record
    for start, stop in pieces:
        if start < stop:
            out.skip(start, stop)


def _count(out: Reading, marks: list[int]) -> None:
    """Hold the count of records to that of the marks at which they begin.

    A mark within a sound record is another object's, such as an erratum's.
    """
    starts = list(out.starts)
    free = 0
    for mark in marks:
        place = bisect_right(starts, mark) - 1
        free += place < 0 or mark == starts[place] or mark >= out.ends[place]
    out.counted = free if marks or not len(out) else None
    if out.counted is not None and out.counted > len(out) + out.n_rejected:
        out.warn(0, f"{len(out)} records and {out.n_rejected} rejects, but {free} marks of such")  # fmt: skip


def _warn_of_lost(out: Reading) -> None:
    """Say which field no record of a file has: it may have another name now."""
    for name in USUAL if len(out) else ():
        if not any(out.column(name)):
            out.warn(0, f"no record of this file has a {name}; the platform may have renamed the field")  # fmt: skip
