"""The shipped review, built once for all tests that look at what was built."""

import os
import subprocess
import sys
from pathlib import Path

import once
import pytest
import reproduce
from browser import chromium

ROOT = Path(__file__).parents[1]
# What a build tells its author depends on it; the tests that mean an automatic run set it.
os.environ.pop("CI", None)


def build(directory, *arguments, **environment):
    """Build a review with the engine of this checkout; fail with what Snakemake said."""
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "snakemake",
            "-s",
            ROOT / "Snakefile",
            "-d",
            directory,
            "--cores",
            "2",
            *arguments,
        ],
        capture_output=True,
        text=True,
        env={
            name: value
            for name, value in os.environ.items()
            if name != "PYTHONDONTWRITEBYTECODE"
        }
        | environment,
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-4000:]
    return result


def pytest_collection_modifyitems(items):
    """Begin with the files that build reviews, so that one of them is not waited for in the end."""
    items.sort(key=lambda item: "workflow" not in item.path.parts)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory):
    """Return the folder of the shipped review, freshly built from its raw inputs alone."""

    def make(folder):
        reproduce.lay(folder)
        build(folder)

    return once.made(tmp_path_factory, "shipped", make)


@pytest.fixture(scope="session")
def browser():
    """Return Debian's Chromium, started once."""
    pytest.importorskip("playwright.sync_api", reason="playwright is absent")
    if not chromium.CHROMIUM:
        pytest.skip("Chromium is absent")
    with chromium.started() as it:
        yield it
