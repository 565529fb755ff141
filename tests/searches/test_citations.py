"""Citation searching asks OpenAlex for what cites some works, or what they cite, by their DOIs."""

import pytest
from freezing import built, configure, run
from retrace import cli, flow, queries, readers, records, schemas, tables, yamlfile
from retrace.errors import SearchError
from retrace.searches import openalex, rounds
from retrace.searches.wanted import Wanted


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
        searches=read.searches, records=records.identify(read.records),
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
        (search("sideways", "[10.5555/x]"), "'sideways' is not one of"),
        (search("forward", "['10.5555/x|10.5555/y']"), "does not match"),
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
