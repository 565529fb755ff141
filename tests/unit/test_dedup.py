"""Which records are one, on pairs and triples that are easily taken for each other."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from retrace import dedup, schemas, tables
from retrace.dedup import compare, normalise, rules
from retrace.dedup.cluster import inner_pairs
from retrace.errors import TableError

PAPER = {
    "title": "Copper intrauterine devices and bacterial vaginosis in adolescent women",
    "authors": "Nilsson, C. G.; Allonen, H.; Diaz, J.",
    "year": "1983",
    "journal": "Fertility and Sterility",
    "volume": "39",
    "issue": "2",
    "pages": "187-192",
}
FILLER = [
    {
        "title": f"Randomised trial number {place} of treatment {place * 7} against placebo for condition {place * 13}",
        "authors": f"Writer{place}, A.",
        "year": str(1980 + place % 30),
        "journal": f"Journal of Filling {place}",
        "volume": str(place),
        "issue": "1",
        "pages": f"{place * 10}-{place * 10 + 5}",
    }
    for place in range(30)
]
"""Records that are nobody's duplicates: how rare a word is, is counted in the input."""


def clusters(*records, risk="balanced"):
    """Return which of the records are one, as sets of their places."""
    rows = [*records, *FILLER]
    table = {
        name: pa.array([str(row.get(name, "")) for row in rows], pa.large_string())
        for name in dedup.READ
        if name != "id" and any(name in row for row in rows)
    }
    table["id"] = pa.array([f"{place:03}" for place in range(len(rows))], pa.large_string())  # fmt: skip
    found, _ = dedup.match(table, risk=risk)
    groups = {}
    for place, cluster in enumerate(found["cluster"]):
        groups.setdefault(cluster, set()).add(place)
    assert all(len(group) == 1 for group in groups.values() if max(group) >= len(records))  # fmt: skip
    return sorted(sorted(group) for group in groups.values() if max(group) < len(records))  # fmt: skip


def one(*records, **options):
    return clusters(*records, **options) == [list(range(len(records)))]


def paper(**changes):
    return {**PAPER, **changes}


# --- what is one record -------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {"title": "COPPER INTRAUTERINE DEVICES AND BACTERIAL VAGINOSIS IN ADOLESCENT WOMEN"},
        {"title": "[Copper intrauterine devices and bacterial vaginosis in adolescent women]. [Chinese]"},
        {"title": "Copper intra-uterine devices &amp; bacterial vaginosis in <i>adolescent</i> women."},
        {"title": "Copper intrauterine devices and bacterial vaginosis in adolescent women.[Erratum appears in Fertil Steril. 1984;41(1):3 Note: Smith [added]]"},
        {"title": "RETRACTED: Copper intrauterine devices and bacterial vaginosis in adolescent women"},
        {"title": "Copper intrauterine devices and bacterial vaginosis in adolecsent women"},
        {"authors": "Nilsson CG; Allonen H; Diaz J"},
        {"authors": "C. G. Nilsson and H. Allonen and J. Díaz"},
        {"authors": "NILSSON CG, ALLONEN H, et al."},
        {"authors": ""},
        {"journal": "Fertil Steril"},
        {"journal": ""},
        {"pages": "187-92"},
        {"pages": "p. 187"},
        {"pages": ""},
        {"volume": "vol. 39", "issue": "02"},
        {"volume": ""},
        {"issue": ""},
        {"year": "1984"},
        {"year": ""},
        {"pages": "", "issue": ""},
    ],
    ids=str,
)  # fmt: skip
def test_one_paper_as_two_databases_write_it(other):
    assert one(paper(), paper(**other))


def test_a_doi_is_one_in_any_wrapping():
    a = paper(doi="10.1016/S0015-0282(16)46812-1", pages="", volume="", year="1982")
    b = paper(doi="https://doi.org/10.1016/s0015-0282%2816%2946812-1", authors="")

    assert one(a, b)


def test_a_record_without_a_title_joins_by_its_whole_span():
    assert one(paper(), paper(title=""))


def test_a_translated_title_joins_by_the_whole_span():
    assert one(paper(), paper(title="Copper intrauterine device use and vaginosis by bacteria in adolescent women"))  # fmt: skip


def test_fields_that_slid_are_put_right():
    a = paper(
        title="The treatment of atypical hus", volume="26", issue="9", pages="1746-1746"
    )
    b = paper(title="The treatment of atypical hus", volume="", issue="26", pages="9")

    assert one(a, b)


def test_a_prefix_that_one_database_adds_is_no_other_paper():
    assert one(paper(pages=""), paper(title="Award Paper - " + PAPER["title"]))


def test_greek_letters_are_their_names():
    a = paper(title="Effects of TNF-α and IL-1β on senescent fibroblasts of the dermis")
    b = paper(
        title="Effects of TNF-alpha and IL-1beta on senescent fibroblasts of the dermis"
    )

    assert one(a, b)


# --- what is not --------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {"title": PAPER["title"] + ": part II", "pages": "193-199"},
        {"title": "Reply: " + PAPER["title"], "pages": "350"},
        {"title": "Erratum: " + PAPER["title"], "pages": "350"},
        {"title": PAPER["title"] + " (vol 39, pg 187, 1983)", "pages": "350"},
        {"title": PAPER["title"] + ": study protocol", "pages": "100-110"},
        {"title": PAPER["title"] + ": study protocol", "pages": ""},
        {"title": PAPER["title"].replace("women", "men"), "pages": ""},
        {"journal": "Contraception", "volume": "12", "pages": "S14", "issue": "Suppl 1", "year": "1982"},
        {"authors": "Wong, K.; Petrov, I.", "pages": "501-510", "issue": "4"},
        {"year": "1990", "volume": "46", "pages": "12-20"},
        {"doi": "10.1000/b", "pages": "501-510"},
    ],
    ids=str,
)  # fmt: skip
def test_two_works_under_like_titles_stay_apart(other):
    first = paper(doi="10.1000/a") if "doi" in other else paper()

    assert clusters(first, paper(**other)) == [[0], [1]]


def test_part_one_and_part_two_stay_apart_without_pages():
    title = "Cognitive training after traumatic brain injury in young adults, part"

    assert clusters(
        paper(title=f"{title} I", pages=""), paper(title=f"{title} II", pages="")
    ) == [[0], [1]]


def test_two_parts_with_a_doi_each_stay_apart_where_every_article_begins_on_page_one():
    parts = [
        PAPER | {"title": f"{PAPER['title']}, report {n}", "pages": "1-9", "doi": f"10.5555/{n}"}
        for n in (9, 10)
    ]  # fmt: skip
    assert not one(*parts)


def test_one_doi_for_a_supplement_of_many_abstracts():
    shared = {"doi": "10.1002/dmrr.2604", "volume": "30", "issue": "S3", "year": "2014"}
    a = paper(**shared, title="Exenatide and lesions of arteries in mice", pages="51", authors="Chen R; Wang Y")  # fmt: skip
    b = paper(**shared, title="Insulin degludec in the elderly with type 2 diabetes", pages="52", authors="Liang L; Wu C")  # fmt: skip

    assert clusters(a, b) == [[0], [1]]


def test_pages_51_and_52_of_one_supplement_stay_apart():
    shared = {"volume": "3", "year": "2014", "journal": "Diabetes/Metabolism Research and Reviews", "issue": ""}  # fmt: skip
    a = {
        **shared, "pages": "51", "authors": "Chen R.Wang Y.Liang L.",
        "title": "Effects of incretin on artery lesions in a model of atherosclerosis in mice",
        "abstract": "Objective: To investigate the effects of internal incretin on artery lesions in a model of atherosclerosis and the receptor that it needs.",
    }  # fmt: skip
    b = {
        **shared, "pages": "52", "authors": "Chen R.Wang J.Yan C.Wang Y.Liang L.",
        "title": "The effects of incretin on artery lesions in a model of atherosclerosis in mice",
        "abstract": "Background: Exenatide was given to forty animals for twelve weeks, after which weights, lipids and plaques of all were measured again.",
    }  # fmt: skip

    assert clusters(a, b, {**a, "issue": "S3"}) == [[0, 2], [1]]


def test_a_hundred_editorials_stay_apart():
    many = [
        {"title": "Editorial", "authors": "Weber, R.", "journal": "MIS Quarterly", "year": str(1990 + place // 4),
         "volume": str(14 + place // 4), "issue": str(place % 4 + 1), "pages": ""}
        for place in range(100)
    ]  # fmt: skip

    assert len(clusters(*many)) == 100


def test_book_reviews_of_one_title_on_one_page_stay_apart():
    review = {"title": "Book Reviews", "journal": "Stroke", "year": "1999", "volume": "30", "issue": "2", "pages": "100"}  # fmt: skip

    assert clusters(
        {**review, "authors": "Adams, J."}, {**review, "authors": "Zhou, L."}
    ) == [[0], [1]]


def test_a_common_title_joins_by_page_and_authors():
    review = {"title": "Book Reviews", "authors": "Adams, J.", "year": "1999", "volume": "30", "issue": "2", "pages": "100-101"}  # fmt: skip

    assert one({**review, "journal": "Stroke"}, {**review, "authors": "Adams J"})


def test_abstracts_of_one_group_on_one_page_stay_apart_without_titles():
    abstract = paper(title="", pages="S12", issue="Suppl 1")

    assert clusters(abstract, abstract) == [[0], [1]]


def test_records_without_anything_to_compare_stay_apart():
    assert clusters({"title": "", "year": "2001"}, {"title": "", "year": "2001"}) == [[0], [1]]  # fmt: skip
    assert clusters({"title": "Untitled"}, {"title": "Untitled"}) == [[0], [1]]


def test_a_journal_with_a_word_more_is_another_journal():
    a = paper(journal="Lancet", pages="", issue="")
    b = paper(journal="Lancet Oncology", pages="", issue="")

    assert clusters(a, b) == [[0], [1]]


# --- clusters -----------------------------------------------------------------


def test_a_record_between_two_works_does_not_chain_them():
    first = paper(pages="187-192", doi="10.1000/a")
    second = paper(pages="401-409", doi="10.1000/b", issue="4")
    between = paper(pages="", volume="", issue="")

    found = clusters(first, second, between)

    assert not any({0, 1} <= set(group) for group in found)


def test_a_record_that_is_as_much_like_two_works_is_neither():
    first = paper(pages="187-192", doi="10.1000/a", issue="2")
    second = paper(pages="401-409", doi="10.1000/b", issue="2")
    between = paper(pages="", issue="2")

    assert clusters(first, second, between) == [[0], [1], [2]]


# --- the stage ----------------------------------------------------------------


def rows(*records):
    """Return records as rows of two sources; the accession is the place."""
    made = [
        {
            **record,
            "source": record.get("source", f"db{place % 2}"),
            "accession": record.get("accession", str(place)),
            "raw_file": f"data/raw/searches/{place}.ris",
        }
        for place, record in enumerate(records)
    ]
    for place, record in enumerate(made):
        record["record_id"] = f"{record['source']}:{record['accession']}"
        record["row_id"] = f"{record['raw_file']}#{place}"
    return tables.frame(made, schemas.RECORDS)


def overrides(*lines):
    return tables.frame(
        [dict(zip(("record_id", "kept_id", "action"), line, strict=True)) | {"reason": "seen"} for line in lines],
        schemas.OVERRIDES,
    )  # fmt: skip


def test_every_merge_names_its_rule_its_rows_and_how_alike_each_field_is():
    _, duplicates, _ = dedup.deduplicate(rows(paper(), paper(pages="187-92"), *FILLER))

    line = duplicates.iloc[0]
    assert len(duplicates) == 1
    assert (line["record_id"], line["kept_id"]) == ("db1:1", "db0:0")
    assert line["matched_row_id"] == line["kept_row_id"] == "data/raw/searches/0.ris#0"
    assert line["rule"] == "same_title_and_place"
    assert json.loads(line["similarities"]) == {
        "title": 1, "authors": 1, "journal": 1, "year": 1, "volume": 1, "issue": 1, "pages": 1
    }  # fmt: skip


def test_two_rows_with_one_id_are_duplicates_of_one_accession():
    kept, duplicates, _ = dedup.deduplicate(
        rows(paper(source="a", accession="7"), paper(source="a", accession="7", title="Quite other"))
    )  # fmt: skip

    assert kept["record_id"].tolist() == ["a:7"]
    assert duplicates["rule"].tolist() == ["same_accession"]


def test_the_merged_record_has_the_best_of_each_field_and_its_origin():
    a = paper(title=PAPER["title"].upper(), doi="10.1000/a", abstract="")
    b = paper(pages="187-92", journal="Fertil Steril", abstract="A long abstract.")

    kept, _, _ = dedup.deduplicate(rows(a, b))

    record = kept.iloc[0]
    assert record["record_id"] == "db0:0"
    assert record["title"] == PAPER["title"]
    assert record["doi"] == "10.1000/a"
    assert record["journal"] == "Fertility and Sterility"
    assert record["abstract"] == "A long abstract."
    assert record["sources"] == "db0; db1"
    assert json.loads(record["origins"]) == {
        "*": "data/raw/searches/0.ris#0",
        "title": "data/raw/searches/1.ris#1",
        "abstract": "data/raw/searches/1.ris#1",
    }


def test_year_and_place_come_from_one_row():
    early = paper(year="1982", volume="", issue="", pages="")
    printed = paper(year="1983")

    kept, _, _ = dedup.deduplicate(rows(early, printed))

    assert kept.iloc[0][["year", "volume", "issue", "pages"]].tolist() == ["1983", "39", "2", "187-192"]  # fmt: skip


def test_a_database_is_kept_before_a_mere_list_and_an_accession_before_a_digest():
    searches = tables.frame(
        [
            {"source": "a_list", "status": "listed", "kind": "listed_records"},
            {"source": "db", "status": "exported", "kind": "database"},
        ],
        schemas.SEARCHES,
    )
    listed = paper(source="a_list", accession="1")

    kept, _, _ = dedup.deduplicate(rows(listed, paper(source="db", accession="9")), searches=searches)  # fmt: skip

    assert kept["record_id"].tolist() == ["db:9"]


def test_a_person_can_merge_and_split():
    records = rows(paper(), paper(pages="187-92"), *FILLER[:2])

    kept, duplicates, _ = dedup.deduplicate(
        records, overrides(("db1:1", "db0:0", "split"), ("db1:3", "db0:2", "merge"))
    )

    assert kept["record_id"].tolist() == ["db0:0", "db0:2", "db1:1"]
    assert duplicates[["record_id", "kept_id", "rule"]].values.tolist() == [["db1:3", "db0:2", "override"]]  # fmt: skip


def test_an_override_whose_record_is_gone_is_named():
    with pytest.raises(TableError, match=r"overrides.csv:2:record_id: 'db9:9'"):
        dedup.deduplicate(rows(paper()), overrides(("db9:9", "db0:0", "split")))


def test_overrides_that_contradict_each_other_are_named():
    records = rows(*FILLER[:3])
    lines = [("db0:0", "db1:1", "merge"), ("db1:1", "db0:2", "merge"), ("db0:0", "db0:2", "split")]  # fmt: skip

    with pytest.raises(TableError, match="which other rows split"):
        dedup.deduplicate(records, overrides(*lines))


def test_a_doubtful_pair_is_listed_until_a_person_settles_it():
    abstract = paper(journal="Contraception", volume="12", pages="S14-S15", issue="")
    records = rows(paper(), abstract, *FILLER)

    _, _, borderline = dedup.deduplicate(rows(paper(), paper(volume="40"), *FILLER))
    assert len(borderline) == 0  # merged: one page of one year

    records = rows(paper(issue=""), paper(pages="301-307", issue=""), *FILLER)
    _, _, borderline = dedup.deduplicate(records)
    assert borderline[["rank", "record_id", "other_id", "objections"]].values.tolist() == [
        [1, "db0:0", "db1:1", "other_pages"]
    ]  # fmt: skip

    _, _, borderline = dedup.deduplicate(
        records, overrides(("db0:0", "db1:1", "split"))
    )
    assert len(borderline) == 0


def test_no_record_gives_three_empty_tables():
    for table in dedup.deduplicate(tables.empty(schemas.RECORDS)):
        assert len(table) == 0


def test_the_tables_fit_their_schemas(tmp_path):
    made = dedup.deduplicate(rows(paper(), paper(pages="187-92"), *FILLER))
    for frame, schema in zip(made, (schemas.DEDUPLICATED, schemas.DUPLICATES, schemas.BORDERLINE), strict=True):  # fmt: skip
        tables.write(frame, tmp_path / f"{schema.name}.csv", schema)


def test_authors_are_the_same_from_their_threshold_on():
    names = ["Nilsson C; Allonen H; Diaz J", "Nilson C; Allonen H; Diaz J"]
    records = normalise.normalise(
        {"title": pa.array(["One title"] * 2), "authors": pa.array(names)}, 2
    )

    def level(**thresholds):
        at = compare.Thresholds(**thresholds)
        pair = (np.array([0]), np.array([1]))
        found = compare.compare(records, *pair, every=True, thresholds=at)
        assert 80 < found.similarity["authors"][0] < 100
        return found.level["authors"][0]

    assert level(authors_same=81) == compare.SAME
    assert level(authors_same=100) == compare.ALIKE


def test_every_rule_says_why_and_needs_only_levels_that_exist():
    for rule in (*rules.RULES, *rules.OBJECTIONS, *rules.TOLERATED):
        assert rule.says.endswith(".")
        assert rules.needed(rule)
        assert set(rule.outweighs.split()) <= {objection.name for objection in rules.OBJECTIONS}  # fmt: skip
    assert len({rule.name for rule in rules.RULES}) == len(rules.RULES)


# --- laws ---------------------------------------------------------------------

VALUES = {
    "title": ["", "Editorial", PAPER["title"], PAPER["title"] + ": part II", "Reply: " + PAPER["title"], "Ωmega <b>3</b> & “cells”", "Z"],
    "authors": ["", "Nilsson, C. G.; Allonen, H.", "Nilsson CG; Allonen H", "Wu, C."],
    "year": ["", "1983", "1984", "soon"],
    "journal": ["", "Fertil Steril", "Fertility and Sterility", "Stroke"],
    "volume": ["", "39", "40"],
    "issue": ["", "2", "Suppl 1"],
    "pages": ["", "187-92", "187-192", "201", "S51"],
    "doi": ["", "10.1000/a", "https://doi.org/10.1000/A", "10.1000/b"],
    "abstract": ["", "A study of copper in forty women who were followed over a year and a half."],
    "source": ["db0", "db1"],
    "accession": ["1", "2", "3", "4", "5"],
}  # fmt: skip
RECORD = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})  # fmt: skip
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)


def as_sets(kept, duplicates):
    groups = {record: {record} for record in kept["record_id"]}
    for old, new in zip(duplicates["record_id"], duplicates["kept_id"], strict=True):
        groups[new].add(old)
    return sorted(map(sorted, groups.values()))


@settings(max_examples=60, deadline=None, phases=NO_SHRINKING)
@given(st.lists(RECORD, min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_in_is_kept_and_merged_whatever_the_order_of_rows(records, chance):
    table = rows(*records)
    kept, duplicates, borderline = dedup.deduplicate(table)
    mixed = table.sample(frac=1, random_state=chance.randrange(1000))
    again = dedup.deduplicate(mixed)

    assert len(kept) + len(duplicates) == len(table)
    assert set(kept["record_id"]) | set(duplicates["record_id"]) == set(
        table["record_id"]
    )
    assert not set(duplicates["row_id"]) & set(duplicates["kept_row_id"])
    assert as_sets(kept, duplicates) == as_sets(*again[:2])
    by_id = [frame.sort_values(list(frame.columns)).reset_index(drop=True) for frame in (kept, duplicates, borderline)]  # fmt: skip
    for one_, other in zip(by_id, again, strict=True):
        pd.testing.assert_frame_equal(
            one_, other.sort_values(list(other.columns)).reset_index(drop=True)
        )


@settings(max_examples=40, deadline=None, phases=NO_SHRINKING)
@given(st.lists(RECORD, min_size=2, max_size=9), st.data())
def test_a_pair_that_a_person_split_is_never_merged(records, data):
    table = rows(*records)
    ids = sorted(set(table["record_id"]))
    if len(ids) < 2:
        return
    one_, other = data.draw(st.permutations(ids))[:2]

    kept, duplicates, _ = dedup.deduplicate(table, overrides((one_, other, "split")))

    assert not any({one_, other} <= set(group) for group in as_sets(kept, duplicates))


def test_every_pair_of_a_large_cluster_is_compared_at_a_bounded_cost():
    one, other = inner_pairs(np.zeros(300, np.int64))
    most, _ = inner_pairs(np.zeros(100_000, np.int64))

    assert len({*zip(one.tolist(), other.tolist(), strict=True)}) == 300 * 299 / 2
    assert 99_999 <= len(most) <= 16 * 100_000
