"""A folder of a review, services that answer from this machine, and a clock that nobody waits for."""

import fake_services
import pytest
from retrace.searches import crossref, europepmc, openalex, pubmed, rounds, scopus
from retrace.searches.client import Client
from retrace.searches.wanted import Wanted

CONNECTORS = {module.SERVICE.name: module for module in (pubmed, europepmc, openalex, crossref, scopus)}  # fmt: skip
SMALL = {"pubmed": {"page": 10}, "europepmc": {"page": 10}, "openalex": {"page": 10}, "crossref": {"page": 10}, "scopus": {"page": 10}}  # fmt: skip
QUERY = '(moss OR "street trees") AND walls'


@pytest.fixture
def review(tmp_path, monkeypatch):
    """Return the folder of an empty review, which is the current one."""
    monkeypatch.chdir(tmp_path)
    # What a disk holds after a power cut is no matter here.
    monkeypatch.setattr("os.fsync", lambda handle: None)
    for name in fake_services.KEYS:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def clock():
    return fake_services.VirtualClock()


class Freezer:
    """Freezes searches of made-up services in the current folder."""

    def __init__(self, clock, pace, monkeypatch):
        self.clock, self.pace, self.monkeypatch = clock, pace, monkeypatch
        self.services = []

    def service(self, name, n=25, *, small=True, **told):
        """Return a service of n records, by default on pages of ten."""
        given = told.pop("records", None)
        made = fake_services.Service(name, fake_services.records(n) if given is None else given, self.clock, **told)  # fmt: skip
        self.services.append(made)
        if small:
            self.limit(name, **SMALL[name])
        return made

    def limit(self, name, **values):
        """Put other limits in the place of a service's, so that few records make many pages."""
        limits = CONNECTORS[name].SERVICE.limits
        for limit, value in values.items():
            changed = type(limits[limit])(
                value, limits[limit].says, limits[limit].source
            )
            self.monkeypatch.setitem(limits, limit, changed)

    def client(self, service, keys=fake_services.KEYS, silence=5.0):
        """Return a client of a service."""
        return Client(
            CONNECTORS[service.name].SERVICE, base=service.url, environment=keys, clock=self.clock,
            pace=self.pace, silence=silence,
        )  # fmt: skip

    def freeze(
        self, service, query=QUERY, keys=fake_services.KEYS, silence=5.0, **wanted
    ):
        """Freeze a search of a service."""
        client = self.client(service, keys, silence)
        asked = Wanted(service.name, query, rounds.today(self.clock.now()), **wanted)
        described = {"source": service.name, "kind": "database", "platform": CONNECTORS[service.name].SERVICE.platform}  # fmt: skip
        return rounds.freeze(asked, CONNECTORS[service.name].walk, client, described)


@pytest.fixture
def freezer(review, clock, tmp_path_factory, monkeypatch):
    made = Freezer(clock, tmp_path_factory.mktemp("pace"), monkeypatch)
    yield made
    for service in made.services:
        service.close()
