"""No word of a review stands in the engine: neither of its vocabularies, nor of its searches.

What is looked for: every term and label of a vocabulary, every key and label of the sheets that
name things (biomarkers, indicators), the names of closed columns, and every word and quoted
phrase of a search string. Letters decide, not case or punctuation: `bone_marrow` is "bone marrow",
and a word is found inside an identifier too (`ahorn_count`).

What is not looked for, since it says nothing of a review:
* words of three letters or fewer without a digit (CM, up, rat), and bare numbers;
* ORDINARY, English words that methods, tables and programs need whatever they are about. One
  of them is exempt only on its own: "cell lost" is looked for, "lost" and "cell" are not.
"""

import re
from pathlib import Path

import pytest
import yaml
from retrace import tables

ROOT = Path(__file__).parents[2]
REVIEWS = {"shipped": ROOT, "second": ROOT / "tests/workflow/second"}
ORDINARY = frozenset(
    {
        # what tables and programs are made of
        "context", "function", "repeat", "table", "table 1", "table 2", "clear",
        # what is said of a thing that is not there
        "not named", "not specified", "unspecified",
        # what methods are told in; the last is one of the synthesis's own directions
        "direction", "down", "ratio", "unreadable", "no change",
    }
)  # fmt: skip


def normal(text):
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def engine():
    """Return every text of the engine, line by line as words, by its path."""
    files = [
        ROOT / "Snakefile",
        *(ROOT / "workflow").rglob("*"),
        *(ROOT / "profiles").rglob("*"),
    ]
    return {
        path.relative_to(ROOT).as_posix(): "\n".join(
            f" {normal(line)} " for line in path.read_text("utf-8").splitlines()
        )
        for path in files
        if path.is_file() and "__pycache__" not in path.parts
    }


def cells(path, *columns):
    header, rows, _ = tables.read_rows(path)
    return [
        row[header.index(column)]
        for row in rows
        for column in columns
        if column in header
    ]


def words_of(review):
    """Return the words of a review that an engine cannot know, as `normal` gives them."""
    config = yaml.safe_load((review / "config.yaml").read_text("utf-8"))
    extraction, folder = config["extraction"], review / "data/raw/extraction"
    found = cells(
        folder / extraction["vocabulary"], "column", "term", "label", "label_long"
    )
    for name, sheet in extraction["sheets"].items():
        if "{label}" in sheet.get("label", ""):
            found += cells(folder / f"{name}.csv", sheet["key"], "label")
    for path in review.glob("data/raw/searches/*/*/search.yaml"):
        search = yaml.safe_load(path.read_text("utf-8"))
        query = f"{search.get('query_published') or ''} {search.get('query_run') or ''}"
        phrases = re.findall(r'"([^"]+)"', query)
        # The names of fields, in square brackets or before a bracket, are the platform's words.
        rest = re.sub(r'"[^"]*"|\[[^\[\]]*\]|[A-Z-]+(?=\()', " ", query)
        found += phrases + re.findall(r"[^\W_]+", rest)
    terms = {normal(term) for term in found}
    return {
        term
        for term in terms
        if re.search(r"[^\W\d]\d|\d[^\W\d]|[^\W\d]{4}", term) and term not in ORDINARY
    }


ENGINE = engine()


@pytest.mark.parametrize("review", REVIEWS)
def test_no_word_of_a_review_stands_in_the_engine(review):
    found = {
        f"{term!r} in {path}"
        for term in words_of(REVIEWS[review])
        for path, text in ENGINE.items()
        if f" {term} " in text
    }

    assert not found, "\n".join(sorted(found))


def test_a_word_of_a_review_would_be_found():
    """The search itself: inside an identifier, in other letters, as a phrase."""
    text = f" {normal('count_Ahorn = 1  # bone-marrow first')} "

    assert " ahorn " in text
    assert f" {normal('bone_marrow')} " in text


@pytest.mark.parametrize("review", REVIEWS)
def test_each_review_has_words_to_look_for(review):
    assert len(words_of(REVIEWS[review])) > 30
