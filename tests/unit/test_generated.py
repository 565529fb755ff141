"""Files that are generated agree with what they are generated from."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "script",
    ["docs/formats.py", "docs/commands.py", "docs/searching.py", "envs/generate.py"],
)
def test_a_generated_file_agrees_with_its_source(script):
    result = subprocess.run(
        [sys.executable, ROOT / script, "--check"], capture_output=True, text=True
    )

    assert result.returncode == 0, result.stderr


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
