"""The distribution, built and installed in an environment that has never seen this checkout."""

import site
import sys
from pathlib import Path

import pytest
from commands import done

ROOT = Path(__file__).parents[2]


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
