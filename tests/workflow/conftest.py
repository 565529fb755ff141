"""The second review, built once, and the distribution, built and installed once, for all tests of this folder."""

import shutil
import site
import subprocess
import sys
from pathlib import Path

import once
import pytest
from commands import done
from retrace.audit import crate

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

    def make(folder):
        shutil.copytree(SECOND, folder, dirs_exist_ok=True)
        done = run(folder, "--keep-going")
        if done.returncode:
            pytest.fail(
                f"the second review does not build:\n{done.stdout[-6000:]}",
                pytrace=False,
            )

    return once.made(tmp_path_factory, "zweite Übersicht", make)


@pytest.fixture
def copy_of_second(second, tmp_path):
    """Return a copy of the built review, to change one thing in it."""
    folder = tmp_path / "review"
    shutil.copytree(second, folder, symlinks=True)
    return folder


@pytest.fixture(scope="session")
def dist(tmp_path_factory):
    """Return the folder of the source distribution and the wheel, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    done(sys.executable, "-m", "hatchling", "build", "-d", folder, folder=ROOT)
    return folder


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """Return a new environment with pip and the locked libraries, and without retrace."""
    folder = tmp_path_factory.mktemp("environment")
    done(sys.executable, "-m", "venv", folder)
    (own,) = folder.glob("lib/python*/site-packages")
    (own / "locked.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return folder


@pytest.fixture(scope="session")
def installed(environment, dist):
    """Return the folder of the commands of an environment in which the wheel is installed."""
    python = environment / "bin/python"
    (wheel,) = dist.glob("*.whl")
    done(python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", wheel)
    return environment / "bin"


@pytest.fixture(scope="session")
def copy_engine():
    """Return what copies the engine into a folder, to change its modules."""

    def copy(folder):
        for name, path in crate.engine_files(ROOT).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / name)
        return folder

    return copy


@pytest.fixture
def engine(tmp_path, copy_engine):
    """Return a copy of the engine, to change one thing in it."""
    return copy_engine(tmp_path / "engine")
