"""Ask Crossref: works that a query finds, from cursor to cursor.

Its cursor is a place kept at the service: it is forgotten after some minutes, and it moves on
with each answer, even with one that was lost on the way. The count of the records shows such a
loss; nothing else would.
"""

from collections.abc import Iterator
from typing import Any

from retrace.searches.asking import (
    Limit,
    Notice,
    Page,
    Request,
    Service,
    Steps,
    Unfit,
    by_cursor,
    json_of,
    number,
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

_NOTICES = {
    "retraction": "retracted",
    "withdrawal": "retracted",
    "removal": "retracted",
    "expression_of_concern": "expression_of_concern",
    "partial_retraction": "corrected",
    "correction": "corrected",
    "corrigendum": "corrected",
    "erratum": "corrected",
}
"""Types of updated-by: https://crossref.gitlab.io/tutorials/get-rw-metadata/, with the notices of Retraction Watch."""


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
        notices=[notice for work in message["items"] for notice in _notices(work)],
    )


def _notices(work: Any) -> Iterator[Notice]:
    updates = work.get("updated-by")
    for update in updates if isinstance(updates, list) else ():
        kind = update.get("type") if isinstance(update, dict) else None
        if kind in _NOTICES:
            yield Notice(_id(work), _NOTICES[kind], f"{update.get('DOI') or ''} ({update.get('source') or 'source not named'})")  # fmt: skip


def _id(work: Any) -> str:
    # DOIs do not differ by case (DOI Handbook 2.4).
    return taken(work, "DOI", kind=str).lower()
