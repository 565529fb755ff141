"""What the tagged formats share: a record's text split at its tags into values by tag.

Text is split, not searched: what stands between two tags belongs to the first, so that
continuation lines, blank lines and stray text stay where they were found.
"""

import re

from retrace.readers import fields
from retrace.readers.source import Source


def begins(source: Source, word: bytes, pattern: bytes) -> list[int]:
    """Return where lines that open with a word match a pattern: where the match ends."""
    return ends(source, pattern, source.opening(word))


def ends(source: Source, pattern: bytes, places: list[int]) -> list[int]:
    """Return where a pattern that matches at some of the places ends there."""
    match, data = re.compile(pattern).match, source.data
    return [found.end() for at in places if (found := match(data, at))]


def count(data: bytes, mark: bytes) -> int:
    """Return how many lines begin with a mark."""
    return data.count(b"\n" + mark) + data.startswith(mark)


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
    for tag, value in zip(parts[1::2], map(str.strip, parts[2::2]), strict=True):
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
