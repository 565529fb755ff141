"""Scripts stay adapters, and rule, script and log share one name."""

import ast
import re
from pathlib import Path

import pytest

WORKFLOW = Path(__file__).parents[2] / "workflow"
SCRIPTS = sorted((WORKFLOW / "scripts").glob("*.py"))
RULES = [
    block
    for path in sorted((WORKFLOW / "rules").glob("*.smk"))
    for block in re.split(r"^rule ", path.read_text(), flags=re.M)[1:]
]
VERBS = [
    "read",
    "deduplicate",
    "settle",
    "agree",
    "extract",
    "count",
    "define",
    "compare",
    "tabulate",
    "plot",
    "render",
    "seal",
    "pack",
    "audit",
]
LOGIC = (
    ast.FunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.While,
    ast.BinOp,
    ast.comprehension,
)


def name_of(block):
    return block.split(":")[0]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_defines_and_computes_nothing(script):
    found = [
        node
        for node in ast.walk(ast.parse(script.read_text()))
        if isinstance(node, LOGIC)
    ]

    assert not found, f"move what {script.name} computes into the package"


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_rule_script_and_log_share_one_name(rule):
    name = name_of(rule)

    assert name.split("_")[0] in VERBS
    assert f"scripts/{name}.py" in rule
    assert re.search(rf'results/logs/{name}([_/.]\{{\w+\}})?\.log"', rule)
    assert f'"{name}"' in rule.split("traced(")[1], (
        "or an edit of its code would not rerun it"
    )


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_every_rule_says_what_it_does_and_what_it_needs(rule):
    for directive in ("message:", "resources:", "conda:", "log:"):
        assert directive in rule


def test_the_outputs_of_every_rule_are_among_those_of_the_workflow():
    text = (WORKFLOW / "rules/audit.smk").read_text()
    lists = re.findall(
        r"^(?:CONTENT|READ_IN_PARTS|AUDIT) = (.*?)^\"\"\"", text, re.M | re.S
    )
    listed = {name for part in lists for name in re.findall(r"rules\.(\w+)\.output", part)}  # fmt: skip

    missing = {name_of(rule) for rule in RULES} - listed
    assert missing == set(), "add its outputs to CONTENT of audit.smk: else nothing seals them"  # fmt: skip


def test_every_script_has_a_rule():
    assert {path.stem for path in SCRIPTS} == {name_of(rule) for rule in RULES}
