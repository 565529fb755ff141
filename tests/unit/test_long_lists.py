"""A page of a review with many records holds the first of each long list and says where all are."""

import csv
import json
import re
from pathlib import Path

import manuscript_case as case
import pytest
from browser import chromium
from retrace import schemas, tables
from retrace.audit import pages, pages_data
from retrace.manuscript import members, page

IDS = [f"r{at:02}" for at in range(12)]
MOST = 5
TEMPLATE = """# One {#one}

We read {{ n("included") }} and {{ n("by_kind.a") }}. {{ label("kind", "a") }}

{{ fig("bars") }} {{ tab("wide") }} {{ figure("bars") }}
{{ table("wide") }}
"""
VOTES = "data/raw/screening/reviewers/ada.csv"
BOXES = [
    ("box2", "database_results", "Records found", "12", "counted"),
    ("box10", "new_studies", "Studies included", "2", "counted"),
]


@pytest.fixture
def review(tmp_path, monkeypatch):
    """Return the folder of a review that found twelve records, with pages of at most five each."""
    monkeypatch.chdir(tmp_path)
    case.write(
        tmp_path,
        TEMPLATE,
        members=[("included", one) for one in IDS] + [("by_kind.a", "r11")],
        studies=[(one, f"Title of {one}", "") for one in IDS],
        bars=[("a", "3", "by_kind.a")],
    )
    write("results/flow/prisma.csv", schemas.PRISMA, [
        {"box": box, "data": data, "description": says, "boxtext": says, "n": n, "kind": kind, "tooltips": "."}
        for box, data, says, n, kind in BOXES
    ])  # fmt: skip
    write("results/flow/members.csv", schemas.FLOW_MEMBERS, [
        *({"box": "database_results", "reason": "", "unit": "record", "member_id": one} for one in IDS),
        *({"box": "new_studies", "reason": "", "unit": "study", "member_id": one} for one in IDS[-2:]),
    ])  # fmt: skip
    write("results/screening/settled.csv", schemas.SETTLED, [
        {"record_id": one, "stage": "title_abstract", "decision": "exclude", "reason": "late" if one == "r11" else "", "basis": "2 of 2 votes"}
        for one in IDS
    ])  # fmt: skip
    Path(VOTES).parent.mkdir(parents=True)
    Path(VOTES).write_text(
        "record_id,decision,note\n" + "".join(f"{one},exclude,\n" for one in IDS)
    )
    text = Path("results/manuscript/review.md")
    text.parent.mkdir()
    text.write_text(case.render().text, "utf-8")
    shown = case.html(
        text, prisma="results/flow/prisma.csv", box_members="results/flow/members.csv", most=MOST
    )  # fmt: skip
    text.with_suffix(".html").write_text(shown, "utf-8")
    audit = tmp_path / "results/audit/index.html"
    audit.parent.mkdir()
    # A workflow of one step, since the picture of none cannot be drawn.
    step = {"settle_decisions": {"inputs": [], "outputs": []}}
    audit.write_text(pages.render(gathered(MOST) | {"rules": step}), "utf-8")
    return tmp_path


def write(path, schema, rows):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    tables.write(tables.frame(rows, schema), path, schema)


def gathered(most):
    return pages_data.gather(
        title="A review", outputs=[], sheets=["results/extraction/studies.csv"], raw=[VOTES],
        engine={}, definitions="manuscript/numbers.yaml", most=most,
    )  # fmt: skip


def held(path):
    """Return the data that stand in a page."""
    found = re.search(
        r'type="application/json"[^>]*>(.*?)</script>', path.read_text("utf-8")
    )
    return json.loads(found[1])


def test_a_number_of_the_page_has_its_first_members_and_how_many_it_has(review):
    data = held(review / "results/manuscript/review.html")
    numbers = data["numbers"]
    assert numbers["included"]["members"] == IDS[:MOST]
    assert numbers["included"]["n_members"] == len(IDS)
    assert (numbers["by_kind.a"]["members"], numbers["by_kind.a"]["n_members"]) == (
        ["r11"],
        1,
    )
    (box,) = data["boxes"]["database_results"]
    assert box["members"] == [[one, ""] for one in IDS[:MOST]]
    assert box["n_members"] == len(IDS)
    assert data["boxes"]["new_studies"][0]["members"] == [["r10", ""], ["r11", ""]]


def test_what_fits_is_whole_in_both_pages(review):
    data = gathered(len(IDS))
    assert data["of_number"]["included"]["members"] == IDS
    assert {len(one["rows"]) for one in lists_of(data, "decisions")} == {len(IDS)}
    whole = case.html("results/manuscript/review.md", most=len(IDS))
    assert json.loads(re.search(r'id="numbers">(.*?)</script>', whole)[1])["numbers"]["included"]["members"] == IDS  # fmt: skip


def lists_of(data, name):
    return next(one for one in data["sections"] if one["id"] == name)["lists"]


def test_the_audit_has_the_first_rows_of_a_table_and_how_many_it_has(review):
    data = held(review / "results/audit/index.html")
    settled, votes = lists_of(data, "decisions")
    for one in (settled, votes):
        assert [row[0] for row in one["rows"]] == IDS[:MOST]
        assert one["n_rows"] == len(IDS)
    assert votes["file"] == VOTES
    assert data["of_number"]["included"] == {"members": IDS[:MOST], "n_members": len(IDS)}  # fmt: skip
    assert data["of_box"]["database_results"]["n_members"] == len(IDS)
    text = (review / "results/audit/index.html").read_text("utf-8")
    assert '>Decisions <span class="n">24</span>' in text


def test_a_column_that_is_filled_only_further_down_is_not_left_out(review):
    settled, votes = lists_of(held(review / "results/audit/index.html"), "decisions")
    assert "reason" in [column["name"] for column in settled["columns"]]
    assert [column["name"] for column in votes["columns"]] == ["record_id", "decision"]


def test_numbers_and_claims_are_whole_however_many(review):
    (numbers,) = lists_of(gathered(1), "numbers")
    assert len(numbers["rows"]) == len(case.NUMBERS) > 1


def test_a_mark_of_a_figure_names_the_first_of_many_members(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text(f"term,members\na,{'; '.join(IDS)}\nb,{'; '.join(IDS[:MOST])}\n")
    made = page.data_table(path, most=MOST)
    assert f"<td>r00; r01; r02; r03; r04; and 7 more in {path}</td>" in made
    assert "<td>r00; r01; r02; r03; r04</td>" in made


def test_records_are_looked_up_without_the_others(tmp_path):
    rows = [{"record_id": one, "title": one.upper()} for one in IDS]
    write(tmp_path / "d.parquet", schemas.DEDUPLICATED, rows)
    found = members.records_by_id(tmp_path / "d.parquet", ["r03", "r11", "absent"])
    assert {key: row["title"] for key, row in found.items()} == {"r03": "R03", "r11": "R11"}  # fmt: skip


def rows_of(path, **where):
    with path.open(encoding="utf-8", newline="") as file:
        return [
            row["member_id"]
            for row in csv.DictReader(file)
            if all(row[key] == value for key, value in where.items())
        ]


@pytest.mark.parametrize(
    ("file", "at", "key", "value"),
    [
        ("manuscript/review.html", "#n-included", "number_id", "included"),
        ("manuscript/review.html", "#b-database_results", "box", "database_results"),
        ("audit/index.html", "#number:included", "number_id", "included"),
        ("audit/index.html", "#box:database_results", "box", "database_results"),
    ],
)
def test_a_reader_gets_from_a_long_list_to_the_file_with_all_of_it(
    browser, review, file, at, key, value
):
    with chromium.opened(browser, review / "results" / file) as shown:
        shown.evaluate(f"location.hash = '{at}'")
        panel = shown.locator("dialog[open]")
        said = panel.locator(".left-out")
        assert said.inner_text().startswith("5 of 12 shown")
        assert said.inner_text().endswith(f", where {key} is {value}")
        assert "Members (12)" in panel.inner_text() or at.startswith("#b-")
        assert chromium.ids_listed(shown) == IDS[:MOST]
        link = said.locator("a").evaluate("a => a.href").removeprefix("file://")
        assert rows_of(Path(link), **{key: value}) == IDS
        assert shown.said == []


def test_a_list_of_the_audit_says_what_it_leaves_out_and_a_short_one_nothing(browser, review):  # fmt: skip
    with chromium.opened(browser, review / "results/audit/index.html") as shown:
        said = shown.locator("#decisions .left-out")
        assert [one.split(";")[0] for one in said.all_inner_texts()] == ["5 of 12 shown, and searched and sorted here"] * 2  # fmt: skip
        links = said.locator("a").evaluate_all("all => all.map((a) => a.href)")
        assert [len(Path(link.removeprefix("file://")).read_text("utf-8").splitlines()) for link in links] == [13, 13]  # fmt: skip
        assert shown.locator("#numbers .left-out").count() == 0
        shown.evaluate("location.hash = '#number:by_kind.a'")
        assert shown.locator("dialog[open] .left-out").count() == 0
