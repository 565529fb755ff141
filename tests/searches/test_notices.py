"""Retractions and corrections that a service knows stand in the round, by their records."""

import copy

import pytest
from freezing import RECORDS, at
from retrace import yamlfile
from retrace.searches import rounds

CORRECTIONS = (
    '<CommentsCorrectionsList><CommentsCorrections RefType="{}"><RefSource>J Moss. 2024;3:<i>4</i></RefSource>'
    "<PMID>9</PMID></CommentsCorrections></CommentsCorrectionsList></MedlineCitation>"
)


def notices(frozen):
    said = yamlfile.load(frozen.folder / "search.yaml", rounds.SCHEMA)["frozen"]["notices"]  # fmt: skip
    return [(one["id"], one["what"], one["says"]) for one in said]


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("RetractionIn", "retracted"),
        ("ExpressionOfConcernIn", "expression_of_concern"),
        ("ErratumIn", "corrected"),
        ("CommentIn", ""),
        ("RetractionOf", ""),
    ],
)
def test_pubmed_names_what_happened_to_an_article_and_where(freezer, kind, what):
    def bend(body):
        mark = b'<PMID Version="1">7</PMID>'
        before, found, after = body.partition(mark)
        return before + found + after.replace(b"</MedlineCitation>", CORRECTIONS.format(kind).encode(), 1)  # fmt: skip

    frozen = freezer.freeze(freezer.service("pubmed", bend=bend))

    expected = [("7", what, "J Moss. 2024;3:4")] if what else []
    assert notices(frozen) == expected


def test_pubmed_calls_an_article_retracted_by_its_type(freezer):
    types = b"<PublicationTypeList><PublicationType>Retracted Publication</PublicationType></PublicationTypeList></Article>"  # fmt: skip
    frozen = freezer.freeze(
        freezer.service(
            "pubmed", 5, bend=lambda body: body.replace(b"</Article>", types)
        )
    )

    assert [(name, what) for name, what, _ in notices(frozen)] == [
        (str(number), "retracted") for number in range(5, 0, -1)
    ]


BENT = {
    "europepmc": ({"pubTypeList": {"pubType": ["Retracted Publication"]}}, ("MED:3", "retracted", "Retracted Publication")),
    "openalex": ({"is_retracted": True}, ("W3", "retracted", "is_retracted")),
    "crossref": (
        {"updated-by": [{"DOI": "10.5555/notice", "type": "retraction", "label": "Retraction", "source": "retraction-watch"}]},
        ("10.5555/moss.3", "retracted", "10.5555/notice (retraction-watch)"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BENT)
def test_a_service_names_the_records_that_were_retracted(freezer, name):
    more, notice = BENT[name]

    def bend(content):
        content = copy.deepcopy(content)
        for record in at(content, RECORDS[name])[RECORDS[name][-1]]:
            if record["title"] == freezer.services[0].records[2].title or record["title"] == [freezer.services[0].records[2].title]:  # fmt: skip
                record |= more
        return content

    frozen = freezer.freeze(freezer.service(name, 5, bend=bend))

    assert notices(frozen) == [notice]


@pytest.mark.parametrize("value", [False, None, "no"])
def test_what_was_not_retracted_is_not_named(freezer, value):
    def bend(content):
        return {**content, "results": [{**work, "is_retracted": value} for work in content["results"]]}  # fmt: skip

    assert notices(freezer.freeze(freezer.service("openalex", 5, bend=bend))) == []


@pytest.mark.parametrize(
    "updates",
    [None, "retraction", [None], [{}], [{"type": "new_version"}], [{"type": 7}]],
)
def test_updates_of_crossref_that_are_no_notices_are_not_named(freezer, updates):
    def bend(content):
        content = copy.deepcopy(content)
        for work in content["message"]["items"]:
            work["updated-by"] = updates
        return content

    assert notices(freezer.freeze(freezer.service("crossref", 5, bend=bend))) == []
