"""A YAML file of the author's is read with the place of each mistake."""

import json

import pytest
from retrace import yamlfile
from retrace.errors import ConfigError

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string", "description": "shown to readers"},
        "numbers": {"type": "array", "items": {"type": "integer"}},
        "inner": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"a": {}},
        },
    },
}


def problems(tmp_path, text):
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(ConfigError) as error:
        yamlfile.load(tmp_path / "c.yaml", tmp_path / "s.json")
    return [
        str(problem).removeprefix(str(tmp_path / "c.yaml"))
        for problem in error.value.problems
    ]


def test_all_mistakes_are_named_at_once_with_line_and_key(tmp_path):
    found = problems(tmp_path, "title: 1\nnumbers: [1, x]\ninner:\n  b: 2\n")

    assert [line.split(": ")[0] for line in found] == [
        ":1:title",
        ":2:numbers.1",
        ":4:inner.b",
    ]


def test_a_misspelt_key_suggests_the_right_one(tmp_path):
    assert "did you mean title?" in problems(tmp_path, "titel: x\n")[0]


def test_a_doubled_key_does_not_win_silently(tmp_path):
    assert (
        ":3:title: the key stands here twice"
        in problems(tmp_path, "title: a\nnumbers: []\ntitle: b\n")[0]
    )


def test_text_that_is_no_yaml_is_named_by_its_line(tmp_path):
    assert problems(tmp_path, "title: [1\nnumbers: 2\n")[0].startswith(":2: not YAML")


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match="there is no such file"):
        yamlfile.load(tmp_path / "none.yaml")


def test_a_key_that_overrides_a_merged_one_is_no_double(tmp_path):
    (tmp_path / "c.yaml").write_text("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  x: 3\n")

    assert yamlfile.load(tmp_path / "c.yaml")["b"] == {"x": 3, "y": 2}
