"""Take the README's pictures from a build: `python docs/pictures.py` (needs Debian's Chromium)."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs/images"


def main() -> None:
    """Take the page with one number open, and copy the flow."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1200, "height": 860})
        page.goto((ROOT / "results/manuscript/review.html").as_uri())
        number = page.locator("p a.number").nth(3)
        number.scroll_into_view_if_needed()
        number.click()
        page.wait_for_timeout(300)
        page.screenshot(path=IMAGES / "review.png")
        browser.close()
    shutil.copy(ROOT / "results/figures/prisma_flow.png", IMAGES / "prisma_flow.png")


if __name__ == "__main__":
    main()
