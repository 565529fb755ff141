"""Hold deduplication to labelled sets of records, beside bib-dedupe and a naive rule; print tables.

`python bench/dedup.py FOLDER`, where FOLDER holds one folder per set with records.csv (id, title,
authors, year, journal, volume, issue, pages, doi, abstract) and clusters.csv (id, cluster). By
record, a false merge is a work too few and a miss a duplicate left; by pair, both are pairs.
"""

import argparse
import csv
import dataclasses
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))

from retrace.dedup import compare, find, normalise, rules  # noqa: E402

VERDICTS = ROOT / "bench/dedup_verdicts.csv"
PEER = "bib-dedupe==0.11.0"
BLANKED = ("doi", "abstract", "issue", "volume", "pages", "journal", "authors", "year", "title")  # fmt: skip
OTHER_THRESHOLDS = {
    "titles_near": (65, 70, 80, 85),
    "authors_same": (90, 98),
    "authors_alike": (70, 75, 85, 90),
    "authors_near": (50, 70),
    "abstracts_same": (80, 85, 95),
    "abstracts_near": (50, 75),
    "words_of_a_title": (4, 6),
    "works_of_a_common_title": (4, 8),
}
PEER_SCRIPT = """
import sys, time, contextlib, io
import pandas as pd
from bib_dedupe.bib_dedupe import block, cluster, match, prep
for folder, target in zip(sys.argv[1::2], sys.argv[2::2]):
    table = pd.read_csv(folder + "/records.csv", dtype=str, keep_default_na=False)
    table = table.rename(columns={"id": "ID", "authors": "author", "issue": "number"})
    table["ENTRYTYPE"] = "article"
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        found = cluster(match(block(prep(table, verbosity_level=0, cpu=2), cpu=2), cpu=2))
    with open(target, "w") as file:
        print(time.perf_counter() - start, file=file)
        for group in found:
            print(*group, file=file)
"""


@dataclasses.dataclass(frozen=True)
class Labelled:
    """A labelled set: its columns as Arrow arrays, and each record's true cluster as a number."""

    name: str
    folder: Path
    table: dict[str, pa.Array]
    true: np.ndarray

    @property
    def ids(self) -> list[str]:
        """Return the ids in order."""
        return self.table["id"].to_pylist()


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "folder", nargs="?", type=Path, default=os.environ.get("RETRACE_LABELLED")
    )
    parser.add_argument(
        "--no-peer", action="store_true", help="do not install and run bib-dedupe"
    )
    parser.add_argument("--unjudged", action="store_true", help="only list disagreements without a verdict, as CSV")  # fmt: skip
    known = parser.parse_args()
    if not known.folder or not Path(known.folder).is_dir():
        print(
            "bench/dedup.py: no labelled sets; name their folder, or set RETRACE_LABELLED.",
            file=sys.stderr,
        )
        return
    sets = [read(folder) for folder in sorted(Path(known.folder).iterdir()) if (folder / "clusters.csv").is_file()]  # fmt: skip
    if known.unjudged:
        list_unjudged(sets)
        return
    print_accuracy(sets, peer=not known.no_peer)
    print_left_out(sets)
    print_ablation(sets)
    print_verdicts(sets)


def read(folder: Path) -> Labelled:
    """Read a labelled set."""
    csv.field_size_limit(1 << 30)
    with open(folder / "records.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with open(folder / "clusters.csv", newline="", encoding="utf-8") as file:
        cluster = {row["id"]: row["cluster"] for row in csv.DictReader(file)}
    table = {
        name: pa.array([row.get(name) or "" for row in rows], pa.large_string())
        for name in ("id", *normalise.FIELDS)
    }
    return Labelled(folder.name, folder, table, numbered([cluster[row["id"]] for row in rows]))  # fmt: skip


def numbered(values: list[str]) -> np.ndarray:
    return np.unique(values, return_inverse=True)[1]


def by_record(true: np.ndarray, found: np.ndarray) -> tuple[int, int, int]:
    """Return false merges, misses and right merges: works too few, duplicates left, duplicates gone."""
    pieces = len(np.unique(np.stack([true, found]), axis=1).T)
    false, missed = pieces - len(np.unique(found)), pieces - len(np.unique(true))
    return false, missed, len(true) - len(np.unique(found)) - false


def by_pair(true: np.ndarray, found: np.ndarray) -> tuple[int, int, int]:
    """Return false, missed and right pairs."""

    def pairs(*labels: np.ndarray) -> int:
        counts = np.unique(np.stack(labels), axis=1, return_counts=True)[1]
        return int((counts * (counts - 1) // 2).sum())

    right = pairs(true, found)
    return pairs(found) - right, pairs(true) - right, right


def f1(false: int, missed: int, right: int) -> float:
    return 2 * right / max(2 * right + false + missed, 1)


def ours(
    risk: str = "balanced", **settings: object
) -> Callable[[Labelled], np.ndarray]:
    return lambda labelled: find.find(labelled.table, risk=risk, **settings).kept  # type: ignore[arg-type]


def naive(labelled: Labelled) -> np.ndarray:
    """Return clusters of equal DOI or equal title, letters only: what a spreadsheet does."""
    table = normalise.normalise(labelled.table, len(labelled.table["id"]))
    label = np.arange(len(table))
    for codes in (table.doi, table.title_code):
        rows = np.flatnonzero(codes != normalise.NONE)
        order = rows[np.argsort(codes[rows], kind="stable")]
        same = codes[order][1:] == codes[order][:-1]
        label = find.cluster.components(
            len(table),
            np.concatenate([order[:-1][same], np.arange(len(table))]),
            np.concatenate([order[1:][same], label]),
        )
    return label


def run_peer(sets: list[Labelled]) -> dict[str, tuple[float, np.ndarray]]:
    """Return seconds and clusters of bib-dedupe for each set, from an environment made for this run."""
    with tempfile.TemporaryDirectory() as scratch:
        python = Path(scratch) / "env/bin/python"
        quiet = {"check": True, "capture_output": True, "text": True}
        try:
            subprocess.run([sys.executable, "-m", "venv", python.parents[1]], **quiet)  # type: ignore[call-overload]
            subprocess.run([python, "-m", "pip", "install", "-q", PEER], **quiet)  # type: ignore[call-overload]
            targets = [str(Path(scratch) / labelled.name) for labelled in sets]
            pairs = [part for labelled, target in zip(sets, targets, strict=True) for part in (str(labelled.folder), target)]  # fmt: skip
            (Path(scratch) / "peer.py").write_text(f"if __name__ == '__main__':\n{_indented(PEER_SCRIPT)}")  # fmt: skip
            subprocess.run([python, Path(scratch) / "peer.py", *pairs], **quiet)  # type: ignore[call-overload]
        except subprocess.CalledProcessError as error:
            print(
                f"{PEER} could not be run here: {error.stderr.strip().splitlines()[-1]}\n"
            )
            return {}
        found = {}
        for labelled, target in zip(sets, targets, strict=True):
            seconds, *groups = Path(target).read_text().splitlines()
            first = {id_: group.split()[0] for group in groups for id_ in group.split()}
            found[labelled.name] = (float(seconds), numbered([first.get(id_, id_) for id_ in labelled.ids]))  # fmt: skip
        return found


def _indented(code: str) -> str:
    return "".join(f"    {line}\n" for line in code.strip().splitlines())


def print_accuracy(sets: list[Labelled], *, peer: bool) -> None:
    """Print what each tool makes of each set."""
    tools = [(f"retrace {risk}", ours(risk)) for risk in rules.RISKS]
    tools.append(("DOI or title alone", naive))
    peers = run_peer(sets) if peer else {}
    print(
        "| set | records | tool | false merges | misses | F1 | false pairs | missed pairs | F1 pairs | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    sums: dict[str, np.ndarray] = {}
    for labelled in sets:
        rows = []
        for name, tool in tools:
            start = time.perf_counter()
            found = tool(labelled)
            rows.append((name, time.perf_counter() - start, found))
        if labelled.name in peers:
            rows.append((PEER, *peers[labelled.name]))
        for name, seconds, found in rows:
            counts = np.array([len(found), *by_record(labelled.true, found), *by_pair(labelled.true, found), seconds])  # fmt: skip
            show(labelled.name, name, counts)
            sums[name] = sums.get(name, np.zeros(len(counts))) + counts
    for name, counts in sums.items():
        show("all sets", name, counts)
    print(
        "\nBy record, a false merge is a work too few and a miss a duplicate left; by pair, both are pairs."
        " The labels are those that the sets came with; the last table has our verdict where we differ.\n"
    )


def show(name: str, tool: str, counts: np.ndarray) -> None:
    """Print a line of the table: records; false, missed and right by record, then by pair; seconds."""
    n, *errors = map(int, counts[:-1])
    cells = [f"{false} | {missed} | {f1(false, missed, right):.4f}" for false, missed, right in (errors[:3], errors[3:])]  # fmt: skip
    print(f"| {name} | {n} | {tool} | {' | '.join(cells)} | {counts[-1]:.2f} |")


def print_left_out(sets: list[Labelled]) -> None:
    """Print what each set would get from thresholds chosen by all other sets alone."""
    chosen = compare.Thresholds()
    tried = [chosen] + [
        dataclasses.replace(chosen, **{name: value})
        for name, values in OTHER_THRESHOLDS.items()
        for value in values
    ]
    errors = [
        [by_record(one.true, ours(thresholds=at)(one))[:2] for one in sets]
        for at in tried
    ]
    print(
        "Leave one set out: thresholds chosen by the other sets (fewest false merges, then misses, then nearest to the"
    )
    print(f"shipped ones) out of {len(tried)}.\n")
    print(
        "| left out | chosen | false merges | misses | with the shipped thresholds | worst of all tried |"
    )
    print("|---|---|---|---|---|---|")
    for place, labelled in enumerate(sets):
        totals = [
            tuple(sum(error[part] for other, error in enumerate(row) if other != place) for part in (0, 1))
            for row in errors
        ]  # fmt: skip
        best = min(range(len(tried)), key=lambda number: (totals[number], number))
        changed = [f"{name} {value}" for name, value in dataclasses.asdict(tried[best]).items() if value != getattr(chosen, name)]  # fmt: skip
        print(
            f"| {labelled.name} | {', '.join(changed) or 'as shipped'} | {errors[best][place][0]} | {errors[best][place][1]} |"
            f" {' / '.join(map(str, errors[0][place]))} | {' / '.join(map(str, max(row[place] for row in errors)))} |"
        )
    print()


def print_ablation(sets: list[Labelled]) -> None:
    """Print errors where a field is blanked in all and in half of the records."""
    print("Ablation: false merges / misses by record.\n")
    print(
        f"| blanked | false merges, all sets | misses, all sets | {' | '.join(one.name for one in sets)} |"
    )
    print(f"|---|---|---|{'---|' * len(sets)}")
    for name, blank in [("nothing", ())] + [
        (f"{field} in {part}", (field, part))
        for field in BLANKED
        for part in ("all", "half")
    ]:
        errors = [by_record(one.true, ours()(blanked(one, *blank)))[:2] for one in sets]
        cells = " | ".join(f"{false} / {missed}" for false, missed in errors)
        print(
            f"| {name} | {sum(e[0] for e in errors)} | {sum(e[1] for e in errors)} | {cells} |"
        )
    print()


def blanked(labelled: Labelled, field: str = "", part: str = "all") -> Labelled:
    """Return a set with one field empty, in all records or in a half that does not depend on their order."""
    if not field:
        return labelled
    kept = np.array(
        [part == "half" and sum(id_.encode()) % 2 == 0 for id_ in labelled.ids]
    )
    cells = [cell if keep else "" for cell, keep in zip(labelled.table[field].to_pylist(), kept, strict=True)]  # fmt: skip
    return dataclasses.replace(labelled, table={**labelled.table, field: pa.array(cells, pa.large_string())})  # fmt: skip


def disagreements(
    labelled: Labelled, found: np.ndarray
) -> Iterator[tuple[str, str, str]]:
    """Yield each place where clusters and labels part: kind, and an id of either piece."""
    ids = labelled.ids
    for kind, whole, parts in (
        ("merged", found, labelled.true),
        ("apart", labelled.true, found),
    ):
        order = np.lexsort((np.arange(len(ids)), parts, whole))
        for start in np.split(order, np.flatnonzero(np.diff(whole[order])) + 1):
            pieces = [start[parts[start] == part][0] for part in dict.fromkeys(parts[start].tolist())]  # fmt: skip
            pieces.sort()
            for other in pieces[1:]:
                yield kind, ids[pieces[0]], ids[other]


def verdicts() -> dict[tuple[str, str, str, str], dict[str, str]]:
    with open(VERDICTS, newline="", encoding="utf-8") as file:
        return {
            (row["set"], row["kind"], row["id"], row["other_id"]): row
            for row in csv.DictReader(file)
        }


def print_verdicts(sets: list[Labelled]) -> None:
    """Print every disagreement with the labels, and the verdict on it."""
    known = verdicts()
    print(
        f"Disagreements with the labels; verdicts from {VERDICTS.relative_to(ROOT)}.\n"
    )
    print(
        "| set | we say | record | other | who is right | why |\n|---|---|---|---|---|---|"
    )
    for labelled in sets:
        for kind, one, other in disagreements(labelled, ours()(labelled)):
            verdict = known.get((labelled.name, kind, one, other), {})
            print(f"| {labelled.name} | {kind} | {one} | {other} | {verdict.get('right', 'not judged')} | {verdict.get('why', '')} |")  # fmt: skip
    print()


def list_unjudged(sets: list[Labelled]) -> None:
    """Print the disagreements that have no verdict yet, with what tells the two records apart."""
    known = verdicts()
    out = csv.writer(sys.stdout, lineterminator="\n")
    for labelled in sets:
        place = {id_: number for number, id_ in enumerate(labelled.ids)}
        for kind, one, other in disagreements(labelled, ours()(labelled)):
            if (labelled.name, kind, one, other) in known:
                continue
            out.writerow([labelled.name, kind, one, other])
            for id_ in (one, other):
                cells = {name: labelled.table[name][place[id_]].as_py()[:130] for name in normalise.FIELDS}  # fmt: skip
                print(
                    "   ",
                    " | ".join(
                        f"{name}: {cell}" for name, cell in cells.items() if cell
                    ),
                )


if __name__ == "__main__":
    main()
