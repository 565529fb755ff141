"""The page in a browser: nothing is asked for, nothing runs but its script, a number opens."""

import manuscript_case as case
import pytest
from browser import chromium

ATTACK = '</script><img src="http://127.0.0.1:9/x" onerror="alert(1)"><a href="javascript:alert(1)">'
TEMPLATE = (
    '# One {#one}\n\nWe read {{ n("included") }} studies. {{ label("kind", "a") }}\n\n'
    '{{ fig("bars") }} {{ tab("wide") }} {{ figure("bars") }}\n{{ table("wide") }}\n'
)


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        case.write(
            folder,
            TEMPLATE,
            labels=[("arms", "kind", "a", "", ATTACK, "")],
            studies=[("wang_2016", ATTACK, "10.1000/x"), ("liu_2019", "", ATTACK)],
        )
        case.formats(title=ATTACK)
    path = folder / "results/manuscript/review.html"
    with chromium.opened(browser, path) as opened:
        yield opened


def test_a_number_opens_by_keyboard_and_gives_the_focus_back(page):
    page.locator("main a.number").first.focus()
    page.keyboard.press("Enter")
    panel = page.locator("dialog[open]")
    assert panel.locator("h2").inner_text() == "5"
    assert panel.locator("tbody tr").count() == 2
    assert ATTACK in panel.locator("tbody th").first.inner_text()
    hrefs = [a.get_attribute("href") for a in panel.locator("a").all()]
    assert [href for href in hrefs if not href.startswith(("#", "../audit/"))] == [
        "https://doi.org/10.1000/x"
    ]
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("document.activeElement.dataset.number") == "included"


def test_hostile_words_are_seen_and_do_nothing(page):
    assert ATTACK in page.locator("h1").inner_text()
    assert page.said == []


def test_a_narrow_screen_scrolls_tables_in_their_box(page):
    page.set_viewport_size({"width": 380, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    box = page.locator("#tbl-wide .scroll")
    assert box.evaluate("e => e.scrollWidth > e.clientWidth")
