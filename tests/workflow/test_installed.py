"""The wheel holds the whole engine, and builds a review where no checkout is."""

import sys
import tarfile
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from commands import done
from retrace.audit import crate

ROOT = Path(__file__).parents[2]
ENGINE = "retrace_review"


def members(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture(scope="module")
def wheel(dist):
    (path,) = dist.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def review(installed, tmp_path_factory):
    """Return a new review, made and built by the installed command."""
    folder = tmp_path_factory.mktemp("anywhere") / "review"
    done(installed / "retrace", "new", "review", folder=folder.parent)
    done(installed / "retrace", "build", "-d", folder, "--cores", "2", folder="/")
    return folder


def test_the_wheel_holds_every_file_of_the_engine_and_one_copy_of_it(wheel):
    held = members(wheel)
    engine = {
        name.removeprefix(f"{ENGINE}/"): data
        for name, data in held.items()
        if name.startswith(f"{ENGINE}/")
    }
    rest = {name for name in held if not name.startswith(ENGINE)}

    assert engine == {
        name: path.read_bytes() for name, path in crate.engine_files(ROOT).items()
    }
    assert rest == {"retrace/__init__.py"}


def test_a_wheel_made_from_the_source_distribution_is_the_same(dist, wheel, tmp_path):
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as file:
        file.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()

    done(sys.executable, "-m", "hatchling", "build", "-t", "wheel", folder=source)

    (again,) = (source / "dist").iterdir()
    assert members(again) == members(wheel)


def test_the_wheel_asks_for_the_libraries_of_the_project_and_the_lock_has_them(
    wheel, installed
):
    (held,) = (data for name, data in members(wheel).items() if name.endswith("/METADATA"))  # fmt: skip
    says = message_from_string(held.decode())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    asked = {line for line in says.get_all("Requires-Dist") if "extra ==" not in line}
    assert len(asked) == len(project["dependencies"])
    for line in project["dependencies"]:
        name = line.partition("[")[0].partition(">")[0].partition("=")[0]
        assert any(one.startswith(name) for one in asked), name
    assert says["Name"] == "retrace-review"
    assert "No broken requirements" in done(installed / "python", "-m", "pip", "check")


def test_an_import_finds_the_package_in_the_installed_engine(installed):
    said = done(
        installed / "python", "-c",
        "import retrace, retrace.ledger; print(retrace.__version__, retrace.ledger.HOME)",
        folder="/",
    )  # fmt: skip

    version, home = said.split()
    assert version and Path(home).name == ENGINE
    assert installed.parent in Path(home).parents


def test_an_installed_engine_builds_a_new_review_and_vouches_for_it(installed, review):
    assert (review / "results/manuscript/review.html").stat().st_size
    assert "Nothing to do" in done(installed / "retrace", "build", "-d", review)
    assert "Every output is" in done(installed / "retrace", "verify", "-d", review)
    assert "records_identified" in done(
        installed / "retrace", "trace", "-d", review, "records_identified"
    )


def test_code_has_the_same_digests_installed_and_in_a_checkout(review):
    said = done(
        sys.executable, "-m", "retrace", "verify", "-d", review,
        PYTHONPATH=str(ROOT / "workflow/scripts"),
    )  # fmt: skip

    assert "Every output is" in said


def test_no_result_names_a_folder_of_the_machine(installed, review):
    places = [str(place).encode() for place in (installed.parent, review, ROOT, sys.prefix)]  # fmt: skip
    texts = {
        path.name: path.read_bytes()
        for path in (review / "results").rglob("*")
        if path.is_file() and "logs" not in path.parts
    }
    texts |= members(review / "results/audit/review.crate.zip")

    assert [
        (name, place)
        for name, data in texts.items()
        for place in places
        if place in data
    ] == []
