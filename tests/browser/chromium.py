"""A page in Debian's Chromium that notes whatever it says or asks the network for."""

import shutil
from contextlib import contextmanager

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def started():
    """Start Chromium; a process can hold only one driver, so a session shares it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )


@contextmanager
def opened(browser, path, width=1400, height=900):
    """Open a file; ``said`` gathers console lines, errors, dialogs and requests."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("dialog", lambda dialog: page.said.append(dialog.message))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith("file:") else page.said.append(request.url)
        ),
    )
    page.goto(path.as_uri())
    yield page
    page.close()


def ids_listed(page):
    """Return the ids in the members' list of the open panel, over all its pages."""
    found = []
    panel = page.locator("dialog[open]")
    place = panel.locator("thead th button").all_inner_texts().index("Id") + 1
    while True:
        found += panel.locator(f"tbody tr > :nth-child({place})").all_inner_texts()
        onward = panel.get_by_role("button", name="Next")
        if onward.count() == 0 or onward.is_disabled():
            return found
        onward.click()


def serious(page, within="html"):
    """Return what axe finds in a part of the page that is serious or worse, by rule."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=within).response["violations"]
    return {
        one["id"]: [node["html"][:160] for node in one["nodes"][:3]]
        for one in found
        if one["impact"] in ("serious", "critical")
    }
