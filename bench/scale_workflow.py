"""Time the workflow on reviews of many records, stage by stage; print a table.

`python bench/scale_workflow.py [100000 1000000] [--cores 2]`. The records are those of
`dedup_scale.py`, labelled and made here, written as RIS files of five databases, four to each, into a
new review's folder. Every stage is a build of its own up to one output, as an author would give
it at the prompt, with the start of Snakemake and of each job, to the end of the whole; then the
built review is asked. Seconds of CPU are those of all processes of a stage, peak is the most memory
that one of them held; a second table has the sizes of what a reader opens.
"""

import argparse
import json
import os
import string
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATABASES = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon")
FILES = 4
"""Export files of each database."""

ALPHABET = 100_000
"""Records that are made; more are the same in other letters, since making them takes minutes."""
WORDS = ("title", "authors", "journal", "abstract")

STAGES = {
    "read": ["results/records/records.parquet"],
    "deduplicate": ["results/records/deduplicated.parquet"],
    "flow": ["results/flow/members.csv"],
    "numbers": ["results/numbers/numbers.csv"],
    "text, as HTML, DOCX and PDF": [
        f"results/manuscript/review.{kind}" for kind in ("html", "docx", "pdf")
    ],
    "all other results, and their seal": ["results/SHA256SUMS"],
    "crate and audit": [],
}
ASKED = {
    "build: nothing to do": ["build"],
    "verify": ["verify"],
    "trace a number": ["trace", "number:records_screened"],
}
"""What is asked of a review that is built."""
OPENED = (
    "results/manuscript/review.html",
    "results/audit/index.html",
    "results/numbers/members.csv",
    "results/audit/review.crate.zip",
)
"""What a reader opens."""
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
    sizes = []
    for size in known.sizes:
        with tempfile.TemporaryDirectory() as scratch:
            review = Path(scratch) / "review"
            # In a process of its own: a child's peak of memory begins at its parent's.
            subprocess.run(
                [sys.executable, __file__, "--make", review, str(size)], check=True
            )
            sums = [0.0, 0.0, 0.0]
            for label, targets in STAGES.items():
                told = measured(review, ["build", "--cores", str(known.cores), *targets])  # fmt: skip
                sums = [sums[0] + told[0], sums[1] + told[1], max(sums[2], told[2])]
                show(size, label, told)
            show(size, "the whole build", sums)
            for label, arguments in ASKED.items():
                show(size, label, measured(review, arguments))
            sizes.append(f"| {size:,} | {' | '.join(megabytes(review, path) for path in OPENED)} |")  # fmt: skip
    print(f"\n| records | {' | '.join(f'{Path(path).name}, MB' for path in OPENED)} |")
    print(f"|---|{'---|' * len(OPENED)}")
    print(*sizes, sep="\n")


def megabytes(review: Path, path: str) -> str:
    """Return the size of a file."""
    return f"{(review / path).stat().st_size / 1e6:.1f}"


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
    if failed:
        raise SystemExit(run.stderr)
    return [seconds, cpu, peak / (1e9 if sys.platform == "darwin" else 1e6)]


def make(folder: Path, size: int) -> None:
    """Write a new review whose searches found that many records."""
    sys.path[:0] = [str(ROOT / "workflow/scripts"), str(ROOT / "bench")]
    from dedup_scale import make as records
    from retrace import new

    new.make(folder)
    columns, _ = records(min(size, ALPHABET))
    columns["authors"] = [cell.replace(" and ", "; ") for cell in columns["authors"]]
    names = [name for name in columns if name != "id"]
    rows = list(zip(*(columns[name] for name in names), strict=True))
    made = len(rows)
    while len(rows) < size:
        rows += in_letters(rows[:made], names, len(rows) // made)
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


def in_letters(
    rows: list[tuple[str, ...]], names: list[str], number: int
) -> list[tuple[str, ...]]:
    """Return records as other works: their words in letters moved on by a number, and other DOIs."""
    letters = string.ascii_lowercase
    moved = letters[number:] + letters[:number]
    table = str.maketrans(letters + letters.upper(), moved + moved.upper())
    change = {name: lambda text: text.translate(table) for name in WORDS}
    change["doi"] = lambda text: text and f"{text}.{number}"
    columns = [
        map(change[name], column) if name in change else column
        for name, column in zip(names, zip(*rows, strict=True), strict=True)
    ]
    return list(zip(*columns, strict=True))


def _search(database: str) -> str:
    return (
        f"source: {database.lower()}\nlabel: {database}\nkind: database\nstatus: exported\n"
        "searched_on: 2024-01-31\nquery_published: made words\n"
    )


def _as_ris(record: dict[str, str]) -> str:
    lines = ["TY  - JOUR", f"TI  - {record['title']}"]
    lines += [f"AU  - {name}" for name in record["authors"].split("; ")]
    lines += [f"{tag}  - {record[name]}" for name, tag in TAGS.items() if record[name]]
    return "\n".join([*lines, "ER  - ", "", ""])


if __name__ == "__main__":
    begin = time.monotonic()
    main()
    print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
