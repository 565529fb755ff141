"""What waits for a decision is a sheet that a reviewer fills and saves as it is."""

import csv
import io
from pathlib import Path

import pytest
from retrace import cli, dedup, readers, schemas, screening, tables, trace
from retrace.audit import pages_data
from retrace.trace import records
from small_review import REVIEWERS, fill, said, write

HEADER = "record_id,stage,decision,reason,decided_on,note"
BESIDE = "basis,title,authors,year,journal,doi,abstract"
SETTLED, DEDUPLICATED = Path(schemas.SETTLED.path), Path(schemas.DEDUPLICATED.path)


@pytest.fixture
def review(tmp_path, monkeypatch):
    monkeypatch.chdir(fill(tmp_path / "review"))
    write(Path(REVIEWERS, "bo.csv"), f"{HEADER}\nshelf:A1,title_abstract,exclude,off topic,,seen before\nshelf:A2,title_abstract,include,,,\n")  # fmt: skip
    write(Path(REVIEWERS, "cy.csv"), f"{HEADER}\nshelf:A2,title_abstract,include,,,\n")
    settle()


def settle():
    """Write what a build writes of the records and decisions."""
    read = readers.read_all(Path("data/raw/searches").glob("*/*/search.yaml"))
    kept, duplicates, _ = dedup.deduplicate(read.records, searches=read.searches)
    settled = screening.settle(
        tables.read_each(Path(REVIEWERS).glob("*.csv"), schemas.DECISIONS), tables.empty(schemas.RESOLUTIONS),
        deduplicated=kept, duplicates=duplicates, searches=read.searches, reasons={"title_abstract": ["off topic"]},
    )  # fmt: skip
    tables.write(kept, DEDUPLICATED, schemas.DEDUPLICATED)
    tables.write(settled, SETTLED, schemas.SETTLED)


def undecided(capsys):
    assert cli.main(["undecided"]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_each_record_that_waits_has_a_row_to_fill_and_no_vote_is_in_it(review, capsys):
    assert cli.main(["undecided"]) == 0
    out = capsys.readouterr().out

    assert out.splitlines() == [
        f"{HEADER},{BESIDE}",
        'shelf:A1,title_abstract,,,,,1 of 2 votes,Moss on northern walls,"Fiktiv, M.",2010,,,',
        'shelf:A2,full_text,,,,,0 of 2 votes,Lichen and old slate,"Fiktiv, L.",2020,,,',
        'shelf:A3,title_abstract,,,,,0 of 2 votes,Ferns below bridges,"Fiktiv, F.",2030,,,',
        'shelf:A4,title_abstract,,,,,0 of 2 votes,Ivy and its hosts,"Fiktiv, I.",2040,,,',
    ]  # fmt: skip


def test_the_sheet_may_be_saved_as_a_reviewers_file_filled_in_part(review, capsys):
    sheet = Path(REVIEWERS, "ada.csv")
    assert cli.main(["undecided", "-o", str(sheet)]) == 0
    assert said() == []

    text = sheet.read_text()
    write(sheet, text.replace("A1,title_abstract,,", "A1,title_abstract,exclude,off topic"))  # fmt: skip

    assert said() == []
    settle()
    assert [row["record_id"] for row in undecided(capsys)] == ["shelf:A2", "shelf:A3", "shelf:A4"]  # fmt: skip


def test_of_a_row_that_is_begun_every_cell_is_held_to_what_may_stand_in_it(review):
    write(Path(REVIEWERS, "ada.csv"), f"{HEADER},title\nshelf:A3,title_abstract,,,,,x\nshelf:A4,title_abstract,,,,later,x\n")  # fmt: skip

    (line,) = said()
    assert line.startswith(f"{REVIEWERS}/ada.csv:3:decision: the cell is empty")


def test_a_sheet_that_may_be_filled_already_is_not_written_over(review, capsys):
    before = Path(REVIEWERS, "bo.csv").read_bytes()

    with pytest.raises(SystemExit) as left:
        cli.main(["undecided", "-o", f"{REVIEWERS}/bo.csv"])

    assert left.value.code == 2
    assert "bo.csv: is there already" in capsys.readouterr().err
    assert Path(REVIEWERS, "bo.csv").read_bytes() == before


def test_where_no_build_has_settled_anything_it_is_said(review, capsys):
    SETTLED.unlink()

    assert cli.main(["undecided"]) == 1
    assert capsys.readouterr().err == "results/screening/settled.csv: no build has settled the decisions; run `retrace build`; while records wait, as a draft\n"  # fmt: skip


def test_trace_and_audit_tell_of_what_was_decided_alone(review):
    path = f"{REVIEWERS}/ada.csv"
    cli.main(["undecided", "-o", path])
    write(Path(path), Path(path).read_text().replace("A1,title_abstract,,", "A1,title_abstract,exclude,off topic"))  # fmt: skip
    write(Path("results/numbers/numbers.csv"), "number_id\n")

    found = records.decisions_on(trace.Written(), ["shelf:A1", "shelf:A3"])
    assert [(one["reviewer"], one["decision"]) for one in found] == [("ada", "exclude"), ("bo", "exclude")]  # fmt: skip
    assert not set(found[0]) & set(BESIDE.split(","))
    header, rows = pages_data._opened(path)
    assert (header, rows) == (HEADER.split(","), [["shelf:A1", "title_abstract", "exclude", "off topic", "", ""]])  # fmt: skip
