"""The package keeps the directions that its architecture page draws."""

import ast
from pathlib import Path

import pytest
from retrace import figures, ledger

PACKAGE = Path(__file__).parents[2] / "workflow/scripts/retrace"
LAYERS = (
    ("errors", "labels", "plain_page", "turn"),
    (
        "agreement",
        "cells",
        "columns",
        "definitions",
        "joblog",
        "ledger",
        "rawcsv",
        "records",
        "relations",
        "schemas",
        "sheets",
        "staleness",
        "tables",
        "yamlfile",
    ),
    (
        "readers",
        "queries",
        "searches",
        "dedup",
        "screening",
        "notices",
        "flow",
        "extraction",
        "synthesis",
    ),
    ("numbers",),
    ("claims",),
    ("printed", "figures"),
    ("manuscript",),
    (
        "__init__",
        "__main__",
        "audit",
        "build",
        "check",
        "cli",
        "diff",
        "draft",
        "freeze",
        "new",
        "protocol",
        "trace",
        "verify",
    ),
)
"""What stands on what: a module imports none of a later layer."""
APART = (2, 5)
"""The layers whose modules do not import each other: stages, and what prints."""
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
    "path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_a_module_stands_on_those_below_it_alone(path):
    (place,) = (at for at, layer in enumerate(LAYERS) if top(path) in layer)
    used = {
        name.split(".")[1] for name in imports_of(path) if name.startswith("retrace.")
    }
    above = {name for layer in LAYERS[place + 1 :] for name in layer} - {"__init__"}
    beside = set(LAYERS[place]) - {top(path)} if place in APART else set()

    assert not used & (above | beside)


def test_a_kind_of_figure_imports_no_other():
    for kind in figures.kinds():
        names = imports_of(PACKAGE / "figures" / f"{kind}.py")
        others = {f"retrace.figures.{other}" for other in figures.kinds()} - {
            f"retrace.figures.{kind}"
        }
        assert not names & others, kind


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
