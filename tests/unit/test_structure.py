"""The package keeps the directions that its architecture page draws."""

import ast
from pathlib import Path

import pytest
from retrace import ledger

PACKAGE = Path(__file__).parents[2] / "workflow/scripts/retrace"
STAGES = (
    "readers",
    "queries",
    "searches",
    "dedup",
    "screening",
    "notices",
    "flow",
    "extraction",
    "synthesis",
)
FREE = (
    "cli",
    "ledger",
    "manuscript",
    "audit",
    "build",
    "check",
    "trace",
    "verify",
    "joblog",
    "__main__",
)
MODULES = sorted(PACKAGE.rglob("*.py"))


def top(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path):
    """Return every dotted name of ours that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {
                node.module
            }
    return found


def test_every_module_stands_on_the_map():
    page = PACKAGE.parents[2] / "docs/architecture.md"
    listed = page.read_text("utf-8").split("## The package")[1].split("```")[1]
    named = {word.removesuffix(".py").rstrip("/") for word in listed.split()}

    assert not {top(path) for path in MODULES} - named - {"__init__", "__main__"}


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if top(path) in STAGES],
    ids=lambda path: path.stem,
)
def test_a_stage_imports_no_other_stage(path):
    others = {
        name.split(".")[1] for name in imports_of(path) if name.startswith("retrace.")
    }

    assert not others & (set(STAGES) - {top(path)})


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_the_commands_know_of_snakemake(path):
    if top(path) not in FREE:
        assert not any(name.split(".")[0] == "snakemake" for name in imports_of(path))


@pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_a_module_says_what_it_is_its_reason_and_its_source(path):
    said = ast.get_docstring(ast.parse(path.read_text())) or ""

    assert said, "a module docstring is missing"
    assert len(said.split("\n\n")) <= 3


def test_numbers_come_before_claims_and_claims_before_what_prints_them():
    order = ["numbers", "claims", "printed", "figures", "manuscript", "audit"]
    for path in MODULES:
        if top(path) in order:
            later = set(order[order.index(top(path)) + 1 :]) | (
                {"printed", "figures"} - {top(path)}
            )
            if top(path) in ("manuscript", "audit"):
                later = set(order[order.index(top(path)) + 1 :])
            used = {
                name.split(".")[1]
                for name in imports_of(path)
                if name.startswith("retrace.")
            }
            assert not used & later, path


ADAPTERS = sorted(PACKAGE.parent.glob("*.py"))


@pytest.mark.parametrize("path", ADAPTERS, ids=lambda path: path.stem)
def test_no_step_of_a_build_can_ask_the_network(path):
    known = {name for name, _ in ledger.modules_of(path.stem)}

    assert not {name for name in known if name.startswith("retrace.searches")}
    for _, file in ledger.modules_of(path.stem):
        foreign = {name.split(".")[0] for name in imports_of(file)}
        assert not foreign & {"urllib3", "requests", "httpx", "socket", "http"}, file


def test_the_command_that_asks_is_the_only_one_that_can():
    asking = {
        top(path)
        for path in MODULES
        if any(name.startswith("retrace.searches") for name in imports_of(path))
    }

    assert asking == {"searches", "freeze"}
