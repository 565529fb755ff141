"""Tables say what is wrong with a file in the words of the file."""

import pytest
from retrace import schemas, tables
from retrace.errors import TableError

HEADER = "record_id,stage,decision,reason,decided_on,note\n"


def decisions(tmp_path, text, header=HEADER):
    path = tmp_path / "d.csv"
    path.write_text(header + text, encoding="utf-8")
    return path


def problems(path, schema=schemas.DECISIONS):
    with pytest.raises(TableError) as error:
        tables.read(path, schema)
    return [str(problem) for problem in error.value.problems]


def test_na_and_leading_zeros_stay_text(tmp_path):
    path = decisions(tmp_path, "NA,full_text,include,,,\n00123,full_text,include,,,\n")

    assert list(tables.read(path, schemas.DECISIONS)["record_id"]) == ["NA", "00123"]


def test_a_row_that_the_schema_does_not_know_is_no_row_of_the_table():
    with pytest.raises(ValueError, match="warnings has no column shade"):
        tables.frame([{"code": "a", "shade": "b"}], schemas.WARNINGS)
    with pytest.raises(ValueError, match="warnings: a row of 2 cells, 3 columns"):
        tables.frame([("a", "b")], schemas.WARNINGS)


def test_every_bad_cell_is_named_by_row_and_column(tmp_path):
    path = decisions(
        tmp_path, "a,full_text,maybe,,,\nb,fulltext,include,,31.12.2023,\n"
    )

    found = problems(path)

    assert [line.split(": ")[0] for line in found] == [
        f"{path}:3:stage",
        f"{path}:2:decision",
        f"{path}:3:decided_on",
    ]


def test_a_row_is_the_line_of_the_file_even_after_a_cell_of_several_lines(tmp_path):
    path = decisions(
        tmp_path, 'a,full_text,include,,,"two\nlines"\nb,full_text,maybe,,,\n'
    )

    assert problems(path)[0].startswith(f"{path}:4:decision: 'maybe'")


def test_a_second_row_for_one_key_is_refused(tmp_path):
    path = decisions(tmp_path, "a,full_text,include,,,\na,full_text,include,,,\n")

    assert "'a full_text' stands here a second time" in problems(path)[0]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("record_id,stage,decision,decided_on,note\n", "reason: the column is missing"),
        (HEADER.replace("note", "note,extra"), "extra: unknown column"),
        (HEADER.replace("note", "note,note"), "note: the column stands here twice"),
    ],
)
def test_a_wrong_header_is_named_by_column(tmp_path, header, said):
    assert any(said in line for line in problems(decisions(tmp_path, "", header)))


def test_a_row_with_another_number_of_cells_is_named(tmp_path):
    assert ":2: 3 cells" in problems(decisions(tmp_path, "a,full_text,include\n"))[0]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    path = tmp_path / "d.csv"
    path.write_bytes(b"\xef\xbb\xbf" + (HEADER + "a,full_text,include,,,\n").encode())

    assert list(tables.read(path, schemas.DECISIONS)["record_id"]) == ["a"]


def test_a_byte_that_is_no_utf8_is_named_by_its_line(tmp_path):
    path = tmp_path / "d.csv"
    path.write_bytes(
        HEADER.encode()
        + b"a,full_text,include,,,\n"
        + b"b,full_text,include,,,caf\xe9\n"
    )

    assert ":3: byte" in problems(path)[0]


def test_a_blank_missing_between_two_values_is_no_separator(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(
        ",".join(schemas.RAW_CLAIMS.names) + "\nx,p,s,1,equals,n,a; ,table,\n"
    )

    assert ":2:alternatives: 'a; '" in problems(path, schemas.RAW_CLAIMS)[0]


def test_what_was_written_reads_back_the_same(tmp_path):
    rows = [
        ("new_studies", "", "study", "x, y"),
        ("new_studies", "r", "study", 'quoted "z"'),
    ]
    written = tables.frame(rows, schemas.FLOW_MEMBERS)

    tables.write(written, tmp_path / "m.csv", schemas.FLOW_MEMBERS)

    assert tables.read(tmp_path / "m.csv", schemas.FLOW_MEMBERS).equals(written)


def test_an_output_that_breaks_its_schema_is_not_written(tmp_path):
    frame = tables.frame([("new_studies", "", "planet", "x")], schemas.FLOW_MEMBERS)

    with pytest.raises(TableError, match="planet"):
        tables.write(frame, tmp_path / "m.csv", schemas.FLOW_MEMBERS)

    assert not (tmp_path / "m.csv").exists()


def test_missing_whole_numbers_stay_empty(tmp_path):
    frame = tables.frame(
        [{"data": "duplicates", "kind": "not_published"}], schemas.PRISMA
    )

    tables.write(frame, tmp_path / "p.csv", schemas.PRISMA)

    assert (tmp_path / "p.csv").read_text().splitlines()[
        1
    ] == "duplicates,,,,,,,,not_published"
