"""Print what the audit of a draft found: lines for people, or one page that asks the network for nothing."""

import html
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from retrace import plain_page
from retrace.errors import on_one_line, so_many

MARKS = {
    "reproduced": "✓",
    "rule_dependent": "≈",
    "contradicted": "✗",
    "not_derivable": "?",
    "not_found": "∅",
    "unclaimed": "·",
}
"""The sign of each verdict, which says without colour what it is."""
LEGEND = {
    "not_found": "not found in the draft",
    "unclaimed": "quantities that no claim covers",
}
WIDTH = 100
_STYLE = """
a.mark, mark { padding: 0 .15em; border-radius: .2em; color: inherit; text-decoration: none; border-bottom: 2px solid #555; }
.reproduced { background: #dcefdc; } .rule_dependent { background: #fff0c2; } .contradicted { background: #f9d3cd; }
.not_derivable, .not_found { background: #e3e3ee; } mark.unclaimed { background: none; border-bottom-style: dotted; }
:target { outline: 2px solid #245; }
@media print { a.mark, mark { print-color-adjust: exact; } }
"""


def as_text(found: Mapping[str, Any]) -> str:
    """Return what was found in lines for people: claims, then what no claim covers, then a summary."""
    rows = [("verdict", "claim", "stated", "tables", "where")]
    rows += [
        (_verdict(one).replace("_", " "), one["claim_id"], _cut(one["stated"]) or "(words)", _cut(one["recomputed"]) or "-", _where(found["draft"], one))
        for one in found["claims"]
    ]  # fmt: skip
    widths = [max(len(on_one_line(row[at])) for row in rows) for at in range(4)]
    lines = [_aligned(rows[0], widths)]
    for one, row in zip(found["claims"], rows[1:], strict=True):
        lines.append(_aligned(row, widths))
        if not one["is_found"]:
            lines += _wrapped(f"not found in the draft: {one['missing']}")
            if near := one["nearest"]:
                lines += _wrapped(f'nearest, {_at(found["draft"], near)}: "{near["sentence"]}"')  # fmt: skip
            if one["verdict"] == "contradicted":
                lines += _wrapped(f"and contradicted: {one['why']}")
        elif one["verdict"] != "reproduced":
            lines += _wrapped(one["why"])
            if one["verdict"] == "contradicted":
                lines += _wrapped(f'"{one["places"][0]["sentence"]}"')
    if not found["claims"]:
        lines = ["There are no claims."]
    lines += ["", f"Quantities that no claim covers: {len(found['unclaimed'])}"]
    for group in _by_sentence(found["unclaimed"]):
        said = "; ".join(one["quantity"] for one in group)
        lines += _wrapped(f"{_at(found['draft'], group[0])}  {said}", "  ")
        lines += _wrapped(f'"{group[0]["sentence"]}"')
    if why := Counter(one["why"] for one in found["left_out"]):
        told = ", ".join(f"{n} {name}" for name, n in why.items())
        lines += ["", f"Numbers that state nothing (--json lists them): {told}"]
    counts = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in found["counts"].items() if n)  # fmt: skip
    lines += [
        "",
        f"{so_many(len(found['claims']), 'claim')}{': ' + counts if counts else ''}.",
    ]
    return "\n".join(map(on_one_line, lines)) + "\n"


def as_html(found: Mapping[str, Any], text: Sequence[Mapping[str, Any]]) -> str:
    """Return one page: the draft's sentences with a mark on each quantity, and the claims below."""
    by_id = {one["claim_id"]: one for one in found["claims"]}
    parts, section = [], ""
    for passage in text:
        if passage["section"] != section:
            section = passage["section"]
            parts.append(f"<h2>{html.escape(section)}</h2>")
        parts.append(f"<p>{_marked(passage, by_id)}</p>")
    head = "".join(f"<th scope=col>{one}</th>" for one in ("Verdict", "Claim", "Stated", "The tables give", "Why"))  # fmt: skip
    rows = "".join(_row(one) for one in found["claims"])
    legend = " ".join(
        f'<li><span class="{name}">{sign}</span> {LEGEND.get(name, name.replace("_", " "))}: {_number(found, name)}</li>'
        for name, sign in MARKS.items()
    )
    return plain_page.made(
        f"Audit of {found['draft']}",
        f"<ul>{legend}</ul>{''.join(parts)}<h2>Claims</h2>"
        f'<div class=scroll role=region tabindex=0 aria-label="Claims"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>",
        style=_STYLE,
    )


def _number(found: Mapping[str, Any], name: str) -> int:
    return len(found["unclaimed"]) if name == "unclaimed" else found["counts"][name]


def _marked(passage: Mapping[str, Any], by_id: Mapping[str, Any]) -> str:
    """Return a passage's text, each quantity marked; one that several claims state links to the first."""
    made, at, text = [], 0, passage["text"]
    for start, end, ids in passage["marks"]:
        if start < at:
            continue
        made.append(html.escape(text[at:start]))
        shown, at = html.escape(text[start:end]), end
        if not ids:
            made.append(f'<mark class=unclaimed title="no claim covers it">{shown}</mark>')  # fmt: skip
            continue
        one = by_id[ids[0]]
        name = one["verdict"]
        title = html.escape(f"{name.replace('_', ' ')}: {one['why']}", quote=True)
        target = html.escape("#c-" + _anchor(one["claim_id"]), quote=True)
        made.append(f'<a class="mark {name}" href="{target}" title="{title}">{shown} {MARKS[name]}</a>')  # fmt: skip
    return "".join([*made, html.escape(text[at:])])


def _row(one: Mapping[str, Any]) -> str:
    name = _verdict(one)
    why = one["why"] if one["is_found"] else f"not found in the draft: {one['missing']}; {one['why']}"  # fmt: skip
    cells = (one["stated"], one["recomputed"], why)
    return (
        f'<tr id="c-{_anchor(one["claim_id"])}"><td><span class="{name}">{MARKS[name]} {name.replace("_", " ")}</span></td>'
        f"<th scope=row>{html.escape(one['claim_id'])}</th>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        + "</tr>"
    )


def _anchor(claim_id: str) -> str:
    return html.escape("".join(c if c.isalnum() else f"-{ord(c):x}-" for c in claim_id))


def _verdict(one: Mapping[str, Any]) -> str:
    return one["verdict"] if one["is_found"] else "not_found"


def _where(draft: str, one: Mapping[str, Any]) -> str:
    if not one["is_found"]:
        return "-"
    shown = ", ".join(_at(draft, place) for place in one["places"][:3])
    left = len(one["places"]) - 3
    return shown + (f" and {left} more" if left > 0 else "")


def _at(draft: str, place: Mapping[str, Any]) -> str:
    """Return a place as an editor opens it, or as a reader of Word finds it."""
    if place["line"]:
        return f"{draft}:{place['line']}"
    return f"{_cut(place['section'], 30) or 'the beginning'}, paragraph {place['paragraph']}"


def _by_sentence(found: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    groups: dict[tuple, list[Mapping[str, Any]]] = {}
    for one in found:
        key = (one["section"], one["paragraph"], one["line"], one["sentence"])
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        on_one_line(cell).ljust(width) for cell, width in zip(row, widths, strict=False)
    ]
    return "  ".join([*cells, *row[len(widths) :]]).rstrip()


def _wrapped(text: str, indent: str = "    ") -> list[str]:
    return textwrap.wrap(
        on_one_line(_cut(text, 400)), WIDTH, initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _cut(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
