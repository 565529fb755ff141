"""Tell what an export is from what stands in it; its name is never looked at.

Every format has marks at which its records begin; the one whose marks are most in the file
is the file's format.
"""

import re

from retrace.readers import delimited, embase_blocks
from retrace.readers.source import Source

HEAD = 1 << 16
MARKS = {
    "nbib": re.compile(rb"\n(?:\xef\xbb\xbf|[ \t])*(?:[Pp][Mm][Ii][Dd] ?- *\d|OWN - )"),
    "wos": re.compile(rb"\n(?:\xef\xbb\xbf)?(?:FN [^\r\n]*|PT [A-Z])[ \t]*[\r\n]"),
    "enw": re.compile(rb"\n(?:\xef\xbb\xbf|[ \t])*%[0T][ \t]"),
    "cochrane": re.compile(rb"\n(?:\xef\xbb\xbf)?Record #?\d+ of \d+\s+[A-Z]{2}:"),
    "pubmed_xml": re.compile(
        rb"<(?:[A-Za-z_][\w.-]*:)?(?:PubmedArticle|PubmedBookArticle|MedlineCitation)[\s>]"
    ),
    "endnote_xml": re.compile(
        rb"<(?:[A-Za-z_][\w.-]*:)?record(?:\s[^<>]*)?>(?=\s*<(?:[A-Za-z_][\w.-]*:)?"
        rb"(?:database|source-app|rec-number|foreign-keys|ref-type|contributors|titles|dates)[\s>])"
    ),
    "europe_pmc_xml": re.compile(
        rb"<result>(?=\s*<(?:id|source|pmid|title)>)|<resultList\s*/?>"
    ),
    "esearch": re.compile(rb"<eSearchResult[\s>]"),
    "bibtex": re.compile(rb"\n(?:\xef\xbb\xbf|[ \t])*@[ \t]*[A-Za-z]+[ \t]*[{(]"),
    "ovid": re.compile(rb"\n(?:\xef\xbb\xbf|[ \t])*[Vv][Nn]  -[ \t]*Ovid "),
    "ris": re.compile(
        rb"\n(?:\xef\xbb\xbf|[ \t])*[Tt][Yy][ \t]{0,4}(?:-|\xe2\x80[\x90-\x95])"
    ),
}
JSON = {
    "europe_pmc": (rb'"resultList"\s*:',),
    "scopus_api": (rb'"search-results"\s*:',),
    "esearch": (rb'"esearchresult"\s*:',),
    "crossref": (rb'"message"\s*:\s*\{', rb'"items"\s*:'),
    "openalex": (rb'"results"\s*:', rb'openalex\.org/W\d|"db_response_time_ms"'),
}
"""What all stands in the responses of a platform, the first that fits is the format."""
_FOREIGN = {
    b"\x1f\x8b": "compressed by gzip; unpack it",
    b"BZh": "compressed by bzip2; unpack it",
    b"\xfd7zXZ": "compressed by xz; unpack it",
    b"7z\xbc\xaf": "a 7z archive, not an export; unpack it",
    b"Rar!": "a RAR archive, not an export; unpack it",
    b"%PDF": "a PDF, not an export",
    b"{\\rtf": "RTF, not an export; save it as plain text",
    b"\x89PNG": "a picture, not an export",
    b"\xff\xd8\xff": "a picture, not an export",
    b"PAR1": "a parquet file, not an export",
}
_HTML = re.compile(rb"<!doctype html|<html[\s>]|<body[\s>]", re.IGNORECASE)
_ANYTHING = re.compile(rb"[^\0 \t\r\n\xef\xbb\xbf\xff\xfe]")
_TAGS = re.compile(rb"\n[A-Z][A-Z0-9]  - ")


def container(data: bytes) -> tuple[str, str]:
    """Return the format of a file that is no text, or why it cannot be an export."""
    if not _ANYTHING.search(data):
        return "", "the file is empty"
    if data.startswith(b"PK\x03\x04"):
        named = (b"xl/workbook", b"xl/worksheets", b"opendocument.spreadsheet")
        if any(name in data for name in named):
            return "workbook", ""
        return "", "a zip archive, not an export; unpack it"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "workbook", ""
    for magic, why in _FOREIGN.items():
        if data.startswith(magic):
            return "", why
    return "", ""


def text(source: Source) -> tuple[str, str]:
    """Return the format of a text file, or nothing and why it is none."""
    data = source.data
    start = data[source.start : 4096].lstrip().lower()
    if start.startswith(b"{"):
        for name, marks in JSON.items():
            if all(re.search(mark, data) for mark in marks):
                return name, ""
    if delimited.header_of(source) is not None:
        return "csv", ""
    if embase_blocks.is_blocks(source):
        return "embase_blocks", ""
    for upto in (HEAD, len(data)):
        head = b"\n" + data[:upto]
        counts = {name: len(mark.findall(head)) for name, mark in MARKS.items()}
        best = max(counts, key=lambda name: counts[name])
        if counts[best]:
            return best, ""
        if len(_TAGS.findall(head)) > 2:
            return "ris", ""
    if start.startswith(b"<"):
        if _HTML.search(data[:HEAD]):
            return "", "an HTML page, not an export; download the export again"
        return "", "XML of no format that is known"
    if start.startswith((b"{", b"[")):
        return "", "JSON without a list of records that is known"
    return (
        "",
        "no format that is known: no marks of one, and no row with usual column names",
    )
