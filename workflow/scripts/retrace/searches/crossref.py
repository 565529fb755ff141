"""Ask Crossref: works that a query finds, from cursor to cursor.

Its cursor is a place kept at the service: it is forgotten after some minutes, and it moves on
with each answer, even with one that was lost on the way. The count of the records shows such a
loss; nothing else would.
"""

from typing import Any

from retrace.searches.asking import (
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

LOOKED_UP_BY = ("doi",)
AT_ONCE = 40
"""DOIs of one request, so that its address stays short."""


def count(wanted: Wanted) -> Request:
    """Return the request whose page has the total."""
    return _page(wanted, "*", size=1)


def walk(wanted: Wanted) -> Steps:
    """Walk all pages of a query.

    Raises:
        TooMany: the query finds more than the review allows.
    """
    size = SERVICE.limits["page"].value
    return by_cursor(
        lambda cursor: _page(wanted, cursor, size), most=wanted.most, page=size
    )


def look_up(wanted: Wanted) -> Steps:
    """Ask for works by their DOIs; values of one filter are alternatives."""
    return by_ids(_named, wanted.seeds, AT_ONCE)


def _named(dois: tuple[str, ...]) -> Request:
    parameters = {"filter": ",".join(f"doi:{doi}" for doi in dois), "rows": str(AT_ONCE)}  # fmt: skip
    return Request("records", "works", parameters, lambda body: or_nothing(_read(body)))


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
