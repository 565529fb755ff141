"""What is asked of a service and what a page of its answer holds: the words all connectors share.

A connector is a generator: it yields a `Request`, is sent back the `Page` that was read from the
answer, and returns a `Walk`. So it knows neither the network nor the disk, and a search that was
stopped goes on by having its first requests answered from what is kept already.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from retrace.errors import on_one_line


@dataclass(frozen=True)
class Limit:
    """One limit of a service: its value, what it limits, and where that is documented."""

    value: Any
    says: str
    source: str


@dataclass(frozen=True)
class Key:
    """A secret or an address of the user's: the environment variable, and how it is sent."""

    variable: str
    parameter: str = ""
    header: str = ""
    required: bool = False
    secret: bool = True


@dataclass(frozen=True)
class Service:
    """What the client must know of a service to be polite to it.

    ``rates`` hold by the variable whose key raises them, "" for none; the first that is set
    counts. ``again`` are further statuses after which asking again may help.
    """

    name: str
    platform: str
    base: str
    rates: Mapping[str, Limit]
    limits: Mapping[str, Limit]
    keys: tuple[Key, ...] = ()
    again: frozenset[int] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Page:
    """What was read from one answer.

    ``total`` is the number of records that the service reports, None where it says none;
    ``ids`` are those of the records or, in a list, of records to be fetched; ``next`` is the
    cursor of the next page; ``notes`` are words of the service that a reader should see;
    ``history`` names the set of them that the service keeps for a while;
    ``has_records`` is false where an answer says that there is nothing of what was asked for.
    """

    total: int | None = None
    ids: list[str] = field(default_factory=list)
    next: str = ""
    history: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    notes: list[str] = field(default_factory=list)
    has_records: bool = True


@dataclass(frozen=True)
class Request:
    """One request: what is sent and recorded, and how its answer is read.

    No secret stands in it: the client adds those, and they are recorded nowhere. ``kind`` is
    records, list for an answer that is kept but holds no records to be read, or count for one of
    which only the total matters. ``statuses`` are
    those with which an answer may come. ``is_later_page`` holds where a cursor or a set of the
    service's is named, which it may have forgotten; ``instead`` then asks for the same without it,
    where that can be done.
    """

    kind: str
    path: str
    parameters: Mapping[str, str]
    read: Callable[[bytes], Page]
    method: str = "GET"
    ending: str = "json"
    is_later_page: bool = False
    statuses: frozenset[int] = frozenset({200})
    instead: "Request | None" = None

    def sent(self) -> str:
        """Return the request in one line: what an answer that is kept was an answer to."""
        return f"{self.method} {self.path}?{urlencode(self.parameters)}"


@dataclass(frozen=True)
class Gap:
    """Records that are reported and not there, or there and not reported, and why."""

    what: str
    n: int
    why: str
    ids: tuple[str, ...] = ()


@dataclass
class Walk:
    """What came of a search: the reported total, and the ids of all records in their order.

    ``hits`` has what each concept block of the query finds alone.
    """

    reported: int
    ids: list[str]
    hits: list[int] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    version: str = ""


Steps = Generator[Request, Page, Walk]


class Unfit(Exception):
    """An answer of status 200 that is none: an error in its place, or cut short."""


class Expired(Exception):
    """The service no longer knows a cursor or a set that a request names."""


def counted(walk: Walk) -> Walk:
    """Return a walk with a gap for everything in which reported, fetched and unique ids differ."""
    times = Counter(walk.ids)
    twice = sorted(name for name, n in times.items() if n > 1)
    known = sum(gap.n for gap in walk.gaps if gap.what == "missing")
    if twice:
        walk.gaps.append(
            Gap("repeated", len(walk.ids) - len(times), "the service gave these records more than once", tuple(twice))
        )  # fmt: skip
    short = walk.reported - len(times) - known
    if short > 0:
        walk.gaps.append(
            Gap("missing", short, "the service reports more records than its pages hold")
        )  # fmt: skip
    elif short < 0:
        walk.gaps.append(
            Gap("unreported", -short, "the pages hold more records than the service reports")
        )  # fmt: skip
    return walk


def by_cursor(request: Callable[[str], Request], *, most: int, page: int) -> Steps:
    """Walk the pages of one query from cursor to cursor.

    The end is a page without a next cursor, or one that is not full once the reported total is
    reached, or the second in a row that brings nothing new. A total that changes on the way is a
    note.

    Raises:
        TooMany: the service reports more than ``most`` records.
    """
    walk, cursor, totals = Walk(0, []), "*", [0]
    seen: set[str] = set()
    stale = 0
    while True:
        got = yield replace(request(cursor), is_later_page=cursor != "*")
        if got.total is not None and got.total != totals[-1]:
            totals.append(got.total)
        walk.reported = totals[-1]
        walk.version = walk.version or got.version
        walk.notes += [note for note in got.notes if note not in walk.notes]
        refuse_more_than(most, walk.reported)
        stale = 0 if set(got.ids) - seen else stale + 1
        seen.update(got.ids)
        walk.ids += got.ids
        is_whole = len(seen) >= walk.reported and len(got.ids) < page
        if not got.next or is_whole or stale == 2:
            break
        cursor = got.next
    if len(totals) > 2:
        walk.notes.append(
            f"the reported total changed on the way: {', '.join(map(str, totals[1:]))}; the last counts"
        )
    return walk


def by_ids(
    request: Callable[[tuple[str, ...]], Request], ids: Sequence[str], at_once: int
) -> Steps:
    """Ask for records by their ids, so many at once; reported are those that the service has."""
    walk = Walk(0, [])
    for start in range(0, len(ids), at_once):
        got = yield request(tuple(ids[start : start + at_once]))
        walk.reported += got.total or 0
        walk.ids += got.ids
        walk.version = walk.version or got.version
    return walk


def or_nothing(page: Page) -> Page:
    """Return the page of an answer that may hold none of the records that were asked for."""
    page.has_records = bool(page.ids)
    return page


class TooMany(Exception):
    """A query finds more records than the review's settings allow to be fetched."""

    def __init__(self, total: int, most: int):
        super().__init__(total, most)
        self.total, self.most = total, most


def refuse_more_than(most: int, total: int) -> None:
    """Raise `TooMany` where a query finds more than may be fetched."""
    if total > most:
        raise TooMany(total, most)


def halves(first: int, last: int) -> Iterable[tuple[int, int]]:
    """Return the two halves of a range of whole numbers, both ends included."""
    middle = (first + last) // 2
    return ((first, middle), (middle + 1, last))


def json_of(body: bytes) -> dict[str, Any]:
    """Return the object that a JSON answer is.

    Raises:
        Unfit: empty, HTML, cut short, or no object.
    """
    _refuse_foreign(body, b"<")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unfit(
            f"no JSON, or cut short ({type(error).__name__} in {len(body)} bytes)"
        ) from None
    if not isinstance(content, dict):
        raise Unfit(f"a JSON {type(content).__name__} in place of an object")
    return content


def xml_of(body: bytes) -> ElementTree.Element:
    """Return the root of an XML answer.

    Raises:
        Unfit: empty, HTML, JSON, cut short, or with entities of its own.
    """
    _refuse_foreign(body, b"{")
    if b"<!ENTITY" in body:
        raise Unfit("XML that defines entities")
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise Unfit(f"no XML, or cut short ({error})") from None


def _refuse_foreign(body: bytes, mark: bytes) -> None:
    start = body[:2000].lstrip().lower()
    if not start:
        raise Unfit("an empty body")
    if start.startswith((b"<!doctype html", b"<html")):
        raise Unfit(f"an HTML page: {words(body)}")
    if start.startswith(mark):
        raise Unfit(f"another format than asked for: {words(body)}")


def taken(content: Any, *path: str, kind: type | tuple[type, ...]) -> Any:
    """Return what stands at a place of an answer.

    Raises:
        Unfit: nothing stands there, or something of another kind.
    """
    at = content
    for name in path:
        at = at.get(name) if isinstance(at, dict) else None
    if not isinstance(at, kind) or isinstance(at, bool):
        found = "nothing" if at is None else type(at).__name__
        raise Unfit(f"{found} at {'.'.join(path)}, where the documentation has a value")
    return at


def number(content: Any, *path: str) -> int:
    """Return a count of an answer, which some services write as text.

    Raises:
        Unfit: it is no whole number of zero or more.
    """
    found = taken(content, *path, kind=(int, str))
    if not re.fullmatch(r"\d{1,12}", str(found).strip()):
        raise Unfit(
            f"{words(str(found).encode())} at {'.'.join(path)}, where a count is expected"
        )
    return int(found)


def words(body: bytes, limit: int = 160) -> str:
    """Return what an answer says, without marks, on one line, cut: for a message."""
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", body[:20_000].decode("utf-8", "replace"), flags=re.S | re.I)  # fmt: skip
    text = on_one_line(" ".join(text.split()))
    return text if len(text) <= limit else f"{text[:limit]}..."
