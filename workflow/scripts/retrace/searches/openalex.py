"""Ask OpenAlex: works that a search finds, from cursor to cursor."""

import re
from collections.abc import Generator, Sequence
from typing import Any

from retrace.errors import Problem, SearchError
from retrace.searches.asking import (
    Key,
    Limit,
    Page,
    Request,
    Service,
    Steps,
    Unfit,
    Walk,
    by_cursor,
    by_ids,
    json_of,
    number,
    or_nothing,
    taken,
)
from retrace.searches.pace import Rate
from retrace.searches.wanted import Wanted

PAGING = "https://developers.openalex.org/guides/page-through-results"
KEYS = "https://developers.openalex.org/api-reference/authentication"
FILTERS = "https://developers.openalex.org/how-to-use-the-api/get-lists-of-entities"

SERVICE = Service(
    name="openalex",
    platform="OpenAlex",
    base="https://api.openalex.org",
    rates={"": Limit(Rate(10), "requests, by our choice: 100 are allowed, and a daily budget by key", KEYS)},
    limits={
        "page": Limit(100, "works on one page at most (per_page)", PAGING),
        "values": Limit(100, "values of one filter, so works whose citations are asked for", FILTERS),
        "key": Limit("needed", "since 2026-02-13; without one there is a small budget for trials, and no cursor", KEYS),
    },
    keys=(Key("OPENALEX_API_KEY", parameter="api_key", required=True),),
    # It answers 403 where it should say 429: https://developers.openalex.org/api-reference/errors.
    again=frozenset({403}),
)  # fmt: skip


LOOKED_UP_BY = ("doi",)
CITATIONS = ("forward", "backward")
"""What can be searched by citations."""
AT_ONCE = 40
"""DOIs of one request, so that its address stays short."""


def count(wanted: Wanted) -> Request:
    """Return the request whose page has the total."""
    return _page(wanted, "*", size=1)


def walk(wanted: Wanted) -> Steps:
    """Walk all pages of a search.

    Raises:
        TooMany: the query finds more than the review allows.
        SearchError: a query within a filter that holds what separates filters.
    """
    size = SERVICE.limits["page"].value
    notes: list[str] = []
    works = yield from _seeds(wanted, notes)
    if wanted.seeds and not works:
        return Walk(0, [], notes=notes)
    found = yield from by_cursor(
        lambda cursor: _page(wanted, cursor, size, works), most=wanted.most, page=size
    )
    found.notes[:0] = notes
    return found


def look_up(wanted: Wanted) -> Steps:
    """Ask for works by their DOIs."""
    return by_ids(_whole, wanted.seeds, AT_ONCE)


def _whole(dois: tuple[str, ...]) -> Request:
    parameters = {"filter": f"doi:{'|'.join(dois)}", "per_page": "100"}
    return Request("records", "works", parameters, lambda body: or_nothing(_read(body)))


def _seeds(wanted: Wanted, notes: list[str]) -> Generator[Request, Page, list[str]]:
    """Return the ids of the works whose citations are asked for; note those that OpenAlex has not."""
    most = SERVICE.limits["values"].value
    if len(wanted.seeds) > most:
        raise SearchError(
            Problem("config.yaml", 0, f"searches.{wanted.source}.citations", f"{len(wanted.seeds)} works", f"at most {most}",
                    "name them by DOI in several searches")
        )  # fmt: skip
    works: list[str] = []
    for start in range(0, len(wanted.seeds), AT_ONCE):
        page = yield _works(wanted.seeds[start : start + AT_ONCE])
        works += page.ids
        notes += page.notes
    return works


def _works(dois: tuple[str, ...]) -> Request:
    parameters = {"filter": f"doi:{'|'.join(dois)}", "per_page": "100", "select": "id,doi"}  # fmt: skip
    return Request("list", "works", parameters, lambda body: _named(body, dois))


def _named(body: bytes, dois: tuple[str, ...]) -> Page:
    works = taken(json_of(body), "results", kind=list)
    known = {str(work.get("doi") or "").casefold().removeprefix("https://doi.org/") for work in works if isinstance(work, dict)}  # fmt: skip
    absent = [doi for doi in dois if doi.casefold() not in known]
    return Page(None, [_id(work) for work in works], notes=[f"OpenAlex has no work {doi}" for doi in absent])  # fmt: skip


def _page(wanted: Wanted, cursor: str, size: int, works: Sequence[str] = ()) -> Request:
    parameters = {"per_page": str(size), "cursor": cursor}
    filters = []
    where = wanted.option("search_in", "everywhere")
    if works:
        # What a work cites is what is cited by it.
        name = "cites" if wanted.direction == "forward" else "cited_by"
        filters.append(f"{name}:{'|'.join(works)}")
    elif where == "everywhere":
        parameters["search"] = wanted.query
    else:
        if re.search(r"[,|]", wanted.query):
            raise SearchError(
                Problem("config.yaml", 0, f"searches.{wanted.source}.query", "a comma or | stands in the query, which within a filter separates filters",
                        "a query without them", "write AND and OR, or leave out options.search_in")
            )  # fmt: skip
        filters.append(f"{where}.search:{wanted.query}")
    if wanted.first:
        filters.append(f"from_publication_date:{wanted.day('first')}")
    if wanted.last:
        filters.append(f"to_publication_date:{wanted.day('last')}")
    if filters:
        parameters["filter"] = ",".join(filters)
    return Request("records", "works", parameters, _read)


def _read(body: bytes) -> Page:
    """Return total, ids and next cursor; fields: https://developers.openalex.org/guides/page-through-results."""
    content = json_of(body)
    if "error" in content:
        raise Unfit(f"error: {content['error']}: {content.get('message', '')}")
    after = taken(content, "meta", kind=dict).get("next_cursor")
    if after is not None and not isinstance(after, str):
        raise Unfit("a meta.next_cursor that is no text")
    return Page(
        number(content, "meta", "count"),
        [_id(work) for work in taken(content, "results", kind=list)],
        after or "",
    )


def _id(work: Any) -> str:
    return taken(work, "id", kind=str).rpartition("/")[2]
