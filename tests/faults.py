"""Kill builds at chosen system calls, over and over, and hold what they leave to a clean build.

`python tests/faults.py [--seed 0]` builds the small review once in peace and lists the calls of
each step. Then it builds it again and again, each run killed at one of them, the next one the
same command. What stands after a kill must be whole, and the build that is let be must make the
same bytes. It prints a table of the points, and exits 1 where one was not recovered from.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REVIEW = ROOT / "tests/workflow/second"
CALLS = "write,fsync,chmod,rename,mkdir,unlink"
"""What a step does to files; the same calls of the scheduler are counted and hit."""

# Stands in the place of Python for every step, and puts the step that is meant under strace.
WRAPPER = f"""#!/bin/sh
case "$*" in
*.$FAULT_STEP.py)
    strace -qq -o "$FAULT_LOG.$$" -e signal=none $FAULT_OPTIONS "{sys.executable}" "$@"; code=$?
    [ -e "$FAULT_LOG.$$" ] && [ $code = 137 ] && [ "$FAULT_ALL" ] && kill -9 0
    exit $code;;
*) exec "{sys.executable}" "$@";;
esac
"""
SNAKEMAKE = "import sys; sys.executable = sys.argv.pop(1); from snakemake.cli import main; main()"  # fmt: skip
KILLED = "inject={call}:signal=KILL:when={number}"


@dataclass
class Kill:
    """One point: the Nth call of a kind, by a step or by the scheduler's own thread.

    A killed step ends alone, or takes ``everything`` with it; a killed scheduler leaves its steps
    at work.
    """

    step: str
    call: str
    number: int
    everything: bool = False

    @property
    def kind(self):
        """Return who is killed."""
        if not self.step:
            return "the scheduler, and its steps work on"
        return "every process, by a call of a step" if self.everything else "a step"


def command(*options, step="", log="", everything=False, cores=2):
    """Return a build as a command and its environment; ``options`` are strace's, for one step or for the scheduler."""
    wrapper = Path(tempfile.gettempdir()) / "python_of_steps"
    if not wrapper.exists():
        wrapper.write_text(WRAPPER)
        wrapper.chmod(0o755)
    words = [sys.executable, "-c", SNAKEMAKE, str(wrapper), "-s", str(ROOT / "Snakefile"), "--nocolor", "-c", str(cores)]  # fmt: skip
    environment = os.environ | {"FAULT_STEP": step, "FAULT_OPTIONS": " ".join(options), "FAULT_LOG": str(log), "FAULT_ALL": "1" if everything else ""}  # fmt: skip
    if options and not step:
        words = ["strace", "-qq", "-o", str(log), "-e", "signal=none", *options, *words]
    return words, environment


def build(folder, *options, **fault):
    """Build once; return the exit code and what was said."""
    words, environment = command(*options, **fault)
    done = subprocess.run(
        words, cwd=folder, env=environment, start_new_session=True, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout


def killed(folder, kill):
    """Build until a point and be killed there; return whether the build came to it."""
    log = folder.parent / "killed.log"
    for old in logs(log):
        old.unlink()
    options = ("-e", f"trace={kill.call}", "-e", KILLED.format(call=kill.call, number=kill.number))  # fmt: skip
    words, environment = command(*options, step=kill.step, log=log, everything=kill.everything)  # fmt: skip
    # Steps that outlive their scheduler would keep a pipe open, and it is they that are to be outrun.
    with open(os.devnull, "w") as nowhere:
        code = subprocess.run(words, cwd=folder, env=environment, start_new_session=True, stdout=nowhere, stderr=nowhere).returncode  # fmt: skip
    made = (
        len(re.findall(rf"(?m)^{kill.call}\(", one.read_text("utf-8", "replace")))
        for one in logs(log)
    )
    reached = any(n >= kill.number for n in made)
    if code and not reached:
        raise AssertionError(f"{kill}: the build stopped by itself, with {code}")
    return reached


def logs(log):
    """Return strace's logs: one of the scheduler, or one of each job of the step, since figures are drawn two at a time."""
    return list(log.parent.glob(f"{log.name}*"))


def calls(log):
    """Return the calls of a log of strace, each with how many of its kind it makes."""
    so_far = Counter()
    found = []
    for name in re.findall(r"(?m)^(\w+)\(", log.read_text("utf-8", "replace")):
        so_far[name] += 1
        found.append((name, so_far[name]))
    return found


def counted(scratch):
    """Build in peace; return the folder and the calls of each step and of the scheduler, in the order of the build."""
    folder, log = scratch / "clean", scratch / "calls"
    log.mkdir()
    shutil.copytree(REVIEW, folder)
    # A log for each process, named for its step by what it was asked to run.
    words, environment = command("-ff", "-s", "300", "-e", f"trace={CALLS},execve", step="*", log=log / "step")  # fmt: skip
    scheduler = ["strace", "-qq", "-o", log / "scheduler", "-e", "signal=none", "-e", f"trace={CALLS}"]  # fmt: skip
    subprocess.run([*scheduler, *words], cwd=folder, env=environment, check=True, capture_output=True)  # fmt: skip
    of = {}
    for path in sorted(log.glob("step.*"), key=lambda path: path.stat().st_mtime_ns):
        if name := re.search(r"scripts/tmp\w+\.(\w+)\.py\"", path.read_text("utf-8", "replace")):  # fmt: skip
            of.setdefault(name[1], [call for call in calls(path) if call[0] != "execve"])  # fmt: skip
    return folder, of | {"": calls(log / "scheduler")}


def points(of, each, scheduler, seed):
    """Return the kills, spread over the calls of every step and of the scheduler."""
    chance = random.Random(seed)
    kills = []
    for step, made in of.items():
        n = each if step else scheduler
        # The last call, and others evenly before it from a chance start.
        places = {round((place + chance.random()) * (len(made) - 1) / n) for place in range(n)}  # fmt: skip
        for turn, place in enumerate(sorted(places)):
            call, number = made[place]
            kills.append(Kill(step, call, number, everything=bool(step and turn % 2)))
    return kills


def digests(folder):
    """Return the sha256 of every result by its path: no log and no sidecar."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "results").rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[1] not in ("logs", "ledger")
    }  # fmt: skip


def unsound(folder, clean):
    """Return the results that are not, to the byte, those of a clean build, and broken sidecars.

    What is not yet whole has a name that says so.
    """
    found = [path for path, digest in digests(folder).items() if not path.endswith(".part") and clean.get(path) != digest]  # fmt: skip
    for path in (folder / "results/ledger").rglob("*.json"):
        try:
            json.loads(path.read_text("utf-8"))
        except ValueError:
            found.append(str(path.relative_to(folder)))
    return found


def recovered(folder, clean):
    """Give the command once more and let it be; return in words what is not as after a clean build."""
    code, said = build(folder)
    if code:
        return [f"the last command failed: {said[-2000:]}"]
    left = [str(path) for path in (folder / "results").rglob("*.part")]
    return left + differences(digests(folder), clean)


def differences(found, expected):
    """Return the paths of results whose digests are not the same, or that only one build has."""
    return [path for path in sorted({*found, *expected}) if found.get(path) != expected.get(path)]  # fmt: skip


def run(folder, clean, kills):
    """Give one command again and again, each run killed at its point, and let the last one be.

    Returns the kills that came to their point, and what went wrong, in words.
    """
    reached, wrong = [], []
    for place, kill in enumerate(kills, start=1):
        if sys.stderr.isatty():
            print(f"{place} of {len(kills)}: {kill}", file=sys.stderr, flush=True)
        came = killed(folder, kill)
        if not came:
            # What is done already is not called for again: from nothing it is.
            wrong += recovered(folder, clean)
            shutil.rmtree(folder / "results")
            came = killed(folder, kill)
        if came:
            reached.append(kill)
            wrong += [f"{kill}: {path} is not whole" for path in unsound(folder, clean)]
    return reached, wrong + recovered(folder, clean)


def main():
    """Kill at every point; print a table of the points."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--each", type=int, default=5, help="points in each step")
    parser.add_argument("--scheduler", type=int, default=30, help="points in the scheduler")  # fmt: skip
    options = parser.parse_args()
    if not shutil.which("strace"):
        sys.exit("needed: apt-get install strace")
    with tempfile.TemporaryDirectory() as scratch:
        tempfile.tempdir = scratch
        folder, of = counted(Path(scratch))
        clean = digests(folder)
        kills = points(of, options.each, options.scheduler, options.seed)
        shutil.rmtree(folder / "results")
        shutil.rmtree(folder / ".snakemake")
        reached, wrong = run(folder, clean, kills)
    planned, came = Counter(kill.kind for kill in kills), Counter(kill.kind for kill in reached)  # fmt: skip
    print(f"{sum(map(len, of.values()))} calls ({CALLS}) in a build of {len(of) - 1} steps.\n")  # fmt: skip
    print("| killed | points | reached |\n|---|---|---|")
    for kind in planned:
        print(f"| {kind} | {planned[kind]} | {came[kind]} |")
    print(f"\nNot whole, or not recovered from: {wrong or 'none'}.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
