"""Time deduplication of generated, labelled records as their number grows; print the curve.

`python bench/dedup_scale.py [10000 100000 1000000]`. The records are made here: works with titles
over a vocabulary of natural skew, each in one to five databases that abbreviate, truncate, drop
and mistype in their own ways, among parts, replies, errata, conference abstracts of later papers
and front matter under titles that many share. Seconds and memory are of the whole command
`retrace dedup`, from parquet to clusters.csv.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
_SYLLABLES = """ba be bo ca ce co da de di do fa fe fo ga ge gi go ha he la le li lo ma me mi mo na ne no pa pe pi po ra
 re ri ro sa se si so ta te ti to va ve vi za ze zo ar er or an en on al el is os us um ix yl ol"""
SYLLABLES = _SYLLABLES.split()
COMMON = (
    "Editorial",
    "Introduction",
    "Book Reviews",
    "Letter to the Editor",
    "Reply",
    "Correspondence",
    "Preface",
    "In this issue",
    "Editor's Comments",
    "Erratum",
    "News",
    "Announcements",
    "Reviewers",
)
SMALL = ("of", "in", "the", "and", "for", "with", "on", "a", "by", "to", "from")
FIELDS = ("id", "title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "abstract")  # fmt: skip


class Words:
    """A vocabulary of made-up words; frequent ones are drawn far more often."""

    def __init__(self, chance: random.Random, size: int):
        words: dict[str, None] = {}
        while len(words) < size:
            words["".join(chance.choices(SYLLABLES, k=chance.choice((2, 3, 3, 4))))] = (
                None
            )
        self.words = list(words)
        self.weights = np.cumsum(1 / np.arange(8, size + 8))
        self.chance = chance

    def draw(self, n: int) -> list[str]:
        """Return n words."""
        return self.chance.choices(self.words, cum_weights=self.weights, k=n)


def make(n: int, seed: int = 1) -> tuple[dict[str, list[str]], list[int]]:
    """Return at least ``n`` records as columns, shuffled, and the number of the work that each is of."""
    chance = random.Random(seed)
    words = Words(chance, 30_000)
    names = [word.capitalize() for word in Words(chance, 20_000).words]
    journals = [
        f"{chance.choice(('Journal of', 'Annals of', 'International Journal of', 'Archives of', 'European Journal of'))} "
        + " ".join(
            word.capitalize() for word in words.draw(chance.choice((1, 2, 2, 3)))
        )
        for _ in range(3_000)
    ]
    sentences = [_sentence(chance, words, 18) for _ in range(3_000)]
    rows: list[tuple[str, ...]] = []
    labels: list[int] = []
    work = 0
    while len(rows) < n:
        for made in _works(chance, words, names, journals, sentences):
            work += 1
            for copy in _copies(chance, made):
                rows.append(copy)
                labels.append(work)
    order = list(range(len(rows)))
    chance.shuffle(order)
    columns = {
        name: [rows[row][place] for row in order]
        for place, name in enumerate(FIELDS[1:])
    }
    columns = {"id": [f"r{place:08}" for place in range(len(rows))], **columns}
    return columns, [labels[row] for row in order]


def _sentence(chance: random.Random, words: Words, n: int) -> str:
    found = words.draw(n)
    for place in range(1, n, 4):
        found[place] = chance.choice(SMALL)
    return " ".join(found).capitalize()


def _works(chance: random.Random, words: Words, names: list[str], journals: list[str], sentences: list[str]) -> list[dict]:  # fmt: skip
    """Return one work, or several that are easily taken for one."""
    group = [
        (name, "".join(chance.choices("ABCDEFGHIJKLMNOPRSTW", k=chance.choice((1, 2)))))
        for name in chance.choices(names, k=chance.choice((1, 2, 3, 4, 5, 6, 8)))
    ]
    year = chance.randint(1985, 2024)
    journal = chance.randrange(len(journals))
    page = chance.randint(1, 2_000)
    volume = year - 1960 + journal % 30
    one = {
        "title": _sentence(chance, words, chance.randint(6, 16)),
        "authors": group,
        "year": year,
        "journal": journals[journal],
        "volume": volume,
        "issue": chance.randint(1, 12),
        "pages": (page, page + chance.randint(2, 14)),
        "doi": f"10.{1000 + journal}/j.{chance.randrange(10**9)}" if year > 1995 else "",
        "abstract": _sentence(chance, words, 14) + ". " + ". ".join(chance.choices(sentences, k=chance.choice((0, 5, 6, 8)))) + ".",
    }  # fmt: skip
    kind = chance.random()
    other = {
        **one,
        "doi": one["doi"] and one["doi"] + "x",
        "pages": (page + 60, page + 66),
    }
    if kind < 0.02:
        return [{**one, "title": one["title"] + ": part I"}, {**other, "title": one["title"] + ": part II"}]  # fmt: skip
    if kind < 0.03:
        return [one, {**other, "title": "Reply: " + one["title"], "authors": chance.choices(group, k=1)}]  # fmt: skip
    if kind < 0.04:
        return [one, {**other, "title": "Erratum: " + one["title"], "pages": (page + 60, page + 60)}]  # fmt: skip
    if kind < 0.06:
        return [one, {**other, "journal": journals[journal - 1], "year": year - 1, "volume": volume + 7, "pages": (page + 100, page + 100), "abstract": ""}]  # fmt: skip
    if kind < 0.08:
        return [
            {**one, "title": chance.choice(COMMON), "authors": group[:1], "abstract": "", "pages": (page, page)}
        ]  # fmt: skip
    return [one]


def _copies(chance: random.Random, work: dict) -> list[tuple[str, ...]]:
    """Return a work as one to five databases have it."""
    several = chance.choices((1, 2, 3, 4, 5), weights=(55, 20, 13, 8, 4))[0]
    styles = chance.sample(range(5), several)
    return [_as_in(chance, work, style) for style in styles]


def _as_in(chance: random.Random, work: dict, style: int) -> tuple[str, ...]:
    """Return one record: styles differ in names, abbreviations, page ranges and what they lack."""
    first, last = work["pages"]
    title, journal, abstract = work["title"], work["journal"], work["abstract"]
    people, doi, issue = work["authors"], work["doi"], str(work["issue"])
    pages = f"{first}-{last}"
    year = work["year"]
    if style == 0:
        authors = "; ".join(f"{name} {initials}" for name, initials in people)
        journal = _abbreviated(journal)
        same = os.path.commonprefix([str(first), str(last)])
        pages = f"{first}-{str(last)[len(same) :]}" if first != last else str(first)
        title += "."
    elif style == 1:
        authors = " and ".join(
            f"{name}, {'. '.join(initials)}." for name, initials in people
        )
        doi = f"https://doi.org/{doi.upper()}" if doi else ""
    elif style == 2:
        authors = "; ".join(
            f"{'.'.join(initials)}. {name}" for name, initials in people
        )
        title = title.title()
        issue = issue if chance.random() < 0.7 else ""
        doi = doi if chance.random() < 0.6 else ""
    elif style == 3:
        authors = "; ".join(
            f"{name.upper()} {initials}" for name, initials in people[:3]
        )
        title = title.upper() if chance.random() < 0.3 else title
        abstract = abstract[:300] if chance.random() < 0.5 else ""
        year += chance.random() < 0.05
    else:
        authors = "; ".join(f"{name}, {initials[0]}" for name, initials in people)
        doi = ""
        abstract = "BACKGROUND: " + abstract if abstract else ""
        pages = pages if chance.random() < 0.8 else ""
    if chance.random() < 0.04:
        title = _mistyped(chance, title)
    return (
        title, authors, str(year), journal, str(work["volume"]) if chance.random() > 0.03 else "",
        issue, pages, doi, abstract if chance.random() > 0.2 else "",
    )  # fmt: skip


def _abbreviated(journal: str) -> str:
    return " ".join(
        word[: max(4, len(word) // 2)] for word in journal.split() if word not in SMALL
    )


def _mistyped(chance: random.Random, title: str) -> str:
    place = chance.randrange(1, len(title))
    return title[: place - 1] + title[place:]


def save(size: int, folder: Path, *, hot: bool) -> None:
    """Write records.parquet and labels.npy; with ``hot``, 20,000 editorials and a long abstract more."""
    columns, true = make(size)
    if hot:
        for name in FIELDS:
            columns[name] += [_of_editorial(name, place) for place in range(20_000)]
        columns["abstract"][-1] = "word " * 15_000
        true += range(10**9, 10**9 + 20_000)
    arrays = {
        name: pa.array(cells, pa.large_string()) for name, cells in columns.items()
    }
    pq.write_table(pa.table(arrays), folder / "records.parquet")
    np.save(folder / "labels.npy", np.array(true))


def _of_editorial(field: str, place: int) -> str:
    return {
        "id": f"e{place:08}", "title": "Editorial", "authors": f"Name{place % 500} A", "year": str(1990 + place % 30),
        "journal": f"Journal of Things {place % 40}", "volume": str(place % 90), "pages": str(place),
    }.get(field, "")  # fmt: skip


def judge(folder: Path) -> None:
    """Print the number of records, of false merges and of misses."""
    sys.path.insert(0, str(ROOT / "bench"))
    from dedup import by_record, numbered

    lines = (folder / "clusters.csv").read_text().splitlines()[1:]
    found = numbered([line.split(",")[1] for line in lines])
    print(len(found), *by_record(np.load(folder / "labels.npy"), found)[:2])


def show(
    label: str, size: int, *, hot: bool = False, before: float | None = None
) -> float:
    """Run the command on records and print a line of the table; return its seconds of CPU.

    Making and judging run in processes of their own: a child's peak of memory begins at its parent's.
    """
    this = [sys.executable, __file__]
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([*this, "--make", scratch, *(["--hot"] if hot else []), str(size)], check=True)  # fmt: skip
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "retrace", "dedup", f"{scratch}/records.parquet", "-o", f"{scratch}/clusters.csv"],
            env={**os.environ, "PYTHONPATH": str(ROOT / "workflow/scripts")},
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if status:
            raise SystemExit(f"retrace dedup failed on {label}")
        judged = subprocess.run([*this, "--judge", scratch], check=True, capture_output=True, text=True)  # fmt: skip
    n, false, missed = map(int, judged.stdout.split())
    memory = usage.ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)
    cpu = usage.ru_utime + usage.ru_stime
    times = f"{cpu / before:.1f}" if before else ""
    print(
        f"| {label} | {seconds:.1f} | {cpu:.1f} | {times} | {memory:.2f} | {false} | {missed} |"
        f" {1000 * false / n:.2f} / {1000 * missed / n:.2f} |",
        flush=True,
    )
    return cpu


def main() -> None:
    """Print the curve, then the case that must not hurt."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000]
    )
    parser.add_argument(
        "--make", type=Path, metavar="FOLDER", help="only write the records"
    )
    parser.add_argument(
        "--hot", action="store_true", help="with the records that form hot blocks"
    )
    parser.add_argument(
        "--judge", type=Path, metavar="FOLDER", help="only judge the clusters"
    )
    known = parser.parse_args()
    if known.make:
        save(known.sizes[0], known.make, hot=known.hot)
        return
    if known.judge:
        judge(known.judge)
        return
    print(
        "| records | seconds | of CPU | times | peak GB | false merges | misses | per 1000 |"
    )
    print("|---|---|---|---|---|---|---|---|")
    before = None
    for size in known.sizes:
        before = show(f"{size:,}", size, before=before)
    show(
        "20,000, with 20,000 Editorials and an abstract of 75,000 letters",
        20_000,
        hot=True,
    )


if __name__ == "__main__":
    main()
