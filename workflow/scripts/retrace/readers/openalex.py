"""Read the works that OpenAlex's API gives as `results`; abstracts, there indexes of words, become text.

Fields: https://docs.openalex.org/api-entities/works/work-object.
"""

from retrace.readers import fields, objects
from retrace.readers.objects import Item
from retrace.readers.reading import Reading
from retrace.readers.source import Source

_OPENING = rb'\{\s*"id"\s*:\s*"https://openalex\.org/W\d+"'
_INDEX = "abstract_inverted_index"


def read(source: Source) -> Reading:
    """Return the works of one response."""
    return objects.read(source, "openalex", "results", _OPENING, _values)


def _values(item: Item) -> tuple[str, ...]:
    return (
        item.text("id").rpartition("/")[2],
        fields.without_tags(item.text("title", "display_name")),
        _authors(item),
        fields.year(item.text("publication_year", "publication_date")),
        item.text("primary_location/source/display_name", "primary_location/raw_source_name"),
        item.text("biblio/volume"),
        item.text("biblio/issue"),
        fields.pages(item.text("biblio/first_page"), item.text("biblio/last_page")),
        fields.doi(item.text("doi", "ids/doi")),
        fields.pmid(item.text("ids/pmid")),
        _abstract(item),
        item.text("type"),
        item.text("primary_location/landing_page_url"),
    )  # fmt: skip


def _authors(item: Item) -> str:
    return fields.names(
        author.text("author/display_name", "raw_author_name")
        for author in item.items("authorships")
    )


def _abstract(item: Item) -> str:
    """Return the words of an abstract in the order of the places that its index gives them."""
    index = item.root.get(_INDEX)
    if index is None:
        return ""
    words: list[tuple[int, str]] = []
    is_sound = isinstance(index, dict)
    for word, places in index.items() if isinstance(index, dict) else ():
        for place in places if isinstance(places, list) else [places]:
            if isinstance(place, str) and place.isdecimal() and len(place) < 8:
                words.append((int(place), word))
            else:
                is_sound = False
    words.sort(key=lambda held: held[0])
    taken = [place for place, _ in words]
    if not is_sound:
        item.odd.append(f"{_INDEX} is no index of words by place here")
    elif taken != list(range(len(taken))):
        item.odd.append(f"{_INDEX} leaves places of the abstract out, or gives one twice")  # fmt: skip
    if is_sound:
        item.take(_INDEX)
    return fields.without_tags(objects.clean(" ".join(word for _, word in words)))
