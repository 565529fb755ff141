"""Write docs/commands.md from the commands' own --help: `python docs/commands.py`, or --check."""

import argparse
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))

from retrace import cli  # noqa: E402

PAGE = ROOT / "docs/commands.md"


def page() -> str:
    """Return the help of every command, as Markdown."""
    os.environ["COLUMNS"] = "100"
    parser = cli._parser()
    commands = next(
        action for action in parser._actions if isinstance(action.choices, dict)
    )
    lines = [
        "# Commands",
        "",
        "Written from `retrace COMMAND --help` by `docs/commands.py`. Exit 0: good; 1: the data or a check",
        "says no; 2: wrong usage.",
    ]
    for name, command in sorted(commands.choices.items()):
        # Pythons differ in how they print an option with a value.
        text = re.sub(r"(-\w) (\w+), (--[\w-]+ \2)", r"\1, \3", command.format_help())
        lines += ["", f"## retrace {name}", "", "```text", text.rstrip(), "```"]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page; with --check say whether it is what would be written."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true")
    if not arguments.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page():
        print("docs/commands.md is old: python docs/commands.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
