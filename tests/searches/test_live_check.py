"""The check of the live sources says where a service differs; here it is held against made-up ones."""

import fake_services as fake
import live_check
import pytest
from freezing import NAMES, RECORDS, TOTAL, assert_no_secret, at, put
from retrace.freeze import ABOUT_INCLUDED

LINES = len(NAMES) + len(ABOUT_INCLUDED)


@pytest.fixture
def checked(review, freezer, clock, monkeypatch, capsys):
    """Return what checks all services, one of them bent."""
    for name, value in fake.KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(review / "cache"))
    monkeypatch.setattr(live_check, "RETRACTED", "10.5555/moss.3")

    def run(bent="", notice="retracted", **told):
        held = fake.records(25)
        held[2].notice = notice
        services = [freezer.service(name, records=held, **(told if name == bent else {})) for name in NAMES]  # fmt: skip
        code = live_check.main([f"{one.name}={one.url}" for one in services], clock)
        return code, capsys.readouterr().out

    return run


def test_services_as_documented_agree(checked, review):
    code, said = checked()

    assert code == 0
    assert said.count("agrees") == LINES
    assert not (review / "data").exists()
    assert_no_secret(review, said)


@pytest.mark.parametrize("name", RECORDS)
def test_a_title_that_was_renamed_differs(checked, name):
    title = {"europepmc": "title", "openalex": "title", "crossref": "title", "scopus": "dc:title"}[name]  # fmt: skip

    def bend(content):
        for record in at(content, RECORDS[name])[RECORDS[name][-1]]:
            record["name"] = record.pop(title)
            record.pop("display_name", None)
        return content

    code, said = checked(name, bend=bend)

    assert code == 1
    assert "title stands in 0 of 25 records" in said
    assert said.count("agrees") == LINES - 1


@pytest.mark.parametrize("name", TOTAL)
def test_a_total_that_was_renamed_differs(checked, name):
    code, said = checked(name, bend=put(TOTAL[name], None))

    assert code == 1
    assert f"nothing at {TOTAL[name][-1]}" in said or TOTAL[name][-1] in said


def test_a_count_that_is_not_the_pages_differs(checked):
    code, said = checked("crossref", bend=put(TOTAL["crossref"], 26))

    assert code == 1
    assert "1 missing" in said


@pytest.mark.parametrize("notice", ["", "corrected"])
def test_a_retracted_article_that_is_not_called_so_differs(checked, notice):
    code, said = checked(notice=notice)

    assert code == 1
    assert said.count("it is not called retracted") == len(ABOUT_INCLUDED)


def test_sources_without_their_keys_are_not_asked(checked, monkeypatch):
    monkeypatch.delenv("ELSEVIER_API_KEY")

    code, said = checked()

    assert code == 0
    assert "not asked: ELSEVIER_API_KEY is not set" in said
