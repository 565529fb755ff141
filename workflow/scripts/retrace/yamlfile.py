"""Read a YAML file of the author's and hold it to a closed JSON schema, with the place of each mistake.

A plain loader forgets lines and lets a doubled key win silently, so the file is composed into
nodes first: every problem then names file, line and key, and all are named at once.
"""

import difflib
import functools
import json
from pathlib import Path
from typing import Any

from retrace.errors import ConfigError, Problem, some


def load(path: str | Path, schema: str | Path | None = None) -> Any:
    """Return a YAML file's content.

    Raises:
        ConfigError: no such file, not YAML, a doubled key, or a key or value that the
            schema refuses; each problem with its line.
    """
    content, _ = load_with_lines(path, schema)
    return content


def load_with_lines(
    path: str | Path, schema: str | Path | None = None
) -> tuple[Any, dict[tuple, int]]:
    """Return the content and the line of every key and item, by its path in the content."""
    import yaml

    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        raise ConfigError(
            Problem(str(path), what="there is no such file", remedy="see `retrace new`")
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            Problem(
                str(path),
                what=f"byte {error.start} is not UTF-8",
                remedy="save it as UTF-8",
            )
        ) from None
    problems: list[Problem] = []
    lines: dict[tuple, int] = {}
    try:
        # Parsed once, by libyaml where it is there: a hundred numbers take half a second otherwise.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
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
        raise ConfigError(Problem(str(path), row, what=what)) from None
    except RecursionError:
        what = "an alias holds itself, or the nesting is too deep"
        raise ConfigError(Problem(str(path), what=what)) from None
    if schema is not None:
        problems += _complaints(content, Path(schema), lines, str(path))
    if problems:
        raise ConfigError(sorted(problems))
    return content, lines


def line_of(lines: dict[tuple, int], path: tuple) -> int:
    """Return the line of a place in the content, or of the nearest place around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _walk(
    node: Any, path: tuple, lines: dict, problems: list, file: str, yaml: Any
) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (*path, key.value)
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
                    file, line_of(lines, path), ".".join(map(str, path)), leaf.message,
                    leaf.schema.get("description", "") if isinstance(leaf.schema, dict) else "",
                )
            )  # fmt: skip
    return sorted(set(problems))


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
            near = difflib.get_close_matches(str(key), known, 1)
            place = (*path, key)
            problems.append(
                Problem(
                    file, line_of(lines, place), ".".join(map(str, place)), "unknown key",
                    some(known, 30), f"did you mean {near[0]}?" if near else "delete it",
                )
            )  # fmt: skip
    return problems
