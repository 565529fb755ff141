"""Whatever a service does, a round holds every record once, or none is frozen and the reason is told."""

import fake_services as fake
import pytest
from freezing import NAMES, assert_no_secret, ids_of
from retrace.errors import SearchError
from retrace.searches import rounds

WITH_KEYS = ("pubmed", "openalex", "scopus")
LATER = {"pubmed": 3, "europepmc": 2, "openalex": 2, "crossref": 2, "scopus": 3}
"""The number of a request in the middle of a search."""
COUNT = {"pubmed": 5, "europepmc": 4, "openalex": 4, "crossref": 4, "scopus": 5}
"""The number of the request for the first count of a block."""
BLOCKS = ("moss", "walls")

XML_ERROR = b"<?xml version='1.0'?><eSearchResult><ERROR>Search Backend failed: Database is not supported</ERROR></eSearchResult>"
JSON_ERROR = b'{"error": "upstream timed out", "message": "try again"}'
HTML = b"<!DOCTYPE html><html><head><title>Down</title></head><body>Maintenance</body></html>"

PASSING = {
    "429": fake.too_many(),
    "429_seconds": fake.too_many("7"),
    "429_date": fake.too_many(9),
    "429_past_date": fake.too_many(-90),
    "429_negative": fake.too_many("-5"),
    "429_words": fake.too_many("soon"),
    "429_nan": fake.too_many("nan"),
    "500": fake.reply(500, b"oops"),
    "502": fake.reply(502, HTML),
    "503": fake.reply(503, b"", Retry_After="3"),
    "504": fake.reply(504),
    "408": fake.reply(408),
    "200_xml_error": fake.reply(200, XML_ERROR),
    "200_json_error": fake.reply(200, JSON_ERROR),
    "200_html": fake.reply(200, HTML),
    "200_empty": fake.reply(200, b""),
    "200_blank": fake.reply(200, b" \n\n"),
    "200_list": fake.reply(200, b"[]"),
    "200_null": fake.reply(200, b"null"),
    "200_text": fake.reply(200, b"Service temporarily unavailable"),
    "200_bomb": fake.reply(200, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    "cut_with_length": fake.cut(with_length=True),
    "cut_without_length": fake.cut(with_length=False),
    "cut_chunked": fake.cut_chunked,
    "reset": fake.reset,
}
STOPPING = {
    "429_huge": (fake.too_many("86400"), "asks to wait 86,400 seconds"),
    "429_infinite": (fake.too_many("inf"), "asks to wait"),
    "429_far_date": (fake.too_many(5_000_000), "asks to wait"),
    "redirect_host": (fake.redirect("http://elsewhere.example/works?api_key=stolen"), "sends us to http://elsewhere.example"),
    "redirect_file": (fake.redirect("file:///etc/passwd"), "sends us to file://"),
    "redirect_same": (fake.redirect("/other"), "sends us to /other"),
    "401": (fake.reply(401, b"no"), "status 401: no"),
    "402": (fake.reply(402, b"pay"), "status 402: pay"),
    "414": (fake.reply(414), "too long"),
    "418": (fake.reply(418, b"teapot"), "status 418: teapot"),
    "204": (fake.reply(204), "status 204"),
    "206": (fake.reply(206, b"{}"), "status 206"),
    "repeats_key": (fake.reply(200, b'{"key": "' + fake.KEY.encode() + b'"}'), "repeats a key"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "what", "place"),
    [
        (name, what, place)
        for name in NAMES
        for what in PASSING
        for place in ("first", "later", "twice", "count")
        # Where the answer was lost this service has moved on: see the test of lost pages.
        if not (name == "crossref" and "cut" in what and place in ("later", "twice"))
    ],
)
def test_what_passes_is_waited_for(freezer, review, name, what, place):
    at = {"first": [1], "later": [LATER[name]], "twice": [LATER[name], LATER[name] + 1], "count": [COUNT[name]]}  # fmt: skip
    service = freezer.service(name, faults={k: PASSING[what] for k in at[place]})

    frozen = freezer.freeze(service, blocks=BLOCKS)

    assert ids_of(frozen) == list(range(1, 26))
    assert frozen.walk.hits == [25, 25]
    assert not frozen.walk.gaps
    assert frozen.folder == rounds.HOME / name / "2026-03-14"
    assert len(set(service.good())) == len(service.good()) or name == "crossref"
    assert_no_secret(review)


@pytest.mark.parametrize("place", ["first", "later", "count"])
@pytest.mark.parametrize(
    ("name", "what"),
    [
        (name, what)
        for name in NAMES
        for what in STOPPING
        if what != "repeats_key" or name in WITH_KEYS
    ],
)
def test_what_does_not_pass_stops_and_goes_on_where_it_was(freezer, review, name, what, place):  # fmt: skip
    fault, words = STOPPING[what]
    n = {"first": 1, "later": LATER[name], "count": COUNT[name]}[place]
    service = freezer.service(name, faults={n: fault})

    with pytest.raises(SearchError) as stopped:
        freezer.freeze(service, blocks=BLOCKS)

    assert words in str(stopped.value)
    assert len(service.asked) == n, "it is not asked again"
    assert not rounds.rounds(name)
    assert_no_secret(review, str(stopped.value))

    service.faults.clear()
    frozen = freezer.freeze(service, blocks=BLOCKS)

    assert ids_of(frozen) == list(range(1, 26))
    assert frozen.walk.hits == [25, 25]
    assert len(set(service.good())) == len(service.good()) or name == "crossref"
    assert frozen.n_asked == frozen.n_answers - (n - 1)


@pytest.mark.parametrize("what", [what for what in PASSING if what != "reset"])
@pytest.mark.parametrize("name", NAMES)
def test_what_never_passes_ends_after_six_tries(freezer, clock, name, what):
    service = freezer.service(name, faults={k: PASSING[what] for k in range(1, 100)})

    with pytest.raises(SearchError, match="no good answer in 6 tries"):
        freezer.freeze(service)

    assert len(service.asked) == 6
    waits = [later.at - earlier.at for earlier, later in zip(service.asked, service.asked[1:], strict=False)]  # fmt: skip
    assert all(wait >= least for wait, least in zip(waits, (1, 2, 4, 8, 16), strict=True))  # fmt: skip
    assert sum(clock.slept) < 600


@pytest.mark.parametrize("name", [name for name in NAMES if name != "crossref"])
def test_a_silent_service_is_left_after_a_while(freezer, name):
    service = freezer.service(name, faults={LATER[name]: fake.stall})

    assert ids_of(freezer.freeze(service, silence=0.1)) == list(range(1, 26))


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_that_drips_is_left_after_ten_minutes(freezer, monkeypatch, name):
    service = freezer.service(name)
    monkeypatch.setattr(rounds.Client, "_read", lambda self, response, started: self.clock.sleep(601) or client_read(self, response, started))  # fmt: skip

    with pytest.raises(SearchError, match="not whole after 600 seconds"):
        freezer.freeze(service)
    assert len(service.asked) == 6


client_read = rounds.Client._read


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_without_end_is_refused(freezer, monkeypatch, name):
    monkeypatch.setattr("retrace.searches.client.MOST_BYTES", 100)
    service = freezer.service(name)

    with pytest.raises(SearchError, match="more than 100 bytes"):
        freezer.freeze(service)


@pytest.mark.parametrize("name", NAMES)
def test_a_service_that_is_gone_is_told_without_its_keys(freezer, review, name):
    service = freezer.service(name)
    service.close()

    with pytest.raises(SearchError, match="no connection") as stopped:
        freezer.freeze(service)

    assert_no_secret(review, str(stopped.value))


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pubmed", "openalex", "scopus"])
def test_a_wrong_key_is_told_but_not_shown(freezer, review, name):
    wrong = {variable: "wrong-key-0123" for variable in fake.KEYS if "EMAIL" not in variable}  # fmt: skip
    service = freezer.service(name, needs_key=True)

    with pytest.raises(SearchError) as stopped:
        freezer.freeze(service, keys=wrong)

    assert "status 401" in str(stopped.value)
    assert "API key invalid" in str(stopped.value)
    assert "wrong-key" not in str(stopped.value)


@pytest.mark.parametrize(("name", "variable"), [("openalex", "OPENALEX_API_KEY"), ("scopus", "ELSEVIER_API_KEY")])  # fmt: skip
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_key_that_is_needed_and_not_set_stops_before_anything_is_asked(freezer, name, variable, value):  # fmt: skip
    service = freezer.service(name)

    with pytest.raises(SearchError, match=f"{variable} is not set"):
        freezer.freeze(service, keys={} if value is None else {variable: value})
    assert not service.asked


@pytest.mark.parametrize(
    "value", ["two words", "schlüssel-mit-umlaut", "line\r\nX-Evil: 1"]
)
def test_a_key_that_is_none_is_refused_and_not_shown(freezer, value):
    service = freezer.service("scopus")

    with pytest.raises(SearchError) as stopped:
        freezer.freeze(service, keys={"ELSEVIER_API_KEY": value})
    assert value not in str(stopped.value)
    assert not service.asked


@pytest.mark.parametrize("name", ["pubmed", "europepmc", "crossref"])
def test_no_key_is_needed_where_none_is(freezer, name):
    assert ids_of(freezer.freeze(freezer.service(name), keys={})) == list(range(1, 26))


@pytest.mark.parametrize("name", NAMES)
def test_keys_are_sent_where_the_service_documents_them(freezer, name):
    service = freezer.service(name)

    freezer.freeze(service)

    for asked in service.asked:
        agent = asked.headers["User-Agent"]
        assert agent.startswith("retrace/") and f"mailto:{fake.ADDRESS}" in agent
        expected = fake.KEY if name in ("pubmed", "openalex", "scopus") else ""
        assert fake.key_of(name, asked) == expected
        if name == "pubmed":
            assert (asked.parameters["tool"], asked.parameters["email"]) == ("retrace", fake.ADDRESS)  # fmt: skip
        if name == "scopus":
            assert asked.headers["X-ELS-Insttoken"] == f"{fake.KEY}-inst"
            assert "apiKey" not in asked.parameters


@pytest.mark.parametrize("name", NAMES)
def test_no_log_line_holds_a_key(freezer, caplog, name):
    caplog.set_level("DEBUG")
    service = freezer.service(name, faults={1: fake.reply(500, fake.KEY.encode()), 2: fake.reset})  # fmt: skip

    freezer.freeze(service)

    assert fake.KEY not in caplog.text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_no_message_repeats_a_key_or_an_address(freezer, review, name, status):
    service = freezer.service(name, faults={k: fake.echo(status) for k in range(1, 20)})

    with pytest.raises(SearchError) as stopped:
        freezer.freeze(service)

    assert "bad key" in str(stopped.value)
    assert_no_secret(review, str(stopped.value))


@pytest.mark.parametrize("base", ["http://api.example.org", "ftp://x", "file:///etc/passwd", "https://user:word@x.org", "works", ""])  # fmt: skip
def test_only_https_is_asked_unless_an_address_is_given(base, clock, tmp_path, monkeypatch):  # fmt: skip
    from dataclasses import replace

    from retrace.searches import crossref
    from retrace.searches.client import Client

    with pytest.raises(SearchError, match="an https address"):
        Client(replace(crossref.SERVICE, base=base), environment={}, clock=clock, pace=tmp_path)  # fmt: skip


# --- what the services are known for --------------------------------------------------------------


def test_a_used_up_quota_stops_and_the_rest_comes_later(freezer):
    quota = fake.reply(429, b"<error/>", X_ELS_Status="QUOTA_EXCEEDED - Quota Exceeded", X_RateLimit_Reset="1773500400")  # fmt: skip
    service = freezer.service("scopus", 95, faults=dict.fromkeys(range(6, 50), quota))

    with pytest.raises(SearchError, match="quota is used up; it is renewed in 6.0 hours"):  # fmt: skip
        freezer.freeze(service)
    assert len(service.asked) == 6

    service.faults.clear()
    frozen = freezer.freeze(service)
    assert ids_of(frozen) == list(range(1, 96))
    assert (frozen.n_answers, frozen.n_asked) == (11, 6)
    assert len(set(service.good())) == len(service.good())


@pytest.mark.parametrize("name", ["europepmc", "openalex", "crossref"])
@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_cursor_that_is_too_old_makes_the_walk_begin_anew(freezer, name, status):
    service = freezer.service(name, faults={3: fake.reply(status, b"cursor expired")})

    frozen = freezer.freeze(service)

    assert ids_of(frozen) == list(range(1, 26))
    assert not frozen.walk.gaps
    names = {path.name for path in frozen.folder.iterdir()}
    assert len(names) == frozen.n_answers + 2, "the first walk's answers are gone"


@pytest.mark.parametrize("name", ["europepmc", "openalex", "crossref"])
def test_a_cursor_that_always_expires_stops(freezer, name):
    faults = dict.fromkeys((2, 4), fake.reply(404, b"cursor expired"))
    service = freezer.service(name, faults=faults)

    with pytest.raises(SearchError, match="forgot its cursor"):
        freezer.freeze(service)


def test_a_first_page_that_is_refused_is_no_old_cursor(freezer):
    service = freezer.service("europepmc", faults={1: fake.reply(400, b"bad query")})

    with pytest.raises(SearchError, match="status 400: bad query"):
        freezer.freeze(service)


def test_a_page_of_crossref_that_was_lost_on_the_way_is_a_gap(freezer):
    service = freezer.service("crossref", faults={2: fake.cut(with_length=True)})

    frozen = freezer.freeze(service)

    assert ids_of(frozen) == [*range(1, 11), *range(21, 26)]
    assert [(gap.what, gap.n) for gap in frozen.walk.gaps] == [("missing", 10)]
