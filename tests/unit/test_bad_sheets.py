"""What spreadsheets, editors, merges and slips do to an author's files is named, or it is harmless.

Every case of a table is a reviewer's file in one review, so one run of `retrace check` has to name
all of them: each with its file, row and column, what is there, what was expected and what to do.
"""

import gzip
import os
from pathlib import Path

import pytest
from retrace import errors, schemas, tables
from small_review import REVIEWERS, SEARCH, TOWNS, fill, found_in, said, write

COLUMNS = "record_id,stage,decision,reason,decided_on,note"
ROWS = [
    "shelf:A1,title_abstract,include,,2024-05-02,",
    "shelf:A2,title_abstract,exclude,off topic,2024-05-02,read twice",
    "shelf:A3,title_abstract,unsure,,2024-05-03,",
]


def table(*rows, header=COLUMNS, end="\n"):
    """Return a reviewer's file: the usual rows, of which some are others."""
    lines = [header, *(rows or ROWS)]
    return "".join(f"{line}{end}" for line in lines)


def cell(column, value):
    """Return a file whose first row has another cell."""
    cells = ROWS[0].split(",")
    cells[COLUMNS.split(",").index(column)] = value
    return table(",".join(cells), *ROWS[1:])


A_DATE = "an ISO date such as 2024-05-31"
AN_ID = "an id without blanks, commas or slashes"
A_DECISION = "one of include, exclude, unsure, not_retrieved"
FROM_ITS_FILE = "look it up in the file it came from"
# file: content, then "row:column" with pieces of what is there, what was expected and what to do.
BAD = {
    # --- rows that a merge, a copy or a slip left -----------------------------------------
    "conflict": (
        table(ROWS[0], "<<<<<<< ours", ROWS[1], "=======", ROWS[1].replace("2024-05-02", "2024-05-09"), ">>>>>>> theirs"),
        {"3:": ("'<<<<<<< ours' is a mark of a merge conflict", "keep the right lines, delete the marks"),
         "5:": ("'======='",), "7:": ("'>>>>>>> theirs'",),
         "6:record_id": ("'shelf:A2 title_abstract' stands here a second time", "the first is row 4")}),
    "doubled": (table(ROWS[0], ROWS[1], ROWS[0]), {"4:record_id": ("second time", "one row per record_id, stage; the first is row 2", "delete or correct one")}),
    "unknown": (cell("record_id", "shelf:A9"), {"2:record_id": ("'shelf:A9'", "the id of a record that was read", "correct it, or look whether its search is still there")}),
    "reason_outside": (table(ROWS[1].replace("off topic", "Off-topic")), {"2:reason": ("'Off-topic'", "a reason of the protocol: 'off topic', 'no data'", "did you mean off topic?")}),
    "reason_unlike": (table(ROWS[1].replace("off topic", "boring")), {"2:reason": ("'boring'", "add it to screening.reasons in config.yaml")}),
    "reason_of_include": (cell("reason", "off topic"), {"2:reason": ("'off topic'", "no reason, since it is not excluded", "empty the cell")}),
    "no_reason": (table(ROWS[0], "shelf:A4,full_text,exclude,,,"), {"3:reason": ("the cell is empty", "a reason for a full-text exclusion", "fill it in")}),
    "not_retrieved_early": (cell("decision", "not_retrieved"), {"2:decision": ("not_retrieved", "full_text in stage")}),
    # --- separators and quotes --------------------------------------------------------------
    "semicolons": (table().replace(",", ";"), {"1:": ("separated by semicolons", "expected commas", "save the file as CSV with commas")}),
    "tabs": (table().replace(",", "\t"), {"1:": ("separated by tabs", "expected commas")}),
    "upright": (table().replace(",", "|"), {"1:": ("separated by upright lines",)}),
    "semicolons_cr_only": (table(end="\r").replace(",", ";").replace("twice", "twice, or more"), {"1:": ("separated by semicolons",)}),
    "sep_line": ("sep=;\n" + table().replace(",", ";"), {"2:": ("separated by semicolons",)}),
    "semicolons_and_more": (cell("decision", "maybe").replace(",", ";"), {"1:": ("semicolons",), "2:decision": ("'maybe'", A_DECISION)}),
    "short_row": (table(ROWS[0], "shelf:A2,title_abstract,exclude"), {"3:": ("3 cells", "6, as in the header")}),
    "comma_in_cell": (table(ROWS[0], ROWS[1] + ", and once more"), {"3:": ("7 cells", "quote cells that hold a comma")}),
    "unclosed": (table(ROWS[0] + '"x', *ROWS[1:]), {"2:": ("a quoted cell that begins in this row is never closed", "check the quotes")}),
    "text_behind_quotes": (table(ROWS[0] + '"x"y', cell("decision", "maybe").splitlines()[1].replace("A1", "A2")),
                           {"2:": ("does not end before a comma",), "3:decision": ("'maybe'",)}),
    # --- what Excel makes of dates and numbers ----------------------------------------------
    "german_day": (cell("decided_on", "31.12.2023"), {"2:decided_on": ("'31.12.2023'", A_DATE, "write 2023-12-31")}),
    "day_number": (cell("decided_on", "45291"), {"2:decided_on": ("'45291'", A_DATE, "a spreadsheet's number of a day; write 2023-12-31")}),
    "with_time": (cell("decided_on", "2023-12-31 00:00:00"), {"2:decided_on": ("00:00:00'", A_DATE, "write 2023-12-31")}),
    "american_day": (cell("decided_on", "12/31/2023"), {"2:decided_on": ("'12/31/2023'", A_DATE, "write 2023-12-31")}),
    "unclear_day": (cell("decided_on", "05/06/2023"), {"2:decided_on": ("'05/06/2023'", A_DATE, "write 2023-05-06 or 2023-06-05, whichever is meant")}),
    "no_such_day": (cell("decided_on", "2023-02-30"), {"2:decided_on": ("'2023-02-30'", A_DATE, "there is no such day")}),
    "month_in_words": (cell("decided_on", "31 Dec 2023"), {"2:decided_on": ("'31 Dec 2023'", A_DATE, "write 2023-12-31")}),
    "german_month": (cell("decided_on", "1. März 2023"), {"2:decided_on": ("'1. März 2023'", A_DATE, "write 2023-03-01")}),
    "month_first": (cell("decided_on", '"March 3rd, 2023"'), {"2:decided_on": ("'March 3rd, 2023'", A_DATE, "write 2023-03-03")}),
    "no_day_of_that_month": (cell("decided_on", "31 June 2023"), {"2:decided_on": ("'31 June 2023'", A_DATE, "correct the cell")}),
    "rounded_id": (cell("record_id", "1.2E+07"), {"2:record_id": ("'1.2E+07'", "a spreadsheet rounded a long number", FROM_ITS_FILE)}),
    "rounded_id_comma": (table().replace(",", ";").replace("shelf:A1", "1,2E+07"), {"1:": ("semicolons",), "2:record_id": ("'1,2E+07'", "rounded")}),
    "id_made_a_day": (cell("record_id", "2-Sep"), {"2:record_id": ("'2-Sep'", "a spreadsheet made a date of it", FROM_ITS_FILE)}),
    "id_made_a_german_day": (cell("record_id", "02.09.2024"), {"2:record_id": ("made a date of it",)}),
    "failed_formula": (cell("note", "#REF!"), {"2:note": ("'#REF!'", "a value, not the error of a formula", "repair it in the spreadsheet")}),
    "failed_lookup": (cell("decision", "#N/A"), {"2:decision": ("'#N/A'", "the error of a formula")}),
    # --- what hands and keyboards do to values ------------------------------------------------
    "blank_behind_id": (cell("record_id", "shelf:A1 "), {"2:record_id": ("'shelf:A1 '", AN_ID, "take away the blanks around it")}),
    "nbsp_in_id": (cell("record_id", "shelf:A1\u00a0"), {"2:record_id": (r"'shelf:A1\xa0'", "take away the blanks around it")}),
    "zero_width_in_id": (cell("record_id", "shelf:\u200bA1"), {"2:record_id": (r"'shelf:\u200bA1'", AN_ID, "write shelf:A1, in plain letters")}),
    "smart_quotes": (cell("record_id", "“shelf:A1”"), {"2:record_id": ("“shelf:A1”", AN_ID, "write shelf:A1, in plain letters")}),
    "full_width_digits": (cell("decided_on", "２０２４-05-02"), {"2:decided_on": ("'２０２４-05-02'", A_DATE, "write 2024-05-02, in plain letters and digits")}),
    "full_width_id": (cell("record_id", "shelf:Ａ1"), {"2:record_id": ("'shelf:Ａ1'", "the id of a record that was read from a search")}),
    "formula_as_id": (cell("record_id", "=1+1"), {"2:record_id": ("'=1+1'", AN_ID, "this would be a formula in a spreadsheet")}),
    "at_formula_as_id": (cell("record_id", "@SUM(A1)"), {"2:record_id": ("'@SUM(A1)'", "a formula")}),
    "capital": (cell("decision", "Include"), {"2:decision": ("'Include'", A_DECISION, "did you mean include?")}),
    "blank_before_term": (cell("decision", " include"), {"2:decision": ("' include'", A_DECISION, "take away the blanks around it")}),
    "slip": (cell("decision", "inclued"), {"2:decision": ("'inclued'", "did you mean include?")}),
    "unlike_any_term": (cell("decision", "42"), {"2:decision": ("'42'", A_DECISION, "correct the cell")}),
    "stage_in_words": (cell("stage", "Title/Abstract"), {"2:stage": ("'Title/Abstract'", "one of title_abstract, full_text", "did you mean title_abstract?")}),
    "no_id": (cell("record_id", ""), {"2:record_id": ("the cell is empty", "the record decided on", "fill it in")}),
    "no_decision": (cell("decision", ""), {"2:decision": ("the cell is empty", "what the reviewer decided", "fill it in")}),
    "huge_id": (cell("record_id", "x" * 200_000), {"2:record_id": ("xxx'... (200,000 characters)",)}),
    # --- columns ------------------------------------------------------------------------------
    "renamed": (table(header=COLUMNS.replace("decision", "Decison")), {"1:Decison": ("unknown column", "record_id, stage, decision", "did you mean decision?")}),
    "renamed_with_blank": (table(header=COLUMNS.replace("record_id", "Record ID")), {"1:Record ID": ("unknown column", "did you mean record_id?")}),
    "missing": (table(*(row.rpartition(",")[0] for row in ROWS), header=COLUMNS.removesuffix(",note")), {"1:note": ("the column is missing", "add it, empty where nothing is known")}),
    "added": (table(*(row + ",3" for row in ROWS), header=COLUMNS + ",score"), {"1:score": ("unknown column", "rename or delete it")}),
    "twice": (table(*(row + ",x" for row in ROWS), header=COLUMNS + ",note"), {"1:note": ("the column stands here twice", "delete one of them")}),
    "nameless": (table(*("x," + row for row in ROWS), header="," + COLUMNS), {"1:column 1": ("the column has no name", "rename or delete it")}),
    "nameless_at_the_end": (table(*(row + ",x" for row in ROWS), header=COLUMNS + ","), {"2:": ("7 cells", "6, as in the header"), "3:": ("7 cells",), "4:": ("7 cells",)}),
    "no_header": ("".join(f"{row}\n" for row in ROWS), {"1:": ("no header line: this line begins 'shelf:A1", "write them into the first line")}),
    # --- bytes ----------------------------------------------------------------------------------
    "cp1252": (cell("note", "dès “café”").encode("cp1252"), {"2:": ("byte 0xe8 is not UTF-8 (è as Windows writes it?)", "save the file as CSV UTF-8")}),
    "latin1_twice": (table(ROWS[0] + "Güte", ROWS[1] + "Größe").encode("latin-1"), {"2:": ("byte 0xfc",), "3:": ("byte 0xf6",)}),
    "latin1_and_more": (cell("decision", "maybe").replace("read twice", "für").encode("latin-1"), {"2:decision": ("'maybe'",), "3:": ("byte 0xfc",)}),
    "utf16": (table().encode("utf-16"), {"": ("the file is UTF-16", "expected UTF-8", "save the file as CSV UTF-8")}),
    "utf16_no_mark": (table().encode("utf-16-le"), {"": ("the file is UTF-16",)}),
    "nul": (cell("note", "a\0b"), {"2:": (r"a NUL byte ('\x00') stands in this line", "delete it")}),
    "escape": (cell("note", "\x1b[31mred"), {"2:": (r"a control character ('\x1b')", "delete it")}),
    "workbook": (b"PK\x03\x04\x14\0\0\0" + bytes(40), {"": ("an Excel workbook", "a CSV file")}),
    "old_workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(40), {"": ("an old Excel workbook",)}),
    "gzipped": (gzip.compress(table().encode()), {"": ("a gzip archive",)}),
    "web_page": ("<!DOCTYPE html>\n<html><body>Sign in</body></html>\n", {"": ("a web page",)}),
    "lfs": ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", {"": ("a Git LFS pointer and not the file itself",)}),
    "empty": ("", {"1:": ("the file is empty", "a header line")}),
    "blank_lines": ("\n\n  \n", {"1:": ("the file is empty",)}),
}  # fmt: skip
HARMLESS = {
    "crlf": table(end="\r\n"),
    "cr_only": table(end="\r"),
    "no_last_line_end": table().rstrip("\n"),
    "bom": table().encode("utf-8-sig"),
    "bom_and_crlf": table(end="\r\n").encode("utf-8-sig"),
    "moved": "".join(f"{','.join(reversed(line.split(',')))}\n" for line in table().splitlines()),
    "blank_lines_at_the_end": table() + "\n\n \n",
    "blank_line_between": table(ROWS[0], "", *ROWS[1:]),
    "rows_of_commas": table(*ROWS, ",,,,,", ",,,,,"),
    "blank_columns_at_the_end": table(*(row + ",,," for row in ROWS), header=COLUMNS + ",,,"),
    "blank_cells_beyond": table(*(row + ",, " for row in ROWS)),
    "all_in_quotes": "".join(",".join(f'"{one}"' for one in line.split(",")) + "\n" for line in table().splitlines()),
    "blanks_in_header": table(header=COLUMNS.replace(",", " , ")),
    "sep_comma": "sep=,\n" + table(),
}  # fmt: skip
TEXTS = {
    "formula": "=1+1", "minus": "-3", "commercial_at": "@home", "nbsp": "a\u00a0b", "quotes": "“so”",
    "right_to_left": "\u05e9\u05dc\u05d5\u05dd", "markup": "<b>&amp;</b>", "huge": "x" * 300_000,
    "conflict_words": "=======", "not_available": "NA", "full_width": "１２",
}  # fmt: skip
"""What may stand in free text, unchanged."""


@pytest.fixture
def review(tmp_path, monkeypatch):
    monkeypatch.chdir(fill(tmp_path / "review"))
    return Path()


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return what one run says of a review in which every bad and every harmless file is."""
    folder = fill(tmp_path_factory.mktemp("bad") / "review")
    for name, (content, _) in BAD.items():
        write(folder / REVIEWERS / f"bad_{name}.csv", content)
    for name, content in HARMLESS.items():
        write(folder / REVIEWERS / f"good_{name}.csv", content)
    for name, text in TEXTS.items():
        write(folder / REVIEWERS / f"text_{name}.csv", cell("note", text))
    (folder / REVIEWERS / "folder.csv").mkdir()
    (folder / REVIEWERS / "loop.csv").symlink_to("loop.csv")
    (folder / REVIEWERS / "gone.csv").symlink_to("nowhere.csv")
    (folder / REVIEWERS / "sheet.xlsx").write_bytes(b"PK\x03\x04")
    return found_in(folder)


def of(found, name):
    """Return what is said of a reviewer's file: by row and column, the line."""
    mine = [one for one in found if one.file == f"{REVIEWERS}/{name}"]
    places = {f"{one.row or ''}:{one.column}" if one.row or one.column else "": str(one) for one in mine}  # fmt: skip
    assert len(places) == len(mine)
    return places


def test_there_are_enough_cases():
    assert len(BAD) >= 60


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_named_with_its_place_and_remedy(found, name):
    mine = of(found, f"bad_{name}.csv")

    assert set(mine) == set(BAD[name][1])
    for place, pieces in BAD[name][1].items():
        at = -1
        for piece in pieces:
            assert (at := mine[place].find(piece, at + 1)) >= 0, (piece, mine[place])


@pytest.mark.parametrize("name", [f"good_{name}" for name in HARMLESS] + [f"text_{name}" for name in TEXTS])  # fmt: skip
def test_what_is_harmless_is_accepted(found, name):
    assert of(found, f"{name}.csv") == {}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_file_is_read_as_the_usual_one(tmp_path, name):
    write(tmp_path / "usual.csv", table())
    write(tmp_path / "other.csv", HARMLESS[name])

    usual, other = (tables.read(tmp_path / f"{one}.csv", schemas.DECISIONS) for one in ("usual", "other"))  # fmt: skip

    assert other.equals(usual)


@pytest.mark.parametrize("name", TEXTS)
def test_free_text_comes_through_unchanged(tmp_path, name):
    write(tmp_path / "d.csv", cell("note", TEXTS[name]))

    assert tables.read(tmp_path / "d.csv", schemas.DECISIONS)["note"][0] == TEXTS[name]


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("folder.csv", ("this is a folder", "expected a file", "rename or move it")),
        ("loop.csv", ("a link that leads back to itself", "put the file itself here")),
        ("gone.csv", ("there is no such file",)),
        (
            "sheet.xlsx",
            ("nothing reads this file", "expected sheet.csv", "save it as CSV"),
        ),
    ],
)
def test_what_is_no_file_is_named(found, name, pieces):
    (line,) = of(found, name).values()

    assert all(piece in line for piece in pieces)


def test_every_problem_is_one_line_that_cannot_steer_a_terminal(found):
    lines = list(map(str, found))

    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) < 1000


def test_a_file_that_may_not_be_read_says_what_to_do():
    problem = errors.unreadable("d.csv", PermissionError(13, "Permission denied"))

    assert str(problem) == "d.csv: the file may not be read; change its permissions (chmod u+r)"  # fmt: skip


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permissions_is_named(review):
    write(review / REVIEWERS / "ada.csv", table())
    (review / REVIEWERS / "ada.csv").chmod(0)

    assert [line for line in said() if "ada.csv" in line] == [f"{REVIEWERS}/ada.csv: the file may not be read; change its permissions (chmod u+r)"]  # fmt: skip


def test_a_row_is_a_line_of_the_file_also_behind_blank_lines_and_cells_of_several_lines(
    review,
):
    text = table('shelf:A1,title_abstract,include,,,"two\nlines"', "", "shelf:A9,title_abstract,include,,,")  # fmt: skip
    write(review / REVIEWERS / "ada.csv", text)

    (line,) = said()
    assert line.startswith(f"{REVIEWERS}/ada.csv:5:record_id: 'shelf:A9'")


# --- other tables of a review ------------------------------------------------------------

SCREENING, PUBLISHED, RAW = "data/raw/screening", "data/raw/published", "data/raw/extraction"  # fmt: skip
OTHERS = {
    "override_unknown": (f"{SCREENING}/overrides.csv", "record_id,kept_id,action,reason\nshelf:A1,shelf:A9,merge,same\n", ":2:kept_id: 'shelf:A9'; expected the id of a record"),
    "override_itself": (f"{SCREENING}/overrides.csv", "record_id,kept_id,action,reason\nshelf:A1,shelf:A1,split,not same\n", ":2:kept_id: shelf:A1 is split from itself"),
    "override_action": (f"{SCREENING}/overrides.csv", "record_id,kept_id,action,reason\nshelf:A1,shelf:A2,Merge,same\n", ":2:action: 'Merge'; expected one of merge, split; did you mean merge?"),
    "report_unknown": (f"{SCREENING}/reports.csv", "record_id,report_id,study_id\nshelf:A7,r,s\n", ":2:record_id: 'shelf:A7'; expected the id of a record"),
    "report_twice": (f"{SCREENING}/reports.csv", "record_id,report_id,study_id\nshelf:A1,r,s\nshelf:A1,q,s\n", ":3:record_id: 'shelf:A1' stands here a second time"),
    "resolved_unsure": (f"{SCREENING}/resolutions.csv", "record_id,stage,decision,reason,decided_by,decided_on,note\nshelf:A1,title_abstract,unsure,,,,\n", ":2:decision: 'unsure'; expected one of include, exclude, not_retrieved"),
    "vote_too_early": (f"{REVIEWERS}/ada.csv", table(ROWS[0], "shelf:A4,full_text,include,,,"), ":3:stage: shelf:A4 has a full-text decision, but did not pass title and abstract"),
    "resolution_too_early": (f"{SCREENING}/resolutions.csv", "record_id,stage,decision,reason,decided_by,decided_on,note\nshelf:A1,full_text,include,,,,\n", ":2:stage: shelf:A1 has a full-text decision, but did not pass title and abstract"),
    "included_unknown": (f"{PUBLISHED}/included.csv", "study_id,record_id,location\ns,shelf:A8,Table 1\n", ":2:record_id: 'shelf:A8'"),
    "reported_unknown": (f"{PUBLISHED}/reported.csv", "box,n,location,why\nrecord_screened,12,p. 3,\n", ":2:box: 'record_screened'; expected one of previous_studies"),
    "reported_words": (f"{PUBLISHED}/reported.csv", "box,n,location,why\nrecords_screened,twelve,p. 3,\n", ":2:n: 'twelve'; expected a whole number; correct the cell"),
    "reported_decimal": (f"{PUBLISHED}/reported.csv", "box,n,location,why\nrecords_screened,12.0,p. 3,\n", ":2:n: '12.0'; expected a whole number; write 12"),
    "reported_too_large": (f"{PUBLISHED}/reported.csv", "box,n,location,why\nrecords_screened,99999999999999999999,p. 3,\n", ":2:n: '99999999999999999999'; expected a whole number"),
    "claim_unknown": (f"{PUBLISHED}/claims.csv", ",".join(schemas.RAW_CLAIMS.names) + "\nc1,p. 1,so,3,equals,records_screend,,table,\n", ":2:number_id: 'records_screend'; expected a number of manuscript/numbers.yaml; did you mean records_screened?"),
    "misnamed_file": (f"{SCREENING}/resolution.csv", "record_id\n", ": nothing reads this file; expected overrides.csv, reports.csv, resolutions.csv; did you mean resolutions.csv?"),
    "misnamed_published": (f"{PUBLISHED}/claim.csv", "x\n", ": nothing reads this file; expected claims.csv, included.csv, reported.csv; did you mean claims.csv?"),
    "misnamed_list_of_headings": ("data/raw/vocabularies/d2026.bin", "MH = Foxes\n", ": nothing reads this file; expected emtree.txt, mesh.txt; rename it"),
    "list_without_headings": ("data/raw/vocabularies/mesh.txt", "\n", ": no heading stands in this list; expected a heading in each line"),
    "stray_sheet": (f"{RAW}/second/heights.csv", "x\n", ": nothing reads this file; expected adjudication.csv, consensus_notes.csv, first/towns.csv, second/towns.csv, vocab.csv; describe it under extraction.sheets in config.yaml, rename it, or move it out of data/raw/"),
    "sheet_slip": (f"{RAW}/second/town.csv", "x\n", ": nothing reads this file; expected adjudication.csv, consensus_notes.csv, first/towns.csv, second/towns.csv, vocab.csv; did you mean towns.csv?"),
    "sheet_too_high": (f"{RAW}/towns.csv", "x\n", ": nothing reads this file; expected adjudication.csv, consensus_notes.csv, first/towns.csv, second/towns.csv, vocab.csv; did you mean first/towns.csv?"),
    "export_alone": ("data/raw/searches/lamp/2024-01-01/e.ris", "TY  - JOUR\nER  - \n", ": nothing reads this file: no search.yaml beside it; expected searches/<source>/<day>/ with a search.yaml; write the search.yaml, or delete this file"),
    "other_ending": ("data/raw/searches/lamp/2024-01-01/search.yml", "source: lamp\n", ": nothing reads this file: no search.yaml beside it; expected searches/<source>/<day>/ with a search.yaml; rename it to search.yaml, or delete this file"),
    "folder_of_searches": ("data/raw/search/lamp/2024-01-01/e.ris", "TY  - JOUR\nER  - \n", ": nothing reads this file: no folder is called search; expected searches, notices, screening, screening/reviewers, extraction, published, vocabularies; did you mean searches?"),
    "folder_of_reviewers": (f"{SCREENING}/reviewer/eve.csv", table(), ": nothing reads this file: no folder is called screening/reviewer; expected searches, notices, screening, screening/reviewers, extraction, published, vocabularies; did you mean screening/reviewers?"),
    "export_too_high": ("data/raw/searches/lamp/e.ris", "TY  - JOUR\nER  - \n", ": nothing reads this file: not in the folder of a search's day"),
    "sheet_term": (f"{RAW}/first/towns.csv", TOWNS.replace("small", "Small"), ":2:size: 'Small'; expected one of small, large; did you mean small?"),
    "sheet_unknown_term": (f"{RAW}/first/towns.csv", TOWNS.replace("small", "42"), f":2:size: '42'; expected one of small, large; correct the cell, or add the term to {RAW}/vocab.csv"),
    "sheet_separator": (f"{RAW}/first/towns.csv", TOWNS.replace("oak; elm", "oak;elm"), ":2:trees: 'oak;elm'; expected one of oak, elm; separate them by '; ': oak; elm"),
    "sheet_comma": (f"{RAW}/first/towns.csv", TOWNS.replace("oak; elm", '"oak, elm"'), ":2:trees: 'oak, elm'; expected one of oak, elm; separate them by '; ': oak; elm"),
    "sheet_renamed": (f"{RAW}/second/towns.csv", TOWNS.replace("size", "sizes"), ":1:sizes: unknown column; expected town, size, trees, people; did you mean size?"),
    "sheet_key_twice": (f"{RAW}/second/towns.csv", TOWNS + "ulm,small,oak; elm,1200\n", ":4:town: 'ulm' stands here a second time"),
    "difference": (f"{RAW}/first/towns.csv", TOWNS.replace("1200", "1.200"), ":2:people: towns ulm: the readings differ: '1.200', '1200'; expected a decision on it"),
    "sheet_is_folder": (f"{RAW}/second/towns.csv", None, ": this is a folder; expected a file"),
    "decided_in_vain": (f"{RAW}/adjudication.csv", "sheet,key,column,value_a,value_b,chosen,reason\ntowns,ulm,size,small,small,large,so\n", ":2:column: towns ulm size: the readings do not differ here"),
    "chosen_outside": (f"{RAW}/adjudication.csv", "sheet,key,column,value_a,value_b,chosen,reason\ntowns,ulm,size,small,small,huge,both_wrong: so\n", ":2:chosen: 'huge'; expected one of small, large"),
    "no_such_sheet": (f"{RAW}/adjudication.csv", "sheet,key,column,value_a,value_b,chosen,reason\ntown,ulm,size,small,small,large,so\n", ":2:sheet: 'town'; expected one of towns"),
    "note_of_nothing": (f"{RAW}/consensus_notes.csv", "sheet,key,note\ntowns,rome,so\n", ":2:key: 'rome'; expected a row of the consensus of towns"),
    "terms_missing": (f"{RAW}/vocab.csv", "sheet,column,term,label,label_long,parent\ntowns,trees,oak,,,\ntowns,trees,elm,,,\n", "::towns.size: no terms; expected at least one term of this closed column"),
    "label_of_nothing": (f"{RAW}/vocab.csv", "sheet,column,term,label,label_long,parent\ntowns,size,small,,,\ntowns,size,large,,,\ntowns,trees,oak,,,\ntowns,trees,elm,,,\ntowns,tree,ash,,,\n", "::towns.tree: terms of a column that is not closed"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_each_table_is_held_to_the_others(review, name):
    path, content, expected = OTHERS[name]
    if content is None:
        (review / path).unlink()
        (review / path).mkdir()
    else:
        write(review / path, content)

    found = said()

    assert len(found) == 1, found
    assert found[0].startswith(f"{path}{expected}"), found[0]


@pytest.mark.parametrize(
    ("vocabulary", "says"),
    [
        (OTHERS["terms_missing"][1], "::towns.size: no terms"),
        (OTHERS["label_of_nothing"][1], "::towns.tree: terms of a column"),
        ("sheet,column,term\n", ":1:label: the column is missing"),
    ],
)
def test_a_mistake_in_the_vocabulary_hides_no_other_of_the_sheets(
    review, vocabulary, says
):
    write(review / f"{RAW}/vocab.csv", vocabulary)
    write(review / f"{RAW}/first/towns.csv", TOWNS.replace("1200", "1300"))

    found = said()

    assert any(line.startswith(f"{RAW}/vocab.csv{says}") for line in found), found
    assert (
        [line for line in found if "vocab.csv" not in line]
        == [line for line in found if ":people: towns ulm: the readings differ" in line]
        != []
    )


# --- YAML ----------------------------------------------------------------------------------

SEARCH_YAML = "data/raw/searches/shelf/2024-05-01/search.yaml"
YAML = {
    "tab": (SEARCH_YAML, SEARCH.replace("kind: ", "\tkind: "), ":2: not YAML: found a tab character that violates indentation; indent with blanks, not with tabs"),
    "doubled": (SEARCH_YAML, SEARCH + "status: frozen\n", ":5:status: the key stands here twice; expected one key; the first is on line 3; delete or rename one"),
    "unknown_key": (SEARCH_YAML, SEARCH + "plattform: Web\n", ":5:plattform: unknown key; expected source,"),
    "unknown_status": (SEARCH_YAML, SEARCH.replace("exported", "export"), ":3:status: 'export' is not one of"),
    "words_for_a_count": (SEARCH_YAML, SEARCH + "n_reported: 12 hits\n", ":5:n_reported: '12 hits' is not a whole number"),
    "german_day": (SEARCH_YAML, SEARCH.replace("2024-05-01", "01.05.2024"), ":4:searched_on: '01.05.2024'; expected the day of the search, in quotes, the name of its folder, such as \"2024-05-31\"; null: undated; write 2024-05-01"),
    "other_folder": (SEARCH_YAML, SEARCH.replace("source: shelf", "source: shell"), "::source: 'shell'; expected the folder's name, shelf"),
    "conflict": (SEARCH_YAML, f"<<<<<<< ours\n{SEARCH}=======\n>>>>>>> theirs\n", ":1: '<<<<<<< ours' is a mark of a merge conflict"),
    "unclosed": (SEARCH_YAML, SEARCH + "label: 'The shelf\n", ":"),
    "latin1": (SEARCH_YAML, (SEARCH + "label: Bücher\n").encode("latin-1"), ": byte "),
    "an_empty_file": (SEARCH_YAML, "", ":1: nothing stands in this file; expected One round of a search"),
    "config_key": ("config.yaml", ("figures:\n", "figurs:\n"), "figurs: unknown key"),
    "config_section": ("config.yaml", ("  unsure: resolve", "  unsure: maybe"), "screening.unsure: 'maybe' is not one of ['include', 'resolve']"),
    "config_doubled": ("config.yaml", ("status: draft\n", "status: draft\nstatus: release\n"), "status: the key stands here twice"),
    "config_tab": ("config.yaml", ("  unsure:", "\tunsure:"), "indent with blanks, not with tabs"),
    "config_conflict": ("config.yaml", ("status: draft\n", "<<<<<<< a\nstatus: draft\n=======\nstatus: release\n>>>>>>> b\n"), "'<<<<<<< a' is a mark of a merge conflict"),
    "config_column": ("config.yaml", ("key: town\n", "key: twon\n"), "extraction.sheets.towns.key: 'twon'; expected a column of towns: town, size, trees, people; did you mean town?"),
    "config_reading": ("config.yaml", ("key: town\n", "key: town\n      readings: [frist]\n"), "extraction.sheets.towns.readings: 'frist'; expected a reading: first, second; did you mean first?"),
    "config_reserved": ("config.yaml", ("    towns:\n", "    labels:\n"), "extraction.sheets.labels: the name of a table that the engine makes"),
    "config_kind": ("config.yaml", ("    kind: flow\n", "    kind: flows\n"), "figures.prisma_flow.kind: 'flows' is not one of"),
    "config_figure_key": ("config.yaml", ("    width_mm: 170\n", "    width_mm: 170\n    note: so\n"), "figures.prisma_flow.note: unknown key"),
    "config_width": ("config.yaml", ("width_mm: 170", "width_mm: 7"), "figures.prisma_flow.width_mm: 7 is less than the minimum of 60"),
    "config_file": ("config.yaml", ("review.md.j2", "reviev.md.j2"), "manuscript/reviev.md.j2: there is no such file"),
    "config_terms": ("config.yaml", ("labels.label_long]", "labels.lable]"), "manuscript.terms_from.1: there is no column 'lable'"),
    "config_family": ("config.yaml", ("figures:\n", "figures:\n  b: {kind: bars, caption: B., width_mm: 85, panels: [{family: towns_by_size, column: size, title: S}]}\n"), "figures.b.panels.0.family: there is no family 'towns_by_size'"),
    "config_table": ("config.yaml", ("tables:\n", "tables:\n  t: {kind: rows, caption: T., sheet: town, row: [town], columns: [{title: T, column: twon}]}\n"), "tables.t.sheet: there is no sheet 'town'; expected one of towns; did you mean towns?"),
    "numbers_table": ("manuscript/numbers.yaml", ("numbers:\n", "numbers:\n  x: {cuont: a, table: b, says: c}\n"), "manuscript/numbers.yaml:"),
}  # fmt: skip


@pytest.mark.parametrize("name", YAML)
def test_a_mistake_in_yaml_is_named_with_its_line(review, name):
    path, change, expected = YAML[name]
    if isinstance(change, tuple):
        old, put = change
        text = (review / path).read_text("utf-8")
        assert old in text
        change = text.replace(old, put, 1)
    write(review / path, change)

    found = said()

    assert any(expected in line for line in found), found
    assert all(line.startswith((path, "manuscript/reviev")) for line in found), found


@pytest.mark.parametrize(
    "change",
    [
        ("searched_on: 2024-05-01", "searched_on: '2024-05-01'"),
        ("kind: database", "kind: database\nlabel: no"),
        ("kind: database", "kind: database\nlabel: 12:30"),
        ("kind: database", "kind: database\nlabel: 2023-12-31"),
        ("kind: database", "kind: database\nlabel: on"),
        ("\n", "\r\n"),
    ],
)
def test_words_of_yaml_that_look_like_something_else_are_text(review, change):
    write(review / SEARCH_YAML, SEARCH.replace(*change))

    assert said() == []
