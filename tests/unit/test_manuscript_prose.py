"""The guard: a count typed into the prose is found, and nothing else is taken for one."""

import pytest
from retrace.manuscript import prose

NOUNS = ["study", "article"]


def found(source, terms=()):
    problems = prose.typed_counts(source, file="t", terms=terms, counted_nouns=NOUNS)
    return [(problem.row, int(problem.column), problem.what) for problem in problems]


def test_a_digit_in_the_prose_is_named_with_its_line_and_column():
    assert found("All good.\nWe read 39 studies.") == [
        (2, 9, "'39' is typed into the prose")
    ]


def test_a_digit_that_counts_nothing_is_told_how_to_be_written():
    (problem,) = prose.typed_counts("Since 2015.", file="t")
    assert '{{ literal("2015", "a year") }}' in str(problem)


def test_every_typed_count_is_named_at_once():
    assert [place[:2] for place in found("1,204 records; 74.4 %\n½ and Ⅳ")] == [
        (1, 1),
        (1, 16),
        (2, 1),
        (2, 7),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'A {{ n("x", digits=2) }} and {{ cited("50 %", "key") }}.',
        "{% for row in family('f9') %}{{ row.number }}{% endfor %}",
        "{## 39 studies were here ##}",
        "Known [@wang_2016; see @liu_2019, p. 33] and @de_3.",
        "`code 39` and\n```\n39\n```\nend",
        "[words](https://example.org/2024) <https://a.org/1> https://a.org/2 doi 10.1000/182",
        "# Heading {#sec-2 .class3}",
        "::: {#refs2}\n:::",
        "A note.[^1]",
        "#. a list\n#. of items",
    ],
)
def test_what_no_reader_sees_as_prose_may_hold_digits(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "[39](#n-x) of them",
        "[@wang_2016; 39 studies]",
        "text {39} text",
        "1. first",
        "&#51;9 studies",
        "an email me@39.org 7",
    ],
)
def test_a_count_in_disguise_is_still_found(text):
    assert found(text)


@pytest.mark.parametrize(
    "text",
    ["p16 and P16-positive", "H~2~O~2~ and H2O2", "**miR-21**/p16", "caspase\n3"],
)
def test_a_term_of_a_vocabulary_may_hold_digits(text):
    assert found(text, terms=["p16", "H2O2", "miR-21", "caspase 3"]) == []


@pytest.mark.parametrize("text", ["p161", "xp16", "miR-21-5p", "16"])
def test_what_only_resembles_a_term_is_refused(text):
    assert found(text, terms=["p16", "miR-21"])


@pytest.mark.parametrize(
    "text",
    [
        "two studies",
        "Twenty-one included studies",
        "one hundred and two studies",
        "most of the included in-vitro studies",
        "a dozen studies",
        "two thirds of all studies",
        "Several *recent* articles",
        'two {{ label("kind", "a") }} studies',
        "no study",
        "half of\nthe studies",
    ],
)
def test_a_word_that_counts_is_refused_before_a_counted_noun(text):
    assert len(found(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "one of us read them",
        "All studies and each article, some studies, other studies.",
        "the most recent study",
        "how many studies there are",
        "two readings of the studies",
        "no effect in the studies",
        "in these studies two cells",
    ],
)
def test_ordinary_words_are_left_alone(text):
    assert found(text) == []


def test_only_words_with_a_letter_and_a_digit_are_terms():
    assert prose.words_of_terms(
        ["Lamin B1", "12 h", "p16/p21", "3 studies", "plain"]
    ) == {
        "Lamin B1",
        "B1",
        "p16/p21",
        "p16",
        "p21",
    }


@pytest.mark.parametrize(
    "text",
    [
        "Known [@wang_2016; see -@liu_2019, p. 33], @{wang_2016} and @liu_2019.",
        "a mail to me@home, \\@nobody, `@code` and <https://x.org/@y>",
        "$x@y$ and [link](@z) <!-- @hidden --> {## @hidden ##}",
        "@{{ key }} and @wang_{{ year }} {{ cited('@x', 'y') }}",
    ],
)
def test_what_cites_no_unknown_work_is_left_alone(text):
    assert prose.unknown_citations(text, {"wang_2016", "liu_2019"}, file="t") == []


def test_an_unknown_key_is_named_with_its_place_and_the_nearest_key():
    text = "Known [@wang_2016].\n\nAs [@Wang_2061, p. 3] says."
    (problem,) = prose.unknown_citations(text, {"wang_2016", "liu_2019"}, file="t")
    assert str(problem) == (
        "t:3:5: the bibliography has no entry 'Wang_2061'; expected one of wang_2016;"
        " did you mean wang_2016?"
    )
