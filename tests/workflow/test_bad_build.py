"""A build stops at what an author can mend with the lines that `retrace check` prints, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_review import REVIEWERS, TOWNS, fill, said, write

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"


def build(folder, *arguments):
    """Build as an author does; return the lines of the errors, and all that was said."""
    done = subprocess.run(
        [sys.executable, "-m", "retrace", "build", "-d", str(folder), *arguments],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS), "CI": "1"}, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stdout and "this is a bug" not in done.stdout
    lines = done.stdout.splitlines()
    return [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]  # fmt: skip


@pytest.fixture
def review(tmp_path):
    return fill(tmp_path / "review")


def test_tables_that_do_not_fit_stop_the_jobs_that_read_them(review):
    header = "record_id,stage,decision,reason,decided_on,note"
    write(review / REVIEWERS / "ada.csv", f"{header}\nshelf:A1,title_abstract,maybe,,31.12.2023,\n")  # fmt: skip
    write(review / REVIEWERS / "bob.csv", f"<<<<<<< a\n{header}\n".encode("utf-16"))
    write(review / "data/raw/extraction/first/towns.csv", TOWNS.replace("small", "Small"))  # fmt: skip

    # Each job that fails says all of its own; the others go on.
    lines = build(review, "--keep-going")

    assert sorted(lines) == said(review)
    assert {line.split("/")[-1].split(":")[0] for line in lines} == {"ada.csv", "bob.csv", "towns.csv"}  # fmt: skip
    assert (review / "results/records/records.parquet").exists()


def test_votes_that_contradict_the_records_stop_the_job_that_settles_them(review):
    write(review / REVIEWERS / "ada.csv", "record_id,stage,decision,reason,decided_on,note\nshelf:A9,title_abstract,include,,,\n")  # fmt: skip

    assert build(review, "results/screening/settled.csv") == said(review)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda review: (review / "config.yaml").write_text("titel: x\n"),
        lambda review: (review / "config.yaml").unlink(),
        lambda review: (review / "data/raw/extraction/first/towns.csv").unlink(),
        lambda review: (review / f"{REVIEWERS}/ada.csv").symlink_to("ada.csv"),
        lambda review: (review / f"{REVIEWERS}/ada.csv").mkdir(),
        lambda review: (review / "data/raw/screening/reviewer.csv").write_text("x\n"),
        lambda review: (review / "manuscript/review.md.j2").unlink(),
    ],
    ids=["config", "no_config", "no_sheet", "loop", "folder", "stray", "no_template"],
)
def test_what_is_wrong_with_config_or_files_stops_before_the_first_job(review, spoil):
    spoil(review)

    assert build(review) == said(review)
    assert not (review / "results/records").exists()
