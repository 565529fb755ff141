"""Bring the values of exports into the form of our columns: years, pages, DOIs, names.

What a function cannot make sense of it leaves out of the column; the reader then keeps the
value among the extra fields, so that a wrong guess costs nothing.
"""

import html
import re
from collections.abc import Iterable
from urllib.parse import unquote

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)", re.ASCII)
_DOI = re.compile(
    # Old DOIs of Wiley hold an item identifier: <1661::AID-SIM968>3.0.CO;2-2.
    r"10\.\d{4,9}(?:\.\d+)*/(?:[^\s\"<>]|<[\w:.-]{1,40}>(?=\d))+",
    re.ASCII,
)
_PMID = re.compile(
    r"(?:pmid[:\s]*|pubmed(?:\.ncbi\.nlm\.nih\.gov)?/)(\d{1,8})\b|\b(\d{1,8})\s*\[pmid\]",
    re.IGNORECASE | re.ASCII,
)
_SHORT_NAME = re.compile(
    r"[^\W\d][^\d,;]*?[ .](?:[A-Z]\.?[ -]?){1,5}(?:(?:Jr|Sr|II|III|IV)\.?)?"
)
_INITIALS = re.compile(r"(?:[A-Z][a-z]?\.[ -]?)+|[A-Z]{1,3}(?:-[A-Z])?")

_HEADING = re.compile(r"[\s:.]*</(?:jats:)?(?:h[1-6]|title)\s*>\s*", re.I)
_BLOCK = re.compile(
    r"</?(?:jats:)?(?:p|br|div|sec|list|list-item|h[1-6]|title|abstract|disp-formula|ul|ol|li)(?:\s[^<>]*)?/?>",
    re.I,
)
_INLINE = re.compile(
    r"</?(?:mml:[a-z]+|(?:jats:)?(?:b|i|em|strong|sub|sup|inf|u|tt|sc|span|a|font|italic|bold|underline|monospace"
    r"|ext-link|xref|named-content|styled-content|inline-formula|alternatives|tex-math))(?:\s[^<>]*)?/?>",
    re.I,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});")


def one_line(text: str) -> str:
    """Return text with its line breaks made blanks."""
    if "\r" in text:
        text = text.replace("\r", "\n")
    if "\n" not in text:
        return text.strip()
    return " ".join([line for part in text.split("\n") if (line := part.strip())])


def without_tags(text: str) -> str:
    """Return text without the tags of HTML and JATS and with its entities read; others stay text."""
    if "<" in text:
        text = _BLOCK.sub(" ", _HEADING.sub(": ", text))
        text = " ".join(_INLINE.sub("", text).split()).removeprefix("Abstract: ")
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return one_line(text)


def year(text: str) -> str:
    """Return the first year that stands in a date, or nothing."""
    head = text[:4]
    if (
        len(head) == 4
        and head.isdecimal()
        and head.isascii()
        and "1500" <= head < "2100"
        and not text[4:5].isdigit()
    ):
        return head
    match = _YEAR.search(text)
    return match.group(1) if match else ""


def doi(text: str) -> str:
    """Return the DOI that stands in a text, without resolver or label, or nothing."""
    if "%2" in text:
        text = unquote(text)
    if text.startswith("10.") and text[-1].isalnum() and _DOI.fullmatch(text):
        return text.split("&partnerID")[0]
    match = _DOI.search(text)
    if not match:
        return ""
    found = match.group().split("&partnerID")[0].rstrip(".,;:'")
    for opening, closing in ("()", "[]", "{}"):
        while found.endswith(closing) and found.count(closing) > found.count(opening):
            found = found[:-1].rstrip(".,;")
    return found


def pmid(text: str) -> str:
    """Return the PubMed number that a text names as such, or nothing."""
    match = _PMID.search(text)
    return (match.group(1) or match.group(2)) if match else ""


def pages(first: str, last: str) -> str:
    """Return a range of pages from its two ends."""
    if not last or last == first or "-" in first:
        return first
    return f"{first}-{last}" if first else last


def names(authors: Iterable[str]) -> str:
    """Return names joined by '; '."""
    return "; ".join(name for name in authors if name)


def split_names(cell: str) -> str:
    """Return the authors of one cell joined by '; ', where their separator can be told.

    A cell that separates names by commas is split only where every part is a surname with
    initials: "Smith, John" is one author.
    """
    if ";" not in cell:
        cell = cell.replace("|", ";")  # as OpenAlex does
    cell = cell.strip().strip(";").strip()
    if ";" in cell:
        return "; ".join(part.strip() for part in cell.split(";") if part.strip())
    parts = [part.strip() for part in cell.split(",") if part.strip()]
    if len(parts) > 1:
        if all(map(_SHORT_NAME.fullmatch, parts)):
            return "; ".join(parts)
        if len(parts) % 2 == 0 and all(map(_INITIALS.fullmatch, parts[1::2])):
            return "; ".join(
                f"{last}, {first}"
                for last, first in zip(parts[::2], parts[1::2], strict=True)
            )
    return cell


def take_year(found: dict[str, list[str]], *tags: str) -> str:
    """Take the year of the first of some tags that holds one; a fuller date stays."""
    for tag in tags:
        if tag in found and (dated := year(found[tag][0])):
            if found[tag] == [dated]:
                del found[tag]
            return dated
    return ""
