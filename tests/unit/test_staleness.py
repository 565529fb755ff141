"""Snakemake's mtimes are set to what the ledger says."""

import os
import time

import pytest
from retrace import errors, ledger, staleness

OUT = "results/s/out.csv"


@pytest.fixture
def review(tmp_path, monkeypatch):
    """Lay a raw file and an output that was made from it a minute later."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ledger, "SCRIPTS", tmp_path / "scripts")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/in.csv").write_text("a\n")
    ledger.write_text(OUT, "b\n")
    ledger.write_text(
        ledger.sidecar_of(OUT),
        '{"path": "results/s/out.csv", "rule": "make_x", "inputs": [{"path": "data/in.csv", "sha256": ""}]}',
    )
    os.utime("data/in.csv", (1000, 1000))
    os.utime(OUT, (1060, 1060))
    return tmp_path


def tell(monkeypatch, stale=()):
    monkeypatch.setattr(
        ledger, "disagreements", lambda outputs, inputs_of: dict.fromkeys(stale, "why")
    )
    staleness.tell([OUT], lambda output: {"data/in.csv"})


def test_a_stale_output_looks_older_than_any_input(review, monkeypatch):
    os.utime("data/in.csv", (0, 0))
    tell(monkeypatch, stale=[OUT])

    assert os.stat(OUT).st_mtime < os.stat("data/in.csv").st_mtime
    assert (review / OUT).read_text() == "b\n"


def test_snakemakes_record_of_a_stale_output_goes(review, monkeypatch):
    staleness.RECORDS.mkdir(parents=True)
    staleness._record_of(OUT).write_text("{}")
    tell(monkeypatch, stale=[OUT])

    assert not list(staleness.RECORDS.iterdir())


def test_an_output_that_is_vouched_for_is_not_older_than_its_inputs(
    review, monkeypatch
):
    os.utime("data/in.csv", (2000, 2000))
    tell(monkeypatch)

    assert os.stat(OUT).st_mtime == 2001


def test_an_output_that_is_vouched_for_is_not_older_than_its_script(
    review, monkeypatch
):
    ledger.write_text(ledger.SCRIPTS / "make_x.py", "")
    os.utime(ledger.SCRIPTS / "make_x.py", (3000, 3000))
    tell(monkeypatch)

    assert os.stat(OUT).st_mtime == 3001


def test_mtimes_that_are_right_are_let_be(review, monkeypatch):
    tell(monkeypatch)

    assert os.stat(OUT).st_mtime == 1060


@pytest.mark.parametrize("path", ["data/in.csv", OUT])
def test_an_input_from_the_future_stops_no_build(review, monkeypatch, path):
    os.utime(path, (4e9, 4e9))
    tell(monkeypatch)

    assert os.stat(path).st_mtime < 4e9


@pytest.mark.parametrize("edited", ["data/in.csv", "scripts/make_x.py"])
def test_no_step_has_an_output_before_its_inputs_where_a_file_was_edited_just_now(
    review, monkeypatch, edited
):
    ledger.SCRIPTS.mkdir()
    (review / edited).write_text("c\n")
    tell(monkeypatch)

    assert os.stat(edited).st_mtime_ns < os.stat(OUT).st_mtime_ns <= time.time_ns()


def test_a_stale_output_that_cannot_be_marked_stops_the_build(review, monkeypatch):
    def refuse(*arguments, **named):
        raise PermissionError(1, "not yours")

    monkeypatch.setattr(staleness.os, "utime", refuse)
    with pytest.raises(errors.ReviewError, match="stale .why. and cannot be marked so"):
        tell(monkeypatch, stale=[OUT])
