"""Ask Europe PMC: one query, from cursor to cursor."""

from typing import Any

from retrace.errors import Problem, SearchError
from retrace.searches.asking import (
    Limit,
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
from retrace.searches.pace import Rate
from retrace.searches.wanted import Wanted

DOCUMENTED = "https://europepmc.org/RestfulWebService"

SERVICE = Service(
    name="europepmc",
    platform="Europe PMC",
    base="https://www.ebi.ac.uk/europepmc/webservices/rest",
    rates={"": Limit(Rate(5), "requests, by our choice: the service publishes no limit", DOCUMENTED)},
    limits={
        "page": Limit(1_000, "records on one page at most (pageSize)", DOCUMENTED),
        "address": Limit(1_500, "letters of a query in an address; longer ones are sent by POST", DOCUMENTED),
    },
)  # fmt: skip


def count(wanted: Wanted) -> Request:
    """Return the request whose page has the total."""
    return _page(wanted, "*", size=1)


def walk(wanted: Wanted) -> Steps:
    """Walk all pages of a query.

    Raises:
        TooMany: the query finds more than the review allows.
        SearchError: limits by day, for which the service has no parameter.
    """
    if wanted.first or wanted.last:
        raise SearchError(
            Problem(
                "config.yaml",
                0,
                f"searches.{wanted.source}.dates",
                "the service takes dates within the query only",
                "the limits in the string",
                f"write AND (FIRST_PDATE:[{wanted.day('first', '1500-01-01')} TO {wanted.day('last', '3000-12-31')}])",
            )
        )
    size = SERVICE.limits["page"].value
    return by_cursor(
        lambda cursor: _page(wanted, cursor, size), most=wanted.most, page=size
    )


def _page(wanted: Wanted, cursor: str, size: int) -> Request:
    parameters = {
        "query": wanted.query,
        "resultType": "core",
        "format": "json",
        # Left out, it stands for other things on the website and here: so it is always said.
        "synonym": wanted.option("synonym", "false"),
        "pageSize": str(size),
        "cursorMark": cursor,
    }
    is_long = len(parameters["query"]) > SERVICE.limits["address"].value
    path, method = ("searchPOST", "POST") if is_long else ("search", "GET")
    return Request("records", path, parameters, lambda body: _read(body, cursor), method)  # fmt: skip


def _read(body: bytes, cursor: str) -> Page:
    """Return total, ids and next cursor; fields: https://europepmc.org/RestfulWebService (search)."""
    content = json_of(body)
    if "errMsg" in content or "errCode" in content:
        raise Unfit(f"error {content.get('errCode', '')}: {content.get('errMsg', '')}")
    results = taken(content, "resultList", "result", kind=list)
    after = content.get("nextCursorMark") or ""
    return Page(
        number(content, "hitCount"),
        [_id(record) for record in results],
        # A page that names itself as the next is the last (as of version 6.6 it names none):
        # https://groups.google.com/a/ebi.ac.uk/g/epmc-webservices/c/yG8kMl1R3cI.
        after if isinstance(after, str) and after != cursor else "",
        version=str(content.get("version") or ""),
    )


def _id(record: Any) -> str:
    return f"{taken(record, 'source', kind=str)}:{taken(record, 'id', kind=str)}"
