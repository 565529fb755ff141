"""Files that are generated agree with what they are generated from."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "script",
    [
        "docs/formats.py",
        "docs/commands.py",
        "docs/searching.py",
        "docs/grammar.py",
        "envs/generate.py",
    ],
)
def test_a_generated_file_agrees_with_its_source(script):
    result = subprocess.run(
        [sys.executable, ROOT / script, "--check"], capture_output=True, text=True
    )

    assert result.returncode == 0, result.stderr


def test_what_a_benchmark_printed_can_do_without_its_times():
    spec = importlib.util.spec_from_file_location("benchmarks", ROOT / "docs/benchmarks.py")  # fmt: skip
    benchmarks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmarks)
    printed = (
        "| set | seconds | misses |\n|---|---|---|\n| a | 1.5 | 7 |\n\nSaid of seconds.\n\n"
        "| seconds of it | misses |\n|---|---|\n| 2 | 8 |"
    )

    assert benchmarks.without_times(printed) == (
        "| set | misses |\n| --- | --- |\n| a | 7 |\n\nSaid of seconds.\n\n"
        "| seconds of it | misses |\n|---|---|\n| 2 | 8 |"
    )


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_has_hashes_and_no_address(lock):
    text = (ROOT / lock).read_text()

    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "--index-url" not in text


def test_the_locks_agree_where_they_overlap():
    run, dev = (
        {
            line.split()[0]
            for line in (ROOT / lock).read_text().splitlines()
            if "==" in line.split(" ")[0]
        }
        for lock in ("requirements.lock", "requirements-dev.lock")
    )

    assert run <= dev
