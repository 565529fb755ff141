"""A review whose searches were frozen from services on this machine is built, and counts them."""

import csv
import os
import shutil
from pathlib import Path

import fake_services as fake
import freezing
import pytest
from retrace import diff, new
from retrace.searches import rounds

PLATFORMS = {"pubmed": "PubMed", "europepmc": "Europe PMC", "openalex": "OpenAlex", "crossref": "Crossref", "scopus": "Scopus"}  # fmt: skip
N = {"pubmed": 12, "europepmc": 11, "openalex": 10, "crossref": 9, "scopus": 8}
TARGETS = ("results/flow/prisma.csv", "results/numbers/numbers.csv")


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def boxes(folder):
    return {row["data"]: int(row["n"]) for row in rows(folder / "results/flow/prisma.csv") if row["kind"] == "counted"}  # fmt: skip


@pytest.fixture(scope="module")
def frozen(tmp_path_factory, snakemake):
    """Return a new review with two rounds of five searches, built after each, and what was said."""
    base = tmp_path_factory.mktemp("frozen")
    folder, before = base / "review", base / "before"
    new.make(folder)
    freezing.configure(folder, **{
        name: f"{{platform: {platform}, query: moss AND walls}}" for name, platform in PLATFORMS.items()
    })  # fmt: skip
    clock = fake.VirtualClock()
    services = [fake.Service(name, fake.records(n), clock) for name, n in N.items()]
    here, environment = Path.cwd(), dict(os.environ)
    os.environ.update(fake.KEYS, XDG_CACHE_HOME=str(base / "cache"))
    said = []
    try:
        for _ in range(2):
            os.chdir(folder)
            code, out, told = freezing.run(services=services, clock=clock)
            assert code == 0, told
            said.append(out)
            os.chdir(here)
            done = snakemake(folder, *TARGETS)
            assert done.returncode == 0, done.stdout[-3000:]
            if not before.exists():
                shutil.copytree(folder, before)
            for service in services:
                service.records = service.records[1:] + fake.records(2, first=50)
            clock.at += 90 * 86_400
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(environment)
        for service in services:
            service.close()
    return folder, before, said


def test_what_was_frozen_is_counted_beside_what_was_reported(frozen):
    _, before, _ = frozen

    searches = {row["source"]: row for row in rows(before / "results/records/searches.csv")}  # fmt: skip
    assert {name: (int(row["n_reported"]), int(row["n_read"]), row["status"]) for name, row in searches.items()} == {
        name: (n, n, "frozen") for name, n in N.items()
    }  # fmt: skip
    counted = boxes(before)
    assert counted["database_results"] == sum(N.values())
    assert {row["boxtext"]: int(row["n"]) for row in rows(before / "results/flow/prisma.csv") if row["data"] == "database_specific_results"} == {
        PLATFORMS[name] if row_label else name: N[name] for name, row_label in ((name, searches[name]["label"]) for name in N)
    }  # fmt: skip


def test_the_second_round_is_counted_beside_the_first(frozen):
    folder, _, _ = frozen

    searches = rows(folder / "results/records/searches.csv")
    assert [row["round"] for row in searches if row["source"] == "pubmed"] == ["2026-03-14", "2026-06-12"]  # fmt: skip
    counted = boxes(folder)
    assert counted["database_results"] == 2 * sum(N.values()) + len(N)
    # Records 1 to 12, 50 and 51 were found, in the one round or the other, by the one source or the other.
    assert counted["duplicates"] == counted["database_results"] - 14


def test_freeze_and_diff_say_what_the_second_round_brought(frozen):
    folder, before, said = frozen

    assert said[1].count("2 came, 1 went, 0 changed") == len(N)
    found = diff.as_text(diff.compare(before, folder))
    assert "10.5555_moss.50; came" in found
    assert "data/raw/searches/pubmed/2026-06-12" in found


def test_a_build_says_nothing_of_keys(frozen):
    folder, _, _ = frozen

    freezing.assert_no_secret(folder)


def test_an_answer_that_was_edited_stops_the_build(frozen, snakemake, tmp_path):
    folder, _, _ = frozen
    copy = tmp_path / "review"
    shutil.copytree(folder, copy)
    path = next((copy / rounds.HOME / "pubmed/2026-03-14").glob("*records.xml"))
    path.write_bytes(path.read_bytes().replace(b"moss", b"mold"))

    done = snakemake(copy, *TARGETS)

    assert done.returncode
    assert f"{path.relative_to(copy)}: not the bytes that were fetched" in done.stdout
    assert "Traceback" not in done.stdout
