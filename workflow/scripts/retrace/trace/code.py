"""Say which rules, code and settings made some outputs, from the ledger's lines.

The ledger has one digest over all code of a rule. The files behind it are listed one by one, and
the list is held against that digest: where they do not make it any more, it says so.
"""

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from retrace import ledger
from retrace.trace.written import CONFIG, Written

_digest = functools.cache(ledger.sha256)


def files_behind(
    written: Written, outputs: Iterable[str], apart: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """Return the files behind some outputs, each once, the outputs first and raw files last.

    Of what stands ``apart`` only its raw inputs are followed: an output that holds many things,
    of which one is asked for.
    """
    seen: dict[str, dict[str, Any]] = {}
    todo = list(outputs)
    for path in todo:
        if path in seen or not (
            path.startswith("results/") or Path(path).is_file() or path in written.recorded
        ):  # fmt: skip
            continue
        seen[path] = {"path": path, "sha256": written.digest(path)}
        if path.startswith("results/"):
            line = written.line(path)
            seen[path] |= {"rule": line["rule"], "code_sha256": line["code_sha256"]}
            todo += [
                used["path"]
                for used in line["inputs"]
                if path not in apart or not used["path"].startswith(("results/", "data/"))
            ]  # fmt: skip
        elif seen[path]["sha256"] != written.recorded.get(path, seen[path]["sha256"]):
            seen[path]["changed_since_build"] = True
    return sorted(seen.values(), key=lambda file: "rule" not in file)


def rules_behind(
    written: Written, files: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the rules that made some files: script, modules, templates, settings and digests."""
    found: dict[tuple, dict[str, Any]] = {}
    for file in files:
        if "rule" in file:
            line = written.line(file["path"])
            wildcards = tuple(sorted(line["wildcards"].items()))
            key = (line["rule"], wildcards, line["code_sha256"])
            if key not in found:
                found[key] = {**_rule(written, file["path"]), "outputs": []}
            found[key]["outputs"].append(file["path"])
    return list(found.values())


@functools.cache
def _rule(written: Written, output: str) -> dict[str, Any]:
    line = written.line(output)
    used, settings = _settings(written, line["params"], line["wildcards"])
    return {
        "rule": line["rule"],
        "wildcards": line["wildcards"],
        "outputs": [],
        "inputs": [used["path"] for used in line["inputs"]],
        "code_sha256": line["code_sha256"],
        "software_sha256": line["software_sha256"],
        **_code(
            line["rule"],
            tuple(line.get("modules", ())),
            tuple(line.get("files", ())),
            line["code_sha256"],
        ),
        "config": used,
        "settings": settings,
    }


@functools.cache
def _code(
    rule: str, modules: tuple[str, ...], files: tuple[str, ...], digest: str
) -> dict[str, Any]:
    """Return the files of code of a rule, and whether they are still those of the build."""
    paths = [ledger.HOME / file for file in files]
    try:
        found = dict(
            item for name in (rule, *modules) for item in ledger.modules_of(name)
        )
        same = ledger.code_digest(rule, *modules, files=paths) == digest
    except (OSError, ModuleNotFoundError):
        found, same = {}, False
    script = found.pop(rule, ledger.SCRIPTS / f"{rule}.py")
    return {
        "script": _file(script),
        "modules": [{"module": name, **_file(path)} for name, path in sorted(found.items())],
        "files": [_file(path) for path in paths if path.is_file()],
        "code_changed_since_build": not same,
    }  # fmt: skip


def _file(path: Path) -> dict[str, str]:
    return {
        "path": path.relative_to(ledger.HOME).as_posix(),
        "sha256": _digest(path) if path.is_file() else "",
    }


def _settings(
    written: Written, params: Mapping[str, Any], wildcards: Mapping[str, str]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the keys of config.yaml that hold a rule's settings, and the settings that none holds.

    The ledger has the values that a rule was given, by names of its own; where they stand is
    found by their values, the names and wildcards deciding between equals.
    """
    content, lines = written.config
    nodes = list(_nodes(content, ()))
    found: dict[tuple, Any] = {}
    rest: dict[str, Any] = {}

    def at(name: str, value: Any) -> tuple | None:
        fitting = [
            path
            for path, node in nodes
            if type(node) is type(value) and node == value
            and (path[-1] == name or isinstance(value, dict | list) and value)
        ]  # fmt: skip
        return max(
            fitting,
            key=lambda path: (
                sum(step in wildcards.values() for step in path), path[-1] == name, -len(path),
            ),
            default=None,
        )  # fmt: skip

    def take(name: str, value: Any) -> None:
        if value is None or value in ({}, []):
            return
        if path := at(name, value):
            found.setdefault(path, value)
        elif not isinstance(value, dict):
            rest[name] = value
        elif not all(
            isinstance(one, str) and one.startswith(("results/", "data/"))
            for one in value.values()
        ):
            parts = [
                (path, node)
                for path, node in nodes
                if isinstance(node, dict) and len(node) > 1
                and all(key in value and value[key] == one for key, one in node.items())
            ]  # fmt: skip
            if parts:
                path, node = max(parts, key=lambda part: (
                    sum(step in wildcards.values() for step in part[0]), len(part[1])))  # fmt: skip
                found.setdefault(path, node)
                value = {key: one for key, one in value.items() if key not in node}
            for key, one in value.items():
                take(key, one)

    for name, value in params.items():
        take(name, value)
    return [
        {"key": ".".join(map(str, path)), "file": CONFIG, "line": lines.get(path), "value": value}
        for path, value in sorted(found.items(), key=lambda item: lines.get(item[0], 0))
    ], rest  # fmt: skip


def _nodes(node: Any, path: tuple) -> Iterable[tuple[tuple, Any]]:
    if path:
        yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _nodes(value, (*path, str(key)))
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from _nodes(value, (*path, at))
