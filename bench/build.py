"""Time the build of the shipped review beside the same jobs with empty scripts; print a table.

`python bench/build.py [--runs 3]`. The peer is Snakemake itself: what the same DAG costs when
every job only starts, writes empty files and ends. Set-up is not part of it.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REVIEW = ("config.yaml", "data", "manuscript")
EMPTY = "from pathlib import Path\n[Path(path).touch() for path in snakemake.output]\n"


def main() -> None:
    """Print median seconds of each build."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        review = Path(scratch) / "review"
        for name in REVIEW:
            copy(ROOT / name, review / name)
        engine = empty_engine(Path(scratch) / "empty")
        for label, snakefile, clean in (
            ("the shipped review, from nothing", ROOT / "Snakefile", True),
            ("nothing to do", ROOT / "Snakefile", False),
            ("the same jobs with empty scripts", engine / "Snakefile", True),
        ):
            times = [build(snakefile, review, clean) for _ in range(runs)]
            rows.append((label, statistics.median(times), min(times), max(times)))
    print("| build, 2 cores | median s | least | most |\n|---|---|---|---|")
    for label, median, least, most in rows:
        print(f"| {label} | {median:.1f} | {least:.1f} | {most:.1f} |")


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def empty_engine(target: Path) -> Path:
    """Return a copy of the engine whose scripts only touch their outputs and whose ledger is mute."""
    for name in ("Snakefile", "workflow", "profiles", "envs"):
        copy(ROOT / name, target / name)
    for script in (target / "workflow/scripts").glob("*.py"):
        script.write_text(EMPTY)
    audit = target / "workflow/rules/audit.smk"
    audit.write_text(
        re.sub(
            r"^if workflow.is_main_process:.*", "", audit.read_text(), flags=re.S | re.M
        )
    )
    return target


def build(snakefile: Path, review: Path, clean: bool) -> float:
    """Return the seconds of one build; a clean one removes all results first."""
    if clean:
        shutil.rmtree(review / "results", ignore_errors=True)
        shutil.rmtree(review / ".snakemake", ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "-s",
        snakefile,
        "-d",
        review,
        "--cores",
        "2",
        "--quiet",
        "all",
    ]
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONDONTWRITEBYTECODE"
    }
    start = time.perf_counter()
    subprocess.run(
        command,
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
