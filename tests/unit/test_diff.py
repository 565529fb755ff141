"""Two builds are told apart by what they say, and by what made them say it."""

import csv
import json

import pytest
from retrace import diff
from retrace.errors import ReviewError


def table(path, header, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture
def builds(tmp_path):
    """Lay two builds of a review that differ in one study, one claim, one figure and one input."""
    for name, value, members, verdict, drawn, digest, width in (
        ("old", "2", "ab", "reproduced", "<svg/>", "1" * 64, 85),
        ("new", "3", "bcd", "contradicted", "<svg><g/></svg>", "2" * 64, 170),
    ):
        results = tmp_path / name / "results"
        number = ["number_id", "value", "definition", "selection"]
        table(
            results / "numbers/numbers.csv",
            number,
            ["studies", value, "studies", "all"],
            ["same", "1", "x", "y"],
        )
        table(
            results / "numbers/members.csv",
            ["number_id", "member_id"],
            *(["studies", m] for m in members),
        )
        table(
            results / "claims/claims.csv",
            ["claim_id", "verdict", "recomputed", "why"],
            ["c", verdict, value, "w"],
        )
        table(
            results / "screening/settled.csv",
            ["record_id", "stage", "decision", "reason", "basis"],
        )
        (results / "figures").mkdir()
        (results / "figures/f.svg").write_text(drawn)
        (results / "figures/f.csv").write_text("a\n")
        line = {
            "path": "results/numbers/numbers.csv", "rule": "define_numbers", "code_sha256": "0" * 64,
            "params": {"spec": {"width_mm": width, "kind": "bars"}},
            "inputs": [{"path": "data/raw/a.csv", "sha256": digest}],
        }  # fmt: skip
        (results / "ledger").mkdir()
        (results / "ledger/numbers.json").write_text(json.dumps(line))
    return tmp_path / "old", tmp_path / "new"


def test_a_number_is_told_with_the_members_that_made_the_difference(builds):
    (number,) = diff.compare(*builds)["numbers"]

    assert number["id"] == "studies"
    assert number["cells"] == {"value": ("2", "3")}
    assert (number["came"], number["went"]) == (["c", "d"], ["a"])


def test_a_verdict_that_changed_is_told(builds):
    (claim,) = diff.compare(*builds)["claims"]

    assert claim["cells"]["verdict"] == ("reproduced", "contradicted")


def test_a_figure_that_was_redrawn_from_the_same_data_says_so(builds):
    assert diff.compare(*builds)["figures"] == [
        {"id": "f", "change": "redrawn", "what": "the same data"}
    ]


def test_the_causes_are_the_input_and_the_innermost_setting(builds):
    causes = {
        (cause["kind"], cause["name"]): cause["what"]
        for cause in diff.compare(*builds)["causes"]
    }

    assert causes == {
        ("input", "data/raw/a.csv"): "changed",
        ("setting", "define_numbers.spec"): "width_mm 85 -> 170",
    }


def test_a_build_does_not_differ_from_itself(builds):
    found = diff.compare(builds[0], builds[0])

    assert not any(found.values())
    assert "Nothing differs" in diff.as_text(found)


def test_a_number_that_came_or_went_is_told(builds):
    path = builds[1] / "results/numbers/numbers.csv"
    path.write_text(path.read_text().replace("same,", "other,"))

    changes = {
        number["id"]: number["change"] for number in diff.compare(*builds)["numbers"]
    }
    assert changes == {"studies": "", "same": "went", "other": "came"}


def test_a_folder_without_a_build_is_named(builds, tmp_path):
    with pytest.raises(ReviewError, match="no finished build"):
        diff.compare(builds[0], tmp_path)


def test_the_page_runs_nothing_and_shows_text_as_text(builds):
    path = builds[1] / "results/claims/claims.csv"
    path.write_text(path.read_text().replace(",w\n", ",<script>alert(1)</script>\n"))

    page = diff.as_html(diff.compare(*builds), *builds)

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert page.count("data:image/svg+xml;base64,") == 2
