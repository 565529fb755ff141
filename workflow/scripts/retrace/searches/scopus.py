"""Ask Scopus: pages of a query by their start, split by year where it finds too many, or by cursor."""

from typing import Any

from retrace.searches.asking import (
    Gap,
    Key,
    Limit,
    Page,
    Request,
    Service,
    Steps,
    Unfit,
    Walk,
    by_cursor,
    halves,
    json_of,
    number,
    refuse_more_than,
    taken,
)
from retrace.searches.pace import Rate
from retrace.searches.wanted import Wanted

DOCUMENTED = "https://dev.elsevier.com/documentation/ScopusSearchAPI.wadl"
SETTINGS = "https://dev.elsevier.com/api_key_settings.html"

SERVICE = Service(
    name="scopus",
    platform="Scopus",
    base="https://api.elsevier.com/content",
    rates={"": Limit(Rate(6), "requests, below the 9 allowed; 20,000 in a week", SETTINGS)},
    limits={
        "set": Limit(5_000, "records of one query by start; what finds more is split by year, or walked by cursor", DOCUMENTED),
        "page": Limit(200, "records on one page of the view STANDARD", SETTINGS),
        "page_complete": Limit(25, "records on one page of the view COMPLETE, which not every key may ask for", SETTINGS),
    },
    keys=(
        Key("ELSEVIER_API_KEY", header="X-ELS-APIKey", required=True),
        Key("ELSEVIER_INSTTOKEN", header="X-ELS-Insttoken"),
    ),
    headers={"Accept": "application/json"},
)  # fmt: skip
FIRST_YEAR, YEARS_AHEAD = 1700, 3


def count(wanted: Wanted) -> Request:
    """Return the request whose page has the total."""
    return _page(wanted, wanted.query, {"start": "0"}, size=1)


def walk(wanted: Wanted) -> Steps:
    """Walk all pages of a query.

    Raises:
        TooMany: the query finds more than the review allows.
    """
    size = SERVICE.limits[
        "page_complete" if _view(wanted) == "COMPLETE" else "page"
    ].value
    if wanted.option("paging", "start") == "cursor":
        return by_cursor(
            lambda cursor: _page(wanted, wanted.query, {"cursor": cursor}, size), most=wanted.most, page=size
        )  # fmt: skip
    return _by_start(wanted, size)


def _by_start(wanted: Wanted, size: int) -> Steps:
    found = Walk(0, [])
    cap = SERVICE.limits["set"].value
    page = yield _page(wanted, wanted.query, {"start": "0"}, size=1, kind="list")
    found.reported = page.total or 0
    refuse_more_than(wanted.most, found.reported)
    years = (FIRST_YEAR, int(wanted.today[:4]) + YEARS_AHEAD)
    parts: list[tuple[int, int] | None] = [None if found.reported <= cap else years]
    summed = 0
    while parts:
        part = parts.pop()
        query = wanted.query if part is None else f"({wanted.query}) AND PUBYEAR > {part[0] - 1} AND PUBYEAR < {part[1] + 1}"  # fmt: skip
        total = found.reported
        if part is not None:
            page = yield _page(wanted, query, {"start": "0"}, size=1, kind="list")
            total = page.total or 0
        if total > cap and part is not None and part[0] < part[1]:
            parts += reversed(list(halves(*part)))
            continue
        if total > cap:
            found.gaps.append(Gap("missing", total - cap, f"{total:,} records of one year, of which the service gives the first {cap:,}; options.paging: cursor gives all, where the key allows it"))  # fmt: skip
        summed += total
        said = total
        for start in range(0, min(total, cap), size):
            page = yield _page(wanted, query, {"start": str(start)}, size)
            found.ids += page.ids
            said = total if page.total is None else page.total
        if said != total:
            found.notes.append(f"the reported total of a query changed on the way, from {total:,} to {said:,}")  # fmt: skip
    if summed != found.reported:
        found.notes.append(f"the parts of the split query add up to {summed:,}, the whole reports {found.reported:,}")  # fmt: skip
    return found


def _view(wanted: Wanted) -> str:
    return wanted.option("view", "STANDARD")


def _page(
    wanted: Wanted, query: str, place: dict[str, str], size: int, kind: str = "records"
) -> Request:
    parameters = {"query": query, "view": _view(wanted), "count": str(size), **place}
    if wanted.first or wanted.last:
        first = wanted.first[:4] or str(FIRST_YEAR)
        last = wanted.last[:4] or str(int(wanted.today[:4]) + YEARS_AHEAD)
        parameters["date"] = f"{first}-{last}"
    return Request(kind, "search/scopus", parameters, _read)  # fmt: skip


def _read(body: bytes) -> Page:
    """Return total, ids and next cursor; fields: https://dev.elsevier.com/sc_search_views.html."""
    content = json_of(body)
    for name in ("service-error", "error-response"):
        if name in content:
            raise Unfit(f"{name}: {content[name]}")
    found = taken(content, "search-results", kind=dict)
    entries = taken(found, "entry", kind=list) if "entry" in found else []
    # An empty result has one entry, which says so.
    is_empty = [set(entry) & {"error"} for entry in entries if isinstance(entry, dict)]
    if entries and all(is_empty) and len(is_empty) == len(entries):
        said = str(entries[0]["error"])
        if "empty" not in said.lower():
            raise Unfit(f"an entry that is an error: {said}")
        entries = []
    cursor = found.get("cursor")
    after = cursor.get("@next") if isinstance(cursor, dict) else ""
    return Page(
        number(found, "opensearch:totalResults"),
        [_id(entry) for entry in entries],
        after if isinstance(after, str) else "",
    )


def _id(entry: Any) -> str:
    return taken(entry, "dc:identifier", kind=str).removeprefix("SCOPUS_ID:")
