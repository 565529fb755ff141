"""Keep to a service's rate of requests, across all processes of a user.

Each service has a small file in the user's cache folder with the times of the last requests.
Under the kernel's lock on it a process takes the next time that the rate leaves free, writes it
down and then waits for it: nobody sleeps with the lock in hand, and a killed process frees it.
"""

import contextlib
import fcntl
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

MARGIN = 1.05
"""How much longer than the service's window ours is: on their way requests catch each other up."""
HORIZON = 60.0
"""Seconds ahead up to which a time in the file is believed; later ones are from a clock set back."""


class Clock:
    """The time and the waiting, which tests put another clock in the place of."""

    def now(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def random(self) -> float:
        """Return a number from 0 to 1, by which waiting processes are spread."""
        return random.random()


@dataclass(frozen=True)
class Rate:
    """At most so many requests in any window of so many seconds."""

    requests: int
    seconds: float = 1.0

    def __str__(self) -> str:
        window = "second" if self.seconds == 1 else f"{self.seconds:g} seconds"
        return f"{self.requests} per {window}"


def folder() -> Path:
    """Return the folder of the user's cache that holds the files, or one for passing files."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    wanted = Path(base) / "retrace" / "pace"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        if os.access(wanted, os.W_OK):
            return wanted
    except OSError:
        pass
    return Path(tempfile.gettempdir()) / f"retrace-pace-{os.getuid()}"


class Pace:
    """The rate of one service, kept by everybody who names the same file."""

    def __init__(self, name: str, rate: Rate, clock: Clock, home: Path | None = None):
        self.path = (home or folder()) / f"{name}.json"
        self.rate, self.clock = rate, clock

    def wait(self) -> float:
        """Wait for the next free time and return it."""
        with self._held() as file:
            now, state = self.clock.now(), _read(file)
            taken = sorted(at for at in state["taken"] if at < now + HORIZON)
            pause = state["not_before"]
            free = max(now, pause if pause <= now + state["most"] else 0)
            if len(taken) >= self.rate.requests:
                free = max(
                    free, taken[-self.rate.requests] + self.rate.seconds * MARGIN
                )
            state["taken"] = [*taken, free][-self.rate.requests :]
            _write(file, state)
        while (left := free - self.clock.now()) > 0:
            self.clock.sleep(left)
        return free

    def pause(self, seconds: float) -> None:
        """Have everybody ask nothing of the service for some time: it has said so."""
        with self._held() as file:
            state = _read(file)
            state["not_before"] = max(state["not_before"], self.clock.now() + seconds)
            state["most"] = max(seconds, HORIZON)
            _write(file, state)

    @contextlib.contextmanager
    def _held(self) -> Iterator[IO[str]]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+", encoding="utf-8") as file:
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(file, fcntl.LOCK_EX)
            yield file


def _read(file: IO[str]) -> dict[str, Any]:
    file.seek(0)
    try:
        state = json.loads(file.read() or "{}")
        return {
            "taken": [float(at) for at in state.get("taken", [])],
            "not_before": float(state.get("not_before", 0)),
            "most": float(state.get("most", HORIZON)),
        }
    except (ValueError, TypeError, AttributeError):
        return {"taken": [], "not_before": 0.0, "most": HORIZON}


def _write(file: IO[str], state: dict[str, Any]) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps(state))
    file.flush()
