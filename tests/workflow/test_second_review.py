"""The unchanged engine builds a quite different review, and agrees with counts made by hand.

The review in `second/` is invented; `second/expected/` was counted by a person from the raw
files, as its README says, and never by running the engine.
"""

import csv
import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml

SECOND = Path(__file__).parent / "second"
EXPECTED = SECOND / "expected"


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_hand(name):
    return rows(EXPECTED / f"{name}.csv")


WORK = {row["record_id"]: row["work"] for row in by_hand("records")}


def same(counted, found):
    """Return whether two cells say the same; 90 and 90.0 do."""
    try:
        return float(counted) == float(found)
    except ValueError:
        return counted == found


@pytest.fixture(scope="session")
def numbers(second):
    return {
        row["number_id"]: row for row in rows(second / "results/numbers/numbers.csv")
    }


@pytest.fixture(scope="session")
def members(second):
    found = {}
    for row in rows(second / "results/numbers/members.csv"):
        found.setdefault(row["number_id"], []).append(row["member_id"])
    return found


@pytest.fixture(scope="session")
def flow_members(second):
    found = {}
    for row in rows(second / "results/flow/members.csv"):
        found.setdefault((row["box"], row["reason"]), []).append(
            WORK.get(row["member_id"], row["member_id"])
        )
    return found


# --- records ----------------------------------------------------------------------


@pytest.fixture(scope="session")
def records(second):
    return pd.read_parquet(second / "results/records/records.parquet").to_dict(
        "records"
    )


def test_every_row_of_both_formats_is_a_record(second, records):
    assert {row["record_id"] for row in records} == set(WORK)
    assert len(records) == len(WORK) + 1, "stadtlit:S08 stands in two files"
    assert not rows(second / "results/records/rejects.csv")


@pytest.mark.parametrize("row", by_hand("records"), ids=lambda row: row["record_id"])
def test_a_record_has_its_title(records, row):
    titles = {
        found["title"] for found in records if found["record_id"] == row["record_id"]
    }

    assert len(titles) == 1
    assert titles.pop().startswith(f"Invented: {row['title_begins']}")


def test_umlauts_are_read_alike_from_both_formats(records):
    of = {row["record_id"]: row for row in records}

    assert of["stadtlit:S02"]["authors"] == "Fiktiv-Buche, C.; Fiktiv-Größe, D."
    assert of["greendex:G02"]["authors"] == "Fiktiv-Buche, C.; Fiktiv-Größe, D."
    assert of["stadtlit:S02"]["pages"] == of["greendex:G02"]["pages"] == "101-109"
    assert "maple, air" in str(json.loads(of["greendex:G01"]["extra"]))


def test_a_doi_is_kept_without_its_resolver(records):
    dois = [row["doi"] for row in records if row["doi"]]

    assert len(dois) == 23
    assert all(doi.startswith("10.5555/") for doi in dois)


def test_duplicates_are_the_works_that_were_found_twice(second):
    kept = pd.read_parquet(second / "results/records/deduplicated.parquet")
    duplicates = rows(second / "results/records/duplicates.csv")

    assert sorted(WORK[record] for record in kept["record_id"]) == sorted(
        set(WORK.values())
    )
    assert sorted(WORK[row["record_id"]] for row in duplicates) == [
        "W01",
        "W02",
        "W05",
        "W10",
        "W11",
    ]
    assert all(WORK[row["record_id"]] == WORK[row["kept_id"]] for row in duplicates)
    assert [row["rule"] for row in duplicates if WORK[row["record_id"]] == "W10"] == [
        "same_accession"
    ]


def test_one_title_of_two_works_stays_two_records(second):
    kept = pd.read_parquet(second / "results/records/deduplicated.parquet")

    assert list(kept["title"]).count("Invented: Shade in the city") == 2


# --- screening and flow -------------------------------------------------------------


@pytest.fixture(scope="session")
def settled(second):
    return {
        (WORK[row["record_id"]], row["stage"]): row
        for row in rows(second / "results/screening/settled.csv")
    }


@pytest.mark.parametrize(
    "row", by_hand("settled"), ids=lambda row: f"{row['work']}-{row['stage']}"
)
def test_a_decision_holds_as_the_votes_and_resolutions_say(settled, row):
    found = settled[row["work"], row["stage"]]

    assert (found["decision"], found["reason"]) == (row["decision"], row["reason"])


def test_a_search_has_found_the_included_works_that_stand_in_it(second):
    included = {
        row["work"] for row in by_hand("settled")
        if (row["stage"], row["decision"]) == ("full_text", "include")
    }  # fmt: skip
    works = {}
    for record, work in WORK.items():
        works.setdefault(record.partition(":")[0], set()).add(work)
    works["all"] = set(WORK.values())

    found = {
        row["source"]: (row["known_from"], int(row["n_known"]), int(row["n_found"]))
        for row in rows(second / "results/searches/recall.csv")
    }

    assert found == {
        source: ("screened", len(included), len(included & held))
        for source, held in works.items()
    }


def test_no_other_decision_holds(settled):
    assert set(settled) == {(row["work"], row["stage"]) for row in by_hand("settled")}


@pytest.mark.parametrize(
    "row", by_hand("screening_agreement"), ids=lambda row: row["stage"]
)
def test_reviewers_agree_as_counted(second, row):
    found = {r["stage"]: r for r in rows(second / "results/screening/agreement.csv")}[
        row["stage"]
    ]

    assert {name: found[name] for name in row if not same(row[name], found[name])} == {}


@pytest.fixture(scope="session")
def prisma(second):
    return rows(second / "results/flow/prisma.csv")


@pytest.mark.parametrize(
    "row", by_hand("prisma"), ids=lambda row: f"{row['data']}-{row['reason'][:20]}"
)
def test_a_box_holds_its_count(prisma, row):
    found = [
        (box["n"], box["kind"])
        for box in prisma
        if box["data"] == row["data"] and row["reason"] in ("", box["boxtext"])
    ]

    assert found == [(row["n"], row["kind"])]


def test_there_is_no_other_box(prisma):
    assert len(prisma) == len(by_hand("prisma"))


@pytest.mark.parametrize(
    "row", by_hand("flow_members"), ids=lambda row: f"{row['box']}-{row['reason'][:20]}"
)
def test_a_box_holds_its_members(flow_members, row):
    found = {
        member
        for (box, reason), of_box in flow_members.items()
        if box == row["box"] and row["reason"] in ("", reason)
        for member in of_box
    }

    assert sorted(found) == sorted(row["members"].split())


def test_a_release_has_no_warning_in_its_flow(second):
    assert rows(second / "results/flow/warnings.csv") == []


# --- extraction -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "row", by_hand("consensus"), ids=lambda row: f"{row['key']}-{row['column']}"
)
def test_a_cell_of_the_consensus_is_as_adjudicated(second, row):
    sheet = rows(second / f"results/extraction/{row['sheet']}.csv")
    key = next(iter(sheet[0]))

    assert [found[row["column"]] for found in sheet if found[key] == row["key"]] == [
        row["value"]
    ]


def test_dropped_rows_are_gone(second):
    assert len(rows(second / "results/extraction/measurements.csv")) == 16
    assert [
        row["wirkweg"] for row in rows(second / "results/extraction/wirkwege.csv")
    ] == ["w1", "w2", "w3", "w4", "w5", "w6"]


@pytest.mark.parametrize(
    "row",
    by_hand("extraction_agreement"),
    ids=lambda row: f"{row['sheet']}-{row['column']}",
)
def test_readings_agree_as_counted(second, row):
    agreement = rows(second / "results/extraction/agreement.csv")
    found = next(
        r
        for r in agreement
        if (r["sheet"], r["column"]) == (row["sheet"], row["column"])
    )

    assert {name: found[name] for name in row if not same(row[name], found[name])} == {}


def test_no_other_column_is_compared(second):
    found = {
        (r["sheet"], r["column"])
        for r in rows(second / "results/extraction/agreement.csv")
        if r["column"] != "(all)"
    }

    assert found == {
        (row["sheet"], row["column"]) for row in by_hand("extraction_agreement")
    }


@pytest.mark.parametrize(
    ("name", "keys"),
    [("effect_directions", ("study", "group")), ("direction_tests", ("group",))],
)
def test_effects_point_as_counted(second, name, keys):
    found = {
        tuple(r[key] for key in keys): r
        for r in rows(second / f"results/synthesis/{name}.csv")
    }
    counted = {tuple(r[key] for key in keys): r for r in by_hand(name)}

    assert found == counted


# --- numbers and claims -----------------------------------------------------------------


@pytest.mark.parametrize("row", by_hand("numbers"), ids=lambda row: row["number_id"])
def test_a_number_has_its_value_and_members(numbers, members, row):
    found = numbers[row["number_id"]]
    assert found["value"] == row["value"]
    if row["n_members"]:
        assert found["n_members"] == row["n_members"]
    if row["members"]:
        assert sorted(members[row["number_id"]]) == sorted(row["members"].split())


def test_every_kind_of_number_is_there(numbers):
    kinds = {row["kind"] for row in numbers.values()}

    assert kinds == {
        "count",
        "share",
        "statistic",
        "rank",
        "list",
        "set",
        "direction",
        "lookup",
        "reported",
    }


def test_numbers_not_counted_by_hand_are_zeros_of_families(numbers):
    counted = {row["number_id"] for row in by_hand("numbers")}
    rest = {name: row["value"] for name, row in numbers.items() if name not in counted}

    assert {name: value for name, value in rest.items() if value != "0"} == {}


@pytest.mark.parametrize("row", by_hand("claims"), ids=lambda row: row["claim_id"])
def test_a_claim_has_its_verdict(second, row):
    found = {r["claim_id"]: r for r in rows(second / "results/claims/claims.csv")}[
        row["claim_id"]
    ]

    assert (found["verdict"], found["recomputed"]) == (
        row["verdict"],
        row["recomputed"],
    )
    assert found["why"]


# --- tables, figures, text --------------------------------------------------------------


@pytest.mark.parametrize("name", ["orte", "uebersicht"])
def test_a_table_prints_its_cells(second, name):
    counted = by_hand(name)
    found = [
        {column: row[column] for column in counted[0]}
        for row in rows(second / f"results/tables/{name}.csv")
    ]

    assert found == counted


FIGURES = list(yaml.safe_load((SECOND / "config.yaml").read_text("utf-8"))["figures"])


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_draws_what_the_numbers_say(second, numbers, name):
    marks = rows(second / f"results/figures/{name}.csv")

    assert marks
    assert {
        (mark["number_id"], mark["n"])
        for mark in marks
        if mark["number_id"]
        and not mark["with_number_id"]
        and mark["n"] != numbers[mark["number_id"]]["value"]
    } == set()
    assert (
        (second / f"results/figures/{name}.svg").read_text("utf-8").startswith("<?xml")
    )
    assert (second / f"results/figures/{name}.png").read_bytes()[:4] == b"\x89PNG"
    assert (second / f"results/figures/{name}.pdf").read_bytes()[:4] == b"%PDF"


def test_the_flow_figure_draws_every_count(second, prisma):
    drawn = {
        (mark["box"], mark["n"])
        for mark in rows(second / "results/figures/fluss.csv")
        if mark["n"]
    }
    counted = {
        (box["data"], box["n"])
        for box in prisma
        if box["kind"] in ("counted", "reported")
    }

    assert counted - drawn == set()


@pytest.fixture(scope="session")
def text(second):
    return (second / "results/manuscript/review.md").read_text("utf-8")


def test_the_text_prints_its_numbers(text):
    plain = re.sub(r"\[([^\]]*)\]\(#n-[^)]*\)\{[^}]*\}", r"\1", text)

    assert (
        "It holds eight studies in 10 reports, which is two more than studies and 1.25 for each"
        in plain
    )
    assert (
        "Street types, from the most studied: Hauptstraße, Wohnstraße, Platz and nicht genannt"
        in plain
    )
    assert "The lime ranks first, the chestnut sixth" in plain
    assert 'TOPIC("urban trees" AND ("heat stress" OR Hitzestress))' in plain


def test_the_same_text_stands_in_every_format(second):
    html = (second / "results/manuscript/review.html").read_text("utf-8")
    with zipfile.ZipFile(second / "results/manuscript/review.docx") as archive:
        word = archive.read("word/document.xml").decode()

    assert (second / "results/manuscript/review.pdf").read_bytes()[:4] == b"%PDF"
    for form in (html, word):
        for words in ("SYNTHETIC", "Hauptstraße", "gefühlte", "ظل", "إشارة مفقودة"):
            assert words in form
    assert "not_applicable" not in html


def test_a_cell_that_begins_with_a_sign_is_text_in_the_pdf(second):
    pymupdf = pytest.importorskip("pymupdf")
    with pymupdf.open(second / "results/manuscript/review.pdf") as pages:
        lines = [
            (span["text"], span["size"])
            for page in pages
            for block in page.get_text("dict")["blocks"]
            for line in block.get("lines", ())
            for span in line["spans"]
        ]

    (sign,) = [size for text, size in lines if text.startswith("= Lufttemperatur")]
    assert sign == min(size for text, size in lines if "Lufttemperatur" in text)


def test_no_definition_is_left_unused(second):
    assert [
        r
        for r in rows(second / "results/manuscript/warnings.csv")
        if r["code"] == "unused_number"
    ] == []


# --- draft and release --------------------------------------------------------------------


def without_line(path, start):
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(start)]
    assert len(kept) == len(lines) - 1
    path.write_text("".join(kept), "utf-8")


def set_status(folder, status):
    config = folder / "config.yaml"
    config.write_text(
        re.sub(r"(?m)^status: .*$", f"status: {status}", config.read_text("utf-8")),
        "utf-8",
    )


def test_a_release_stops_on_an_undecided_record_and_names_it(copy_of_second, snakemake):
    without_line(
        copy_of_second / "data/raw/screening/resolutions.csv", "greendex:G08,full_text"
    )

    done = snakemake(copy_of_second, "results/screening/settled.csv")

    assert done.returncode
    assert "greendex:G08 is undecided at full_text: a reviewer is unsure" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_draft_goes_on_and_says_what_waits(copy_of_second, snakemake):
    without_line(
        copy_of_second / "data/raw/screening/resolutions.csv", "greendex:G08,full_text"
    )
    set_status(copy_of_second, "draft")

    done = snakemake(copy_of_second, "results/figures/fluss.svg")

    assert done.returncode == 0, done.stdout[-3000:]
    n = {
        box["data"]: box["n"]
        for box in rows(copy_of_second / "results/flow/prisma.csv")
    }
    assert (
        n["dbr_sought_reports"],
        n["dbr_notretrieved_reports"],
        n["dbr_assessed"],
    ) == ("15", "2", "12")
    assert (n["new_studies"], n["new_reports"]) == ("7", "9")
    (warning,) = rows(copy_of_second / "results/flow/warnings.csv")
    assert (warning["code"], warning["where"]) == ("undecided", "full_text")
    assert "greendex:G08" in warning["says"]
    said = (copy_of_second / "results/figures/fluss.alt.txt").read_text("utf-8")
    assert "Draft: build in progress." in said


def test_a_draft_before_the_first_vote_goes_on_and_says_what_is_not_known_yet(
    copy_of_second, snakemake
):
    for votes in (copy_of_second / "data/raw/screening/reviewers").iterdir():
        votes.write_text(votes.read_text("utf-8").partition("\n")[0] + "\n", "utf-8")
    (copy_of_second / "data/raw/screening/resolutions.csv").unlink()
    set_status(copy_of_second, "draft")

    done = snakemake(copy_of_second, "results/manuscript/review.html")

    assert done.returncode == 0, done.stdout[-3000:]
    value = {
        row["number_id"]: row["value"]
        for row in rows(copy_of_second / "results/numbers/numbers.csv")
    }
    assert value["kappa_title"] == value["kappa_full"] == "not yet"
    assert "WARNING: not yet known: " in done.stdout
    text = (copy_of_second / "results/manuscript/review.md").read_text("utf-8")
    assert "[not yet](#n-kappa_title)" in text


def test_a_release_stops_on_a_number_that_nothing_uses(copy_of_second, snakemake):
    definitions = copy_of_second / "manuscript/zahlen.yaml"
    spare = '  spare: {count: site, table: sites, says: "sites, asked for by nobody"}\n'
    definitions.write_text(
        definitions.read_text("utf-8").replace("numbers:\n", f"numbers:\n{spare}", 1),
        "utf-8",
    )

    done = snakemake(copy_of_second, "results/manuscript/review.md")

    assert done.returncode
    assert re.search(r"zahlen\.yaml.*spare.*nothing uses this definition", done.stdout)
    assert "Traceback" not in done.stdout
