"""Fill README.md with what a build found: `python docs/readme.py`, or with --check hold it to it.

No figure is typed there: the part between the two marks is written from results/.
"""

import argparse
import csv
import re
import sys
from pathlib import Path

SHOWN = 6
"""How many contradictions the README names; the manuscript has all."""
ROOT = Path(__file__).resolve().parents[1]
PART = re.compile(
    r"(<!-- found: written by docs/readme.py -->\n).*?(<!-- end -->)", re.DOTALL
)


def found(results: Path) -> str:
    """Return what the build in a results folder found, as Markdown."""
    claims = rows(results / "claims/claims.csv")
    numbers = {
        row["number_id"]: row["value"] for row in rows(results / "numbers/numbers.csv")
    }
    warnings = rows(results / "flow/warnings.csv")
    by_verdict: dict[str, list[dict[str, str]]] = {}
    for claim in claims:
        by_verdict.setdefault(claim["verdict"], []).append(claim)
    size = {verdict: len(of) for verdict, of in by_verdict.items()}
    lines = [
        f"From {numbers['included_studies']} studies and {numbers['lines_distinct']} distinct outcome lines,"
        f" {len(claims)} statements of the article about its own corpus were checked:"
        f" {size.get('reproduced', 0)} are reproduced, {size.get('rule_dependent', 0)} hold under another"
        f" counting rule than the default, {size.get('contradicted', 0)} under none that we state, and"
        f" {size.get('not_derivable', 0)} cannot be derived from what was published.",
        "",
    ]
    lines += [f"* {warning['says']}" for warning in warnings]
    contradicted = by_verdict.get("contradicted", [])
    lines += [
        f"* {claim['says'][0].upper()}{claim['says'][1:]} ({claim['location'].split(',')[0]}): {claim['why']}."
        for claim in contradicted[:SHOWN]
    ]
    if len(contradicted) > SHOWN:
        lines.append(f"* and {len(contradicted) - SHOWN} more, told in the manuscript.")
    return "\n".join(lines) + "\n"


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> int:
    """Write or check the README; return 1 where the checked one differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--results", type=Path, default=ROOT / "results")
    given = parser.parse_args()
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    part = found(given.results)
    filled = PART.sub(lambda match: match[1] + part + match[2], text)
    if not given.check:
        path.write_text(filled, encoding="utf-8")
    elif filled != text:
        print(
            "README.md differs from the results; run: make review && python docs/readme.py",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
