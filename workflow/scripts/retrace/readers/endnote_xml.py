"""Read the XML of EndNote, which other programs write too: each `record`, its text in `style` elements."""

from xml.etree.ElementTree import Element

from retrace.readers import fields, markup
from retrace.readers.reading import Reading, as_json
from retrace.readers.source import Source

_TAKEN = (
    "titles/title", "authors/author", "dates/year", "record/volume", "record/number", "record/pages",
    "record/abstract", "record/ref-type", "record/accession-num",
)  # fmt: skip


def read(source: Source) -> Reading:
    """Return the records of an EndNote XML file."""
    return markup.read(source, "endnote_xml", "record", _values)


def _values(root: Element) -> tuple[str, ...]:
    extra: dict[str, list[str]] = {}
    for name, value in markup.leaves(root, _label):
        if name not in _TAKEN:
            extra.setdefault(name.removeprefix("record/"), []).append(value)
    dated = _text(root, "dates/year")
    year = fields.year(dated) or fields.year(_text(root, "dates/pub-dates/date"))
    if dated and dated != year:
        extra["dates/year"] = [dated]
    journal = _text(
        root,
        "periodical/full-title",
        "titles/secondary-title",
        "titles/alt-title",
        "periodical/abbr-1",
    )
    number = _text(root, "electronic-resource-num")
    kind = root.find("ref-type")
    accession = _text(root, "accession-num")
    database = _text(root, "remote-database-name").lower()
    urls = [markup.text(url) for url in root.iter("url")]
    doi = fields.doi(number) or next(
        (doi for url in urls if "doi.org" in url and (doi := fields.doi(url))), ""
    )
    pmid = (
        accession
        if accession.isdigit() and database in ("medline", "pubmed", "nlm")
        else ""
    )
    return (
        accession, _text(root, "titles/title"), fields.names(map(markup.text, root.findall("contributors/authors/author"))),
        year, journal, _text(root, "volume"), _text(root, "number"), _text(root, "pages", "custom7"), doi,
        pmid or next((pmid for url in urls if (pmid := fields.pmid(url))), ""), _text(root, "abstract"),
        (kind.get("name") or markup.text(kind)) if kind is not None else "", urls[0] if urls else "", as_json(extra),
    )  # fmt: skip


def _text(root: Element, *paths: str) -> str:
    return next((text for path in paths if (text := markup.text(root.find(path)))), "")


def _label(element: Element) -> str:
    return element.tag
