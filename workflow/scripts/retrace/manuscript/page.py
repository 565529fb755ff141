"""Make the review's page: one HTML file that asks the network for nothing.

A strict policy stands in the page itself, with the digests of its one style sheet and its
one script: even a mistake in escaping could not run, load or send anything.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from retrace import tables
from retrace.manuscript import members, opened, pandoc, svg
from retrace.plain_page import digest

_PICTURE = re.compile(r'<img\b[^>]*\bsrc="\.\./figures/(\w+)\.svg"[^>]*>')
_FIGURE = re.compile(r'(<div id="fig-(\w+)"[^>]*>\s*<figure.*?</figure>)', re.S)
_TABLE = re.compile(
    r'(<div id="tbl-([\w-]+)-caption".*?</div>\s*)(<table\b)(.*?</table>)', re.S
)
_ROW = re.compile(r'(<tr data-members="([^"]*)">)(.*?)(</tr>)', re.S)
_CELL = re.compile(r"(<t[hd]\b[^>]*>)((?:(?!<a\b|</t[hd]>).)+)(</t[hd]>)", re.S)
_READ = re.compile(r'(<td\b[^>]*?) data-row="([^"]*)"([^>]*>)(.*?)(</td>)', re.S)
_STYLED = re.compile(r'(<[a-zA-Z][^<>]*?)\sstyle="([^"]*)"([^<>]*>)')
_CLAIM = re.compile(r'href="#c-([^"]+)"')
MARK = re.compile(r"<!--retrace:(\w+)-->")
_WIDTH = re.compile(r"(width|text-align):\s*([\d.]+(?:%|em|px)|left|right|center)")


def render(
    markdown: str | Path,
    *,
    bibliography: str | Path,
    csl: str | Path,
    numbers: str | Path,
    number_members: str | Path,
    labels: str | Path,
    sheets: Sequence[str],
    figures_svg: Sequence[str],
    figures_csv: Sequence[str],
    figures_alt: Sequence[str],
    records: str | Path = "",
    prisma: str | Path = "",
    box_members: str | Path = "",
    sources: Mapping[str, str] | None = None,
    definitions: str | Path = "",
    most: int = members.INLINED,
) -> str:
    """Return the page of the review's Markdown, with its figures, data and definitions in it.

    ``sources`` has the file of each table that numbers are counted in; ``most`` members of each
    set are named.
    """
    body = pandoc.convert(
        markdown,
        to="html5",
        bibliography=bibliography,
        csl=csl,
        options=(
            f"--template={pandoc.TEMPLATES / 'page.html'}",
            "--toc",
            "--toc-depth=3",
            "--section-divs",
            "--mathml",
            "--wrap=none",
        ),
    ).decode()
    alts = {_name(path): Path(path).read_text("utf-8").strip() for path in figures_alt}
    drawings = {
        _name(path): svg.embedded(
            Path(path).read_text("utf-8"),
            name=_name(path),
            alt=alts.get(_name(path), ""),
            file=str(path),
            marks=opened.marks_of(Path(path).with_suffix(".csv"), figures_csv),
        )
        for path in figures_svg
    }
    body = _PICTURE.sub(
        lambda found: (
            '<div class="scroll" role="region" tabindex="0" '
            f'aria-label="Drawing of {html.escape(found[1])}">{drawings[found[1]]}</div>'
        ),
        body,
    )
    data = {_name(path): data_table(path, most=most) for path in figures_csv}
    body = _FIGURE.sub(lambda found: found[1] + data.get(found[2], ""), body)
    known = opened.sheets_of(sheets, labels)
    body = _ROW.sub(lambda found: _opening(found, known["sheets"]), body)
    read = opened.rows_read(
        [html.unescape(found[2]) for found in _READ.finditer(body)], sources or {}
    )
    body = _READ.sub(lambda found: _of_a_row(found, read), body)
    body = _TABLE.sub(
        r'\1<div class="scroll" role="region" tabindex="0" aria-labelledby="tbl-\2-caption">'
        r'\3 aria-labelledby="tbl-\2-caption"\4</div>',
        body,
    )
    body, rules = without_styles(body)
    ids = {
        html.unescape(number_id)
        for number_id in re.findall(r'data-number="([^"]*)"', body)
    }
    claims = (
        opened.claims_of(map(unquote, _CLAIM.findall(body)), sources["claims"])
        if sources and "claims" in sources
        else {}
    )
    ids |= {
        one
        for claim in claims.values()
        for one in (claim["number_id"], *tables.values(claim["alternatives"]))
    }
    boxes = (
        opened.boxes_of(prisma, box_members, figures_csv, most=most) if prisma else {}
    )
    explained = members.explained(
        ids,
        numbers=numbers,
        members=number_members,
        labels=labels,
        sheets=sheets,
        records=records,
        sources=sources,
        further={
            *(member for box in boxes.values() for of in box for member, _ in of["members"]),
            *(row for sheet in known["sheets"].values() for row in sheet["rows"]),
        },
        most=most,
    )  # fmt: skip
    return closed(
        body, rules,
        {**explained, **known, "read": read, "claims": claims,
         "published": opened.published_at(explained["numbers"], definitions) if definitions else {},
          "boxes": boxes, **opened.files_of(sources or {}),
         "members_in": {"n": str(number_members), "b": str(box_members)}},
    )  # fmt: skip


def closed(body: str, rules: str, explained: Mapping[str, Any]) -> str:
    """Return the page with its style, script, data and the policy that allows just these."""
    style = read("list.css") + read("page.css") + rules
    script = read("list.js") + read("page.js")
    policy = (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        "style": f"<style>{style}</style>",
        "data": f'<script type="application/json" id="numbers">{as_json(explained)}</script>',
        "script": f'<script type="module">{script}</script>',
    }
    return MARK.sub(lambda found: parts[found[1]], body)


def read(template: str) -> str:
    """Return the text of a template."""
    return (pandoc.TEMPLATES / template).read_text("utf-8")


def as_json(value: Any) -> str:
    """Return JSON that no text in it can end or break: <, >, & and line separators as escapes."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def data_table(path: str | Path, *, most: int = members.INLINED) -> str:
    """Return the rows behind a figure as a table that folds away; empty columns are left out."""
    header, *rows = tables.each_row(path)
    kept = [at for at in range(len(header)) if any(row[at] for row in rows)]
    head = "".join(
        f'<th scope="col">{html.escape(header[at].replace("_", " "))}</th>'
        for at in kept
    )
    lines = "".join(
        "<tr>" + "".join(f"<td>{_cell(header[at], _cut(row[at], most, path))}</td>" for at in kept) + "</tr>"
        for row in rows
    )  # fmt: skip
    return (
        '<details class="data"><summary>Data of this figure</summary>'
        f'<div class="scroll" role="region" tabindex="0" aria-label="Data of {html.escape(_name(path))}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
        '<p><a href="../audit/index.html#rule:plot_figure">How it was drawn, in the audit</a></p></details>'
    )


def without_styles(body: str) -> tuple[str, str]:
    """Return a page's body with each style attribute as a class, and the rules of the classes.

    The policy allows no style attribute; widths of columns and alignments are kept.
    """
    names: dict[str, str] = {}

    def named(found: re.Match) -> str:
        kept = "; ".join(f"{name}: {value}" for name, value in _WIDTH.findall(found[2]))
        if not kept:
            return found[1] + found[3]
        name = names.setdefault(kept, f"s{len(names) + 1}")
        tag = found[1] + found[3]
        if re.search(r'\sclass="', tag):
            return re.sub(r'\sclass="', f' class="{name} ', tag, count=1)
        return f'{found[1]} class="{name}"{found[3]}'

    body = _STYLED.sub(named, body)
    return body, "".join(f".{name} {{ {kept}; }}\n" for kept, name in names.items())


def _cut(cell: str, most: int, path: str | Path) -> str:
    """Return a cell with the first of its values, and where the others are."""
    values = tables.values(cell) if len(cell) > most else []
    if len(values) <= most:
        return cell
    first = tables.SEPARATOR.join(values[:most])
    return f"{first}; and {len(values) - most:,} more in {path}"


def _cell(column: str, cell: str) -> str:
    shown = html.escape(cell)
    if not cell:
        return ""
    if column.endswith("number_id"):
        return f'<a class="number" href="#n-{quote(cell, safe="+")}" data-number="{shown}">{shown}</a>'
    if column == "box":
        return f'<a class="number" href="#b-{quote(cell, safe="")}">{shown}</a>'
    return shown


def _opening(row: re.Match, sheets: Mapping[str, Any]) -> str:
    """Return a table's row whose first cell without a link opens the rows of sheets that it prints."""
    ids = html.unescape(row[2]).split()
    if not ids or not all(
        any(one in of["rows"] for of in sheets.values()) for one in ids
    ):
        return row[0]
    target = quote("; ".join(ids), safe="")
    cells = _CELL.sub(rf'\1<a class="row" href="#m-{target}">\2</a>\3', row[3], count=1)
    return row[1] + cells + row[4]


def _of_a_row(cell: re.Match, read: Mapping[str, Any]) -> str:
    """Return a cell that opens the row of the computed table that it was read from."""
    before, row, after, words, end = cell.groups()
    if html.unescape(row) in read:
        words = (
            f'<a class="row" href="#t-{quote(html.unescape(row), safe="")}">{words}</a>'
        )
    return before + after + words + end


def _name(path: str | Path) -> str:
    return Path(path).name.partition(".")[0]
