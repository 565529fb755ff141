"""Say at the end of the text what became of each included study since, and where it can be read.

A review in which nobody was asked about its studies has no such table.
"""

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from retrace import tables
from retrace.labels import Labels
from retrace.manuscript import text

if TYPE_CHECKING:
    import pandas as pd

TITLE = "Appendix: notices on the included studies, and open access"
SAYS = (
    "What services said of each included study on the day named: retractions, expressions of concern and "
    "corrections, and whether it can be read without a subscription."
)
WORDS = {
    "none": "none",
    "not_known": "not known to the services that were asked",
    "not_asked": "not asked",
}
_COLUMNS = (
    ("Study", 19),
    ("DOI", 22),
    ("Notices", 29),
    ("Open access", 11),
    ("Known to", 19),
)


def added(body: str, found: "pd.DataFrame", labels: "pd.DataFrame") -> str:
    """Return the Markdown with a row for each record of `schemas.NOTICES` after it; without any it stays as it is."""
    if found.empty or (found["notice"] == "not_asked").all():
        return body
    named = Labels(labels)
    rows = (_row(row, named) for row in found.to_dict("records"))
    block = text.table_block("notices-appendix", SAYS, _COLUMNS, rows)
    return (
        f"{body.rstrip()}\n\n# {TITLE} {{#notices-appendix .unnumbered}}"
        f"{block.rstrip()}\n"
    )


def _row(row: dict[str, Any], labels: Labels) -> str:
    study = row["study_id"]
    name = next((labels.long(column, study) for column in labels.columns() if study in labels.terms(column)), "")  # fmt: skip
    access = html.escape(row["open_access"].replace("_", " "))
    if row["full_text"]:
        access = _link(row["full_text"], access)
    cells = [
        _link(row["link"], html.escape(row["doi"])) if row["doi"] else "",
        _lines(
            [WORDS[row["notice"]]]
            if row["notice"] in WORDS
            else map(_said, row["says"].split(" | "))
        ),
        access,
        _lines(_by_day(tables.values(row["known_to"]))),
    ]
    opens = [
        "",
        f' data-row="notices/{html.escape(row["record_id"])} {html.escape(study)}"',
        "",
        "",
    ]
    head = f'<th scope="row">{html.escape(name or row["title"] or study)}</th>'
    rest = "".join(f"<td{at}>{cell}</td>" for at, cell in zip(opens, cells, strict=True))  # fmt: skip
    return f"<tr>{head}{rest}</tr>\n"


def _by_day(known_to: Iterable[str]) -> list[str]:
    """Return the services of each day, of which each value names one and its day."""
    of: dict[str, list[str]] = {}
    for one in known_to:
        service, _, day = one.rpartition(" ")
        of.setdefault(day, []).append(service)
    return [f"{day}: {', '.join(services)}" for day, services in sorted(of.items())]


def _lines(parts: Iterable[str]) -> str:
    return "<br>".join(map(html.escape, parts))


def _said(one: str) -> str:
    """Return what a service says, its kind in words."""
    kind, _, rest = one.partition(": ")
    return f"{kind.replace('_', ' ')}: {rest}"


def _link(address: str, words: str) -> str:
    """Return words that lead to an address; blocks.lua lets none lead to what runs."""
    if not address.startswith(("https://", "http://")):
        return words
    return f'<a href="{html.escape(address)}">{words}</a>'
