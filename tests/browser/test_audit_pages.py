"""The pages of the shipped review, clicked through: what they show is what the tables hold."""

import csv

import manuscript_case as case
import pytest
from browser import chromium

pytest.importorskip("axe_playwright_python", reason="axe is absent")

PAYLOADS = '</script><script>alert(1)</script><img src="http://127.0.0.1:9/x" onerror="alert(1)">'
TEMPLATE = '# One {#one}\n\nWe read {{ n("included") }} records.\n'


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def results(shipped):
    return shipped / "results"


@pytest.fixture(scope="module")
def members(results):
    found = {}
    for row in rows(results / "numbers/members.csv"):
        found.setdefault(row["number_id"], []).append(row["member_id"])
    return found


@pytest.fixture(scope="module")
def review(browser, results):
    with chromium.opened(browser, results / "manuscript/review.html") as page:
        yield page


@pytest.fixture(scope="module")
def audit(browser, results):
    with chromium.opened(browser, results / "audit/index.html") as page:
        yield page


@pytest.fixture(autouse=True)
def closed(request):
    yield
    for name in ("review", "audit"):
        if name in request.fixturenames:
            page = request.getfixturevalue(name)
            if page.locator("dialog[open]").count():
                page.keyboard.press("Escape")


def test_a_number_of_the_text_opens_the_members_that_its_table_has(review, members):
    links = review.locator("main p a.number")
    for at in range(0, min(links.count(), 120), 12):
        link = links.nth(at)
        number_id = link.get_attribute("data-number")
        link.click()

        if members.get(number_id):
            assert chromium.ids_listed(review) == members[number_id]
        review.keyboard.press("Escape")


def test_a_number_tells_its_raw_files_and_no_code(review, results):
    review.locator('main a[data-number="included_studies"]').first.click()
    review.locator("dialog[open] .chain summary").click()
    chain = review.locator("dialog[open] .chain").inner_text()

    assert "data/raw/extraction/reading_a/studies.csv" in chain
    assert ".py" not in chain
    text = (results / "manuscript/review.html").read_text(encoding="utf-8")
    for line in rows_of_ledger(results):
        assert line["code_sha256"][:12] not in text


def rows_of_ledger(results):
    import json

    return json.loads((results / "audit/provenance.json").read_text())


def test_members_are_sorted_by_the_column_that_is_clicked(review):
    review.locator('main a[data-number="included_studies"]').first.click()
    panel = review.locator("dialog[open]")
    year = panel.get_by_role("button", name="Year")
    year.click()
    up = panel.locator("tbody tr > :nth-child(2)").all_inner_texts()
    year.click()
    down = panel.locator("tbody tr > :nth-child(2)").all_inner_texts()

    assert up == sorted(up) and down == sorted(down, reverse=True) and up[0] < down[0]
    assert panel.locator("th[aria-sort=descending]").inner_text().startswith("Year")
    assert panel.locator('a[href^="https://doi.org/10."]').count()


def test_a_box_of_the_flow_opens_its_records(review, results):
    drawn = review.locator('#fig-prisma_flow [data-mark="#b-box10"]')
    drawn.scroll_into_view_if_needed()
    drawn.click()
    assert "n = 39" in review.locator("dialog[open] h2").inner_text()
    review.keyboard.press("Escape")

    review.locator("#fig-prisma_flow summary").click()
    review.locator('#fig-prisma_flow a[href="#b-new_studies"]').click()
    held = rows(results / "flow/members.csv")
    assert chromium.ids_listed(review) == [
        row["member_id"] for row in held if row["box"] == "new_studies"
    ]


def test_a_box_that_nobody_published_says_so(review):
    review.evaluate("location.hash = '#b-records_excluded'")
    panel = review.locator("dialog[open]")

    assert "not published" in panel.inner_text()
    assert panel.locator("tbody").count() == 0


def test_a_bar_and_its_row_of_data_open_the_same_number(review, members):
    number_id = "studies_by_msc_species.mouse"
    bar = review.locator(f'#fig-study_characteristics [data-mark="#n-{number_id}"]')
    bar.scroll_into_view_if_needed()
    bar.click()
    assert chromium.ids_listed(review) == members[number_id]
    review.keyboard.press("Escape")

    review.locator("#fig-study_characteristics summary").click()
    review.locator(
        f'#fig-study_characteristics details a[data-number="{number_id}"]'
    ).click()
    assert chromium.ids_listed(review) == members[number_id]


@pytest.mark.parametrize("page", ["review", "audit"])
def test_members_that_are_statements_or_counts_are_told_in_words(page, request):
    shown = request.getfixturevalue(page)
    at = "#n-" if page == "review" else "#number:"
    shown.evaluate(f"location.hash = '{at}claims_by_verdict.rule_dependent'")
    panel = shown.locator("dialog[open]")
    panel.get_by_text("species_mouse").wait_for()
    assert panel.locator("thead th").all_inner_texts() == ["Name", "Id"]
    assert panel.locator("tbody tr").first.inner_text() == "5 articles with MSCs from mice\tspecies_mouse"  # fmt: skip

    shown.evaluate(f"location.hash = '{at}counts_not_published'")
    panel.get_by_text("Reports not retrieved", exact=True).wait_for()


def test_a_row_tells_the_lines_of_the_raw_files_that_it_was_made_from(review, shipped):
    review.evaluate("location.hash = '#m-wang_2020-1'")
    told = review.locator("dialog[open] dl code").all_inner_texts()
    readings = [one for one in told if "/reading_" in one]
    assert len(readings) == 2 and "data/raw/extraction/consensus_notes.csv" in told[0]
    for place in told:
        path, _, line = place.rpartition(":")
        assert "wang_2020-1," in (shipped / path).read_text("utf-8").splitlines()[int(line) - 1]  # fmt: skip


@pytest.mark.parametrize("page", ["review", "audit"])
def test_a_count_that_was_published_without_records_tells_where(page, request):
    shown = request.getfixturevalue(page)
    shown.evaluate(f"location.hash = '{'#n-' if page == 'review' else '#number:'}reported_screened'")  # fmt: skip
    words = shown.locator("dialog[open] dl").inner_text()
    assert "data/raw/published/reported.csv:3" in words
    assert "Literature Search, paragraph after the Scopus query" in words


def test_a_member_of_the_audit_leads_to_its_row_in_the_review(audit):
    audit.evaluate("location.hash = '#number:studies_by_msc_species.mouse'")
    link = audit.locator("dialog[open] tbody a", has_text="wu_2023")
    assert link.get_attribute("href") == "../manuscript/review.html#m-wu_2023"


def test_a_statement_that_is_contradicted_opens_its_claim_with_its_note(
    review, results
):
    said = rows(results / "claims/claims.csv")
    links = review.locator('#claims a[href^="#c-"]')
    assert links.count() == sum(row["verdict"] in ("contradicted", "rule_dependent") for row in said)  # fmt: skip
    review.locator('a[href="#c-skin_hacat_refs"]').click()
    panel = review.locator("dialog[open]")
    told = dict(zip(
        panel.locator("dt").all_inner_texts(), panel.locator("dd").all_inner_texts(), strict=True,
    ))  # fmt: skip
    assert (told["Stated"], told["Recomputed"]) == ("46; 56; 57; 58", "46; 56; 68; 58")
    assert "interchanges" in told["Note"] and "claims.csv:" in told["Kept in"]
    panel.locator("dd a.number").first.click()
    assert "refs_by_target_cell.hacat" in panel.inner_text()


@pytest.mark.parametrize("page", ["review", "audit"])
def test_a_link_to_what_is_not_here_says_so(page, request):
    shown = request.getfixturevalue(page)
    shown.evaluate(f"location.hash = '{'#n-' if page == 'review' else '#number:'}gone'")
    words = shown.locator("dialog[open] #panel-content").inner_text()
    assert words.split() == [
        "Not",
        "here",
        "There",
        "is",
        "no",
        "number",
        "gone",
        "here.",
    ]


def test_what_a_statement_says_and_what_the_tables_give_are_told_in_the_same_words(audit):  # fmt: skip
    audit.evaluate("location.hash = '#claim:skin_fibroblast_forms'")
    told = dict(zip(
        audit.locator("dialog[open] dt").all_inner_texts(),
        audit.locator("dialog[open] dd").all_inner_texts(), strict=True,
    ))  # fmt: skip
    assert told["Stated"] == told["Recomputed"] == "Conditioned medium; Extracellular vesicles"  # fmt: skip


def test_a_row_of_a_table_opens_its_lines_with_their_notes(review, results):
    review.locator('#tbl-table_1 a.row[href="#m-wang_2016-1"]').click()
    panel = review.locator("dialog[open]")
    arm = next(
        row for row in rows(results / "extraction/arms.csv") if row["arm_id"] == "wang_2016-1"
    )  # fmt: skip
    lines = [
        row["effect_id"]
        for row in rows(results / "extraction/effects.csv")
        if row["arm_id"] == "wang_2016-1"
    ]

    assert arm["note"] in panel.inner_text()
    assert panel.locator("tbody th").all_inner_texts() == lines


def test_every_cell_of_every_table_opens_something(review):
    unopened = review.evaluate("""() => {
      const left = [];
      // What is not laid out opens as well, and sooner.
      document.querySelector("main").hidden = true;
      for (const cell of document.querySelectorAll("main .table-block tbody td")) {
        (cell.querySelector("a:not([href^='#ref-'])") ?? cell).click();
        const panel = document.querySelector("dialog[open]");
        if (panel) panel.close(); else left.push(cell.textContent);
      }
      document.querySelector("main").hidden = false;
      return left;
    }""")
    links = "main .table-block tbody tr:not(:has(a.row, a.number))"
    assert unopened == [] and review.locator(links).count() == 0


def test_a_cell_of_a_computed_table_opens_the_row_it_was_read_from(review, results):
    (row,) = [
        row for row in rows(results / "synthesis/direction_tests.csv") if row["group"] == "proliferation"
    ]  # fmt: skip
    printed = review.locator('#tbl-effect_summary tr:has([data-number="studies_by_domain.proliferation"])')  # fmt: skip
    assert printed.locator("th a").count() == 0
    printed.locator("td a.row").click()
    panel = review.locator("dialog[open]")
    assert row["sign_p"] in panel.locator("dl").inner_text()
    assert "file:results%2Fsynthesis%2Fdirection_tests.csv" in panel.locator(".note a").get_attribute("href")  # fmt: skip


def test_a_panel_leads_on_and_back(review):
    review.locator('main a[data-number="ev_share"]').first.click()
    panel = review.locator("dialog[open]")
    share = panel.locator("h2").inner_text()
    panel.locator("dd a.number").first.click()
    assert panel.locator("h2").inner_text() != share
    panel.get_by_role("button", name="Back").click()
    assert panel.locator("h2").inner_text() == share


def test_the_audit_shows_every_number_claim_and_rule(audit, results):
    for section, table in (("numbers", "numbers/numbers"), ("claims", "claims/claims")):
        n = len(rows(results / f"{table}.csv"))
        assert f"of {n:,}" in audit.locator(f"#{section} [role=status]").inner_text()
    drawn = {
        node.get_attribute("data-node") for node in audit.locator(".node.rule").all()
    }
    assert {line["rule"] for line in rows_of_ledger(results)} <= drawn


def test_a_verdict_shows_its_claims_and_a_claim_its_members(audit, results, members):
    held = [
        row for row in rows(results / "claims/claims.csv") if row["verdict"] == "contradicted"
    ]  # fmt: skip
    claims = audit.locator("#claims")
    claims.get_by_role("button", name="contradicted").click()
    assert f"{len(held)} rows" in claims.locator("[role=status]").inner_text()

    counted = next(row for row in held if members.get(row["number_id"]))
    claims.get_by_role("link", name=counted["says"]).first.click()
    assert counted["why"] in audit.locator("dialog[open]").inner_text()
    assert chromium.ids_listed(audit) == members[counted["number_id"]]


def test_a_step_opens_its_code_and_files_by_keyboard(audit, shipped):
    node = audit.locator('.node[data-node="count_prisma_flow"]')
    node.focus()
    audit.keyboard.press("Enter")
    panel = audit.locator("dialog[open]")
    panel.locator("h2", has_text="count_prisma_flow").wait_for()

    assert (
        "Adapter of rule count_prisma_flow" in panel.locator("pre").first.inner_text()
    )
    assert panel.get_by_text("workflow/scripts/retrace/flow.py").count()
    panel.get_by_role("link", name="results/flow/prisma.csv").first.click()
    panel.locator("h2", has_text="results/flow/prisma.csv").wait_for()
    panel.get_by_role("button", name="Back").click()
    panel.locator("h2", has_text="count_prisma_flow").wait_for()
    audit.keyboard.press("Escape")
    assert audit.evaluate("document.activeElement.dataset.node") == "count_prisma_flow"


def test_words_narrow_a_list_down(audit):
    numbers = audit.locator("#numbers")
    numbers.get_by_role("searchbox").fill("included_studies")
    assert numbers.locator("tbody tr").count() >= 1
    assert "39" in numbers.locator("tbody").inner_text()
    numbers.get_by_role("searchbox").fill("")


@pytest.mark.parametrize("width", [1400, 360])
def test_the_page_of_checklists_is_fit_for_every_reader(browser, results, width):
    path = results / "audit/checklists.html"
    with chromium.opened(browser, path, width=width) as page:
        items = rows(results / "audit/prisma_2020.csv") + rows(results / "audit/prisma_s.csv")  # fmt: skip
        assert page.locator("tbody tr").count() == len(items)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert chromium.serious(page) == {}
        assert page.said == []


@pytest.mark.parametrize("width", [1400, 360])
def test_both_pages_are_fit_for_every_reader(review, audit, width):
    for page, panels in (
        (review, ("#n-included_studies", "#m-wang_2016-1")),
        (audit, ("#rule:count_prisma_flow", "#claim:abstract_included")),
    ):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert chromium.serious(page) == {}
        for panel in panels:
            page.evaluate(f"location.hash = {panel!r}")
            page.locator("dialog[open]").wait_for()
            assert chromium.serious(page, "dialog") == {}
            page.keyboard.press("Escape")
        page.set_viewport_size({"width": 1400, "height": 900})


def test_nothing_was_asked_of_the_network_and_nothing_complained(review, audit):
    assert review.said == [] and audit.said == []


def test_five_thousand_members_cost_no_more_than_a_page_of_them(
    browser, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    ids = [f"r{at:04d}" for at in range(5000)]
    case.write(
        tmp_path,
        TEMPLATE,
        members=[("included", one) for one in ids],
        studies=[(one, f"{PAYLOADS} {one}", "") for one in ids],
    )
    case.formats()
    with chromium.opened(browser, tmp_path / "results/manuscript/review.html") as page:
        before = page.evaluate("document.querySelectorAll('*').length")
        page.locator("main a.number").first.click()
        panel = page.locator("dialog[open]")
        assert "5,000" in panel.locator("[role=status]").inner_text()
        assert page.evaluate("document.querySelectorAll('*').length") < before + 600
        panel.get_by_role("searchbox").fill("r4999")
        assert panel.locator("tbody tr").count() == 1
        assert PAYLOADS in panel.locator("tbody").inner_text()
        panel.get_by_role("searchbox").fill("")
        assert page.said == []
