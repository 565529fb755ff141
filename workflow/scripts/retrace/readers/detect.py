"""Tell what an export is from what stands in it; its name is never looked at.

Every format has marks at which its records begin; the one whose marks are most in the file
is the file's format.
"""

import re

from retrace.readers.source import Source

HEAD = 1 << 18
MARKS = {
    "nbib": re.compile(
        rb"[\r\n](?:\xef\xbb\xbf|[ \t])*(?:[Pp][Mm][Ii][Dd] ?- *\d|OWN - )"
    ),
    "wos": re.compile(rb"[\r\n](?:\xef\xbb\xbf)?(?:FN [^\r\n]*|PT [A-Z])[ \t]*[\r\n]"),
    "enw": re.compile(rb"[\r\n](?:\xef\xbb\xbf|[ \t])*%0[ \t]"),
    "cochrane": re.compile(rb"[\r\n](?:\xef\xbb\xbf)?Record #?\d+ of \d+\s+[A-Z]{2}:"),
    "bibtex": re.compile(rb"[\r\n](?:\xef\xbb\xbf|[ \t])*@[ \t]*[A-Za-z]+[ \t]*[{(]"),
    "ris": re.compile(
        rb"[\r\n](?:\xef\xbb\xbf|[ \t])*[Tt][Yy][ \t]{0,4}(?:-|\xe2\x80[\x90-\x95])"
    ),
}
_TAGS = re.compile(rb"[\r\n][A-Z][A-Z0-9]  - ")


def container(data: bytes) -> tuple[str, str]:
    """Return the format of a file that is no text, or why it cannot be an export."""
    if not data.strip():
        return "", "the file is empty"
    if data.startswith(b"PK\x03\x04"):
        return "", "a zip archive, not an export; unpack it"
    if data.startswith(b"\x1f\x8b"):
        return "", "compressed by gzip; unpack it"
    if data.startswith(b"%PDF"):
        return "", "a PDF, not an export"
    return "", ""


def text(source: Source) -> tuple[str, str]:
    """Return the format of a text file, or nothing and why it is none."""
    for upto in (HEAD, len(source.data)):
        head = b"\n" + source.data[:upto]
        counts = {name: len(mark.findall(head)) for name, mark in MARKS.items()}
        best = max(counts, key=lambda name: counts[name])
        if counts[best]:
            return best, ""
        start = head.lstrip()[:2000].lower()
        if start.startswith((b"<!doctype html", b"<html")):
            return "", "an HTML page, not an export; download the export again"
        if len(_TAGS.findall(head)) > 2:
            return "ris", ""
    if source.data.lstrip().startswith((b"{", b"[")):
        return "", "JSON, not an export"
    return "csv", ""
