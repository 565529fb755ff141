"""Read a YAML file of the author's and hold it to a closed JSON schema, with the place of each mistake.

A plain loader forgets lines, lets a doubled key win silently and takes no for false, 1:20 for 80
and a day for an object. So the file is composed into nodes first, and words are read as YAML 1.2
reads them: every problem names file, line and key, and what looks like text is text.
"""

import dataclasses
import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from retrace import cells
from retrace.errors import (
    ConfigError,
    Problem,
    conflict_marks,
    did_you_mean,
    shown,
    some,
    unreadable,
)

MOST = 100_000
"""The most keys and items of a file, aliases followed: beyond it somebody means harm."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_KINDS = {
    "array": "a list", "object": "a mapping", "string": "a text", "integer": "a whole number",
    "number": "a number", "boolean": "true or false",
}  # fmt: skip
"""The types of a JSON schema, in words."""
_VALUE = re.compile(
    r"( *(?=- |[\w.+-]+: )(?:- +)*+(?:[\w.+-]+: +)?+)(?!\{|\[.*\] *$)(\S.*)"
)
"""A dash or a key, and the value behind it, unless that is a list or a mapping in one line."""
_WORDS = {
    "bool": ("true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": ("[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    "float": (r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+)", "-+.0123456789"),
    "null": ("~|null|Null|NULL|", "~nN\0"),
    "merge": ("<<", "<"),
}  # fmt: skip
"""What is no text though it has no quotes, as in YAML 1.2; by its tag, with its first letters."""


def load(path: str | Path, schema: str | Path | None = None) -> Any:
    """Return a YAML file's content.

    Raises:
        ConfigError: no such file, not YAML, a doubled key, or a key or value that the
            schema refuses; each problem with its line.
    """
    content, _ = load_with_lines(path, schema)
    return content


def load_with_lines(
    path: str | Path,
    schema: str | Path | None = None,
    given: Mapping[str, Any] | None = None,
) -> tuple[Any, dict[tuple, int]]:
    """Return the content and the line of every key and item, by its path in the content.

    What is ``given`` holds over the file, key by key, and has the line 0.
    """
    import yaml

    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        problem = unreadable(path, error)
        if isinstance(error, FileNotFoundError):
            problem = dataclasses.replace(problem, remedy="see `retrace new`")
        raise ConfigError(problem) from None
    except UnicodeDecodeError as error:
        what = f"byte {error.start} is not UTF-8"
        raise ConfigError(
            Problem(str(path), what=what, remedy="save it as UTF-8")
        ) from None
    if marks := conflict_marks(path, text.splitlines()):
        raise ConfigError(marks)
    problems: list[Problem] = []
    lines: dict[tuple, int] = {}
    try:
        # Parsed once, by libyaml where it is there: a hundred numbers take half a second otherwise.
        loader = _loader()(text)
        node = loader.get_single_node()
        content = None
        if node is not None:
            # Walked before it is constructed, which copies a merged mapping's keys into the node.
            _walk(node, (), lines, problems, str(path), yaml)
            content = loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else 0
        what = f"not YAML: {getattr(error, 'problem', None) or error}"
        remedy = _of_syntax(text, row)
        raise ConfigError(Problem(str(path), row, what=what, remedy=remedy)) from None
    except RecursionError:
        what = "an alias holds itself, or the nesting is too deep"
        raise ConfigError(Problem(str(path), what=what)) from None
    if given and (content is None or isinstance(content, dict)):
        content = {**(content or {}), **given}
        lines = {place: line for place, line in lines.items() if not place or place[0] not in given}  # fmt: skip
        lines |= dict.fromkeys([(key,) for key in given], 0)
    if schema is not None:
        problems += _complaints(content, Path(schema), lines, str(path))
    if problems:
        raise ConfigError(sorted(problems))
    return content, lines


def _of_syntax(text: str, row: int) -> str:
    """Return what to do about a row that is not YAML, where that is certain: tried out, quotes help."""
    import yaml

    lines = text.splitlines()
    line = lines[row - 1] if 0 < row <= len(lines) else ""
    if re.match(r"\s*\t", line):
        return "indent with blanks, not with tabs"
    found = _VALUE.fullmatch(line)
    if found is None:
        return ""
    lines[row - 1] = found[1] + "'" + found[2].replace("'", "''") + "'"
    try:
        _loader()("\n".join(lines)).get_single_data()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None or mark.line < row:
            return ""
    twice = ", each ' within it written twice" if "'" in found[2].strip("'") else ""
    return f"put the whole value in single quotes{twice}"


def line_of(lines: dict[tuple, int], path: tuple) -> int:
    """Return the line of a place in the content, or of the nearest place around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


@functools.cache
def _loader() -> Any:
    """Return a safe loader whose words without quotes are those of YAML 1.2."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, list] = {}

    for tag, (words, letters) in _WORDS.items():
        for letter in [letter.strip("\0") for letter in letters]:
            Loader.yaml_implicit_resolvers.setdefault(letter, []).append(
                (f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{words})$"))
            )
    return Loader


def _walk(
    node: Any, path: tuple, lines: dict, problems: list, file: str, yaml: Any
) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if len(lines) > MOST:
        what = f"more than {MOST:,} keys and items, aliases followed"
        raise ConfigError(Problem(file, what=what, remedy="write fewer aliases"))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (*path, str(key.value))
            if place in lines:
                problems.append(
                    Problem(
                        file, key.start_mark.line + 1, key.value, "the key stands here twice",
                        f"one key; the first is on line {lines[place]}", "delete or rename one",
                    )
                )  # fmt: skip
            lines[place] = key.start_mark.line + 1
            _walk(value, place, lines, problems, file, yaml)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*path, index), lines, problems, file, yaml)
    elif found := _CONTROLS.search(node.value):
        what = f"a control character ({found[0]!r}) stands in this text"
        key = ".".join(map(str, path))
        row = node.start_mark.line + 1
        problems.append(Problem(file, row, key, what, "text", "delete it"))


@functools.cache
def _validator(schema: Path) -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(
        json.loads(schema.read_text(encoding="utf-8"))
    )


def _complaints(content: Any, schema: Path, lines: dict, file: str) -> list[Problem]:
    problems = []
    for error in _validator(schema).iter_errors(content):
        for leaf in _leaves(error):
            path = tuple(leaf.absolute_path)
            if leaf.validator == "additionalProperties":
                problems += _unknown_keys(leaf, path, lines, file)
                continue
            problems.append(
                Problem(
                    file, line_of(lines, path), ".".join(map(str, path)), _said(leaf),
                    leaf.schema.get("description", "") if isinstance(leaf.schema, dict) else "",
                    _remedy(leaf),
                )
            )  # fmt: skip
    return sorted(set(problems))


def _said(leaf: Any) -> str:
    """Return a validator's message, a long value in it cut."""
    if leaf.instance is None and not leaf.absolute_path:
        return "nothing stands in this file"
    if leaf.validator == "pattern" and "description" in leaf.schema:
        return shown(leaf.instance)
    if leaf.validator == "type" and leaf.instance is None:
        return "nothing stands behind this key"
    value = repr(leaf.instance)
    short = value if len(value) <= 80 else f"{value[:80]}..."
    if leaf.validator == "type":
        short = short.lower() if isinstance(leaf.instance, bool) else short
        return f"{short} is not {' or '.join(_KINDS[one] for one in _types(leaf))}"
    return str(leaf.message).replace(value, short)


def _types(leaf: Any) -> list[str]:
    """Return the types that a value may have, but for that of no value."""
    given = leaf.validator_value
    return [one for one in ([given] if isinstance(given, str) else given) if one != "null"]  # fmt: skip


def _remedy(leaf: Any) -> str:
    """Return what to write in place of a value of another type, or of a day in another form."""
    if leaf.validator == "type":
        return _of_type(leaf.instance, _types(leaf))
    if leaf.validator != "pattern" or leaf.schema.get("format") != "date":
        return ""
    found = cells.complaint(leaf.instance, "date")
    return found[2] if found else ""


def _of_type(value: Any, wanted: list[str]) -> str:
    """Return how a value is written as one of the wanted type, where that can be said."""
    if "array" in wanted and isinstance(value, str):
        is_plain = re.fullmatch(r"\w[^][{}:#'\"\n]{0,60}", value)
        return f"write a list, such as [{value}]" if is_plain else "write a list: each item in a line of its own, behind a dash"  # fmt: skip
    if "string" in wanted and isinstance(value, bool | int | float):
        return "put it in quotes"
    if "object" in wanted and value is not None:
        return "write its keys below it, each in a line of its own, indented"
    return ""


def _leaves(error: Any) -> list[Any]:
    """Return the innermost errors: of alternatives, those of the one that came closest."""
    if not error.context:
        return [error]
    import jsonschema

    return _leaves(jsonschema.exceptions.best_match(error.context))


def _unknown_keys(leaf: Any, path: tuple, lines: dict, file: str) -> list[Problem]:
    known = list(leaf.schema.get("properties", {}))
    problems = []
    for key in leaf.instance:
        if key not in known:
            place = (*path, key)
            problems.append(
                Problem(
                    file, line_of(lines, place), ".".join(map(str, place)), "unknown key",
                    some(known, 30), did_you_mean(key, known, "delete it"),
                )
            )  # fmt: skip
    return problems
