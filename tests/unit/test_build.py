"""What `retrace build` hands to Snakemake, and what it does not."""

import pytest
from retrace import build, ledger


@pytest.fixture(autouse=True)
def review(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("given", [["--workflow-profile", "profiles/slurm"], ["--workflow-profile=profiles/slurm"],
                                   ["--workflow-profile", "slurm"]])  # fmt: skip
def test_a_profile_of_the_engine_is_found_from_any_folder(given):
    assert build.with_profile(["a", *given, "-n"]) == [
        "--workflow-profile", str(ledger.HOME / "profiles/slurm"), "a", "-n",
    ]  # fmt: skip


def test_a_profile_of_the_review_goes_before_the_one_of_the_engine(review):
    (review / "profiles/slurm").mkdir(parents=True)

    assert build.with_profile(["--workflow-profile", "profiles/slurm"]) == ["--workflow-profile", "profiles/slurm"]  # fmt: skip


@pytest.mark.parametrize("given", [["--workflow-profile", "profiles/slrum"], ["--workflow-profile=profiles/slrum"]])  # fmt: skip
def test_a_profile_that_is_not_found_stops_the_build(given, capsys):
    with pytest.raises(SystemExit, match="2"):
        build.with_profile(given)

    assert capsys.readouterr().err == (
        "retrace build: error: --workflow-profile profiles/slrum: no such profile in this folder or in the engine;"
        " expected one of profiles/cluster-generic, profiles/default, profiles/slurm; did you mean profiles/slurm?\n"
    )


def test_what_is_no_profile_is_handed_on_as_it_is():
    given = ["-n", "--cores", "1", "--workflow-profile", "none", "--", "results/x"]

    assert build.with_profile(given) == given
