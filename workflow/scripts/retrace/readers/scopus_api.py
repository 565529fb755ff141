"""Read the `search-results` of the Scopus Search API, in its STANDARD view and in its COMPLETE one.

Fields: https://dev.elsevier.com/sc_search_views.html. STANDARD names the first author alone and
holds no abstract; an empty result is one entry that says so, and is a reject.
"""

from retrace.readers import fields, objects
from retrace.readers.objects import Item
from retrace.readers.reading import Reading
from retrace.readers.source import Source

_OPENING = rb'\{\s*"@_fa"\s*:\s*"true"\s*,\s*"(?:link"\s*:\s*\[|error")'


def read(source: Source) -> Reading:
    """Return the entries of one response."""
    return objects.read(source, "scopus_api", "search-results/entry", _OPENING, _values)


def _values(item: Item) -> tuple[str, ...]:
    pages, number = item.text("prism:pageRange"), item.text("article-number")
    if pages and number:
        item.root["article-number (beside pages)"] = number
    return (
        item.text("eid") or item.text("dc:identifier").removeprefix("SCOPUS_ID:"),
        fields.without_tags(item.text("dc:title")),
        _authors(item),
        fields.year(item.text("prism:coverDate", "prism:coverDisplayDate")),
        fields.without_tags(item.text("prism:publicationName")),
        item.text("prism:volume"),
        item.text("prism:issueIdentifier"),
        pages or number,
        fields.doi(item.text("prism:doi")),
        item.text("pubmed-id"),
        fields.without_tags(item.text("dc:description")),
        item.text("subtypeDescription", "subtype"),
        _page(item),
    )  # fmt: skip


def _authors(item: Item) -> str:
    names = []
    for author in item.items("author"):
        last, first = author.text("surname"), author.text("given-name", "initials")
        names.append(f"{last}, {first}" if last and first else author.text("authname"))
    return fields.names(names) or item.text("dc:creator")


def _page(item: Item) -> str:
    """Return the address of the record's own page among its links."""
    for link in item.items("link"):
        if link.text("@ref") == "scopus":
            return link.text("@href")
    return ""
