"""The page of a draft's audit: readable for everybody, and silent whatever the draft says."""

import pytest
from browser import chromium
from retrace.draft import report

pytest.importorskip("axe_playwright_python", reason="axe is absent")

ATTACK = (
    '</td><script>alert(1)</script><img src="http://127.0.0.1:9/x" onerror="alert(1)">'
)
VERDICTS = ("reproduced", "rule_dependent", "contradicted", "not_derivable")


def claim(verdict):
    return {
        "claim_id": f"{verdict} {ATTACK}", "stated": "39", "recomputed": ATTACK, "verdict": verdict,
        "why": ATTACK, "is_found": True, "missing": "",
    }  # fmt: skip


FOUND = {
    "draft": "draft.md",
    "claims": [*map(claim, VERDICTS), claim("contradicted") | {"claim_id": "gone", "is_found": False, "missing": ATTACK}],
    "unclaimed": [{}],
    "counts": dict.fromkeys(VERDICTS, 1) | {"not_found": 1},
}  # fmt: skip
TEXT = [
    {"section": ATTACK, "text": f"39 40 41 42 43 {ATTACK}", "marks": [
        *((3 * at, 3 * at + 2, [one["claim_id"]]) for at, one in enumerate(FOUND["claims"][:4])),
        (12, 14, []),
    ]}
]  # fmt: skip


@pytest.mark.parametrize("width", [1000, 360])
def test_a_draft_is_shown_with_its_verdicts_and_runs_nothing(browser, tmp_path, width):
    file = tmp_path / "page.html"
    file.write_text(report.as_html(FOUND, TEXT), "utf-8")
    with chromium.opened(browser, file, width=width) as page:
        assert page.locator("p a.mark").all_inner_texts() == ["39 ✓", "40 ≈", "41 ✗", "42 ?"]  # fmt: skip
        page.locator("p a.contradicted").click()
        assert "contradicted" in page.locator("tr:target").inner_text()
        assert page.locator("mark.unclaimed").inner_text() == "43"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert chromium.serious(page) == {}
        assert page.said == []
