"""Votes and resolutions settle each record, or it is named."""

import pytest
from retrace import schemas, screening, tables
from retrace.errors import ScreeningError

SEARCHES = tables.frame(
    [
        {"source": "db", "round": "undated", "kind": "database", "status": "exported"},
        {
            "source": "list",
            "round": "undated",
            "kind": "listed_records",
            "status": "listed",
        },
        {
            "source": "cites",
            "round": "undated",
            "kind": "citations",
            "status": "exported",
        },
    ],
    schemas.SEARCHES,
)
REASONS = {
    "title_abstract": ["wrong topic"],
    "full_text": ["no outcome, at all", "not original"],
}
STAGES = {"t": "title_abstract", "f": "full_text"}


def kept(*ids):
    return tables.frame(
        [
            {
                "record_id": name,
                "source": name.split(":")[0],
                "sources": name.split(":")[0],
            }
            for name in ids
        ],
        schemas.DEDUPLICATED,
    )


def votes(text, schema=schemas.DECISIONS):
    rows = [(line.split(maxsplit=3) + [""])[:4] for line in text.strip().splitlines()]
    names = ("record_id", "stage", "decision", "reason")
    return tables.frame(
        [
            dict(zip(names, (r, STAGES[s], d, why), strict=True))
            for r, s, d, why in rows
        ],
        schema,
    )


def settle(first, second, resolved="", ids=("db:a", "db:b"), **changed):
    settled = screening.settle(
        {"ada": votes(first), "bob": votes(second)},
        votes(resolved, schemas.RESOLUTIONS),
        deduplicated=kept(*ids),
        **(
            {
                "duplicates": tables.empty(schemas.DUPLICATES),
                "searches": SEARCHES,
                "reasons": REASONS,
            }
            | changed
        ),
    )
    return {
        (row.record_id, row.stage): (row.decision, row.basis)
        for row in settled.itertuples()
    }


def test_agreeing_votes_hold_and_an_include_goes_on_to_full_text():
    found = settle(
        "db:a t include\ndb:b t exclude wrong topic", "db:a t include\ndb:b t exclude"
    )

    assert found == {
        ("db:a", "title_abstract"): ("include", "2 votes agree"),
        ("db:a", "full_text"): ("undecided", "0 of 2 votes"),
        ("db:b", "title_abstract"): ("exclude", "2 votes agree"),
    }


@pytest.mark.parametrize(
    ("first", "second", "basis"),
    [
        ("db:a t include", "db:a t exclude", "reviewers disagree"),
        ("db:a t include", "db:a t unsure", "a reviewer is unsure"),
        ("db:a t include", "", "1 of 2 votes"),
    ],
)
def test_what_the_votes_do_not_settle_stays_undecided_with_its_reason(
    first, second, basis
):
    assert settle(first, second, ids=["db:a"])["db:a", "title_abstract"] == (
        "undecided",
        basis,
    )


def test_a_resolution_holds_over_the_votes():
    found = settle(
        "db:a t include", "db:a t exclude", "db:a t exclude wrong topic", ids=["db:a"]
    )

    assert found == {("db:a", "title_abstract"): ("exclude", "resolution")}


def test_the_protocol_may_send_unsure_votes_on_to_full_text():
    found = settle("db:a t include", "db:a t unsure", ids=["db:a"], unsure="include")

    assert found["db:a", "title_abstract"] == ("include", "2 votes agree")


def test_the_reason_that_stands_first_in_the_protocol_holds():
    settled = screening.settle(
        {
            "ada": votes("db:a t include\ndb:a f exclude not original"),
            "bob": votes("db:a t include\ndb:a f exclude no outcome, at all"),
        },
        votes("", schemas.RESOLUTIONS),
        deduplicated=kept("db:a"),
        duplicates=tables.empty(schemas.DUPLICATES),
        searches=SEARCHES,
        reasons=REASONS,
    )

    assert settled["reason"].to_list() == ["", "no outcome, at all"]


def test_a_record_found_by_other_methods_goes_straight_to_full_text():
    assert settle("cites:x f include", "cites:x f include", ids=["cites:x"]) == {
        ("cites:x", "full_text"): ("include", "2 votes agree")
    }


def test_a_listed_record_needs_no_decision():
    assert settle("", "", ids=["list:1"]) == {}


def test_a_decision_on_a_duplicate_is_a_decision_on_the_kept_record():
    duplicates = tables.frame(
        [
            {
                "row_id": "f#2",
                "kept_row_id": "f#1",
                "record_id": "db:z",
                "kept_id": "db:a",
                "rule": "r",
            }
        ],
        schemas.DUPLICATES,
    )
    found = settle(
        "db:z t include", "db:a t include", ids=["db:a"], duplicates=duplicates
    )

    assert found["db:a", "title_abstract"] == ("include", "2 votes agree")


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("db:nobody t include", "record_id: 'db:nobody'"),
        ("db:a t exclude because", "reason: 'because'"),
        ("db:a f exclude", "reason: the cell is empty"),
        ("db:a t include wrong topic", "reason: 'wrong topic'"),
        ("db:a t not_retrieved", "decision: not_retrieved"),
        ("db:b t exclude\ndb:b f include", "did not pass title and abstract"),
    ],
)
def test_a_decision_that_cannot_be_is_named(first, said):
    with pytest.raises(ScreeningError) as error:
        settle(first, "db:b t exclude")

    assert said in str(error.value)


def test_a_release_names_every_undecided_record_at_once():
    with pytest.raises(ScreeningError) as error:
        settle("", "", final=True)

    assert [problem.what.split(" is ")[0] for problem in error.value.problems] == [
        "db:a",
        "db:b",
    ]


def test_agreement_is_counted_by_hand():
    first = votes(
        "db:a t include\ndb:b t include\ndb:c t exclude\ndb:d t exclude\ndb:e t unsure"
    )
    second = votes(
        "db:a t include\ndb:b t exclude\ndb:c t exclude\ndb:d t exclude\ndb:e t include"
    )

    none = tables.empty(schemas.DUPLICATES)
    row = screening.agree({"ada": first, "bob": second}, none).iloc[0]

    # Of four sure pairs three agree: 75 %. By chance: 2/4*1/4 + 2/4*3/4 = 0.5; kappa 0.25/0.5.
    assert (row.n_both, row.n_unsure, row.percent, row.kappa) == (5, 1, 75.0, 0.5)
    assert (
        row.n_include_include,
        row.n_include_exclude,
        row.n_exclude_include,
        row.n_exclude_exclude,
    ) == (1, 1, 0, 2)


def test_reviewers_who_voted_on_two_copies_voted_on_one_record():
    duplicates = tables.frame(
        [("f#2", "db2:a", "f#1", "db:a", "f#1", "same_doi", "{}")], schemas.DUPLICATES
    )
    first, second = votes("db:a t include"), votes("db2:a t exclude")

    row = screening.agree({"ada": first, "bob": second}, duplicates).iloc[0]

    assert (row.n_both, row.n_include_exclude) == (1, 1)


def test_a_decision_on_a_record_that_was_merged_since_is_told():
    merged = tables.frame(
        [
            {"row_id": "b#1", "record_id": "db:b", "kept_row_id": "a#1", "kept_id": "db:a",
             "matched_row_id": "a#1", "rule": "same_doi"},
            {"row_id": "a#2", "record_id": "db:a", "kept_row_id": "a#1", "kept_id": "db:a",
             "matched_row_id": "a#1", "rule": "same_accession"},
        ],
        schemas.DUPLICATES,
    )  # fmt: skip

    found = screening.warn(
        {"ada": votes("db:a t include\ndb:b t include")},
        votes("db:b t include", schemas.RESOLUTIONS),
        deduplicated=kept("db:a"),
        duplicates=merged,
        borderline=tables.empty(schemas.BORDERLINE),
    )

    assert found["where"].tolist() == [
        "data/raw/screening/resolutions.csv:2",
        "data/raw/screening/reviewers/ada.csv:3",
    ]
    assert set(found["code"]) == {"decision_on_merged_record"}
    assert "db:b is now one with db:a, by the rule same_doi" in found["says"][0]


def doubts(resolved, *, borderline=(), **rules):
    both = "db:a t include\ndb:b t include\ndb:b f exclude no outcome, at all"
    found = screening.doubts(
        {"ada": votes(both), "bob": votes(both.replace("db:a t include", "db:a t unsure"))},
        votes(resolved, schemas.RESOLUTIONS),
        deduplicated=kept("db:a", "db:b"),
        duplicates=tables.frame([{"row_id": "z#1", "record_id": "db:z", "kept_id": "db:b"}], schemas.DUPLICATES),
        borderline=tables.frame(borderline, schemas.BORDERLINE),
        reasons=REASONS,
        **rules,
    )  # fmt: skip
    return [(one["code"], one["where"], one["says"]) for one in found]


def test_a_resolution_against_votes_that_settle_it_is_told():
    assert doubts("db:z t exclude\ndb:b f exclude not original") == [(
        "resolution_against_votes", "data/raw/screening/resolutions.csv:2",
        "db:z at title_abstract: the resolution says exclude, the votes alone include (2 votes agree); the resolution holds.",
    )]  # fmt: skip


def test_a_resolution_of_what_the_votes_do_not_settle_is_not_told():
    assert doubts("db:a t exclude\ndb:b t include") == []
    assert doubts("db:b t exclude", votes_needed=3) == []
    assert len(doubts("db:a t exclude", unsure="include")) == 1


def test_pairs_that_a_person_should_look_at_are_told_with_their_count():
    pairs = [{"rank": 1, "record_id": "db:a", "other_id": "db:b"}]

    assert doubts("", borderline=pairs) == [(
        "borderline_pairs", "results/records/borderline.csv",
        "1 pair(s) of records were left apart that a person should look at; a line of data/raw/screening/overrides.csv settles one.",
    )]  # fmt: skip


@pytest.mark.parametrize(
    "copy",
    ["jonas (1)", "Jonas - Kopie", "jonas copy", "jonas_copy", "Copy of jonas", "Kopie von jonas (2)"],
)  # fmt: skip
def test_a_copy_of_a_reviewers_file_is_no_second_reviewer(copy):
    same = votes("db:a t include")
    with pytest.raises(ScreeningError) as error:
        screening.settle(
            {copy: same, "jonas": same}, votes("", schemas.RESOLUTIONS), deduplicated=kept("db:a"),
            duplicates=tables.empty(schemas.DUPLICATES), searches=SEARCHES,
        )  # fmt: skip

    assert str(error.value) == (
        f"data/raw/screening/reviewers/{copy}.csv: the name of a copy of jonas.csv; expected one file per reviewer;"
        " delete one of the two, or rename it after its reviewer"
    )


@pytest.mark.parametrize("other", ["jonas b", "copyanne", "anna (1)", "jonas2"])
def test_two_reviewers_may_decide_alike(other):
    same = votes("db:a t exclude wrong topic")
    settled = screening.settle(
        {"jonas": same, other: same}, votes("", schemas.RESOLUTIONS), deduplicated=kept("db:a"),
        duplicates=tables.empty(schemas.DUPLICATES), searches=SEARCHES, reasons=REASONS,
    )  # fmt: skip

    assert settled["basis"].tolist() == ["2 votes agree"]
