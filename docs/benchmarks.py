"""Write docs/benchmarks.md from what the scripts of bench/ print: `python docs/benchmarks.py`.

Takes a while; run it on a machine that does nothing else, or with `--no-times`: all but seconds are
the same on a busy one. Each script prints a table, and no figure of the page is typed. The labelled
sets that `bench/dedup.py` needs are in the folder that RETRACE_LABELLED names, and the exports that
`bench/readers.py` is to read in that of RETRACE_EXPORTS.
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
TIMES = {"seconds", "of CPU", "times"}
"""Columns that tell of the machine, and of what else it did."""
HEAD = """# Benchmarks

Written by `docs/benchmarks.py`: what the scripts of `bench/` printed on one machine ({machine}).
Run `make bench` for yours.
"""


def main() -> None:
    """Run the scripts named, else all, and put what they printed into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scripts", nargs="*", help="of bench/, by name")
    parser.add_argument("--no-times", action="store_true", help="leave out columns of seconds")  # fmt: skip
    known = parser.parse_args()
    chosen = known.scripts
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = [HEAD.format(machine=machine())]
    for script in sorted((ROOT / "bench").glob("*.py")):
        title = f"## `bench/{script.name}`\n"
        if chosen and script.name not in chosen:
            parts += kept(title, old)
            continue
        says = re.search(r'^"""(.*?)$', script.read_text("utf-8"), re.M)[1].strip('"')
        done = subprocess.run(
            [sys.executable, str(script), *ARGUMENTS.get(script.name, [])],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        printed = without_times(done.stdout) if known.no_times else done.stdout
        # A script that lacks its data prints nothing, and what it printed elsewhere stays.
        parts += [f"{title}\n{says}\n\n{table(printed)}\n"] if printed else kept(title, old)  # fmt: skip
        PAGE.write_text("\n".join(parts), encoding="utf-8")
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def kept(title: str, old: str) -> list[str]:
    """Return the section of the page as it was, if there was one."""
    found = re.search(rf"^{re.escape(title)}.*?(?=^## |\Z)", old, re.M | re.S)
    return [found[0].rstrip() + "\n"] if found else []


def without_times(printed: str) -> str:
    """Return Markdown without the columns that are times."""
    lines, dropped, inside = [], set(), False
    for line in printed.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        is_row = line.startswith("|")
        if is_row and not inside:
            dropped = {at for at, cell in enumerate(cells) if cell in TIMES}
        inside = is_row
        if is_row and dropped:
            left = [cell for at, cell in enumerate(cells) if at not in dropped]
            line = f"| {' | '.join(left)} |"
        lines.append(line)
    return "\n".join(lines)


def table(printed: str) -> str:
    """Return a printed table as it is where it is Markdown, else in a fence."""
    printed = printed.rstrip()
    return printed if printed.startswith("|") else f"```text\n{printed}\n```"


def machine() -> str:
    """Return what the figures depend on: processors, kind, Python."""
    return f"{os.cpu_count()} processors, {platform.machine()}, {platform.python_implementation()} {platform.python_version()}"


if __name__ == "__main__":
    main()
