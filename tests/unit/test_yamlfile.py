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


QUOTES = "; put the whole value in single quotes"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ('title: "peer feedback" AND writing\nnumbers: [1]\n', QUOTES),
        ("title: A: b\n", QUOTES),
        ("title: 'it's'\n", f"{QUOTES}, each ' within it written twice"),
        ("numbers:\n  - title: A: b\n", QUOTES),
        ("title: [mesh] AND writing\ninner: {a: b: c}\n", QUOTES),
    ],
)
def test_a_value_that_needs_quotes_is_told_so(tmp_path, text, remedy):
    assert problems(tmp_path, text)[0].endswith(remedy)


@pytest.mark.parametrize(
    "text",
    ["inner: {a: b: c}\n", "- inner: {a: b: c}\n", "title: a\n  numbers: [1]\n", "inner:\n  a: 1\n title: 2\n", 'title: "a\n'],
)  # fmt: skip
def test_no_quotes_are_asked_for_where_they_would_not_help(tmp_path, text):
    assert "quotes" not in problems(tmp_path, text)[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: 1\n", "1 is not a text; expected shown to readers; put it in quotes"),
        ("title: true\n", "true is not a text; expected shown to readers; put it in quotes"),
        ("title:\n", "nothing stands behind this key; expected shown to readers"),
        ("numbers: Anna, Bo\n", "'Anna, Bo' is not a list; write a list, such as [Anna, Bo]"),
        ("numbers: ['x']\n", "'x' is not a whole number"),
        ("inner: x\n", "'x' is not a mapping; write its keys below it, each in a line of its own, indented"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_told_in_words(tmp_path, text, says):
    assert problems(tmp_path, text)[0].split(": ", 1)[1] == says
