"""Write docs/benchmarks.md from what the scripts of bench/ print: `python docs/benchmarks.py`.

Takes a while; run it on a machine that does nothing else. Each script prints a table, and no
figure of the page is typed.
"""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/benchmarks.md"


def main() -> None:
    """Run each script of bench/ and write what it printed."""
    parts = [
        "# Benchmarks",
        "",
        f"Written by `docs/benchmarks.py`: what the scripts of `bench/` printed on one machine ({machine()}).",
        "Run `make bench` for yours.",
    ]
    for script in sorted((ROOT / "bench").glob("*.py")):
        says = re.search(r'^"""(.*?)$', script.read_text("utf-8"), re.M)[1].strip('"')
        print(script.name, file=sys.stderr)
        done = subprocess.run(
            [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, check=True
        )
        parts += ["", f"## `bench/{script.name}`", "", says, "", table(done.stdout)]
    PAGE.write_text("\n".join(parts) + "\n", encoding="utf-8")


def table(printed: str) -> str:
    """Return a printed table as it is where it is Markdown, else in a fence."""
    printed = printed.rstrip()
    return printed if printed.startswith("|") else f"```text\n{printed}\n```"


def machine() -> str:
    """Return what the figures depend on: processors, kind, Python."""
    return f"{os.cpu_count()} processors, {platform.machine()}, {platform.python_implementation()} {platform.python_version()}"


if __name__ == "__main__":
    main()
