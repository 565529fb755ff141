"""Records, reports and studies reach the PRISMA boxes that the tables send them to."""

import pytest
from retrace import flow, schemas, tables
from retrace.errors import FlowError

ARMS = ["databases", "registers", "other_methods"]


def searches(*rows):
    names = ("source", "kind", "status")
    return tables.frame(
        [dict(zip(names, row, strict=True), round="undated") for row in rows],
        schemas.SEARCHES,
    )


def records(text):
    """Read 'source id' pairs; equal ids of one source are two rows of one record."""
    rows = [line.split(":") for line in text.split()]
    return tables.frame(
        [
            {"row_id": f"f#{place}", "record_id": f"{source}:{name}", "source": source}
            for place, (source, name) in enumerate(rows, start=1)
        ],
        schemas.RECORDS,
    )


def merged(text):
    """Read 'row kept_row record kept' lines."""
    rows = [line.split() for line in text.strip().splitlines()]
    return tables.frame(
        [
            {
                "row_id": row,
                "kept_row_id": kept_row,
                "record_id": record,
                "kept_id": kept,
                "rule": "r",
            }
            for row, kept_row, record, kept in rows
        ],
        schemas.DUPLICATES,
    )


def settled(text):
    """Read 'id stage decision reason' lines; t and f are the two stages."""
    stages = {"t": "title_abstract", "f": "full_text"}
    rows = [(line.split(maxsplit=3) + [""])[:4] for line in text.strip().splitlines()]
    return tables.frame(
        [
            (record, stages[stage], decision, reason, "by hand")
            for record, stage, decision, reason in rows
        ],
        schemas.SETTLED,
    )


EMPTY = {
    "duplicates": tables.empty(schemas.DUPLICATES),
    "settled": tables.empty(schemas.SETTLED),
    "reports": tables.empty(schemas.REPORTS),
    "included": tables.empty(schemas.INCLUDED),
}
SOURCES = searches(("db", "database", "exported"), ("reg", "register", "exported"))
FOUND = records("db:a db:b db:c db:d reg:e")
MERGED = merged("f#5 f#1 reg:e db:a")
DECIDED = """
    db:a t include
    db:b t exclude wrong topic
    db:c t include
    db:d t include
    db:a f include
    db:c f not_retrieved
    db:d f exclude no outcome, at all
"""


def sorted_boxes(**changed):
    given = EMPTY | {
        "searches": SOURCES,
        "records": FOUND,
        "duplicates": MERGED,
        "settled": settled(DECIDED),
    }
    return flow.sort_into_boxes(**(given | changed))


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ("database_results", "f#1 f#2 f#3 f#4"),
        ("register_results", "f#5"),
        ("duplicates", "f#5"),
        ("records_screened", "db:a db:b db:c db:d"),
        ("records_excluded", "db:b"),
        ("dbr_sought_reports", "db:a db:c db:d"),
        ("dbr_notretrieved_reports", "db:c"),
        ("dbr_assessed", "db:a db:d"),
        ("dbr_excluded", "db:d"),
        ("new_studies", "db:a"),
        ("new_reports", "db:a"),
    ],
)
def test_each_box_holds_its_members(box, expected):
    members = sorted_boxes()

    assert set(members.loc[members["box"] == box, "member_id"]) == set(expected.split())


def test_two_reports_of_one_study_are_two_reports_and_one_study():
    decided = settled(
        "db:a t include\n db:b t include\n db:a f include\n db:b f include"
    )
    reports = tables.frame([("db:a", "r1", "s"), ("db:b", "r2", "s")], schemas.REPORTS)
    members = sorted_boxes(
        records=records("db:a db:b"),
        duplicates=EMPTY["duplicates"],
        settled=decided,
        reports=reports,
    )

    assert list(members.loc[members["box"] == "new_studies", "member_id"]) == ["s"]
    assert list(members.loc[members["box"] == "new_reports", "member_id"]) == [
        "r1",
        "r2",
    ]


def test_a_report_named_by_a_merged_record_is_the_report_of_the_kept_one():
    reports = tables.frame([("reg:e", "r1", "s")], schemas.REPORTS)
    members = sorted_boxes(reports=reports)

    assert list(members.loc[members["box"] == "new_reports", "member_id"]) == ["r1"]
    assert list(members.loc[members["box"] == "new_studies", "member_id"]) == ["s"]


def test_two_copies_of_a_record_said_to_be_two_reports_are_named():
    reports = tables.frame([("db:a", "r1", "s"), ("reg:e", "r2", "s")], schemas.REPORTS)
    with pytest.raises(FlowError, match="reg:e is a duplicate of db:a"):
        sorted_boxes(reports=reports)


def test_a_box_that_no_search_feeds_is_not_applicable_beside_one_that_was_read():
    found = searches(("db", "database", "exported"), ("cited", "citations", "exported"))
    members = sorted_boxes(
        searches=found, records=records("db:a cited:b"), final=False, **EMPTY
    )
    boxes = flow.count(
        members,
        searches=found,
        reported=tables.empty(schemas.REPORTED),
        arms=ARMS,
    ).set_index("data")

    assert boxes.loc["website_results", "kind"] == "not_applicable"
    assert boxes.loc["citations_results", "n"] == 1


@pytest.mark.parametrize(
    ("decided", "message"),
    [
        (
            DECIDED.replace("    db:d t include\n", ""),
            "in records_screened but in none of .*: db:d",
        ),
        (
            DECIDED.replace("    db:c f not_retrieved\n", ""),
            "in dbr_sought_reports but in none of .*: db:c",
        ),
        (DECIDED + "    db:d f include", "in both dbr_excluded and new_reports: db:d"),
    ],
)
def test_a_record_lost_or_counted_twice_is_named(decided, message):
    with pytest.raises(FlowError, match=message):
        sorted_boxes(settled=settled(decided))


def test_in_a_draft_an_undecided_record_waits_and_is_named():
    decided = settled(DECIDED.replace("db:c f not_retrieved", "db:c f undecided"))
    members = sorted_boxes(settled=decided, final=False)
    prisma = flow.count(
        members, searches=SOURCES, reported=tables.empty(schemas.REPORTED), arms=ARMS
    )

    warnings = flow.warn(prisma, searches=SOURCES, settled=decided)

    assert list(warnings["code"]) == ["undecided"]
    assert "db:c" in warnings["says"][0]


def unmatched(keys, arms=ARMS, **changed):
    merged = tables.frame([{"row_id": "z#1", "record_id": "db:z", "kept_id": "db:a"}, {"row_id": "y#1", "record_id": "db:y", "kept_id": "db:b"}], schemas.DUPLICATES)  # fmt: skip
    found = flow.unmatched(sorted_boxes(**changed), {"towns": keys.split()}, arms, merged)  # fmt: skip
    return [(code, str(problem)) for code, problem in found]


def test_a_sheet_with_one_row_per_included_study_has_them_all_and_no_other():
    assert unmatched("db:a") == []
    assert unmatched("") == [(
        "study_without_row",
        "data/raw/extraction::towns: included studies without a row: db:a; expected one row per included study;"
        " extract them, or decide at full text that they are not included",
    )]  # fmt: skip
    assert unmatched("db:a db:d db:b") == [(
        "row_without_study",
        "data/raw/extraction::towns: rows of studies that are not included: db:b, db:d; expected one row per"
        " included study; correct the ids, decide on their records, or delete the rows",
    )]  # fmt: skip


def test_a_row_of_a_study_whose_record_has_another_id_now_is_told_that_id():
    told = (
        "row_without_study",
        "data/raw/extraction::towns: rows of studies that are not included: db:z (now db:a); expected one row per"
        " included study; correct the ids, decide on their records, or delete the rows",
    )
    assert unmatched("db:z") == [told]
    assert unmatched("db:a db:z") == [told]
    assert unmatched("db:z", arms=[*ARMS, "previous"]) == [told]
    assert "not included: db:y;" in unmatched("db:a db:y")[0][1]


def test_a_row_may_be_of_a_previous_study_whose_record_is_not_counted():
    assert unmatched("db:a db:d", arms=[*ARMS, "previous"]) == []


def test_nothing_is_said_of_studies_where_none_is_counted():
    nothing = searches(("db", "database", "reported_only"))

    assert unmatched("x", searches=nothing, records=records(""), **EMPTY) == []


def test_a_study_without_a_row_stops_a_release_and_warns_in_a_draft():
    members = sorted_boxes()
    given = {"searches": SOURCES, "reported": tables.empty(schemas.REPORTED), "arms": ARMS}  # fmt: skip
    found = list(flow.unmatched(members, {"towns": []}, ARMS, tables.empty(schemas.DUPLICATES)))  # fmt: skip
    with pytest.raises(FlowError, match="included studies without a row: db:a"):
        flow.count(members, studies=found, **given)

    prisma = flow.count(members, studies=found, final=False, **given)
    warnings = flow.warn(prisma, searches=SOURCES, settled=EMPTY["settled"], studies=found)  # fmt: skip

    assert warnings.to_dict("records") == [
        {"code": "study_without_row", "where": "towns", "says": "included studies without a row: db:a."}
    ]  # fmt: skip


def counts(members, reported=(), arms=ARMS, of=SOURCES):
    prisma = flow.count(
        members,
        searches=of,
        reported=tables.frame(reported, schemas.REPORTED),
        arms=arms,
    )
    return prisma, {
        (row.data, row.boxtext): (row.n, row.kind) for row in prisma.itertuples()
    }


def test_a_reason_with_a_comma_has_a_line_of_its_own():
    _, found = counts(sorted_boxes())

    assert found["dbr_excluded", "no outcome, at all"] == (1, "counted")


def test_a_box_that_was_read_and_is_empty_counts_zero():
    decided = settled(DECIDED.replace("db:c f not_retrieved", "db:c f include"))
    _, found = counts(sorted_boxes(settled=decided))

    assert found["dbr_notretrieved_reports", "Reports not retrieved"] == (0, "counted")


def published(identified, screened, of=("a", "b")):
    sources = searches(*[(name, "database", "reported_only") for name in of])
    members = flow.sort_into_boxes(
        searches=sources,
        records=tables.empty(schemas.RECORDS),
        **(EMPTY | {"included": tables.frame([("s", "list:1", "")], schemas.INCLUDED)}),
    )
    reported = [
        ("database_results", identified, "text", ""),
        ("records_screened", screened, "text", ""),
    ]
    return sources, *counts(members, reported, ["databases"], sources)


def test_published_counts_are_reported_and_the_rest_is_not_published():
    _, _, found = published(10, 6)

    assert found["database_results", "Records identified from databases"] == (
        10,
        "reported",
    )
    assert found["new_studies", "New studies included in review"] == (1, "counted")
    assert found["records_excluded", "Records excluded"][1] == "not_published"
    assert (
        found["register_results", "Records identified from registers"][1]
        == "not_applicable"
    )


@pytest.mark.parametrize(
    ("identified", "screened", "sources", "codes"),
    [
        (10, 6, ("a", "b"), []),
        (10, 5, ("a", "b"), []),
        (11, 5, ("a", "b"), ["reported_deduplication_impossible"]),
        (11, 5, ("a", "b", "c"), []),
        (5, 6, ("a", "b"), ["reported_part_exceeds_whole"]),
    ],
)
def test_reported_counts_are_held_against_each_other(
    identified, screened, sources, codes
):
    of, prisma, _ = published(identified, screened, sources)
    warnings = flow.warn(prisma, searches=of, settled=tables.empty(schemas.SETTLED))

    assert list(warnings["code"]) == codes


def again(status="frozen"):
    """Return a published review of two sources, one of which was searched again and found three records."""
    sources = searches(("a", "database", "reported_only"), ("a", "database", status), ("b", "database", "reported_only"))  # fmt: skip
    members = sorted_boxes(searches=sources, records=records("a:x a:y a:z"), final=False, **EMPTY)  # fmt: skip
    reported = [("database_results", 11, "text", ""), ("records_screened", 5, "text", "")]  # fmt: skip
    return sources, counts(members, reported, ["databases"], sources)[0]


def test_a_published_count_stands_beside_that_of_a_search_run_again():
    _, prisma = again()

    held = prisma[prisma["data"].isin(["database_results", "database_specific_results", "records_screened"])]  # fmt: skip
    assert list(zip(held["data"], held["boxtext"], held["kind"], held["n"].fillna(-1), strict=True)) == [
        ("database_results", "Records identified from databases", "counted", 3),
        ("database_results", "Records identified from databases", "reported", 11),
        ("database_specific_results", "a", "counted", 3),
        ("database_specific_results", "b", "not_published", -1),
        ("records_screened", "Records screened", "counted", 3),
        ("records_screened", "Records screened", "reported", 5),
    ]  # fmt: skip


def test_published_counts_are_held_against_each_other_and_not_against_a_search_run_again():
    sources, prisma = again()
    warnings = flow.warn(prisma, searches=sources, settled=tables.empty(schemas.SETTLED))  # fmt: skip

    assert list(warnings["code"]) == ["reported_deduplication_impossible", "searched_again"]  # fmt: skip
    assert "Of 11 records from 2 sources" in warnings["says"][0]
