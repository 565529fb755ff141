"""A small review for tests: a search of four records, reasons for two stages, a sheet read twice."""

import os
from pathlib import Path

from retrace import check, new

SEARCH = "source: shelf\nkind: database\nstatus: exported\nsearched_on: 2024-05-01\n"
TOWNS = "town,size,trees,people\nulm,small,oak; elm,1200\nbonn,large,,90\n"
REVIEWERS = "data/raw/screening/reviewers"


def fill(folder):
    """Write a small review into a folder: a search, two reasons, a sheet read twice."""
    new.make(folder)
    config = folder / "config.yaml"
    text = config.read_text("utf-8")
    for old, put in (
        ("title_abstract: []", "title_abstract: [off topic, no data]"),
        ("full_text: []", "full_text: [no data]"),
        ("readings: []", "readings: [first, second]"),
        ("  sheets:\n", "  sheets:\n    towns:\n      says: One row per town.\n      key: town\n      columns:\n"
         "        town: {says: The town., kind: id, required: true}\n"
         "        size: {says: Its size., closed: true, required: true}\n"
         "        trees: {says: Its trees., closed: true, several: true}\n"
         "        people: {says: Its people., kind: integer}\n"),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, put, 1)
    config.write_text(text, "utf-8")
    search = folder / "data/raw/searches/shelf/2024-05-01"
    search.mkdir(parents=True)
    (search / "search.yaml").write_text(SEARCH)
    (search / "export.csv").write_text(
        "Accession Number,title,authors,year\n"
        + "".join(f'A{n},{name},"Fiktiv, {name[0]}.",20{n}0\n' for n, name in enumerate(
            ("Moss on northern walls", "Lichen and old slate", "Ferns below bridges", "Ivy and its hosts"), 1))
    )  # fmt: skip
    raw = folder / "data/raw/extraction"
    for reading in ("first", "second"):
        (raw / reading).mkdir()
        (raw / reading / "towns.csv").write_text(TOWNS)
    with (raw / "vocab.csv").open("a") as file:
        for term in ("size,small", "size,large", "trees,oak", "trees,elm"):
            file.write(f"towns,{term},,,\n")
    return folder


def found_in(folder):
    """Return the problems of a review."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        return check.problems()
    finally:
        os.chdir(here)


def said(folder="."):
    """Return what `retrace check` says, line by line."""
    return [str(problem) for problem in found_in(folder)]


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
