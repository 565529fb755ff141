"""What stands in the fences of a page of the documentation, carried out as a reader would.

```sh               commands, each of which must succeed
```console          `$ command` and what it must say: `...` stands for any lines, or the rest of one
```<kind> <path>    the content of a file
```sh not-run       commands that cannot be carried out here; the page says why
Other fences are read, not run.
"""

import os
import re
import subprocess
from pathlib import Path

FENCE = re.compile(
    r"^```(?P<kind>[\w-]+)(?: (?P<rest>[^\n]*))?\n(?P<body>.*?)^```$", re.M | re.S
)
LONG_RUNS = re.compile(r"^make (test|bench|faults|fuzz|reproduce|live-check)\b", re.M)
"""Targets that take longer than a test may, or call the tests: that they exist is all that is seen to."""
LONGEST = 300


def carry_out(page, folder, environment):
    """Do what a page says, in a folder; return the commands. A failure names the line of the page."""
    text = page.read_text(encoding="utf-8")
    done = []
    for fence in FENCE.finditer(text):
        kind, rest, body = fence["kind"], fence["rest"] or "", fence["body"]
        place = f"{page.name}:{text[: fence.start()].count(chr(10)) + 1}"
        if kind == "sh" and not rest:
            folder, said, code = run(body, folder, environment)
            assert code == 0, f"{place}: {body}\nended with {code} and said\n{said}"
            done.append(body)
        elif kind == "console":
            for command, expected in steps(body):
                folder, said, code = run(command, folder, environment)
                assert code in (0, 1), f"{place}: {command}\nended with {code}\n{said}"
                assert fits(said, expected), (
                    f"{place}: {command}\nsaid\n{said}\nand not\n{expected}"
                )
                done.append(command)
        elif rest and rest != "not-run":
            to = folder / rest
            assert to.resolve().is_relative_to(folder.resolve()), place
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_text(body, encoding="utf-8")
    return done


def run(commands, folder, environment):
    """Run commands in a shell; return the folder they end in, what they said, and the exit code."""
    end = folder / ".ends_in"
    commands = LONG_RUNS.sub(r"make --dry-run \1 > /dev/null", commands)
    script = f"set -e\ntrap 'pwd > {end}' EXIT\n{commands}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=os.environ | environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LONGEST,
    )  # fmt: skip
    ends_in = Path(end.read_text().strip())
    end.unlink()
    return ends_in, done.stdout, done.returncode


def steps(body):
    """Return each command of a console and the lines that it must say."""
    parts = re.split(r"^\$ (.*)\n", body, flags=re.M)[1:]
    return [(parts[at], parts[at + 1]) for at in range(0, len(parts), 2)]


def fits(said, expected):
    """Return whether an output has the expected lines, with anything where the page has dots."""
    pattern = "".join(
        ".*" if part == "..." else re.escape(part)
        for part in re.split(r"(\.\.\.)", expected.strip())
    )
    return re.fullmatch(pattern, said.strip(), re.S) is not None
