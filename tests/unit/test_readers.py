"""Every format gives the same records; nothing of a file is lost, doubled or merged."""

import csv
import html
import json
import re
from pathlib import Path

import export_files
import pytest
from export_files import ESEARCH, FILES, RECORDS, workbook
from reader_laws import FIELDS, fields_of, held, words_of
from retrace.readers import export, fields, latex, read_bytes, ris
from retrace.readers.reading import Reading

EXPECTED = [tuple(record.values()) for record in RECORDS]
DATA = Path(__file__).parents[1] / "data"
SHARED = Path(__file__).parents[2].parent / "shared/data"
ALL = {**FILES, "workbook": workbook}


@pytest.mark.parametrize("format", ALL)
def test_every_format_gives_the_same_records(format):
    reading = held(ALL[format]())

    assert fields_of(reading) == EXPECTED
    assert reading.format == format
    assert reading.counted == 10
    assert not reading.rejects
    assert not reading.warnings


@pytest.mark.parametrize("format", FILES)
def test_a_record_begins_at_its_byte(format):
    data = FILES[format]()
    reading = held(data)
    alone = FILES[format](RECORDS[4:5])

    start, end = reading.starts[4], reading.ends[4]

    assert fields_of(held(alone)) == EXPECTED[4:5]
    assert b'"vessels"' in re.sub(rb'[\\"]"', b'"', data[start:end])
    assert b"Annals of Doubt" not in data[start:end]


def test_what_a_reader_says_nothing_of_is_listed(monkeypatch):
    monkeypatch.setattr(ris, "read", lambda source: Reading(source, "ris"))

    reading = held(b"TY  - JOUR\n\nER  - \n", "ris")

    assert [reject.reason for reject in reading.rejects] == [
        "text outside any record: 'TY - JOUR ER -'"
    ]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-8-sig", "cp1252"])
def test_a_place_is_one_of_the_file_in_whatever_encoding_it_is(codec):
    text = FILES["ris"](export_files.LATIN).decode()

    reading = held(text.encode(codec))

    places = reading.place(reading.starts)
    assert len(places) == len(export_files.LATIN)
    unit = "TY  - ".encode(
        codec.removesuffix("-sig")
        .replace("utf-16", "utf-16-le")
        .replace("-le-le", "-le")
    )
    assert all(text.encode(codec)[place:].startswith(unit) for place in places)


def test_fields_without_a_column_are_kept():
    data = b'TY  - JOUR\nTI  - T\nKW  - a\nKW  - b "c"\nXX  - odd\nJF  - J\nJO  - j\nER  - \n'

    row = held(data).table().to_pylist()[0]

    assert json.loads(row["extra"]) == {"JO": "j", "KW": ["a", 'b "c"'], "XX": "odd"}


def test_a_tag_written_in_two_ways_is_one_field():
    data = b"PMID- 1\nTI  - T\nAU - Li A\nAU  - Li B\nOT - tea\nOT  - cup\n"

    row = held(data).table().to_pylist()[0]

    assert row["authors"] == "Li A; Li B"
    assert json.loads(row["extra"]) == {"OT": ["tea", "cup"]}


def test_a_carriage_return_alone_ends_a_line():
    data = FILES["nbib"](newline="\r").replace(b"MH  - Tea\r", b"MH  - Tea\r\n", 3)
    reading = held(data)

    assert fields_of(reading) == EXPECTED
    assert reading.counted == 10
    assert data[reading.place(reading.starts)[5] :].startswith(b"PMID- 30000006")


def test_joining_without_escapes_gives_what_json_gives():
    from retrace.readers.reading import as_json

    found = {"KW": ["a", "ß"], "XX": ["x"], "AB": ["\u2028"]}

    assert as_json(found, True) == as_json(found)
    assert json.loads(as_json({'"': ['\\"\t']})) == {'"': '\\"\t'}


def test_a_number_that_other_titles_share_is_no_accession():
    data = b"id,title,year\n1,One,2001\n1,Another,2002\n2,Third,2003\n"
    reading = read_bytes(data)

    table = export.records_of(reading, "a.csv", "s")

    assert table["accession"].to_pylist() == ["", "", "2"]
    assert json.loads(table["extra"][0].as_py()) == {"accession": "1"}
    assert "share accession numbers" in reading.warnings[0][1]


def test_a_record_exported_twice_keeps_its_number():
    data = b"id,title,year\n1,One,2001\n1,One,2001\n"

    table = export.records_of(read_bytes(data), "a.csv", "s")

    assert table["accession"].to_pylist() == ["1", "1"]


VENDORS = {
    "ovid.ris": ("ris", 2, "2020-11111-001", "Of cups and moods.", "Tassen, Ida; Kanne, Bo"),
    "ovid_tagged.txt": ("ovid", 3, "600000001", "Of cups and moods.", "Tassen I.; Kanne B."),
    "embase.ris": ("ris", 2, "L600000001", "Cups in the clinic", "Tassen I.; Kanne B."),
    "ebsco.ris": ("ris", 2, "170000001", "Of saucers.", "Tassen, Ida"),
    "cochrane.txt": ("cochrane", 2, "CN-00000001", "Tea against coffee: a trial", "Tassen I; Kanne B"),
    "cochrane.bib": ("bibtex", 2, "", "Interventions for cold tea", "Tassen, I; Kanne, B; Löffel, C"),
    "embase_blocks.csv": ("embase_blocks", 2, "L600000001", "Cups in the clinic", "Tassen I.; Kanne B."),
    "scopus.csv": ("csv", 2, "2-s2.0-80000000001", "A cup, measured", "Tassen I.; Kanne B."),
    "popharzing.csv": ("csv", 2, "", "Cups on the web", "I Tassen, B Kanne"),
    "springer.csv": ("csv", 2, "", "Steam above cups", "Ida Tassen; Bo Kanne; Rory McLöffel"),
    "excel_german.csv": ("csv", 2, "00123", "Tassen in Namibia", "Tassen I"),
    "eric.nbib": ("nbib", 2, "EJ1000001", "Cups at school", "Tassen, Ida"),
    "rayyan.ris": ("ris", 2, "", "Cups that were screened", "Tassen, Ida"),
    "wos.txt": ("wos", 2, "WOS:000000000000001", "A LONG TITLE ABOUT CUPS that is wrapped", "Tassen, Ida; Kanne, Bo"),
}  # fmt: skip


def test_each_format_is_told_from_an_example_and_read_by_a_module_of_readers():
    examples = [make() for make in ALL.values()] + [(DATA / name).read_bytes() for name in VENDORS] + [*ESEARCH.values()]  # fmt: skip
    told = {read_bytes(data).format for data in examples}
    modules = Path(export.__file__).parent.glob("*.py")
    reading = {path.stem for path in modules if "\ndef read(source: Source) -> Reading:" in path.read_text()}  # fmt: skip

    without_entry = reading - set(export.MODULES.values())
    assert without_entry == set(), "expected an entry in MODULES of export.py"
    without_example = set(export.MODULES) - told
    assert without_example == set(), (
        "expected a mark in detect.py, and a file in VENDORS"
    )


@pytest.mark.parametrize("name", VENDORS)
def test_the_dialect_of_each_vendor_is_read(name):
    format, number, accession, title, authors = VENDORS[name]

    reading = held((DATA / name).read_bytes())

    row = reading.table().to_pylist()[0]
    assert (reading.format, len(reading), len(reading.rejects)) == (format, number, 0)
    assert (row["accession"], row["title"], row["authors"]) == (
        accession,
        title,
        authors,
    )


def test_what_ovid_writes_behind_the_end_of_a_record_belongs_to_it():
    extra = held((DATA / "ovid.ris").read_bytes()).table().to_pylist()[0]["extra"]

    assert json.loads(extra)["NL"].startswith("J Cups")
    assert "2." not in json.loads(extra)["NL"]


def test_the_place_of_an_ovid_record_is_told_from_its_source():
    rows = held((DATA / "ovid_tagged.txt").read_bytes()).table().to_pylist()

    places = ("journal", "year", "volume", "issue", "pages")
    assert [tuple(row[name] for name in places) for row in rows] == [
        ("Cup Proceedings", "2018", "12", "Supplement 3", ""),
        ("Cup Ecology & Management", "2004", "20", "2-3", "32-33"),
        ("Acta de Lids", "2011", "43", "8", "647-653"),
    ]
    assert rows[1]["authors"] == "Kanne, Bo"


def test_the_columns_of_openalex_and_of_google_scholar_are_known():
    openalex = (
        "id,doi,title,publication_year,primary_location.source.display_name,biblio.volume,biblio.first_page,"
        "biblio.last_page,ids.pmid,authorships.author.display_name\n"
        "https://openalex.org/W1,https://doi.org/10.5555/cups.1,Cups,2020,Journal of Cups,4,12,19,"
        "https://pubmed.ncbi.nlm.nih.gov/30000001,Ida Tassen|Bo Kanne\n"
    )
    scholar = 'Authors,Title,Publication,Volume,Number,Pages,Year\n"Tassen, Ida; Kanne, Bo; ",Cups,Journal of Cups,4,2,12-19,2020\n'  # fmt: skip

    names = ("title", "authors", "journal", "volume", "pages", "pmid")
    told = [
        tuple(held(text.encode()).table().to_pylist()[0][name] for name in names)
        for text in (openalex, scholar)
    ]

    assert told == [
        ("Cups", "Ida Tassen; Bo Kanne", "Journal of Cups", "4", "12-19", "30000001"),
        ("Cups", "Tassen, Ida; Kanne, Bo", "Journal of Cups", "4", "12-19", ""),
    ]


def test_the_pmid_of_an_embase_record_is_in_a_field_of_its_own():
    data = (
        b"TY  - JOUR\nT1  - Cups\nDB  - Embase\nDB  - Medline\nC5  - 30000001\nER  - \n"
    )

    assert held(data).table().to_pylist()[0]["pmid"] == "30000001"


def test_the_place_of_an_embase_record_is_told_from_its_source():
    row = held((DATA / "embase_blocks.csv").read_bytes()).table().to_pylist()[0]

    assert (row["journal"], row["year"], row["volume"], row["issue"], row["pages"]) == (
        "Journal of Clinical Cups", "2019", "3", "4", "15-20",
    )  # fmt: skip


NO_EXPORTS = {
    "html": (b"<!DOCTYPE html><html><body>Session expired</body></html>", "HTML"),
    "gzip": (b"\x1f\x8b\x08\x00" + bytes(60), "gzip"),
    "json": (b'{"error": "quota"}', "JSON"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "zip": (b"PK\x03\x04" + bytes(60), "zip"),
    "empty": (b"", "empty"),
    "blank": (b"\xef\xbb\xbf \r\n\n", "empty"),
    "prose": (b"Dear colleague,\nplease find the records attached.\n", "no format"),
    "other xml": (b'<?xml version="1.0"?><feed><entry/></feed>', "XML"),
}


@pytest.mark.parametrize("kind", NO_EXPORTS)
def test_what_is_no_export_is_named_and_gives_no_record(kind):
    data, word = NO_EXPORTS[kind]

    reading = held(data)

    assert not len(reading)
    assert [word in reject.reason for reject in reading.rejects] == [True]


def test_a_broken_entry_costs_no_other_and_is_listed_with_its_byte():
    data = FILES["pubmed_xml"]()
    broken = data.replace(
        b"<ArticleTitle>Does it matter?</ArticleTitle>",
        b"<ArticleTitle>Does it matter?",
    )

    reading = held(broken)

    reject = reading.rejects[0]
    assert len(reading) == 9
    assert (reject.ordinal, broken[reject.start :].startswith(b"<PubmedArticle>")) == (
        4,
        True,
    )
    assert "not well-formed" in reject.reason


def test_text_between_records_is_listed():
    data = FILES["ris"]().replace(
        b"ER  - \n\n", b"ER  - \n\nSearch 3 of the night\n\n", 1
    )

    reading = held(data)

    assert fields_of(reading) == EXPECTED
    assert [
        (reject.ordinal, data[reject.start : reject.end]) for reject in reading.rejects
    ] == [(None, b"Search 3 of the night")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://doi.org/10.1000/abc.1", "10.1000/abc.1"),
        ("doi:10.1016/S0140-6736(20)30183-5.", "10.1016/S0140-6736(20)30183-5"),
        ("(10.1000/x)", "10.1000/x"),
        ("10.1097/MOL.0b013e3282ffaf82 [doi]", "10.1097/MOL.0b013e3282ffaf82"),
        ("http://x.y/?doi=10.1000%2fabc&partnerID=40", "10.1000/abc"),
        ("10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
         "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2"),
        ("no doi", ""), ("10.1", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_doi_is_found_in_every_wrapping(given, expected):
    assert fields.doi(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2020", "2020"),
        ("2024/08//", "2024"),
        ("1 Jan.-Feb. 2019", "2019"),
        ("20201", ""),
        ("n.d.", ""),
        ("٢٠٢٠", ""),
    ],
)
def test_a_year_is_found_in_a_date(given, expected):
    assert fields.year(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Smith J, Doe A B", "Smith J; Doe A B"),
        ("Smith, J., Doe, A.B.", "Smith, J.; Doe, A.B."),
        ("Smith, John", "Smith, John"),
        ("a; b;", "a; b"),
        ("World Health Organization, Geneva", "World Health Organization, Geneva"),
        ("Li W., Dou Z.", "Li W.; Dou Z."),
        ("", ""),
    ],
)
def test_names_are_parted_only_where_their_separator_is_certain(given, expected):
    assert fields.split_names(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (r'M{\"u}ller', "Müller"), (r"Jos\'{e}", "José"), (r"na{\"\i}ve", "naïve"), (r"\o re \aa", "øre å"),
        (r"95\% \& more", "95% & more"), (r"\{a\}", "{a}"), (r"{\ss}", "ß"), (r"{A} {TITLE}", "A TITLE"),
        (r"\c{c}a", "ça"), (r"$\alpha$-tocopherol", "α-tocopherol"), (r"\unknown{x}", r"\unknownx"), ("5\\$", "5$"),
    ],
)  # fmt: skip
def test_latex_becomes_text(given, expected):
    assert latex.texts(given) == expected


def shared_exports():
    manifest = SHARED / "MANIFEST.csv"
    if not manifest.is_file():
        return []
    with manifest.open(encoding="utf-8") as file:
        return [
            row for row in csv.DictReader(file) if row["path"].startswith("B_exports/")
        ]


# Its last entry has no %0 line, which is what the manifest counts.
TRUE_COUNTS = {"colrev__enl_data.enl": 3}


@pytest.mark.skipif(
    not shared_exports(), reason="the collection of real exports is not here"
)
@pytest.mark.parametrize(
    "row", shared_exports(), ids=lambda row: Path(row["path"]).name
)
def test_real_exports_are_read_whole(row):
    path = SHARED / row["path"]

    reading = held(path.read_bytes())

    assert len(reading) == TRUE_COUNTS.get(path.name, int(row["records"]))
    assert not reading.rejects
    assert all(any(values) for values in fields_of(reading))
    for start, end, values in zip(
        reading.starts, reading.ends, reading.table().to_pylist(), strict=True
    ):
        assert not _lost(reading, reading.source.data[start:end].decode(), values)


STRUCTURE = set(
    ["abstract", "author", "authors", "journal", "title", "year", "volume", "number", "pages", "issn", "isbn", "doi", "booktitle", "publisher", "art_number", "pubmed_id", "pmid", "article", "pmid", "series", "edition", "incollection", "inproceedings", "address", "editor", "note"]
)  # fmt: skip


def _lost(reading, raw, values):
    """Return the words of a record's bytes that are in none of its values."""
    if reading.format in ("pubmed_xml", "endnote_xml"):
        raw = html.unescape(re.sub(r"</?(i|b|sub|sup|u|style)\b[^>]*>", "", raw))
        raw = re.sub(r"<[^>]*>", " ", raw)
    if reading.format == "bibtex":
        raw = latex.texts(re.sub(r"^\s*@\w+", "", raw)).lower()
    extra = json.loads(values["extra"])
    text = " ".join(
        [*values.values(), values["extra"], *map(str, extra), *map(str, extra.values())]
    )
    if reading.format == "bibtex":
        text = text.lower()
        return (
            words_of(re.sub(r"[^\w]|_", " ", raw))
            - words_of(re.sub(r"[^\w]|_", " ", text))
            - STRUCTURE
            - _names(raw)
        )
    if "Item Title" in reading.source.data[:200].decode("utf-8", "replace"):
        text += values["authors"].replace(
            "; ", ""
        )  # Springer writes names without blanks
    return words_of(raw) - words_of(text) - {"PMID"}


def _names(raw):
    """Return the words of a BibTeX entry that are names of its fields."""
    return words_of(
        " ".join(re.findall(r"([\w-]+)\s*=", raw)).replace("-", " ").replace("_", " ")
    )


def test_every_field_of_the_records_is_a_column_of_the_table():
    assert set(FIELDS) < set(read_bytes(FILES["ris"]()).table().column_names)
