"""The template: what its functions print, and what stops them."""

import re

import manuscript_case as case
import pytest
from retrace.errors import ManuscriptError
from retrace.manuscript import text

USES_ALL = '{{ n("included") }}{{ n("share") }}{{ n("drop") }}{{ n("place") }}{{ items("kinds") }}'


@pytest.fixture
def rendered(tmp_path, monkeypatch):
    """Return a function that renders a template in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def render(template, *, settings=None, **tables):
        case.write(tmp_path, template, **tables)
        return case.render(**(settings or {}))

    return render


def body(review):
    return review.text.split("---\n", 2)[2].split("\n\n# References")[0].strip()


def problems(render, template, **more):
    with pytest.raises(ManuscriptError) as caught:
        render(template, **more)
    return [str(problem) for problem in caught.value.problems]


def test_a_number_is_a_link_to_its_definition(rendered):
    assert (
        body(rendered('{{ n("included") }} studies'))
        == '[5](#n-included){.number data-number="included"} studies'
    )


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ('n("included", "words")', "five"),
        ('n("included", "Words")', "Five"),
        ('n("by_kind.c", "words")', "no"),
        ('n("place", "ordinal")', "first"),
        ('n("share")', "75\N{NO-BREAK SPACE}%"),
        ('n("share", "percent", digits=1)', "74.5\N{NO-BREAK SPACE}%"),
        ('n("drop", digits=1)', "\N{MINUS SIGN}3.3"),
        ('n("kinds")', "Kind a and Kind b"),
        ('items("kinds", first=1, lower=True)', "kind a"),
    ],
)
def test_a_number_is_printed_in_the_form_asked_for(rendered, call, shown):
    assert body(rendered(f"{{{{ {call} }}}}")).startswith(f"[{shown}](#n-")


def test_a_family_comes_in_the_order_of_its_vocabulary_or_of_its_size(rendered):
    loop = (
        '{% for row in family("by_kind", order="ORDER") %}{{ row.term }} {% endfor %}'
    )
    assert body(rendered(loop.replace("ORDER", "vocabulary"))) == "a b c"
    assert body(rendered(loop.replace("ORDER", "size"))) == "a b c"
    swapped = [("by_kind.a", "1"), ("by_kind.b", "2"), ("included", "5")]
    numbers = [(*row, "count", "x", "", "", "", "") for row in swapped]
    assert body(rendered(loop.replace("ORDER", "size"), numbers=numbers)) == "b a"


def test_counts_leave_out_zeros_and_keep_names_in_their_case(rendered):
    made = body(rendered('{{ counts("by_kind", lower=True) }}'))
    assert (
        made.startswith("kind a ([3]")
        and " and p16-kind ([2]" in made
        and "C" not in made
    )


def test_members_are_cited_by_their_keys(rendered):
    assert body(rendered('{{ cite_members("included") }}')) == "[@wang_2016; @liu_2019]"


def test_a_study_without_a_reference_is_told_and_links_to_none(rendered):
    cell = '<td><a class="study" href="#ref-{}">S &amp; T</a></td>'
    plain = case.TABLE.replace("<td>row 0</td>", cell.format("wang_2016"))
    table = plain.replace("<td>row 1</td>", cell.format("lost_2020"))
    review = rendered(
        '{{ table("wide") }} {{ tab("wide") }}',
        table=table,
        flow_members=[("new_studies", "", "study", "wang_2016"), ("new_studies", "", "study", "lost_2020"), ("records_screened", "", "record", "db:1")],
    )  # fmt: skip

    assert 'href="#ref-wang_2016">S &amp; T</a>' in review.text
    assert "<td>S &amp; T</td>" in review.text and "#ref-lost_2020" not in review.text
    assert review.warnings.to_dict("records")[-1] == {
        "code": "study_without_reference", "where": "manuscript/references.bib",
        "says": "1 included study without an entry of this key: lost_2020",
    }  # fmt: skip


def test_a_query_stands_in_a_block_that_it_cannot_leave(rendered):
    assert body(rendered('{{ query("pubmed") }}')) == "````\na ``` b\n````"


def test_the_searches_have_a_table_with_what_each_line_found(rendered):
    blank = body(rendered("{{ searches() }}"))
    assert '<td>pubmed, 2023-11-30</td><td></td><td>The whole query</td><td data-row="searches/pubmed 2023-11-30">not published</td>' in blank  # fmt: skip

    made = body(
        rendered(
            "{{ searches() }}",
            searches=[("old", "undated", "", "database", "exported", "", "Old", "", "", "", "", "a", "", "", "", ""), ("pubmed", "2024-01-02", "PubMed", "database", "frozen", "PubMed", "PubMed", "2024-01-02", "", "to 2023", "", "a AND b", "1234", "1234", "", "")],
            lines=[("pubmed", "2024-01-02", "1", "a <b>*", "56789"), ("pubmed", "2024-01-02", "2", "b", "0")],
            recall=[("pubmed", "2024-01-02", "PubMed", "counted", "1234", "4", "published", "3", "0.75")],
        )
    )  # fmt: skip
    assert re.findall(r'data-row="([^"]*)"', made) == [
        "searches/old undated", "search_lines/pubmed 2024-01-02 1", "search_lines/pubmed 2024-01-02 2",
        "searches/pubmed 2024-01-02", "search_recall/pubmed 2024-01-02",
    ]  # fmt: skip
    assert re.findall(r"<td[^>]*>([^<]*)</td>", made) == [
        "old, Old, undated", "", "The whole query", "not published",
        "PubMed, 2024-01-02", "1", "a &lt;b&gt;&#42;", "56,789",
        "", "2", "b", "0",
        "", "", "The whole query; to 2023", "1,234",
        "", "", "Known relevant records among them", "3 of 4",
    ]  # fmt: skip


@pytest.mark.parametrize(("known_from", "is_told"), [("listed", True), ("screened", False)])  # fmt: skip
def test_of_its_own_inclusions_no_search_is_said_to_know_so_many(rendered, known_from, is_told):  # fmt: skip
    search = ("pubmed", "2024-01-02", "PubMed", "database", "frozen", "PubMed", "PubMed", "2024-01-02", "", "", "", "a", "9", "9", "", "")  # fmt: skip
    recall = [("pubmed", "2024-01-02", "PubMed", "counted", "9", "4", known_from, "3", "0.75")]  # fmt: skip
    made = body(rendered("{{ searches() }}", searches=[search], recall=recall))

    assert ("3 of 4" in made) is is_told


def test_figures_tables_and_sections_are_numbered_in_order_and_linked(rendered):
    made = body(
        rendered(
            '# One {#one}\n\n{{ sec("two") }}, {{ fig("bars", panel="B") }}, {{ tab("wide") }}\n\n'
            '# Free {.unnumbered}\n\n## Two {#two}\n\n{{ figure("bars") }}\n{{ table("wide") }}\n'
        )
    )
    assert '# One {#one sec="1"}' in made and '## Two {#two sec="1.1"}' in made
    assert "# Free {#free .unnumbered}" in made
    assert "[Section\N{NO-BREAK SPACE}1.1](#two)" in made
    assert "[Figure\N{NO-BREAK SPACE}1B](#fig-bars)" in made
    assert "::: {#tbl-wide .table-block .landscape}" in made
    assert "**Figure\N{NO-BREAK SPACE}1.** Bars of [5](#n-included)" in made


def test_every_name_that_is_not_there_is_named_with_its_line_and_the_nearest(rendered):
    said = problems(
        rendered,
        'a {{ n("includd") }}\n{{ label("kind", "z") }}\n{{ cited("x", "wang_216") }}\n'
        '{{ fig("bars") }} {{ tab("none") }}\n{{ warning("even") }} {{ cite_members("by_kind.a") }}\n'
        '{{ n("nothing") }}',
    )
    assert [line.split(":")[1] for line in said] == [
        "1",
        "2",
        "3",
        "4",
        "4",
        "5",
        "5",
        "6",
    ]
    assert said[0].startswith(
        "manuscript/review.md.j2:1: there is no number 'includd'; expected one of included; did you mean included?"
    )
    assert "did you mean wang_2016?" in said[2]


def test_a_function_or_attribute_that_is_not_there_stops_with_its_line(rendered):
    assert problems(rendered, "a\n{{ m('x') }}")[0].startswith(
        "manuscript/review.md.j2:2: 'm' is undefined"
    )
    assert ":2: the template cannot be read" in problems(rendered, "a\n{{ n( }}")[0]


def test_a_number_whose_term_no_row_has_any_more_is_no_misspelt_one(rendered):
    numbers = [("by_kind.b", "2", "set", "x", "", "", "", "")]
    (said,) = problems(rendered, '{{ n("by_kind.a") }}', numbers=numbers, settings={"figures": {}})  # fmt: skip
    assert "'by_kind.a': no row has its terms" in said and "did you mean" not in said  # fmt: skip


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("tab(wide)", "wide stands without quotes; expected names in straight quotes: tab(\"studies\")"),
        ("n('included', form=words)", "words stands without quotes; expected names in straight"),
        ("n(“included”)", "the template cannot be read: unexpected char '“' at 7; expected names in straight quotes"),
        ("searches", "searches is a function and is not called; write searches()"),
        ("n(family('by_kind')[0].idd)", "has no attribute 'idd'"),
    ],
)  # fmt: skip
def test_a_name_without_quotes_and_a_function_without_brackets_say_what_to_write(
    rendered, call, says
):
    (said,) = problems(rendered, f"a\n{{{{ {call} }}}}")
    assert said.startswith("manuscript/review.md.j2:2: ") and says in said


@pytest.mark.parametrize(
    "template",
    [
        "{{ 39 }}",
        '{{ "39" }}',
        '{{ "thirty" }}',
        "{{ claims() | length }}",
        "{% set x = 3 %}{{ x * 13 }}",
        "{% raw %}39{% endraw %}",
        '{% include "x" %}',
        "{{ ''.__class__ }}",
    ],
)
def test_no_expression_prints_a_count_without_a_name(rendered, template):
    assert problems(rendered, template)


def test_the_one_escape_is_listed_with_its_reason(rendered):
    review = rendered('a\n{{ literal("12 h", why="the dose") }}')
    assert review.literals.to_dict("records") == [
        {"where": "manuscript/review.md.j2:2", "words": "12 h", "why": "the dose"}
    ]


def test_typed_counts_in_captions_are_found_too(rendered):
    figures = {"bars": {"caption": "Bars of 5 studies."}}
    said = problems(rendered, "a", settings={"figures": figures})
    assert said[0].startswith("config.yaml::figures.bars.caption: '5' is typed")


def test_an_unused_definition_warns_in_a_draft_and_stops_a_release(rendered):
    template = USES_ALL.replace('{{ n("drop") }}', "")
    assert list(rendered(template).warnings["where"]) == ["drop", "nothing"]
    said = problems(rendered, template, settings={"status": "release"})
    assert [line.split(": ")[0] for line in said] == [
        "manuscript/numbers.yaml::drop",
        "manuscript/numbers.yaml::nothing",
    ]


@pytest.mark.parametrize("slip", ["{{ n( }}", "{{ n(drop) }}"])
def test_a_text_that_stops_at_a_mistake_accuses_nothing_behind_it(rendered, slip):
    said = problems(rendered, slip + "\n" + USES_ALL, settings={"status": "release"})
    assert len(said) == 1 and said[0].startswith("manuscript/review.md.j2:1:")


def test_tables_figures_claims_and_numbers_made_of_numbers_count_as_uses(rendered):
    numbers = [
        ("total", "5", "count", "x", "", "", "", ""),
        ("part", "2", "share", "x", "", "", "total", ""),
        ("by_kind.a", "2", "count", "x", "", "", "", ""),
        ("by_kind.b", "2", "count", "x", "", "", "", ""),
        ("included", "5", "count", "x", "", "", "", ""),
    ]
    claims = [("c1", "", "", "2", "equals", "part", "2", "reproduced", "table", "")]
    uses = rendered("a", numbers=numbers, claims=claims).uses
    assert list(uses.itertuples(index=False, name=None)) == [
        ("by_kind.a", "results/figures/bars.csv"),
        ("by_kind.b", "results/tables/wide.html"),
        ("part", "results/claims/claims.csv:c1"),
        ("total", "number:part"),
    ]


def test_a_claim_shows_its_value_and_its_rows_as_links(rendered):
    claims = [
        ("c1", "", "", "2", "equals", "included", "5", "contradicted", "table", ""),
        ("c2", "", "", "2", "equals", "", "", "not_derivable", "text", ""),
    ]
    loop = "{% for claim in claims() %}{{ claim.recomputed }}, {{ claim.rows }}; {% endfor %}"
    link = '(#n-included){.number data-number="included"}'
    assert body(rendered(loop, claims=claims)) == f"[5]{link}, [rows]{link}; , ;"


def test_a_template_is_rendered_once(rendered):
    labels = [("arms", "kind", "a", "{{ n('included') }}", "{% raw %}{{7*7}}", "")]
    made = body(
        rendered(
            '{{ label("kind", "a") }}{{ label("kind", "a", "short") }}', labels=labels
        )
    )
    assert r"\{\{7\*7\}\}" in made and "49" not in made and "#n-included" not in made


@pytest.mark.parametrize(
    ("value", "markdown"),
    [
        ("p16-kind", "p16-kind"),
        ("a_b*c", r"a\_b\*c"),
        ("1. x", r"1\. x"),
        ("(1) x", r"\(1) x"),
        ("a--b...", r"a\-\-b\.\.\."),
        ("x\n# y\u2028z\x1b[1m", r"x \# y z\[1m"),
        ("\u202eabc", "abc"),
        ("R&D &amp;", r"R&D \&amp;"),
    ],
)
def test_a_value_shows_in_markdown_as_it_stands(value, markdown):
    assert text.escape(value) == markdown


@pytest.mark.parametrize(
    ("value", "words"),
    [("2", "second"), ("13", "13th"), ("22", "22nd"), ("111", "111th")],
)
def test_ordinals(value, words):
    assert text.in_order(value) == words
