"""A review whose searches were frozen from services on this machine is built, and counts them."""

import contextlib
import csv
import re
import shutil

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
    said = []
    with freezing.answering(services, base, **fake.KEYS):
        for _ in range(2):
            with contextlib.chdir(folder):
                code, out, told = freezing.run(services=services, clock=clock)
            assert code == 0, told
            said.append(out)
            done = snakemake(folder, *TARGETS)
            assert done.returncode == 0, done.stdout[-3000:]
            if not before.exists():
                shutil.copytree(folder, before)
            for service in services:
                service.records = service.records[1:] + fake.records(2, first=50)
            clock.at += 90 * 86_400
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


# --- a published review, searched again ------------------------------------------------------------

KNOWN = "data/raw/searches/reference_list/undated/reference_list.csv"


@pytest.fixture(scope="module")
def again(shipped, tmp_path_factory, snakemake):
    """Return a copy of the shipped review, searched again at a PubMed that has some of its studies, and what was said."""
    base = tmp_path_factory.mktemp("again")
    folder = base / "review"
    shutil.copytree(shipped, folder, symlinks=True)
    known = rows(folder / KNOWN)[::2]
    found = fake.records(7, first=9_000)
    found += [fake.Record(8_000 + n, found[0].added, one["title"], int(one["year"]), one["doi"]) for n, one in enumerate(known)]  # fmt: skip
    clock = fake.VirtualClock()
    service = fake.Service("pubmed", found, clock)
    with freezing.answering([service], base), contextlib.chdir(folder):
        code, said, told = freezing.run("pubmed", services=[service], clock=clock)
    assert code == 0, told
    refused = snakemake(folder, *TARGETS)
    config = folder / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("status: release", "status: draft"), "utf-8")  # fmt: skip
    done = snakemake(folder)
    assert done.returncode == 0, done.stdout[-3000:]
    return folder, {"n_found": len(found), "n_known": len(known), "said": said, "refused": refused}  # fmt: skip


def test_a_published_search_is_sent_mended_beside_the_printed_one(again):
    folder, _ = again
    printed = rows(folder / "results/records/searches.csv")
    of = {row["status"]: row for row in printed if row["source"] == "pubmed"}

    assert set(of) == {"reported_only", "frozen"}
    before, after = of["reported_only"], of["frozen"]
    assert after["query_published"] == before["query_published"]
    assert after["query_run"] and after["query_run"] != after["query_published"]
    assert "not been run" not in after["note"]


def test_new_records_in_a_release_are_refused_with_the_way_out(again):
    _, of = again

    assert of["refused"].returncode
    assert "is undecided at title_abstract" in of["refused"].stdout
    assert "set status: draft" in of["refused"].stdout


def test_the_flow_of_a_published_review_has_both_counts_and_is_in_progress(again):
    folder, of = again
    reported = {row["box"]: row["n"] for row in rows(folder / "data/raw/published/reported.csv")}  # fmt: skip
    flow = rows(folder / "results/flow/prisma.csv")

    for box, n in reported.items():
        assert [(row["kind"], row["n"]) for row in flow if row["data"] == box] == [
            ("counted", str(of["n_found"])), ("reported", n),
        ]  # fmt: skip
    assert [(row["boxtext"], row["kind"]) for row in flow if row["data"] == "database_specific_results"] == [
        ("PubMed", "counted"), ("Scopus", "not_published"),
    ]  # fmt: skip
    words = (folder / "results/figures/prisma_flow.alt.txt").read_text("utf-8")
    assert "build in progress" in words
    assert f"Databases (n = {of['n_found']}), Databases (n = {reported['database_results']}, as reported)" in words  # fmt: skip
    warned = {row["code"]: row["says"] for row in rows(folder / "results/flow/warnings.csv")}  # fmt: skip
    assert "PubMed on 2026-03-14" in warned["searched_again"]
    assert f"{of['n_found']} records without a decision" in warned["undecided"]
    assert "reported_deduplication_impossible" in warned, "what was published is still held against itself"  # fmt: skip


def test_it_is_said_how_many_known_studies_the_new_search_finds(again):
    folder, of = again
    n_included = len(rows(folder / "data/raw/published/included.csv"))

    recall = [row for row in rows(folder / "results/searches/recall.csv") if row["kind"] == "counted"]  # fmt: skip
    assert [(row["source"], row["round"], int(row["n_found"]), int(row["n_known"])) for row in recall] == [
        ("pubmed", "2026-03-14", of["n_known"], n_included),
    ]  # fmt: skip
    assert 0 < of["n_known"] < n_included


def test_the_text_of_the_review_says_what_was_run_and_found(again):
    folder, of = again
    text = (folder / "results/manuscript/review.md").read_text("utf-8")

    assert "did not run the searches again" not in text
    assert "Searches were run again: PubMed on 2026-03-14" in text
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", text[text.index("#tbl-searches") :])
    found, n_included = str(of["n_found"]), len(rows(folder / "data/raw/published/included.csv"))  # fmt: skip
    assert cells[:4] == ["PubMed, 2026-03-14", "1", cells[2], found]
    assert cells[2].startswith("&quot;Mesenchymal stem cells")
    assert ["Known relevant records among them", f"{of['n_known']} of {n_included}"] == cells[18:20]  # fmt: skip
    assert cells[20] == "PubMed, undated"
