"""Run Snakemake on a review, and say what it does in sentences: which step, how many of how many.

Snakemake's own output names wildcards, resources and reasons, which is right for a developer;
an author wants to see that it moves, and what to fix when it stops.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

HOME = Path(__file__).resolve().parents[3]
DONE = re.compile(r"^(\d+) of (\d+) steps")
MESSAGE = re.compile(r"^(?:localrule |rule |Job \d+: )(.*)")
OWN = re.compile(r"^(ERROR|WARNING): ")


def run(arguments: Sequence[str], *, verbose: bool = False) -> int:
    """Rebuild the review in the current folder; return Snakemake's exit code, 0 or 1."""
    given = " ".join(arguments)
    cores = (
        []
        if re.search(r"(^|\s)(-c|-j|--cores|--jobs|--profile)", given)
        else ["--cores", "all"]
    )
    command = [
        sys.executable, "-m", "snakemake", "--snakefile", str(HOME / "Snakefile"), *cores, *arguments,
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if verbose or "-n" in arguments or "--dry-run" in arguments:
        return min(subprocess.run(command, env=environment).returncode, 1)
    process = subprocess.Popen(
        command, env=environment, text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )  # fmt: skip
    assert process.stdout is not None
    log = Path(".snakemake/retrace.log")
    try:
        lines = list(_told(process.stdout))
    except KeyboardInterrupt:
        process.wait()
        raise
    code = min(process.wait(), 1)
    log.parent.mkdir(exist_ok=True)
    log.write_text("".join(lines), encoding="utf-8")
    if code:
        if not any(OWN.match(line) for line in lines):
            print("".join(lines[-40:]), file=sys.stderr)
        print(f"The build stopped. All that was said stands in {log}.", file=sys.stderr)
    return code


def _told(lines: Iterable[str]) -> Iterable[str]:
    """Print what an author should see of Snakemake's lines; yield all of them."""
    quiet = bool(os.environ.get("CI"))
    for line in lines:
        yield line
        if OWN.match(line):
            print(line.rstrip(), file=sys.stderr, flush=True)
        elif "Nothing to be done" in line:
            print("Nothing to do: every output is what the inputs make.", flush=True)
        elif (done := DONE.match(line)) and (not quiet or done[1] == done[2]):
            print(f"  {done[1]} of {done[2]} steps done", flush=True)
        elif (said := MESSAGE.match(line)) and not quiet and line.startswith("Job"):
            print(said[1].rstrip(), flush=True)
