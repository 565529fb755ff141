"""The workflow is used as Snakemake's people use one: from the catalog, as a module, with a report."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import reproduce
import yaml
from commands import done
from retrace import __version__

ROOT = Path(__file__).parents[2]
SECOND = ROOT / "tests/workflow/second"


def snakemake(folder, *arguments, python=sys.executable, **more):
    return done(python, "-m", "snakemake", "--cores", "2", "--nocolor", *arguments, folder=folder, **more)  # fmt: skip


@pytest.fixture
def review(tmp_path):
    """Return the raw inputs of the second review in a folder of their own."""
    folder = tmp_path / "review"
    reproduce.lay(folder, review=SECOND)
    return folder


def module(folder, snakefile, use="use rule * from review", rest=""):
    """Write a Snakefile that has the workflow for a module."""
    (folder / "Snakefile").write_text(
        f"module review:\n    snakefile: {snakefile}\n    config: {{}}\n{rest}\n{use}\n"
    )


@pytest.mark.parametrize("entry", ["Snakefile", "workflow/Snakefile"])
def test_both_entries_build_everything(entry, review):
    said = snakemake(review, "--snakefile", ROOT / entry, "-n")

    made = {
        path
        for line in re.findall(r"Missing output files: ([^;\n]*)", said)
        for path in line.split(", ")
    }
    assert {"results/SHA256SUMS", "results/audit/index.html", "results/manuscript/review.pdf"} <= made  # fmt: skip
    assert {path.split("/")[1] for path in made} >= {
        "records", "screening", "flow", "extraction", "numbers", "claims", "tables", "figures",
    }  # fmt: skip


def test_a_workflow_that_has_this_one_for_a_module_builds_the_same_bytes(
    review, second
):
    module(review, repr(str(ROOT / "workflow/Snakefile")), "use rule * from review as review_*")  # fmt: skip

    snakemake(review)

    assert (review / "results/SHA256SUMS").read_bytes() == (
        second / "results/SHA256SUMS"
    ).read_bytes()
    assert not {path.name for path in review.iterdir()} - {
        "Snakefile", ".snakemake", "config.yaml", "data", "manuscript", "results",
    }  # fmt: skip
    assert "Nothing to be done" in snakemake(review, "-n")
    said = done(
        sys.executable, "-m", "retrace", "verify", folder=review,
        PYTHONPATH=str(ROOT / "workflow/scripts"),
    )  # fmt: skip
    assert "Every output is" in said


def test_the_modules_example_of_the_documentation_runs(review, installed):
    page = (ROOT / "docs/places.md").read_text("utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```$", page, flags=re.M | re.S)
    review.rename(review.parent / "my-review")
    (review.parent / "Snakefile").write_text(example)

    snakemake(review.parent, "results/searches/terms.csv", python=installed / "python")

    assert (review.parent / "my-review/results/searches/terms.csv").is_file()
    assert not (review.parent / "results").exists()


def test_a_module_with_a_prefix_is_refused_with_what_to_do(review):
    module(review, repr(str(ROOT / "workflow/Snakefile")), rest='    prefix: "sub"\n')

    said = snakemake(review, "-n", code=1)

    assert "leave them out, and set workdir" in said
    assert "Traceback" not in said


def on_github(review, away, version=None):
    """Have a review name a tag on GitHub; return what tells Git that the address is a copy of the engine."""
    if version:
        about = away / "workflow/scripts/retrace/__init__.py"
        about.write_text(about.read_text().replace(__version__, version))
    git = ("git", "-C", away, "-c", "user.name=a", "-c", "user.email=a@b")
    done("git", "init", "-q", away)
    done(*git, "add", "--all")
    done(*git, "commit", "-qm", "All")
    done(*git, "tag", "v1")
    module(review, 'github("someone/reviews", path="workflow/Snakefile", tag="v1")')
    return {
        "XDG_CACHE_HOME": str(away.parent / "cache"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{away.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/someone/reviews",
    }


def test_a_tag_on_github_runs_with_the_installed_package(review, installed, engine):
    stand_in = on_github(review, engine)

    snakemake(review, "results/flow/prisma.csv", python=installed / "python", **stand_in)  # fmt: skip

    assert (review / "results/flow/prisma.csv").is_file()
    line = json.loads((review / "results/ledger/flow/prisma.csv.json").read_text())
    assert line["rule"] == "count_prisma_flow"


def test_a_tag_of_another_version_than_the_package_is_refused(
    review, installed, engine
):
    stand_in = on_github(review, engine, version="0.0.99")

    said = snakemake(review, "-n", code=1, python=installed / "python", **stand_in)

    assert f"the installed package has version {__version__}" in said
    assert "Traceback" not in said


@pytest.fixture(scope="module")
def report(second, tmp_path_factory):
    """Return the page of Snakemake's report on the second review."""
    folder = tmp_path_factory.mktemp("report") / "review"
    shutil.copytree(second, folder, symlinks=True)
    snakemake(folder, "--snakefile", ROOT / "Snakefile", "--report", "report.zip")
    with zipfile.ZipFile(folder / "report.zip") as file:
        assert file.testzip() is None
        return file.read("report/report.html").decode()


def embedded(page, name):
    """Return the data that the report's page holds under a name."""
    start = re.search(rf'id="{name}">\s*var {name} = ', page).end()
    return json.JSONDecoder().raw_decode(page, start)[0]


def test_the_report_names_each_figure_table_and_text_with_its_caption(report, second):
    config = yaml.safe_load((second / "config.yaml").read_text("utf-8"))
    results = embedded(report, "results")
    shown = {
        category: {path for paths in of.values() for path in paths}
        for category, of in embedded(report, "categories").items()
    }

    assert shown == {
        "Figures": {f"results/figures/{name}.svg" for name in config["figures"]},
        "Tables": {f"results/tables/{name}.csv" for name in config["tables"]},
        "Manuscript": {f"results/manuscript/review.{ending}" for ending in ("html", "docx", "pdf")},
        "Audit": {"results/audit/index.html"},
    }  # fmt: skip
    for kind, label in (("figures", "figure"), ("tables", "table")):
        for name, spec in config[kind].items():
            (found,) = (of for of in results.values() if of["labels"] == {label: name})
            begins = spec["caption"].split()[0]
            assert begins in found["caption"]
    assert all(of["labels"] and of["caption"].strip() for of in results.values())


def test_the_report_asks_no_other_server_for_anything(report):
    assert (
        re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=[\"']?https?:", report) == []
    )


def test_every_rule_that_runs_a_job_says_what_it_needs_and_who_it_is():
    code = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from snakemake.api import SnakemakeApi\n"
        "from snakemake.settings.types import OutputSettings, ResourceSettings\n"
        "with SnakemakeApi(OutputSettings()) as api:\n"
        "    flow = api.workflow(resource_settings=ResourceSettings(cores=1), snakefile=Path(sys.argv[1]))\n"
        "    flow.list_rules()\n"
        "    print(json.dumps([[rule.name, sorted(rule.resources), bool(rule.log), bool(rule.message),\n"
        "      rule.conda_env is not None, rule.script is not None] for rule in flow._workflow.rules if rule.output]))\n"
    )  # fmt: skip
    result = subprocess.run(
        [sys.executable, "-c", code, str(ROOT / "Snakefile")], cwd=SECOND, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow/scripts")},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    rules = json.loads(result.stdout.splitlines()[-1])

    assert len(rules) > 10
    for name, resources, *rest in rules:
        assert {"mem_mb", "runtime"} <= set(resources), name
        assert all(rest), name


def test_what_the_catalog_asks_for_is_here():
    says = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text("utf-8"))

    assert says["usage"]["report"] is True
    assert set(says["usage"]["software-stack-deployment"]) == {
        "conda", "singularity", "singularity+conda",
    }  # fmt: skip
    readme = (ROOT / "config/README.md").read_text("utf-8")
    for link in re.findall(r"\]\(\.\./([^)]+)\)", readme):
        assert (ROOT / link).is_file(), link
