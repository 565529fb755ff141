"""One build of a review has the turn, and a job of an older one writes nothing more."""

import subprocess
import sys

import pytest
from retrace import errors, ledger, turn


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(turn, "PATIENCE", 0.1)
    monkeypatch.setattr(turn, "_held", [])
    monkeypatch.delenv(turn.VARIABLE, raising=False)
    # begin() sets the variable: monkeypatch puts back what it has seen set.
    monkeypatch.setenv(turn.VARIABLE, "")
    return tmp_path


def begun_elsewhere():
    """Return a process that has the turn until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from retrace import turn; turn.begin(); print(1, flush=True); input()"],
        env={"PYTHONPATH": str(ledger.SCRIPTS)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.readline()
    return process


def test_a_second_build_is_refused_and_told_which_process_builds():
    first = begun_elsewhere()
    with pytest.raises(errors.TurnError, match=f"running .process {first.pid}.; wait"):
        turn.begin()
    assert turn.holder() == str(first.pid)

    first.kill()
    first.wait()
    assert turn.holder() == ""
    turn.begin()


def test_looking_who_builds_does_not_take_the_turn():
    assert turn.holder() == ""
    turn.begin()


def test_a_job_of_an_older_build_leaves_the_file_as_it_is(folder, monkeypatch):
    turn.begin()
    ledger.write_text("results/x", "of the first")
    mine = turn.os.environ[turn.VARIABLE]
    turn._held.clear()
    turn.begin()
    ledger.write_text("results/x", "of the second")

    monkeypatch.setenv(turn.VARIABLE, mine)
    with pytest.raises(errors.TurnError, match="a later build"):
        ledger.write_text("results/x", "of the first again")

    assert [path.name for path in (folder / "results").iterdir()] == ["x"]
    assert (folder / "results/x").read_text() == "of the second"


def test_what_is_no_job_of_a_build_writes_freely(folder, monkeypatch):
    turn.begin()
    monkeypatch.delenv(turn.VARIABLE)
    ledger.write_text("elsewhere.csv", "1")

    assert (folder / "elsewhere.csv").read_text() == "1"


def test_half_files_of_a_killed_build_are_cleared_away_and_no_others(folder):
    (folder / "results/flow").mkdir(parents=True)
    for name in (".members.csv.k3j2.part", ".hidden", "members.csv", "x.part"):
        (folder / "results/flow" / name).touch()

    turn.begin()

    assert sorted(path.name for path in (folder / "results/flow").iterdir()) == [
        ".hidden",
        "members.csv",
        "x.part",
    ]
