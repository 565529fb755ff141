"""Pages that drift, repeat, stay empty or hold other fields are told, and caps are split."""

import copy

import fake_services as fake
import pytest
from freezing import CONNECTORS, ID, NAMES, RECORDS, TOTAL, at, ids_of, put
from retrace import readers
from retrace.errors import SearchError
from retrace.searches import rounds

BY_CURSOR = ("europepmc", "openalex", "crossref")


@pytest.mark.parametrize(
    "value", [None, "many", 12.5, [25], {"n": 25}, True, -1, "-1", "1e3"]
)
@pytest.mark.parametrize("name", TOTAL)
def test_a_total_that_is_renamed_or_retyped_is_told_by_its_place(freezer, name, value):
    service = freezer.service(name, bend=put(TOTAL[name], value))

    with pytest.raises(SearchError) as stopped:
        freezer.freeze(service)
    assert TOTAL[name][-1] in str(stopped.value)


@pytest.mark.parametrize("value", [None, "none", {"0": {}}, 7])
@pytest.mark.parametrize("name", BY_CURSOR)
def test_a_list_of_records_that_is_renamed_or_retyped_is_told(freezer, name, value):
    service = freezer.service(name, bend=put(RECORDS[name], value))

    with pytest.raises(SearchError, match="where the documentation has a value"):
        freezer.freeze(service)


@pytest.mark.parametrize("value", [None, 7, ["1"], {}])
@pytest.mark.parametrize("name", ID)
def test_a_record_without_its_id_is_told(freezer, name, value):
    def bend(content):
        content = copy.deepcopy(content)
        for record in at(content, RECORDS[name])[RECORDS[name][-1]]:
            record.pop(ID[name])
            record |= {} if value is None else {ID[name]: value}
        return content

    service = freezer.service(name, bend=bend)

    with pytest.raises(SearchError, match=ID[name]):
        freezer.freeze(service)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"<Count>", b"<Total>", "no good answer"),
        (b"<Count>25</Count>", b"", "no <Count>"),
        (b"<Count>25</Count>", b"<Count>many</Count>", "no <Count>"),
        (b"IdList>", b"Ids>", "no <IdList>"),
        (b"<Id>", b"<Id>x", "no PMID"),
        (b"<Id>25</Id>", b"", "where 25 are announced"),
        (b"eSearchResult>", b"Result>", "in place of <eSearchResult>"),
        (b"PubmedArticleSet>", b"Articles>", "in place of <PubmedArticleSet>"),
        (b"<PMID", b"<ID", "no good answer"),
    ],
)
def test_fields_of_pubmed_that_are_renamed_or_retyped_are_told(freezer, old, new, says):
    def bend(body):
        return body.replace(old, new).replace(old.replace(b"<", b"</"), new.replace(b"<", b"</"))  # fmt: skip

    service = freezer.service("pubmed", bend=bend)

    with pytest.raises(SearchError, match=says):
        freezer.freeze(service)


# --- totals and pages that do not fit ----------------------------------------------------------------


@pytest.mark.parametrize("change", [1, -1, 7])
@pytest.mark.parametrize("name", BY_CURSOR)
def test_a_total_that_drifts_is_noted_and_the_gap_is_listed(freezer, name, change):
    pages = []

    def bend(content):
        pages.append(1)
        return put(TOTAL[name], lambda n: n + change)(content) if len(pages) > 1 else content  # fmt: skip

    frozen = freezer.freeze(freezer.service(name, bend=bend))

    assert ids_of(frozen) == list(range(1, 26))
    assert any("changed on the way: 25, " in note for note in frozen.walk.notes)
    kind = "missing" if change > 0 else "unreported"
    assert [(gap.what, gap.n) for gap in frozen.walk.gaps] == [(kind, abs(change))]


@pytest.mark.parametrize("name", BY_CURSOR)
def test_a_page_that_comes_twice_is_listed_with_its_ids(freezer, name):
    seen = []

    def bend(content):
        seen.append(content)
        if len(seen) == 2:
            path = RECORDS[name]
            content = put(path, at(seen[0], path)[path[-1]])(content)
        return content

    frozen = freezer.freeze(freezer.service(name, bend=bend))

    assert {gap.what: gap.n for gap in frozen.walk.gaps} == {"repeated": 10, "missing": 10}  # fmt: skip
    repeated = next(gap for gap in frozen.walk.gaps if gap.what == "repeated")
    assert len(repeated.ids) == 10


@pytest.mark.parametrize("name", BY_CURSOR)
def test_a_service_that_gives_one_page_for_ever_is_left(freezer, name):
    seen = []

    def bend(content):
        seen.append(content)
        path = RECORDS[name]
        content = put(path, at(seen[0], path)[path[-1]])(content)
        if name == "europepmc":
            content["nextCursorMark"] = f"mark{len(seen)}"
        return content

    service = freezer.service(name, bend=bend)
    service.cursors = {}
    if name == "europepmc":
        frozen = freezer.freeze(_any_cursor(service))
    else:
        frozen = freezer.freeze(service)

    assert len(service.asked) <= 4
    assert {gap.what for gap in frozen.walk.gaps} == {"repeated", "missing"}


def _any_cursor(service):
    service._europepmc = lambda path, parameters: type(service)._europepmc(
        service, path, parameters | {"cursorMark": "*"}
    )
    return service


@pytest.mark.parametrize("name", BY_CURSOR)
def test_one_empty_page_on_the_way_is_stepped_over(freezer, name):
    seen = []

    def bend(content):
        seen.append(1)
        return put(RECORDS[name], [])(content) if len(seen) == 2 else content

    frozen = freezer.freeze(freezer.service(name, bend=bend))

    assert ids_of(frozen) == [*range(1, 11), *range(21, 26)]
    assert [(gap.what, gap.n) for gap in frozen.walk.gaps] == [("missing", 10)]


@pytest.mark.parametrize("name", NAMES)
def test_a_search_that_finds_nothing_is_a_round_of_nothing(freezer, name):
    frozen = freezer.freeze(freezer.service(name, 0))

    assert (frozen.walk.reported, frozen.walk.ids, frozen.walk.gaps) == (0, [], [])
    read = readers.read_all([frozen.folder / "search.yaml"])
    assert read.searches["n_read"].tolist() == [0]
    assert not len(read.rejects)


@pytest.mark.parametrize("n", [1, 9, 10, 11, 20, 21])
@pytest.mark.parametrize("name", NAMES)
def test_pages_are_whole_at_their_edges(freezer, name, n):
    frozen = freezer.freeze(freezer.service(name, n))

    assert ids_of(frozen) == list(range(1, n + 1))
    assert not frozen.walk.gaps
    read = readers.read_all([frozen.folder / "search.yaml"])
    assert (len(read.records), len(read.rejects)) == (n, 0)


@pytest.mark.parametrize("name", BY_CURSOR)
def test_a_record_twice_in_the_pages_is_fetched_and_listed(freezer, name):
    found = fake.records(25)
    frozen = freezer.freeze(freezer.service(name, records=[*found, found[3]]))

    assert [(gap.what, gap.n) for gap in frozen.walk.gaps] == [("repeated", 1), ("missing", 1)]  # fmt: skip


def _without_two(freezer):
    """Return a PubMed whose EFetch has no record of two ids that its ESearch names."""
    service = freezer.service("pubmed", 25)
    known, whole = list(service.records), service._pubmed

    def partial(path, parameters):
        gone = (4, 17) if path.endswith("efetch.fcgi") else ()
        service.records = [record for record in known if record.number not in gone]
        return whole(path, parameters)

    service._pubmed = partial
    return service


def test_records_that_efetch_does_not_know_are_named(freezer):
    service = _without_two(freezer)
    frozen = freezer.freeze(service)

    assert [(gap.what, gap.n, gap.ids) for gap in frozen.walk.gaps] == [("missing", 2, ("4", "17"))]  # fmt: skip
    assert service.asked[-1].parameters["id"] == "17,4", "they are asked for once more"


@pytest.mark.parametrize("status", [200, 400])
def test_a_service_that_has_none_of_what_it_left_out_does_not_stop_the_search(
    freezer, status
):
    service = _without_two(freezer)
    service.faults[5] = fake.reply(
        status, b"id: 17 Error occurred: The following PMID is not available: 17"
    )
    frozen = freezer.freeze(service)

    assert [(gap.what, gap.n, gap.ids) for gap in frozen.walk.gaps] == [
        ("missing", 2, ("4", "17"))
    ]
    read = readers.read_all([frozen.folder / "search.yaml"])
    assert (len(read.records), len(read.rejects)) == (23, 0)


def test_records_that_efetch_left_out_once_come_with_the_second_request(freezer):
    service = freezer.service("pubmed", 25)
    whole, calls = service._pubmed, []

    def partial(path, parameters):
        calls.append(path)
        if len(calls) == 3:
            parameters = parameters | {"id": parameters["id"].partition(",")[2]}
        return whole(path, parameters)

    service._pubmed = partial
    frozen = freezer.freeze(service)

    assert ids_of(frozen) == list(range(1, 26))
    assert not frozen.walk.gaps


# --- caps ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [9_998, 9_999, 10_000, 10_001, 20_011])
def test_more_than_pubmed_lists_is_split_by_day(freezer, n):
    service = freezer.service("pubmed", n, small=False)
    freezer.limit("pubmed", page=2_500)

    frozen = freezer.freeze(service)

    assert (frozen.walk.reported, len(frozen.walk.ids), len(set(frozen.walk.ids))) == (n, n, n)  # fmt: skip
    assert not frozen.walk.gaps
    is_split = any("[edat]" in asked.parameters.get("term", "") for asked in service.asked)  # fmt: skip
    assert is_split == (n > 9_999)


def test_a_day_with_more_than_pubmed_lists_is_split_by_pmid(freezer):
    service = freezer.service("pubmed", records=fake.records(12_000, first=30_000_000, per_day=11_500), small=False)  # fmt: skip
    freezer.limit("pubmed", page=2_500)

    frozen = freezer.freeze(service)

    assert len(set(frozen.walk.ids)) == 12_000
    assert not frozen.walk.gaps
    assert any("[uid]" in asked.parameters.get("term", "") for asked in service.asked)


def test_a_split_that_loses_a_record_says_so(freezer):
    service = freezer.service("pubmed", 40)
    freezer.limit("pubmed", set=15)
    whole = service._pubmed

    def partial(path, parameters):
        body = whole(path, parameters)
        if "[edat]" in parameters.get("term", ""):
            hidden = [record for record in service.records if record.number == 7]
            service.records = [
                record for record in service.records if record.number != 7
            ]
            body = whole(path, parameters)
            service.records = sorted(service.records + hidden, key=lambda of: of.number)
        return body

    service._pubmed = partial
    frozen = freezer.freeze(service)

    assert [(gap.what, gap.n) for gap in frozen.walk.gaps] == [("missing", 1)]
    assert any("add up to 39" in note for note in frozen.walk.notes)


@pytest.mark.parametrize("n", [4_999, 5_000, 5_001])
def test_more_than_scopus_gives_is_split_by_year(freezer, n):
    service = freezer.service("scopus", n, small=False)

    frozen = freezer.freeze(service)

    assert (frozen.walk.reported, len(set(frozen.walk.ids))) == (n, n)
    assert not frozen.walk.gaps
    assert all(int(asked.parameters["start"]) < 5_000 for asked in service.asked)
    is_split = any("PUBYEAR" in asked.parameters["query"] for asked in service.asked)
    assert is_split == (n > 5_000)


def test_a_year_with_more_than_scopus_gives_is_a_gap_with_a_remedy(freezer):
    found = fake.records(60)
    for record in found:
        record.year = 2011
    service = freezer.service("scopus", records=found)
    freezer.limit("scopus", set=50)

    frozen = freezer.freeze(service)

    assert len(set(frozen.walk.ids)) == 50
    (gap,) = frozen.walk.gaps
    assert (gap.what, gap.n) == ("missing", 10)
    assert "options.paging: cursor" in gap.why


def test_a_cursor_walks_all_of_scopus(freezer):
    service = freezer.service("scopus", 60)
    freezer.limit("scopus", set=50)

    frozen = freezer.freeze(service, options={"paging": "cursor"})

    assert ids_of(frozen) == list(range(1, 61))
    assert not frozen.walk.gaps


@pytest.mark.parametrize("name", NAMES)
def test_more_records_than_the_review_allows_are_refused(freezer, name):
    service = freezer.service(name, 25)

    with pytest.raises(SearchError, match="finds 25 records; expected at most 24") as stopped:  # fmt: skip
        freezer.freeze(service, most=24)

    assert "options.most" in str(stopped.value)
    assert len(service.asked) == 1
    assert rounds.unfinished(name) is None
    assert not (rounds.HOME / name).exists() or not any((rounds.HOME / name).iterdir())


# --- what is sent -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("pubmed", {"datetype": "pdat", "mindate": "2010", "maxdate": "2024/06/30"}),
        ("openalex", {"filter": "from_publication_date:2010-01-01,to_publication_date:2024-06-30"}),
        ("crossref", {"filter": "from-pub-date:2010,until-pub-date:2024-06-30"}),
        ("scopus", {"date": "2010-2024"}),
    ],
)  # fmt: skip
def test_dates_are_sent_as_the_service_documents_them(freezer, name, sent):
    service = freezer.service(name)

    freezer.freeze(service, first="2010", last="2024-06-30")

    assert sent.items() <= service.asked[0].parameters.items()


def test_dates_that_a_service_has_no_parameter_for_are_refused_with_the_words(freezer):
    service = freezer.service("europepmc")

    with pytest.raises(SearchError, match=r"FIRST_PDATE:\[2010-01-01 TO 3000-12-31\]"):
        freezer.freeze(service, first="2010")
    assert not service.asked


@pytest.mark.parametrize("name", NAMES)
def test_the_query_arrives_as_it_stands(freezer, name):
    query = '("A & B" OR c+d=e?) AND größe%20 #1 \N{GREEK SMALL LETTER ALPHA}'
    service = freezer.service(name)

    freezer.freeze(service, query=query)

    assert query in service.asked[0].parameters.values()


def test_a_long_query_of_europe_pmc_goes_by_post(freezer):
    service = freezer.service("europepmc")

    freezer.freeze(service, query="moss OR " * 400 + "walls")

    assert {(asked.method, asked.path) for asked in service.asked} == {("POST", "/searchPOST")}  # fmt: skip


@pytest.mark.parametrize("query", ["moss, walls", "moss|walls"])
def test_a_query_that_would_end_a_filter_is_refused(freezer, query):
    service = freezer.service("openalex")

    with pytest.raises(SearchError, match="separates filters"):
        freezer.freeze(service, query=query, options={"search_in": "title_and_abstract"})  # fmt: skip
    assert not service.asked


@pytest.mark.parametrize("value", ["true", "false"])
def test_europe_pmc_is_always_told_about_synonyms(freezer, value):
    service = freezer.service("europepmc")

    freezer.freeze(service, options={"synonym": value} if value == "true" else {})

    assert {asked.parameters["synonym"] for asked in service.asked} == {value}


@pytest.mark.parametrize("name", NAMES)
def test_every_limit_names_its_documentation(name):
    service = CONNECTORS[name].SERVICE

    assert service.base.startswith("https://")
    assert "" in service.rates
    for limit in (*service.rates.values(), *service.limits.values()):
        assert limit.source.startswith("https://")
        assert limit.says
