"""A folder of a review, services that answer from this machine, and a clock that nobody waits for."""

import fake_services
import pytest
from freezing import Freezer
from retrace import new


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


@pytest.fixture
def fresh(review, monkeypatch):
    """Return the folder of a new review, the current one, with keys in the environment."""
    for name, value in fake_services.KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(review / "cache"))
    folder = review / "review"
    new.make(folder)
    monkeypatch.chdir(folder)
    return folder
