"""The second review, built once in a folder of its own, for every test that looks at it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECOND = Path(__file__).parent / "second"


def run(folder, *arguments):
    """Run the workflow as an author does, on a review in another folder."""
    return subprocess.run(
        [
            sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"),
            "--directory", str(folder), "--cores", "2", "--nocolor", *arguments,
        ],
        text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.fixture(scope="session")
def snakemake():
    """Return what runs the workflow on a folder, with arguments of Snakemake."""
    return run


@pytest.fixture(scope="session")
def second(tmp_path_factory):
    """Return the folder of the second review, built in release."""
    folder = tmp_path_factory.mktemp("reviews") / "zweite Übersicht"
    shutil.copytree(SECOND, folder)
    done = run(folder, "--keep-going")
    if done.returncode:
        pytest.fail(
            f"the second review does not build:\n{done.stdout[-6000:]}", pytrace=False
        )
    return folder


@pytest.fixture
def copy_of_second(second, tmp_path):
    """Return a copy of the built review, to change one thing in it."""
    folder = tmp_path / "review"
    shutil.copytree(second, folder, symlinks=True)
    return folder
