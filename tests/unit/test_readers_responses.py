"""Bodies of live sources: whatever a platform renames, retypes or breaks off is listed or told of."""

import json

import pytest
from export_files import ESEARCH, FILES, RECORDS
from reader_laws import fields_of, held
from retrace.readers import fields

EXPECTED = [tuple(record.values()) for record in RECORDS]
JSON = ["europe_pmc", "openalex", "crossref", "scopus_api"]
WITHIN = {"europe_pmc": "resultList", "openalex": "", "crossref": "message", "scopus_api": "search-results"}  # fmt: skip
LIST = {"europe_pmc": "result", "openalex": "results", "crossref": "items", "scopus_api": "entry"}  # fmt: skip
TITLE = {"europe_pmc": "title", "openalex": "title", "crossref": "title", "scopus_api": "dc:title"}  # fmt: skip


def lines(format):
    """Return a response as lines: its head, a record each, its tail."""
    return FILES[format]().split(b"\n")


def titles(reading):
    return [values[0] for values in fields_of(reading)]


@pytest.mark.parametrize("format", JSON)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Does it matter?", b'Does it" matter?'),
        (b'Does it matter?"', b"Does it matter?"),
        (b'{"', b'"'),
        (b"}", b""),
        (b"}", b"}}"),
        (b"]", b""),
        (b"]", b"]]"),
        (b":", b""),
    ],
)
def test_a_broken_record_costs_no_other_and_is_listed_with_its_byte(format, old, new):
    parts = lines(format)
    parts[4] = parts[4].replace(old, new, 1)
    data = b"\n".join(parts)

    reading = held(data)

    places = [reject.start for reject in reading.rejects]
    begin = len(b"\n".join(parts[:4])) + 1
    others = EXPECTED[:3] + EXPECTED[4:]
    assert [values for values in fields_of(reading) if values in others] == others
    assert any(begin <= place < begin + len(parts[4]) for place in places)


@pytest.mark.parametrize("format", JSON)
def test_a_list_under_another_name_is_no_empty_list(format):
    name = LIST[format].encode()

    reading = held(FILES[format]().replace(b'"%s": [' % name, b'"hits": ['))

    assert not len(reading)
    assert "list of records" in reading.rejects[0].reason


@pytest.mark.parametrize("format", JSON)
@pytest.mark.parametrize("other", [None, "none", 0, [["a"]]])
def test_a_list_of_another_type_gives_a_reject(format, other):
    body = json.loads(FILES[format]())
    (body[WITHIN[format]] if WITHIN[format] else body)[LIST[format]] = other

    reading = held(json.dumps(body).encode())

    assert not len(reading)
    assert reading.rejects


@pytest.mark.parametrize("format", JSON)
def test_an_empty_list_is_no_reject(format):
    parts = lines(format)

    reading = held(parts[0] + parts[-2] + b"\n")

    assert reading.format == format
    assert not len(reading)
    assert not reading.rejects


@pytest.mark.parametrize("format", JSON)
def test_a_list_of_one_may_be_that_one(format):
    parts = lines(format)

    reading = held(parts[0].rstrip(b"[") + parts[4].rstrip(b",") + parts[-2].lstrip(b"]"))  # fmt: skip

    assert fields_of(reading) == EXPECTED[3:4]


@pytest.mark.parametrize("format", JSON)
def test_a_field_of_another_type_is_told_of_and_kept(format):
    name = TITLE[format]
    parts = lines(format)
    parts[1] = parts[1].replace(b'"%s": ' % name.encode(), b'"%s": {"text": "Does it?"}, "old": ' % name.encode(), 1)  # fmt: skip

    reading = held(b"\n".join(parts))

    row = reading.table().to_pylist()[0]
    # OpenAlex gives a title twice.
    assert row["title"] == (EXPECTED[0][0] if format == "openalex" else "")
    assert json.loads(row["extra"])[f"{name}/text"] == "Does it?"
    assert f"{name} is no text here" in [says for _, says in reading.warnings]


@pytest.mark.parametrize("format", JSON)
def test_a_field_that_no_record_has_any_more_is_told_of(format):
    name = TITLE[format].encode()
    data = FILES[format]().replace(b'"%s": ' % name, b'"name": ')
    data = data.replace(b'"display_name": ', b'"name": ')

    reading = held(data)

    assert "no record of this file has a title" in " ".join(says for _, says in reading.warnings)  # fmt: skip


@pytest.mark.parametrize("format", JSON)
def test_a_doubled_key_is_told_of(format):
    parts = lines(format)
    parts[4] = parts[4].replace(b'{"', b'{"twice": 1, "twice": 2, "', 1)

    reading = held(b"\n".join(parts))

    assert fields_of(reading) == EXPECTED
    assert "stands twice" in " ".join(says for _, says in reading.warnings)


@pytest.mark.parametrize("format", JSON)
def test_halves_of_characters_and_controls_reach_no_table(format):
    data = FILES[format]().replace(b"Does it matter?", b"Does\\ud800 it\\u0007 matter?")

    assert "Does\ufffd it matter?" in [" ".join(title.split()) for title in titles(held(data))]  # fmt: skip


@pytest.mark.parametrize("format", JSON)
@pytest.mark.parametrize("bracket", [b"[]", b"{}"])
def test_a_record_nested_without_end_costs_no_other(format, bracket):
    parts = lines(format)
    if bracket == b"[]":
        deep = b"[" * 100_000 + b"]" * 100_000
    else:
        deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    parts[4] = parts[4].replace(b'{"', b'{"deep": ' + deep + b', "', 1)

    reading = held(b"\n".join(parts))

    assert fields_of(reading) == EXPECTED[:3] + EXPECTED[4:]
    assert "deep" in reading.rejects[0].reason


@pytest.mark.parametrize("format", JSON)
@pytest.mark.parametrize("text", [b"{", b"[", b'{"', b'{"id":"https://openalex.org/W1","x":', b"}", b'"', b'\\"', b'"a":'])  # fmt: skip
def test_no_response_takes_time_without_end(format, text):
    parts = lines(format)

    held(b"\n".join([*parts[:3], text * 30_000, *parts[3:]]))


@pytest.mark.parametrize("format", JSON)
def test_what_surrounds_the_records_is_listed_where_it_is_broken(format):
    data = FILES[format]()

    assert held(data.replace(b": ", b": oops ", 1)).rejects
    assert held(data + b"<html>busy</html>").rejects
    assert fields_of(held(data + b"<html>busy</html>")) == EXPECTED


def test_an_empty_result_of_scopus_is_a_reject_that_says_so():
    body = {"search-results": {"opensearch:totalResults": "0", "entry": [{"@_fa": "true", "error": "Result set was empty"}]}}  # fmt: skip

    reading = held(json.dumps(body).encode())

    assert (len(reading), reading.n_rejected) == (0, 1)
    assert "Result set was empty" in reading.rejects[0].reason


def test_the_standard_view_of_scopus_names_the_first_author():
    entry = {"@_fa": "true", "eid": "2-s2.0-1", "dc:title": "H<inf>2</inf>O &amp; tea", "dc:creator": "Okafor A."}  # fmt: skip
    body = {"search-results": {"entry": [{**entry, "link": []}]}}

    row = held(json.dumps(body).encode()).table().to_pylist()[0]

    assert (row["accession"], row["title"], row["authors"]) == ("2-s2.0-1", "H2O & tea", "Okafor A.")  # fmt: skip


@pytest.mark.parametrize(
    ("index", "text", "is_told"),
    [
        ({"red": [0, 2], "fox": [1]}, "red fox red", False),
        ({"fox": [7], "red": [3]}, "red fox", True),
        ({"fox": [0], "red": [0]}, "fox red", True),
        ({"fox": [10**30], "red": [0]}, "red", True),
        ({"fox": "0"}, "fox", False),
        ({"fox": {"a": 0}}, "", True),
        (["red", "fox"], "", True),
        ("red fox", "", True),
        (None, "", False),
        ({}, "", False),
    ],
)
def test_an_index_of_words_becomes_text(index, text, is_told):
    work = {"id": "https://openalex.org/W1", "title": "T", "publication_year": 2001, "abstract_inverted_index": index}  # fmt: skip
    body = {"meta": {}, "results": [work]}

    reading = held(json.dumps(body).encode())

    assert reading.table().to_pylist()[0]["abstract"] == text
    assert bool(reading.warnings) == is_told


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("<h4>Background</h4>Tea.<h4>Methods: </h4><p>Cups</p>", "Background: Tea. Methods: Cups"),
        ("<jats:sec><jats:title>Aim</jats:title><jats:p>a <jats:italic>b</jats:italic></jats:p></jats:sec>", "Aim: a b"),
        ("<jats:title>Abstract</jats:title><jats:p>Tea</jats:p>", "Tea"),
        ("p < 0.05 and q > 2 <in vitro>", "p < 0.05 and q > 2 <in vitro>"),
        ("p &lt; 0.05 &amp; AT&T &copy", "p < 0.05 & AT&T &copy"),
        ('<mml:math xmlns:mml="x"><mml:mi>x</mml:mi></mml:math>', "x"),
        ("CO<sub>2</sub>", "CO2"),
    ],
)  # fmt: skip
def test_tags_become_text(given, expected):
    assert fields.without_tags(given) == expected


@pytest.mark.parametrize("kind", ESEARCH)
def test_a_list_of_ids_holds_no_records_and_no_reject(kind):
    reading = held(ESEARCH[kind])

    assert (reading.format, len(reading), reading.rejects) == ("esearch", 0, [])


@pytest.mark.parametrize("kind", ESEARCH)
def test_a_search_that_failed_or_was_cut_short_is_listed(kind):
    data = ESEARCH[kind]
    failed = data.replace(b"<IdList>", b"<ERROR>Quota</ERROR><IdList>").replace(b'{"count"', b'{"ERROR":"Quota","count"')  # fmt: skip

    assert "Quota" in held(failed).rejects[0].reason
    assert all(held(data[:place]).rejects for place in range(len(data.rstrip())))


def test_errors_of_services_are_no_records():
    for body in (
        {"service-error": {"status": {"statusCode": "QUOTA_EXCEEDED", "statusText": "Quota Exceeded"}}},
        {"errCode": 404, "errMsg": "no"},
        {"status": "failed", "message-type": "validation-failure", "message": [{"type": "cursor"}]},
        {"error": "Invalid query", "message": "x"},
    ):  # fmt: skip
        reading = held(json.dumps(body).encode())

        assert not len(reading)
        assert reading.rejects
