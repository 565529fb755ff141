"""Citation searching asks OpenAlex or Crossref for what some works cite, OpenAlex for what cites them, by DOI."""

import fake_services as fake
import pytest
from freezing import built, configure, run
from retrace import cli, flow, queries, readers, schemas, tables, yamlfile
from retrace.errors import SearchError
from retrace.searches import openalex, rounds
from retrace.searches.wanted import Wanted
from test_misbehaviour import PASSING, STOPPING


def search(direction, of, platform="OpenAlex", **more):
    rest = "".join(f", {name}: {value}" for name, value in more.items())
    return f"{{platform: {platform}, citations: {{direction: {direction}, of: {of}}}{rest}}}"  # fmt: skip


@pytest.mark.parametrize(("direction", "name"), [("forward", "cites"), ("backward", "cited_by")])  # fmt: skip
def test_citations_are_asked_for_by_the_works_of_the_dois(
    fresh, freezer, clock, direction, name
):
    configure(fresh, snowball=search(direction, "[10.5555/MOSS.3, 10.5555/moss.4, 10.5555/absent]"))  # fmt: skip
    service = freezer.service("openalex", 25)

    code, said, told = run(services=[_named(service, "snowball")], clock=clock)

    assert (code, told) == (0, "")
    assert service.asked[0].parameters["filter"] == "doi:10.5555/absent|10.5555/moss.3|10.5555/moss.4"  # fmt: skip
    assert service.asked[1].parameters["filter"] == f"{name}:W3|W4"
    assert "search" not in service.asked[1].parameters
    assert "note: OpenAlex has no work 10.5555/absent" in said
    folder = rounds.HOME / "snowball/2026-03-14"
    described = yamlfile.load(folder / "search.yaml", rounds.SCHEMA)
    assert (described["kind"], described["n_reported"]) == ("citations", 25)
    assert "query_run" not in described
    assert described["note"].startswith("works that cite " if direction == "forward" else "works that are cited by ")  # fmt: skip
    read = readers.read_all([folder / "search.yaml"])
    assert (len(read.records), len(read.rejects)) == (25, 0)
    members = flow.sort_into_boxes(
        searches=read.searches, records=read.records,
        duplicates=tables.empty(schemas.DUPLICATES), settled=tables.empty(schemas.SETTLED),
        reports=tables.empty(schemas.REPORTS), included=tables.empty(schemas.INCLUDED), final=False,
    )  # fmt: skip
    assert (members["box"] == "citations_results").sum() == 25


def _named(service, source):
    """Return a service under the name of a search, as the command wants its address."""
    return type("Named", (), {"name": source, "url": service.url})


def test_included_records_are_named_by_their_dois(fresh, freezer, clock):
    configure(fresh, snowball=search("forward", "included"))
    built(fresh, [("pubmed:8", "10.5555/moss.8", ""), ("pubmed:9", "", "")])
    service = freezer.service("openalex", 25)

    code, _, told = run(services=[_named(service, "snowball")], clock=clock)

    assert (code, told) == (0, "")
    assert service.asked[0].parameters["filter"] == "doi:10.5555/moss.8"


def test_works_that_nobody_knows_make_a_round_of_nothing(fresh, freezer, clock):
    configure(fresh, snowball=search("forward", "[10.5555/absent]"))

    code, said, _ = run(services=[_named(freezer.service("openalex"), "snowball")], clock=clock)  # fmt: skip

    assert code == 0
    assert "snowball: 0 records reported" in said
    assert not len(readers.read_all([rounds.HOME / "snowball/2026-03-14/search.yaml"]).records)  # fmt: skip


def test_a_hundred_works_are_asked_for_at_once_and_no_more(freezer):
    service = freezer.service("openalex", 120)
    seeds = tuple(f"10.5555/moss.{number}" for number in range(1, 101))

    freezer.freeze(service, direction="forward", seeds=seeds)
    assert [asked.parameters["filter"].count("|") for asked in service.asked[:4]] == [39, 39, 19, 99]  # fmt: skip

    more = Wanted(
        "more",
        "x",
        "2026-03-14",
        direction="forward",
        seeds=(*seeds, "10.5555/moss.101"),
    )
    with pytest.raises(SearchError, match="101 works; expected at most 100"):
        next(openalex.walk(more))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (search("forward", "included"), "the last build includes no record with a DOI"),
        (search("forward", "[10.5555/x]", platform="PubMed"), "citations are not searched at PubMed"),
        (search("forward", "[10.5555/x]", platform="Crossref"), "Crossref has no open list of the works that cite one; expected direction: backward; set platform: OpenAlex to search forward"),
        (search("backward", "[10.5555/x]", platform="Crossref", dates="{from: '2010'}"), "a reference list is taken whole"),
        (search("sideways", "[10.5555/x]"), "'sideways' is not one of"),
        (search("forward", "['10.5555/x|10.5555/y']"), "'10.5555/x|10.5555/y'"),
        (search("forward", "[10.5555/x]", query="moss"), "is valid under each of"),
    ],
)  # fmt: skip
def test_citations_that_cannot_be_asked_for_are_told(fresh, capsys, spec, says):
    configure(fresh, snowball=spec)

    assert cli.main(["freeze", "-d", str(fresh)]) == 1
    assert says in capsys.readouterr().err


def test_a_search_by_citations_has_no_string_to_check(fresh):
    searches = {"snowball": {"platform": "OpenAlex", "citations": {"direction": "forward", "of": "included"}}}  # fmt: skip

    assert list(queries.strings_of({"searches": searches, "concepts": {}})) == []


# --- the reference lists of Crossref ------------------------------------------------------------------


def cited(freezer, **told):
    """Return a Crossref of 60 works, the first of which cites the next 44, a stranger and one without a DOI."""
    found = fake.records(60)
    found[0].references = (
        *(f"10.5555/MOSS.{n}" for n in range(2, 46)),
        "10.9999/elsewhere",
        None,
    )
    found[1].references = ("10.5555/moss.1", "10.5555/moss.3", "10.5555/moss,60")
    return freezer.service("crossref", records=found, **told)


SEEDS = ("10.5555/moss.1", "10.5555/moss.2", "10.5555/moss.9")


def test_crossref_is_asked_for_the_works_in_reference_lists(fresh, freezer, clock):
    configure(fresh, snowball=search("backward", "[10.5555/MOSS.1, 10.5555/moss.2, 10.5555/moss.9]", platform="Crossref"))  # fmt: skip
    service = cited(freezer)

    code, said, told = run(services=[_named(service, "snowball")], clock=clock)

    assert (code, told) == (0, "")
    assert [asked.path for asked in service.asked[:3]] == [f"/works/10.5555%2Fmoss.{n}" for n in (1, 2, 9)]  # fmt: skip
    assert [asked.parameters["filter"].count("doi:") for asked in service.asked[3:]] == [40, 6]  # fmt: skip
    folder = rounds.HOME / "snowball/2026-03-14"
    described = yamlfile.load(folder / "search.yaml", rounds.SCHEMA)
    # Moss 1 to 45, each once, and two that Crossref does not give.
    assert (described["kind"], described["n_reported"], described["frozen"]["n_fetched"]) == ("citations", 47, 45)  # fmt: skip
    (gap,) = described["frozen"]["gaps"]
    assert (gap["what"], gap["ids"]) == ("missing", ["10.5555/moss,60", "10.9999/elsewhere"])  # fmt: skip
    assert "note: 1 of 46 references of 10.5555/moss.1 have no DOI" in said
    assert "note: Crossref has no reference list of 10.5555/moss.9" in said
    read = readers.read_all([folder / "search.yaml"])
    assert (len(read.records), len(read.rejects)) == (45, 0)


def test_a_work_that_crossref_does_not_have_is_named(freezer):
    service = cited(freezer, faults={1: fake.reply(404, b"Resource not found.")})

    frozen = freezer.freeze(service, direction="backward", seeds=("10.5555/absent", "10.5555/moss.2"))  # fmt: skip

    assert "Crossref has no work 10.5555/absent" in frozen.walk.notes
    assert sorted(frozen.walk.ids) == ["10.5555/moss.1", "10.5555/moss.3"]


def test_a_work_that_crossref_has_under_another_doi_is_noted(freezer):
    def bend(content):
        if "DOI" in content["message"]:
            content["message"]["DOI"] = "10.5555/another"
        return content

    frozen = freezer.freeze(cited(freezer, bend=bend), direction="backward", seeds=("10.5555/moss.2",))  # fmt: skip

    assert "Crossref has 10.5555/moss.2 as 10.5555/another" in frozen.walk.notes
    assert len(frozen.walk.ids) == 2


def test_reference_lists_without_dois_make_a_round_of_nothing(freezer):
    frozen = freezer.freeze(cited(freezer), direction="backward", seeds=("10.5555/moss.9",))  # fmt: skip

    assert (frozen.walk.reported, frozen.walk.ids) == (0, [])
    assert not len(readers.read_all([frozen.folder / "search.yaml"]).records)


@pytest.mark.parametrize(
    "harm",
    [
        lambda message: message.update({"reference": "none"}),
        lambda message: message.update({"reference": [{"DOI": 7}]}),
        lambda message: message.pop("DOI"),
    ],
)
def test_a_reference_list_that_is_none_is_told(freezer, harm):
    def bend(content):
        harm(content["message"])
        return content

    with pytest.raises(SearchError, match="no good answer in 6 tries"):
        freezer.freeze(cited(freezer, bend=bend), direction="backward", seeds=SEEDS)


@pytest.mark.parametrize("what", PASSING)
@pytest.mark.parametrize("at", [1, 4])
def test_what_passes_is_waited_for_in_reference_lists(freezer, what, at):
    service = cited(freezer, faults={at: PASSING[what]})

    frozen = freezer.freeze(service, direction="backward", seeds=SEEDS)

    assert len(set(frozen.walk.ids)) == len(frozen.walk.ids) == 45


@pytest.mark.parametrize("at", [1, 4])
@pytest.mark.parametrize("what", [what for what in STOPPING if what != "repeats_key"])
def test_what_does_not_pass_stops_and_reference_lists_go_on(freezer, what, at):
    fault, words = STOPPING[what]
    service = cited(freezer, faults={at: fault})

    with pytest.raises(SearchError) as stopped:
        freezer.freeze(service, direction="backward", seeds=SEEDS)
    assert words in str(stopped.value)

    service.faults.clear()
    frozen = freezer.freeze(service, direction="backward", seeds=SEEDS)
    assert frozen.n_asked == frozen.n_answers - (at - 1)
    assert len(frozen.walk.ids) == 45


def test_more_cited_works_than_the_review_allows_are_refused(freezer):
    with pytest.raises(SearchError, match="finds 47 records; expected at most 46"):
        freezer.freeze(cited(freezer), direction="backward", seeds=SEEDS, most=46)
