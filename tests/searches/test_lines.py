"""What each concept block of a query finds alone is counted by the service, kept, and told."""

import csv

import pytest
from freezing import NAMES, QUERY, configure, ids_of, run
from retrace import cli, readers, schemas, yamlfile
from retrace.searches import rounds

PLATFORMS = {"pubmed": "PubMed", "europepmc": "Europe PMC", "openalex": "OpenAlex", "crossref": "Crossref", "scopus": "Scopus"}  # fmt: skip
CONCEPTS = (
    "concepts:\n  what: {terms: [moss, street trees]}\n  where: {terms: [walls]}\n"
)
ASKED = {
    "pubmed": ['(moss[tiab] OR "street trees"[tiab])', "(walls[tiab])"],
    "europepmc": ['(TITLE_ABS:moss OR KW:moss OR TITLE_ABS:"street trees" OR KW:"street trees")', "(TITLE_ABS:walls OR KW:walls)"],
    "openalex": ['(moss OR "street trees")', "(walls)"],
    "crossref": ["moss street trees", "walls"],
    "scopus": ['TITLE-ABS-KEY(moss OR "street trees")', "TITLE-ABS-KEY(walls)"],
}  # fmt: skip
FINDS = {"moss": 25, "walls": 4}


def by_block(service):
    """Have a service find less for a block without moss."""
    whole, every = service.answer, list(service.records)

    def answer(path, parameters):
        said = " ".join(parameters.values())
        service.records = every if "moss" in said or "term" not in said and "walls" not in said else every[: FINDS["walls"]]  # fmt: skip
        return whole(path, parameters)

    service.answer = answer
    return service


@pytest.mark.parametrize("name", NAMES)
def test_each_block_is_counted_alone_and_written_down(fresh, freezer, clock, name):
    configure(fresh, **{name: f"{{platform: {PLATFORMS[name]}, from: concepts, dates: {{from: '2010'}}}}"})  # fmt: skip
    with (fresh / "config.yaml").open("a") as file:
        file.write(CONCEPTS)
    service = by_block(freezer.service(name))

    code, said, told = run(services=[service], clock=clock)

    assert (code, told) == (0, "")
    folder = rounds.HOME / name / "2026-03-14"
    lines = yamlfile.load(folder / "search.yaml", rounds.SCHEMA)["lines"]
    assert lines == [
        {"line": 1, "string": ASKED[name][0], "hits": 25}, {"line": 2, "string": ASKED[name][1], "hits": 4},
    ]  # fmt: skip
    for asked, string in zip(service.asked[-2:], ASKED[name], strict=True):
        assert any(value.endswith(string) for value in asked.parameters.values())
        assert not any("2010" in value for value in asked.parameters.values()), "a block is counted without dates"  # fmt: skip
    assert "line 2 of the query alone: 4 records" in said
    with (folder / "responses.csv").open(newline="") as file:
        kinds = [row["kind"] for row in csv.DictReader(file)]
    assert kinds[-2:] == ["count", "count"]
    assert kinds.count("count") == 2


@pytest.mark.parametrize("name", NAMES)
def test_counts_are_no_records_of_the_round(freezer, name):
    frozen = freezer.freeze(freezer.service(name), blocks=("moss", "walls"))

    assert ids_of(frozen) == list(range(1, 26))
    read = readers.read_all([frozen.folder / "search.yaml"])
    assert (len(read.records), len(read.rejects)) == (25, 0)
    assert read.lines.values.tolist() == [
        [name, "2026-03-14", 1, "moss", 25], [name, "2026-03-14", 2, "walls", 25],
    ]  # fmt: skip
    assert list(read.lines.columns) == list(schemas.SEARCH_LINES.names)
    said = yamlfile.load(frozen.folder / "search.yaml", rounds.SCHEMA)
    assert (said["n_reported"], said["frozen"]["n_fetched"]) == (25, 25)


@pytest.mark.parametrize(
    ("platform", "query", "blocks"),
    [
        ("PubMed", "(moss[ti] OR fern[ti]) AND walls NOT rats[mh] AND 2010[dp]", ["moss[ti] OR fern[ti]", "walls", "rats[mh]"]),
        ("PubMed", "((moss OR fern) AND walls)[tiab]", ["(moss OR fern)[tiab]", "(walls)[tiab]"]),
        ("Scopus", "TITLE-ABS-KEY((moss OR fern) AND (walls)) AND PUBYEAR < 2024", ["TITLE-ABS-KEY(moss OR fern)", "TITLE-ABS-KEY(walls)"]),
        ("Europe PMC", 'TITLE:"on walls" AND (moss OR fern)', ['TITLE:"on walls"', "moss OR fern"]),
        ("OpenAlex", "(moss OR fern) AND walls", ["moss OR fern", "walls"]),
        ("PubMed", "moss OR fern", []),
        ("PubMed", "(moss OR fern AND walls", []),
        ("Crossref", "moss AND walls", []),
    ],
)  # fmt: skip
def test_an_exact_string_has_the_blocks_that_and_joins(fresh, clock, platform, query, blocks):  # fmt: skip
    configure(fresh, asked=f"{{platform: {platform}, query: '{query}'}}")

    _, said, _ = run("asked", clock=clock, dry=True)

    counted = [line for line in said.splitlines() if "then counts line" in line]
    assert counted == [f"  then counts line {n}: {block}" for n, block in enumerate(blocks, start=1)]  # fmt: skip


def test_the_report_on_the_strings_has_the_hits_of_the_last_round(fresh, freezer, clock, capsys):  # fmt: skip
    configure(fresh, pubmed=f"{{platform: PubMed, query: '{QUERY}'}}")
    service = by_block(freezer.service("pubmed"))
    for _ in range(2):
        run(services=[service], clock=clock)
        clock.at += 86_400

    assert cli.main(["queries", "-d", str(fresh)]) == 0

    said = capsys.readouterr().out
    assert 'line 1, 25 records on 2026-03-15: moss OR "street trees"' in said
    assert "line 2, 4 records on 2026-03-15: walls" in said
    assert "2026-03-14" not in said
