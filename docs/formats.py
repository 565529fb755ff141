"""Write docs/formats.md from the schemas and the readers: `python docs/formats.py`, or with --check hold it to them."""

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "workflow/scripts"))

from retrace import readers, schemas, tables  # noqa: E402

RAW = "data/raw/"
INTRODUCTION = """\
# Tables and their columns

Every table that an author writes or a build makes, and every format of exports. Generated from
`workflow/scripts/retrace/schemas.py` and `readers/` beside it by `python docs/formats.py`; a test holds the two together.

CSV: UTF-8, comma, one header line, an empty cell means that the column does not apply. Dates are
ISO (`2024-05-31`). Several values in one cell are joined by `; `. Tables named in `config.yaml`
(the sheets of the extraction) have the columns that are described there.

A CSV file is data: a cell that begins with `=`, `+`, `-` or `@` is written as it was read, since a
mark put before it would be another datum. A spreadsheet program takes such a cell for a formula when
the file is opened by a double click; import it as text. Control characters stand in no table; a line
end within a cell is read as LF where it is CR LF.
"""
EXPORTS = """\
## Exports

What databases, registers and reference managers write. The format of a file is told from what stands in it,
never from its name.

| format | what is read |
|---|---|
"""


def page() -> str:
    """Return the page as Markdown."""
    found = [
        value for value in vars(schemas).values() if isinstance(value, tables.Table)
    ]
    parts = [INTRODUCTION, _exports()]
    for title, group in (
        ("Raw inputs", [table for table in found if table.path.startswith(RAW)]),
        ("Results", [table for table in found if not table.path.startswith(RAW)]),
    ):
        parts.append(f"## {title}\n")
        parts += [_section(table) for table in group]
    return "\n".join(parts)


def _exports() -> str:
    """Return the formats of exports, each with the first line of its reader."""
    lines = []
    for format, name in zip(readers.FORMATS, readers.LOADED, strict=True):
        says = (import_module(name).__doc__ or "").partition("\n")[0]
        lines.append(f"| `{format}` | {says.removeprefix('Read ')} |\n")
    return EXPORTS + "".join(lines)


def _section(table: tables.Table) -> str:
    lines = [f"### `{table.path}`\n", table.says]
    if table.key:
        lines[-1] += f" Key: {', '.join(f'`{name}`' for name in table.key)}."
    lines += ["", "| column | what it holds | values |", "|---|---|---|"]
    for column in table.columns:
        held = ", ".join(f"`{term}`" for term in column.terms or ()) or column.kind
        marks = [
            mark
            for mark, on in (("several", column.several), ("required", column.required))
            if on
        ]
        lines.append(
            f"| `{column.name}` | {column.says} | {', '.join([held, *marks])} |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check the page; return 1 where the checked one differs."""
    path = HERE / "formats.md"
    if "--check" not in arguments:
        path.write_text(page(), encoding="utf-8")
    elif not path.is_file() or path.read_text(encoding="utf-8") != page():
        print(
            "docs/formats.md differs from schemas.py or readers/; run: python docs/formats.py",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
