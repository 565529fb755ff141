"""Whether included records were retracted or corrected, and where they can be read, is asked for and tabulated."""

import copy
from pathlib import Path

import fake_services as fake
import pytest
from freezing import assert_no_secret, built, run
from retrace import cli, freeze, notices, readers, schemas, tables, yamlfile
from retrace.searches import rounds
from retrace.searches.wanted import NOTICES
from test_misbehaviour import PASSING

SERVICES = ("pubmed", "openalex", "crossref")
INCLUDED = [
    ("scopus:1", "10.5555/MOSS.3", ""),
    ("scopus:2", "10.5555/moss.4", "4"),
    ("scopus:3", "10.5555/moss.5", ""),
    ("scopus:4", "10.5555/absent", ""),
    ("scopus:5", "", "6"),
    ("scopus:6", "", ""),
]
TODAY = "2026-03-14"


def works():
    """Return records of which the third was retracted, the fourth corrected and the fifth is gold."""
    held = fake.records(25)
    held[2].notice, held[3].notice, held[4].access = "retracted", "corrected", "gold"
    return held


@pytest.fixture
def reviewed(fresh):
    """Return a new review whose last build includes some records."""
    built(fresh, INCLUDED)
    return fresh


@pytest.fixture
def services(freezer):
    return [freezer.service(name, records=works()) for name in SERVICES]


def tabulated(found=None):
    """Return what a build makes of the rounds that were frozen, by record."""
    asked = readers.read_all(NOTICES.glob("*/*/search.yaml"))
    frame = notices.tabulate(
        included=tables.empty(schemas.INCLUDED),
        settled=tables.read(schemas.SETTLED.path, schemas.SETTLED),
        reports=tables.empty(schemas.REPORTS),
        deduplicated=tables.read(schemas.DEDUPLICATED.path, schemas.DEDUPLICATED),
        duplicates=tables.read(schemas.DUPLICATES.path, schemas.DUPLICATES),
        found=found or notices.Answers(*map(tables.empty, (schemas.SEARCHES, schemas.FILES, schemas.RECORDS))),
        asked=notices.Answers(asked.searches, asked.files, asked.records),
    )  # fmt: skip
    tables.write(frame, "notices.csv", schemas.NOTICES)
    return {row["record_id"]: row for row in frame.to_dict("records")}


# --- asking about included records ---------------------------------------------------------------------


def test_services_are_asked_for_the_included_records_alone(reviewed, services, clock):
    code, said, told = run(included=True, services=services, clock=clock)

    assert (code, told) == (0, "")
    asked = {one.name: [request.parameters for request in one.asked] for one in services}  # fmt: skip
    dois = ["10.5555/absent", "10.5555/moss.3", "10.5555/moss.4", "10.5555/moss.5"]
    assert [one["filter"] for one in asked["crossref"]] == [",".join(f"doi:{doi}" for doi in dois)]  # fmt: skip
    assert [one["filter"] for one in asked["openalex"]] == ["doi:" + "|".join(dois)]
    assert asked["pubmed"][0]["term"] == '"10.5555/absent"[aid] OR "10.5555/moss.3"[aid] OR "10.5555/moss.5"[aid]'  # fmt: skip
    assert asked["pubmed"][1]["id"] == "4,6,5,3"
    assert said.count("1 included study is retracted: scopus:1") == 3
    assert said.count("1 included study is corrected: scopus:2") == 2
    assert "not known there: 1 of 6 included records, scopus:4" in said


def test_a_round_keeps_answers_and_questions_in_a_place_of_its_own(reviewed, services, clock):  # fmt: skip
    run(included=True, services=services, clock=clock)

    assert not list(rounds.HOME.glob("*/*"))
    assert {path.parent.name for path in NOTICES.glob(f"*/{TODAY}")} == set(SERVICES)
    described = yamlfile.load(NOTICES / f"pubmed/{TODAY}/search.yaml", rounds.SCHEMA)
    assert described["query_run"].split() == ["10.5555/absent", "10.5555/moss.3", "10.5555/moss.5", "4", "6"]  # fmt: skip
    assert (described["kind"], described["n_reported"]) == ("listed_records", 4)
    assert_no_secret(reviewed)


def test_what_services_say_is_a_row_for_each_included_record(reviewed, services, clock):
    run(included=True, services=services, clock=clock)

    of = tabulated()
    assert list(of) == [record for record, *_ in INCLUDED]
    retracted = of["scopus:1"]
    assert retracted["notice"] == "retracted"
    assert retracted["says"].split(" | ") == [
        f"retracted: Crossref {TODAY}, {fake.NOTICE} (retraction-watch)",
        f"retracted: OpenAlex {TODAY}, is_retracted",
        f"retracted: PubMed {TODAY}, J Moss. 2024;3:4",
    ]
    assert retracted["link"] == "https://doi.org/10.5555/MOSS.3"
    assert (retracted["open_access"], retracted["full_text"]) == ("closed", "")
    assert of["scopus:2"]["notice"] == "corrected"
    assert of["scopus:3"]["notice"] == "none"
    assert of["scopus:3"]["known_to"] == f"Crossref {TODAY}; OpenAlex {TODAY}; PubMed {TODAY}"  # fmt: skip
    assert (of["scopus:3"]["open_access"], of["scopus:3"]["full_text"]) == ("gold", "https://moss.example/5.pdf")  # fmt: skip
    absent = of["scopus:4"]
    assert (absent["notice"], absent["open_access"], absent["known_to"]) == ("not_known", "not_known", "")  # fmt: skip
    assert absent["not_known_to"] == f"Crossref {TODAY}; OpenAlex {TODAY}; PubMed {TODAY}"  # fmt: skip
    assert (of["scopus:5"]["known_to"], of["scopus:5"]["open_access"]) == (f"PubMed {TODAY}", "not_asked")  # fmt: skip
    assert (of["scopus:6"]["notice"], of["scopus:6"]["open_access"]) == ("not_asked", "not_asked")  # fmt: skip


def test_a_row_names_the_bytes_that_say_it(reviewed, services, clock):
    run("crossref", included=True, services=services[2:], clock=clock)

    row = tabulated()["scopus:1"]
    (answer,), (offset,) = tables.values(row["answers"]), tables.values(row["offsets"])
    path, _, position = answer.partition("#")
    assert path == f"data/raw/notices/crossref/{TODAY}/00001-records.json"
    assert position == "1"
    held = Path(path).read_bytes()[int(offset) :]
    assert held.startswith(b'{"updated-by": [{"DOI": "10.5555/notice"')


def test_the_latest_day_of_each_service_counts(reviewed, services, clock):
    run(included=True, services=services, clock=clock)
    clock.at += 90 * 86_400
    services[2].records = [one for one in works() if one.number != 5]
    services[2].records[2].notice = ""
    run("crossref", included=True, services=services[2:], clock=clock)

    of = tabulated()
    assert "Crossref" not in of["scopus:1"]["says"]
    assert f"Crossref 2026-06-12; OpenAlex {TODAY}" in of["scopus:1"]["known_to"]
    assert of["scopus:3"]["not_known_to"] == "Crossref 2026-06-12"
    assert of["scopus:3"]["known_to"] == f"OpenAlex {TODAY}; PubMed {TODAY}"


def test_a_record_that_was_included_later_was_not_asked_for(reviewed, services, clock):
    run(included=True, services=services, clock=clock)
    built(reviewed, [*INCLUDED, ("scopus:7", "10.5555/moss.9", "9")])

    assert tabulated()["scopus:7"]["notice"] == "not_asked"


def test_notices_in_frozen_searches_feed_the_same_table(fresh, freezer):
    built(fresh, [("pubmed:3", "10.5555/moss.3", "3"), ("openalex:W5", "10.5555/moss.5", "")], [("europepmc:MED_3", "pubmed:3")])  # fmt: skip
    for name in ("pubmed", "europepmc", "openalex"):
        freezer.freeze(freezer.service(name, records=works()))
    read = readers.read_all(rounds.HOME.glob("*/*/search.yaml"))

    of = tabulated(notices.Answers(read.searches, read.files, read.records))  # fmt: skip

    assert [one.partition(":")[2].split()[0] for one in of["pubmed:3"]["says"].split(" | ")] == ["Europe", "OpenAlex", "PubMed"]  # fmt: skip
    assert (of["openalex:W5"]["notice"], of["openalex:W5"]["open_access"]) == ("none", "gold")  # fmt: skip


def test_an_export_by_hand_is_nobodys_word(fresh, freezer):
    built(fresh, [("pubmed:3", "10.5555/moss.3", "3")])
    freezer.freeze(freezer.service("pubmed", records=works()))
    read = readers.read_all(rounds.HOME.glob("*/*/search.yaml"))
    read.searches["status"] = "exported"

    of = tabulated(notices.Answers(read.searches, read.files, read.records))  # fmt: skip

    assert of["pubmed:3"]["notice"] == "not_asked"


def test_a_service_that_knows_none_makes_a_round_of_nothing(fresh, services, clock):
    built(fresh, [("scopus:4", "10.5555/absent", "999")])

    code, said, told = run(included=True, services=services, clock=clock)

    assert (code, told) == (0, "")
    assert said.count("0 records reported") == 3
    assert tabulated()["scopus:4"]["notice"] == "not_known"


def test_more_records_than_one_request_may_name_are_asked_for_in_several(fresh, freezer, clock):  # fmt: skip
    service = freezer.service("crossref", 95)
    built(fresh, [(f"scopus:{number}", f"10.5555/moss.{number}", "") for number in range(1, 96)])  # fmt: skip

    run(included=True, services=[service], clock=clock)

    assert [one.parameters["filter"].count("doi:") for one in service.asked] == [40, 40, 15]  # fmt: skip
    assert {row["notice"] for row in tabulated().values()} == {"none"}


def test_a_doi_with_a_sign_that_separates_is_not_asked_for_and_named(fresh, freezer, clock):  # fmt: skip
    built(fresh, [("scopus:1", "10.5555/moss.3", ""), ("scopus:2", "10.5555/a,b|c", "")])  # fmt: skip
    service = freezer.service("crossref", 5)

    _, said, _ = run(included=True, services=[service], clock=clock)

    assert service.asked[0].parameters["filter"] == "doi:10.5555/moss.3"
    assert "not asked for, since a sign in it separates identifiers: 10.5555/a,b|c" in said  # fmt: skip
    assert tabulated()["scopus:2"]["notice"] == "not_asked"


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("name", SERVICES)
def test_what_passes_costs_no_record(reviewed, freezer, clock, name, fault):
    good = freezer.service(name, records=works())
    run(name, included=True, services=[good], clock=clock)
    whole = {row: said["says"] for row, said in tabulated().items()}
    for path in (NOTICES / name / TODAY).iterdir():
        path.unlink()
    (NOTICES / name / TODAY).rmdir()

    bad = freezer.service(name, records=works(), faults={1: PASSING[fault]})
    code, _, told = run(name, included=True, services=[bad], clock=clock)

    assert code == 0, told
    assert bad.good() == good.good()
    assert {row: said["says"] for row, said in tabulated().items()} == whole


def test_what_was_stopped_goes_on_and_fetches_nothing_twice(reviewed, freezer, clock):
    service = freezer.service("pubmed", records=works(), faults={2: fake.reply(418, b"teapot")})  # fmt: skip

    code, _, told = run("pubmed", included=True, services=[service], clock=clock)
    assert (code, "status 418: teapot" in told) == (1, True)
    assert not list(NOTICES.glob("pubmed/[!.]*"))
    code, _, told = run("pubmed", included=True, services=[service], clock=clock)

    assert code == 0
    assert "goes on where it was stopped" in told
    assert [one.path for one in service.asked] == ["/esearch.fcgi", "/efetch.fcgi", "/efetch.fcgi"]  # fmt: skip


def test_a_dry_run_says_what_would_be_asked_and_asks_nobody(reviewed, services, clock):
    code, said, _ = run(included=True, dry=True, services=services, clock=clock)

    assert code == 0
    assert f"crossref: Crossref, a new round data/raw/notices/crossref/{TODAY}" in said
    assert "filter: doi:10.5555/absent,doi:10.5555/moss.3" in said
    assert not any(one.asked for one in services)
    assert not NOTICES.exists()


def test_before_a_build_nothing_can_be_asked(fresh, capsys):
    assert cli.main(["freeze", "--included", "crossref", "-d", str(fresh)]) == 1
    assert "the last build includes no record that the service can be asked for" in capsys.readouterr().err  # fmt: skip


def test_a_service_that_cannot_be_asked_is_told(reviewed, capsys):
    assert cli.main(["freeze", "--included", "croSref", "-d", str(reviewed)]) == 1
    assert "did you mean crossref?" in capsys.readouterr().err
    assert list(SERVICES) == freeze.ABOUT_INCLUDED


# --- what an answer says ------------------------------------------------------------------------------


def said(folder, format):
    """Return what the records of a round's answers say, by record."""
    read = readers.read_all([folder / "search.yaml"])
    assert set(read.files["format"]) == {format}
    return {
        accession: notices.said(format, kind, extra).notices
        for accession, kind, extra in tables.rows(read.records, "accession", "type", "extra")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("RetractionIn", "retracted"),
        ("RetractedandRepublishedIn", "retracted"),
        ("ExpressionOfConcernIn", "expression_of_concern"),
        ("ErratumIn", "corrected"),
        ("CommentIn", ""),
        ("RetractionOf", ""),
    ],
)
def test_pubmed_names_what_happened_to_an_article_and_where(freezer, kind, what):
    def bend(body):
        return body.replace(b'RefType="RetractionIn"', f'RefType="{kind}"'.encode())

    frozen = freezer.freeze(freezer.service("pubmed", records=works()[:3], bend=bend))

    expected = [(what, "J Moss. 2024;3:4")] if what else []
    assert said(frozen.folder, "pubmed_xml") == {"1": [], "2": [], "3": expected}


def test_pubmed_calls_an_article_retracted_by_its_type(freezer):
    types = b"<PublicationTypeList><PublicationType>Retracted Publication</PublicationType></PublicationTypeList></Article>"  # fmt: skip
    service = freezer.service("pubmed", 2, bend=lambda body: body.replace(b"</Article>", types))  # fmt: skip

    found = said(freezer.freeze(service).folder, "pubmed_xml")

    assert found == {str(number): [("retracted", "Retracted Publication")] for number in (1, 2)}  # fmt: skip


@pytest.mark.parametrize("value", [False, None, "no"])
def test_what_was_not_retracted_is_not_named(freezer, value):
    def bend(content):
        return {**content, "results": [{**work, "is_retracted": value} for work in content["results"]]}  # fmt: skip

    frozen = freezer.freeze(freezer.service("openalex", 5, bend=bend))

    assert not any(said(frozen.folder, "openalex").values())


@pytest.mark.parametrize(
    ("updates", "expected"),
    [
        (None, []),
        ("retraction", []),
        ([None], []),
        ([{}], []),
        ([{"type": "new_version"}], []),
        ([{"type": 7}], []),
        ([{"type": "erratum", "DOI": "10.5555/e"}], [("corrected", "10.5555/e (source not named)")]),
        (
            [{"type": "removal", "source": "publisher"}, {"type": "expression_of_concern", "DOI": "10.5555/e", "source": "publisher"}],
            [("retracted", "(publisher)"), ("expression_of_concern", "(publisher)")],
        ),
    ],
)  # fmt: skip
def test_updates_of_crossref_are_read_as_far_as_they_can_be(freezer, updates, expected):
    def bend(content):
        content = copy.deepcopy(content)
        for work in content["message"]["items"]:
            work["updated-by"] = updates
        return content

    frozen = freezer.freeze(freezer.service("crossref", 1, bend=bend))

    assert said(frozen.folder, "crossref") == {"10.5555/moss.1": expected}


def test_what_has_no_notices_says_nothing():
    assert notices.said("scopus_api", "Retracted Publication", "{}") == notices.Said()
