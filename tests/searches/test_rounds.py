"""A round is whole or not there, what was stopped goes on, and a build reads what was frozen."""

import csv
import subprocess
import sys

import fake_services as fake
import pytest
import yaml
from freezing import NAMES, QUERY, ids_of
from retrace import ledger, readers, yamlfile
from retrace.errors import ReviewError, SearchError
from retrace.searches import rounds


def description(folder):
    return yamlfile.load(folder / "search.yaml", rounds.SCHEMA)


def responses(folder):
    with (folder / "responses.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", NAMES)
def test_a_round_says_what_was_asked_when_and_what_came(freezer, name):
    service = freezer.service(name)

    frozen = freezer.freeze(service)

    said = description(frozen.folder)
    assert (said["source"], said["status"], said["searched_on"]) == (name, "frozen", "2026-03-14")  # fmt: skip
    assert said["query_run"] == QUERY
    assert said["n_reported"] == 25
    assert "n_read_why" not in said
    of = said["frozen"]
    assert of["address"] == service.url
    assert of["began_at"] == "2026-03-14T09:00:00Z"
    assert (of["n_fetched"], of["n_unique"], of["gaps"]) == (25, 25, [])
    assert of["n_answers"] == len(service.asked) == len(responses(frozen.folder))
    assert QUERY not in of["parameters"].values()
    assert not {"api_key", "email", "apiKey"} & set(of["parameters"])


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_kept_byte_for_byte(freezer, name):
    service = freezer.service(name)
    sent, whole = [], service.answer
    service.answer = lambda path, parameters: sent.append(whole(path, parameters)) or sent[-1]  # fmt: skip

    frozen = freezer.freeze(service)

    rows = responses(frozen.folder)
    assert [(frozen.folder / row["file"]).read_bytes() for row in rows] == sent
    assert [row["sha256"] for row in rows] == [ledger.sha256(frozen.folder / row["file"]) for row in rows]  # fmt: skip
    assert {path.name for path in frozen.folder.iterdir()} == {row["file"] for row in rows} | {"search.yaml", "responses.csv"}  # fmt: skip


def test_a_gap_stands_in_the_description_with_its_ids(freezer):
    found = fake.records(25)
    frozen = freezer.freeze(freezer.service("openalex", records=[*found, found[3]]))

    said = description(frozen.folder)
    assert said["n_reported"] == 26
    assert said["n_read_why"].startswith("1 repeated: ")
    assert said["frozen"]["gaps"][0] == {
        "what": "repeated", "n": 1, "why": "the service gave these records more than once", "ids": ["W4"],
    }  # fmt: skip


# --- stopping and going on ------------------------------------------------------------------------------


class Killed(BaseException):
    """In place of a signal that ends the process."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("at", range(1, 7))
def test_a_freeze_that_was_killed_goes_on_and_fetches_nothing_twice(freezer, monkeypatch, name, at):  # fmt: skip
    service = freezer.service(name, 35)
    kept, write = [], rounds.tables.write

    def die(frame, path, schema):
        write(frame, path, schema)
        kept.append(path)
        if len(kept) == at:
            raise Killed

    monkeypatch.setattr(rounds.tables, "write", die)
    with pytest.raises(Killed):
        freezer.freeze(service)
        raise Killed  # searches of fewer answers end before
    if rounds.rounds(name):
        return
    assert len(service.asked) == at

    frozen = freezer.freeze(service)

    assert ids_of(frozen) == list(range(1, 36))
    assert len(service.asked) == frozen.n_answers
    assert frozen.n_asked == frozen.n_answers - at
    assert rounds.unfinished(name) is None


def test_a_freeze_that_goes_on_the_next_day_is_the_round_of_the_day_it_began(freezer, clock):  # fmt: skip
    service = freezer.service("pubmed", 25, faults={4: fake.reply(401)})
    with pytest.raises(SearchError):
        freezer.freeze(service)
    clock.at += 86_400

    frozen = freezer.freeze(service)

    assert frozen.folder.name == "2026-03-14"
    assert description(frozen.folder)["frozen"]["ended_at"].startswith("2026-03-15")


@pytest.mark.parametrize("changed", [{"query": "other"}, {"first": "2010"}])
def test_a_freeze_does_not_go_on_with_another_query(freezer, changed):
    service = freezer.service("pubmed", 25, faults={3: fake.reply(401)})
    with pytest.raises(SearchError):
        freezer.freeze(service)

    with pytest.raises(SearchError, match="another query was stopped here") as stopped:
        freezer.freeze(service, **changed)
    assert "delete the folder data/raw/searches/pubmed/.2026-03-14.partial" in str(stopped.value)  # fmt: skip


@pytest.mark.parametrize("harm", ["edit", "delete"])
def test_a_freeze_does_not_go_on_with_answers_that_were_changed(freezer, harm):
    service = freezer.service("openalex", 35, faults={3: fake.reply(401)})
    with pytest.raises(SearchError):
        freezer.freeze(service)
    first = sorted(rounds.unfinished("openalex").glob("0*"))[0]
    first.write_bytes(first.read_bytes() + b" ") if harm == "edit" else first.unlink()

    with pytest.raises(SearchError, match="not the bytes that were fetched"):
        freezer.freeze(service)


def test_a_day_has_one_round(freezer, clock):
    service = freezer.service("crossref")
    freezer.freeze(service)
    n = len(service.asked)

    with pytest.raises(SearchError, match="has a round already"):
        freezer.freeze(service)
    assert len(service.asked) == n

    clock.at += 86_400
    assert freezer.freeze(service).folder.name == "2026-03-15"
    assert [folder.name for folder in rounds.rounds("crossref")] == ["2026-03-14", "2026-03-15"]  # fmt: skip


def test_a_second_freeze_of_a_source_waits_for_nobody(freezer):
    service = freezer.service("crossref")

    with rounds._alone(rounds.HOME / "crossref"), pytest.raises(SearchError, match="another freeze of this source is running"):  # fmt: skip
        freezer.freeze(service)
    freezer.freeze(service)


# --- what a build reads --------------------------------------------------------------------------------


def test_a_frozen_round_of_pubmed_is_read(freezer):
    frozen = freezer.freeze(freezer.service("pubmed", 25))

    read = readers.read_all([frozen.folder / "search.yaml"])

    assert read.searches[["status", "n_reported", "n_read"]].values.tolist() == [["frozen", 25, 25]]  # fmt: skip
    assert read.records["title"].nunique() == 25


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda folder: _append(folder / "00002-records.xml"), "not the bytes that were fetched"),
        (lambda folder: _append(folder / "00001-list.xml"), "not the bytes that were fetched"),
        (lambda folder: (folder / "00002-records.xml").unlink(), "is not there"),
        (lambda folder: (folder / "more.xml").write_bytes(b"<a/>"), "stands not in responses.csv"),
    ],
)  # fmt: skip
def test_a_frozen_round_that_was_changed_stops_the_build(freezer, harm, says):
    frozen = freezer.freeze(freezer.service("pubmed", 25))
    harm(frozen.folder)

    with pytest.raises(ReviewError, match=says):
        readers.read_all([frozen.folder / "search.yaml"])


def _append(path):
    path.write_bytes(path.read_bytes() + b"\n")


def test_an_export_may_be_called_responses(review):
    folder = review / "data/raw/searches/shelf/2024-05-01"
    folder.mkdir(parents=True)
    (folder / "search.yaml").write_text("source: shelf\nkind: database\nstatus: exported\nsearched_on: '2024-05-01'\n")  # fmt: skip
    (folder / "responses.csv").write_text("title,authors,year\nMoss,Fiktiv I,2001\n")

    assert len(readers.read_all([folder.relative_to(review) / "search.yaml"]).records) == 1  # fmt: skip


def test_a_description_survives_any_text(tmp_path):
    for text in ("a: b", "- x", "'", '"', "multi\nline: yes\n# no\n", " lead", "trail \nx", "x" * 200, "null", "2024-05-01", "a\tb", "ä\u2028b"):  # fmt: skip
        content = {"query_run": text, "frozen": {"notes": [text]}}
        assert yaml.safe_load(rounds.as_yaml(content)) == content


# --- the rate ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("keys", [{}, fake.KEYS], ids=["no_keys", "keys"])
def test_no_window_of_a_second_holds_more_than_the_rate(freezer, name, keys):
    needed = {"openalex", "scopus"}
    given = keys or ({variable: value for variable, value in fake.KEYS.items() if "EMAIL" not in variable} if name in needed else {})  # fmt: skip
    service = freezer.service(name, 150, faults={5: fake.too_many("2"), 9: fake.reply(500)})  # fmt: skip

    freezer.freeze(service, keys=given)

    allowed = freezer.client(service, given).rate.requests
    times = [asked.at for asked in service.asked]
    assert len(times) > allowed
    for start in times:
        assert sum(start <= at < start + 1 for at in times) <= allowed


SCRIPT = """
import sys, time
sys.path.insert(0, {scripts!r})
from pathlib import Path
from retrace.searches.pace import Clock, Pace, Rate
pace = Pace("shared", Rate(3, 0.1), Clock(), Path({home!r}))
print(*[repr(pace.wait()) for _ in range(6)])
"""


def test_the_rate_holds_across_processes(tmp_path):
    script = SCRIPT.format(scripts=str(ledger.SCRIPTS), home=str(tmp_path))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    times = sorted(float(at) for process in running for at in process.communicate()[0].split())  # fmt: skip

    assert len(times) == 18
    for start in times:
        assert sum(start <= at < start + 0.1 for at in times) <= 3


def test_a_pause_that_one_process_was_told_holds_for_all(tmp_path, clock):
    from retrace.searches.pace import Pace, Rate

    one, other = (Pace("shared", Rate(3), clock, tmp_path) for _ in range(2))
    one.wait()
    one.pause(120)

    assert other.wait() >= fake.MORNING + 120


@pytest.mark.parametrize("content", ["", "{", "[]", '{"taken": "x"}', '{"taken": [1e18, 9e17, 8e17], "not_before": 1e18}'])  # fmt: skip
def test_a_file_of_the_pace_that_is_broken_or_from_the_future_is_no_matter(tmp_path, clock, content):  # fmt: skip
    from retrace.searches.pace import Pace, Rate

    (tmp_path / "shared.json").write_text(content)

    assert Pace("shared", Rate(3), clock, tmp_path).wait() == fake.MORNING


def test_the_pace_is_kept_where_the_cache_may_not_be_written(tmp_path, clock, monkeypatch):  # fmt: skip
    from retrace.searches.pace import Pace, Rate

    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert Pace("shared", Rate(3), clock).wait() == fake.MORNING
