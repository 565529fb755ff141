"""Run a program's `main` in a process that has the libraries loaded already, and none of ours.

Reading a workflow costs a second, loading the libraries for it another one.
"""

import contextlib
import importlib
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["snakemake.cli", "snakemake.api", "snakemake.workflow", "jsonschema", "pandas", "rocrate", "yaml"])  # fmt: skip


def run(module, *arguments, path=None):
    """Return the exit code of a module's `main`, and all that was said; ``path`` is put before others."""
    with tempfile.TemporaryDirectory() as scratch:
        said = Path(scratch) / "said"
        process = _fork.Process(target=_main, args=(module, list(map(str, arguments)), path and str(path), said))  # fmt: skip
        process.start()
        process.join()
        return process.exitcode, said.read_text("utf-8", "replace")


def _main(module, arguments, path, said):
    with contextlib.suppress(ValueError):
        sys.path.remove(path)
    if path:
        sys.path.insert(0, path)
    with said.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.exit(importlib.import_module(module).main(arguments))
