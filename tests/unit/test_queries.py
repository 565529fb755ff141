"""Search strings are cut, checked and compared at their places, and nothing in them is mended."""

import random
import time

import pytest
from retrace import queries, schemas, tables
from retrace.queries.syntax import ANY, OVID, PUBMED, SCOPUS
from retrace.queries.terms import forms, key, wording
from retrace.queries.tree import blocks


def found(query, syntax=ANY):
    """Return what is odd as (code, offset) pairs."""
    return [
        (one.code, one.offset) for one in queries.lint(queries.parse(query, syntax))
    ]


def kinds(query, syntax=ANY):
    return [(token.kind, token.text) for token in queries.tokens(query, syntax)]


def searches(**strings):
    """Return searches whose platform is their name, with a published string each."""
    return tables.frame(
        [
            {
                "source": name, "round": "undated", "label": name.title(), "kind": "database",
                "status": "reported_only", "platform": name, "query_published": query,
            }
            for name, query in strings.items()
        ],
        schemas.SEARCHES,
    )  # fmt: skip


def held(**strings):
    """Return {(source, term): (found, form)}."""
    frame = queries.compare(searches(**strings))
    return {
        (row.source, row.term): (row.found, row.form)
        for row in frame.itertuples()
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "syntax", "expected"),
    [
        ('"red fox"[tiab]', PUBMED, [("phrase", '"red fox"'), ("tag", "[tiab]")]),
        ("fox[MeSH Terms:noexp]", PUBMED, [("word", "fox"), ("tag", "[MeSH Terms:noexp]")]),
        ('"red fox"[tiab:~3]', PUBMED, [("phrase", '"red fox"'), ("tag", "[tiab:~3]")]),
        ("TITLE-ABS-KEY(fox*)", SCOPUS,
         [("function", "TITLE-ABS-KEY"), ("open", "("), ("word", "fox*"), ("close", ")")]),
        ("fox W/3 den", SCOPUS, [("word", "fox"), ("operator", "W/3"), ("word", "den")]),
        ("a AND NOT b", SCOPUS, [("word", "a"), ("operator", "AND NOT"), ("word", "b")]),
        ("(fox or den).ti,ab.", OVID,
         [("open", "("), ("word", "fox"), ("operator", "or"), ("word", "den"), ("close", ")"), ("tag", ".ti,ab.")]),
        ('exp "Head and Neck"/ or "Den"/', OVID, [("phrase", 'exp "Head and Neck"/'), ("operator", "or"), ("phrase", '"Den"/')]),
        ("fox adj3 den.tw.", OVID, [("word", "fox"), ("operator", "adj3"), ("word", "den"), ("tag", ".tw.")]),
        ("fox adj3 den", PUBMED, [("word", "fox"), ("word", "adj3"), ("word", "den")]),
        ("#1 AND #2", ANY, [("line", "#1"), ("operator", "AND"), ("line", "#2")]),
        ("android ORB", ANY, [("word", "android"), ("word", "ORB")]),
        ("{red fox}", SCOPUS, [("phrase", "{red fox}")]),
    ],
)  # fmt: skip
def test_a_string_is_cut_into_its_tokens(query, syntax, expected):
    assert kinds(query, syntax) == expected


@pytest.mark.parametrize(
    ("query", "syntax", "expected"),
    [
        ('("a" or "b")', PUBMED, [("lower_case_operator", 5)]),
        ("(a or b) and c", OVID, []),
        ("a OR b or c", ANY, [("lower_case_operator", 7)]),
        ('("a" OR "b"', ANY, [("unclosed_bracket", 0)]),
        ('("a" OR "b"))', ANY, [("extra_bracket", 12)]),
        ('"a" OR "b', ANY, [("unclosed_quote", 7)]),
        ('"a OR "b" OR "c"', ANY, [("unclosed_quote", 0)]),
        ("“a b” OR c", ANY, [("curly_quotes", 0)]),
        ('("a" OR "b" OR "A")', ANY, [("doubled_term", 15)]),
        ('("a"[MeSH] OR "a"[tiab])', PUBMED, []),
        ('("a" OR "b") AND ("a" OR "c")', ANY, []),
        ("() AND a", ANY, [("empty_group", 0)]),
        ('"" OR a', ANY, [("empty_group", 0)]),
        ('("a" OR "b" OR', ANY, [("unclosed_bracket", 0), ("cut_off", 12)]),
        ('"a" AND (', ANY, [("cut_off", 8), ("unclosed_bracket", 8)]),
        ('"a" "b"', ANY, [("missing_operator", 4)]),
        ('("a") ("b")', ANY, [("missing_operator", 6)]),
        ("red fox", ANY, []),
        ("a OR b AND c", ANY, [("mixed_operators", 7)]),
        ("a OR (b AND c)", ANY, []),
        ('("a" OR "b").', ANY, [("junk_after_end", 12)]),
        ("(fox).ti.", OVID, []),
        ('exp "Head and Neck"/ or *foxes/ or *"Trial and Error"/px, ge', OVID, []),
        ("a OR OR b", ANY, [("operator_without_term", 5)]),
        ("(OR a)", ANY, [("operator_without_term", 1)]),
        ("(a OR)", ANY, [("operator_without_term", 3)]),
        ("fox[tiabb]", PUBMED, [("unknown_field", 3)]),
        ("fox[tiabb]", ANY, []),
        ("TITLE-ABS-KEI(fox)", SCOPUS, [("unknown_field", 0)]),
        ("TITLE-ABS-KEY(fox)", PUBMED, [("unknown_field", 0)]),
        ("fox[tiab]", SCOPUS, [("unknown_field", 3)]),
        ("{red fox*}", SCOPUS, [("wildcard_in_phrase", 0)]),
        ("fox*", PUBMED, [("short_wildcard", 0)]),
        ("foxes*", PUBMED, []),
        ("", ANY, []),
    ],
)
def test_what_is_odd_is_told_with_its_place(query, syntax, expected):
    assert found(query, syntax) == expected


def test_a_place_is_a_line_and_a_column():
    frame = queries.warn(searches(pubmed='("a" OR\n"b") AND\n  ("c" or "d")'))

    assert list(frame["where"]) == ["pubmed/undated:query_published:3:8"]
    assert "at character 25," in frame["says"][0]


def test_blocks_are_what_and_joins_whatever_the_outer_brackets():
    nested = queries.parse("((a OR b) AND ((c) AND (d OR e))) NOT f")

    assert [
        ([term.text for term in block.terms], block.excluded)
        for block in blocks(nested)
    ] == [(["a", "b"], False), (["c"], False), (["d", "e"], False), (["f"], True)]


def test_a_field_around_all_blocks_parts_none_of_them():
    held = blocks(queries.parse("TITLE-ABS-KEY((fox OR vulpes) AND (den)) AND PUBYEAR < 2024", SCOPUS))  # fmt: skip

    assert [[(term.text, term.field) for term in block.terms] for block in held] == [
        [("fox", "TITLE-ABS-KEY"), ("vulpes", "TITLE-ABS-KEY")], [("den", "TITLE-ABS-KEY")],
    ]  # fmt: skip


CONFIG = {
    "concepts": {"animal": {"terms": ["red fox", "vulpes"]}},
    "searches": {
        "pubmed": {"platform": "PubMed", "from": "concepts"},
        "scopus": {"platform": "Scopus", "query": 'TITLE-ABS-KEY("red fox" OR den', "changes": [{"what": "a", "why": "b"}]},
    },
}  # fmt: skip


def test_strings_of_config_are_held_against_each_other_and_not_against_published_ones():
    frame = queries.compare(searches(pubmed="(badger)"), CONFIG)

    of = {(row.query, row.source, row.term): row.found for row in frame.itertuples()}
    assert of == {
        ("published", "pubmed", "badger"): "not_compared",
        ("planned", "pubmed", "red fox"): "same", ("planned", "scopus", "red fox"): "same",
        ("planned", "pubmed", "vulpes"): "one_only", ("planned", "scopus", "den"): "one_only",
    }  # fmt: skip


def test_what_is_odd_in_config_has_its_place():
    frame = queries.warn(searches(), CONFIG)

    assert list(frame["where"]) == ["config.yaml:searches.scopus:1:14"]


def test_an_exact_string_that_is_broken_is_an_error_of_config():
    errors, odd = queries.problems_of_config(CONFIG)

    assert [problem.column for problem in errors] == ["searches.scopus.query"]
    assert not odd


def test_the_strings_are_listed_with_what_they_cannot_say_and_what_was_changed():
    frame = queries.list_strings(CONFIG)

    assert list(frame["given"]) == ["concepts", "exact"]
    assert list(frame["changes"]) == ["", "a: b"]
    text = "\n".join(queries.as_text(CONFIG))
    assert '("red fox"[tiab] OR vulpes[tiab])' in text
    assert "not in all, in scopus: den" in text
    assert "changed: a: b" in text


def test_the_command_prints_the_strings_and_fails_for_a_broken_one(tmp_path, capsys):
    from retrace import cli

    (tmp_path / "config.yaml").write_text(
        "title: T\nstatus: draft\nflow: {arms: [databases]}\n"
        "manuscript: {template: a, definitions: b, bibliography: c, csl: d}\n"
        "concepts: {animal: {terms: [fox]}}\n"
        'searches: {a: {platform: PubMed, query: "(fox"}}\n'
    )

    assert cli.main(["queries", "-d", str(tmp_path)]) == 1
    assert "odd, at character 1" in capsys.readouterr().out
    assert cli.main(["queries", "-d", str(tmp_path), "--platform", "Scopus"]) == 0
    assert "TITLE-ABS-KEY(fox)" in capsys.readouterr().out


def test_limits_and_references_to_lines_are_no_concepts():
    limited = "TITLE-ABS-KEY(fox) AND PUBYEAR > 2010 AND (LIMIT-TO(SUBJAREA, MEDI))"

    assert len(blocks(queries.parse(limited, SCOPUS))) == 1
    assert len(blocks(queries.parse("fox[tiab] AND english[la] AND #3", PUBMED))) == 1


@pytest.mark.parametrize(
    ("one", "other", "form"),
    [
        ("Fox, Red", "red fox", ["inverted"]),
        ("Foxes, Red", "red foxes", ["inverted"]),
        ("red fox's den", "red fox’s den", []),
        ("tree", "trees", ["plural"]),
        ("berry", "berries", ["plural"]),
        ("bacterium", "bacteria", ["plural"]),
        ("tumour", "tumor", ["spelling"]),
        ("swingeing", "swinging", ["spelling"]),
        ("anaemia", "anemia", ["spelling"]),
        ("Tumours, Large", "large tumor", ["inverted", "spelling", "plural"]),
        ("cell-free", "cell free", ["hyphen"]),
    ],
)
def test_a_form_is_told_from_a_term(one, other, form):
    one, other = wording(one), wording(other)

    assert key(one) == key(other)
    assert one == other or forms(one, other) == form
    assert one == other or forms(other, one) == form


@pytest.mark.parametrize(("one", "other"), [("virus", "viru"), ("class", "clas"), ("cell", "well"), ("a b", "b a")])  # fmt: skip
def test_other_terms_stay_apart(one, other):
    assert key(one) != key(other)


def test_terms_are_in_both_in_another_form_or_in_one_only():
    assert held(
        pubmed='("fox" OR "Dens, Large" OR "burrow*") AND "sea"',
        scopus='"sea" AND ("large den" OR "fox" OR "burrows" OR "otter")',
    ) == {
        ("pubmed", "fox"): ("same", ""),
        ("pubmed", "Dens, Large"): ("other_form", "inverted; plural"),
        ("pubmed", "burrow*"): ("other_form", "wildcard"),
        ("pubmed", "sea"): ("same", ""),
        ("scopus", "sea"): ("same", ""),
        ("scopus", "large den"): ("other_form", "inverted; plural"),
        ("scopus", "fox"): ("same", ""),
        ("scopus", "burrows"): ("other_form", "wildcard"),
        ("scopus", "otter"): ("one_only", ""),
    }


def test_a_term_of_another_concept_is_not_found():
    assert held(pubmed='("a" OR "b") AND "c"', scopus='"a" AND ("c" OR "b")')[
        "pubmed", "b"
    ] == ("one_only", "")


def test_among_three_a_term_may_be_in_some():
    of = held(pubmed="a OR b", scopus="a OR b", ovid="a OR c")

    assert of["pubmed", "a"][0] == "same"
    assert of["pubmed", "b"][0] == "some"
    assert of["ovid", "c"][0] == "one_only"


def test_a_string_alone_is_compared_with_nothing():
    assert held(pubmed="a OR b")["pubmed", "a"] == ("not_compared", "")


def test_where_a_block_is_cut_off_its_counterpart_says_so():
    frame = queries.compare(searches(pubmed="(a OR b) AND (c OR d)", scopus="(a OR b) AND (c OR"))  # fmt: skip

    assert dict(zip(frame["source"] + frame["term"], frame["cut_off"], strict=True)) == {
        "pubmeda": "", "pubmedb": "", "pubmedc": "another", "pubmedd": "another",
        "scopusa": "", "scopusb": "", "scopusc": "own",
    }  # fmt: skip


def test_a_concept_that_a_string_lacks_is_told():
    frame = queries.warn(searches(pubmed="(a) AND (b)", scopus="(a)"))

    assert list(frame["code"]) == ["concept_in_some"]
    assert "Scopus" in frame["says"][0]
    assert "“b”" in frame["says"][0]


def test_a_broken_query_is_an_error_where_it_is_to_be_run():
    frame = searches(pubmed="(a OR")
    frame["query_run"] = "(a"

    errors, odd = queries.problems_of(frame)

    assert {problem.column for problem in errors} == {"query_run"}
    assert {problem.column for problem in odd} == {"query_published"}


HOSTILE = {
    "nested": "(" * 10_000 + "a" + ")" * 10_000,
    "open": "(" * 100_000,
    "closed": ")" * 100_000,
    "quotes": '"' * 100_001,
    "open quotes": '"x OR ' * 16_000,
    "words": "a " * 50_000,
    "dots": ". " * 50_000,
    "square": "[" * 100_000,
    "operators": "or " * 33_000,
    "nested and": "(a AND " * 14_000,
    "fields": "a.ti,ab," * 12_000,
    "commas": "a, " * 33_000,
    "lines": "or/" + "1," * 40_000,
    "blanks": "a" + " " * 50_000 + "." + " " * 50_000,
    "noise": "".join(
        random.Random(1).choices('()[]"“{}.,:;/#*?- aANDORNOT\n\t\0é', k=100_000)
    ),
    "terms": " OR ".join(f'"x {n}"[tiab]' for n in range(5_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_string_costs_time_in_proportion(name):
    query = HOSTILE[name]
    start = time.process_time()

    queries.lint(queries.parse(query, PUBMED))
    part = searches(pubmed=query[:20_000], scopus=query[:20_000])
    queries.compare(part)
    queries.warn(part)

    assert time.process_time() - start < 20


@pytest.mark.parametrize("name", HOSTILE)
def test_no_character_is_lost(name):
    query, end = HOSTILE[name], 0

    for token in queries.tokens(query):
        assert not query[end : token.start].strip()
        assert query[token.start : token.end] == token.text
        end = token.end
    assert not query[end:].strip()
