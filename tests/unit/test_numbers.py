"""Each number is the size of a named set, and a definition that cannot hold is named with its line."""

import json
from fractions import Fraction

import pytest
from retrace import definitions as definitions_of
from retrace import numbers, schemas, tables
from retrace.errors import ConfigError, NumberError
from retrace.labels import Labels
from retrace.tables import Column, table

SHEETS = {
    "studies": table(
        "studies", "results/extraction/studies.csv", "Studies.",
        Column("study_id", "Study.", "id"), Column("year", "Year.", "integer"), Column("journal", "Journal."),
        Column("read_on", "Day.", "date"), Column("begun_on", "Month or day.", "date"),
        key="study_id",
    ),
    "arms": table(
        "arms", "results/extraction/arms.csv", "Arms.",
        Column("arm_id", "Arm.", "id"), Column("study_id", "Study.", "id", refers_to="studies"),
        Column("species", "Species."), Column("source", "Sources.", several=True), Column("row", "Row.", "integer"),
        key="arm_id",
    ),
    "markers": table(
        "markers", "results/extraction/markers.csv", "Markers.",
        Column("marker", "Marker.", "id"), Column("domain", "Domain."),
        key="marker",
    ),
    "effects": table(
        "effects", "results/extraction/effects.csv", "Effects.",
        Column("effect_id", "Effect.", "id"), Column("arm_id", "Arm.", "id", refers_to="arms"),
        Column("marker", "Marker.", "id", refers_to="markers"), Column("direction", "Direction."),
        Column("qualifier", "Qualifier.", several=True), Column("score", "Score.", "number"),
        key="effect_id",
    ),
}  # fmt: skip
SCHEMAS = {
    **SHEETS,
    "reported": schemas.REPORTED,
    "directions": schemas.EFFECT_DIRECTIONS,
    "claims": schemas.CLAIMS,
}
LABELS = Labels(
    tables.frame(
        [
            ("arms", "species", "human", "Human", "", ""),
            ("arms", "species", "mouse", "Mouse", "", ""),
            ("arms", "species", "rat", "Rat", "", ""),
            ("arms", "source", "fat", "AT", "Adipose tissue", ""),
            ("arms", "source", "cord", "UC", "Umbilical cord", ""),
            ("arms", "source", "marrow", "BM", "Bone marrow", ""),
            ("effects", "direction", "up", "Up", "", ""),
            ("effects", "direction", "down", "Down", "", ""),
            ("effects", "direction", "lost", "Lost", "", ""),
            ("effects", "qualifier", "repeat", "Repeat", "", ""),
            ("effects", "qualifier", "late", "Late", "", ""),
            ("markers", "domain", "arrest", "Arrest", "", ""),
            ("markers", "domain", "growth", "Growth", "", ""),
        ],
        schemas.LABELS,
    )
)
FRAMES = {
    "studies": tables.frame(
        [
            ("ann", 2019, "Cell", "2024-03-10", "2023-12-01"),
            ("bob", 2021, "Cell", "2024-02-29", "2024-01-31"),
            ("cat", 2021, "Gene", "2024-02-29", "2024-01"),
        ],
        SHEETS["studies"],
    ),
    "arms": tables.frame(
        [
            ("ann-1", "ann", "human", "fat", 1),
            ("bob-1", "bob", "human", "cord; fat", 2),
            ("bob-2", "bob", "mouse", "cord", 2),
            ("cat-1", "cat", "human", "cord", 3),
        ],
        SHEETS["arms"],
    ),
    "markers": tables.frame(
        [("p1", "arrest"), ("p2", "arrest"), ("ki", "growth")], SHEETS["markers"]
    ),
    "effects": tables.frame(
        [
            ("e1", "ann-1", "p1", "down", "", 0.5),
            ("e2", "ann-1", "p1", "down", "repeat", 0.25),
            ("e3", "bob-1", "p1", "up", "", 1.5),
            ("e4", "bob-2", "p1", "down", "late", None),
            ("e5", "cat-1", "ki", "up", "", 2.0),
            ("e6", "cat-1", "", "lost", "", None),
        ],
        SHEETS["effects"],
    ),
    "reported": tables.frame(
        [("hits", 687, "p. 2", ""), ("screened", 307, "p. 2", "")], schemas.REPORTED
    ),
    "directions": tables.frame(
        [
            {"study": "ann", "group": "arrest", "direction": "recovery"},
            {"study": "bob", "group": "arrest", "direction": "conflicting"},
        ],
        schemas.EFFECT_DIRECTIONS,
    ),
}


@pytest.fixture
def define(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def defined(text: str, final: bool = True):
        (tmp_path / "numbers.yaml").write_text(text)
        made, members = numbers.define(
            numbers.load("numbers.yaml"), FRAMES, SCHEMAS, LABELS, final=final
        )
        of = {number_id: [] for number_id in made["number_id"]}
        for number_id, member in zip(
            members["number_id"], members["member_id"], strict=True
        ):
            of[number_id].append(member)
        return {
            row.number_id: (row.value, of[row.number_id])
            for row in made.itertuples(index=False)
        }

    return defined


def one(define, definition: str):
    return define(f"numbers:\n  x: {definition}\n")["x"]


@pytest.mark.parametrize(
    ("definition", "value", "members"),
    [
        ("{count: study_id, table: studies, says: s}", "3", ["ann", "bob", "cat"]),
        ("{count: study_id, table: arms, where: {species: human}, says: s}", "3", ["ann", "bob", "cat"]),
        ("{count: study_id, table: arms, where: {source: fat}, says: s}", "2", ["ann", "bob"]),
        ("{count: arm_id, table: arms, where: {source: {not: fat}}, says: s}", "2", ["bob-2", "cat-1"]),
        ("{count: source, table: arms, says: s}", "2", ["fat", "cord"]),
        ("{count: [study_id, row], table: arms, says: s}", "3", ["ann:1", "bob:2", "cat:3"]),
        ("{count: study_id, table: effects, where: {domain: arrest, year: 2021}, says: s}", "1", ["bob"]),
        ("{count: effect_id, table: effects, where: {marker: {not: p1}}, says: s}", "2", ["e5", "e6"]),
        ("{count: effect_id, table: effects, where: {marker: {empty: true}}, says: s}", "1", ["e6"]),
        ("{count: effect_id, table: effects, where: {qualifier: {empty: false}}, says: s}", "2", ["e2", "e4"]),
        ("{count: effect_id, table: effects, where: {direction: [up, lost]}, says: s}", "3", ["e3", "e5", "e6"]),
        ("{count: effect_id, table: effects, where: {score: {at_least: 0.5, at_most: 1.5}}, says: s}", "2", ["e1", "e3"]),
        ("{count: study_id, table: arms, where: {species: rat}, says: s}", "0", []),
        ("{set: source, table: arms, says: s}", "Adipose tissue; Umbilical cord", ["fat", "cord"]),
        ("{set: journal, table: studies, says: s}", "Cell; Gene", ["Cell", "Gene"]),
        ("{direction: direction, table: effects, where: {marker: p1}, count: study_id, says: s}", "up 1, down 2", ["ann", "bob"]),
        ("{direction: direction, table: effects, where: {marker: ki}, count: study_id, terms: [down, up], says: s}", "down 0, up 1", ["cat"]),
        ("{lookup: journal, table: studies, where: {study_id: cat}, says: s}", "Gene", ["cat"]),
        ("{lookup: score, table: effects, where: {effect_id: e2}, says: s}", "0.25", ["e2"]),
        ("{statistic: min, table: studies, column: year, says: s}", "2019", ["ann"]),
        ("{statistic: max, table: studies, column: year, says: s}", "2021", ["bob", "cat"]),
        ("{statistic: median, table: effects, column: score, says: s}", "1", ["e1", "e2", "e3", "e5"]),
        ("{statistic: sum, table: effects, column: score, says: s}", "4.25", ["e1", "e2", "e3", "e5"]),
        ("{statistic: mean, table: effects, column: score, says: s}", "1.0625", ["e1", "e2", "e3", "e5"]),
        ("{statistic: mean, table: studies, column: year, says: s}", "2020.3333", ["ann", "bob", "cat"]),
        ("{statistic: min, table: studies, column: read_on, says: s}", "2024-02-29", ["bob", "cat"]),
        ("{statistic: max, table: studies, column: read_on, says: s}", "2024-03-10", ["ann"]),
        ("{reported: hits, says: s}", "687", []),
    ],
)  # fmt: skip
def test_a_number_is_the_size_of_the_set_that_stands_beside_it(
    define, definition, value, members
):
    assert one(define, definition) == (value, members)


def test_a_family_has_a_number_for_each_term_even_one_that_nothing_has(define):
    made = define(
        "families:\n  by: {count: study_id, table: arms, by: source, says: 'from {source}'}\n"
    )
    assert made == {
        "by.fat": ("2", ["ann", "bob"]),
        "by.cord": ("2", ["bob", "cat"]),
        "by.marrow": ("0", []),
    }


def test_a_family_over_two_columns_has_a_number_for_each_pair(define):
    made = define(
        "families:\n  by: {count: effect_id, table: effects, by: [domain, direction], says: s}\n"
    )
    assert {number: value for number, (value, _) in made.items()} == {
        "by.arrest.up": "1", "by.arrest.down": "3", "by.arrest.lost": "0",
        "by.growth.up": "1", "by.growth.down": "0", "by.growth.lost": "0",
    }  # fmt: skip


def test_a_family_of_sets_or_directions_has_a_number_for_each_pair_that_has_rows(
    define,
):
    made = define(
        """
families:
  went: {direction: direction, count: effect_id, table: effects, by: [study_id, marker], says: s}
  told: {direction: direction, count: study_id, terms: [down, up], table: effects, by: domain, says: s}
  from: {set: source, table: arms, by: species, says: s}
  rows: {set: row, table: arms, by: [source, species], says: s}
"""
    )
    assert made == {
        "went.ann.p1": ("down 2", ["e1", "e2"]),
        "went.bob.p1": ("up 1, down 1", ["e3", "e4"]),
        "went.cat.ki": ("up 1", ["e5"]),
        "told.arrest": ("down 2, up 1", ["ann", "bob"]),
        "told.growth": ("down 0, up 1", ["cat"]),
        "from.human": ("Adipose tissue; Umbilical cord", ["fat", "cord"]),
        "from.mouse": ("Umbilical cord", ["cord"]),
        "rows.fat.human": ("1; 2", ["1", "2"]),
        "rows.cord.human": ("2; 3", ["2", "3"]),
        "rows.cord.mouse": ("2", ["2"]),
    }


UNKNOWN = """
numbers:
  none: {count: study_id, table: arms, where: {species: rat}, says: s}
  some: {count: study_id, table: arms, says: s}
  no_row: {lookup: journal, table: studies, where: {study_id: ann, year: 2021}, says: s}
  no_cell: {lookup: marker, table: effects, where: {effect_id: e6}, says: s}
  no_median: {statistic: median, table: effects, where: {effect_id: e4}, column: score, says: s}
  by_nothing: {statistic: ratio, of: [some, none], says: s}
  more_than_that: {statistic: difference, of: [some, by_nothing], says: s}
  share_of_nothing: {share: some, of: none, says: s}
  first: {rank: shares.fat, says: s}
  ranked: {list: shares, says: s}
families:
  by: {count: study_id, table: arms, by: source, says: s}
  shares: {share: by, of: none, says: s}
"""


def test_a_draft_goes_on_without_what_its_rows_do_not_give_yet(define):
    made = define(UNKNOWN, final=False)
    known = {number for number, (value, _) in made.items() if value != numbers.NOT_YET}
    assert known == {"none", "some", "by.fat", "by.cord", "by.marrow"}
    assert all(members == [] for number, (_, members) in made.items() if number not in known and not number.startswith("shares."))  # fmt: skip


def test_a_release_names_every_number_whose_rows_do_not_give_it(define):
    with pytest.raises(NumberError) as error:
        define(UNKNOWN)
    said = "\n".join(map(str, error.value.problems))
    for number in ("no_row", "no_cell", "no_median", "by_nothing", "share_of_nothing", "shares"):  # fmt: skip
        assert f"{number}." in said, number


@pytest.mark.parametrize(
    "wrong",
    [
        "{lookup: jornal, table: studies, where: {study_id: ann}, says: s}",
        "{lookup: journal, table: studies, says: s}",
        "{share: no_such, of: no_such, says: s}",
    ],
)
def test_a_mistake_stops_a_draft_too(define, wrong):
    with pytest.raises(NumberError):
        define(f"numbers:\n  x: {wrong}\n", final=False)


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ("{rank: of.human, says: s}", "x.rank: of.human is no quantity"),
        ("{list: of, says: s}", "x.list: of is a family of sets, which have no size"),
    ],
)
def test_sets_have_no_size_to_be_ranked_by(define, definition, says):
    with pytest.raises(NumberError) as error:
        define(
            f"numbers:\n  x: {definition}\nfamilies:\n"
            "  of: {set: source, table: arms, by: species, says: s}\n"
        )
    assert says in str(error.value)


def test_years_stand_in_order_and_only_those_that_occur(define):
    made = define(
        "families:\n  by: {count: study_id, table: studies, by: year, says: s}\n"
    )
    assert list(made) == ["by.2019", "by.2021"]


def test_a_computed_table_speaks_the_vocabulary_whose_terms_it_holds(define):
    made = define(
        "families:\n  by: {count: study, table: directions, by: group, says: s}\n"
    )
    assert {number: value for number, (value, _) in made.items()} == {
        "by.arrest": "2",
        "by.growth": "0",
    }


def test_shares_ranks_and_lists_are_made_of_numbers(define):
    made = define(
        """
numbers:
  all: {count: study_id, table: studies, says: s}
  share: {share: by.fat, of: all, says: s}
  rank: {rank: by.marrow, says: s}
  order: {list: by, says: s}
  hits: {reported: hits, says: s}
  screened: {reported: screened, says: s}
  gone: {statistic: difference, of: [hits, screened], says: s}
  times: {statistic: ratio, of: [all, hits], says: s}
  least: {statistic: least_unique, of: [hits, by.cord], says: s}
families:
  by: {count: study_id, table: arms, by: source, says: s}
  place: {rank: by, says: 'place of {source}'}
  part: {share: by, of: all, says: 'share of {source}'}
"""
    )
    assert made["share"] == ("66.67", ["ann", "bob"])
    assert made["rank"] == ("3", [])
    assert made["order"] == ("Adipose tissue; Umbilical cord", ["fat", "cord"])
    assert (made["gone"][0], made["times"][0], made["least"][0]) == (
        "380",
        "0.0044",
        "344",
    )
    assert [made[f"place.{term}"][0] for term in ("fat", "cord", "marrow")] == [
        "1", "1", "3",
    ]  # fmt: skip
    assert made["part.marrow"] == ("0.00", [])


@pytest.mark.parametrize(
    ("definition", "selection"),
    [
        ("{statistic: sum, table: effects, column: score, says: s}", "sum over rows of effects; 2 of 6 rows have no score"),
        ("{statistic: max, table: effects, column: score, where: {effect_id: [e3, e4]}, says: s}", "max over rows of effects where effect_id is e3 or e4; 1 of 2 rows has no score"),
        ("{statistic: median, table: studies, column: year, says: s}", "median over rows of studies"),
        ("{statistic: difference, of: [hits, hits], says: s}", "the first less the second"),
        ("{statistic: ratio, of: [hits, hits], says: s}", "the first divided by the second"),
    ],
)  # fmt: skip
def test_a_statistic_says_which_it_is_and_how_many_rows_have_no_value(
    tmp_path, monkeypatch, definition, selection
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numbers.yaml").write_text(
        f"numbers:\n  hits: {{reported: hits, says: s}}\n  x: {definition}\n"
    )

    made, _ = numbers.define(numbers.load("numbers.yaml"), FRAMES, SCHEMAS, LABELS)

    assert made.set_index("number_id")["selection"]["x"] == selection


def test_a_selection_is_stated_once_and_explained_in_words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numbers.yaml").write_text(
        """
selections:
  distinct: {table: effects, where: {qualifier: {not: [repeat, late]}}, says: s}
families:
  by: {count: study_id, from: distinct, where: {marker: p1}, by: direction, says: "studies that went {direction}"}
"""
    )
    made, _ = numbers.define(numbers.load("numbers.yaml"), FRAMES, SCHEMAS, LABELS)
    row = made.iloc[1]
    assert (row.value, row.definition, row.table, row.of) == (
        "1", "studies that went Down", "effects", "study_id",
    )  # fmt: skip
    assert (
        row.selection
        == "rows of effects where qualifier is neither repeat nor late and marker is p1 and direction is down"
    )


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ("{count: study, table: arms, says: s}", "x.count: column 'study' stands in none"),
        ("{count: study_id, table: arm, says: s}", "x.count: there is no table 'arm'; expected one of arms; did you mean arms?"),
        ("{count: study_id, table: arms, where: {species: humann}, says: s}", "x.where: 'humann' is no term of species; expected one of human; did you mean human?"),
        ("{count: study_id, table: studies, where: {journal: Cel}, says: s}", "x.where: 'Cel' is no value of journal; expected one of Cell; did you mean Cell?"),
        ("{count: study_id, table: effects, where: {marker: p9}, says: s}", "x.where: 'p9' is no term of marker"),
        ("{lookup: journal, table: studies, where: {year: 2021}, says: s}", "x.lookup: the conditions leave 2 rows; expected exactly one row"),
        ("{lookup: score, table: effects, where: {effect_id: e4}, says: s}", "x.lookup: the cell of score is empty"),
        ("{statistic: max, table: studies, column: journal, says: s}", "x.statistic: journal holds 'Cell'; expected a number"),
        ("{statistic: min, table: effects, column: score, where: {marker: p2}, says: s}", "x.statistic: no row has a score"),
        ("{statistic: mean, table: effects, column: score, where: {marker: p2}, says: s}", "x.statistic: no row has a score"),
        ("{statistic: mean, table: studies, column: read_on, says: s}", "x.statistic: read_on holds days; expected min or max of them"),
        ("{statistic: max, table: studies, column: begun_on, says: s}", "x.statistic: begun_on holds 2024-01-31 and 2024-01, which stand in no order; expected whole days"),
        ("{reported: hit, says: s}", "x.reported: box 'hit' was not reported; expected one of hits; did you mean hits?"),
        ("{share: y, of: x, says: s}", "x.share: there is no number 'y'"),
        ("{rank: x, says: s}", "x.rank: it is made of itself: x -> x"),
        ("{list: fam, says: s}", "x.list: there is no family 'fam'"),
        ("{direction: direction, table: effects, count: study_id, terms: [upp], says: s}", "x.terms: 'upp' is no term of direction"),
    ],
)  # fmt: skip
def test_a_definition_that_cannot_hold_is_named_with_its_line(define, definition, says):
    says = says.replace("column 'study' stands in none", "arms has no column 'study'")
    with pytest.raises(NumberError) as error:
        one(define, definition)
    (problem,) = error.value.problems
    assert str(problem).startswith(f"numbers.yaml:2:{says}")


def test_all_problems_are_told_at_once_and_none_for_what_only_follows_from_them(define):
    with pytest.raises(NumberError) as error:
        define(
            """
selections:
  odd: {table: effects, where: {direction: sideways}, says: s}
numbers:
  a: {count: study_id, from: odd, says: s}
  b: {count: study_id, from: odd, says: s}
  c: {share: a, of: d, says: s}
  d: {statistic: difference, of: [e, a], says: s}
  e: {statistic: difference, of: [e2, e2], says: s}
  e2: {statistic: difference, of: [e, e], says: s}
  f: {count: nothing, table: studies, says: s}
"""
        )
    assert [
        (problem.row, problem.column, problem.what) for problem in error.value.problems
    ] == [
        (3, "odd.where", "'sideways' is no term of direction"),
        (9, "e.statistic", "it is made of itself: e -> e2 -> e"),
        (11, "f.count", "studies has no column 'nothing', nor has a table it refers to"),
    ]  # fmt: skip


def test_a_reference_to_a_row_that_is_not_there_is_no_empty_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numbers.yaml").write_text(
        "numbers:\n  x: {count: study_id, table: effects, says: s}\n"
    )
    lost = {**FRAMES, "arms": FRAMES["arms"].iloc[1:]}
    with pytest.raises(
        NumberError, match="arm_id of effects names 'ann-1'; expected a arm_id of arms"
    ):
        numbers.define(numbers.load("numbers.yaml"), lost, SCHEMAS, LABELS)


def test_numbers_on_claims_come_second_and_change_none_of_the_first(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numbers.yaml").write_text(
        """
numbers:
  share: {share: by.reproduced, of: all, says: s}
  all: {count: claim_id, table: claims, says: s}
  studies: {count: study_id, table: studies, says: s}
families:
  by: {count: claim_id, table: claims, by: verdict, says: s}
"""
    )
    definitions = numbers.load("numbers.yaml")
    first = numbers.define(definitions, FRAMES, SCHEMAS, LABELS)
    assert list(first[0]["number_id"]) == ["studies"]
    claims = tables.frame(
        [
            {"claim_id": "c1", "verdict": "reproduced"},
            {"claim_id": "c2", "verdict": "contradicted"},
        ],
        schemas.CLAIMS,
    )
    made, members = numbers.define(
        definitions, {"claims": claims}, {"claims": schemas.CLAIMS}, LABELS, before=first
    )  # fmt: skip
    assert list(made["number_id"])[:4] == ["share", "all", "studies", "by.reproduced"]
    assert list(made["value"])[:4] == ["50.00", "2", "3", "1"]
    assert list(members.query("number_id == 'studies'")["member_id"]) == [
        "ann", "bob", "cat",
    ]  # fmt: skip
    with pytest.raises(NumberError, match="this review has no table 'claims'"):
        numbers.define(
            definitions, {}, {"claims": schemas.CLAIMS}, LABELS, before=first
        )


@pytest.mark.parametrize("by", ["species", "[species, row]"])
def test_a_family_of_the_tables_is_no_share_of_the_claims(tmp_path, monkeypatch, by):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numbers.yaml").write_text(
        f"""
numbers:
  all: {{count: claim_id, table: claims, says: s}}
families:
  by: {{count: study_id, table: arms, by: {by}, says: s}}
  part: {{share: by, of: all, says: s}}
"""
    )
    definitions = numbers.load("numbers.yaml")
    first = numbers.define(definitions, FRAMES, SCHEMAS, LABELS)
    claims = tables.frame([{"claim_id": "c1"}], schemas.CLAIMS)
    with pytest.raises(NumberError) as error:
        numbers.define(
            definitions, {"claims": claims}, {"claims": schemas.CLAIMS}, LABELS, before=first
        )  # fmt: skip
    assert str(error.value).startswith(
        "numbers.yaml:6:part.share: by is counted in the tables, all in the claims; expected a family"
    )


def test_every_key_of_a_condition_selects_rows_and_is_told_in_words(define):
    given = {"not": "ann", "empty": "false", "at_least": "2020", "at_most": "2020"}
    schema = json.loads(definitions_of.SCHEMA.read_text())
    keys = schema["$defs"]["condition"]["then"]["properties"]
    assert set(given) == set(keys)
    for key, value in given.items():
        column = "study_id" if key == "not" else "year"
        where = f"{{{column}: {{{key}: {value}}}}}"
        made = one(define, f"{{count: study_id, table: studies, where: {where}, says: s}}")  # fmt: skip
        assert made[1] == {
            "not": ["bob", "cat"], "empty": ["ann", "bob", "cat"],
            "at_least": ["bob", "cat"], "at_most": ["ann"],
        }[key]  # fmt: skip


def test_a_condition_means_the_same_in_numbers_and_in_the_config():
    of_numbers, of_config = (
        json.loads((definitions_of.SCHEMA.parent / f"{name}.schema.json").read_text())["$defs"]
        for name in ("numbers", "config")
    )  # fmt: skip
    for name in ("scalar", "scalars", "condition", "where"):
        assert of_config[name] == of_numbers[name], name


def test_two_numbers_never_share_a_name(define):
    with pytest.raises(
        NumberError, match="numbers.yaml:2:by.fat.: by.fat is a number of the family by"
    ):
        define(
            """numbers:
  by.fat: {count: study_id, table: studies, says: s}
families:
  by: {count: study_id, table: arms, by: source, says: s}
"""
        )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("numbers:\n  a: {count: x, table: t}\n", "2:numbers.a: 'says' is a required property"),
        ("numbers:\n  a: {count: x, says: s}\n", "2:a.: neither table nor from"),
        ("numbers:\n  a: {count: x, table: t, from: f, says: s}\n", "2:a.from: both table and from"),
        ("numbers:\n  a: {count: x, from: f, says: s}\n", "2:a.from: no selection 'f'"),
        ("numbers:\n  a: {counts: x, table: t, says: s}\n", "2:numbers.a.counts: unknown key"),
        ("numbers:\n  a: {share: x, of: y, table: t, says: s}\n", "2:numbers.a.table: unknown key"),
        ("numbers:\n  a: {statistic: mode, table: t, column: c, says: s}\n", "2:numbers.a.statistic: 'mode' is not one of"),
        ("numbers:\n  a: {count: x, table: t, where: {y: true}, says: s}\n", "2:numbers.a.where.y: true is not a text or a number"),
        ("numbers:\n  a: {count: x, table: t, where: {y: {no: 1}}, says: s}\n", "2:numbers.a.where.y."),
        ("numbers:\n  a b: {count: x, table: t, says: s}\n", "2:a b.: not a name"),
        ("numbers:\n  a: {count: x, table: t, says: 's {x}'}\n", "2:a.says: {x} stands for nothing here"),
        ("numbers:\n  a: {reported: x, says: s}\n  a: {reported: y, says: s}\n", "3:a: the key stands here twice"),
        ("families:\n  a: {count: x, table: t, by: [a, b, c], says: s}\n", "2:a.by: 3 columns"),
        ("families:\n  a: {count: x, table: t, by: y, says: 's {z}'}\n", "2:a.says: {z} stands for nothing here; expected one of {y}"),
    ],
)  # fmt: skip
def test_a_mistake_in_numbers_yaml_is_named_with_line_and_key(
    tmp_path, monkeypatch, text, says
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numbers.yaml").write_text(text)
    with pytest.raises(ConfigError) as error:
        numbers.load("numbers.yaml")
    assert any(
        str(problem).startswith(f"numbers.yaml:{says}")
        for problem in error.value.problems
    ), str(error.value)


def test_an_empty_file_defines_nothing(define):
    assert define("numbers:\n") == {}


def test_every_key_of_the_schema_says_what_it_means():
    schema = json.loads(definitions_of.SCHEMA.read_text())

    def silent(node, path=""):
        for key, value in node.get("properties", {}).items():
            told = {**schema["$defs"][value["$ref"].rpartition("/")[2]], **value} if "$ref" in value else value  # fmt: skip
            if "description" not in told:
                yield f"{path}.{key}"
        for key, value in node.items():
            if isinstance(value, dict) and key != "if":
                yield from silent(value, f"{path}.{key}")

    assert list(silent(schema)) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (3.0, "3"), (0.5, "0.5"), (97.43589, "97.4359"), (-1.25, "-1.25"), (0.0000123, "0.000012"), (0, "0"), (Fraction(244496, 100000), "2.44496"), (2.44495, "2.44495"), (2.44504, "2.445"), (-0.1235, "-0.1235")],
)  # fmt: skip
def test_a_quantity_is_printed_short_but_never_as_nothing_or_what_rounds_otherwise(
    value, text
):
    assert numbers.printed(value) == text
