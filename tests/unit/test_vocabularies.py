"""Headings are looked up in the list that an author laid in the review, and where there is none nothing is said."""

import pytest
from retrace import check, cli, protocol, queries, schemas, tables
from retrace.errors import ReviewError
from retrace.queries.syntax import COCHRANE, EMBASE, OVID, PUBMED, vocabulary_of

LINES = """\
Abortion, Induced
Animals, Wild
Foxes
Head
Wolves
"""
DESCRIPTORS = """\
*NEWRECORD
RECTYPE = D
MH = Foxes
PRINT ENTRY = Vixens|T015|NON|EQV|NLM (1990)|900101|abc
ENTRY = Vulpes

*NEWRECORD
MH = Abortion, Induced
ENTRY = Induced Abortion|T061|NON
MN = E04.520.050
"""


@pytest.fixture
def review(tmp_path, monkeypatch):
    """Return a folder with room for lists, which is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/raw/vocabularies").mkdir(parents=True)
    return tmp_path


def listed(review, text, name="mesh"):
    """Lay a list in the review and return what is read of it."""
    (review / f"data/raw/vocabularies/{name}.txt").write_text(text, "utf-8")
    return queries.read_vocabularies()[name]


def test_a_list_is_read_by_line_or_as_descriptors_by_what_stands_in_it(review):
    by_line = listed(review, LINES)
    assert list(by_line.headings.values()) == LINES.splitlines()
    assert not by_line.entries

    described = listed(review, DESCRIPTORS)
    assert list(described.headings.values()) == ["Foxes", "Abortion, Induced"]
    assert described.entries == {
        "vixens": "Foxes", "vulpes": "Foxes", "induced abortion": "Abortion, Induced"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "lacks"),
    [
        ("Foxes", ""),
        ("foxes/genetics", ""),
        ("abortion,  induced", ""),
        ("Foxs/genetics", "“Foxs” is no heading in the list of MeSH; the nearest heading is “Foxes”"),
        ("Vulpes", "“Vulpes” is no heading in the list of MeSH, but an entry term of “Foxes”"),
        ("Zygotes", "“Zygotes” is no heading in the list of MeSH"),
    ],
)  # fmt: skip
def test_a_heading_is_looked_up_whatever_its_case_and_subheading(review, heading, lacks):  # fmt: skip
    vocabulary = listed(review, DESCRIPTORS)

    assert vocabulary.has(heading) == (not lacks)
    assert not lacks or vocabulary.lacks(heading) == lacks


@pytest.mark.parametrize(
    ("query", "syntax", "places"),
    [
        ('"Foxes"[mh] OR "Foxs"[mh] OR foxs[tiab]', PUBMED, [15]),
        ('"Foxs"[MeSH Terms:noexp] OR "Foxs/blood"[majr] OR foxs', PUBMED, [0, 28]),
        ("(Foxes OR Foxs)[mh] AND fox*[mh]", PUBMED, [10]),
        ('[mh "Foxs"] OR [mh ^Foxes] OR foxs:ti', COCHRANE, [0]),
        ("exp Foxs/ OR *foxes/ OR *Foxs/ OR animals, wild/ OR foxs.ti.", OVID, [0, 24]),
        ('exp "Head"/ OR exp *"Head and Necks"/ OR ("Foxs"/bl, ge)', OVID, [15, 42]),
        ("'foxs'/exp OR 'foxes'/de OR 'foxs'/exp/mj OR foxs:ti", EMBASE, [0, 28]),
    ],
)
def test_headings_of_exact_strings_are_named_at_their_places(review, query, syntax, places):  # fmt: skip
    tree = queries.parse(query, syntax)

    found = queries.lint(tree, listed(review, LINES))
    assert [one.offset for one in found if one.code == "unknown_heading"] == places
    assert not [one for one in queries.lint(tree) if one.code == "unknown_heading"]


def test_no_more_headings_are_told_one_by_one_than_other_oddities(review):
    query = " OR ".join(f'"Foxs {n}"[mh]' for n in range(30))

    found = queries.lint(queries.parse(query, PUBMED), listed(review, LINES))
    assert len(found) == 21
    assert all("the nearest heading is" in one.says for one in found[:-1])
    assert found[-1].says == "there are 10 more such places"


@pytest.mark.parametrize(
    ("names", "vocabulary"),
    [
        (("PubMed", "MEDLINE"), "mesh"),
        (("Ovid", "Ovid MEDLINE(R) ALL"), "mesh"),
        (("Ovid", "Embase Classic+Embase"), "emtree"),
        (("Ovid", "APA PsycInfo"), ""),
        (("Ovid", "", "medline"), "mesh"),
        (("Ovid", "MEDLINE, Embase"), ""),
        (("Embase.com", "Embase, MEDLINE"), "emtree"),
        (("Scopus",), ""),
    ],
)
def test_whose_headings_a_search_takes_is_a_matter_of_platform_and_database(names, vocabulary):  # fmt: skip
    assert vocabulary_of(*names) == vocabulary


CONFIG = """\
title: T
status: draft
flow: {arms: [databases]}
manuscript: {template: a, definitions: b, bibliography: c, csl: d}
concepts:
  animal: {headings: {mesh: [Foxs, {heading: Wolves, explode: false}], emtree: [foxs]}}
searches:
  pubmed: {platform: PubMed, from: concepts}
  cochrane: {platform: Cochrane Library, query: '[mh "Wolvs"]'}
"""


def test_what_a_list_lacks_is_odd_wherever_a_search_string_is_checked_and_stops_nothing(review, capsys):  # fmt: skip
    (review / "config.yaml").write_text(CONFIG, "utf-8")
    config, problems = protocol.look()
    assert not problems
    searches = tables.empty(schemas.SEARCHES)

    assert queries.problems_of_config(config, queries.read_vocabularies()) == ([], [])
    without = queries.warn(searches, config, queries.read_vocabularies())
    assert "unknown_heading" not in set(without["code"])

    listed(review, LINES)
    errors, odd = queries.problems_of_config(config, queries.read_vocabularies())
    assert not errors
    assert [problem.column for problem in odd] == ["concepts.animal.headings.mesh", "searches.cochrane.query"]  # fmt: skip
    frame = queries.warn(searches, config, queries.read_vocabularies())
    assert set(frame["where"][frame["code"] == "unknown_heading"]) == {
        "config.yaml:concepts.animal.headings.mesh", "config.yaml:searches.cochrane:1:1"
    }  # fmt: skip
    assert len(frame) == len(without) + 2
    told = check.look()[1]
    assert set(odd) <= set(told)
    assert not [one for one in check.problems() if "vocabularies" in one.file]

    assert cli.main(["queries"]) == 0
    printed = capsys.readouterr().out
    assert "odd, in concepts.animal.headings.mesh: “Foxs” is no heading" in printed
    assert "odd, at character 1: “Wolvs” is no heading in the list of MeSH; the nearest heading is “Wolves”" in printed  # fmt: skip


def test_a_string_as_it_was_run_is_looked_up_too(review):
    listed(review, LINES)
    searches = tables.frame(
        [{"source": "medline", "round": "2024-01-01", "platform": "Ovid", "database": "MEDLINE", "query_run": "exp Foxs/"}],
        schemas.SEARCHES,
    )  # fmt: skip

    errors, odd = queries.problems_of(searches, queries.read_vocabularies())
    assert not errors
    assert [problem.column for problem in odd] == ["query_run"]


def test_a_list_that_is_not_utf8_is_named(review):
    (review / "data/raw/vocabularies/emtree.txt").write_bytes(b"caf\xe9\n")

    with pytest.raises(ReviewError, match=r"emtree.txt: byte 3 is not UTF-8"):
        queries.read_vocabularies()
