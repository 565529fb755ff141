"""A search's files become records, and a build refuses what does not fit its search.yaml."""

import csv
import os
from pathlib import Path

import export_files
import pytest
from retrace import cli, readers
from retrace.errors import TableError
from retrace.readers import searches

SEARCH = "source: scopus\nkind: database\nstatus: exported\nsearched_on: '2024-05-31'\n"


@pytest.fixture
def search(tmp_path, monkeypatch):
    """Return the folder of one round of a search; the review's folder is the current one."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data/raw/searches/scopus/2024-05-31"
    folder.mkdir(parents=True)
    return folder


def read(folder, text=SEARCH, **files):
    (folder / "search.yaml").write_text(text)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return readers.read_all([folder.relative_to(folder.parents[4]) / "search.yaml"])


def test_the_files_of_a_search_are_one_table(search):
    found = read(search, b_ris=export_files.ris(), a_csv=export_files.delimited())

    assert len(found.records) == 20
    assert (
        found.records["row_id"].iloc[0] == "data/raw/searches/scopus/2024-05-31/a_csv#1"
    )
    assert found.records["row_id"].is_unique
    assert found.searches["n_read"].tolist() == [20]
    assert found.files[["format", "n_records", "n_counted"]].values.tolist() == [
        ["csv", 10, 10],
        ["ris", 10, 10],
    ]


def test_a_count_that_differs_from_the_reported_one_stops_the_build(search):
    with pytest.raises(TableError) as stopped:
        read(search, SEARCH + "n_reported: 12\n", a=export_files.ris())

    problem = stopped.value.problems[0]
    assert (problem.column, problem.what) == (
        "n_reported",
        "12 reported, but 10 records read",
    )


def test_a_count_that_differs_may_be_explained(search):
    text = SEARCH + "n_reported: 12\nn_read_why: two were withdrawn before the export\n"

    assert len(read(search, text, a=export_files.ris()).records) == 10


def test_a_file_that_is_no_export_stops_the_build(search):
    with pytest.raises(TableError) as stopped:
        read(search, a=export_files.ris(), b=b"<!DOCTYPE html><html>Log in</html>")

    assert "HTML page" in stopped.value.problems[0].what
    assert stopped.value.problems[0].file.endswith("/b")


def test_an_empty_export_is_right_where_nothing_was_found(search):
    assert not len(read(search, SEARCH + "n_reported: 0\n", a=b"").records)
    with pytest.raises(TableError):
        read(search, SEARCH, a=b"")


def test_what_cannot_be_read_is_a_reject_while_the_others_load(search):
    data = export_files.pubmed_xml().replace(b"Does it matter?<", b"Does it matter?")

    found = read(search, a=data)

    assert len(found.records) == 9
    assert found.rejects[["ordinal"]].values.tolist() == [[4]]
    assert data[found.rejects["byte_offset"].iloc[0] :].startswith(b"<PubmedArticle>")


def test_files_read_side_by_side_give_the_same_table(search, monkeypatch):
    files = {
        f"f{number}": write()
        for number, write in enumerate(export_files.FILES.values())
    }
    alone = read(search, **files)
    monkeypatch.setattr(searches, "SIDE_BY_SIDE_FROM", 0)

    together = readers.read_all([search / "search.yaml"], processes=3)

    columns = ["title", "authors", "raw_position", "raw_offset", "extra"]
    assert together.records[columns].equals(alone.records[columns])


def test_a_review_of_small_exports_is_read_by_one_job(search):
    read(search, a=export_files.ris(), b=export_files.nbib())

    assert readers.parts([search / "search.yaml"]) == {}


def test_files_read_by_several_jobs_give_the_same_tables(search, tmp_path, monkeypatch):
    monkeypatch.setattr(searches, "PART", 2500)
    found = [search / "search.yaml"]
    for number, (source, cut) in enumerate([("apart", 1200), ("a-part", 2000)]):
        folder = tmp_path / f"data/raw/searches/{source}/2024-05-31"
        folder.mkdir(parents=True)
        text = SEARCH.replace("scopus", source)
        (folder / "search.yaml").write_text(text)
        for name, write in [*export_files.FILES.items()][number::2]:
            (folder / name).write_bytes(write()[:cut])
        found.append(folder / "search.yaml")
    read(search, b=export_files.ris(), a=export_files.bibtex(), c=b"junk,title,year")
    found = [path.relative_to(tmp_path) for path in found]
    alone = readers.read_all(found)

    parts = readers.parts(found)
    for part, files in parts.items():
        paths = [tmp_path / "parts" / part / name for name in readers.PART_TABLES]
        readers.write_part(readers.read_part(files), paths)
    together = readers.read_all(
        found, parts=sorted(map(str, (tmp_path / "parts").rglob("*.*")))
    )

    shared = [file for files in parts.values() for file in files]
    assert len(parts) > 3
    assert shared == alone.files["raw_file"].tolist()
    assert len(alone.rejects) and len(alone.warnings)
    assert written(together, tmp_path / "together") == written(
        alone, tmp_path / "alone"
    )


def written(read, folder):
    """Return the bytes of every table of what was read."""
    readers.write_part(read, [folder / name for name in readers.PART_TABLES])
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_record_id_comes_from_content_and_never_from_place(search):
    first = read(search, a=export_files.ris()).records
    (search / "a").unlink()
    turned = read(
        search, b=export_files.nbib(), c=export_files.ris(export_files.RECORDS[::-1])
    )

    assert set(first["record_id"]) < set(turned.records["record_id"])


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_command_reads_any_files_into_one_table(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my export.txt").write_bytes(export_files.wos())
    (tmp_path / "cut.xml").write_bytes(export_files.endnote_xml()[:3000])

    code = cli.main(
        [
            "read",
            "my export.txt",
            "cut.xml",
            "-o",
            "records.csv",
            "--rejects",
            "rejects.csv",
        ]
    )

    rows = table("records.csv")
    said = capsys.readouterr().out.splitlines()
    assert code == 0
    assert list(rows[0])[:14] == (
        [
            "id",
            "record_id",
            "title",
            "authors",
            "year",
            "journal",
            "volume",
            "issue",
            "pages",
            "doi",
            "pmid",
            "abstract",
            "source",
            "type",
        ]
    )
    assert len({row["id"] for row in rows}) == len(rows)
    assert rows[0]["record_id"] == "my_export:WOS_000000000000001"
    assert said[0] == "my export.txt: wos, utf-8, 10 records, 0 rejects, 10 counted"
    assert [row["raw_file"] for row in table("rejects.csv")] == ["cut.xml"]


def test_the_command_takes_another_word_for_the_format(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_bytes(b"AU  - Tassen, Ida\nTI  - A title\n")

    assert cli.main(["read", "a", "--format", "nbib", "-o", "out.csv"]) == 0
    with pytest.raises(SystemExit, match="2"):
        cli.main(["read", "a", "--format", "docx", "-o", "out.csv"])
    assert "choose from" in capsys.readouterr().err
    assert cli.main(["read", "missing", "-o", "out.csv"]) == 1
    assert cli.main(["read", "a", "a", "-o", "out.csv"]) == 1


def test_a_file_whose_name_no_table_can_hold_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(b"a\xff.ris")
    Path(name).write_bytes(b"TY  - JOUR\nTI  - A title\nER  - \n")

    assert cli.main(["read", name, "-o", "out.csv"]) == 1
    assert "stands in the name of this file" in capsys.readouterr().err
    assert not Path("out.csv").exists()


def test_the_command_reads_in_the_folder_it_is_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "review").mkdir()
    (tmp_path / "review/a").write_bytes(b"AU  - Tassen, Ida\nTI  - A title\n")

    assert cli.main(["read", "-d", "review", "a", "--format", "nbib", "-o", "out.csv"]) == 0  # fmt: skip
    assert (tmp_path / "review/out.csv").is_file()


def test_text_that_looks_like_a_formula_or_a_missing_value_stays_as_it_is(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_bytes(
        b'title,year,id\n"=1+1, ""x""",2001,00123\nNA,2002,NA\n'
    )

    cli.main(["read", "a.csv", "-o", "out.csv"])

    assert [(row["title"], row["accession"]) for row in table("out.csv")] == [
        ('=1+1, "x"', "00123"),
        ("NA", "NA"),
    ]
