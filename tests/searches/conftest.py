"""A folder of a review, services that answer from this machine, and a clock that nobody waits for."""

import fake_services
import pytest
from freezing import Freezer


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


@pytest.fixture
def freezer(review, clock, tmp_path_factory, monkeypatch):
    made = Freezer(clock, tmp_path_factory.mktemp("pace"), monkeypatch)
    yield made
    for service in made.services:
        service.close()
