"""Ask PubMed through the E-utilities: ESearch for the ids of a query, EFetch for their records.

Records are fetched from the set that ESearch leaves on the history server, and by their ids once
that set is forgotten, as it is after some hours: so a search that was stopped goes on days later,
and every id is accounted for.
"""

import re
from collections.abc import Generator
from dataclasses import replace
from datetime import date, timedelta
from xml.etree.ElementTree import Element

from retrace.searches.asking import (
    Expired,
    Gap,
    Key,
    Limit,
    Page,
    Request,
    Service,
    Steps,
    Unfit,
    Walk,
    halves,
    refuse_more_than,
    xml_of,
)
from retrace.searches.client import EMAIL, TOOL
from retrace.searches.pace import Rate
from retrace.searches.wanted import Wanted

IN_DEPTH = "https://www.ncbi.nlm.nih.gov/books/NBK25499/"
USAGE = "https://www.ncbi.nlm.nih.gov/books/NBK25497/"

SERVICE = Service(
    name="pubmed",
    platform="PubMed",
    base="https://eutils.ncbi.nlm.nih.gov/entrez/eutils",
    rates={
        "NCBI_API_KEY": Limit(Rate(10), "requests with a key", USAGE),
        "": Limit(Rate(3), "requests without a key", USAGE),
    },
    limits={
        # 10,000 by the documentation; the service clamps to 9,999 and says so in OutputMessage.
        "set": Limit(9_999, "ids of one ESearch at most; what finds more is split by day, then by PMID", IN_DEPTH),
        "page": Limit(200, "ids in one EFetch; more than about this many are to be sent by POST, as ours are", IN_DEPTH),
    },
    keys=(
        Key("NCBI_API_KEY", parameter="api_key"),
        Key(EMAIL, parameter="email", secret=False),
    ),
)  # fmt: skip
LOOKED_UP_BY = ("pmid", "doi")
AT_ONCE = 40
"""DOIs of one ESearch."""
FIRST_DAY = date(1700, 1, 1)
LAST_PMID = 99_999_999


def count(wanted: Wanted) -> Request:
    """Return the request whose page has the total and how PubMed understood the query."""
    return _search(wanted, wanted.query, most=0)


def walk(wanted: Wanted) -> Steps:
    """Ask for all ids, then for their records.

    Raises:
        TooMany: the query finds more than the review allows.
    """
    found = Walk(0, [])
    lists = yield from _lists(wanted, found)
    limit = SERVICE.limits["page"].value
    for listed in lists:
        for start in range(0, len(listed.ids), limit):
            page = yield _fetch_from(listed, start, limit)
            found.ids += page.ids
    came = set(found.ids)
    ids = list(dict.fromkeys(name for listed in lists for name in listed.ids))
    wanting = [name for name in ids if name not in came]
    # What a large request leaves out, a small one often brings.
    for start in range(0, len(wanting), limit):
        page = yield _fetch_again(wanting[start : start + limit])
        found.ids += page.ids
    lost = tuple(sorted(set(ids) - set(found.ids), key=int))
    if lost:
        found.gaps.append(Gap("missing", len(lost), "ESearch names these ids, and EFetch has no record of them", lost))  # fmt: skip
    return found


def look_up(wanted: Wanted) -> Steps:
    """Ask for records by their PMIDs, and for those that have none here by their DOIs."""
    found = Walk(0, [])
    ids = dict.fromkeys(name for name in wanted.seeds if name.isdecimal())
    dois = [name for name in wanted.seeds if name not in ids]
    for start in range(0, len(dois), AT_ONCE):
        # Article identifiers hold DOIs: https://pubmed.ncbi.nlm.nih.gov/help/#aid
        part = " OR ".join(f'"{doi}"[aid]' for doi in dois[start : start + AT_ONCE])
        page = yield _search(wanted, part)
        ids |= dict.fromkeys(page.ids)
    pmids, limit = list(ids), SERVICE.limits["page"].value
    for start in range(0, len(pmids), limit):
        page = yield _fetch_again(pmids[start : start + limit])
        found.ids += page.ids
    found.reported = len(found.ids)
    return found


def _lists(wanted: Wanted, found: Walk) -> Generator[Request, Page, list[Page]]:
    """Return the lists of a query's ids, several where it finds more than one ESearch may name."""
    page = yield _search(wanted, wanted.query)
    found.reported, found.version = page.total or 0, page.version
    found.notes += page.notes
    refuse_more_than(wanted.most, found.reported)
    cap = SERVICE.limits["set"].value
    if found.reported <= cap:
        return [page]
    lists: list[Page] = []
    summed = 0
    last = date.fromisoformat(wanted.today) + timedelta(days=366)
    parts: list[tuple] = [(FIRST_DAY, last)]
    while parts:
        part = parts.pop()
        page = yield _search(wanted, _within(wanted.query, part))
        total = page.total or 0
        if total <= cap:
            summed += total
            lists.append(page)
        else:
            parts += reversed(_split(part))
    if summed != found.reported:
        found.notes.append(f"the parts of the split query add up to {summed:,}, the whole reports {found.reported:,}")  # fmt: skip
    return lists


def _split(part: tuple) -> list[tuple]:
    """Return the halves of a part, (day, day) by the day of entry; of one day, (day, PMID, PMID)."""
    if len(part) == 2 and part[0] < part[1]:
        days = halves(part[0].toordinal(), part[1].toordinal())
        return [tuple(map(date.fromordinal, half)) for half in days]
    day, first, last = part if len(part) == 3 else (part[0], 1, LAST_PMID)
    return [(day, *half) for half in halves(first, last)]


def _within(query: str, part: tuple) -> str:
    """Return a query limited to a part of its records; every record has one day of entry."""
    if len(part) == 2:
        return (
            f'({query}) AND ("{part[0]:%Y/%m/%d}"[edat] : "{part[1]:%Y/%m/%d}"[edat])'
        )
    day, first, last = part
    return f'({query}) AND "{day:%Y/%m/%d}"[edat] AND {first}:{last}[uid]'


def _search(wanted: Wanted, term: str, most: int | None = None) -> Request:
    parameters = {
        "db": "pubmed", "term": term, "retmode": "xml", "retstart": "0", "tool": TOOL,
        "retmax": str(SERVICE.limits["set"].value if most is None else most),
        **({"usehistory": "y"} if most is None else {}),
    }  # fmt: skip
    if wanted.first or wanted.last:
        parameters |= {
            "datetype": "pdat",
            "mindate": (wanted.first or "1000").replace("-", "/"),
            "maxdate": (wanted.last or "3000").replace("-", "/"),
        }
    return Request("list", "esearch.fcgi", parameters, _listed, "POST", "xml")


def _fetch(ids: list[str]) -> Request:
    parameters = {"db": "pubmed", "id": ",".join(ids), "retmode": "xml", "tool": TOOL}
    return Request("records", "efetch.fcgi", parameters, _records, "POST", "xml")


def _fetch_from(listed: Page, start: int, limit: int) -> Request:
    """Return a request for a part of a set of the history server, which goes by the ids where there is none."""
    by_ids = _fetch(listed.ids[start : start + limit])
    if not listed.history:
        return by_ids
    parameters = {
        "db": "pubmed", **listed.history, "retstart": str(start), "retmax": str(limit), "retmode": "xml", "tool": TOOL,
    }  # fmt: skip
    return replace(by_ids, parameters=parameters, read=_records_of_set, is_later_page=True, instead=by_ids)  # fmt: skip


def _fetch_again(ids: list[str]) -> Request:
    """Return a request that the service may answer with 400: that it has none of these records."""
    return replace(_fetch(ids), read=_perhaps_records, statuses=frozenset({200, 400}))


def _listed(body: bytes) -> Page:
    """Return total, ids and words of an ESearch answer (its DTD: esearch.dtd of 2006-06-28)."""
    root = xml_of(body)
    if root.tag != "eSearchResult":
        raise Unfit(f"<{root.tag}> in place of <eSearchResult>")
    if (said := root.findtext("ERROR")) is not None:
        raise Unfit(f"<ERROR> {' '.join(said.split())}")
    total = (root.findtext("Count") or "").strip()
    held = root.find("IdList")
    if not re.fullmatch(r"\d+", total) or held is None:
        raise Unfit("no <Count> or no <IdList>, where the documentation has them")
    ids = [(item.text or "").strip() for item in held.findall("Id")]
    if not all(re.fullmatch(r"\d{1,9}", name) for name in ids):
        raise Unfit("an <Id> that is no PMID")
    expected = min(int(total), int(root.findtext("RetMax") or 0))
    if len(ids) != expected:
        raise Unfit(f"{len(ids)} ids, where {expected} are announced")
    notes = [
        f"{element.tag}: {' '.join((element.text or '').split())}"
        for place in ("ErrorList", "WarningList")
        for element in root.findall(f"{place}/*")
        if "Restrictions achieved" not in (element.text or "")
    ]
    if understood := root.findtext("QueryTranslation"):
        notes.insert(0, f"PubMed understood: {' '.join(understood.split())}")
    history = {
        parameter: (root.findtext(tag) or "").strip()
        for parameter, tag in (("WebEnv", "WebEnv"), ("query_key", "QueryKey"))
    }
    return Page(int(total), ids, notes=notes, history=history if all(history.values()) else {})  # fmt: skip


def _records(body: bytes) -> Page:
    """Return the PMIDs of an EFetch answer."""
    root = xml_of(body)
    if root.tag != "PubmedArticleSet":
        said = root.findtext(".//ERROR") or root.text or ""
        raise Unfit(
            f"<{root.tag}> in place of <PubmedArticleSet>: {' '.join(said.split())[:100]}"
        )
    ids = [_pmid(record) for record in root if record.tag != "DeleteCitation"]
    return Page(None, ids, has_records=bool(ids))


def _records_of_set(body: bytes) -> Page:
    """Return the PMIDs of an EFetch answer; an error, or nothing, is a set that is forgotten."""
    if re.search(
        rb"<ERROR\b|^\s*<PubmedArticleSet>\s*</PubmedArticleSet>", body[:2000], re.M
    ):
        raise Expired
    return _records(body)


def _perhaps_records(body: bytes) -> Page:
    if re.search(rb"not available|cannot get document summary", body[:2000], re.I):
        return Page(None, [], has_records=False)
    return _records(body)


def _pmid(record: Element) -> str:
    for place in ("MedlineCitation/PMID", "BookDocument/PMID"):
        if found := (record.findtext(place) or "").strip():
            return found
    raise Unfit(f"a <{record.tag}> without a PMID")
