"""Run Snakemake on a review, and say what it does in sentences: which step, how many of how many.

Snakemake's own output names wildcards, resources and reasons, which is right for a developer;
an author wants to see that it moves, and what to fix when it stops.
"""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from retrace import errors, ledger, protocol, verify
from retrace.errors import Problem, did_you_mean

DONE = re.compile(r"^(\d+) of (\d+) steps")
MESSAGE = re.compile(r"^Job \d+: (.*)")
PLANNED = re.compile(r"^ *Job \d+: (.*)")
TOTAL = re.compile(r"^total +(\d+)")
OWN = re.compile(r"^(ERROR|WARNING): ")
FINISHED = re.compile(r"^Finished jobid: \d+ \(Rule: (\w+)\)")
NO_RULE = re.compile(r"^No rule to produce (\S+)")
BUG = "ERROR: this is a bug in retrace"
SYSTEM = re.compile(r"\[Errno \d+\] ([^:\n]+)(?:: '([^'\n]+)')?")
LOG = Path(".snakemake/retrace.log")
PAGES = {
    "render_html": "results/manuscript/review.html",
    "audit_pages": "results/audit/index.html",
}
"""What is read of a build, by the step that makes it."""
WRONG_USAGE = 2
"""What Snakemake ends with where it does not know an argument."""
PATIENCE = 0.5
"""Seconds after which Snakemake, asked to stop, is asked again."""


def run(arguments: Sequence[str], *, verbose: bool = False) -> int:
    """Rebuild the review in the current folder; return 0 or 1 as Snakemake does, 2 for a wrong argument.

    A workflow profile stands here or in the engine: ``profiles/slurm``.

    Where no review stands, that is said and the process ends.
    """
    with errors.told():
        protocol.hold_here()
    arguments = with_profile(arguments)
    given = " ".join(arguments)
    cores = (
        []
        if re.search(r"(^|\s)(-c|-j|--cores|--jobs|--profile)", given)
        else ["--cores", "all"]
    )
    command = [
        sys.executable, "-m", "snakemake", "--snakefile", str(ledger.HOME / "Snakefile"), *cores, *arguments,
    ]  # fmt: skip
    is_dry = "-n" in arguments or "--dry-run" in arguments
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if verbose:
        return _code(subprocess.run(command, env=environment).returncode)
    process = subprocess.Popen(
        command, env=environment, text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        preexec_fn=_end_with_parent,
    )  # fmt: skip
    assert process.stdout is not None
    # Asked to end, Snakemake lets the running jobs end first; the prompt comes back after that.
    signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
    lines: list[str] = []
    asked = False
    while True:
        try:
            for line in (_planned if is_dry else _told)(process.stdout):
                lines.append(line)
            code = _code(process.wait())
            break
        except KeyboardInterrupt:
            # The terminal has told Snakemake and its jobs, too. Where that meets Snakemake just as
            # it starts a job, it is lost, and the build would go on to its end: it is told again,
            # in a way that it keeps, once it waits for the job.
            asked = True
            print("Stopping.", file=sys.stderr)
            again = threading.Timer(PATIENCE, process.terminate)
            again.daemon = True
            again.start()
    if code == WRONG_USAGE:
        print("".join(lines[-1:]), end="", file=sys.stderr)
        return code
    if is_dry and not code:
        return code
    with contextlib.suppress(OSError):
        LOG.parent.mkdir(exist_ok=True)
        LOG.write_text("".join(lines), encoding="utf-8")
    if code:
        _explain(lines, asked)
    elif _is_chatty() and (made := _made(lines, arguments)):
        print("To read:", ", ".join(made))
    return code


def _made(lines: list[str], arguments: Sequence[str]) -> list[str]:
    """Return what can be read of a build: the files that were asked for, and the pages that it made."""
    steps = {step[1] for step in map(FINISHED.match, lines) if step}
    asked = [given for given in arguments if given.startswith("results/") and Path(given).is_file()]  # fmt: skip
    pages = [page for step, page in PAGES.items() if step in steps]
    return list(dict.fromkeys([*asked, *pages])) if steps else []


def _code(ended: int) -> int:
    """Return the exit code for how Snakemake ended: any failure is 1, a signal too."""
    return ended if ended == WRONG_USAGE else min(abs(ended), 1)


def with_profile(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the workflow profile as the path at which it stands, here or in the engine.

    Snakemake by itself passes over one that it does not find.

    Raises:
        SystemExit: it stands in neither, or is not given.
    """
    parser = argparse.ArgumentParser("retrace build", argparse.SUPPRESS, add_help=False)
    parser.add_argument("--workflow-profile")
    known, rest = parser.parse_known_args(arguments)
    given = known.workflow_profile
    if given in (None, "none"):
        return list(arguments)
    for folder in (Path(), ledger.HOME):
        for path in (folder / given, folder / "profiles" / given):
            if path.exists():
                return ["--workflow-profile", str(path), *rest]
    ours = sorted(f"profiles/{of.name}" for of in (ledger.HOME / "profiles").iterdir())
    parser.error(
        f"--workflow-profile {given}: no such profile in this folder or in the engine;"
        f" expected one of {', '.join(ours)}; {did_you_mean(given, ours, 'or give the path of your own')}"
    )


def _explain(lines: list[str], asked: bool) -> None:
    """Say why the build stopped, where it was not asked to and no step of ours has said it already."""
    is_said = any(line.startswith("ERROR: ") for line in lines)
    if not asked and not is_said:
        if unknown := next(filter(None, map(NO_RULE.match, lines)), None):
            print(f"ERROR: {_no_step(unknown[1])}", file=sys.stderr)
        elif refused := next(filter(None, map(SYSTEM.search, reversed(lines))), None):
            print(
                f"ERROR: {refused[2] or '.'}: the system says: {refused[1].strip()};"
                " mend this and give the same command again",
                file=sys.stderr,
            )
        else:
            print("".join(lines[-40:]), file=sys.stderr)
    if not any(map(MESSAGE.match, lines)):
        ended = "Nothing was built."
    elif is_said and not asked:
        is_bug = any(line.startswith(BUG) for line in lines)
        ended = "The build stopped. What is done is kept" + (
            "."
            if is_bug
            else ", and the same command goes on from there once this is mended."
        )
    else:
        ended = "The build stopped. What is done is kept, and the same command goes on from there."
    print(
        ended,
        f"All that was said stands in {LOG}.",
        file=sys.stderr,
    )


def _no_step(target: str) -> Problem:
    """Return what to tell of a file that was asked for and that no step makes."""
    outputs = verify.outputs(ledger.HOME / "Snakefile")
    return Problem(target, what="no step makes this file", remedy=did_you_mean(target, outputs))  # fmt: skip


def _end_with_parent() -> None:
    """Have Snakemake end with this process, however that ends: else it would build on, unheard."""
    if sys.platform == "linux":
        import ctypes

        set_signal_on_parents_death = 1
        ctypes.CDLL(None).prctl(set_signal_on_parents_death, signal.SIGKILL)


def _told(lines: Iterable[str]) -> Iterable[str]:
    """Print what an author should see of Snakemake's lines; yield all of them."""
    for line in lines:
        yield line
        if _tell_of_any_build(line):
            continue
        if (done := DONE.match(line)) and (_is_chatty() or done[1] == done[2]):
            print(f"  {done[1]} of {done[2]} steps done", flush=True)
        elif (said := MESSAGE.match(line)) and _is_chatty():
            print(said[1].rstrip(), flush=True)


def _planned(lines: Iterable[str]) -> Iterable[str]:
    """Print the steps that a build would do, and how many there are; yield all lines."""
    steps = ""
    for line in lines:
        yield line
        if _tell_of_any_build(line):
            continue
        if said := PLANNED.match(line):
            print(said[1].rstrip())
        elif total := TOTAL.match(line):
            steps = total[1]
    if steps:
        print(f"  {steps} steps would be done")


def _tell_of_any_build(line: str) -> bool:
    """Print a line that an author should see of a build and of a plan alike; return whether it is one."""
    if OWN.match(line):
        print(line.rstrip(), file=sys.stderr, flush=True)
        return True
    if "Nothing to be done" in line:
        print("Nothing to do: every output is what the inputs make.", flush=True)
        return True
    return False


def _is_chatty() -> bool:
    return not os.environ.get("CI")
