"""What the tagged formats share: a record's text split at its tags into values by tag.

Text is split, not searched: what stands between two tags belongs to the first, so that
continuation lines, blank lines and stray text stay where they were found.
"""

import re

from retrace.readers import fields
from retrace.readers.source import Source


def begins(source: Source, pattern: bytes) -> list[int]:
    """Return where lines that match a pattern begin: where the match ends."""
    found = [
        match.end() for match in re.finditer(source.newline + pattern, source.data)
    ]
    if first := re.match(pattern, source.data[:1000]):
        found.insert(0, first.end())
    return found


def bounds(begun: list[int], size: int) -> list[tuple[int, int]]:
    """Return from each beginning to the next, the last one to the end of the file."""
    return list(zip(begun, [*begun[1:], size], strict=True)) if begun else []


def cut(data: bytes, mark: bytes) -> int:
    """Return where the file ends, without the beginning of a start mark that it is cut in."""
    tail = data[-200:]
    found = re.search(rb"[\r\n][ \t]*[\r\n]+([^\r\n]+)\Z", tail)
    if found and re.fullmatch(mark, found.group(1)):
        return len(data) - len(found.group(1))
    return len(data)


def by_tag(parts: list[str]) -> dict[str, list[str]]:
    """Return the values of each tag in order, from what splitting gave; empty ones are left out."""
    found: dict[str, list[str]] = {}
    for tag, value in zip(parts[1::2], parts[2::2], strict=True):
        value = value.strip()
        if value:
            if "\n" in value:
                value = fields.one_line(value)
            if tag in found:
                found[tag].append(value)
            else:
                found[tag] = [value]
    return found


def first(found: dict[str, list[str]], *tags: str) -> str:
    """Take the first value of the first of some tags; further values stay."""
    for tag in tags:
        if tag in found:
            values = found[tag]
            if len(values) == 1:
                del found[tag]
                return values[0]
            return values.pop(0)
    return ""
