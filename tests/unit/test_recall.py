"""Known relevant records measure a search; what cannot be measured is no zero."""

import json

import pandas as pd
from retrace import queries, schemas, tables

KNOWN = tables.frame(
    [{"study_id": f"study_{n}", "record_id": f"list:{n}"} for n in range(1, 5)],
    schemas.INCLUDED,
)
# Known 1 and 2 are found, by rows that deduplication merged with theirs; 3 and 4 are not.
TEXTS = {
    "list:1": ("Red foxes at sea", "", {}),
    "list:2": ("Of dens", "", {}),
    "list:3": ("Badgers at sea", "", {}),
    "list:4": ("A red fox in captivity", "", {}),
    "db:1": ("Red foxes at sea", "They swim.", {"KW": ["Vulpes", "Oceans"]}),
    "db:2": ("Of dens", "The otter swam in the sea.", {}),
    "db:9": ("Another", "", {}),
}
QUERY = '("red fox*"[tiab] OR vulpes[mh] OR otter[tiab] OR badgers[ti]) AND (sea[tiab] OR swim[tiab] OR captiv*[tiab]) NOT captivity[tiab]'  # fmt: skip


def inputs(status="frozen", query=QUERY, known=KNOWN):
    searches = tables.frame(
        [
            {"source": "db", "round": "2024-01-01", "kind": "database", "status": status, "platform": "PubMed", "query_run": query},
            {"source": "list", "round": "undated", "kind": "listed_records", "status": "listed"},
        ],
        schemas.SEARCHES,
    )  # fmt: skip
    records = pd.DataFrame(
        [
            {
                **dict.fromkeys(schemas.RECORDS.names, ""), "row_id": f"row {record}", "record_id": record,
                "source": record.partition(":")[0], "title": title, "abstract": abstract, "extra": json.dumps(extra),
                "raw_file": f"data/raw/searches/{'db/2024-01-01' if record[0] == 'd' else 'list/undated'}/a.ris",
            }
            for record, (title, abstract, extra) in TEXTS.items()
            if status == "frozen" or record[0] != "d"
        ]
    )  # fmt: skip
    merged = [("list:1", "db:1", "same_doi"), ("list:2", "db:2", "same_title")]
    duplicates = tables.frame(
        [
            {"row_id": f"row {one}", "record_id": one, "kept_row_id": f"row {kept}", "kept_id": kept,
             "matched_row_id": f"row {kept}", "rule": rule}
            for one, kept, rule in merged
            if status == "frozen"
        ],
        schemas.DUPLICATES,
    )  # fmt: skip
    return {
        "searches": searches, "records": records, "duplicates": duplicates, "included": known,
        "settled": tables.empty(schemas.SETTLED),
    }  # fmt: skip


def test_recall_is_the_share_of_known_records_that_deduplication_finds_in_the_search():
    recall, known, _ = queries.measure(**inputs())

    row = recall.iloc[0]
    assert (row["kind"], row["n_records"], row["n_known"], row["n_found"], row["recall"]) == ("counted", 3, 4, 2, 0.5)  # fmt: skip
    assert list(known["found"]) == ["yes", "yes", "no", "no"]
    assert list(known["found_as"][:2]) == ["db:1", "db:2"]
    assert list(known["rule"]) == ["same_doi", "same_title", "", ""]


def test_a_search_whose_records_are_not_at_hand_has_no_recall():
    recall, known, terms = queries.measure(**inputs(status="reported_only"))

    row = recall.iloc[0]
    assert (row["kind"], row["n_known"]) == ("not_published", 4)
    assert pd.isna(row["n_found"])
    assert pd.isna(row["recall"])
    assert known.empty
    assert terms.empty


def test_without_known_records_there_is_nothing_to_measure():
    given = inputs(known=tables.empty(schemas.INCLUDED))
    given["records"] = given["records"][given["records"]["source"] == "db"]

    recall, _, terms = queries.measure(**given)

    assert recall["kind"][0] == "no_known_records"
    assert pd.isna(recall["recall"][0])
    assert terms.empty


def test_a_list_of_known_records_does_where_no_study_is_named():
    recall, *_ = queries.measure(**inputs(known=tables.empty(schemas.INCLUDED)))

    assert (recall["n_known"][0], recall["n_found"][0]) == (4, 2)


def test_a_review_without_either_has_its_own_inclusions():
    given = inputs(known=tables.empty(schemas.INCLUDED))
    given["records"] = given["records"][given["records"]["source"] == "db"]
    given["settled"] = tables.frame(
        [
            {"record_id": "db:1", "stage": "full_text", "decision": "include", "basis": "x"},
            {"record_id": "db:2", "stage": "full_text", "decision": "exclude", "basis": "x"},
            {"record_id": "db:9", "stage": "title_abstract", "decision": "include", "basis": "x"},
        ],
        schemas.SETTLED,
    )  # fmt: skip

    recall, known, _ = queries.measure(**given)

    assert (recall["known_from"][0], recall["n_known"][0], recall["recall"][0]) == ("screened", 1, 1)  # fmt: skip
    assert list(known["record_id"]) == ["db:1"]


def test_a_term_has_the_known_records_that_no_other_of_its_block_finds():
    _, _, terms = queries.measure(**inputs())

    held = {(row.block, row.term): (row.n_matched, row.lost) for row in terms.itertuples() if row.place}  # fmt: skip
    assert held == {
        (1, "red fox*"): (1, ""), (1, "vulpes"): (1, ""), (1, "otter"): (1, "list:2"), (1, "badgers"): (0, ""),
        (2, "sea"): (2, "list:2"), (2, "swim"): (1, ""), (2, "captiv*"): (0, ""),
        (3, "captivity"): (0, "list:4"),
    }  # fmt: skip


def test_a_block_has_the_known_records_that_none_of_its_terms_would_find():
    query = '("red fox*"[tiab] OR otter[tiab]) AND swim[tiab]'

    _, _, terms = queries.measure(**inputs(query=query))

    whole = {row.block: (row.n_matched, row.n_unseen, row.lost) for row in terms.itertuples() if not row.place}  # fmt: skip
    assert whole == {1: (2, 0, "list:3"), 2: (1, 1, "list:3; list:4")}


def test_a_word_is_found_whole_and_a_phrase_in_a_row():
    query = 'fox[tiab] OR foxes[ti] OR "foxes red"[tiab] OR "red-foxes"[tiab] OR oceans[ti] OR oceans[mh]'

    _, _, terms = queries.measure(**inputs(query=query))

    assert [row.n_matched for row in terms.itertuples() if row.place] == [0, 1, 0, 1, 0, 1]  # fmt: skip
