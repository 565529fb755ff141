"""Ask Crossref: works that a query finds, from cursor to cursor, or those that some works cite.

Its cursor is a place kept at the service: it is forgotten after some minutes, and it moves on
with each answer, even with one that was lost on the way. The count of the records shows such a
loss; nothing else would.
"""

from collections.abc import Generator
from functools import partial
from typing import Any
from urllib.parse import quote

from retrace.errors import Problem, SearchError
from retrace.searches.asking import (
    Gap,
    Limit,
    Page,
    Request,
    Service,
    Steps,
    Unfit,
    by_cursor,
    by_ids,
    json_of,
    number,
    or_nothing,
    refuse_more_than,
    taken,
)
from retrace.searches.client import EMAIL
from retrace.searches.pace import Rate
from retrace.searches.wanted import Wanted

DOCUMENTED = "https://api.crossref.org/swagger-ui/index.html#/Works/get_works"
ACCESS = "https://www.crossref.org/documentation/retrieve-metadata/rest-api/access-and-authentication/"

SERVICE = Service(
    name="crossref",
    platform="Crossref",
    base="https://api.crossref.org",
    rates={
        EMAIL: Limit(Rate(3), "requests with an address to write to, by our choice below what is allowed", ACCESS),
        "": Limit(Rate(1), "requests without one", ACCESS),
    },
    limits={
        "page": Limit(500, "works on one page, by our choice; 1,000 are allowed (rows)", DOCUMENTED),
    },
)  # fmt: skip

CITATIONS = ("backward",)
"""What can be searched by citations: Crossref gives no open list of the works that cite one."""
LOOKED_UP_BY = ("doi",)
AT_ONCE = 40
"""DOIs of one request, so that its address stays short."""


def count(wanted: Wanted) -> Request:
    """Return the request whose page has the total."""
    return _page(wanted, "*", size=1)


def walk(wanted: Wanted) -> Steps:
    """Walk all pages of a query, or the works that some works cite.

    Raises:
        TooMany: the query finds more than the review allows.
        SearchError: dates for works that are cited.
    """
    if wanted.seeds:
        return _cited(wanted)
    size = SERVICE.limits["page"].value
    return by_cursor(
        lambda cursor: _page(wanted, cursor, size), most=wanted.most, page=size
    )


def look_up(wanted: Wanted) -> Steps:
    """Ask for works by their DOIs; values of one filter are alternatives."""
    return by_ids(_named, wanted.seeds, AT_ONCE)


def _named(dois: tuple[str, ...]) -> Request:
    """Ask for works by DOI: https://www.crossref.org/documentation/retrieve-metadata/rest-api/rest-api-filters/."""
    parameters = {"filter": ",".join(f"doi:{doi}" for doi in dois), "rows": str(AT_ONCE)}  # fmt: skip
    return Request("records", "works", parameters, lambda body: or_nothing(_read(body)))


def _cited(wanted: Wanted) -> Steps:
    """Ask for the reference list of each work, then for the works whose DOIs stand in them."""
    if wanted.first or wanted.last:
        raise SearchError(
            Problem("config.yaml", 0, f"searches.{wanted.source}.dates", "a reference list is taken whole", "no dates",
                    "leave them out, or set platform: OpenAlex")
        )  # fmt: skip
    notes: list[str] = []
    dois = yield from _references(wanted.seeds, notes)
    refuse_more_than(wanted.most, len(dois))
    # A comma separates filters, so such a DOI cannot stand in one.
    found = yield from by_ids(_named, [doi for doi in dois if "," not in doi], AT_ONCE)
    found.reported, found.notes = len(dois), notes
    lost = tuple(sorted(set(dois) - set(found.ids)))
    if lost:
        found.gaps.append(Gap("missing", len(lost), "reference lists name these DOIs, and Crossref gives no work of them", lost))  # fmt: skip
    return found


def _references(seeds: tuple[str, ...], notes: list[str]) -> Generator[Request, Page, list[str]]:  # fmt: skip
    """Return the DOIs in the reference lists of some works, each once; note what has none."""
    dois: dict[str, None] = {}
    for seed in seeds:
        page = yield Request(
            "list", f"works/{quote(seed, safe='')}", {}, partial(_listed, seed=seed), statuses=frozenset({200, 404})
        )  # fmt: skip
        dois |= dict.fromkeys(page.ids)
        notes += page.notes
    return list(dois)


def _listed(body: bytes, seed: str) -> Page:
    """Return the DOIs in the reference list of one work; fields: https://api.crossref.org/swagger-ui/index.html#/Works/get_works__doi_."""
    if body.strip().startswith(b"Resource not found"):
        return Page(None, notes=[f"Crossref has no work {seed}"])
    message = taken(json_of(body), "message", kind=dict)
    # A DOI that was given up for another one is answered with that.
    notes = [f"Crossref has {seed} as {_id(message)}"] if _id(message) != seed.lower() else []  # fmt: skip
    if "reference" not in message:
        return Page(None, notes=[*notes, f"Crossref has no reference list of {seed}"])
    given = taken(message, "reference", kind=list)
    dois = [taken(one, "DOI", kind=str).strip().lower() for one in given if isinstance(one, dict) and "DOI" in one]  # fmt: skip
    bare = len(given) - len(dois)
    if bare:
        notes.append(f"{bare} of {len(given)} references of {seed} have no DOI, and are not looked for")  # fmt: skip
    return Page(None, dois, notes=notes)


def _page(wanted: Wanted, cursor: str, size: int) -> Request:
    field = wanted.option("search_in", "bibliographic")
    parameters = {
        "query" if field == "everywhere" else f"query.{field}": wanted.query,
        "rows": str(size),
        "cursor": cursor,
    }
    filters = []
    if wanted.first:
        filters.append(f"from-pub-date:{wanted.first}")
    if wanted.last:
        filters.append(f"until-pub-date:{wanted.last}")
    if filters:
        parameters["filter"] = ",".join(filters)
    return Request("records", "works", parameters, _read)


def _read(body: bytes) -> Page:
    """Return total, ids and next cursor; fields: https://api.crossref.org/swagger-ui/index.html#/Works/get_works."""
    content = json_of(body)
    if content.get("status") != "ok":
        raise Unfit(f"status {content.get('status')!r}: {content.get('message', '')}")
    message = taken(content, "message", kind=dict)
    after = message.get("next-cursor") or ""
    if not isinstance(after, str):
        raise Unfit("a message.next-cursor that is no text")
    return Page(
        number(message, "total-results"),
        [_id(work) for work in taken(message, "items", kind=list)],
        after,
        version=str(content.get("message-version") or ""),
    )


def _id(work: Any) -> str:
    # DOIs do not differ by case (DOI Handbook 2.4).
    return taken(work, "DOI", kind=str).lower()
