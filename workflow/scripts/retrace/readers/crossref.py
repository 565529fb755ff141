"""Read the works that Crossref's REST API gives, a `message` with `items`; abstracts, there JATS, become text.

Fields: https://github.com/CrossRef/rest-api-doc/blob/master/api_format.md.
"""

from retrace.readers import fields, objects
from retrace.readers.objects import Item
from retrace.readers.reading import Reading
from retrace.readers.source import Source

_OPENING = rb'\{\s*"indexed"\s*:\s*\{\s*"date-parts"'
_DATES = ("issued", "published", "published-print", "published-online", "created")


def read(source: Source) -> Reading:
    """Return the works of one response; a work's DOI is its number."""
    return objects.read(source, "crossref", "message/items", _OPENING, _values)


def _values(item: Item) -> tuple[str, ...]:
    doi = fields.doi(item.text("DOI"))
    title, subtitle = item.text("title"), item.text("subtitle")
    return (
        doi.lower(),
        fields.without_tags(f"{title}: {subtitle}" if title and subtitle else title),
        _authors(item),
        _year(item),
        fields.without_tags(item.text("container-title", "short-container-title")),
        item.text("volume"),
        item.text("issue"),
        item.text("page", "article-number"),
        doi,
        "",
        fields.without_tags(item.text("abstract")),
        item.text("type"),
        item.text("URL"),
    )  # fmt: skip


def _authors(item: Item) -> str:
    names = []
    for author in item.items("author"):
        last, first = author.text("family"), author.text("given")
        parts = filter(None, (last, first, author.text("suffix")))
        names.append(", ".join(parts) or author.text("name"))
    return fields.names(names)


def _year(item: Item) -> str:
    for name in _DATES:
        held = item.root.get(name)
        parts = held.get("date-parts") if isinstance(held, dict) else None
        while isinstance(parts, list) and parts:
            parts = parts[0]
        if isinstance(parts, str) and (found := fields.year(parts)):
            return found
    return ""
