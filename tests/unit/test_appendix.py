"""On paper each number of the text has a row that says what it is and whom it counts."""

import re

import pytest
from retrace import schemas, tables
from retrace.manuscript import appendix

LISTED = [f"s{at}" for at in range(6)]
LONG = "pubmed/2024-01-02:query_published:1:34"


@pytest.fixture
def add(tmp_path):
    """Return what adds the appendix to a text."""
    numbers = [
        ("read", "6", "count", "studies <read>", "studies", "rows of studies", "study_id", 6),
        ("part", "50.00", "share", "a share", "", "", "few; read", 3),
        ("long", "1", "count", "places", "places", "rows of places", "place", 1),
        ("hits", "687", "reported", "hits, as published", "", "", "n", 0),
        ("by_size.all", "first term; second term; third term", "list", "by size", "", "", "", 0),
    ]  # fmt: skip
    frames = {
        "numbers": (numbers, schemas.NUMBERS),
        "members": (
            [*(("read", one) for one in LISTED), ("long", LONG)],
            schemas.NUMBER_MEMBERS,
        ),
        "labels": ([], schemas.LABELS),
    }
    for name, (rows, schema) in frames.items():
        tables.write(tables.frame(rows, schema), tmp_path / f"{name}.csv", schema)
    return lambda text: appendix.added(
        text,
        numbers=tmp_path / "numbers.csv",
        number_members=tmp_path / "members.csv",
        labels=tmp_path / "labels.csv",
        sheets=[],
    )


def used(*ids):
    return "We read " + " and ".join(f'<a data-number="{one}">1</a>' for one in ids)


def rows(text):
    return [
        re.findall(r"<td>(.*?)</td>", line, re.S)
        for line in text.splitlines()
        if line.startswith("<tr><td>")
    ]


def test_each_number_of_the_text_has_one_row_in_the_order_of_reading(add):
    made = add(used("part", "read", "part"))

    assert re.findall(r'id="(number-\d+)" data-number="(\w+)"', made) == [
        ("number-1", "part"), ("number-2", "read"),
    ]  # fmt: skip
    assert made.startswith(used("part", "read", "part"))
    assert "# Appendix: where the numbers come from {#numbers-appendix" in made


def test_a_row_has_definition_value_and_the_first_members(add):
    ((_, says, value, listed),) = rows(add(used("read")))
    assert (says, value) == ("studies &lt;read&gt;", "6")
    assert listed == "s0; s1; s2; s3; and 2 more"


def test_a_share_has_its_unit_and_a_published_count_no_members(add):
    share, hits = rows(add(used("part", "hits")))
    assert share[2] == "50.00 %"
    assert hits[2:] == ["687", "published as a count"]


def test_a_text_without_numbers_stays_as_it_is(add):
    assert add("No number.\n") == "No number.\n"
    assert add(used("gone")) == used("gone")


def test_a_long_name_may_break_and_a_long_value_is_cut(add):
    ((name, _, value, _),) = rows(add(used("by_size.all")))
    assert "by_\u200bsize.\u200ball" in name
    assert value == "first term; second term…"


def test_the_long_name_of_a_member_may_break_where_its_parts_meet(add):
    ((*_, listed),) = rows(add(used("long")))
    assert (
        listed == "pubmed/\u200b2024-01-02:\u200bquery_\u200bpublished:\u200b1:\u200b34"
    )
