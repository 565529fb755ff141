"""Two readings and the decisions on their differences make one consensus, or every reason why not is named."""

import pytest
from retrace import extraction, schemas, sheets, tables
from retrace.errors import ConfigError, ExtractionError, TableError
from retrace.sheets import Raw, Sheet

DESCRIBED = {
    "readings": ["one", "two"],
    "adjudication": "judged.csv",
    "notes": "said.csv",
    "vocabulary": "words.csv",
    "sheets": {
        "towns": {
            "says": "One row per town.",
            "key": "town",
            "order": ["rank"],
            "label": "{name} ({rank})",
            "columns": {
                "town": {"says": "The town.", "kind": "id", "required": True},
                "rank": {"says": "Its rank.", "kind": "integer", "required": True},
                "name": {"says": "Its name."},
            },
        },
        "trees": {
            "says": "One row per tree.",
            "key": "tree",
            "order": ["tree"],
            "columns": {
                "tree": {"says": "The tree.", "kind": "id", "required": True},
                "town": {
                    "says": "Its town.", "kind": "id", "required": True, "refers_to": "towns",
                },
                "size": {"says": "Its size.", "closed": True, "required": True},
                "pests": {"says": "Its pests.", "closed": True, "several": True},
                "note": {"says": "Note.", "compared": False},
            },
        },
        "tales": {
            "says": "One row per tale.",
            "key": "tale",
            "readings": ["two"],
            "columns": {
                "tale": {"says": "The tale.", "kind": "id", "required": True},
                "town": {
                    "says": "Its town.", "kind": "id", "required": True, "refers_to": "towns",
                },
                "words": {"says": "Its words."},
            },
        },
        "kinds": {
            "says": "One row per kind of tree.",
            "key": "kind",
            "readings": [],
            "label": "{label}",
            "parent": "class",
            "coding": "coded.csv",
            "columns": {
                "kind": {"says": "The kind.", "kind": "id", "required": True},
                "label": {"says": "Its label."},
                "class": {"says": "Its class.", "closed": True},
                "leaf": {"says": "Its leaf.", "closed": True},
            },
        },
    },
}  # fmt: skip
FILES = {
    "words.csv": """
sheet,column,term,label,label_long,parent
trees,size,low,Low,,
trees,size,high,High,High as a house,
trees,pests,moth,Moth,,
trees,pests,mite,,,
kinds,class,broad,Broad,,
kinds,class,conifer,Conifer,,
kinds,leaf,falls,Falls,,
kinds,leaf,stays,Stays,,
""",
    "one/towns.csv": "town,rank,name\nulm,10,Ulm\nbonn,9,Bonn\n",
    "two/towns.csv": "town,rank,name\nulm,10,Ulm\nbonn,9,Bonn\n",
    "one/trees.csv": """
tree,town,size,pests,note
t2,ulm,low,moth,read so
t1,ulm,high,moth; mite,
""",
    "two/trees.csv": """
tree,town,size,pests,note
t2,ulm,low,moth,read otherwise
t1,ulm,high,moth; mite,
""",
    "two/tales.csv": "tale,town,words\nm1,ulm,Once\nm2,,Nowhere\n",
    "kinds.csv": """
kind,label,class,leaf
oak,Oak,broad,falls
fir,Fir,conifer,stays
larch,Larch,conifer,falls
""",
    "coded.csv": "kind,column,coding_a,coding_b,chosen,reason\nlarch,leaf,falls,stays,falls,seen in winter\n",
    "judged.csv": """
sheet,key,column,value_a,value_b,chosen,reason
tales,m2,(row),,kept,drop,single reading: no town
""",
    "said.csv": "sheet,key,note\ntrees,t1,Felled since.\n",
}


@pytest.fixture
def review(tmp_path, monkeypatch):
    """Return what reads the small review after changes, each a file, a text in it and another."""
    monkeypatch.chdir(tmp_path)

    def read(changes=(), described=DESCRIBED):
        for name, text in FILES.items():
            for changed, old, new in changes:
                if changed == name:
                    assert old in text
                    text = text.replace(old, new, 1)
            path = tmp_path / sheets.FOLDER / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.lstrip("\n"), encoding="utf-8")
        return sheets.read(described)

    return read


def judged(*lines):
    """Return a change that adds decisions."""
    return ("judged.csv", "drop,single reading: no town\n",
            "drop,single reading: no town\n" + "".join(f"{line}\n" for line in lines))  # fmt: skip


def named(raw):
    """Return what the consensus complains of, as 'file:row:column: what'."""
    with pytest.raises(ExtractionError) as raised:
        extraction.agree(raw)
    return [
        f"{problem.file.removeprefix(sheets.FOLDER + '/')}:{problem.row}:{problem.column}: {problem.what}"
        for problem in raised.value.problems
    ]


def described(sheet, **options):
    return DESCRIBED | {
        "sheets": DESCRIBED["sheets"] | {sheet: DESCRIBED["sheets"][sheet] | options}
    }


# --- the consensus ------------------------------------------------------------------


def test_readings_that_agree_are_the_consensus(review):
    consensus = extraction.agree(review())

    assert {name: len(frame) for name, frame in consensus.items()} == {
        "towns": 2, "trees": 2, "tales": 1, "kinds": 3,
    }  # fmt: skip
    assert list(consensus["trees"]["pests"]) == ["moth; mite", "moth"]


def test_rows_stand_in_the_order_of_config_numbers_as_numbers(review):
    assert list(extraction.agree(review())["towns"]["town"]) == ["bonn", "ulm"]


def test_notes_come_from_the_notes_of_the_consensus_alone(review):
    assert list(extraction.agree(review())["trees"]["note"]) == ["Felled since.", ""]


def test_a_difference_that_was_decided_holds_as_decided(review):
    raw = review(
        [
            ("two/trees.csv", "t2,ulm,low,moth", "t2,ulm,high,"),
            judged("trees,t2,size,low,high,high,measured", "trees,t2,pests,moth,,,none"),
        ]
    )  # fmt: skip

    row = extraction.agree(raw)["trees"].iloc[1]
    assert (row["size"], row["pests"]) == ("high", "")


def test_several_values_of_a_cell_differ_by_what_they_are_not_by_their_order(review):
    other_order = ("two/trees.csv", "high,moth; mite", "high,mite; moth")
    assert list(extraction.agree(review([other_order]))["trees"]["pests"]) == ["moth; mite", "moth"]  # fmt: skip

    in_vain = judged("trees,t1,pests,moth; mite,mite; moth,mite,so")
    (said,) = named(review([other_order, in_vain]))
    assert (
        said == "judged.csv:3:column: trees t1 pests: the readings do not differ here"
    )


def test_a_cell_that_both_read_wrong_is_changed(review):
    raw = review(
        [judged("towns,ulm,name,Ulm,Ulm,Ulm an der Donau,both_wrong: cut off")]
    )

    assert list(extraction.agree(raw)["towns"]["name"]) == ["Bonn", "Ulm an der Donau"]


def test_an_empty_reference_in_one_reading_is_a_difference_to_decide_on(review):
    raw = review(
        [
            ("two/trees.csv", "t2,ulm", "t2,"),
            judged("trees,t2,town,ulm,,ulm,stands in its block"),
        ]
    )

    assert list(extraction.agree(raw)["trees"]["town"]) == ["ulm", "ulm"]


@pytest.mark.parametrize(("chosen", "left"), [("drop", ["t1", "t2"]), ("keep", ["t1", "t2", "t3"])])  # fmt: skip
def test_a_row_of_one_reading_stays_or_goes_as_decided(review, chosen, left):
    raw = review(
        [
            ("two/trees.csv", "t1,ulm", "t3,bonn,low,,\nt1,ulm"),
            judged(f"trees,t3,(row),,kept,{chosen},looked again"),
        ]
    )

    assert list(extraction.agree(raw)["trees"]["tree"]) == left


def test_a_sheet_read_once_may_be_reworded_where_the_decision_says_so(review):
    raw = review([judged("tales,m1,words,,Once,Once upon,single reading: whole")])

    assert list(extraction.agree(raw)["tales"]["words"]) == ["Once upon"]


# --- what stops it ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (
            [("two/trees.csv", "t2,ulm,low", "t2,ulm,high")],
            "one/trees.csv:2:size: trees t2: the readings differ: 'low', 'high'",
        ),
        (
            [("two/trees.csv", "t2,ulm", "t2,")],
            "one/trees.csv:2:town: trees t2: the readings differ: 'ulm', ''",
        ),
        (
            [judged("trees,t2,size,low,low,high,better so")],
            "judged.csv:3:column: trees t2 size: the readings do not differ here",
        ),
        (
            [judged("trees,t2,colour,,,,no such column")],
            "judged.csv:3:column: trees t2 colour: the readings do not differ here",
        ),
        (
            [judged("trees,t9,size,low,high,high,no such row")],
            "judged.csv:3:key: 't9'",
        ),
        (
            [judged("shrubs,t2,size,low,high,high,no such sheet")],
            "judged.csv:3:sheet: 'shrubs'",
        ),
        (
            [
                ("two/trees.csv", "t2,ulm,low", "t2,ulm,high"),
                judged("trees,t2,size,high,high,high,value_a is not what was read"),
            ],
            "judged.csv:3:value_a: says 'high', 'high'",
        ),
        (
            [
                ("two/trees.csv", "t2,ulm,low", "t2,ulm,high"),
                judged("trees,t2,size,low,low,high,value_b is not what was read"),
            ],
            "judged.csv:3:value_b: says 'low', 'low'",
        ),
        (
            [judged("tales,m1,words,,Never,Once upon,single reading: whole")],
            "judged.csv:3:value_a: says '', 'Never'",
        ),
        (
            [
                ("two/trees.csv", "t2,ulm,low", "t2,ulm,high"),
                judged("trees,t2,size,low,high,huge,a term of no vocabulary"),
            ],
            "judged.csv:3:chosen: 'huge'",
        ),
        (
            [judged("trees,t2,town,ulm,ulm,rom,both_wrong: no such town")],
            "judged.csv:3:chosen: t2 refers to 'rom'",
        ),
        (
            [
                ("one/trees.csv", "t2,ulm", "t2,rom"),
                ("two/trees.csv", "t2,ulm", "t2,rom"),
            ],
            "one/trees.csv:2:town: t2 refers to 'rom'",
        ),
        (
            [("one/trees.csv", "t2,ulm", "t2,"), ("two/trees.csv", "t2,ulm", "t2,")],
            "one/trees.csv:2:town: the cell is empty",
        ),
        (
            [("two/trees.csv", "t1,ulm", "t3,bonn,low,,\nt1,ulm")],
            "two/trees.csv:3:tree: 't3' stands in this reading alone",
        ),
        (
            [("judged.csv", "drop,single", "Drop,single")],
            "judged.csv:2:chosen: 'Drop'",
        ),
        (
            [judged("trees,t2,(row),kept,kept,keep,both have it")],
            "judged.csv:3:column: trees t2 (row): the readings do not differ here",
        ),
        (
            [judged("tales,m2,words,,Nowhere,Here,single reading: of a dropped row")],
            "judged.csv:3:column: tales m2 words: the readings do not differ here",
        ),
        ([("said.csv", "t1,", "t9,")], "said.csv:2:key: 't9'"),
        ([("said.csv", "trees,", "shrubs,")], "said.csv:2:sheet: 'shrubs'"),
        ([("coded.csv", "stays,falls", "stays,stays")], "coded.csv:2:chosen: 'stays'"),
        ([("coded.csv", "larch", "elm")], "coded.csv:2:kind: 'elm'"),
        ([("coded.csv", "leaf", "label")], "coded.csv:2:column: 'label'"),
        ([("coded.csv", "falls,stays", "falls,rots")], "coded.csv:2:coding_b: 'rots'"),
        (
            [("coded.csv", "falls,stays", "falls,falls")],
            "coded.csv:2:coding_b: larch: the codings do not differ here",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_does_not_fit_is_named_where_it_can_be_corrected(
    review, changes, complaint
):
    assert complaint in named(review(changes))


def test_all_that_does_not_fit_is_named_at_once(review):
    raw = review(
        [
            ("two/trees.csv", "t2,ulm,low", "t2,ulm,high"),
            ("two/towns.csv", "Bonn", "Bonna"),
            judged("trees,t1,size,high,high,low,idle"),
        ]
    )

    assert len(named(raw)) == 3


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("two/trees.csv", "t2,ulm,low", "t2,ulm,huge"), "two/trees.csv:2:size: 'huge'"),
        (("one/trees.csv", "moth; mite", "moth; bear"), "one/trees.csv:3:pests: 'bear'"),
        (("one/trees.csv", "t1,", "t2,"), "one/trees.csv:3:tree: 't2' stands here a second time"),
        (("judged.csv", "single reading: no town\n", "x\ntales,m2,(row),,kept,drop,x\n"),
         "judged.csv:3:sheet: 'tales m2 (row)' stands here a second time"),
    ],
)  # fmt: skip
def test_a_reading_that_does_not_fit_its_schema_is_named(review, change, complaint):
    with pytest.raises(TableError) as raised:
        review([change])

    assert [
        f"{problem.file.removeprefix(sheets.FOLDER + '/')}:{problem.row}:{problem.column}: {problem.what}"
        for problem in raised.value.problems
    ] == [complaint]


@pytest.mark.parametrize(
    ("sheet", "options", "place"),
    [
        ("towns", {"key": "twon"}, "key"),
        ("towns", {"order": ["rnk"]}, "order"),
        ("towns", {"label": "{nmae}"}, "label"),
        ("towns", {"label": "{name.__class__}"}, "label"),
        ("towns", {"label": "{name"}, "label"),
        ("towns", {"readings": ["one", "two", "three"]}, "readings"),
        ("towns", {"coding": "coded.csv"}, "coding"),
        ("kinds", {"parent": "clas"}, "parent"),
        (
            "tales",
            {"columns": DESCRIBED["sheets"]["tales"]["columns"] | {"town": {"says": "Its town.", "refers_to": "twons"}}},
            "columns.town.refers_to",
        ),
    ],
)  # fmt: skip
def test_config_that_names_what_is_not_there_is_named(review, sheet, options, place):
    with pytest.raises(ConfigError) as raised:
        review(described=described(sheet, **options))

    assert [problem.column for problem in raised.value.problems] == [
        f"extraction.sheets.{sheet}.{place}"
    ]


# --- agreement and labels -----------------------------------------------------------


def rated(first, second, *columns):
    """Return the agreement of two readings of a sheet, as {column: row}."""
    schema = tables.table("s", "", "", tables.Column("id", ""), *columns, key="id")
    names = schema.names
    made = {
        "s": Sheet(
            schema,
            {
                reading: tables.frame([dict(zip(names, row, strict=True)) for row in rows], schema)
                for reading, rows in (("one", first), ("two", second))
            },
        )
    }  # fmt: skip
    return {
        row["column"]: row
        for row in extraction.measure(made).astype(object).to_dict("records")
    }


CLOSED = tables.Column("c", "", terms=("a", "b"))
OPEN = tables.Column("o", "")
SEVERAL = tables.Column("v", "", terms=("a", "b"), several=True)


def test_kappa_is_that_of_the_textbook():
    """Both say a of 20, both b of 15, in 5 and 10 they differ: (0.7 - 0.5) / 0.5."""
    pairs = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    first = [(str(place), a) for place, (a, _) in enumerate(pairs)]
    second = [(str(place), b) for place, (_, b) in enumerate(pairs)]

    row = rated(first, second, CLOSED)["c"]
    assert (row["n"], row["n_agree"], row["percent"], row["kappa"]) == (
        50,
        35,
        70.0,
        0.4,
    )


def test_kappa_is_for_closed_columns_of_one_value_alone():
    rows = [("1", "a", "x", "a; b"), ("2", "b", "y", "a")]
    found = rated(rows, rows, CLOSED, OPEN, SEVERAL)

    assert {column: row["kappa"] == 1 for column, row in found.items()
            if row["kappa"] is not None and row["kappa"] == row["kappa"]} == {"c": True}  # fmt: skip


def test_several_values_in_another_order_agree():
    found = rated([("1", "a; b"), ("2", "a")], [("1", "b; a"), ("2", "b")], SEVERAL)

    assert found["v"]["n_agree"] == found["(all)"]["n_agree"] == 1


def test_kappa_is_empty_where_chance_explains_all():
    import pandas as pd

    row = rated([("1", "a"), ("2", "a")], [("1", "a"), ("2", "a")], CLOSED)["c"]

    assert row["percent"] == 100 and pd.isna(row["kappa"])


def test_agreement_is_over_the_rows_that_both_readings_have_in_any_order():
    found = rated(
        [("1", "a", "x"), ("2", "b", "y"), ("3", "a", "z")],
        [("2", "a", "y"), ("1", "a", "x")],
        CLOSED,
        OPEN,
    )

    assert (found["c"]["n"], found["c"]["n_agree"]) == (2, 1)
    assert (found["(all)"]["n"], found["(all)"]["n_agree"]) == (4, 3)


def test_columns_left_out_of_the_comparison_are_not_measured(review):
    raw = review()
    measured = extraction.measure(raw.sheets, raw.codings)

    found = [(row.sheet, row.column) for row in measured.itertuples()]
    assert ("trees", "note") not in found and ("trees", "tree") not in found
    assert not [sheet for sheet, _ in found if sheet == "tales"]


def test_two_codings_agree_in_all_cells_that_are_not_listed(review):
    raw = review()
    measured = extraction.measure(raw.sheets, raw.codings).set_index(
        ["sheet", "column"]
    )

    assert list(measured.loc[("kinds", "class"), ["n", "n_agree", "kappa"]]) == [
        3,
        3,
        1,
    ]
    assert list(measured.loc[("kinds", "leaf"), ["n", "n_agree"]]) == [3, 2]
    # coding_a: falls stays falls; coding_b: falls stays stays; chance is 4/9.
    assert measured.loc[("kinds", "leaf"), "kappa"] == pytest.approx(0.4)


def test_readings_without_a_row_agree_in_nothing():
    assert [row["n"] for row in rated([], [], CLOSED).values()] == [0, 0]


def test_labels_come_from_the_vocabulary_and_the_templates(review):
    raw = review()
    labels = extraction.label(raw.sheets, extraction.agree(raw), raw.vocabulary)
    found = {
        (row.column, row.term): (row.label, row.label_long, row.parent)
        for row in labels.itertuples()
    }

    assert found["size", "high"] == ("High", "High as a house", "")
    assert found["size", "low"] == ("Low", "Low", "")
    assert found["pests", "mite"] == ("mite", "mite", "")
    assert found["town", "ulm"] == ("Ulm (10)", "Ulm (10)", "")
    assert found["kind", "oak"] == ("Oak", "Oak", "broad")


def test_a_review_without_sheets_has_a_consensus_of_nothing():
    nothing = Raw(
        {}, tables.empty(schemas.ADJUDICATION), tables.empty(schemas.NOTES), tables.empty(schemas.VOCABULARY)
    )  # fmt: skip

    assert extraction.agree(nothing) == {}
    assert len(extraction.measure({})) == 0
