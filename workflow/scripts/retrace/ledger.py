"""Say of every result which bytes, code, settings and inputs made it.

One small sidecar stands beside the results for each output and is written with it; all
other statements of provenance are derived from the sidecars, never a second truth.
"""

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

from retrace import turn
from retrace.errors import ChangedError, Problem, WriteError

SCRIPTS = Path(__file__).resolve().parents[1]
HOME = SCRIPTS.parents[1]
"""The folder of the engine: Snakefile, workflow/, profiles/, envs/."""
LEDGER = Path("results/ledger")
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<dots>\.*)(?P<base>[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n]+)"
    r"|import[ \t]+(?P<modules>[^\n]+))",
    re.MULTILINE,
)

_written: dict[str, str] = {}
"""The digest of each file that this process has written."""
_lines: dict[str, str] = {}
"""The digest of each sidecar that this process has read."""

EDITED = "its bytes are not those that were written"


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all, as `writing` does."""
    with writing(path) as file:
        file.write(data)


@contextlib.contextmanager
def writing(path: str | Path) -> Iterator[BinaryIO]:
    """Yield a file to be written, and read, whole or not at all: a temporary name in the same folder, fsync, rename.

    Raises:
        WriteError: the system does not let it be written: disk full, read-only, ...
        TurnError: a later build of this review has begun.
    """
    path = Path(path)
    if str(path) == os.devnull:
        # Wanted for nothing, and not to be put a file in the place of.
        with open(path, "w+b") as nothing:
            yield nothing
        return
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=turn.PART, dir=path.parent
        )
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.chmod(part, 0o644)
        with turn.held():
            os.replace(part, path)
    except BaseException as error:
        if part is not None:
            Path(part).unlink(missing_ok=True)
        # What is written may be read from another file, which has an error of its own.
        if isinstance(error, OSError) and (
            error.filename in (None, part) or path.is_relative_to(error.filename)
        ):
            raise WriteError(
                Problem(
                    str(path),
                    what=f"cannot be written: {error.strerror}",
                    remedy="mend this and give the same command again",
                )
            ) from error
        raise
    _written[str(path)] = digest


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

    Read from the text, so nothing is imported and an import inside a function counts.

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
        for level, base, names in _imports_of(path):
            above = package[: len(package) - level + 1] if level else []
            whole = ".".join([*above, *([base] if base else [])])
            todo += [whole, *(f"{whole}.{imported}" for imported in names)]
    return tuple(sorted(seen.items()))


@functools.cache
def _imports_of(path: Path) -> list[tuple[int, str, list[str]]]:
    """Return the import statements of a file: dots before, module, names.

    Found by their form, since the syntax trees of all modules would cost half a second at
    every start; a sentence of a docstring that looks like one names no module of ours.
    """
    found: list[tuple[int, str, list[str]]] = []
    for match in _IMPORT.finditer(path.read_text(encoding="utf-8")):
        said = re.sub(r"#[^\n]*", "", match["names"] or match["modules"])
        names = re.findall(r"(?:^|,|\()\s*([\w.]+)", said)
        if match["modules"]:
            found += [(0, name, []) for name in names]
        else:
            found.append((len(match["dots"]), match["base"], names))
    return found


def code_digest(*modules: str, files: Iterable[str | Path] = ()) -> str:
    """Return a sha256 over modules, all they import of ours, and further files (templates, styles)."""
    digest = hashlib.sha256()
    found = {name: path for module in modules for name, path in modules_of(module)}
    for name, path in sorted(found.items()):
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    for path in sorted(Path(file) for file in files):
        digest.update(_in_engine(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@functools.cache
def software() -> str:
    """Return a sha256 over Python, the machine's kind, and the libraries as locked and as installed.

    The minor version of Python and the machine are part of it, since bytes are promised to be
    the same on the same ones only. What a lock says beside versions, such as hashes, is not.
    """
    lock = HOME / "requirements.lock"
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    pins = sorted(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s\\;]+)", text, flags=re.M))
    installed = {}
    for name, _ in pins:
        try:
            installed[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            installed[name] = ""
    stands_on = [
        [sys.implementation.name, *sys.version_info[:2], platform.machine()],
        pins,
        installed,
    ]
    return hashlib.sha256(json.dumps(stands_on, sort_keys=True).encode()).hexdigest()


_TRACES: dict[str, Callable[[Any], dict[str, Any]]] = {}
"""Of each rule, what says which code and settings its outputs are made with."""


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

    def made_with(wildcards: Any) -> dict[str, Any]:
        named = modules(wildcards) if callable(modules) else modules
        values = {
            name: value(wildcards) if callable(value) else value
            for name, value in settings.items()
        }
        return {
            "code": code_digest(rule, *named, files=files),
            "software": software(),
            "settings": _as_json(values),
            "modules": sorted(named),
            "files": sorted(_in_engine(path) for path in files),
        }

    def trace(wildcards: Any, input: Any) -> str:
        raw = {path: sha256(path) for path in sorted(map(str, input)) if is_raw(path)}
        return json.dumps(
            {"rule": rule, **made_with(wildcards), "raw": raw},
            sort_keys=True,
            ensure_ascii=False,
        )

    _TRACES[rule] = made_with
    return {**settings, "trace": trace}


@functools.cache
def _in_engine(path: str | Path) -> str:
    """Return a file of the engine by its place in it, whatever folder that stands in."""
    return Path(path).resolve().relative_to(HOME).as_posix()


_EXPECTED: list[tuple[list[str], Callable[[str], set[str] | None]]] = []


def expect(outputs: Iterable[str], inputs_of: Callable[[str], set[str] | None]) -> None:
    """Say which outputs the workflow makes, and from which inputs: what `expected` returns."""
    _EXPECTED[:] = [(list(outputs), inputs_of)]


def expected() -> tuple[list[str], Callable[[str], set[str] | None]]:
    """Return the outputs of the workflow that was read last, and what names their inputs."""
    return _EXPECTED[-1]


def disagreements(
    outputs: Iterable[str], inputs_of: Callable[[str], set[str] | None]
) -> dict[str, str]:
    """Return every output that its sidecar does not vouch for, with the reason.

    An output is what inputs, settings and code make when a sidecar says so and its bytes, the
    bytes of every input, the code, the software and the settings are still those of the sidecar.
    An output that tells of the ledger is made from the lines that it tells of, too.
    ``inputs_of`` names the inputs that the workflow gives an output now, None where it cannot
    be said. An output that does not exist is no disagreement: it will be made.
    """
    found = {}
    digests = functools.cache(lambda path: sha256(path) if Path(path).is_file() else "")
    for output in outputs:
        if Path(output).is_file() and (
            reason := _disagreement(output, digests, inputs_of(output))
        ):
            found[output] = reason
    return found


def _disagreement(
    output: str, digests: Callable[[str], str], inputs: set[str] | None
) -> str | None:
    try:
        line = json.loads(sidecar_of(output).read_text(encoding="utf-8"))
        used = {entry["path"]: entry["sha256"] for entry in line["inputs"]}
        made_with = _TRACES[line["rule"]](SimpleNamespace(**line["wildcards"]))
        if digests(output) != line["sha256"]:
            return EDITED
        if changed := [
            path
            for path, digest in {**used, **line["lines"]}.items()
            if digests(path) != digest
        ]:
            is_there = "another" if Path(changed[0]).is_file() else "a missing"
            return f"made from {is_there} {changed[0]}"
        if inputs is not None and inputs != set(used):
            return (
                f"made without {min(inputs ^ set(used))}, or with it though it is gone"
            )
        if made_with["code"] != line["code_sha256"]:
            return "made with other code"
        if made_with["software"] != line["software_sha256"]:
            return "made with other versions of Python or of the libraries"
        if made_with["settings"] != line["params"]:
            return "made with other settings"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "the ledger has no readable line for it"
    return None


def is_raw(path: str) -> bool:
    """Return whether a file is an input of the review, not made by a rule of it."""
    return not str(path).startswith("results/") and Path(path).is_file()


def sidecar_of(output: str | Path) -> Path:
    """Return where the sidecar of an output stands."""
    return LEDGER / Path(output).relative_to("results").with_name(
        Path(output).name + ".json"
    )


def digests_of(paths: Iterable[str | Path]) -> dict[str, str]:
    """Return the sha256 of each file."""
    return {path: sha256(path) for path in sorted(set(map(str, paths)))}


def hold_to_lines(inputs: dict[str, str]) -> None:
    """See to it that a step begins with the bytes that the steps before it wrote.

    A step may be said to have succeeded and have left half a file, and a file may be edited
    while others are made.

    Raises:
        ChangedError: an input that a step makes is not what its sidecar says, or has none.
    """
    problems = []
    for path, digest in inputs.items():
        try:
            if (
                is_raw(path)
                or json.loads(sidecar_of(path).read_bytes())["sha256"] == digest
            ):
                continue
        except (OSError, ValueError, KeyError, TypeError):
            pass
        problems.append(
            Problem(path, what=EDITED, remedy="give the same command again")
        )
    if problems:
        raise ChangedError(problems)


def record(
    *,
    wildcards: dict[str, str],
    outputs: Iterable[str],
    inputs: dict[str, str],
    lines: dict[str, str],
    trace: str,
) -> None:
    """Write the sidecar of every output of a job that has just succeeded.

    ``inputs`` are the digests from before the job read them, ``lines`` those of the sidecars
    that it read, and an output's digest is that of the bytes this process wrote: what another
    process does meanwhile is not vouched for.

    Raises:
        ChangedError: an input changed while the job ran.
        KeyError: the job wrote no such output.
    """
    read = {**inputs, **lines}
    if changed := [
        path for path, digest in digests_of(read).items() if digest != read[path]
    ]:
        raise ChangedError(
            [
                Problem(
                    path,
                    what="it changed while a step read it",
                    remedy="give the same command again",
                )
                for path in changed
            ]
        )
    made_with = json.loads(trace)
    for output in map(str, outputs):
        line = {
            "path": output,
            "sha256": _written[str(Path(output))],
            # Not Snakemake's name for it: a workflow that uses this one may call it another.
            "rule": made_with["rule"],
            "wildcards": wildcards,
            "code_sha256": made_with["code"],
            "software_sha256": made_with["software"],
            "params": made_with["settings"],
            "modules": made_with.get("modules", []),
            "files": made_with.get("files", []),
            "inputs": [
                {"path": path, "sha256": digest} for path, digest in inputs.items()
            ],
            "lines": lines,
        }
        write_text(
            sidecar_of(output),
            json.dumps(line, indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        )


def lines_read() -> dict[str, str]:
    """Return the digest of each sidecar that this process has read, by its path."""
    return dict(_lines)


def inputs_at(output: str) -> list[str]:
    """Return the inputs that an output was made from, as its sidecar says."""
    return [entry["path"] for entry in _line_of(output)["inputs"]]


def lines_of(outputs: Iterable[str]) -> list[dict[str, Any]]:
    """Return the ledger's line of each output, in the order of their paths."""
    return [_line_of(output) for output in sorted(set(outputs))]


def every_line(folder: Path = Path()) -> dict[str, dict[str, Any]]:
    """Return the ledger's line of every output that it tells of, by its path; what cannot be read is none."""
    found = {}
    for path in sorted((folder / LEDGER).rglob("*.json")):
        try:
            line = json.loads(path.read_text(encoding="utf-8"))
            found[line["path"]] = line
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def downstream(lines: Mapping[str, Mapping[str, Any]], paths: Iterable[str]) -> list[str]:  # fmt: skip
    """Return the outputs that were made from some files, directly or not, as the lines say."""
    after: dict[str, list[str]] = {}
    for output, line in lines.items():
        for used in line["inputs"]:
            after.setdefault(used["path"], []).append(output)
    found: dict[str, None] = {}
    todo = list(paths)
    for path in todo:
        new = [one for one in after.get(path, ()) if one not in found]
        found |= dict.fromkeys(new)
        todo += new
    return list(found)


def _line_of(output: str) -> dict[str, Any]:
    """Return the ledger's line of an output; what this process makes is made from it."""
    path = sidecar_of(output)
    data = path.read_bytes()
    _lines[str(path)] = hashlib.sha256(data).hexdigest()
    line: dict[str, Any] = json.loads(data)
    return line


def as_provenance(lines: list[dict[str, Any]]) -> str:
    """Return the content of provenance.json: one line of the ledger for each output."""
    kept = (
        "path",
        "sha256",
        "rule",
        "code_sha256",
        "software_sha256",
        "params",
        "inputs",
    )
    made = [{name: line[name] for name in kept} for line in lines]
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def as_checksums(lines: list[dict[str, Any]]) -> str:
    """Return the content of SHA256SUMS, in the form that `sha256sum --check` reads."""
    return "".join(f"{line['sha256']}  {line['path']}\n" for line in lines)


def _as_json(value: Any) -> Any:
    """Return a value as it would come back from JSON, so that it compares with a recorded one."""
    return json.loads(json.dumps(value, ensure_ascii=False, default=str))


@functools.cache
def _file_of(module: str) -> Path | None:
    base = SCRIPTS / module.replace(".", "/")
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None
