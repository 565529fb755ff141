"""Freeze searches of made-up services in a folder, and bend what these answer."""

import contextlib
import copy
import io
import os
import re
from functools import partial

import fake_services as fake
from retrace import freeze, schemas, tables
from retrace.freeze import CONNECTORS
from retrace.searches import rounds
from retrace.searches.client import Client
from retrace.searches.wanted import Wanted

NAMES = ("pubmed", "europepmc", "openalex", "crossref", "scopus")
QUERY = '(moss OR "street trees") AND walls'


TOTAL = {
    "europepmc": ("hitCount",),
    "openalex": ("meta", "count"),
    "crossref": ("message", "total-results"),
    "scopus": ("search-results", "opensearch:totalResults"),
}
RECORDS = {
    "europepmc": ("resultList", "result"),
    "openalex": ("results",),
    "crossref": ("message", "items"),
    "scopus": ("search-results", "entry"),
}
ID = {"europepmc": "id", "openalex": "id", "crossref": "DOI", "scopus": "dc:identifier"}


def at(content, path):
    for name in path[:-1]:
        content = content[name]
    return content


def put(path, value):
    """Return what changes one field of an answer; None takes it away."""

    def bend(content):
        content = copy.deepcopy(content)
        holder = at(content, path)
        if value is None:
            holder.pop(path[-1], None)
        else:
            holder[path[-1]] = value(holder[path[-1]]) if callable(value) else value
        return content

    return bend


def ids_of(frozen):
    return sorted(int(name.rpartition(":")[2].rpartition("W")[2].rpartition(".")[2]) for name in frozen.walk.ids)  # fmt: skip


def assert_no_secret(folder, *texts):
    for path in folder.rglob("*"):
        if path.is_file():
            assert fake.KEY.encode() not in path.read_bytes(), path
            assert fake.ADDRESS.encode() not in path.read_bytes(), path
    for text in texts:
        assert fake.KEY not in text
        assert fake.ADDRESS not in text


@contextlib.contextmanager
def answering(services, base, **keys):
    """Have services answer whoever asks with keys, until the block ends; the environment is then as before."""
    environment = dict(os.environ)
    os.environ.update(keys, XDG_CACHE_HOME=str(base / "cache"))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        for service in services:
            service.close()


class Freezer:
    """Freezes searches of made-up services in the current folder."""

    def __init__(self, clock, pace, monkeypatch):
        self.clock, self.pace, self.monkeypatch = clock, pace, monkeypatch
        self.services = []

    def service(self, name, n=25, *, small=True, **told):
        """Return a service of n records, by default on pages of ten."""
        given = told.pop("records", None)
        made = fake.Service(name, fake.records(n) if given is None else given, self.clock, **told)  # fmt: skip
        self.services.append(made)
        if small:
            self.limit(name, page=10)
        return made

    def limit(self, name, **values):
        """Put other limits in the place of a service's, so that few records make many pages."""
        limits = CONNECTORS[name].SERVICE.limits
        for limit, value in values.items():
            changed = type(limits[limit])(
                value, limits[limit].says, limits[limit].source
            )
            self.monkeypatch.setitem(limits, limit, changed)

    def client(self, service, keys=fake.KEYS, silence=5.0):
        """Return a client of a service."""
        return Client(
            CONNECTORS[service.name].SERVICE, base=service.url, environment=keys, clock=self.clock,
            pace=self.pace, silence=silence,
        )  # fmt: skip

    def freeze(self, service, query=QUERY, keys=fake.KEYS, silence=5.0, **wanted):
        """Freeze a search of a service."""
        client = self.client(service, keys, silence)
        asked = Wanted(service.name, query, rounds.today(self.clock.now()), **wanted)
        walk = partial(rounds.steps, connector=CONNECTORS[service.name])
        described = {"source": service.name, "kind": "database", "platform": CONNECTORS[service.name].SERVICE.platform}  # fmt: skip
        return rounds.freeze(asked, walk, client, described)


def built(folder, included, merged=()):
    """Write the tables in which a build leaves the records that it includes, and what was merged into them.

    ``included`` are tuples of record, DOI and PubMed's number; ``merged`` of a record and the one it is.
    """
    frames = {
        schemas.SETTLED: [{"record_id": record, "stage": "full_text", "decision": "include", "basis": "votes"} for record, *_ in included],
        schemas.DEDUPLICATED: [{"record_id": record, "source": record.partition(":")[0], "title": f"Title of {record}", "doi": doi, "pmid": pmid} for record, doi, pmid in included],
        schemas.DUPLICATES: [{"row_id": one, "record_id": one, "kept_row_id": kept, "kept_id": kept, "matched_row_id": kept, "rule": "doi"} for one, kept in merged],
    }  # fmt: skip
    for schema, rows in frames.items():
        (folder / schema.path).parent.mkdir(parents=True, exist_ok=True)
        tables.write(tables.frame(rows, schema), folder / schema.path, schema)


def configure(folder, **searches):
    config = folder / "config.yaml"
    text = re.sub(r"(?ms)^searches:\n.*?(?=^\S)", "", config.read_text("utf-8"))
    lines = "".join(f"  {name}: {search}\n" for name, search in searches.items())
    config.write_text(f"{text}\nsearches:\n{lines}", "utf-8")


def run(*sources, services=(), clock=None, **told):
    said, out = io.StringIO(), io.StringIO()
    code = freeze.run(
        sources, addresses={service.name: service.url for service in services}, clock=clock, said=said, told=out, **told
    )  # fmt: skip
    return code, said.getvalue(), out.getvalue()
