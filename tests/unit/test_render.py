"""One query of the protocol is written for each platform, and what one cannot be told is said."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from retrace import queries
from retrace.errors import ReviewError
from retrace.queries.rendering import FIELDS
from retrace.queries.syntax import syntax_of
from retrace.queries.terms import uninverted, wording
from retrace.queries.tree import blocks

CONCEPTS = {
    "animal": {"terms": ["red fox", "vulpes*"], "headings": {"mesh": ["Foxes"], "emtree": ["fox"]}},
    "act": {"terms": ["run", "leap over*"], "field": "title_abstract"},
}  # fmt: skip
LIMITS = {"languages": ["English"], "types": ["Review"]}
DATES = {"from": "2010", "to": "2024-05-31"}
PLATFORMS = ["PubMed", "Europe PMC", "OpenAlex", "Scopus", "Web of Science", "Ovid", "Embase.com", "Cochrane Library", "EBSCOhost"]  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "query"),
    [
        ("PubMed", '("Foxes"[mh] OR "red fox"[tiab] OR vulpes*[tiab]) AND (run[tiab] OR "leap over*"[tiab])'
         ' AND ("2010/01/01"[dp] : "2024/05/31"[dp]) AND English[la] AND "Review"[pt]'),
        ("Europe PMC", '(KW:"Foxes" OR TITLE_ABS:"red fox" OR KW:"red fox" OR TITLE_ABS:vulpes* OR KW:vulpes*)'
         ' AND (TITLE_ABS:run OR TITLE_ABS:"leap over") AND FIRST_PDATE:[2010-01-01 TO 2024-05-31] AND LANG:"eng" AND PUB_TYPE:"Review"'),
        ("OpenAlex", '("red fox" OR vulpes OR Foxes OR fox) AND (run OR "leap over")'),
        ("Crossref", "red fox vulpes Foxes run leap over"),
        ("Scopus", '(INDEXTERMS("Foxes") OR INDEXTERMS("fox") OR TITLE-ABS-KEY("red fox" OR vulpes*)) AND TITLE-ABS(run OR "leap over*")'
         " AND PUBYEAR > 2009 AND PUBYEAR < 2025 AND LANGUAGE(English) AND DOCTYPE(Review)"),
        ("Web of Science", 'TS=("red fox" OR vulpes* OR Foxes OR fox) AND (TI=(run OR "leap over*") OR AB=(run OR "leap over*"))'
         " AND PY=(2010-2024) AND LA=(English) AND DT=(Review)"),
        ("Ovid", '(exp Foxes/ OR ("red fox" OR vulpes*).ti,ab,kf.) AND (run OR "leap over*").ti,ab. AND English.lg. AND Review.pt.'),
        ("Embase.com", "('fox'/exp OR ('red fox' OR vulpes*):ti,ab,kw) AND (run OR 'leap over*'):ti,ab"
         " AND [2010-2024]/py AND [English]/lim AND [Review]/lim"),
        ("Cochrane Library", '([mh "Foxes"] OR ("red fox" OR vulpes*):ti,ab,kw) AND (run OR (leap NEXT over*)):ti,ab'),
        ("Elsewhere", '("red fox" OR vulpes* OR Foxes OR fox) AND (run OR "leap over*")'),
    ],
)  # fmt: skip
def test_concepts_are_written_in_the_language_of_a_platform(platform, query):
    assert queries.render(CONCEPTS, platform, limits=LIMITS, dates=DATES).query == query


@pytest.mark.parametrize(
    ("platform", "says"),
    [
        ("PubMed", "[tiab] searches the keywords of authors"),
        ("Europe PMC", "narrower headings are not searched with “Foxes”"),
        ("Europe PMC", "“leap over*” is a phrase, in which * is not read"),
        ("OpenAlex", "endings left open by * are not"),
        ("OpenAlex", "headings of MeSH cannot be searched"),
        ("OpenAlex", "retrace freeze sends them beside it"),
        ("Crossref", "knows no AND, OR, NOT"),
        ("Crossref", "languages cannot be limited"),
        ("Scopus", "limits by years, not by days"),
        ("Web of Science", "headings of Emtree cannot be searched"),
        ("Ovid", "set them as a limit by hand"),
        ("Cochrane Library", "languages are no part of the string"),
        ("Elsewhere", "no platform that is known"),
    ],
)
def test_what_a_platform_cannot_express_is_said(platform, says):
    notes = queries.render(CONCEPTS, platform, limits=LIMITS, dates=DATES).notes

    assert says in "\n".join(notes)


def test_what_is_excluded_stands_last_and_alone_is_no_search():
    concepts = {"no": {"terms": ["dog"], "excluded": True}, "yes": {"terms": ["fox"]}}

    assert queries.render(concepts, "Scopus").query == "TITLE-ABS-KEY(fox) AND NOT TITLE-ABS-KEY(dog)"  # fmt: skip
    assert "cannot be excluded" in queries.render(concepts, "Crossref").notes[-1]
    with pytest.raises(ReviewError, match="no concept"):
        queries.render({"no": concepts["no"]}, "PubMed")
    with pytest.raises(ReviewError, match="no concept"):
        queries.render({}, "PubMed")


def test_a_concept_without_terms_is_not_left_out_in_silence():
    concepts = {**CONCEPTS, "empty": {"terms": [], "headings": {"mesh": None}}}

    with pytest.raises(ReviewError, match="concepts.empty"):
        queries.render(concepts, "PubMed")


def test_ovid_has_the_headings_of_the_database():
    query = queries.render(CONCEPTS, "Ovid", database="Embase").query

    assert "exp fox/" in query
    assert "Foxes" not in query


def test_an_operator_among_the_terms_is_a_word():
    assert queries.render({"a": {"terms": ["or", "near"]}}, "Web of Science").query == 'TS=("or" OR "near")'  # fmt: skip
    held = {"a": {"headings": {"mesh": ["Trial and Error"]}}}
    assert queries.render(held, "Ovid").query == 'exp "Trial and Error"/'


def test_openalex_is_told_in_which_field_and_how_long_a_query_may_be():
    assert queries.render(CONCEPTS, "OpenAlex").options == {"search_in": "title_and_abstract"}  # fmt: skip
    long = queries.render({"a": {"terms": [f"word {n}" for n in range(500)]}}, "OpenAlex")  # fmt: skip
    assert "more than OpenAlex takes" in long.notes[-1]


def test_an_exact_string_is_not_touched():
    config = {"searches": {"a": {"platform": "PubMed", "query": "(fox"}, "b": {"platform": "PubMed", "from": "concepts"}},
              "concepts": CONCEPTS}  # fmt: skip

    held = {source: rendered.query for source, _, rendered in queries.strings_of(config)}  # fmt: skip

    assert held["a"] == "(fox"
    assert held["b"].startswith('("Foxes"[mh]')


def test_crossref_is_told_to_know_no_operators():
    found = queries.lint(queries.parse("fox AND den", syntax_of("Crossref")))

    assert [finding.code for finding in found] == ["operator_as_word"]


WORD = st.text(st.sampled_from("abcdefgüαß0123456789"), min_size=1, max_size=8)
PART = st.lists(WORD, min_size=1, max_size=2).map("-".join) | WORD
TERM = st.lists(PART | st.sampled_from(["and", "or", "not", "near", "adj3", "the", "exp", "d's"]), min_size=1, max_size=4).map(" ".join)  # fmt: skip
TERMS = st.lists(TERM, min_size=1, max_size=5, unique_by=wording)
HEADINGS = st.lists(st.lists((WORD | st.sampled_from(["and", "near and"])).map(str.title), min_size=1, max_size=3).map(", ".join), max_size=2, unique=True)  # fmt: skip
CONCEPT = st.fixed_dictionaries(
    {"terms": TERMS},
    optional={
        "headings": st.fixed_dictionaries({}, optional={"mesh": HEADINGS, "emtree": HEADINGS}),
        "field": st.sampled_from(FIELDS), "excluded": st.booleans(),
    },
)  # fmt: skip


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_string_gives_back_the_terms_it_was_written_from(platform):
    @settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.lists(CONCEPT, min_size=1, max_size=3))
    def law(given_concepts):
        concepts = {f"c{n}": concept for n, concept in enumerate(given_concepts)}
        assume(not all(concept.get("excluded") for concept in given_concepts))

        query = queries.render(concepts, platform, limits=LIMITS, dates=DATES).query

        tree = queries.parse(query, syntax_of(platform))
        found = [({wording(term.text) for term in block.terms}, block.excluded) for block in blocks(tree)]  # fmt: skip
        asked = sorted(given_concepts, key=lambda one: bool(one.get("excluded")))
        assert [excluded for _, excluded in found] == [bool(one.get("excluded")) for one in asked]  # fmt: skip
        for (terms, _), one in zip(found, asked, strict=True):
            headings = {
                wording(form(heading))
                for given_headings in (one.get("headings") or {}).values()
                for heading in given_headings
                for form in (str, uninverted)
            }
            words = {wording(term) for term in one["terms"]}
            assert words <= terms <= words | headings
        assert not [finding for finding in queries.lint(tree) if finding.code in queries.BROKEN]  # fmt: skip

    law()
