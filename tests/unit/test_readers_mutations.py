"""What happens to exports on their way costs no record, or is listed with its place."""

import io
import re
import zipfile

import export_files
import pytest
import reader_mutations
from export_files import FILES, LATIN, RECORDS
from reader_laws import cut, fields_of, held

EXPECTED = [tuple(record.values()) for record in RECORDS]
CASES = [
    (format, name, mutate)
    for format in FILES
    for name, mutate in (
        reader_mutations.EVERY | reader_mutations.BY_FORMAT[format]
    ).items()
]


@pytest.mark.parametrize(
    ("format", "mutate"),
    [(format, mutate) for format, _, mutate in CASES],
    ids=[f"{format}: {name}" for format, name, _ in CASES],
)
def test_a_mutation_costs_no_record(format, mutate):
    reading = held(mutate(FILES[format]()))

    assert fields_of(reading) == EXPECTED
    assert not reading.n_rejected


@pytest.mark.parametrize("format", FILES)
@pytest.mark.parametrize("encoding", reader_mutations.ENCODED)
def test_an_old_encoding_is_told_from_the_bytes(format, encoding):
    data = reader_mutations.ENCODED[encoding](FILES[format](LATIN))

    assert fields_of(held(data)) == [tuple(record.values()) for record in LATIN]


def test_chinese_bytes_are_told_from_accents():
    record = dict(
        RECORDS[5], authors="田中, 太郎; 王, 小明", abstract="温度是八十度。" * 20
    )

    reading = held(FILES["ris"]([record] * 3).decode().encode("gb18030"))

    assert fields_of(reading)[0][0] == record["title"]
    assert reading.source.encoding == "gb18030"


@pytest.mark.parametrize("format", FILES)
def test_two_files_end_to_end_give_the_records_of_both(format):
    data = FILES[format]()

    assert fields_of(held(data + b"\n" + data)) == EXPECTED * 2


@pytest.mark.parametrize(
    ("format", "old", "new"),
    [
        ("ris", b"METHODS: We", b"METHODS:\nER\nWe"),
        ("wos", b"METHODS: We", b"METHODS:\n   ER\n   We"),
        ("enw", b"METHODS: We", b"METHODS:\n%of We"),
        ("nbib", b"BACKGROUND: Tea", b"BACKGROUND: TI  - Tea"),
        ("bibtex", b"METHODS: We looked at 40 cups.", b"METHODS:\n@article{x, We looked at 40 cups.}"),
        ("csv", b"Does it matter?", b'Does it 5" matter?'),
    ],
)  # fmt: skip
def test_marks_within_a_text_part_no_record(format, old, new):
    reading = held(FILES[format]().replace(old, new))

    assert [values[0] for values in fields_of(reading)][-9:] == [
        values[0].replace("Does it", 'Does it 5"' if format == "csv" else "Does it")
        for values in EXPECTED[1:]
    ]
    assert len(reading) == 10


def test_a_quote_that_is_never_closed_costs_its_own_row():
    data = b'title,year,journal\nA,2001,J\n"B,2002,J\nC,2003,"J, K"\nD,2004,J\n'

    reading = held(data)

    assert [values[0] for values in fields_of(reading)] == ["A", "C", "D"]
    assert [data[reject.start : reject.end] for reject in reading.rejects] == [
        b'"B,2002,J\n'
    ]


def test_a_row_with_a_cell_too_many_keeps_what_stands_where_it_should():
    data = b"Title,Year,DOI,References,EID\nA,2001,10.1/a,x,2-s2.0-1\n".replace(
        b"10.1/", b"10.1000/"
    )
    data += b"B,2002,10.1000/b,,x,2-s2.0-2\n"

    reading = held(data)

    second = reading.table().to_pylist()[1]
    assert (second["title"], second["year"], second["accession"]) == (
        "B",
        "2002",
        "2-s2.0-2",
    )
    assert "6 cells where the header has 5" in reading.warnings[0][1]


@pytest.mark.parametrize("format", FILES)
def test_a_file_cut_at_any_byte_is_read_up_to_the_cut(format):
    data = FILES[format]()
    whole = held(data)

    # Each cut is a prime's distance from the next; `make fuzz` takes every byte.
    for place in [*range(0, len(data), 61), *range(len(data) - 40, len(data))]:
        cut(data, place, whole)


def test_a_header_cut_short_is_no_record():
    assert held(b"Title,Autho").format == "none"


def rebuilt(parts):
    """Return the workbook of the records with some parts of it replaced or added."""
    source = zipfile.ZipFile(io.BytesIO(export_files.workbook()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in {**dict.fromkeys(source.namelist()), **parts}:
            old = source.read(name) if name in source.namelist() else b""
            change = parts.get(name)
            archive.writestr(name, change(old) if callable(change) else old)
    return out.getvalue()


MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = (
    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
)
LINK = (
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
)
SHARED_TEXT = {
    "[Content_Types].xml": lambda old: old.replace(
        b"</Types>",
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>'
        % OFFICE,
    ),
    "xl/_rels/workbook.xml.rels": lambda old: old.replace(
        b"</Relationships>",
        b'<Relationship Id="rId2" Type="%s" Target="sharedStrings.xml"/></Relationships>'
        % LINK,
    ),
    "xl/sharedStrings.xml": lambda old: (
        b"<sst %s><si><t>%s</t></si></sst>" % (MAIN, b"a" * (1 << 20))
    ),
    "xl/worksheets/sheet1.xml": lambda old: (
        b"<worksheet %s><sheetData>%s</sheetData></worksheet>"
        % (
            MAIN,
            b"".join(
                b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row)
                for row in range(1, 5000)
            ),
        )
    ),
}
"""A text of one megabyte that five thousand cells share: five gigabytes once it is read."""

SHEET = "xl/worksheets/sheet1.xml"
FAR = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
BOMBS = {
    "one long text in every cell": lambda: rebuilt(SHARED_TEXT),
    "a cell in the far corner": lambda: rebuilt({SHEET: lambda old: old.replace(b"</sheetData>", FAR)}),
    "cut short": lambda: export_files.workbook()[:4000],
    "a name for everything": lambda: rebuilt({SHEET: lambda old: LAUGHS + old.replace(b"Does it", b"&j;")}),
    "an old workbook that is none": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
}  # fmt: skip
LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (98 + step, (b"&%c;" % (97 + step)) * 10)
        for step in range(9)
    )
    + b"]>"
)


@pytest.mark.parametrize("kind", BOMBS)
def test_a_hostile_workbook_is_refused_within_bounds(kind):
    reading = held(BOMBS[kind]())

    assert not len(reading)
    assert len(reading.rejects) == 1


@pytest.mark.parametrize("format", ["pubmed_xml", "endnote_xml"])
def test_entities_are_never_unfolded(format):
    data = (
        FILES[format]()
        .replace(b"?>", b"?>" + LAUGHS, 1)
        .replace(b"Does it", b"&j; does it")
    )

    reading = held(data)

    assert len(reading) == 10
    assert fields_of(reading)[3][0] == "&j; does it matter?"


def test_a_file_named_by_an_entity_is_never_read(tmp_path):
    (tmp_path / "secret").write_text("a secret")
    head = f'?><!DOCTYPE l [<!ENTITY a SYSTEM "file://{tmp_path}/secret">]>'.encode()

    reading = held(
        FILES["endnote_xml"]().replace(b"?>", head, 1).replace(b"Does it", b"&a; it")
    )

    assert "secret" not in "".join(map(str, reading.table().to_pylist()))


def test_records_in_a_comment_are_listed():
    data = FILES["endnote_xml"]()
    fourth = re.findall(rb"<record>.*?</record>", data)[3]

    reading = held(data.replace(fourth, b"<!-- " + fourth + b" -->"))

    assert len(reading) == 9
    assert reading.rejects[0].reason == "records that are commented out"


ENDLESS = {
    "elements in elements": lambda: FILES["endnote_xml"]().replace(b"<rec-number>", b"<a>" * 50_000 + b"x" + b"</a>" * 50_000 + b"<rec-number>", 1),
    "braces in braces": lambda: b"@article{a, title={" + b"{" * 100_000 + b"x" + b"}" * 100_000 + b"}}",
    "open braces": lambda: b"@article{a, title={" + b"{" * 300_000,
    "quotes": lambda: b"title,year\n" + b'"' * 300_001,
    "rows that open a quote": lambda: b"title,year\n" + b'"a,2001\n' * 5_000,
    "comments that are not closed": lambda: b"<xml><records>" + b"<record><titles><!-- x<title>T</title></titles></record>" * 3_000,
    "entries that are not closed": lambda: b"@article{a, title={x\n" * 3_000,
    "blanks": lambda: b"TY  - JOUR\nTI  - " + b" " * 300_000 + b"x\n" + b"\n" * 100_000 + b"KW  - y\n",
    "line breaks behind an end": lambda: b"TY  - JOUR\nTI  - x\nER  - \nNL  - a" + b"\n" * 100_000 + b"z",
    "ends": lambda: b"TY  - JOUR\nTI  - x\n" + b"ER\nword\n" * 10_000 + b"ER  - \n",
    "authors": lambda: b"TY  - JOUR\nTI  - x\n" + b"AU  - A, B\n" * 50_000 + b"ER  - \n",
    "a field of two megabytes": lambda: b"TY  - JOUR\nTI  - x\nAB  - " + b"word " * 400_000 + b"\nER  - \n",
    "bytes of no encoding": lambda: b"TY  - JOUR\nTI  - " + b"\xff" * 500_000 + b"\nER  - \n",
    "zeros": lambda: bytes(1_000_000),
    "backslashes": lambda: b"@article{a, title={" + b"\\" * 300_001 + b"}}",
}  # fmt: skip


@pytest.mark.parametrize("kind", ENDLESS)
def test_nothing_without_end_takes_time_without_end(kind):
    # A reader that goes over such a file again and again would take hours; this one just ends.
    held(ENDLESS[kind]())
