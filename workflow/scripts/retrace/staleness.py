"""Make Snakemake see what the ledger says: stale outputs look old, all others look new.

Snakemake trusts mtimes and its own records, and has no way to be told otherwise when the
Snakefile is read. No byte of a file is touched, and mtimes mean nothing to us, so a dry run,
too, may do this.
"""

import base64
import contextlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from retrace import ledger
from retrace.errors import Problem, ReviewError

RECORDS = Path(".snakemake/metadata")
"""Where Snakemake keeps what it knows of each output."""
NEVER = -(10**9)
"""The mtime of a stale output, in 1938: zero is the mtime of many a file that came in an archive."""


def tell(outputs: Iterable[str], inputs_of: Callable[[str], set[str] | None]) -> None:
    """Make Snakemake take those outputs for stale that the ledger does not vouch for, and no others.

    Raises:
        ReviewError: an output is stale and its mtime cannot be set, so it would be kept.
    """
    outputs = list(outputs)
    stale = ledger.disagreements(outputs, inputs_of)
    kept = [path for path in outputs if path not in stale and Path(path).is_file()]
    raw = {
        path
        for output in outputs
        for path in inputs_of(output) or ()
        if ledger.is_raw(path)
    }
    _bring_back_from_the_future({*raw, *kept})
    _make_new(kept, raw)
    problems = [
        Problem(
            output,
            what=f"is stale ({reason}) and cannot be marked so",
            remedy="give the folder `results` to the user who builds, or delete the file",
        )
        for output, reason in stale.items()
        if not _forgotten(output)
    ]
    if problems:
        raise ReviewError(problems)


def _forgotten(output: str) -> bool:
    try:
        os.utime(output, (NEVER, NEVER))
        _record_of(output).unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _make_new(kept: list[str], raw: set[str]) -> None:
    """Make outputs newer than every file, where one of them is older than what it was made from.

    A clone, a restored cache or a touched export has new mtimes and old bytes, and so has a
    script of an engine that came later.
    """
    scripts = map(str, ledger.SCRIPTS.glob("*.py"))
    times = {path: os.stat(path).st_mtime_ns for path in [*kept, *raw, *scripts]}
    older = any(
        times[line["path"]] <= times.get(str(ledger.SCRIPTS / f"{line['rule']}.py"), 0)
        or any(
            times[line["path"]] < times.get(used["path"], 0) for used in line["inputs"]
        )
        for line in ledger.lines_of(kept)
    )
    if older:
        # Of a script, Snakemake takes the same time for a later one. It stops where a step
        # writes its output at an earlier time than that of an input.
        newest = min(max(times.values()) + 10**9, time.time_ns())
        for output in kept:
            # Of another user's file it may not be changed; then it is only made once more.
            with contextlib.suppress(OSError):
                os.utime(output, ns=(newest, newest))


def _bring_back_from_the_future(inputs: set[str]) -> None:
    """Give inputs of steps from tomorrow the mtime of today: Snakemake stops where an output is older."""
    now = time.time_ns()
    for path in sorted(inputs):
        with contextlib.suppress(OSError):
            if os.stat(path).st_mtime_ns > now:
                os.utime(path, ns=(now, now))


def _record_of(output: str) -> Path:
    name = base64.urlsafe_b64encode(output.encode()).decode()
    try:
        longest = os.pathconf(RECORDS, "PC_NAME_MAX") - 1
    except FileNotFoundError:
        return RECORDS / "none"
    parts = [name[start : start + longest] for start in range(0, len(name), longest)]
    return RECORDS.joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1])
