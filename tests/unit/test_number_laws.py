"""Laws of numbers that hold for every table: splits partition, order does not matter, sets have the size stated."""

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from retrace import numbers, schemas, tables
from retrace.labels import Labels
from retrace.tables import Column, table

ROWS = table(
    "rows", "results/extraction/rows.csv", "Rows.",
    Column("row_id", "Row.", "id"), Column("study", "Study.", "id"), Column("kind", "Kind."),
    Column("tags", "Tags.", several=True), Column("size", "Size.", "integer"),
    key="row_id",
)  # fmt: skip
LABELS = Labels(
    tables.frame(
        [("rows", "kind", term, term.upper(), "", "") for term in "abc"]
        + [("rows", "tags", term, term.upper(), "", "") for term in "xyz"],
        schemas.LABELS,
    )
)
TEXT = """
numbers:
  all: {count: row_id, table: rows, says: s}
  studies: {count: study, table: rows, says: s}
  is_a: {count: row_id, table: rows, where: {kind: a}, says: s}
  is_not_a: {count: row_id, table: rows, where: {kind: {not: a}}, says: s}
  has_x: {count: row_id, table: rows, where: {tags: x}, says: s}
  has_no_x: {count: row_id, table: rows, where: {tags: {not: x}}, says: s}
  bare: {count: row_id, table: rows, where: {tags: {empty: true}}, says: s}
  tagged: {count: row_id, table: rows, where: {tags: {empty: false}}, says: s}
  small: {count: row_id, table: rows, where: {size: {at_most: 4}}, says: s}
  large: {count: row_id, table: rows, where: {size: {at_least: 5}}, says: s}
  total: {statistic: sum, table: rows, column: size, says: s}
  mean: {statistic: mean, table: rows, column: size, says: s}
  least: {statistic: min, table: rows, column: size, says: s}
  most: {statistic: max, table: rows, column: size, says: s}
  order: {list: by_tag, says: s}
  kinds: {set: kind, table: rows, says: s}
families:
  by_kind: {count: row_id, table: rows, by: kind, says: s}
  by_tag: {count: row_id, table: rows, by: tags, says: s}
  by_pair: {count: row_id, table: rows, by: [kind, tags], says: s}
  studies_by_kind: {count: study, table: rows, by: kind, says: s}
  place: {rank: by_tag, says: s}
  part: {share: by_kind, of: all, says: s}
"""
with TemporaryDirectory() as folder:
    path = Path(folder) / "numbers.yaml"
    path.write_text(TEXT)
    DEFINITIONS = numbers.load(path)

cells = st.tuples(
    st.sampled_from(["s1", "s2", "s3"]),
    st.sampled_from(["a", "b", "c"]),
    st.lists(st.sampled_from(["x", "y", "z"]), unique=True).map("; ".join),
    st.integers(0, 9),
)
rows = st.lists(cells, min_size=1, max_size=12).map(
    lambda drawn: [(f"r{place}", *row) for place, row in enumerate(drawn)]
)


def counted(given_rows):
    made, members = numbers.define(
        DEFINITIONS,
        {"rows": tables.frame(given_rows, ROWS)},
        {"rows": ROWS},
        LABELS,
    )
    sets = {number_id: [] for number_id in made["number_id"]}
    for number_id, member in zip(
        members["number_id"], members["member_id"], strict=True
    ):
        sets[number_id].append(member)
    values = dict(zip(made["number_id"], made["value"], strict=True))
    sizes = dict(zip(made["number_id"], made["n_members"], strict=True))
    kinds = dict(zip(made["number_id"], made["kind"], strict=True))
    return values, sets, sizes, kinds


@settings(max_examples=60, deadline=None)
@given(rows)
def test_a_count_is_the_size_of_its_members_and_none_stands_twice(drawn):
    values, sets, sizes, kinds = counted(drawn)
    for number_id, members in sets.items():
        assert len(set(members)) == len(members) == sizes[number_id]
        if kinds[number_id] == "count":
            assert values[number_id] == str(len(members))


@settings(max_examples=60, deadline=None)
@given(rows)
def test_a_condition_and_its_contrary_split_the_rows_in_two(drawn):
    _, sets, _, _ = counted(drawn)
    for one, other in [
        ("is_a", "is_not_a"), ("has_x", "has_no_x"), ("bare", "tagged"), ("small", "large"),
    ]:  # fmt: skip
        assert not set(sets[one]) & set(sets[other])
        assert set(sets[one]) | set(sets[other]) == set(sets["all"])


@settings(max_examples=60, deadline=None)
@given(rows)
def test_a_family_over_one_value_a_row_splits_the_rows_and_over_several_covers_them(
    drawn,
):
    values, sets, _, _ = counted(drawn)
    split = [sets[f"by_kind.{term}"] for term in "abc"]
    assert sorted(sum(split, [])) == sorted(sets["all"])
    covered = {row for term in "xyz" for row in sets[f"by_tag.{term}"]}
    assert covered == set(sets["tagged"])
    for kind in "abc":
        for tag in "xyz":
            assert set(sets[f"by_pair.{kind}.{tag}"]) == set(
                sets[f"by_kind.{kind}"]
            ) & set(sets[f"by_tag.{tag}"])
    assert values["by_kind.a"] == values["is_a"]


@settings(max_examples=60, deadline=None)
@given(rows)
def test_a_list_is_in_falling_order_and_ranks_agree_with_it(drawn):
    values, sets, _, _ = counted(drawn)
    sizes = [int(values[f"by_tag.{term}"]) for term in sets["order"]]
    assert sizes == sorted(sizes, reverse=True) and 0 not in sizes
    places = [int(values[f"place.{term}"]) for term in sets["order"]]
    assert places == [1 + sum(one > size for one in sizes) for size in sizes]


@settings(max_examples=60, deadline=None)
@given(rows)
def test_shares_of_a_split_add_up_but_for_rounding(drawn):
    values, _, _, _ = counted(drawn)
    total = sum(float(values[f"part.{term}"]) for term in "abc")
    assert abs(total - 100) < 0.02


@settings(max_examples=60, deadline=None)
@given(rows)
def test_a_mean_times_the_rows_is_their_sum_and_it_lies_within_the_values(drawn):
    values, sets, _, _ = counted(drawn)
    mean, total = Fraction(values["mean"]), Fraction(values["total"])
    assert abs(mean * len(sets["mean"]) - total) < Fraction(len(drawn), 10_000)
    assert sets["mean"] == sets["total"]
    assert Fraction(values["least"]) <= mean <= Fraction(values["most"])


@settings(max_examples=60, deadline=None)
@given(st.fractions(min_value=-100, max_value=100), st.integers(0, 3))
def test_a_printed_quantity_rounds_as_the_quantity_itself(quantity, decimals):
    printed = Fraction(numbers.printed(quantity))
    assert numbers.rounded(printed, decimals) == numbers.rounded(quantity, decimals)


@settings(max_examples=60, deadline=None)
@given(rows, st.randoms())
def test_the_order_of_rows_changes_no_value_and_no_set(drawn, random):
    values, sets, _, _ = counted(drawn)
    shuffled = list(drawn)
    random.shuffle(shuffled)
    values_again, sets_again, _, _ = counted(shuffled)
    # A set is told in the order of its first rows; all else does not depend on it.
    assert {**values, "kinds": ""} == {**values_again, "kinds": ""}
    assert {one: sorted(of) for one, of in sets.items()} == {
        one: sorted(of) for one, of in sets_again.items()
    }
