"""The built review says what its raw inputs say, in all formats alike."""

import csv
import hashlib
import html
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT.parent / "shared/source/review.txt"


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def results(shipped):
    return shipped / "results"


@pytest.fixture(scope="session")
def numbers(results):
    return {row["number_id"]: row for row in rows(results / "numbers/numbers.csv")}


def letters(text):
    """Return a text's letters and digits alone: lines and hyphens fall differently in each format."""
    return re.sub(r"[\W_]+", "", text)


@pytest.fixture(scope="session")
def texts(results):
    """Return the words of the manuscript by format, blanks folded."""
    import pymupdf

    folder = results / "manuscript"
    page = (folder / "review.html").read_text(encoding="utf-8")
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.S)
    with zipfile.ZipFile(folder / "review.docx") as file:
        word = file.read("word/document.xml").decode()
    word = re.sub(r"</w:p>|<w:br/>|<w:tab/>", " ", word)
    with pymupdf.open(folder / "review.pdf") as pdf:
        # Without head and foot of the page: a sentence may run over them.
        printed = " ".join(
            page.get_text(clip=page.rect + (0, 60, 0, -60)) for page in pdf
        )
    found = {
        "html": html.unescape(
            re.sub(r"<[^>]+>", "", re.sub(r"<(br|/td|/th|/p|/li)\b[^>]*>", " ", body))
        ),
        "docx": html.unescape(re.sub(r"<[^>]+>", "", word)),
        "pdf": printed,
    }
    return {name: letters(text) for name, text in found.items()}


@pytest.mark.parametrize(
    ("sheet", "n"),
    [
        ("studies", 39),
        ("arms", 43),
        ("effects", 415),
        ("mechanisms", 38),
        ("biomarkers", 153),
    ],
)
def test_the_consensus_has_the_rows_that_the_codebook_says(results, sheet, n):
    assert len(rows(results / f"extraction/{sheet}.csv")) == n


def test_the_distinct_outcomes_are_those_that_the_codebook_says(numbers):
    assert numbers["lines_distinct"]["value"] == "392"


def test_published_counts_are_reported_and_the_included_studies_are_counted(results):
    kinds = {
        row["data"]: (row["n"], row["kind"])
        for row in rows(results / "flow/prisma.csv")
    }

    assert kinds["database_results"] == ("687", "reported")
    assert kinds["records_screened"] == ("307", "reported")
    assert kinds["new_studies"] == kinds["new_reports"] == ("39", "counted")
    assert {
        kinds[box] for box in ("duplicates", "records_excluded", "dbr_assessed")
    } == {("", "not_published")}
    assert {
        kinds[box]
        for box in ("register_results", "previous_studies", "citations_results")
    } == {("", "not_applicable")}


def test_only_counted_boxes_have_members(results):
    counted = {
        row["data"]
        for row in rows(results / "flow/prisma.csv")
        if row["kind"] == "counted"
    }

    assert {row["box"] for row in rows(results / "flow/members.csv")} == counted


def test_the_impossible_deduplication_is_found(results):
    (warning,) = rows(results / "flow/warnings.csv")

    assert warning["code"] == "reported_deduplication_impossible"
    assert "at least 344" in warning["says"]


@pytest.mark.parametrize(
    ("table", "n"), [("table_1", 7), ("table_2", 33), ("characteristics", 39)]
)
def test_a_table_has_its_printed_rows(results, table, n):
    assert len(rows(results / f"tables/{table}.csv")) == n


FIGURES = [
    "prisma_flow",
    "study_characteristics",
    "senescence_biomarkers",
    "recovery_by_domain",
    "effects_by_domain",
]


@pytest.mark.parametrize("figure", FIGURES)
def test_each_mark_of_a_figure_is_a_number_with_that_value(results, numbers, figure):
    drawn = rows(results / f"figures/{figure}.csv")
    marks = [row for row in drawn if row.get("number_id")]

    for mark in marks:
        assert mark["number_id"] in numbers
        # A dot of a matrix counts what two numbers share, so it is neither of them.
        if not mark["with_number_id"]:
            assert mark["n"] == numbers[mark["number_id"]]["value"]
    assert marks or figure == "prisma_flow"


def test_each_number_has_as_many_members_as_it_says(results, numbers):
    counted = {}
    for row in rows(results / "numbers/members.csv"):
        counted[row["number_id"]] = counted.get(row["number_id"], 0) + 1

    for number_id, row in numbers.items():
        assert counted.get(number_id, 0) == int(row["n_members"] or 0), number_id
        if row["kind"] == "count":
            assert row["value"] == row["n_members"], number_id


def test_the_three_formats_say_the_same_numbers(results, texts):
    """Each sentence of the text that holds a number stands in all formats, with the same digits."""
    text = (results / "manuscript/review.md").read_text(encoding="utf-8")
    prose = [
        line
        for line in text.split("\n")
        if ".number" in line and not line.startswith(("<", "|", ":::"))
    ]
    numbers = re.findall(
        r"((?:[\w’-]+ ){1,2})\[([^\]]+)\]\(#n-[^)]*\)\{\.number[^}]*\}((?: [\w’-]+){1,2})",
        "\n".join(prose),
    )
    assert len(numbers) > 50

    for before, value, after in numbers:
        said = letters(f"{before}{value}{after}")
        for name, words in texts.items():
            assert said in words, f"{said!r} is not in the {name}"


def test_each_claim_has_a_verdict_that_its_values_bear_out(results):
    verdicts = rows(results / "claims/claims.csv")

    assert {row["verdict"] for row in verdicts} == {
        "reproduced",
        "rule_dependent",
        "contradicted",
        "not_derivable",
    }
    for row in verdicts:
        if (
            row["relation"] == "equals"
            and row["verdict"] == "reproduced"
            and row["stated"].isdigit()
        ):
            assert float(row["recomputed"]) == float(row["stated"]), row["claim_id"]
        if row["verdict"] == "contradicted":
            assert row["recomputed"] and row["recomputed"] != row["stated"], row[
                "claim_id"
            ]
            assert row["basis"] != "source_damaged", row["claim_id"]


@pytest.mark.skipif(
    not SOURCE.is_file(), reason="the article's text is not beside this checkout"
)
def test_no_sentence_of_the_article_is_carried_over(results):
    """No ten words in a row of the prose stand in the article, titles of works aside."""
    text = (ROOT / "manuscript/review.md.j2").read_text(encoding="utf-8")
    article = " ".join(
        re.findall(
            r"\w+",
            SOURCE.read_text(encoding="utf-8").split("\nReferences\n")[0].lower(),
        )
    )
    words = re.findall(
        r"\w+", re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\[@.*?\]", " ", text).lower()
    )

    carried = {" ".join(words[at : at + 10]) for at in range(len(words) - 9)}
    assert not [run for run in carried if f" {run} " in f" {article} "]


def test_checksums_name_every_content_output_and_nothing_else(results):
    lines = dict(
        reversed(line.split("  "))
        for line in (results / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    )
    content = {
        path.relative_to(results.parent).as_posix()
        for path in results.rglob("*")
        if path.is_file()
        and path.relative_to(results).parts[0]
        not in ("audit", "ledger", "logs", "SHA256SUMS")
    }

    assert set(lines) == content
    for path, digest in lines.items():
        assert (
            hashlib.sha256((results.parent / path).read_bytes()).hexdigest() == digest
        )


def test_provenance_reaches_raw_files_for_every_output(results):
    entries = {
        entry["path"]: entry
        for entry in json.loads((results / "audit/provenance.json").read_text())
    }

    def raw(path):
        if path not in entries:
            return {path}
        return set().union(*(raw(used["path"]) for used in entries[path]["inputs"]))

    for path, entry in entries.items():
        assert len(entry["code_sha256"]) == 64
        leaves = raw(path)
        assert leaves and not [
            leaf for leaf in leaves if leaf.startswith("results/")
        ], path


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="the tracked checksums are of Python 3.11"
)
def test_the_tracked_checksums_are_those_of_this_build(results):
    assert (ROOT / "results/SHA256SUMS").read_text() == (
        results / "SHA256SUMS"
    ).read_text(), "run: make review, then commit results/SHA256SUMS"


def test_what_the_readme_says_was_found_is_what_was_found(results):
    result = subprocess.run(
        [sys.executable, ROOT / "docs/readme.py", "--check", "--results", results],
        capture_output=True,
        text=True,
    )

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("source", ["pubmed", "scopus"])
def test_a_mended_search_string_has_the_terms_that_were_printed_and_nothing_odd(results, source):  # fmt: skip
    held = {"published": set(), "planned": set()}
    for row in rows(results / "searches/terms.csv"):
        if row["source"] == source:
            held[row["query"]].add((row["block"], row["words"], row["excluded"]))

    assert len(held["planned"]) > 20
    assert held["planned"] == held["published"]
    assert not [row for row in rows(results / "searches/warnings.csv") if row["where"].startswith("config.yaml")]  # fmt: skip


def test_a_search_without_its_records_has_no_recall(results):
    found = {
        row["source"]: (row["kind"], row["n_known"], row["n_found"], row["recall"])
        for row in rows(results / "searches/recall.csv")
    }

    assert found == dict.fromkeys(("pubmed", "scopus"), ("not_published", "39", "", ""))
