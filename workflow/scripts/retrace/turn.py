"""Give one build of a review the turn at a time, and take it from the jobs of one that was killed.

A lock that is a file outlives who made it, so a killed build would need a second command to
lift it; the kernel's lock on a file ends with the process that holds it. A job whose scheduler
was killed works on: it finds that a later build has begun, and lets its file go unwritten.
"""

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from retrace.errors import Problem, TurnError

LOCK = Path(".snakemake/retrace.lock")
"""Locked while a build runs; holds the number of its process."""
LATEST = Path(".snakemake/retrace.build")
"""Names the build that began last."""
VARIABLE = "RETRACE_BUILD"
"""Names, in a job's environment, the build that it is part of."""
PART = ".part"
"""The ending of a file that is not yet whole."""
PATIENCE = 1.0
"""Seconds to wait for a lock that somebody may only be looking at."""

_held: list[IO[str]] = []


def begin() -> None:
    """Take the turn until this process ends, and clear away what a killed build left half-written.

    Raises:
        TurnError: another build of this review is running.
    """
    LOCK.parent.mkdir(exist_ok=True)
    lock = LOCK.open("a+", encoding="utf-8")
    deadline = time.monotonic() + PATIENCE
    while not _locked(lock):
        if time.monotonic() > deadline:
            raise TurnError(_refusal(holder()))
        time.sleep(PATIENCE / 20)
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    _held.append(lock)
    os.environ[VARIABLE] = secrets.token_hex(8)
    with LATEST.open("a+", encoding="utf-8") as latest:
        _wait_for(latest, fcntl.LOCK_EX)
        latest.truncate(0)
        latest.write(os.environ[VARIABLE])
    for part in Path("results").rglob(f".*{PART}"):
        part.unlink(missing_ok=True)


def holder() -> str:
    """Return the number of the process that builds this review now, or nothing."""
    try:
        with LOCK.open("r+", encoding="utf-8") as lock:
            return "" if _locked(lock) else lock.read().strip() or "of unknown number"
    except FileNotFoundError:
        return ""


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Keep a later build from beginning while the block runs, which must be short.

    Raises:
        TurnError: a later build has begun, so what this job would write may be out of date.
    """
    mine = os.environ.get(VARIABLE)
    try:
        latest = LATEST.open(encoding="utf-8") if mine else None
    except FileNotFoundError:
        latest = None
    if latest is None:
        yield
        return
    with latest:
        _wait_for(latest, fcntl.LOCK_SH)
        if latest.read() != mine:
            raise TurnError(
                Problem(
                    str(LATEST),
                    what="a later build of this review has begun, so this one writes nothing more",
                )
            )
        yield


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks: then only the name of the latest build stands guard.
        pass
    return True


def _wait_for(file: IO[str], lock: int) -> None:
    with contextlib.suppress(OSError):
        fcntl.flock(file, lock)


def _refusal(process: str) -> Problem:
    return Problem(
        "results",
        what=f"another build of this review is running (process {process})",
        remedy="wait until it has ended, then give the same command again",
    )
