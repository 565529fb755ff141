"""Time the workflow on reviews of many records, stage by stage; print a table.

`python bench/scale_workflow.py [100000 1000000] [--cores 2]`. The records are those of
`dedup_scale.py`, labelled and made here, written as RIS files of five databases, four to each, into a
new review's folder. Every stage is a build of its own up to one output, as an author would give
it at the prompt, with the start of Snakemake and of each job; the last one seals the ledger. Seconds of CPU
are those of all its processes; peak is the most memory that one process of it held.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATABASES = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon")
FILES = 4
"""Export files of each database."""

STAGES = {
    "read": "results/records/records.parquet",
    "deduplicate": "results/records/deduplicated.parquet",
    "flow": "results/flow/members.csv",
    "all other results, and their seal": "results/SHA256SUMS",
}
TAGS = {
    "year": "PY", "journal": "JF", "volume": "VL", "issue": "IS", "pages": "SP", "doi": "DO", "abstract": "AB",
}  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[100_000])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument(
        "--make", type=Path, metavar="FOLDER", help="only write the review"
    )
    known = parser.parse_args()
    if known.make:
        make(known.make, known.sizes[0])
        return
    print(
        f"| records | stage, {known.cores} cores | seconds | of CPU | peak GB |\n|---|---|---|---|---|"
    )
    for size in known.sizes:
        with tempfile.TemporaryDirectory() as scratch:
            review = Path(scratch) / "review"
            # In a process of its own: a child's peak of memory begins at its parent's.
            subprocess.run(
                [sys.executable, __file__, "--make", review, str(size)], check=True
            )
            whole = [0.0, 0.0, 0.0]
            for label, arguments in commands(known.cores):
                told = measured(review, arguments)
                whole = [whole[0] + told[0], whole[1] + told[1], max(whole[2], told[2])]
                show(size, label, told)
            show(size, "together", whole)


def commands(cores: int) -> Iterator[tuple[str, list[str]]]:
    """Yield each stage and the arguments of `retrace` that run it."""
    for label, target in STAGES.items():
        yield label, ["build", "--cores", str(cores), target]
    yield "build again: nothing to do", ["build", "--cores", str(cores), target]
    yield "verify", ["verify"]


def show(size: int, label: str, told: list[float]) -> None:
    """Print a line of the table."""
    print(
        f"| {size:,} | {label} | {told[0]:.1f} | {told[1]:.1f} | {told[2]:.2f} |",
        flush=True,
    )


def measured(review: Path, arguments: list[str]) -> list[float]:
    """Run `retrace` in a review; return seconds, seconds of CPU, and gigabytes of its largest process."""
    code = "import json, resource, subprocess, sys; code = subprocess.run(sys.argv[1:], stdout=2).returncode;"
    code += "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
    code += "print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss]))"
    begin = time.perf_counter()
    # A process between them, whose children are those of this stage alone.
    run = subprocess.run(
        [sys.executable, "-c", code, sys.executable, "-m", "retrace", *arguments],
        cwd=review, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow/scripts")},
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    failed, cpu, peak = json.loads(run.stdout.splitlines()[-1])
    if failed and arguments[0] == "build":
        raise SystemExit(run.stderr)
    return [seconds, cpu, peak / (1e9 if sys.platform == "darwin" else 1e6)]


def make(folder: Path, size: int) -> None:
    """Write a new review whose searches found that many records."""
    sys.path[:0] = [str(ROOT / "workflow/scripts"), str(ROOT / "bench")]
    from dedup_scale import make as records
    from retrace import new

    new.make(folder)
    columns, _ = records(size)
    names = [name for name in columns if name != "id"]
    rows = list(zip(*(columns[name] for name in names), strict=True))
    parts = len(DATABASES) * FILES
    for part in range(parts):
        database = DATABASES[part // FILES]
        search = folder / "data/raw/searches" / database.lower() / "2024-01-31"
        search.mkdir(parents=True, exist_ok=True)
        (search / "search.yaml").write_text(_search(database))
        held = rows[part::parts]
        (search / f"export_{part % FILES + 1}.ris").write_text(
            "".join(_as_ris(dict(zip(names, row, strict=True))) for row in held)
        )


def _search(database: str) -> str:
    return (
        f"source: {database.lower()}\nlabel: {database}\nkind: database\nstatus: exported\n"
        "searched_on: 2024-01-31\nquery_published: made words\n"
    )


def _as_ris(record: dict[str, str]) -> str:
    lines = ["TY  - JOUR", f"TI  - {record['title']}"]
    lines += [f"AU  - {name}" for name in re.split("; | and ", record["authors"])]
    lines += [f"{tag}  - {record[name]}" for name, tag in TAGS.items() if record[name]]
    return "\n".join([*lines, "ER  - ", "", ""])


if __name__ == "__main__":
    begin = time.monotonic()
    main()
    print(f"{time.monotonic() - begin:.0f} s")
