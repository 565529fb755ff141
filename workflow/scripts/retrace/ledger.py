"""Say of every result which bytes, code, settings and inputs made it.

One small sidecar stands beside the results for each output and is written with it; all
other statements of provenance are derived from the sidecars, never a second truth.
"""

import ast
import functools
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).resolve().parents[1]
LEDGER = Path("results/ledger")


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all: a temporary name in the same folder, fsync, rename."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_text(path: str | Path, text: str) -> None:
    """Write a text file whole or not at all, as UTF-8."""
    write_bytes(path, text.encode())


def sha256(path: str | Path) -> str:
    """Return the sha256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def modules_of(module: str) -> tuple[tuple[str, Path], ...]:
    """Return a module and every module of ours that it imports, transitively, with their files.

    Read from the syntax tree, so nothing is imported and an import inside a function counts.

    Raises:
        ModuleNotFoundError: no such module; a typo must not digest to a constant.
    """
    if _file_of(module) is None:
        raise ModuleNotFoundError(module)
    seen: dict[str, Path] = {}
    todo = [module]
    while todo:
        name = todo.pop()
        path = _file_of(name)
        if path is None or name in seen:
            continue
        seen[name] = path
        parts = name.split(".")
        todo += [".".join(parts[:end]) for end in range(1, len(parts))]
        package = parts if path.name == "__init__.py" else parts[:-1]
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                todo += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else []
                base = ".".join([*above, *([node.module] if node.module else [])])
                todo += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return tuple(sorted(seen.items()))


def code_digest(*modules: str, files: Iterable[str | Path] = ()) -> str:
    """Return a sha256 over modules, all they import of ours, and further files (templates, styles)."""
    digest = hashlib.sha256()
    found = {name: path for module in modules for name, path in modules_of(module)}
    for name, path in sorted(found.items()):
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    for path in sorted(Path(file) for file in files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def traced(
    rule: str,
    *,
    modules: Iterable[str] | Callable = (),
    files: Iterable[str | Path] = (),
    **settings: Any,
) -> dict[str, Any]:
    """Return a rule's params: its settings, and a trace of the code, settings and raw bytes it uses.

    ``modules`` names package modules that the rule's script loads by name, or is a function
    of the wildcards that does. Snakemake reruns a rule whose params changed; it watches
    neither imported modules nor contents under an older mtime, and takes two swapped values
    for the same, so all of these stand in the trace.
    """

    def trace(wildcards: Any, input: Any) -> str:
        named = modules(wildcards) if callable(modules) else modules
        values = {
            name: value(wildcards) if callable(value) else value
            for name, value in settings.items()
        }
        made = {
            "code": code_digest(rule, *named, files=files),
            "settings": values,
            "raw": {
                path: sha256(path) for path in sorted(map(str, input)) if is_raw(path)
            },
        }
        return json.dumps(made, sort_keys=True, ensure_ascii=False, default=str)

    return {**settings, "trace": trace}


def is_raw(path: str) -> bool:
    """Return whether a file is an input of the review, not made by a rule of it."""
    return not str(path).startswith("results/") and Path(path).is_file()


def sidecar_of(output: str | Path) -> Path:
    """Return where the sidecar of an output stands."""
    return LEDGER / Path(output).relative_to("results").with_name(
        Path(output).name + ".json"
    )


def record(
    *,
    rule: str,
    outputs: Iterable[str],
    inputs: Iterable[str],
    trace: str,
    log: str = "",
) -> None:
    """Write the sidecar of every output of a job that has just succeeded."""
    trace_of = json.loads(trace)
    used = [
        {"path": path, "sha256": sha256(path)} for path in sorted(set(map(str, inputs)))
    ]
    for output in map(str, outputs):
        line = {
            "path": output,
            "sha256": sha256(output),
            "rule": rule,
            "code_sha256": trace_of["code"],
            "params": trace_of["settings"],
            "inputs": used,
        }
        write_text(
            sidecar_of(output),
            json.dumps(line, indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        )


def lines_of(outputs: Iterable[str]) -> list[dict[str, Any]]:
    """Return the ledger's line of each output, in the order of their paths."""
    return [
        json.loads(sidecar_of(output).read_text(encoding="utf-8")) for output in sorted(set(outputs))
    ]


def as_provenance(lines: list[dict[str, Any]]) -> str:
    """Return the content of provenance.json: {path, sha256, rule, code_sha256, params, inputs} each."""
    kept = ("path", "sha256", "rule", "code_sha256", "params", "inputs")
    made = [{name: line[name] for name in kept} for line in lines]
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def as_checksums(lines: list[dict[str, Any]]) -> str:
    """Return the content of SHA256SUMS, in the form that `sha256sum --check` reads."""
    return "".join(f"{line['sha256']}  {line['path']}\n" for line in lines)


def _file_of(module: str) -> Path | None:
    base = SCRIPTS / module.replace(".", "/")
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None
