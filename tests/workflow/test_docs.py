"""Every command of the README and of the documentation is carried out, in the order of its page."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import docs_run
import once
import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs/tutorial.md"
GUIDES = sorted((ROOT / "docs/howto").glob("*.md"))
PAGES = sorted(
    path
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
    if re.search(r"^```(sh|console)$", path.read_text("utf-8"), re.M)
    and path != TUTORIAL
)
STAMP = list(Path(sys.prefix).glob(".run-*"))
ENVIRONMENT = {
    "PATH": f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}",
    "PYTHONPATH": str(ROOT / "workflow/scripts"),
    "CI": "1",
}


def name(path):
    return path.stem


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory):
    """Return the folder in which the tutorial has been carried out."""

    def make(folder):
        assert docs_run.carry_out(TUTORIAL, folder, ENVIRONMENT)

    return once.made(tmp_path_factory, "tutorial", make)


@pytest.fixture
def checkout(shipped, tmp_path):
    """Return a checkout of the project, set up and built, for pages that speak of one."""
    if not STAMP:
        pytest.skip("this environment was not set up by make, so make would set it up")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, text=True, capture_output=True, check=True,
    )  # fmt: skip
    folder = tmp_path / "retrace"
    for file in map(Path, listed.stdout.splitlines()):
        if (ROOT / file).is_file():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, folder / file)
    for built in ("results", ".snakemake"):
        shutil.copytree(shipped / built, folder / built, dirs_exist_ok=True)
    (folder / ".venv").symlink_to(sys.prefix)
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["add", "-f", "results/SHA256SUMS"],
        ["-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-qm", "as it is"],
    ):  # fmt: skip
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def test_the_tutorial_leads_to_a_released_manuscript(tutorial):
    review = tutorial / "tea-and-sleep"
    text = (review / "results/manuscript/review.md").read_text("utf-8")
    assert "draft: true" not in text
    assert "[Three](#n-included)" in text
    assert (review / "results/manuscript/review.docx").stat().st_size > 0


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_a_guide_goes_on_from_the_tutorial(page, tutorial, tmp_path):
    folder = tmp_path / "tea-and-sleep"
    shutil.copytree(tutorial / "tea-and-sleep", folder)
    assert docs_run.carry_out(page, folder, ENVIRONMENT)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_commands_of_a_page_do_what_it_says(page, checkout):
    assert docs_run.carry_out(page, checkout, ENVIRONMENT)


@pytest.mark.parametrize("page", [TUTORIAL, *GUIDES, *PAGES], ids=name)
def test_the_links_of_a_page_lead_to_files(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", [TUTORIAL, *GUIDES, *PAGES], ids=name)
def test_where_a_file_goes_is_said_above_it(page):
    # A page that is looked at in a browser does not show what stands behind the three marks.
    text, unsaid, end = page.read_text("utf-8"), [], 0
    for fence in docs_run.FENCE.finditer(text):
        path = fence["rest"]
        if path and path != "not-run" and f"`{path}`" not in text[end : fence.start()]:
            unsaid.append(path)
        end = fence.end()
    assert not unsaid


def test_a_page_whose_command_fails_is_told_with_its_line(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n```sh\ntrue\n```\n\n```sh\nfalse\n```\n")
    with pytest.raises(AssertionError, match=r"page\.md:7"):
        docs_run.carry_out(page, tmp_path, {})


def test_a_console_that_says_something_else_is_told(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo two words\ntwo ...\n$ echo one\ntwo\n```\n")
    with pytest.raises(AssertionError, match="echo one"):
        docs_run.carry_out(page, tmp_path, {})
