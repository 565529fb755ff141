"""A review whose included studies were asked about says in table, flow, text and at the prompt what became of them."""

import contextlib
import csv
import re
from pathlib import Path

import fake_services as fake
import freezing
import pytest
from retrace import check, new, trace
from retrace.searches.wanted import NOTICES

SEARCH = "source: known\nkind: listed_records\nstatus: listed\n"
TABLE = "results/notices/notices.csv"
TARGETS = ("results/flow/prisma.csv", "results/figures/prisma_flow.svg", "results/manuscript/review.md", "results/manuscript/review.html")  # fmt: skip


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def box(folder):
    return [row for row in rows(folder / "results/flow/prisma.csv") if row["data"] == "retracted_studies"]  # fmt: skip


@pytest.fixture(scope="module")
def asked(tmp_path_factory, snakemake):
    """Return a review that names five studies, what it was built to before anybody was asked, and what was said after."""
    base = tmp_path_factory.mktemp("asked")
    folder = base / "review"
    new.make(folder)
    freezing.configure(folder)
    home = folder / "data/raw/searches/known/undated"
    home.mkdir(parents=True)
    (home / "search.yaml").write_text(SEARCH, "utf-8")
    (home / "known.csv").write_text(
        "accession,title,year,doi\n" + "".join(f"{n},Title {n},2020,10.5555/moss.{n}\n" for n in range(1, 6)), "utf-8"
    )  # fmt: skip
    (folder / "data/raw/published").mkdir(exist_ok=True)
    (folder / "data/raw/published/included.csv").write_text(
        "study_id,record_id,location\n" + "".join(f"study_{n},known:{n},\n" for n in range(1, 6)), "utf-8"
    )  # fmt: skip
    clock = fake.VirtualClock()
    held = fake.records(4)
    held[0].notice, held[1].notice, held[2].access = "retracted", "corrected", "gold"
    services = [fake.Service(name, held, clock) for name in ("pubmed", "openalex", "crossref")]  # fmt: skip
    with freezing.answering(services, base, **fake.KEYS):
        first = snakemake(folder, *TARGETS)
        assert first.returncode == 0, first.stdout[-3000:]
        before = {
            "said": first.stdout, "box": box(folder), "table": (folder / TABLE).exists(),
            "text": (folder / "results/manuscript/review.md").read_text("utf-8"),
        }  # fmt: skip
        with contextlib.chdir(folder):
            code, _, told = freezing.run(included=True, services=services, clock=clock)
        assert code == 0, told
        done = snakemake(folder, *TARGETS)
        assert done.returncode == 0, done.stdout[-3000:]
    return folder, before, done.stdout


def test_where_nobody_was_asked_nothing_is_said(asked):
    _, before, _ = asked

    assert "Looking up what became" not in before["said"]
    assert (before["box"], before["table"]) == ([], False)
    assert "notices-appendix" not in before["text"]


def test_the_table_says_of_each_study_what_became_of_it(asked):
    folder, _, _ = asked

    found = {row["study_id"]: (row["notice"], row["open_access"], row["full_text"]) for row in rows(folder / TABLE)}  # fmt: skip
    assert found == {
        "study_1": ("retracted", "closed", ""),
        "study_2": ("corrected", "closed", ""),
        "study_3": ("none", "gold", "https://moss.example/3.pdf"),
        "study_4": ("none", "closed", ""),
        "study_5": ("not_known", "not_known", ""),
    }


def test_the_flow_counts_the_retracted_studies_below_the_included(asked):
    folder, _, _ = asked

    (row,) = box(folder)
    assert (row["n"], row["kind"], row["box"]) == ("1", "counted", "box10")
    words = "Retracted as of 2026-03-14, of 4 known to Crossref, OpenAlex or PubMed"
    assert row["boxtext"] == words
    drawn = [row["text"] for row in rows(folder / "results/figures/prisma_flow.csv") if row["panel"] == "box10"]  # fmt: skip
    assert drawn[:2] == ["Studies included in review (n = 5)", f"{words} (n = 1)"]
    assert f"{words} (n = 1)" in (folder / "results/figures/prisma_flow.alt.txt").read_text("utf-8")  # fmt: skip
    printed = "".join(re.findall(r"<!--(.*?)-->", (folder / "results/figures/prisma_flow.svg").read_text("utf-8")))  # fmt: skip
    assert "Retracted as of 2026-03-14" in printed


def test_a_build_and_a_check_warn_of_them(asked, monkeypatch):
    folder, _, said = asked
    services = "Crossref 2026-03-14, OpenAlex 2026-03-14, PubMed 2026-03-14"

    assert f"WARNING: 1 included study is retracted: study_1 ({services})." in said
    assert "WARNING: 1 included study is corrected: study_2" in said
    monkeypatch.chdir(folder)
    problems, odd = check.look()
    assert problems == []
    assert [(one.file, one.column) for one in odd if "study_1" in one.what] == [("data/raw/notices", "retracted")]  # fmt: skip


def test_the_text_ends_with_links_and_the_days(asked):
    folder, _, _ = asked

    page = (folder / "results/manuscript/review.html").read_text("utf-8")
    appendix = page[page.index('id="notices-appendix"') :]
    assert '<a href="https://doi.org/10.5555/moss.3">10.5555/moss.3</a>' in appendix
    assert '<a href="https://moss.example/3.pdf">gold</a>' in appendix
    assert "not known to the services that were asked" in appendix
    assert 'href="#t-notices%2Fknown%3A1%20study_1"' in appendix


def test_a_retracted_study_is_walked_to_the_bytes_that_say_so(asked, monkeypatch):
    folder, _, _ = asked
    monkeypatch.chdir(folder)

    (member,) = trace.walk("box:retracted_studies")["members"]

    assert member["id"] == "study_1"
    assert [Path(one["file"]).parts[3] for one in member["places"]] == ["crossref", "openalex", "pubmed"]  # fmt: skip
    for place in member["places"]:
        held = Path(place["file"]).read_bytes()[place["offset"] :]
        assert re.match(rb'\{"updated-by"|\{"id": "https://openalex.org/W1"|<PubmedArticle>.*?<PMID Version="1">1<', held)  # fmt: skip


def test_an_answer_that_was_edited_stops_the_build(asked, snakemake, tmp_path):
    folder, _, _ = asked
    (path,) = (folder / NOTICES / "crossref").glob("*/*records.json")
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"retraction-watch", b"retraction-match"))

    try:
        done = snakemake(folder, TABLE)
    finally:
        path.write_bytes(whole)

    assert done.returncode
    assert f"{path.relative_to(folder)}: not the bytes that were fetched" in done.stdout
