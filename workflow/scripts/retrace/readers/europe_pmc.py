"""Read the `resultList` of Europe PMC's REST service, as JSON and as XML: the same fields in both.

Fields: https://europepmc.org/RestfulWebService, response of `search` with resultType core or lite.
"""

import re
from typing import Any
from xml.etree.ElementTree import Element

from retrace.readers import fields, markup, objects
from retrace.readers.objects import Item
from retrace.readers.reading import Reading
from retrace.readers.source import Source

_OPENING = rb'\{\s*"id"\s*:\s*"[^"]*"\s*,\s*"source"\s*:\s*"[A-Z]{2,4}"'
_FRAME = re.compile(
    rb"<(version|hitCount|nextCursorMark|nextPageUrl|queryString|resultType|cursorMark|pageSize|sort|synonym)>[^<>]*</\1>"
)
_DEEPEST = 16


def read(source: Source) -> Reading:
    """Return the records of one response, told by its first sign to be JSON or XML."""
    if source.data[source.start : source.start + 4096].lstrip().startswith(b"<"):
        return markup.read(source, "europe_pmc_xml", "result", _of_element, _FRAME)
    return objects.read(source, "europe_pmc", "resultList/result", _OPENING, _values)


def _of_element(root: Element) -> tuple[str, ...]:
    item = Item(_tree(root, 0) if len(root) else {})
    return (*_values(item), item.extra())


def _tree(element: Element, depth: int) -> Any:
    """Return an element's children by name, or its text where it has none or is deeper than any."""
    is_mixed = (element.text or "").strip() or any((child.tail or "").strip() for child in element)  # fmt: skip
    if not len(element) or is_mixed or depth > _DEEPEST:
        return markup.text(element)
    held: dict[str, Any] = {}
    for child in element:
        held.setdefault(child.tag, []).append(_tree(child, depth + 1))
    return held


def _values(item: Item) -> tuple[str, ...]:
    id, of = item.text("id"), item.text("source")
    kinds = item.texts("pubTypeList/pubType") or item.texts("pubType")
    item.take("pubTypeList/pubType", "pubType", "authorString")
    return (
        f"{of}:{id}" if of and id else id,
        fields.without_tags(item.text("title")),
        _authors(item),
        fields.year(item.text("pubYear", "journalInfo/yearOfPublication", "firstPublicationDate")),
        fields.without_tags(item.text("journalInfo/journal/title", "journalTitle", "bookOrReportDetails/publisher")),
        item.text("journalInfo/volume", "journalVolume"),
        item.text("journalInfo/issue", "issue"),
        item.text("pageInfo"),
        fields.doi(item.text("doi")),
        item.text("pmid"),
        fields.without_tags(item.text("abstractText")),
        "; ".join(kinds),
        "",
    )  # fmt: skip


def _authors(item: Item) -> str:
    names = []
    for author in item.items("authorList/author"):
        last, first = author.text("lastName"), author.text("firstName", "initials")
        whole = author.text("collectiveName", "fullName")
        names.append(f"{last}, {first}" if last and first else whole or last)
    return fields.names(names) or "; ".join(
        item.text("authorString").rstrip(".").split(", ")
    )
