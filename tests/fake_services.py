"""Five services as their documentation describes them, on this machine, with records made up here.

Each answers well unless it is told to misbehave: `faults` maps the number of a request, from 1,
to what is done in place of an answer. Every request is written down with the time of the clock
that the test gave, so that a test can hold the client to its manners.
"""

import calendar
import contextlib
import email.utils
import json
import re
import socket
import struct
import threading
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit
from xml.sax.saxutils import escape

KEY = "canary-7f3a9c51e2"
ADDRESS = "canary@example.org"
KEYS = {
    "NCBI_API_KEY": KEY,
    "OPENALEX_API_KEY": KEY,
    "ELSEVIER_API_KEY": KEY,
    "ELSEVIER_INSTTOKEN": f"{KEY}-inst",
    "RETRACE_EMAIL": ADDRESS,
}


PLANTS = [
    "Moss",
    "Lichen",
    "Fern",
    "Ivy",
    "Sedge",
    "Clover",
    "Thistle",
    "Heather",
    "Bramble",
    "Willow",
]
PLACES = ["slate roofs", "river banks", "northern walls", "railway yards", "old bridges", "garden paths", "quarry floors", "sea cliffs", "field edges", "mill ponds"]  # fmt: skip
THINGS = [
    "pollinators",
    "shade",
    "moisture",
    "roots",
    "spores",
    "neighbours",
    "colour",
    "decay",
    "origin",
    "names",
]
MORNING = calendar.timegm((2026, 3, 14, 9, 0, 0))


class VirtualClock:
    """A clock on which waiting takes no time."""

    def __init__(self, at=MORNING):
        self.at = float(at)
        self.slept = []
        self._lock = threading.Lock()

    def now(self):
        """Return the seconds since 1970."""
        with self._lock:
            return self.at

    def sleep(self, seconds):
        """Put the clock forward."""
        assert seconds >= 0
        with self._lock:
            self.at += seconds
            self.slept.append(seconds)

    def random(self):
        """Return the most of what could be drawn."""
        return 1.0


@dataclass
class Record:
    """One made-up record; ``number`` is its id at every service.

    ``notice`` is retracted or corrected where it was, ``access`` its open-access status.
    """

    number: int
    added: date
    title: str = ""
    year: int = 2020
    doi: str = ""
    notice: str = ""
    access: str = "closed"
    references: tuple = ()

    def __post_init__(self):
        n = self.number
        self.doi = self.doi or f"10.5555/moss.{n}"
        named = (words[n // len(PLANTS) ** at % len(words)] for at, words in enumerate((PLANTS, PLACES, THINGS)))  # fmt: skip
        self.title = self.title or "{} on {} and its {}".format(*named) + (
            f", part {n}" if n > 1_000 else ""
        )

    @property
    def pages(self):
        """Return the first and the last page."""
        return str(self.number * 9 + 1), str(self.number * 9 + 8)


def records(n, first=1, per_day=50):
    """Return n records, some of them added on each day."""
    start = date(2020, 1, 1)
    return [
        Record(number, start + timedelta(days=(number - first) // per_day), year=2000 + number % 20)
        for number in range(first, first + n)
    ]  # fmt: skip


@dataclass
class Asked:
    """A request as it came in."""

    at: float
    method: str
    path: str
    parameters: dict
    headers: dict
    faulty: bool = False


@dataclass
class Service:
    """One service: what it holds, how it misbehaves, and what it was asked."""

    name: str
    records: list
    clock: object
    faults: dict = field(default_factory=dict)
    needs_key: bool = False
    bend: object = None
    """Takes the content of each good answer and returns another one."""
    asked: list = field(default_factory=list)

    def __post_init__(self):
        self.cursors = {}
        self.sets = {}
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"service": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(
            target=self.server.serve_forever,
            kwargs={"poll_interval": 0.002},
            daemon=True,
        ).start()

    def close(self):
        """Answer nothing more."""
        self.server.shutdown()
        self.server.server_close()

    def note(self, asked):
        """Write a request down; return the fault that is due for it."""
        with self._lock:
            self.asked.append(asked)
            fault = self.faults.get(len(self.asked))
            asked.faulty = fault is not None
            return fault

    def good(self):
        """Return the requests that were answered well, each as one line."""
        return [f"{one.path}?{sorted(one.parameters.items())}" for one in self.asked if not one.faulty]  # fmt: skip

    def answer(self, path, parameters):
        """Return the body of a good answer."""
        content = getattr(self, f"_{self.name}")(path, parameters)
        if self.bend is not None:
            content = self.bend(content)
        return content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()  # fmt: skip

    # --- PubMed: https://www.ncbi.nlm.nih.gov/books/NBK25499/

    def _pubmed(self, path, parameters):
        if path.endswith("efetch.fcgi"):
            by_number = {record.number: record for record in self.records}
            if "WebEnv" in parameters:
                held = self.sets.get((parameters["WebEnv"], parameters["query_key"]))
                if held is None:
                    return b'<?xml version="1.0" ?>\n<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>'
                start = int(parameters["retstart"])
                ids = held[start : start + int(parameters["retmax"])]
            else:
                ids = [int(name) for name in parameters["id"].split(",")]
            return _pubmed_xml([by_number[name] for name in ids if name in by_number])
        found = self.records
        term = parameters["term"]
        if dois := re.findall(r'"([^"]+)"\[aid\]', term):
            found = [record for record in found if record.doi in dois]
        if within := re.search(r'"(\S+)"\[edat\](?: : "(\S+)"\[edat\])?', term):
            first, last = (
                date.fromisoformat((day or within[1]).replace("/", "-"))
                for day in within.groups()
            )
            found = [record for record in found if first <= record.added <= last]
        if within := re.search(r"(\d+):(\d+)\[uid\]", term):
            found = [
                record
                for record in found
                if int(within[1]) <= record.number <= int(within[2])
            ]
        start, most = (
            int(parameters.get("retstart", 0)),
            min(int(parameters.get("retmax", 20)), 9_999),
        )
        ids = [record.number for record in reversed(found)][start : start + most]
        listed = "".join(f"<Id>{number}</Id>" for number in ids)
        history = ""
        if parameters.get("usehistory") == "y":
            name = f"MCID_{len(self.sets):08x}"
            self.sets[name, "1"] = [record.number for record in reversed(found)]
            history = f"<QueryKey>1</QueryKey><WebEnv>{name}</WebEnv>"
        return (
            '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN"'
            ' "https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
            f"<eSearchResult><Count>{len(found)}</Count><RetMax>{len(ids)}</RetMax><RetStart>{start}</RetStart>{history}"
            f"<IdList>{listed}</IdList><TranslationSet/><QueryTranslation>{escape(term)}</QueryTranslation></eSearchResult>"
        ).encode()  # fmt: skip

    # --- Europe PMC: https://europepmc.org/RestfulWebService

    def _europepmc(self, path, parameters):
        size, cursor = int(parameters["pageSize"]), parameters["cursorMark"]
        start = 0 if cursor == "*" else int(cursor.removeprefix("mark+/="))
        page = self.records[start : start + size]
        more = {"nextCursorMark": f"mark+/={start + len(page)}"} if page else {}
        return {
            "version": "6.9", "hitCount": len(self.records), **more,
            "request": {"queryString": parameters["query"], "synonym": parameters["synonym"] == "true"},
            "resultList": {"result": [_europepmc_record(record) for record in page]},
        }  # fmt: skip

    # --- OpenAlex: https://developers.openalex.org/guides/page-through-results

    def _openalex(self, path, parameters):
        size, cursor = int(parameters["per_page"]), parameters.get("cursor", "*")
        start = 0 if cursor == "*" else int(cursor.removeprefix("IlsxNj"))
        if parameters.get("filter", "").startswith("doi:"):
            asked = parameters["filter"].removeprefix("doi:").split("|")
            known = [record for record in self.records if record.doi in asked]
            works = [_openalex_work(record) for record in known]
            if "select" in parameters:
                names = parameters["select"].split(",")
                works = [{name: work[name] for name in names} for work in works]
            return {"meta": {"count": len(known), "per_page": size, "page": 1}, "results": works, "group_by": []}  # fmt: skip
        page = self.records[start : start + size]
        after = f"IlsxNj{start + len(page)}" if page else None
        return {
            "meta": {"count": len(self.records), "db_response_time_ms": 9, "page": None, "per_page": size, "next_cursor": after},
            "results": [_openalex_work(record) for record in page], "group_by": [],
        }  # fmt: skip

    # --- Crossref: https://api.crossref.org/swagger-ui/index.html

    def _crossref(self, path, parameters):
        if path.startswith("/works/"):
            (found,) = (record for record in self.records if f"/works/{quote(record.doi, safe='')}" == path)  # fmt: skip
            return {"status": "ok", "message-type": "work", "message-version": "1.0.0", "message": _crossref_work(found)}  # fmt: skip
        size, cursor = int(parameters["rows"]), parameters.get("cursor", "")
        if (filters := parameters.get("filter", "")).startswith("doi:"):
            dois = [one.removeprefix("doi:") for one in filters.split(",")]
            items = [_crossref_work(record) for record in self.records if record.doi in dois]  # fmt: skip
            return {
                "status": "ok", "message-type": "work-list", "message-version": "1.0.0",
                "message": {"facets": {}, "total-results": len(items), "items": items[:size], "items-per-page": size},
            }  # fmt: skip
        with self._lock:
            # The cursor keeps its name, and the service its place.
            cursor = f"DnF1ZXJ5{len(self.cursors)}==" if cursor == "*" else cursor
            start = self.cursors.get(cursor, 0)
            page = self.records[start : start + size]
            self.cursors[cursor] = start + len(page)
        return {
            "status": "ok", "message-type": "work-list", "message-version": "1.0.0",
            "message": {
                "facets": {}, "total-results": len(self.records), "items": [_crossref_work(record) for record in page],
                "items-per-page": size, "query": {"start-index": 0, "search-terms": None}, "next-cursor": cursor,
            },
        }  # fmt: skip

    # --- Scopus: https://dev.elsevier.com/documentation/ScopusSearchAPI.wadl

    def _scopus(self, path, parameters):
        found = self.records
        if within := re.search(
            r"PUBYEAR > (\d+) AND PUBYEAR < (\d+)", parameters["query"]
        ):
            found = [
                record
                for record in found
                if int(within[1]) < record.year < int(within[2])
            ]
        size = int(parameters["count"])
        cursor = parameters.get("cursor")
        start = int(parameters.get("start", 0)) if cursor is None else 0 if cursor == "*" else int(cursor.removeprefix("AoE"))  # fmt: skip
        page = found[start : start + size]
        more = {} if cursor is None else {"cursor": {"@current": cursor, "@next": f"AoE{start + len(page)}"}}  # fmt: skip
        entries = [_scopus_entry(record) for record in page] or [
            {"@_fa": "true", "error": "Result set was empty"}
        ]
        return {
            "search-results": {
                "opensearch:totalResults": str(len(found)), "opensearch:startIndex": str(start),
                "opensearch:itemsPerPage": str(len(page)), "opensearch:Query": {"@role": "request", "@searchTerms": parameters["query"], "@startPage": str(start)},
                "link": [], **more, "entry": entries,
            }
        }  # fmt: skip


NOTICE = "10.5555/notice"
"""The DOI of whatever says that a record was retracted or corrected."""
_PUBMED_NOTICE = {
    kind: f'<CommentsCorrectionsList><CommentsCorrections RefType="{name}"><RefSource>J Moss. 2024;3:<i>4</i></RefSource><PMID>9</PMID></CommentsCorrections></CommentsCorrectionsList>'
    for kind, name in (("retracted", "RetractionIn"), ("corrected", "ErratumIn"))
} | {"": ""}  # fmt: skip


def _pubmed_xml(found):
    articles = "".join(
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{record.number}</PMID>'
        f'<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Internet"><Volume>{record.number}</Volume><PubDate><Year>{record.year}</Year></PubDate></JournalIssue>'
        f"<Title>Annals of moss</Title></Journal><ArticleTitle>{escape(record.title)}</ArticleTitle>"
        f'<AuthorList CompleteYN="Y"><Author ValidYN="Y"><LastName>Fiktiv</LastName><ForeName>Ida</ForeName><Initials>I</Initials></Author></AuthorList>'
        f"</Article>{_PUBMED_NOTICE[record.notice]}</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType='pubmed'>{record.number}</ArticleId><ArticleId IdType='doi'>{escape(record.doi)}</ArticleId></ArticleIdList></PubmedData></PubmedArticle>"
        for record in found
    )  # fmt: skip
    return (
        '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"'
        f' "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>{articles}</PubmedArticleSet>'
    ).encode()  # fmt: skip


def _europepmc_record(record):
    return {
        "id": str(record.number), "source": "MED", "pmid": str(record.number), "doi": record.doi,
        "title": record.title, "authorString": "Fiktiv I.", "pubYear": str(record.year), "abstractText": "Moss grows.",
        "journalInfo": {"volume": str(record.number), "issue": "2", "journal": {"title": "Annals of moss"}}, "pageInfo": "-".join(record.pages),
        "pubTypeList": {"pubType": ["Journal Article", *(["Retracted Publication"] if record.notice == "retracted" else [])]},
    }  # fmt: skip


def _openalex_work(record):
    return {
        "id": f"https://openalex.org/W{record.number}", "doi": f"https://doi.org/{record.doi}",
        "title": record.title, "display_name": record.title, "publication_year": record.year, "type": "article",
        "authorships": [{"author": {"display_name": "Ida Fiktiv"}, "raw_author_name": "Ida Fiktiv"}],
        "primary_location": {"source": {"display_name": "Annals of moss"}}, "biblio": {"volume": str(record.number), "issue": "2", **dict(zip(("first_page", "last_page"), record.pages, strict=True))},
        "abstract_inverted_index": {"Moss": [0], "grows.": [1]}, "is_retracted": record.notice == "retracted",
        "open_access": {"is_oa": record.access != "closed", "oa_status": record.access, "oa_url": None if record.access == "closed" else f"https://moss.example/{record.number}.pdf"},
    }  # fmt: skip


def _crossref_work(record):
    kind = {"retracted": "retraction", "corrected": "correction"}.get(record.notice)
    update = {"DOI": NOTICE, "type": kind, "label": "Notice", "source": "retraction-watch", "updated": {"date-parts": [[2024, 1, 2]]}}  # fmt: skip
    return {
        **({"updated-by": [update]} if kind else {}),
        "DOI": record.doi.upper(), "title": [record.title], "author": [{"given": "Ida", "family": "Fiktiv", "sequence": "first"}],
        "container-title": ["Annals of moss"], "volume": str(record.number), "issue": "2", "page": "-".join(record.pages), "issued": {"date-parts": [[record.year, 1]]},
        **({"reference": [{"key": f"ref{n}", **({"DOI": one, "doi-asserted-by": "publisher"} if one else {"unstructured": "Fiktiv I. Moss."})} for n, one in enumerate(record.references)]} if record.references else {}),
        "type": "journal-article", "abstract": "<jats:p>Moss grows.</jats:p>", "URL": f"https://doi.org/{record.doi}",
    }  # fmt: skip


def _scopus_entry(record):
    return {
        "@_fa": "true", "dc:identifier": f"SCOPUS_ID:{record.number}", "eid": f"2-s2.0-{record.number}", "dc:title": record.title,
        "dc:creator": "Fiktiv I.", "prism:publicationName": "Annals of moss", "prism:volume": str(record.number), "prism:issueIdentifier": "2",
        "prism:pageRange": "-".join(record.pages), "prism:coverDate": f"{record.year}-01-01", "prism:doi": record.doi,
        "subtypeDescription": "Article",
    }  # fmt: skip


def key_of(name, asked):
    """Return the key that a request carries, in the place that the service documents."""
    if name == "scopus":
        return asked.headers.get("X-ELS-APIKey", "")
    return asked.parameters.get("api_key", "")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service: Service

    def log_message(self, *arguments):
        """Say nothing."""

    def do_GET(self):
        """Answer a request whose parameters stand in the address."""
        self._serve(urlsplit(self.path).query)

    def do_POST(self):
        """Answer a request whose parameters stand in the body."""
        self._serve(
            self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        )

    def _serve(self, query):
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        path = urlsplit(self.path).path
        asked = Asked(
            self.service.clock.now(), self.command, path, parameters, dict(self.headers)
        )
        fault = self.service.note(asked)
        if (
            fault is None
            and self.service.needs_key
            and key_of(self.service.name, asked) != KEY
        ):
            fault = reply(401, b'{"error": "API key invalid", "api-key": "' + key_of(self.service.name, asked).encode() + b'"}')  # fmt: skip
        if fault is not None:
            fault(self, lambda: self.service.answer(path, parameters))
            return
        self.send(200, self.service.answer(path, parameters))

    def send(self, status, body, headers=(), length=None, close=False):
        """Send an answer; ``length`` False leaves the length out."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if length is not False:
            self.send_header(
                "Content-Length", str(len(body) if length is None else length)
            )
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        if close:
            self.close_connection = True


# --- misbehaviour: each returns what is done in place of an answer -------------------------------


def reply(status, body=b"", **headers):
    """Answer with a status and a body."""
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return lambda handler, good: handler.send(status, body, named)


def echo(status):
    """Answer with all that was sent, keys included, as they stand there and as text."""

    def act(handler, good):
        asked = handler.service.asked[-1]
        sent = [*asked.parameters.values(), *asked.headers.values()]
        handler.send(
            status, f"bad key {' '.join(reversed(sent))} in {handler.path}".encode()
        )

    return act


def too_many(after=None):
    """Answer 429; ``after`` is Retry-After, or the number of seconds ahead of a date in it."""

    def act(handler, good):
        value = after
        if isinstance(after, int):
            value = email.utils.formatdate(
                handler.service.clock.now() + after, usegmt=True
            )
        headers = [] if value is None else [("Retry-After", value)]
        handler.send(429, b'{"error":"API rate limit exceeded","count":"4","limit":"3"}', headers)  # fmt: skip

    return act


def cut(*, with_length):
    """Send half of a good answer and close the connection."""

    def act(handler, good):
        body = good()
        length = len(body) if with_length else False
        handler.send(200, body[: len(body) // 2], length=length, close=True)

    return act


def cut_chunked(handler, good):
    """Send half of a good answer in chunks, the last of which never comes."""
    body = good()
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    half = body[: len(body) // 2]
    handler.wfile.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")
    handler.wfile.flush()
    handler.close_connection = True


def stall(handler, good):
    """Send half of a good answer and nothing more, while the connection stays open."""
    body = good()
    handler.send(200, body[: len(body) // 2], length=len(body))
    handler.connection.settimeout(2)
    with contextlib.suppress(OSError):
        handler.rfile.read(1)
    handler.close_connection = True


def reset(handler, good):
    """Reset the connection without an answer."""
    handler.connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    handler.connection.close()
    handler.close_connection = True


def redirect(to):
    """Send the client elsewhere."""
    return lambda handler, good: handler.send(302, b"", [("Location", to)])
