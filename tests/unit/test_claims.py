"""A verdict follows from what is stated and what the tables give; damage and published counts accuse nobody."""

import pytest
from retrace import claims, numbers, schemas, tables
from retrace.errors import TableError
from retrace.labels import Labels

TEXT = """
numbers:
  cells: {count: arm_id, table: arms, says: "treated cells"}
  whole: {count: study_id, table: studies, says: "all studies"}
  part: {share: cells, of: whole, says: "a share"}
  times: {statistic: ratio, of: [cells, whole], says: "a ratio"}
  order: {list: by, says: "sources by size"}
  named: {set: source, table: arms, says: "sources"}
  went: {direction: direction, table: effects, count: study_id, says: "directions"}
  place: {lookup: journal, table: studies, says: "a journal"}
  hits: {reported: hits, says: "hits"}
  late: {count: claim_id, table: claims, says: "claims"}
families:
  by: {count: study_id, table: arms, by: source, says: "{source}"}
  ways: {set: direction, table: effects, by: [source, direction], says: "{source} {direction}"}
"""
NUMBERS = tables.frame(
    [
        ("cells", "29", "count", "treated cells", "", "", "arm_id", 29),
        ("whole", "39", "count", "all studies", "", "", "study_id", 39),
        ("part", "74.36", "share", "a share", "", "", "cells; whole", 29),
        ("times", "0.7436", "statistic", "a ratio", "", "", "cells; whole", 0),
        ("order", "Adipose tissue; Umbilical cord", "list", "sources by size", "", "", "", 2),
        ("named", "Umbilical cord; Adipose tissue", "set", "sources", "", "", "source", 2),
        ("went", "up 3, down 5", "direction", "directions", "", "", "study_id", 8),
        ("place", "Stem Cells", "lookup", "a journal", "", "", "journal", 1),
        ("hits", "687", "reported", "hits", "", "", "n", 0),
        ("by.fat", "2", "count", "studies by source", "", "", "study_id", 2),
    ],
    schemas.NUMBERS,
)  # fmt: skip
MEMBERS = tables.frame(
    [("order", "fat"), ("order", "cord"), ("named", "cord"), ("named", "fat")],
    schemas.NUMBER_MEMBERS,
)
LABELS = Labels(
    tables.frame(
        [
            ("arms", "source", "fat", "AT", "Adipose tissue", ""),
            ("arms", "source", "cord", "UC", "Umbilical cord", ""),
            ("effects", "direction", "up", "Increase", "", ""),
            ("effects", "direction", "down", "Decrease", "", ""),
        ],
        schemas.LABELS,
    )
)


@pytest.fixture(scope="module")
def definitions(tmp_path_factory):
    path = tmp_path_factory.mktemp("claims") / "numbers.yaml"
    path.write_text(TEXT)
    return numbers.load(path)


def compared(definitions, *rows):
    raw = tables.frame(
        [
            {"claim_id": f"c{place}", "location": "p. 1", "says": "s", "basis": "table", **row}
            for place, row in enumerate(rows)
        ],
        schemas.RAW_CLAIMS,
    )  # fmt: skip
    return claims.compare(raw, NUMBERS, MEMBERS, definitions, LABELS)


def verdict(definitions, stated, relation, number_id, **more):
    row = {"stated": stated, "relation": relation, "number_id": number_id, **more}
    (made,) = compared(definitions, row).to_dict("records")
    return made["verdict"], made["why"]


@pytest.mark.parametrize(
    ("stated", "relation", "number_id", "holds"),
    [
        ("29", "equals", "cells", True),
        ("28", "equals", "cells", False),
        ("29.0", "equals", "cells", True),
        ("29", "at_least", "cells", True),
        ("30", "at_least", "cells", False),
        ("29", "at_most", "cells", True),
        ("28", "at_most", "cells", False),
        ("74", "equals", "part", True),
        ("74 %", "equals", "part", True),
        ("75", "equals", "part", False),
        ("74.4", "equals", "part", True),
        ("74.36", "equals", "part", True),
        ("74.359", "equals", "part", True),
        ("74.3", "equals", "part", False),
        ("74", "at_least", "part", True),
        ("0.74", "equals", "times", True),
        ("0.75", "equals", "times", False),
        ("stem  cells", "equals", "place", True),
        ("Cell", "equals", "place", False),
        ("fat; cord", "same_order", "order", True),
        ("cord; fat", "same_order", "order", False),
        ("adipose tissue; UC", "same_order", "order", True),
        ("cord; fat", "same_set", "order", True),
        ("cord", "same_set", "named", False),
        ("cord", "includes", "named", True),
        ("cord; bone", "includes", "named", False),
        ("down 5, up 3", "equals", "went", True),
        ("decrease 5; increase 3", "equals", "went", True),
        ("up 3, down 4", "equals", "went", False),
        ("down 5", "includes", "went", True),
        ("up; down", "same_set", "went", True),
        ("down", "equals", "went", False),
    ],
)
def test_a_statement_is_reproduced_where_its_relation_holds(
    definitions, stated, relation, number_id, holds
):
    made, why = verdict(definitions, stated, relation, number_id)
    assert made == ("reproduced" if holds else "contradicted"), why


def test_the_reason_names_both_values_and_takes_no_side(definitions):
    assert verdict(definitions, "28", "equals", "cells") == (
        "contradicted",
        "stated 28, the tables give 29",
    )
    assert (
        verdict(definitions, "bone; fat", "same_set", "named")[1]
        == "stated, but not in the tables: bone; in the tables, but not stated: Umbilical cord"
    )


def test_what_holds_by_another_stated_rule_is_not_contradicted(definitions):
    made = verdict(
        definitions, "39", "equals", "cells", alternatives="by.fat; whole"
    )  # fmt: skip
    assert made == (
        "rule_dependent",
        "stated 39, the tables give 29; by another counting rule it holds (39): all studies",
    )
    made = verdict(definitions, "38", "equals", "cells", alternatives="by.fat; whole")
    assert made == (
        "contradicted",
        "stated 38, the tables give 29; by the other counting rules 2 or 39",
    )


def test_a_damaged_source_can_confirm_but_never_accuse(definitions):
    more = {"basis": "source_damaged"}
    assert verdict(definitions, "29", "equals", "cells", **more)[0] == "reproduced"
    assert verdict(definitions, "28", "equals", "cells", **more)[0] == "not_derivable"
    more["alternatives"] = "whole"
    assert verdict(definitions, "39", "equals", "cells", **more)[0] == "rule_dependent"


def test_a_published_count_never_confirms_itself(definitions):
    assert verdict(definitions, "687", "equals", "hits")[0] == "not_derivable"
    made = verdict(definitions, "687", "equals", "cells", alternatives="hits")
    assert made[0] == "contradicted"


def test_a_statement_without_a_number_is_not_derivable_for_the_reason_noted(
    definitions,
):
    made = verdict(definitions, "16", "equals", "", note="The tables hold no amounts.")
    assert made == ("not_derivable", "The tables hold no amounts.")


def test_all_claims_that_cannot_be_compared_are_named_with_row_and_column(definitions):
    with pytest.raises(TableError) as error:
        compared(
            definitions,
            {"stated": "1", "relation": "equals", "number_id": "cell"},
            {"stated": "1", "relation": "equals", "number_id": "cells", "alternatives": "whol"},
            {"stated": "x", "relation": "equals", "number_id": "cells"},
            {"stated": "1", "relation": "includes", "number_id": "cells"},
            {"stated": "1", "relation": "at_least", "number_id": "named"},
            {"stated": "1", "relation": "equals", "number_id": "late"},
            {"stated": "", "relation": "equals", "number_id": "cells"},
            {"stated": "1", "relation": "equals", "number_id": "", "alternatives": "cells"},
            {"stated": "1", "relation": "equals", "number_id": "cells", "claim_id": "c0"},
        )  # fmt: skip
    assert [(problem.row, problem.column) for problem in error.value.problems] == [
        (2, "number_id"), (3, "alternatives"), (4, "stated"), (5, "relation"), (6, "relation"),
        (7, "number_id"), (8, "stated"), (9, "alternatives"), (10, "claim_id"),
    ]  # fmt: skip
    first = error.value.problems[0]
    assert (first.file, first.remedy) == (
        "data/raw/published/claims.csv",
        "did you mean cells?",
    )


def test_a_half_is_rounded_as_a_reader_rounds_it():
    from fractions import Fraction

    assert numbers.rounded(Fraction(5, 2), 0) == 3
    assert numbers.rounded(Fraction(-5, 2), 0) == -3
    assert numbers.rounded(Fraction("74.36"), 1) == Fraction("74.4")


def test_a_number_whose_terms_no_row_has_any_more_is_no_misspelt_one(definitions):
    with pytest.raises(TableError) as error:
        compared(
            definitions,
            {"stated": "up", "relation": "equals", "number_id": "ways.cord.up"},
            {"stated": "up", "relation": "equals", "number_id": "ways.cord.upp"},
            {"stated": "1", "relation": "equals", "number_id": "by.fatt"},
        )
    rows, misspelt, other = map(str, error.value.problems)
    assert "'ways.cord.up': no row has its terms" in rows
    assert rows.endswith("look at what became of those rows")
    assert "no row" not in misspelt and other.endswith("did you mean by.fat?")
