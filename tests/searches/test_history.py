"""PubMed's records come from the history server while it knows the set, and by their ids from then on."""

import csv

import fake_services as fake
import pytest
from freezing import ids_of
from retrace.errors import SearchError
from test_misbehaviour import HTML

UNKNOWN = b'<?xml version="1.0" ?>\n<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>'


def how(service):
    """Return for each EFetch whether it named a set or ids, in the order in which they were answered well."""
    fetched = [asked.parameters for asked in service.asked if asked.path.endswith("efetch.fcgi")]  # fmt: skip
    return ["set" if "WebEnv" in sent else "ids" for sent in fetched]


def test_records_are_fetched_from_the_set_that_the_search_left(freezer):
    service = freezer.service("pubmed", 25)

    frozen = freezer.freeze(service)

    assert service.asked[0].parameters["usehistory"] == "y"
    assert how(service) == ["set", "set", "set"]
    assert [(asked.parameters["retstart"], asked.parameters["retmax"]) for asked in service.asked[1:]] == [
        ("0", "10"), ("10", "10"), ("20", "10"),
    ]  # fmt: skip
    assert ids_of(frozen) == list(range(1, 26))
    assert not frozen.walk.gaps


@pytest.mark.parametrize(
    "answer",
    [
        fake.reply(200, UNKNOWN),
        fake.reply(400, UNKNOWN),
        fake.reply(400, b"cannot get document summary"),
        fake.reply(404, HTML),
        fake.reply(
            200, b'<?xml version="1.0" ?>\n<PubmedArticleSet></PubmedArticleSet>'
        ),
    ],
    ids=["error", "error_400", "words_400", "page_404", "nothing"],
)
def test_a_set_that_is_forgotten_on_the_way_is_gone_on_by_the_ids(freezer, answer):
    service = freezer.service("pubmed", 45, faults={3: answer})

    frozen = freezer.freeze(service)

    assert how(service) == ["set", "set", "ids", "ids", "ids", "ids"]
    assert ids_of(frozen) == list(range(1, 46))
    assert not frozen.walk.gaps
    with (frozen.folder / "responses.csv").open(newline="") as file:
        kept = [row["request"] for row in csv.DictReader(file)]
    assert ["WebEnv" in request for request in kept] == [False, True, False, False, False, False]  # fmt: skip


@pytest.mark.parametrize("at", range(4, 8))
def test_a_stopped_search_goes_on_by_the_ids_whatever_was_sent_before(freezer, at):
    service = freezer.service("pubmed", 45, faults={3: fake.reply(200, UNKNOWN), at: fake.reply(401)})  # fmt: skip
    with pytest.raises(SearchError):
        freezer.freeze(service)
    service.sets.clear()
    service.faults.clear()

    frozen = freezer.freeze(service)

    assert set(how(service)[at - 1 :]) == {"ids"}
    assert frozen.n_answers - frozen.n_asked == at - 2, "what is kept is not fetched again"  # fmt: skip
    assert ids_of(frozen) == list(range(1, 46))
    assert not frozen.walk.gaps


def test_a_search_that_was_stopped_before_any_record_goes_on_by_the_ids(freezer):
    service = freezer.service("pubmed", 25, faults={2: fake.reply(401)})
    with pytest.raises(SearchError):
        freezer.freeze(service)
    service.faults.clear()

    frozen = freezer.freeze(service)

    assert how(service) == ["set", "ids", "ids", "ids"]
    assert frozen.n_asked == 3


def test_each_part_of_a_split_search_has_its_own_set(freezer):
    service = freezer.service("pubmed", 40)
    freezer.limit("pubmed", set=15)
    service.records = fake.records(40, per_day=5)

    frozen = freezer.freeze(service)

    named = {asked.parameters["WebEnv"] for asked in service.asked if "WebEnv" in asked.parameters}  # fmt: skip
    assert len(named) > 2
    assert ids_of(frozen) == list(range(1, 41))
    assert not frozen.walk.gaps


def test_a_set_that_holds_something_else_than_the_list_is_a_gap(freezer):
    service = freezer.service("pubmed", 25)
    whole = service._pubmed

    def shifted(path, parameters):
        for name, held in service.sets.items():
            service.sets[name] = [25 if number == 7 else number for number in held]
        return whole(path, parameters)

    service._pubmed = shifted
    frozen = freezer.freeze(service)

    assert ids_of(frozen) == sorted([*range(1, 26), 25])
    assert [(gap.what, gap.n, gap.ids) for gap in frozen.walk.gaps] == [("repeated", 1, ("25",))]  # fmt: skip
    assert how(service) == ["set", "set", "set", "ids"], "what the set left out is asked for by its id"  # fmt: skip


def test_without_a_set_the_ids_are_asked_for(freezer):
    def bend(body):
        return body.replace(b"<WebEnv>", b"<Web>").replace(b"</WebEnv>", b"</Web>")

    service = freezer.service("pubmed", 25, bend=bend)

    assert ids_of(freezer.freeze(service)) == list(range(1, 26))
    assert how(service) == ["ids", "ids", "ids"]
