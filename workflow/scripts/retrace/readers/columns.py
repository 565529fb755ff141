"""Give the columns of spreadsheets and CSV exports our names, whatever the vendor calls them.

A header is compared by its letters and digits alone; where a vendor has several columns for
one of ours, the order below decides, and those not taken are kept among the extra fields.
"""

import re
from collections.abc import Callable, Sequence

from retrace.readers import fields
from retrace.readers.reading import as_json

USUAL = {
    "accession": "accession accessionnumber accessionno eid ut lensid cochraneid ericnumber"
    " recordid pmid pubmedid covidence id key",
    "title": "title articletitle documenttitle itemtitle primarytitle papertitle titleenglish ti titles referencetitle",
    "authors": "authors author authornames authorfullnames af au authorss creators authorlist"
    " authorshipsauthordisplayname authorshipsrawauthorname",
    "year": "year publicationyear pubyear publishedyear py yearpublished datepublished publicationdate pubdate"
    " date onlinedate coverdate",
    "journal": "journal sourcetitle publicationtitle journalbook journaltitle publicationname so secondarytitle"
    " journalname parenttitle containertitle publishedin publication"
    " primarylocationsourcedisplayname booktitle bookseriestitle",
    "volume": "volume vl journalvolume vol bibliovolume",
    "issue": "issue is number issuenumber journalissue no biblioissue",
    "pages": "pages page pagerange pp",
    "doi": "doi di itemdoi digitalobjectidentifier",
    "pmid": "pmid pubmedid pm medlinepmid idspmid",
    "abstract": "abstract ab abstractnote abstracts abstracttext",
    "type": "documenttype publicationtype itemtype contenttype type dt referencetype typeofreference documentidentifier",
    "url": "url link articleurl itemurl sourceurls externalurl pdflink fulltextlink urls",
}  # fmt: skip
FIRST = ("startpage", "pagestart", "bp", "firstpage", "beginpage", "spage", "bibliofirstpage")  # fmt: skip
LAST = ("endpage", "pageend", "ep", "lastpage", "epage", "bibliolastpage")
ARTICLE = ("artno", "articlenumber", "ar", "articleno", "artnumber")

_NAMES = {
    name: rank for held in USUAL.values() for rank, name in enumerate(held.split())
}
_KNOWN = {*_NAMES, *FIRST, *LAST}
_STRONG = {*USUAL["title"].split()} - {"ti"}
_EID = re.compile(r"2-s2\.0-\d+")
_EMBASE_SOURCE = re.compile(
    r"(?P<journal>.+?) \((?P<year>\d{4})\)(?: (?P<volume>[^\s:(]+)?(?::(?P<issue>[^\s(]+))?)?"
    r"(?:.*?\((?P<pages>[A-Za-z]?\d[^()]*)\))?"
)
_RUN_TOGETHER = re.compile(
    r"(?<=[a-zß-öø-ÿ.’])(?<!Mc)(?<!Mac)(?<!Di)(?<!De)(?<!Le)(?<!La)(?<!Du)(?=[A-Z][\w.’'-]* )"
)


def plain(name: str) -> str:
    """Return a header's letters and digits in lower case."""
    return re.sub(r"[\W_]+", "", name).lower()


def is_header(cells: Sequence[str]) -> bool:
    """Return whether a row names columns that are usual for records."""
    names = {plain(cell) for cell in cells}
    known = names & _KNOWN
    if {"ti", "so"} <= names or {"ti", "au"} <= names:
        return True
    return bool(names & _STRONG) and len(known) >= min(2, len(names))


class Columns:
    """Where each of our columns stands in the rows of one file."""

    def __init__(self, header: Sequence[str]):
        self.header = [name.strip().strip("\ufeff") for name in header]
        places: dict[str, int] = {}
        for place, name in enumerate(map(plain, self.header)):
            places.setdefault(name, place)
        self.ours = {
            column: places[name]
            for column, names in USUAL.items()
            for name in [next((name for name in names.split() if name in places), "")]
            if name
        }
        self._first = next((places[name] for name in FIRST if name in places), None)
        self._last = next((places[name] for name in LAST if name in places), None)
        self._article = next((places[name] for name in ARTICLE if name in places), None)
        self._paged = any(
            place is not None for place in (self._first, self._last, self._article)
        )
        self._source = places.get("source") if self._tells_source(places) else None
        self._embase = "authornames" in places and "source" in places
        self._springer = "itemtitle" in places and "contenttype" in places
        self._eid = places.get("eid")
        taken = {*self.ours.values(), self._first, self._last, self._article}
        self._rest: list[tuple[int, str]] = []
        for place, name in enumerate(self.header):
            if place not in taken:
                named = name or f"column {place + 1}"
                again = any(named == other for _, other in self._rest)
                self._rest.append((place, f"{named} ({place + 1})" if again else named))
        # A column that a file lacks is found behind the last cell, where nothing stands.
        self._places = [self.ours.get(column, -1) for column in USUAL]

    def _tells_source(self, places: dict[str, int]) -> bool:
        """Return whether `source` is a journal, as few vendors mean it."""
        return "journal" not in self.ours and bool(
            places.keys()
            & {"gsrank", "cochranereviewid", "authornames", "emtreedrugindexterms"}
        )

    def values(self, cells: Sequence[str]) -> tuple[str, ...]:
        """Return a record's values in the order of `reading.FIELDS` from as many cells as the header has."""
        held = [cell.strip() for cell in cells]
        held.append("")
        (accession, title, authors, year, journal, volume, issue, pages, doi, pmid, abstract, kind, url) = [
            held[place] for place in self._places
        ]  # fmt: skip
        extra = {name: [held[place]] for place, name in self._rest if held[place]}
        if year and not (len(year) == 4 and year.isdigit()):
            extra[self.header[self.ours["year"]]] = [year]
            year = fields.year(year)
        if doi and not doi.startswith("10."):
            doi = self._told("doi", doi, fields.doi, extra)
        if pmid and not pmid.isdigit():
            pmid = self._told("pmid", pmid, fields.pmid, extra)
        if self._paged:
            pages = self._pages(held, pages, extra)
        if self._source is not None and not journal:
            journal = held[self._source]
            if self._embase and (match := _EMBASE_SOURCE.match(journal)):
                parts = match.groupdict("")
                journal, volume = parts["journal"], volume or parts["volume"]
                year, issue = year or parts["year"], issue or parts["issue"]
                pages = pages or parts["pages"]
            else:
                extra.pop(self.header[self._source], None)
        if self._springer:
            authors = _RUN_TOGETHER.sub("; ", authors)
        return (
            accession, title, fields.split_names(authors), year, journal, volume, issue, pages, doi,
            pmid, abstract, kind, url, as_json(extra),
        )  # fmt: skip

    def _told(
        self, column: str, cell: str, read: Callable[[str], str], extra: dict[str, list[str]]
    ) -> str:  # fmt: skip
        """Return what a cell tells of a column; one that tells nothing is kept as it stands."""
        found = read(cell)
        if not found:
            extra[self.header[self.ours[column]]] = [cell]
        return found

    def _pages(
        self, held: Sequence[str], pages: str, extra: dict[str, list[str]]
    ) -> str:
        """Return the pages: of their own column, of two columns, else the article's number."""
        parts = {
            place: held[place]
            for place in (self._first, self._last, self._article)
            if place is not None and held[place]
        }
        first = parts.get(self._first, "") if self._first is not None else ""
        last = parts.get(self._last, "") if self._last is not None else ""
        article = parts.get(self._article, "") if self._article is not None else ""
        for place, value in parts.items():
            if pages or (place == self._article and (first or last)):
                extra[self.header[place]] = [value]
        return pages or fields.pages(first, last) or article

    def unequal(self, cells: Sequence[str]) -> tuple[str, ...] | None:
        """Return what can be trusted of a row with too many or too few cells; None where nothing can.

        Some vendors leave a column out of the header, or trailing empty cells out of the rows.
        The columns before the fault are right where a year and a DOI stand where they should.
        """
        width = len(self.header)
        padded = [*cells, *[""] * (width - len(cells))]
        if len(cells) < width and self._sound(padded, strictly=True):
            return self.values(padded)
        if len(cells) < width or not self._sound(padded, strictly=True):
            return None
        trusted = max(self.ours.get(name, -1) for name in ("title", "year", "doi"))
        sound = [
            cell if place <= trusted or self._fits(place, cell) else ""
            for place, cell in enumerate(padded)
        ]
        values = list(self.values(sound[:width]))
        rest = [
            cell.strip()
            for place, cell in enumerate(cells)
            if place >= width or sound[place] != cell
        ]
        extra = as_json(
            {
                **_loaded(values[-1]),
                "cells of no certain column": [cell for cell in rest if cell],
            }
        )
        if self._eid is not None and not _EID.fullmatch(values[0]):
            found = _EID.search(" ".join(cells))
            values[0] = found.group() if found else ""
        return (*values[:-1], extra)

    def _fits(self, place: int, cell: str) -> bool:
        if place == self.ours.get("url"):
            return cell.startswith("http")
        return place == self.ours.get("abstract") and len(cell) > 100

    def _sound(self, cells: Sequence[str], *, strictly: bool = False) -> bool:
        """Return whether title, year and DOI of a row look like such."""
        held = {name: cells[place].strip() for name, place in self.ours.items()}
        checks = [bool(held.get("title"))]
        if "year" in held:
            checks.append(not held["year"] or bool(fields.year(held["year"])))
        if "doi" in held:
            checks.append(not held["doi"] or bool(fields.doi(held["doi"])))
        proven = any(held.get(name) for name in ("year", "doi"))
        return all(checks) and (proven or not strictly)


def _loaded(extra: str) -> dict[str, list[str]]:
    import json

    return {
        name: held if isinstance(held, list) else [held]
        for name, held in json.loads(extra).items()
    }
