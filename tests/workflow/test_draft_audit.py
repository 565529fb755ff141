"""A draft is held against the built second review, by the command as an author gives it."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from retrace import cli
from retrace.manuscript import pandoc

ROOT = Path(__file__).parents[2]
HOSTILE = '</p><script>alert(1)</script><img src="http://127.0.0.1:9/x">\x1b[31m'
DRAFT = f"""# Results

We found 8 studies [@ahorn_2019, p. 7] and **two** on maples; 3 more were lost. At least 3 are from a dry climate.

Fifty per cent were temperate. Shade of crowns (Kronenschatten) cools. {HOSTILE} At 40 °C we stopped.

Air temperature was lower in 3, higher in 2 and alike in one; see Table 4.
"""
CLAIMS = """claim_id,quote,says,stated,relation,number_id,alternatives,note
right,We found 8 studies,,8,equals,studies_in,,
other,two on maples,,2,equals,studies_by_baumart.ahorn,sites_by_baumart.ahorn,
wrong,,studies from a dry climate,3,at_least,studies_by_klima.trocken,,
none,At 40 °C we stopped,,40,equals,,,The tables hold no such limit.
gone,We lost 4 studies,,4,equals,studies_in,,
moved,3 more were lost,,5,equals,earlier_studies,,
carriers,,shade of crowns cools,Kronenschatten,includes,carriers,,
air,Air temperature was,,"tiefer 3, hoeher 2, gleich 1",equals,air_direction,,
"""


@pytest.fixture
def audit(capsys, monkeypatch):
    """Return what gives the command in a review's folder."""

    def run(folder, *arguments):
        monkeypatch.chdir(ROOT)
        code = cli.main(["audit", "-d", str(folder), *map(str, arguments)])
        return SimpleNamespace(returncode=code, **capsys.readouterr()._asdict())

    return run


@pytest.fixture
def given(tmp_path):
    """Return a draft and its claims."""
    draft, claims = tmp_path / "my draft.md", tmp_path / "claims.csv"
    draft.write_text(DRAFT, "utf-8")
    claims.write_text(CLAIMS, "utf-8")
    return draft, "--claims", claims


def told(done):
    assert done.err == ""
    return json.loads(done.out)


def test_each_claim_has_its_verdict_and_place_and_what_is_left_is_listed(
    audit, second, given
):
    done = audit(second, *given, "--json")
    found = told(done)

    assert done.returncode == 1
    assert {one["claim_id"]: (one["verdict"], one["is_found"]) for one in found["claims"]} == {
        "right": ("reproduced", True),
        "other": ("rule_dependent", True),
        "wrong": ("contradicted", True),
        "none": ("not_derivable", True),
        "gone": ("contradicted", False),
        "moved": ("not_derivable", False),
        "carriers": ("reproduced", True),
        "air": ("reproduced", True),
    }  # fmt: skip
    by_id = {one["claim_id"]: one for one in found["claims"]}
    assert by_id["moved"]["missing"] == "5 does not stand there"
    assert by_id["gone"]["nearest"]["sentence"].startswith("We found 8 studies")
    assert [by_id[one]["places"][0]["line"] for one in ("right", "none", "air")] == [3, 5, 7]  # fmt: skip
    assert [one["quantity"] for one in found["unclaimed"]] == ["3", "Fifty", "31"]
    assert [one["why"] for one in found["left_out"]] == ["citation", "cross-reference"]


def test_word_says_the_same_as_markdown(audit, second, given, tmp_path):
    word = tmp_path / "draft.docx"
    plain = tmp_path / "plain.md"
    plain.write_text(DRAFT.replace(HOSTILE, ""), "utf-8")
    subprocess.run([pandoc.program(), plain, "-o", word], check=True)
    both = [told(audit(second, file, *given[1:], "--json")) for file in (plain, word)]

    def without_lines(found):
        kept = {name: found[name] for name in ("claims", "unclaimed", "left_out", "counts")}  # fmt: skip
        return json.loads(re.sub(r'"line": \w+', '"line": 0', json.dumps(kept)))

    assert both[0]["claims"][0]["places"][0]["line"] == 3
    assert without_lines(both[0]) == without_lines(both[1])


def test_people_read_what_is_wrong_and_nothing_steers_their_terminal(
    audit, second, given
):
    said = audit(second, *given).out

    assert re.search(r"^contradicted +wrong +3 +2 .*my draft\.md:3$", said, re.M)
    assert "stated at least 3, the tables give 2" in said
    assert "nearest, " in said and "5 does not stand there" in said
    assert "by another counting rule it holds (2)" in said
    assert "\x1b" not in said
    assert said.splitlines()[-1] == "8 claims: 3 reproduced, 1 rule dependent, 1 contradicted, 1 not derivable, 2 not found."  # fmt: skip


def test_the_page_marks_each_quantity_and_runs_nothing(audit, second, given, tmp_path):
    page = tmp_path / "page.html"
    audit(second, *given, "--html", page)
    text = page.read_text("utf-8")

    assert re.search(r'<a class="mark contradicted" href="#c-wrong"[^>]*>3 ✗</a>', text)
    assert '<mark class=unclaimed title="no claim covers it">Fifty</mark>' in text
    assert "default-src 'none'" in text
    assert "<script" not in text and "<img" not in text


def test_a_draft_with_nothing_wrong_ends_well(audit, second, given):
    kept = [CLAIMS.splitlines()[at] for at in (0, 1, 2, 4, 7, 8)]
    given[2].write_text("\n".join(kept) + "\n", "utf-8")
    done = audit(second, *given)

    assert (done.returncode, done.err) == (0, "")


def test_few_columns_suffice_and_each_bad_row_is_named(audit, second, given):
    given[2].write_text("claim_id,quote,stated,number_id\na,We found 8 studies,8,studies_in\n")  # fmt: skip
    assert audit(second, *given).returncode == 0

    given[2].write_text("claim_id,says,stated,number_id\na,x,8,studies_im\na,x,acht,studies_in\nb,,8,studies_in\n")  # fmt: skip
    done = audit(second, *given)
    assert (done.returncode, done.out) == (1, "")
    assert "claims.csv:3:claim_id: 'a' stands here a second time" in done.err

    given[2].write_text("claim_id,says,stated,number_id\na,x,8,studies_im\nb,x,acht,studies_in\n")  # fmt: skip
    done = audit(second, *given)
    assert "claims.csv:2:number_id" in done.err and "did you mean studies_in?" in done.err  # fmt: skip
    assert "claims.csv:3:stated: 'acht'" in done.err

    given[2].write_text("claim_id,stated,number_id\na,8,studies_in\n")
    assert "claims.csv:1:says: the column is missing" in audit(second, *given).err


def test_an_empty_draft_and_a_review_that_is_not_built_are_named(
    audit, second, given, tmp_path
):
    given[0].write_text("\n")
    assert "no text stands here" in audit(second, *given).err

    shutil.copytree(Path(__file__).parent / "second", tmp_path / "review")
    done = audit(tmp_path / "review", *given)
    assert done.returncode == 1
    assert done.err == "results: nothing is built here; run `retrace build` first\n"


def test_a_changed_row_stops_the_audit_until_it_is_built_and_then_turns_the_verdict(
    audit, copy_of_second, given, snakemake
):
    given[0].write_text("Of the studies 1 is from a dry climate.\n")
    given[2].write_text("claim_id,says,stated,number_id\ndry,studies from a dry climate,1,studies_by_klima.trocken\n")  # fmt: skip
    (made,) = told(audit(copy_of_second, *given, "--json"))["claims"]
    assert (made["recomputed"], made["verdict"]) == ("2", "contradicted")

    for sheet in (copy_of_second / "data/raw/extraction").glob("*/studien.csv"):
        text = sheet.read_text("utf-8").replace("مدينة,trocken", "مدينة,mediterran")
        sheet.write_text(text, "utf-8")
    stale = audit(copy_of_second, *given)
    assert (stale.returncode, stale.out) == (1, "")
    assert "stale" in stale.err and "run `retrace build` first" in stale.err

    snakemake(copy_of_second, "results/numbers/numbers.csv", "results/numbers/members.csv")  # fmt: skip
    (made,) = told(audit(copy_of_second, *given, "--json"))["claims"]
    assert (made["recomputed"], made["verdict"]) == ("1", "reproduced")
