"""A draft is read as a reader reads it: quantities apart from names and citations, words at their places."""

import subprocess
from fractions import Fraction

import pytest
from retrace.draft import passages, places, quantities
from retrace.errors import ReviewError
from retrace.manuscript import pandoc


def found(text, **more):
    return [
        (one.text, *sorted(one.values))
        for one in quantities.find(text, **more)
        if not one.left_out
    ]


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("We read 39 studies.", ("39", 39)),
        ("n=39", ("39", 39)),
        ("Of 1,234 records", ("1,234", 1234)),
        ("Of 1\u202f234 records", ("1\u202f234", 1234)),
        ("74.4 % of them", ("74.4 %", Fraction("74.4"))),
        ("a change of −3.5", ("−3.5", Fraction("-3.5"))),
        ("10^6 cells", ("10^6", 10**6)),
        ("after 24h", ("24", 24)),
        ("٣٩ studies", ("٣٩", 39)),
        ("½ of them", ("½", Fraction(1, 2))),
        ("Twenty-one studies", ("Twenty-one", 21)),
        ("two hundred and five", ("two hundred and five", 205)),
        ("three thousand two hundred", ("three thousand two hundred", 3200)),
        ("half of them", ("half", Fraction(1, 2), 50)),
        ("two thirds of them", ("two thirds", Fraction(2, 3), Fraction(200, 3))),
        ("none of the studies", ("none", 0)),
        ("dozens of studies", ("dozens",)),
        ("10^999999999", ("10^999999999",)),
        ("9" * 5000, ("9" * 5000,)),
    ],
)
def test_a_quantity_is_found_with_its_value(text, quantity):
    assert found(text) == [quantity]


def test_a_range_and_a_list_are_several_quantities():
    assert [one for one, *_ in found("2004–2024, 12,13 and two and three")] == [
        "2004", "2024", "12", "13", "two", "three",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["p16", "IL-6", "miR-21", "3T3 cells", "in 2D", "5-FU", "no one", "one another", "nonetheless"],
)  # fmt: skip
def test_a_name_is_no_quantity(text):
    assert quantities.find(text) == []


def test_a_term_of_the_review_is_no_quantity_though_its_form_is_one():
    names = quantities.pattern_of({"passage 5"})
    assert found("at Passage 5 in 5 studies", names=names) == [("5", 5)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("as shown [12, 14–16]", "citation"),
        ("as shown (see Wang et al., 2016; Li and Xu, 2017a)", "citation"),
        ("Wang (2015) had it", "citation"),
        ("see https://example.org/12", "citation"),
        ("see Table 2", "cross-reference"),
        ("Figs. 1a, 2 and 3", "cross-reference"),
    ],
)
def test_what_states_nothing_is_left_out_with_its_reason(text, why):
    made = quantities.find(text)
    assert made and {one.left_out for one in made} == {why}


def test_a_number_behind_a_reference_or_a_year_in_prose_states_something():
    assert [one for one, *_ in found("In Table 1, 39 studies; in 2016 (n = 3)")] == [
        "39", "2016", "3",
    ]  # fmt: skip


MARKDOWN = """---
title: Of 5 things
abstract: An abstract of 6 studies.
---

# Methods of 2020 {#m}

We *included* **39** studies [@wang_2016, p. 7]
and `code 41`; H~2~O at 10^6^ cells^12^.[^1] Fig. 3 shows Wang et al. 2016. Done.

```
9 bottles
```

<!-- 8 -->

: Of 10 rows

| a | n |
|---|---|
| x | 44 |

* an item of 11

[^1]: A note of 13.

# References

1. Wang. 2016; 12: 33.

## Appendix to them

77

# After

78
"""


@pytest.fixture
def drafts(tmp_path):
    """Return one text as Markdown and as Word."""
    text = tmp_path / "draft.md"
    text.write_text(MARKDOWN, "utf-8")
    word = tmp_path / "draft.docx"
    subprocess.run([pandoc.program(), text, "-o", word], check=True)
    return text, word


def test_both_formats_say_the_same_and_leave_out_code_headings_and_comments(drafts):
    as_markdown, as_word = map(passages.read, drafts)

    def stated(read):
        return [
            one.text
            for passage in read
            if not passage.lists_works
            for one in quantities.find(passage.text, passage.marks)
            if not one.left_out
        ]

    assert stated(as_markdown) == ["6", "39", "10^6", "13", "10", "44", "11", "78"]
    # Word keeps no mark of what is code, and its title and caption stand where it lays them.
    assert sorted(set(stated(as_word)) - {"41", "9"}) == sorted(stated(as_markdown))


def test_a_sentence_has_its_line_and_abbreviations_end_none(drafts):
    (prose,) = [one for one in passages.read(drafts[0]) if "included" in one.text]
    said = [prose.text[start:end].strip() for start, end in prose.sentences]
    assert said[-2:] == ["Fig. 3 shows Wang et al. 2016.", "Done."]
    assert prose.lines == [8, 9, 9]
    assert (prose.section, prose.place) == ("Methods of 2020", 1)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.md", None, "there is no such file"),
        ("a.md", b"", "no text stands here"),
        ("a.md", b"# Only a heading\n\n```\ncode 5\n```\n", "no text stands here"),
        ("a.md", b"caf\xe9", "byte 0xe9 is not UTF-8"),
        ("a.md.j2", b"{{ n('x') }}", "this is a template"),
        ("a.pdf", b"%PDF-1.7", "this is a PDF"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "this is an old Word document"),
        ("a.docx", b"PK\x03\x04 cut off", "this is a damaged Word document"),
        ("a.md", b">" * 3000 + b" deep", "too deep"),
    ],
)
def test_what_is_no_draft_is_refused_by_name(tmp_path, name, data, says):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(ReviewError, match=says) as error:
        passages.read(tmp_path / name)
    assert error.value.problems[0].file.endswith(name)


def searched(*texts):
    made = [passages.Passage(text, "S", at) for at, text in enumerate(texts, start=1)]
    return places.Draft(made, [quantities.find(one.text) for one in made])


def wanted(*values, words=()):
    return places.Wanted(tuple(map(Fraction, values)), tuple(words))


@pytest.mark.parametrize(
    "quote",
    [
        "we included 39 studies",
        "We  *included* **39** studies",
        "39 studies [@a; @b] on",
        "39 studies [12] on",
        "on \u201ccells\u201d \u2013 all.",
    ],
)
def test_a_quotation_is_found_whatever_its_marks_and_citations(quote):
    draft = searched('First. We included 39 studies [12] on "cells" - all.')
    found, missing = draft.by_quotation(quote, wanted(39))
    assert (len(found), missing) == (1, "")


def test_a_quotation_without_its_value_is_not_found_and_says_which():
    draft = searched("We included thirty-nine studies.", "Others included many.")
    assert draft.by_quotation("included thirty-nine studies", wanted(39))[0]
    assert draft.by_quotation("We included", wanted(38)) == ([], "38 does not stand there")  # fmt: skip
    assert draft.by_quotation("we left out", wanted(39))[1] == "these words stand nowhere in the draft"  # fmt: skip


def test_own_words_find_the_sentence_that_holds_most_of_them_and_the_value():
    draft = searched(
        "Nine studies used bone marrow. Nine studies used fat of bone marrow donors. Two used marrow.",
    )
    (place,), _ = draft.by_words("studies of fat from marrow donors", wanted(9))
    assert place.sentences[0].text.startswith("Nine studies used fat")
    assert draft.by_words("studies of fat from marrow donors", wanted(8)) == ([], "8 does not stand there")  # fmt: skip
    assert draft.by_words("whales", wanted(9))[1] == "no sentence says this"


def test_each_item_of_a_list_must_stand_there_in_one_of_its_forms():
    draft = searched("The sources are Bone-Marrow and adipose tissues.")
    forms = [("bone_marrow", "bm", "bone marrow"), ("fat", "adipose tissue")]
    assert draft.by_quotation("The sources", wanted(words=forms))[0]
    forms.append(("urine",))
    assert draft.by_quotation("The sources", wanted(words=forms))[1] == "'urine' does not stand there"  # fmt: skip
