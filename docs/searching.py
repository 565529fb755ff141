"""Fill docs/searching.md with what the connectors know of their services: `python docs/searching.py`, or --check.

No limit is typed there: the part between the two marks is written from `retrace.searches`.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "workflow/scripts"))

from retrace.freeze import CONNECTORS  # noqa: E402

PART = re.compile(
    r"(<!-- services: written by docs/searching.py -->\n).*?(<!-- end -->)", re.DOTALL
)


def part() -> str:
    """Return the services, their keys and their limits as Markdown."""
    lines = []
    for connector in CONNECTORS.values():
        service = connector.SERVICE
        keys = [f"`{key.variable}` ({'needed' if key.required else 'not needed'})" for key in service.keys]  # fmt: skip
        lines += [
            f"### {service.platform}\n",
            f"Address: `{service.base}`. Keys: {', '.join(keys) or 'none'}.\n",
            "| limit | | documented |",
            "|---|---|---|",
        ]
        lines += [
            f"| {_shown(limit.value)} | {limit.says} | <{limit.source}> |"
            for limit in (*service.rates.values(), *service.limits.values())
        ]
        lines.append("")
    return "\n".join(lines)


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def main(arguments: list[str]) -> int:
    """Write or check the page; return 1 where the checked one differs."""
    path = HERE / "searching.md"
    text = path.read_text(encoding="utf-8")
    filled = PART.sub(lambda match: match[1] + part() + match[2], text)
    if "--check" not in arguments:
        path.write_text(filled, encoding="utf-8")
    elif filled != text:
        print("docs/searching.md differs from the connectors; run: python docs/searching.py", file=sys.stderr)  # fmt: skip
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
