"""One run of `retrace check` names what is wrong anywhere in a review, and only that."""

import shutil
from pathlib import Path

import pytest
from retrace import cli
from small_review import REVIEWERS, TOWNS, fill, said, write

ROOT = Path(__file__).parents[2]
SCREENING, PUBLISHED, RAW = "data/raw/screening", "data/raw/published", "data/raw/extraction"  # fmt: skip
SEARCH_YAML = "data/raw/searches/{}/2024-05-01/search.yaml"
HEADER = "record_id,stage,decision,reason,decided_on,note\n"


@pytest.fixture
def review(tmp_path, monkeypatch):
    monkeypatch.chdir(fill(tmp_path / "review"))
    return Path()


def votes(*rows):
    return HEADER + "".join(f"shelf:{row},,\n" for row in rows)


@pytest.mark.parametrize("folder", [ROOT, ROOT / "tests/workflow/second"], ids=["shipped", "second"])  # fmt: skip
def test_the_reviews_we_have_are_without_a_problem(folder):
    assert said(folder) == []


def test_the_command_says_so_and_exits_with_nought(review, capsys):
    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out == "No problems found.\n"


def test_a_forgotten_search_yaml_is_told_and_not_what_follows_from_it(review):
    write(review / REVIEWERS / "ada.csv", votes("A1,title_abstract,include,", "A2,title_abstract,include,"))  # fmt: skip
    assert said() == []
    (review / SEARCH_YAML.format("shelf")).unlink()

    found = said()

    assert found and all("no search.yaml beside it" in line for line in found), found


def test_of_a_description_under_another_name_nothing_else_is_told(review):
    described = Path(SEARCH_YAML.format("shelf"))
    described.rename(described.with_suffix(".yml"))

    (line,) = said()
    assert line.startswith(f"{described.with_suffix('.yml')}: nothing reads this file")
    assert "; rename it to search.yaml" in line


@pytest.mark.parametrize(
    ("folder", "remedy"),
    [("01.05.2024", "rename the folder to 2024-05-01"), ("2024-05-02", "rename one of them")],
)  # fmt: skip
def test_a_folder_that_is_not_called_after_the_day_is_told_its_name(
    review, folder, remedy
):
    day = Path(SEARCH_YAML.format("shelf")).parent
    day.rename(day.with_name(folder))

    (line,) = said()
    assert line.endswith(f"searched_on: 2024-05-01; expected the folder's name, {folder}; {remedy}")  # fmt: skip


def test_the_command_prints_every_problem_on_a_line_and_exits_with_one(review, capsys):
    write(review / REVIEWERS / "ada.csv", votes("A1,title_abstract,maybe,", "A9,title_abstract,include,"))  # fmt: skip

    assert cli.main(["check"]) == 1
    assert [line.split(": ")[0] for line in capsys.readouterr().out.splitlines()] == [
        f"{REVIEWERS}/ada.csv:2:decision", f"{REVIEWERS}/ada.csv:3:record_id",
    ]  # fmt: skip


def test_one_run_names_the_mistakes_of_all_kinds_of_file(review):
    write(review / REVIEWERS / "ada.csv", votes("A1,title_abstract,maybe,"))
    write(
        review / f"{SCREENING}/reports.csv",
        "record_id,report_id,study_id\nshelf:A7,r,s\n",
    )
    write(review / f"{PUBLISHED}/claims.csv", "claim_id,location\n")
    write(review / f"{RAW}/first/towns.csv", TOWNS.replace("small", "Small"))
    write(
        review / f"{RAW}/adjudication.csv",
        "sheet,key,column,value_a,value_b,chosen,reason\ntown,ulm,size,small,small,large,so\n",
    )
    write(review / "data/raw/searches/lamp/e.ris", "TY  - JOUR\nER  - \n")
    numbers = review / "manuscript/numbers.yaml"
    write(numbers, numbers.read_text() + "  x: {cuont: a, table: b, says: c}\n")

    files = {line.partition(":")[0] for line in said()}

    assert files == {
        f"{REVIEWERS}/ada.csv", f"{SCREENING}/reports.csv", f"{PUBLISHED}/claims.csv", f"{RAW}/first/towns.csv",
        f"{RAW}/adjudication.csv", "data/raw/searches/lamp/e.ris", "manuscript/numbers.yaml",
    }  # fmt: skip


def test_of_a_search_that_cannot_be_read_the_decisions_are_not_called_unknown(review):
    write(review / REVIEWERS / "ada.csv", votes("A1,title_abstract,include,") + "lamp:B1,title_abstract,include,,,\n")  # fmt: skip
    shutil.copytree(review / "data/raw/searches/shelf", review / "data/raw/searches/lamp")  # fmt: skip
    write(review / SEARCH_YAML.format("lamp"), "source: lamp\nkind: databse\nstatus: exported\n")  # fmt: skip

    found = said()

    assert found and all(line.startswith("data/raw/searches/lamp/") for line in found), found  # fmt: skip


def test_reasons_are_not_held_to_a_protocol_that_cannot_be_read(review):
    write(review / REVIEWERS / "ada.csv", votes("A1,title_abstract,exclude,off topic"))
    write(review / "config.yaml", (review / "config.yaml").read_text("utf-8").replace("screening:", "screning:"))  # fmt: skip

    (line,) = said()
    assert "screning: unknown key" in line


def test_votes_are_not_called_too_early_where_those_before_them_cannot_be_read(review):
    write(review / REVIEWERS / "ada.csv", votes("A1,title_abstract,maybe,"))
    write(review / REVIEWERS / "bo.csv", votes("A1,full_text,include,"))

    (line,) = said()
    assert line.startswith(f"{REVIEWERS}/ada.csv:2:decision")


def test_nothing_in_config_is_no_reason_to_pass_over_the_tables(review):
    write(review / "config.yaml", "titel: x\n")
    write(review / REVIEWERS / "ada.csv", votes("A1,title_abstract,maybe,"))

    files = [line.partition(":")[0] for line in said()]

    assert set(files) == {"config.yaml", f"{REVIEWERS}/ada.csv"}


def released(review):
    """Make the review a release."""
    config = review / "config.yaml"
    write(config, config.read_text().replace("status: draft", "status: release"))


def test_a_draft_may_wait_for_decisions_and_a_release_may_not(review):
    write(review / REVIEWERS / "ada.csv", votes("A1,title_abstract,include,", "A2,title_abstract,exclude,off topic"))  # fmt: skip
    write(review / REVIEWERS / "bob.csv", votes("A1,title_abstract,exclude,no data", "A2,title_abstract,exclude,"))  # fmt: skip
    assert said() == []

    released(review)

    assert [line.split("; ")[0] for line in said()] == [
        "data/raw/screening/reviewers::decision: shelf:A1 is undecided at title_abstract: reviewers disagree",
        "data/raw/screening/reviewers::decision: shelf:A3 is undecided at title_abstract: 0 of 2 votes",
        "data/raw/screening/reviewers::decision: shelf:A4 is undecided at title_abstract: 0 of 2 votes",
    ]  # fmt: skip


def test_where_votes_cannot_be_read_nobody_is_called_undecided(review):
    released(review)
    write(review / REVIEWERS / "ada.csv", votes("A1,title_abstract,includ,"))

    (line,) = said()
    assert line.startswith(f"{REVIEWERS}/ada.csv:2:decision: 'includ'")


def test_two_votes_of_one_reviewer_on_two_copies_of_a_record_must_agree(review):
    write(review / f"{SCREENING}/overrides.csv", "record_id,kept_id,action,reason\nshelf:A2,shelf:A1,merge,one text\n")  # fmt: skip
    write(review / REVIEWERS / "ada.csv", votes("A1,title_abstract,include,", "A2,title_abstract,exclude,off topic"))  # fmt: skip

    (line,) = said()
    assert line.startswith(f"{REVIEWERS}/ada.csv:3:decision: shelf:A2 is a duplicate of shelf:A1")  # fmt: skip


def test_what_follows_from_a_mistake_is_not_named_beside_it(review):
    write(review / f"{RAW}/first/towns.csv", TOWNS.replace("bonn,large,,90", "bonn,lrge,,many"))  # fmt: skip

    assert [line.split("; ")[0] for line in said()] == [
        f"{RAW}/first/towns.csv:3:people: towns bonn: the readings differ: 'many', '90'",
        f"{RAW}/first/towns.csv:3:size: 'lrge'",
    ]


def test_a_sheet_that_cannot_be_read_at_all_makes_no_differences(review):
    write(review / f"{RAW}/first/towns.csv", TOWNS.replace("town,", "twon,"))

    (line,) = said()
    assert line.startswith(f"{RAW}/first/towns.csv:1:twon: unknown column")


def test_in_a_release_a_row_of_a_study_that_is_not_included_is_told(review):
    config = Path("config.yaml").read_text()
    marked = config.replace(
        "key: town\n", "key: town\n      one_row_per: included_study\n"
    )
    for reviewer in ("ada", "bob"):
        rows = [f"A{n},title_abstract,exclude,no data" for n in range(1, 5)]
        write(review / REVIEWERS / f"{reviewer}.csv", votes(*rows))
    told = (
        "data/raw/extraction::towns: rows of studies that are not included: bonn, ulm"
    )
    write(Path("config.yaml"), marked)
    assert told not in [line.partition(";")[0] for line in said()]

    write(Path("config.yaml"), marked.replace("status: draft", "status: release"))

    assert told in [line.partition(";")[0] for line in said()]


def test_of_records_that_wait_nobody_says_that_they_are_not_included(review):
    released(review)
    config = Path("config.yaml").read_text()
    write(Path("config.yaml"), config.replace("key: town\n", "key: town\n      one_row_per: included_study\n"))  # fmt: skip

    found = said()

    assert len(found) == 4 and all("is undecided" in line for line in found), found


def test_a_resolution_against_votes_is_odd_and_no_problem(review, capsys):
    for reviewer in ("ada", "bob"):
        write(review / REVIEWERS / f"{reviewer}.csv", votes("A1,title_abstract,include,"))  # fmt: skip
    write(
        review / f"{SCREENING}/resolutions.csv",
        "record_id,stage,decision,reason,decided_by,decided_on,note\nshelf:A1,title_abstract,exclude,off topic,,,\n",
    )

    assert cli.main(["check"]) == 0
    warning, last = capsys.readouterr().out.splitlines()
    assert warning.startswith(f"warning: {SCREENING}/resolutions.csv:2: shelf:A1 at title_abstract: ")  # fmt: skip
    assert last == "No problems found."
