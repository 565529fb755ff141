"""Builds on a real Slurm: the same bytes as here, and a failed step told where it was started."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import reproduce
import slurm

ROOT = Path(__file__).parents[2]
PROFILES = ("slurm", "cluster-generic")
LONGEST = 400
"""Seconds after which a build on the cluster is given up: it never waits for ever."""

pytestmark = pytest.mark.skipif(bool(slurm.why_not()), reason=slurm.why_not())


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    with slurm.running(tmp_path_factory.mktemp("slurm")):
        yield


def build(review, profile, *targets):
    """Build a review on the cluster as a user does, and say what the prompt said."""
    return subprocess.run(
        ["timeout", "-k", "10", str(LONGEST), sys.executable, "-m", "retrace", "build",
         "-d", review, *targets, "--workflow-profile", f"profiles/{profile}"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "workflow/scripts")},
    )  # fmt: skip


def test_the_shipped_review_has_the_same_bytes_from_slurm(cluster, shipped, tmp_path):
    review = tmp_path / "review"
    reproduce.lay(review, review=shipped)
    done = build(review, "slurm")
    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"(\d+) of \1 steps done", done.stdout)
    sums = "results/SHA256SUMS"
    assert (review / sums).read_text() == (shipped / sums).read_text()
    # Not by chance on this machine's own processors: Slurm knows the jobs.
    jobs = subprocess.run(["scontrol", "show", "jobs"], text=True, capture_output=True)
    assert jobs.stdout.count(f"WorkDir={review}") == jobs.stdout.count("COMPLETED") > 0


def test_the_reading_of_many_large_exports_is_shared_out_over_jobs(cluster, tmp_path):
    review, here = tmp_path / "review", tmp_path / "here"
    make = [sys.executable, ROOT / "bench/scale_workflow.py", "--make", review, "100000"]  # fmt: skip
    subprocess.run(make, check=True)
    shutil.copytree(review, here)
    target = "results/flow/members.csv"
    done = build(review, "slurm", target)
    assert done.returncode == 0, done.stdout[-4000:]
    jobs = subprocess.run(["scontrol", "show", "jobs"], text=True, capture_output=True)
    parts = list((review / "results/parts").iterdir())
    assert len(parts) > 1
    # Reading each part, joining, deduplicating, and the group of all that follows.
    assert jobs.stdout.count(f"WorkDir={review}") == len(parts) + 3
    subprocess.run(
        [sys.executable, "-m", "retrace", "build", "-d", here, target],
        check=True, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT / "workflow/scripts")},
    )  # fmt: skip
    for output in ("records/records.parquet", "records/deduplicated.parquet", "flow/members.csv"):  # fmt: skip
        there = review / "results" / output
        assert there.read_bytes() == (here / "results" / output).read_bytes()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_step_that_fails_on_the_cluster_says_why_at_the_prompt(
    cluster, second, tmp_path, profile
):
    review = tmp_path / "review"
    shutil.copytree(second, review)
    template = review / "manuscript/text.md.j2"
    whole = template.read_text()
    template.write_text(whole + '\n{{ n("no_such_number") }} Zellen.\n')
    failed = build(review, profile)
    assert failed.returncode == 1
    assert "ERROR: manuscript/text.md.j2:" in failed.stdout
    assert "there is no number 'no_such_number'" in failed.stdout
    assert "Traceback" not in failed.stdout
    template.write_text(whole)
    mended = build(review, profile)
    assert mended.returncode == 0, mended.stdout[-4000:]
    sums = "results/SHA256SUMS"
    assert (review / sums).read_text() == (second / sums).read_text()
