"""config.yaml is held to a closed schema, so that a misspelt key is named and not passed over."""

import json
import re
from pathlib import Path

import pytest
from retrace import figures, new, protocol, yamlfile
from retrace.errors import ConfigError

ROOT = Path(__file__).parents[2]
CONFIG = (ROOT / "config.yaml").read_text(encoding="utf-8")
SCHEMA = json.loads(protocol.SCHEMA.read_text(encoding="utf-8"))


def places(tmp_path, old, new):
    """Return the keys that are complained of when a text of the shipped config is another."""
    assert old in CONFIG
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        yamlfile.load(path, protocol.SCHEMA)
    return [problem.column for problem in raised.value.problems]


@pytest.mark.parametrize(
    "config",
    [ROOT / "config.yaml", ROOT / "tests/workflow/second/config.yaml"],
    ids=["shipped", "second"],
)
def test_both_reviews_fit(config):
    assert yamlfile.load(config, protocol.SCHEMA)["title"]


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


def places_of(schema, at=""):
    """Yield every part of the schema that says what may stand somewhere, with its place."""
    if isinstance(schema, dict):
        if at and ("type" in schema or "enum" in schema):
            yield at, schema
        for name, part in schema.items():
            if name != "if":
                yield from places_of(part, f"{at}.{name}")
    elif isinstance(schema, list):
        for place, part in enumerate(schema):
            yield from places_of(part, f"{at}.{place}")


def test_every_key_is_described_and_no_other_is_allowed():
    for place, schema in places_of(SCHEMA):
        assert schema.get("description"), place
        is_closed = "additionalProperties" in schema or "allOf" in schema
        assert "properties" not in schema or is_closed, place


def test_every_kind_of_figure_is_one_that_the_schema_allows():
    assert sorted(SCHEMA["$defs"]["kind_of_figure"]["enum"]) == figures.kinds()


@pytest.mark.parametrize("thing", ["table", "figure"])
def test_the_keys_of_each_kind_are_held_to_it(thing):
    kinds = SCHEMA["$defs"][f"kind_of_{thing}"]["enum"]
    held = {
        part["if"]["properties"]["kind"]["const"]: part["then"]["$ref"]
        for part in SCHEMA["$defs"][thing]["allOf"]
    }

    assert held == {kind: f"#/$defs/{kind}" for kind in kinds}


@pytest.mark.parametrize("thing", ["table", "figure"])
def test_a_new_config_names_the_kinds_there_are(thing):
    config = (new.TEMPLATES / "config.yaml").read_text("utf-8")
    section = config.partition(f"\n{thing}s:")[2]
    kinds = SCHEMA["$defs"][f"kind_of_{thing}"]["enum"]

    assert [kind for kind in kinds if not re.search(rf"kind:? {kind}\b", section)] == []


@pytest.fixture
def review(tmp_path, monkeypatch):
    """Go to a folder with the shipped config.yaml and nothing else."""
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"titel": "x"}, "config given beside config.yaml::titel: unknown key"),
        ({"status": "relase"}, "config given beside config.yaml::status: 'relase' is not one of"),
        ({"figures": {"a": {"kind": "flow", "caption": "A.", "width_mm": "wide"}}}, "config given beside config.yaml::figures.a.width_mm: 'wide' is not a number"),
        ({"tables": {"t": {"kind": "rows", "caption": "T.", "sheet": "studeis", "row": ["study_id"], "columns": [{"title": "T", "column": "year"}]}}}, "config given beside config.yaml::tables.t.sheet: there is no sheet 'studeis'"),
    ],
)  # fmt: skip
def test_what_is_given_beside_the_file_is_held_to_the_same_schema(review, given, says):
    _, problems = protocol.look(given)

    assert any(str(problem).startswith(says) for problem in problems)


def test_what_is_given_beside_the_file_holds_over_it(review):
    config, problems = protocol.look({"status": "draft", "tables": {}})

    assert not problems
    assert (config["status"], config["tables"]) == ("draft", {})
    assert config["title"] == protocol.look()[0]["title"]
