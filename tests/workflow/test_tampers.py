"""Two hundred tampers, each named by `retrace verify`; an untouched build is clean."""

import json
import os
import random
import subprocess
import sys

import pytest

ROUNDS, A_ROUND = 10, 20
MODULES = {
    "printed.py": "results/tables/",
    "flow.py": "results/flow/prisma.csv",
    "synthesis.py": "results/synthesis/direction_tests.csv",
    "claims.py": "results/claims/claims.csv",
    "screening.py": "results/screening/settled.csv",
    "extraction.py": "results/extraction/labels.csv",
    "numbers.py": "results/numbers/of_tables.csv",
    "figures/save.py": "results/figures/",
    "manuscript/prose.py": "results/manuscript/review.md",
    "records.py": "results/records/records.parquet",
}
"""A module of each kind, and an output that its code makes."""
SETTINGS = {
    "title: ": "results/manuscript/review.md",
    "status: ": "results/screening/settled.csv",
}
"""A value of config.yaml, by the beginning of its line, and an output that is made with it."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory, copy_engine):
    """Return a copy of the engine, to change its modules."""
    return copy_engine(tmp_path_factory.mktemp("engine"))


def verified(engine, folder):
    """Return what `retrace verify` says: path -> word."""
    done = said(engine, folder)
    lines = [
        line
        for line in done.stdout.splitlines()
        if line.split(" ")[0] in ("edited", "stale", "missing", "orphan")
    ]
    assert done.returncode == bool(lines), done.stdout + done.stderr
    return {
        line.split(" ", 1)[1].rsplit(": ", 1)[0]: line.split(" ")[0] for line in lines
    }


def said(engine, folder):
    """Return what `retrace verify` prints."""
    return subprocess.run(
        [sys.executable, "-m", "retrace", "verify", "-d", str(folder)],
        env=os.environ | {"PYTHONPATH": str(engine / "workflow/scripts")},
        text=True, errors="replace", capture_output=True,
    )  # fmt: skip


def flipped(path, chance):
    """Change one byte of a file in place, and give it its old times back."""
    times = path.stat()
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data))
    data[at] ^= 1 << chance.randrange(7)
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_an_untouched_build_is_clean(second, engine):
    assert verified(engine, second) == {}


def test_what_rests_on_what_is_stale_is_counted(copy_of_second, engine):
    edited = "data/raw/extraction/urteile.csv"
    lines = [json.loads(path.read_text()) for path in (copy_of_second / "results/ledger").rglob("*.json")]  # fmt: skip
    inputs = {line["path"]: {used["path"] for used in line["inputs"]} for line in lines}
    rests = {edited}
    while more := {path for path in inputs if inputs[path] & rests} - rests:
        rests |= more
    with (copy_of_second / edited).open("a") as file:
        file.write("\n")

    *named, last = said(engine, copy_of_second).stdout.splitlines()

    assert not any("review.pdf" in line for line in named)
    assert last == f"... and {len(rests) - 1 - len(named)} more outputs rest on these"


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_each_tamper_of_a_round_is_named(copy_of_second, engine, seed):
    folder, chance = copy_of_second, random.Random(seed)
    lines = [
        json.loads(path.read_text())
        for path in (folder / "results/ledger").rglob("*.json")
    ]
    outputs = sorted(
        line["path"] for line in lines if (folder / line["path"]).stat().st_size
    )
    chance.shuffle(outputs)
    raw = sorted(
        {
            used["path"]
            for line in lines
            for used in line["inputs"]
            if used["path"].startswith("data/")
        }
    )
    expected = []

    for path in [outputs.pop() for _ in range(10)]:
        flipped(folder / path, chance)
        expected.append((path, "edited"))
    for path in [outputs.pop() for _ in range(2)]:
        (folder / path).unlink()
        expected.append((path, "missing"))
    for place in range(2):
        path = f"results/{chance.choice(['flow', 'tables', 'numbers'])}/added {seed} {place}.csv"
        (folder / path).write_text("x\n")
        expected.append((path, "orphan"))
    for path in chance.sample(raw, 4):
        flipped(folder / path, chance)
        made_from = [
            line["path"]
            for line in lines
            if path in {used["path"] for used in line["inputs"]}
        ]
        expected.append((made_from[0], None))
    module, made = sorted(MODULES.items())[seed % len(MODULES)]
    with (engine / "workflow/scripts/retrace" / module).open("a") as file:
        file.write(f"# {seed}\n")
    expected.append(
        (next(line["path"] for line in lines if line["path"].startswith(made)), None)
    )
    beginning, made = sorted(SETTINGS.items())[seed % len(SETTINGS)]
    config = (folder / "config.yaml").read_text(encoding="utf-8").splitlines()
    at = next(place for place, line in enumerate(config) if line.startswith(beginning))
    config[at] = (
        f"{beginning}draft"
        if beginning == "status: "
        else f'{beginning}"another {seed}"'
    )
    (folder / "config.yaml").write_text("\n".join(config) + "\n", encoding="utf-8")
    expected.append((made, None))

    assert len(expected) == A_ROUND
    found = verified(engine, folder)
    for path, word in expected:
        assert path in found, (path, word)
        if word:
            assert found[path] == word, path
