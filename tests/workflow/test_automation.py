"""What runs a review elsewhere: workflows of GitHub, a hook of Git, a container.

The shell of the workflow that a new review brings is run here, step by step, as a runner would.
The actions that it names, and the container, cannot be: they are held to what linters know.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from commands import UNSAID, done
from retrace import __version__, new
from retrace.audit import crate

ROOT = Path(__file__).parents[2]
OURS = ROOT / ".github/workflows/tests.yml"
THEIRS = new.TEMPLATES / ".github/workflows/review.yml"
BIN = Path(sys.executable).parent
EXPORT = 'title,authors,year\nMoss on northern walls,"Fiktiv, A.",2020\nFerns below the bridge,"Fiktiv, C.",2022\n'
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b")


def load(path):
    return yaml.safe_load(path.read_text("utf-8"))


def steps(path):
    return [step for job in load(path)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", [OURS, THEIRS], ids=["ours", "theirs"])
def test_a_workflow_has_no_fault_that_linters_know(path, tmp_path):
    done(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", path)
    done(BIN / "zizmor", "--offline", "--no-progress", "--persona", "pedantic", path)
    for place, step in enumerate(step for step in steps(path) if "run" in step):
        script = tmp_path / f"{place}.sh"
        script.write_text(step["run"])
        done(BIN / "shellcheck", "--shell", "bash", script)


@pytest.mark.parametrize("path", [OURS, THEIRS], ids=["ours", "theirs"])
def test_a_workflow_pins_its_actions_asks_for_little_and_needs_no_secret(path):
    flow = load(path)

    assert flow["permissions"] == {}
    for name, job in flow["jobs"].items():
        write = {key for key, value in job["permissions"].items() if value == "write"}
        assert write == {"publish": {"pages", "id-token"}, "comment": {"pull-requests"}}.get(name, set())  # fmt: skip
        assert job["timeout-minutes"]
    used = re.findall(r"uses: (\S+)(.*)", path.read_text("utf-8"))
    assert used
    for action, says in used:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", says), action
    assert "secrets." not in path.read_text("utf-8")


class Runner:
    """Runs the shell of a workflow's steps as GitHub's runner does, and remembers what was said."""

    def __init__(self, folder, tools, contexts, **environment):
        self.folder, self.contexts = folder, contexts
        self.temp = folder.parent / "runner"
        self.temp.mkdir()
        self.environment = {
            name: value for name, value in os.environ.items() if name not in UNSAID
        } | {
            "PATH": f"{tools}:{os.environ['PATH']}", "CI": "true", "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "someone/review", "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"), **environment,
        }  # fmt: skip

    def value(self, text):
        """Return a value in which each expression is what the contexts say; others are refused."""

        def of(match):
            for name in match[1].split("||"):
                if found := self.contexts[name.strip()]:
                    return found
            return ""

        return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", of, str(text))

    def job(self, name, folder=None):
        """Run the steps of a job until one fails; return the name of that one, and all outputs."""
        said = {}
        for step in load(THEIRS)["jobs"][name]["steps"]:
            if "run" not in step:
                continue
            assert "${{" not in step["run"], "an expression in a shell can be injected"
            environment = {key: self.value(value) for key, value in step.get("env", {}).items()}  # fmt: skip
            ran = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=folder or self.folder, env=self.environment | environment, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            said[step["name"]] = ran.stdout
            if ran.returncode:
                return step["name"], said
        return "", said


@pytest.fixture
def repository(installed, tmp_path):
    """Return a new review as a repository of one commit."""
    folder = tmp_path / "review"
    done(installed / "retrace", "new", folder)
    done("git", "init", "-q", "-b", "main", folder)
    commit(folder)
    return folder


def commit(folder):
    done("git", "add", "--all", folder=folder)
    done(*GIT, "commit", "-q", "-m", "One", folder=folder)
    return done("git", "rev-parse", "HEAD", folder=folder).strip()


def with_export(folder):
    search = folder / "data/raw/searches/shelf/2024-05-01"
    search.mkdir(parents=True)
    (search / "search.yaml").write_text(
        "source: shelf\nkind: database\nstatus: exported\nsearched_on: 2024-05-01\nlabel: The shelf\n"
    )
    (search / "export.csv").write_text(EXPORT)


def test_the_shell_of_a_reviews_workflow_builds_it_and_says_what_changed(
    repository, installed, dist, tmp_path
):
    base = done("git", "rev-parse", "HEAD", folder=repository).strip()
    with_export(repository)
    commit(repository)
    done(installed / "python", "-m", "pip", "uninstall", "-q", "-y", "retrace-review")
    asked = tmp_path / "asked.txt"
    (tmp_path / "tools").mkdir()
    gh = tmp_path / "tools/gh"
    gh.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {shlex.quote(str(asked))}\n')
    gh.chmod(0o755)
    runner = Runner(
        repository, f"{installed}:{gh.parent}",
        {"github.event.pull_request.base.sha": base, "github.event.before": "", "github.token": "none",
         "github.event.pull_request.number": "7"},
        PIP_NO_INDEX="1", PIP_FIND_LINKS=str(dist),
    )  # fmt: skip

    failed, said = runner.job("build")

    assert not failed, said[failed][-4000:]
    assert "No problems found" in said["Check"]
    assert "Every output is" in said["Verify"]
    changed = (repository / "changed/changed.md").read_text("utf-8")
    assert "\n    number records_identified; value: 0 -> 2;" in changed
    assert "data/raw/searches/shelf/2024-05-01/export.csv" in changed
    assert (runner.temp / "summary.md").read_text("utf-8") == changed
    for step in steps(THEIRS):
        if step.get("uses", "").startswith("actions/upload"):
            for path in step["with"]["path"].split():
                assert (repository / path).exists(), path
    site = repository / "site"
    for page in ("manuscript/review.html", "audit/index.html"):
        text = (site / page).read_text("utf-8")
        for link in re.findall(r'href="(\.\.?/[^"#]+)', text):
            assert (site / page).parent.joinpath(link).is_file(), link
    assert done("git", "status", "--porcelain", "data", "manuscript", "config.yaml", folder=repository) == ""  # fmt: skip

    assert runner.job("comment", repository / "changed")[0] == ""

    words = asked.read_text().splitlines()
    assert words[:5] == ["pr", "comment", "7", "--repo", "someone/review"]
    assert (repository / "changed" / words[words.index("--body-file") + 1]).is_file()


def test_a_mistake_stops_a_reviews_workflow_at_its_check(repository, installed, dist):
    (repository / "data/raw/extraction/vocab.csv").write_text("no,such,columns\n")
    runner = Runner(repository, installed, {}, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(dist))  # fmt: skip

    failed, said = runner.job("build")

    assert failed == "Check"
    assert "data/raw/extraction/vocab.csv" in said["Check"]


def test_the_script_that_sets_up_a_machine_has_no_fault_that_a_linter_knows():
    done(BIN / "shellcheck", ROOT / ".ci/run")


def test_the_workflow_of_this_repository_does_what_its_files_offer():
    ran = [step["run"] for step in steps(OURS) if "run" in step]

    assert ran == [
        "bash .ci/run", "make review", ".venv/bin/retrace verify",
        "git diff --exit-code results/SHA256SUMS",
    ]  # fmt: skip
    assert "results/SHA256SUMS" in done("git", "ls-files", "results", folder=ROOT)


def test_a_new_review_names_the_engine_and_the_libraries_it_was_made_with(repository):
    assert f"retrace-review=={__version__}\n" in (repository / "requirements.txt").read_text()  # fmt: skip
    assert (repository / "requirements.lock").read_bytes() == (ROOT / "requirements.lock").read_bytes()  # fmt: skip


def test_a_commit_with_a_mistake_is_refused(repository, installed):
    environment = {
        "PATH": f"{installed}:{BIN}:{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(repository.parent / "hooks"),
    }
    done("pre-commit", "install", folder=repository, **environment)
    table = repository / "data/raw/extraction/vocab.csv"
    good = table.read_bytes()
    table.write_text("no,such,columns\n")
    done("git", "add", "--all", folder=repository)

    said = done(*GIT, "commit", "-q", "-m", "Two", code=1, folder=repository, **environment)  # fmt: skip

    assert "data/raw/extraction/vocab.csv" in said and "Traceback" not in said
    table.write_bytes(good)
    with_export(repository)
    done("git", "add", "--all", folder=repository)
    done(*GIT, "commit", "-q", "-m", "Two", folder=repository, **environment)


def test_the_hook_for_others_is_the_hook_of_a_new_review():
    done(BIN / "pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
    done(BIN / "pre-commit", "validate-config", new.TEMPLATES / ".pre-commit-config.yaml")  # fmt: skip
    (offered,) = load(ROOT / ".pre-commit-hooks.yaml")
    (own,) = load(new.TEMPLATES / ".pre-commit-config.yaml")["repos"][0]["hooks"]

    assert offered.pop("description")
    assert own | {"language": "python"} == offered


def test_the_container_has_no_fault_that_a_linter_knows():
    done(BIN / "hadolint", ROOT / "Containerfile")


def test_what_the_container_copies_is_the_engine_and_runs(tmp_path):
    lines = (ROOT / "Containerfile").read_text("utf-8").splitlines()
    allowed = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = set()
    home = tmp_path / "opt/retrace"
    for line in lines:
        if line.startswith("COPY "):
            *names, to = line.split()[1:]
            for name in names:
                copied.add(name)
                target = tmp_path / to.removeprefix("/")
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
                else:
                    target.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / name, target)
    (entry,) = (line.partition(" ")[2] for line in lines if line.startswith("ENTRYPOINT"))  # fmt: skip
    _, *command = yaml.safe_load(entry)
    (path,) = re.findall(r"PYTHONPATH=(\S+)", "\n".join(lines))

    assert copied == allowed == set(crate.ENGINE)
    assert set(crate.engine_files(home)) == set(crate.engine_files(ROOT))
    place = str(tmp_path / path.removeprefix("/"))
    done(sys.executable, *command, "new", "review", folder=tmp_path, PYTHONPATH=place)
    said = done(sys.executable, *command, "check", "-d", "review", folder=tmp_path, PYTHONPATH=place)  # fmt: skip
    assert "No problems found" in said


def test_the_citation_and_the_package_have_one_version_and_licence():
    citation = load(ROOT / "CITATION.cff")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert citation["version"] == __version__
    # The code's licence, and that of the citation styles, which NOTICE explains.
    assert project["license"] == f"{citation['license']} AND CC-BY-SA-3.0"
    assert "MIT License" in (ROOT / "LICENSE").read_text("utf-8")
    assert "Attribution-ShareAlike 3.0" in (ROOT / "NOTICE").read_text("utf-8")
