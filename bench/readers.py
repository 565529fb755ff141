"""Read the same files with retrace and with the usual libraries; print speed and the records each lost.

`python bench/readers.py [FOLDER] [--peers]`. FOLDER, or that of RETRACE_EXPORTS, holds real exports,
in any folders; without it files are written from the ten records of the tests. Each file is repeated to about 20 MB (`--megabytes`)
and read in a process of its own; the best of three runs counts. A yardstick stands beside them:
a bare loop over the lines of a tagged file that keeps every tag. With `--peers` the libraries
are installed into a temporary environment: nothing of this project depends on them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PEERS = [
    "rispy",
    "nbib",
    "biopython",
    "bibtexparser<2",
    "pybtex",
    "pandas",
    "setuptools<81",
]
SCRIPT = """
import importlib, json, sys, time
name, path, records = sys.argv[1:]

def bare():
    text, found, record = open(path, encoding="utf-8-sig").read(), [], {}
    for line in text.split("\\n"):
        if line[4:6] == "- ":
            record.setdefault(line[:4], []).append(line[6:].strip())
        elif not line.strip() and record:
            found.append(record)
            record = {}
    return len(found) + bool(record)

def retrace():
    from retrace.readers import read_bytes
    with open(path, "rb") as file:
        reading = read_bytes(file.read())
    return reading.table().num_rows

def rispy():
    import rispy
    with open(path, encoding="utf-8-sig") as file:
        return len(rispy.load(file))

def nbib():
    import nbib
    return len(nbib.read_file(path))

def medline():
    from Bio import Medline
    with open(path, encoding="utf-8-sig") as file:
        return sum(1 for record in Medline.parse(file) if record)

def bibtexparser():
    import bibtexparser
    parser = bibtexparser.bparser.BibTexParser(common_strings=True)
    with open(path, encoding="utf-8-sig") as file:
        return len(bibtexparser.load(file, parser).entries)

def pybtex():
    from pybtex.database import parse_file
    return len(parse_file(path, "bibtex", encoding="utf-8-sig").entries)

def pandas():
    import pandas
    return len(pandas.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig"))

def peak():
    # Not of getrusage, which a new process has from the one that started it.
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return 0

try:
    module = {"retrace": "retrace.readers.export", "medline": "Bio.Medline", "bare": "json"}.get(name, name)
    importlib.import_module(module)
    if name == "retrace":
        import pyarrow, pandas
    before = peak()
    begin = time.process_time()
    count = globals()[name]()
    seconds = time.process_time() - begin
    print(json.dumps({"records": count, "seconds": seconds, "peak": peak() - before}))
except ModuleNotFoundError as error:
    print(json.dumps({"missing": str(error)}))
except Exception as error:
    print(json.dumps({"error": f"{type(error).__name__}: {error}"[:60]}))
"""
BY_FORMAT = {
    "ris": ["bare", "rispy"], "nbib": ["bare", "nbib", "medline"], "bibtex": ["bibtexparser", "pybtex"],
    "csv": ["pandas"], "tsv": [],
}  # fmt: skip
SLOW = {"bibtexparser": 1 / 20, "pybtex": 1 / 20, "nbib": 1 / 8, "rispy": 1 / 4}
"""The part of a file that a slow library is given, so that the table is there within minutes."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "folder", nargs="?", type=Path, default=os.environ.get("RETRACE_EXPORTS")
    )
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument(
        "--peers", action="store_true", help="install the libraries compared with"
    )
    known = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        python = _environment(Path(scratch)) if known.peers else sys.executable
        print(
            f"{'file':40} {'by':13} {'MB/s':>7} {'records/s':>10} {'read':>8} {'of':>8} {'lost':>7} {'memory/file':>12}"
        )
        for name, data, format, count in _files(known.folder):
            for tool in ["retrace", *BY_FORMAT.get(format, [])]:
                part = SLOW.get(tool, 1)
                times = max(1, round(known.megabytes * 1e6 * part / len(data)))
                path = Path(scratch) / "file"
                path.write_bytes(_repeated(data, format, times))
                print(
                    _row(
                        name,
                        tool,
                        path,
                        count * times,
                        sys.executable if tool == "retrace" else python,
                    ),
                    flush=True,
                )


def _files(folder: Path | None) -> list[tuple[str, bytes, str, int]]:
    """Return name, bytes, format and true number of records of each file."""
    sys.path[:0] = [str(ROOT / "workflow/scripts"), str(ROOT / "tests")]
    from retrace.readers import read_bytes

    if folder:
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        held = [
            (path.name, path.read_bytes())
            for path in paths
            if path.stat().st_size > 100_000
        ]
    else:
        import export_files

        held = [(name, write()) for name, write in export_files.FILES.items()]
    readings = [(name, data, read_bytes(data)) for name, data in held]
    # Repeating a workbook, or a file with a header of its own, makes no larger file of its kind.
    return [
        (
            name,
            data.decode(reading.source.encoding).encode()
            if reading.source.encoding == "utf-16"
            else data.removeprefix(b"\xef\xbb\xbf"),
            reading.format,
            len(reading),
        )
        for name, data, reading in readings
        if reading.format in BY_FORMAT
        and not reading.rejects
        and reading.format not in ("csv", "tsv")
    ] + [
        (name, data, "csv", len(reading))
        for name, data, reading in readings
        if reading.format == "csv" and len(data) > 250_000
    ]


def _repeated(data: bytes, format: str, times: int) -> bytes:
    """Return a file laid end to end, with one header where it has one."""
    if format != "csv":
        return b"\n".join([data.rstrip() + b"\n"] * times)
    header, _, rows = data.partition(b"\n")
    return header + b"\n" + (rows.rstrip() + b"\n") * times


def _row(name: str, tool: str, path: Path, count: int, python: str) -> str:
    best: dict[str, float] = {}
    for _ in range(3):
        run = subprocess.run(
            [python, "-c", SCRIPT, tool, path, str(count)],
            capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT / "workflow/scripts")},
        )  # fmt: skip
        said = (
            json.loads(run.stdout)
            if run.returncode == 0 and run.stdout
            else {"error": f"ended with {run.returncode}"}
        )
        if "records" not in said:
            return (
                f"{name[:40]:40} {tool:13} {said.get('missing') or said.get('error')}"
            )
        if not best or said["seconds"] < best["seconds"]:
            best = said
    size = path.stat().st_size
    return (
        f"{name[:40]:40} {tool:13} {size / best['seconds'] / 1e6:7.1f} {best['records'] / best['seconds']:10.0f}"
        f" {best['records']:8} {count:8} {count - best['records']:7} {best['peak'] / size:12.1f}"
    )


def _environment(scratch: Path) -> str:
    """Return the Python of a new environment with the libraries compared with."""
    folder = scratch / "environment"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = str(folder / "bin/python")
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PEERS],
        check=True,
    )
    return python


if __name__ == "__main__":
    begin = time.monotonic()
    main()
    print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
