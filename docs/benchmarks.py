"""Write docs/benchmarks.md from what the scripts of bench/ print: `python docs/benchmarks.py`.

Takes a while; run it on a machine that does nothing else. Each script prints a table, and no
figure of the page is typed.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/benchmarks.md"


ARGUMENTS = {
    "readers.py": ["--peers"],
    "scale_workflow.py": ["100000", "1000000"],
}
HEAD = """# Benchmarks

Written by `docs/benchmarks.py`: what the scripts of `bench/` printed on one machine ({machine}).
Run `make bench` for yours.
"""


def main() -> None:
    """Run the scripts named, else all, and put what they printed into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scripts", nargs="*", help="of bench/, by name")
    chosen = parser.parse_args().scripts
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = [HEAD.format(machine=machine())]
    for script in sorted((ROOT / "bench").glob("*.py")):
        title = f"## `bench/{script.name}`\n"
        if chosen and script.name not in chosen:
            kept = re.search(rf"^{re.escape(title)}.*?(?=^## |\Z)", old, re.M | re.S)
            parts += [kept[0].rstrip() + "\n"] if kept else []
            continue
        says = re.search(r'^"""(.*?)$', script.read_text("utf-8"), re.M)[1].strip('"')
        done = subprocess.run(
            [sys.executable, str(script), *ARGUMENTS.get(script.name, [])],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        parts.append(f"{title}\n{says}\n\n{table(done.stdout)}\n")
        PAGE.write_text("\n".join(parts), encoding="utf-8")
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def table(printed: str) -> str:
    """Return a printed table as it is where it is Markdown, else in a fence."""
    printed = printed.rstrip()
    return printed if printed.startswith("|") else f"```text\n{printed}\n```"


def machine() -> str:
    """Return what the figures depend on: processors, kind, Python."""
    return f"{os.cpu_count()} processors, {platform.machine()}, {platform.python_implementation()} {platform.python_version()}"


if __name__ == "__main__":
    main()
