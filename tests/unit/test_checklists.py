"""A checklist item is reported only where its place and its facts are there."""

import re

import pytest
from retrace import schemas, tables, yamlfile
from retrace.audit import checklists
from retrace.errors import ConfigError

TEXT = """
# Search {#search sec="3"}

::: {#fig-flow .figure-block}
![**Figure\N{NO-BREAK SPACE}2.** The flow.](x.svg)
:::

# References {#references .unnumbered}
"""
ITEMS = {
    "1": {"topic": "T", "asks": "a"},
    "2": {"topic": "U", "asks": "b", "from": ["x", "y"]},
}


def filled(said, known=None):
    return checklists.fill(
        ITEMS,
        said,
        placed=checklists.places(TEXT),
        known=known or {"x": ("x.csv", ""), "y": ("y.csv", "")},
        name="list",
    ).set_index("item")


def test_an_anchor_is_told_as_a_reader_sees_it():
    assert checklists.places(TEXT) == {
        "title": "Title",
        "search": "Section 3, Search",
        "fig-flow": "Figure 2",
        "references": "References",
    }


@pytest.mark.parametrize(
    ("said", "known", "item", "status", "missing"),
    [
        ({}, None, "1", "missing", ""),
        ({"1": "search"}, None, "1", "reported", ""),
        ({}, None, "2", "reported", ""),
        (
            {},
            {"x": ("x.csv", ""), "y": ("y.csv", "the dates")},
            "2",
            "incomplete",
            "the dates",
        ),
        ({}, {"x": ("x.csv", "p"), "y": ("y.csv", "q")}, "2", "missing", "p; q"),
        (
            {"2": "search"},
            {"x": ("x.csv", "p"), "y": ("y.csv", "q")},
            "2",
            "incomplete",
            "p; q",
        ),
        ({"1": {"not_done": "why"}}, None, "1", "not_done", "why"),
        (
            {"2": {"told_in": "search", "incomplete": "why"}},
            {"x": ("x.csv", ""), "y": ("y.csv", "q")},
            "2",
            "incomplete",
            "why; q",
        ),
    ],
)
def test_the_status_follows_from_places_and_facts(said, known, item, status, missing):
    row = filled(said, known).loc[item]

    assert (row.status, row.missing) == (status, missing)


def test_a_place_that_is_not_in_the_text_and_an_unknown_item_are_named_at_once():
    with pytest.raises(ConfigError) as error:
        filled({"1": "nowhere", "9": "search"})

    assert "no anchor 'nowhere'" in str(error.value)
    assert "list.9: no such item" in str(error.value)


def test_a_fact_names_the_source_that_lacks_it():
    searches = tables.frame(
        [
            {
                "source": "a",
                "round": "r",
                "label": "A",
                "kind": "database",
                "status": "exported",
                "platform": "P",
            },
            {
                "source": "b",
                "round": "r",
                "label": "B",
                "kind": "database",
                "status": "exported",
            },
            {
                "source": "c",
                "round": "r",
                "label": "C",
                "kind": "listed_records",
                "status": "listed",
            },
        ],
        schemas.SEARCHES,
    )
    known = checklists.facts(
        searches=searches,
        prisma=tables.empty(schemas.PRISMA),
        screening=tables.empty(schemas.SCREENING_AGREEMENT),
        extraction=tables.empty(schemas.EXTRACTION_AGREEMENT),
        config={},
    )

    assert known["search_sources"][1] == "the platform of B"
    assert known["search_counts"][1] == "the number of records of A, B"


def test_every_fact_that_a_list_asks_for_is_known():
    asked = yamlfile.load(checklists.ITEMS)
    known = checklists.facts(
        searches=tables.empty(schemas.SEARCHES),
        prisma=tables.empty(schemas.PRISMA),
        screening=tables.empty(schemas.SCREENING_AGREEMENT),
        extraction=tables.empty(schemas.EXTRACTION_AGREEMENT),
        config={},
    )

    assert {
        fact
        for items in asked.values()
        for item in items.values()
        for fact in item.get("from", [])
    } <= {*known, "abstract"}


@pytest.mark.parametrize(
    ("said", "status", "missing"),
    [
        ({"A1": "title", "A2": {"not_applicable": "why"}}, "reported", ""),
        ({"A1": "title", "A2": {"not_done": "why"}}, "incomplete", "A2"),
        ({"A1": "title"}, "incomplete", "A2"),
    ],
)
def test_an_abstract_follows_its_list_where_each_item_of_the_list_is_told(said, status, missing):  # fmt: skip
    told = {"topic": "T", "asks": "a"}
    filled = checklists.fill_prisma(
        {
            "prisma_2020": {"2": told | {"from": ["abstract"]}},
            "prisma_2020_abstract": {"A1": told, "A2": told},
        },
        {"prisma_2020": {"2": "title"}, "prisma_2020_abstract": said},
        placed=checklists.places(TEXT),
        known={},
    ).set_index("item")
    assert (filled.status["2"], filled.missing["2"]) == (status, missing)


def test_a_protocol_that_was_registered_nowhere_is_an_answer():
    def registration(protocol):
        known = checklists.facts(
            searches=tables.empty(schemas.SEARCHES),
            prisma=tables.empty(schemas.PRISMA),
            screening=tables.empty(schemas.SCREENING_AGREEMENT),
            extraction=tables.empty(schemas.EXTRACTION_AGREEMENT),
            config={"protocol": protocol},
        )
        return known["registration"][1]

    assert registration({"registration": None}) == ""
    assert registration({}) == "whether it was registered"


def test_the_lists_have_all_their_items():
    asked = yamlfile.load(checklists.ITEMS)
    whole = {item.rstrip("abcdef") for item in asked["prisma_2020"]}

    assert whole == {str(number) for number in range(1, 28)}
    assert len(asked["prisma_2020_abstract"]) == 12
    assert len(asked["prisma_s"]) == 16


def test_the_page_holds_every_item_as_text_and_lets_nothing_run():
    hostile = "</td><script>alert(1)</script>"
    filled = checklists.fill(
        ITEMS | {"3": {"topic": hostile, "asks": "c"}},
        {"1": "search", "3": {"not_done": hostile}},
        placed=checklists.places(TEXT),
        known={"x": ("x.csv", ""), "y": ("y.csv", "the dates")},
        name="list",
    )
    page = checklists.as_page({"The list": filled}, title=hostile, language="pt")
    assert '<html lang="pt">' in page
    assert "<script" not in page and "default-src 'none'" in page
    assert page.count("&lt;/td&gt;&lt;script&gt;") == 3
    rows = re.findall(r"<tr><th scope=row>(.*?)</th>(.*?)</tr>", page)
    assert [item for item, _ in rows] == ["1", "2", "3"]
    assert "<td>Section 3, Search</td><td>reported</td>" in rows[0][1]
    assert "<td>incomplete</td><td>the dates</td>" in rows[1][1]
    assert "<td>not done</td>" in rows[2][1]
