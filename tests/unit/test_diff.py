"""Two builds are told apart by what they say, and by what made them say it."""

import csv
import json
import re

import pytest
from retrace import diff, ledger
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


@pytest.fixture
def finished(tmp_path):
    """Lay a build of one raw file, one table and the audit's page, each vouched for by the ledger."""
    made_from = {
        "results/numbers/numbers.csv": ["data/raw/a.csv"],
        diff.LAST: ["results/numbers/numbers.csv"],
    }
    for path in ["data/raw/a.csv", *made_from]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    for path, inputs in made_from.items():
        line = {
            "path": path,
            "sha256": ledger.sha256(tmp_path / path),
            "inputs": [
                {"path": one, "sha256": ledger.sha256(tmp_path / one)} for one in inputs
            ],
            "lines": {},
        }
        sidecar = tmp_path / ledger.sidecar_of(path)
        sidecar.parent.mkdir(parents=True, exist_ok=True)
        sidecar.write_text(json.dumps(line))
    return tmp_path


def test_a_finished_build_is_taken_for_one(finished):
    (finished / "data/raw/.hidden").touch()

    diff.hold_finished(finished)


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        (diff.LAST, None, f"{diff.LAST} is missing"),
        ("results/numbers/numbers.csv", None, "numbers.csv is missing"),
        ("results/numbers/numbers.csv", "x", "numbers.csv is edited"),
        ("data/raw/a.csv", None, "data/raw/a.csv is missing"),
        ("data/raw/a.csv", "x", "numbers.csv is stale (made from another data/raw/a.csv)"),
        ("data/raw/b.csv", "x", "data/raw/b.csv came after the build"),
    ],
)  # fmt: skip
def test_a_folder_is_named_that_holds_no_finished_build_of_what_stands_in_it(
    finished, path, text, says
):
    if text is None:
        (finished / path).unlink()
    else:
        (finished / path).write_text(text)

    with pytest.raises(ReviewError) as refused:
        diff.hold_finished(finished)

    assert says in str(refused.value)
    assert str(refused.value).startswith(f"{finished}: ")
    assert f"retrace build -d {finished}" in str(refused.value)


def test_the_page_runs_nothing_and_shows_text_as_text(builds):
    path = builds[1] / "results/claims/claims.csv"
    path.write_text(path.read_text().replace(",w\n", ",<script>alert(1)</script>\n"))

    page = diff.as_html(diff.compare(*builds), *builds)

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert page.count("data:image/svg+xml;base64,") == 2
    rows = re.findall(r"<th scope=row>(.*?)</th><td>(.*?)</td>", page)
    assert rows and not any(said.startswith(name) for name, said in rows)
