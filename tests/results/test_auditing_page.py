"""The commands of docs/auditing.md run as they stand there, and print what stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/auditing.md"


def test_the_page_prints_what_the_commands_print(shipped, tmp_path):
    command = tmp_path / "bin/retrace"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m retrace "$@"\n')
    command.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "workflow/scripts"),
    }
    page = PAGE.read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.S | re.M)
    done = [
        subprocess.run(
            ["bash", "-c", block], cwd=shipped, env=environment, text=True, capture_output=True
        )
        for block in blocks
    ]  # fmt: skip
    for name in ("draft.md", "claims.csv"):
        (shipped / name).unlink()

    assert [(one.returncode, one.stderr) for one in done] == [(0, ""), (1, "")]
    (printed,) = re.findall(r"^```text\n(.*?)^```$", page, re.S | re.M)
    assert printed == done[-1].stdout
