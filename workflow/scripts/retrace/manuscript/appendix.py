"""Say on paper where the numbers come from: a table of those in the text, to which each links.

Paper opens nothing, so the definitions that the page shows on a click stand at the end of the
Word file and the PDF; members are named as far as a line holds them.
"""

import html
import re
from collections.abc import Sequence
from pathlib import Path

from retrace.manuscript import members
from retrace.numbers import NOT_YET

TITLE = "Appendix: where the numbers come from"
SAYS = (
    "Each number of the text links here: what it counts, and the first of its members. "
    "All members of all numbers stand in results/numbers/members.csv, and open on a click in the "
    "review's page."
)
SHOWN = 4
_USED = re.compile(r'\bdata-number="([^"]*)"')
_LONG = re.compile(r"[^\s;&]{10,}")
_JOINT = re.compile(r"[_.:/](?=.)")
_WIDTHS = (22, 38, 10, 30)


def added(
    text: str,
    *,
    numbers: str | Path,
    number_members: str | Path,
    labels: str | Path,
    sheets: Sequence[str],
    records: str | Path = "",
) -> str:
    """Return the Markdown with the appendix after it; one without numbers stays as it is."""
    ids = list(dict.fromkeys(map(html.unescape, _USED.findall(text))))
    known = members.explained(
        ids, numbers=numbers, members=number_members, labels=labels, sheets=sheets,
        records=records, most=SHOWN,
    )  # fmt: skip
    rows = [
        _row(place, number_id, known["numbers"][number_id], known["members"])
        for place, number_id in enumerate(ids, start=1)
        if number_id in known["numbers"]
    ]
    if not rows:
        return text
    columns = "".join(f'<col style="width: {width}%">' for width in _WIDTHS)
    head = "".join(
        f'<th scope="col">{title}</th>'
        for title in ("Number", "What it is", "Value", "Members")
    )
    return (
        f"{text.rstrip()}\n\n# {TITLE} {{#numbers-appendix .unnumbered}}\n\n{SAYS}\n\n"
        "::: {#tbl-numbers-appendix .table-block}\n"
        f"<table><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>\n"
        + "\n".join(rows)
        + "\n</tbody></table>\n:::\n"
    )


def _row(place: int, number_id: str, number: dict, names: dict) -> str:
    ids = number["members"]
    listed = [_shortened(names.get(one, {}).get("name", one)) for one in ids]
    if rest := number["n_members"] - len(ids):
        listed.append(f"and {rest:,} more")
    if number["kind"] == "reported":
        listed = ["published as a count"]
    value = number["value"]
    if number["kind"] == "share" and value != NOT_YET:
        value += " %"
    return (
        f'<tr><td><span id="number-{place}" data-number="{html.escape(number_id)}">{_breaking(number_id)}</span></td>'
        f"<td>{html.escape(number['definition'])}</td><td>{html.escape(_shortened(value, 24))}</td>"
        f"<td>{_breaking('; '.join(listed))}</td></tr>"
    )


def _breaking(words: str) -> str:
    """Return words as HTML; a long name may break where its parts meet."""
    return _LONG.sub(lambda long: _JOINT.sub("\\g<0>\u200b", long[0]), html.escape(words))  # fmt: skip


def _shortened(words: str, most: int = 60) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip(" ,;") + "…"
