"""`retrace new` makes a review that builds at once, before anything is known and as it fills."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from retrace import new

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"
SCHEMA = json.loads((ROOT / "workflow/schemas/config.schema.json").read_text("utf-8"))


def retrace(*arguments, folder=None):
    """Run the command as an author does; return its code and all that it said."""
    done = subprocess.run(
        [sys.executable, "-m", "retrace", *map(str, arguments)], cwd=folder, text=True,
        env={**os.environ, "PYTHONPATH": str(SCRIPTS), "CI": "1"}, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counts(folder):
    """Return the counted boxes of a review's flow."""
    return {
        row["data"]: int(row["n"])
        for row in rows(folder / "results/flow/prisma.csv")
        if row["kind"] == "counted"
    }


@pytest.fixture(scope="module")
def review(tmp_path_factory):
    """Return a new review, built with nothing in it."""
    folder = tmp_path_factory.mktemp("new") / "my review"
    code, said = retrace("new", folder)
    assert code == 0, said
    code, said = retrace("build", "-d", folder)
    assert code == 0, said
    return folder


def test_a_new_review_has_no_problem_and_everything_is_made(review):
    assert retrace("check", "-d", review) == (0, "No problems found.\n")
    for ending in ("md", "html", "docx", "pdf"):
        assert (review / f"results/manuscript/review.{ending}").stat().st_size
    for ending in ("svg", "png", "pdf", "csv"):
        assert (review / f"results/figures/prisma_flow.{ending}").stat().st_size


def test_a_new_review_counts_nothing_and_says_that_it_is_a_draft(review):
    assert not any(counts(review).values())
    assert {row["value"] for row in rows(review / "results/numbers/numbers.csv")} == {
        "0"
    }
    assert "Draft" in (review / "results/figures/prisma_flow.alt.txt").read_text("utf-8")  # fmt: skip
    text = (review / "results/manuscript/review.md").read_text("utf-8")
    assert "draft: true" in text


def test_a_second_build_has_nothing_to_do(review):
    code, said = retrace("build", "-d", review)

    assert code == 0
    assert "Nothing to do" in said


def test_a_dry_run_names_the_steps_and_does_none(review):
    before = (review / "results/SHA256SUMS").stat().st_mtime_ns

    code, said = retrace("build", "-n", "--forceall", "-d", review)

    assert code == 0
    assert "Drawing figure prisma_flow.\n" in said
    assert re.search(r"^  \d+ steps would be done$", said, re.M)
    assert "Reason" not in said
    assert (review / "results/SHA256SUMS").stat().st_mtime_ns == before


def test_an_export_that_is_dropped_in_is_counted_in_the_flow(review):
    search = review / "data/raw/searches/shelf/2024-05-01"
    search.mkdir(parents=True)
    (search / "search.yaml").write_text(
        "source: shelf\nkind: database\nstatus: exported\nsearched_on: 2024-05-01\nlabel: The shelf\n"
    )
    (search / "export.csv").write_text(
        "title,authors,year,doi\n"
        'Moss on northern walls,"Fiktiv, A.",2020,10.5555/a\n'
        'Lichen and old slate roofs,"Fiktiv, B.",2021,10.5555/b\n'
        'Ferns below the bridge,"Fiktiv, C.",2022,10.5555/c\n'
    )

    code, said = retrace("build", "-d", review)

    assert code == 0, said
    found = counts(review)
    assert found["database_results"] == found["records_screened"] == 3
    assert not found["duplicates"] and not found["new_studies"]
    drawn = rows(review / "results/figures/prisma_flow.csv")
    assert any("n = 3" in row["text"] for row in drawn if row["box"] == "database_results")  # fmt: skip
    warned = rows(review / "results/flow/warnings.csv")
    assert [row["code"] for row in warned] == ["undecided"]
    assert retrace("check", "-d", review)[0] == 0


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    code, said = retrace("new", tmp_path)

    assert code == 1
    assert "something is here already" in said and "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_in_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    assert retrace("new", tmp_path / "mine.txt")[0] == 1
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_an_empty_folder_is_taken(tmp_path):
    assert "config.yaml" in new.make(tmp_path)


def keys(schema):
    """Yield every key that the schema of config.yaml knows."""
    for name, part in schema.items() if isinstance(schema, dict) else ():
        if name == "properties":
            yield from part
        yield from keys(part)


def test_the_new_config_names_every_key_there_is():
    text = (new.TEMPLATES / "config.yaml").read_text("utf-8")

    assert [key for key in sorted(set(keys(SCHEMA))) if not re.search(rf"\b{key}\b", text)] == []  # fmt: skip


def in_force(text, begins):
    """Return a text in which the examples below certain keys are no comments any more."""
    lines, on = [], False
    for line in text.splitlines():
        on = bool(line.strip()) and (on or line.strip() in begins)
        lines.append(re.sub(r"^(\s*)#(?=  )", r"\1", line) if on else line)
    return "\n".join(lines) + "\n"


def test_the_examples_in_the_comments_build_too_with_sheets_that_have_no_row(tmp_path):
    new.make(tmp_path)
    for name, begins in (
        ("config.yaml", {"sheets:", "synthesis:", "tables:", "figures:"}),
        ("manuscript/numbers.yaml", {"selections:", "families:"}),
    ):
        path = tmp_path / name
        text = in_force(path.read_text("utf-8"), begins)
        path.write_text(text, "utf-8")
    raw = tmp_path / "data/raw/extraction"
    (raw / "studies.csv").write_text("study_id,first_author,year\n")
    (raw / "outcomes.csv").write_text("outcome_id,study_id,group,direction,wanted\n")
    with (raw / "vocab.csv").open("a") as file:
        for term in ("group,leaf", "group,root", "direction,up", "direction,down",
                     "direction,no_change", "wanted,up", "wanted,down"):  # fmt: skip
            file.write(f"outcomes,{term},,,\n")

    assert retrace("check", "-d", tmp_path) == (0, "No problems found.\n")
    code, said = retrace("build", "-d", tmp_path)

    assert code == 0, said
    for made in ("tables/characteristics.html", "tables/summary.csv", "figures/groups.svg",
                 "figures/characteristics_of_studies.svg"):  # fmt: skip
        assert (tmp_path / "results" / made).stat().st_size


def test_the_style_of_a_new_review_is_that_of_the_shipped_one():
    """It is a copy, since a new review must not depend on the shipped one."""
    copy = new.TEMPLATES / "manuscript/vancouver.csl"

    assert copy.read_bytes() == (ROOT / "manuscript/vancouver.csl").read_bytes()
