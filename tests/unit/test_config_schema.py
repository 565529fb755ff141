"""config.yaml is held to a closed schema, so that a misspelt key is named and not passed over."""

import json
from pathlib import Path

import pytest
from retrace import check, yamlfile
from retrace.errors import ConfigError

ROOT = Path(__file__).parents[2]
CONFIG = (ROOT / "config.yaml").read_text(encoding="utf-8")
SCHEMA = json.loads(check.SCHEMA.read_text(encoding="utf-8"))


def places(tmp_path, old, new):
    """Return the keys that are complained of when a text of the shipped config is another."""
    assert old in CONFIG
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        yamlfile.load(path, check.SCHEMA)
    return [problem.column for problem in raised.value.problems]


@pytest.mark.parametrize(
    "config",
    [ROOT / "config.yaml", ROOT / "tests/workflow/second/config.yaml"],
    ids=["shipped", "second"],
)
def test_both_reviews_fit(config):
    assert yamlfile.load(config, check.SCHEMA)["title"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("  desired:", "  desird:", "synthesis.desird"),
        ("agreement: 0.7", "agreement: 0.5", "synthesis.agreement"),
        ("terms: {up: up, ", "terms: {", "synthesis.terms"),
        ("kind: grid", "kind: gird", "tables.effect_summary.kind"),
        ("    rows: {column:", "    row: {column:", "tables.effect_summary"),
        ("labels: long", "lables: long", "tables.table_1.columns.1.lables"),
        ("plain_levels:", "plain_level:", "tables.table_1.columns.4.lines.plain_level"),
        ("          lost_says:", "          lost_say:", "tables.table_1.columns.4.lines"),
    ],
)  # fmt: skip
def test_a_misspelt_key_is_named(tmp_path, old, new, place):
    assert place in places(tmp_path, old, new)


def objects(schema, at=""):
    """Yield every object of a part of the schema that names its keys, with its place."""
    if isinstance(schema, dict):
        if "properties" in schema and schema.get("type") == "object":
            yield at, schema
        for name, part in schema.items():
            yield from objects(part, f"{at}.{name}")


@pytest.mark.parametrize("section", ["extraction", "synthesis", "tables"])
def test_every_key_is_described_and_no_other_allowed(section):
    found = dict(objects(SCHEMA["properties"][section], section))

    assert found
    for place, schema in found.items():
        assert schema["additionalProperties"] is not True, place
        assert "additionalProperties" in schema, place
        for name, key in schema["properties"].items():
            assert key.get("description"), f"{place}.{name}"
