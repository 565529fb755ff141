"""Write envs/*.yaml from requirements.lock: `python envs/generate.py`, or with --check hold them to it.

The lock is the one statement of versions; these files repeat it for people who run the
workflow with conda.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
TABLES = ["jsonschema", "pandas", "pyarrow", "pyyaml"]
ENVIRONMENTS = {
    "records": [*TABLES, "python-calamine", "rapidfuzz"],
    "tables": TABLES,
    "figures": [*TABLES, "matplotlib"],
    "audit": [*TABLES, "rocrate"],
    "manuscript": [*TABLES, "jinja2", "pypandoc-binary", "typst"],
}


def main(arguments: list[str]) -> int:
    """Write or check every environment; return 1 where a checked one differs."""
    lock = (HERE.parent / "requirements.lock").read_text(encoding="utf-8")
    versions = dict(
        re.findall(r"^([A-Za-z0-9_.-]+)==([^\s\\;]+)", lock, flags=re.MULTILINE)
    )
    differ = []
    for name, packages in ENVIRONMENTS.items():
        pins = "".join(
            f"      - {package}=={versions[package]}\n" for package in sorted(packages)
        )
        text = (
            "# Generated from requirements.lock by envs/generate.py.\n"
            f"name: retrace-{name}\nchannels:\n  - conda-forge\n  - nodefaults\ndependencies:\n"
            f"  - python=3.11\n  - pip\n  - pip:\n{pins}"
        )
        path = HERE / f"{name}.yaml"
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            differ.append(path.name)
    if differ:
        print(
            f"{', '.join(differ)} differ from the lock; run: python envs/generate.py",
            file=sys.stderr,
        )
    return 1 if differ else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
