"""`retrace dedup` on tables as people have them: whatever stands in a file, no row is lost in silence."""

import csv
import os

import pytest
from retrace import cli


@pytest.fixture
def dedup(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command on a file's content: exit code, rows written, what is said."""
    monkeypatch.chdir(tmp_path)

    def run(content, name="records.csv"):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        code = cli.main(["dedup", name, "-o", "clusters.csv", "--matches", "m.csv"])
        made = tmp_path / "clusters.csv"
        rows = list(csv.reader(made.open(newline="", encoding="utf-8"))) if made.is_file() else None  # fmt: skip
        return code, rows, capsys.readouterr().err

    return run


PAPER = "Copper intrauterine devices and bacterial vaginosis,Nilsson,1983,39,187-192\n"


@pytest.mark.parametrize(
    "header",
    ["id,title,authors,year,volume,pages", "id, title , authors, year,volume ,pages", "\ufeffid,title,authors,year,volume,pages"],
)  # fmt: skip
def test_columns_are_known_by_their_names_whatever_stands_about_these(dedup, header):
    assert dedup(f"{header}\n1,{PAPER}2,{PAPER}")[:2] == (0, [["id", "cluster"], ["1", "1"], ["2", "1"]])  # fmt: skip


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ("id\n1\n2\n", ["1", "2"]),
        ("id,note\n1,x\n2,x\n", ["1", "2"]),
        ("id,title\n", []),
        ("id,title\n1,x\n", ["1"]),
    ],
)
def test_every_row_is_in_a_cluster_though_there_is_little_to_compare(
    dedup, content, ids
):
    assert dedup(content)[:2] == (0, [["id", "cluster"], *([id, id] for id in ids)])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        ("title,doi\nx,y\n", "records.csv:1:id: the column is missing"),
        ("id;title\r\n1;x\r\n", "separated by semicolons; expected commas"),
        ("id,title\n,x\n2,y\n", "records.csv::id: a row has none"),
        ("id,title\n1,x\n1,y\n", "stand here twice: 1"),
        ('id,title\n1,"x\n2,y\n', "records.csv:2: not CSV: a quoted cell that begins in this row is never closed"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_records_is_named(dedup, content, said):
    code, rows, error = dedup(content)

    assert (code, rows) == (1, None)
    assert said in error


def test_a_file_that_is_no_parquet_is_named(dedup):
    code, _, error = dedup("id,title\n1,x\n", "records.parquet")

    assert code == 1
    assert "records.parquet: cannot be read as parquet" in error


@pytest.mark.parametrize(
    "arguments",
    [
        ["dedup", "records.csv", "-o", "records.csv"],
        ["dedup", "records.csv", "-o", "out.csv", "--matches", "./out.csv"],
        ["dedup", "records.csv", "-o", "link.csv"],
        ["dedup", "records.csv", "-o", "pipe"],
        ["dedup", "records.csv", "-o", ""],
        ["read", "export.ris", "-o", "export.ris"],
        ["read", "export.ris", "-o", "out.csv", "--rejects", "out.csv"],
        ["build", "--no-such-argument"],
        ["diff", "only_one"],
    ],
    ids=" ".join,
)
def test_a_wrong_use_is_refused_with_two_and_writes_over_nothing(
    tmp_path, monkeypatch, arguments
):
    monkeypatch.chdir(tmp_path)
    kept = {
        "records.csv": "id,title\n1,x\n",
        "export.ris": "TY  - JOUR\nTI  - x\nER  - \n",
        "config.yaml": "title: T\n",
    }
    for name, text in kept.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "link.csv").symlink_to("records.csv")
    os.mkfifo(tmp_path / "pipe")

    try:
        code = cli.main(arguments)
    except SystemExit as left:
        code = left.code

    assert code == 2
    assert {name: (tmp_path / name).read_text() for name in kept} == kept
    assert (tmp_path / "link.csv").is_symlink()
    assert not (tmp_path / "out.csv").exists()
