"""The command: from config.yaml to rounds that a build counts, and what changed since the last one."""

import re

import fake_services as fake
import pytest
from freezing import NAMES, QUERY, assert_no_secret, built, configure, run
from retrace import check, cli, yamlfile
from retrace.errors import ReviewError
from retrace.searches import rounds

PLATFORMS = {"pubmed": "PubMed", "europepmc": "Europe PMC", "openalex": "OpenAlex", "crossref": "Crossref", "scopus": "Scopus"}  # fmt: skip


def every(**more):
    return {name: f"{{platform: {platform}, query: '{QUERY}'}}" for name, platform in PLATFORMS.items()} | more  # fmt: skip


def test_all_searches_are_frozen_and_counted(fresh, freezer, clock):
    configure(fresh, **every())
    services = [freezer.service(name) for name in NAMES]

    code, said, told = run(services=services, clock=clock)

    assert (code, told) == (0, "")
    for name in NAMES:
        assert f"{name}: 25 records reported, 25 fetched, 25 different; frozen in data/raw/searches/{name}/2026-03-14" in said  # fmt: skip
        described = yamlfile.load(rounds.HOME / name / "2026-03-14/search.yaml", rounds.SCHEMA)  # fmt: skip
        assert (described["platform"], described["kind"]) == (PLATFORMS[name], "database")  # fmt: skip
    assert check.problems() == []
    assert_no_secret(fresh, said, told)


def test_a_dry_run_says_what_would_be_asked_and_asks_nobody(fresh, freezer, clock):
    configure(fresh, **every())
    services = [freezer.service(name) for name in NAMES]

    code, said, _ = run(services=services, clock=clock, dry=True)

    assert code == 0
    assert said.count(QUERY) == len(NAMES)
    for service in services:
        assert service.url in said
        assert not service.asked
    assert "https://www.ncbi.nlm.nih.gov/books/NBK25499/" in said
    assert "key: ELSEVIER_API_KEY, needed" in said
    assert not any(rounds.HOME.glob("*/*"))
    assert_no_secret(fresh / "data", said)


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_says_exactly_what_a_freeze_asks_first(fresh, freezer, clock, name):
    configure(fresh, **{name: every()[name]})
    service = freezer.service(name, small=False)

    _, dry, _ = run(services=[service], clock=clock, dry=True)
    run(services=[service], clock=clock)

    first = service.asked[0]
    assert f"  asks {service.url}{first.path} ({first.method})\n" in dry
    sent = {key: value for key, value in first.parameters.items() if key not in ("api_key", "email")}  # fmt: skip
    assert dry.partition("  asks ")[2].splitlines()[1 : 1 + len(sent)] == [f"  {key}: {value}" for key, value in sent.items()]  # fmt: skip


def test_a_dry_run_refuses_what_a_freeze_refuses(fresh, clock):
    configure(fresh, europepmc=f"{{platform: Europe PMC, query: '{QUERY}', dates: {{from: '2010'}}}}")  # fmt: skip

    dry, wet = (run(clock=clock, dry=is_dry) for is_dry in (True, False))

    assert dry == wet
    assert dry[0] == 1
    assert "the service takes dates within the query only" in dry[2]


def test_concepts_are_asked_in_the_language_of_each_platform(fresh, freezer, clock):
    configure(fresh, **{name: f"{{platform: {PLATFORMS[name]}, from: concepts, dates: {{from: '2010'}}}}" for name in NAMES})  # fmt: skip
    with (fresh / "config.yaml").open("a") as file:
        file.write("concepts:\n  what: {terms: [moss, street trees]}\n  where: {terms: [walls]}\n")  # fmt: skip
    services = {name: freezer.service(name) for name in NAMES}

    code, _, told = run(services=services.values(), clock=clock)

    assert (code, told) == (0, "")
    sent = {name: service.asked[0].parameters for name, service in services.items()}
    assert sent["pubmed"]["term"].startswith('(moss[tiab] OR "street trees"[tiab])')
    assert "mindate" not in sent["pubmed"], "the string says it"
    assert "FIRST_PDATE:[2010-01-01 TO" in sent["europepmc"]["query"]
    assert sent["openalex"]["filter"].endswith(",from_publication_date:2010-01-01")
    assert sent["crossref"]["filter"] == "from-pub-date:2010"
    assert "PUBYEAR > 2009" in sent["scopus"]["query"]
    described = yamlfile.load(rounds.HOME / "crossref/2026-03-14/search.yaml")
    assert any("knows no AND" in note for note in described["frozen"]["notes"])
    assert described["limits"] == "published from 2010"


def test_one_that_fails_does_not_keep_the_others(fresh, freezer, clock):
    configure(fresh, **every())
    services = [freezer.service(name, faults={1: fake.reply(401, b"no")} if name == "openalex" else {}) for name in NAMES]  # fmt: skip

    code, said, told = run(services=services, clock=clock)

    assert code == 1
    assert said.count("frozen in") == len(NAMES) - 1
    assert "openalex at http://127.0.0.1" in told and "status 401: no" in told


def test_a_second_round_says_what_came_went_and_changed(fresh, freezer, clock):
    configure(fresh, pubmed=f"{{platform: PubMed, query: '{QUERY}'}}")
    service = freezer.service("pubmed", 25)
    run(services=[service], clock=clock)
    clock.at += 30 * 86_400
    service.records = [record for record in service.records if record.number != 4] + fake.records(3, first=100)  # fmt: skip
    service.records[7].title = "Retracted: walls without moss"

    code, said, _ = run(services=[service], clock=clock)

    assert code == 0
    assert "since 2026-03-14: 3 came, 1 went, 1 changed" in said
    assert "came: pubmed:102, pubmed:101, pubmed:100" in said
    assert "went: pubmed:4" in said
    assert "changed: pubmed:9 (title)" in said


def test_an_included_study_that_was_retracted_is_named(fresh, freezer, clock):
    configure(fresh, openalex=f"{{platform: OpenAlex, query: '{QUERY}'}}")
    built(fresh, [("pubmed:9", "", "")], [("openalex:W4", "pubmed:9"), ("openalex:W5", "pubmed:8")])  # fmt: skip

    def bend(content):
        for work in content["results"]:
            work["is_retracted"] = work["id"].endswith(("/W4", "/W5", "/W6"))
        return content

    _, said, _ = run(services=[freezer.service("openalex", bend=bend)], clock=clock)

    assert "retracted: 3 records, openalex:W4, openalex:W5, openalex:W6" in said
    assert "1 included study is retracted: pubmed:9 (OpenAlex 2026-03-14)." in said  # fmt: skip


def test_what_an_author_wrote_of_the_last_round_is_kept(fresh, freezer, clock):
    configure(fresh, pubmed=f"{{platform: PubMed, query: '{QUERY}', changes: [{{what: a bracket, why: it was open}}]}}")  # fmt: skip
    folder = rounds.HOME / "pubmed/2020-01-01"
    folder.mkdir(parents=True)
    (folder / "search.yaml").write_text(
        "source: pubmed\nlabel: PubMed by NLM\nkind: database\nstatus: reported_only\nsearched_on: '2020-01-01'\n"
        "query_published: '(moss OR trees AND walls'\nlocation: p. 3\nn_reported: 12\n"
    )

    code, said, _ = run(services=[freezer.service("pubmed")], clock=clock)

    described = yamlfile.load(rounds.HOME / "pubmed/2026-03-14/search.yaml", rounds.SCHEMA)  # fmt: skip
    assert code == 0
    assert described["query_published"] == "(moss OR trees AND walls"
    assert (described["label"], described["location"]) == ("PubMed by NLM", "p. 3")
    assert described["query_why"] == "a bracket: it was open"
    assert "2020-01-01 has no records to compare with" in said


def test_a_freeze_that_is_going_on_says_so(fresh, freezer, clock):
    configure(fresh, pubmed=f"{{platform: PubMed, query: '{QUERY}'}}")
    service = freezer.service("pubmed", 35, faults={3: fake.reply(401)})
    run(services=[service], clock=clock)
    service.faults.clear()

    _, said, told = run(services=[service], clock=clock)

    assert "goes on where it was stopped, in data/raw/searches/pubmed/.2026-03-14.partial" in told  # fmt: skip
    assert "(7 answers, 5 of them asked for now)" in said


def test_an_unfinished_freeze_is_nothing_to_a_check(fresh, freezer, clock):
    configure(fresh, pubmed=f"{{platform: PubMed, query: '{QUERY}'}}")
    run(services=[freezer.service("pubmed", 35, faults={3: fake.reply(401)})], clock=clock)  # fmt: skip

    assert rounds.unfinished("pubmed")
    assert check.problems() == []


def test_a_freeze_that_is_interrupted_says_how_to_go_on(
    fresh, freezer, clock, monkeypatch
):
    configure(fresh, **every())
    services = [freezer.service(name) for name in NAMES]

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("retrace.searches.europepmc._read", interrupt)
    code, said, told = run(services=services, clock=clock)

    assert code == 1
    assert "europepmc: stopped; the same command goes on from there" in told
    assert "pubmed: 25 records reported" in said


def test_a_folder_that_may_not_be_written_is_told(fresh, freezer, clock, monkeypatch):
    configure(fresh, crossref=f"{{platform: Crossref, query: '{QUERY}'}}")

    def refuse(*arguments):
        raise OSError(30, "Read-only file system", "data/raw/searches/crossref")

    monkeypatch.setattr("os.rename", refuse)
    code, _, told = run(services=[freezer.service("crossref")], clock=clock)

    assert code == 1
    assert "data/raw/searches/crossref: the system says: Read-only file system" in told


def test_progress_is_told_with_the_time_that_is_left(fresh, freezer, clock):
    configure(fresh, crossref=f"{{platform: Crossref, query: '{QUERY}'}}")
    service = freezer.service("crossref", 400, bend=lambda content: clock.sleep(4) or content)  # fmt: skip

    _, _, told = run(services=[service], clock=clock)

    lines = [line for line in told.splitlines() if "records" in line]
    assert re.fullmatch(r"crossref: \d+ answers, \d+ of 400 records, about \d+ (s|min) left", lines[0])  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["pubmde"], "did you mean pubmed?"),
        (["ovid"], "there is no connector to Ovid"),
        (["--address", "pubmed"], "expected SOURCE=URL"),
        (["--address", "nowhere=https://x"], "no search 'nowhere' stands here"),
        (["--address", "pubmed=ftp://x", "pubmed"], "an https address"),
        (["scopus"], "ELSEVIER_API_KEY is not set"),
    ],
)
def test_what_cannot_be_asked_is_told(fresh, monkeypatch, capsys, arguments, says):
    configure(fresh, **every(ovid="{platform: Ovid, query: moss.mp.}"))
    monkeypatch.delenv("ELSEVIER_API_KEY")

    assert cli.main(["freeze", "-d", str(fresh), *arguments]) == 1

    assert says in capsys.readouterr().err


def test_a_review_without_live_searches_is_told_what_to_add(fresh):
    with pytest.raises(ReviewError, match="a search of PubMed, Europe PMC, OpenAlex, Crossref, Scopus"):  # fmt: skip
        run()


def test_platforms_without_a_connector_are_named_and_passed_over(fresh, freezer, clock):
    configure(fresh, ovid="{platform: Ovid, query: moss.mp.}", crossref=f"{{platform: Crossref, query: '{QUERY}'}}")  # fmt: skip

    code, _, told = run(services=[freezer.service("crossref")], clock=clock)

    assert code == 0
    assert "ovid: there is no connector to Ovid; export it by hand into data/raw/searches/ovid/" in told  # fmt: skip
