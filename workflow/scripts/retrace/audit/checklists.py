"""Fill reporting checklists from what a build holds and from where the text says the rest.

An item is reported only when each place that config.yaml names for it exists in the text and
each fact that the item asks of the tables is there; what is missing is named.
"""

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrace import plain_page, schemas, tables
from retrace.errors import ConfigError, Problem, some

if TYPE_CHECKING:
    import pandas as pd

ITEMS = Path(__file__).resolve().parents[3] / "templates/checklists.yaml"

_HEADER = re.compile(
    r"^(?P<marks>#+)\s+(?P<words>.*?)\s*\{#(?P<anchor>[\w-]+)(?P<rest>[^}]*)\}\s*$",
    re.MULTILINE,
)
_BLOCK = re.compile(r"^:::+ \{#(?P<anchor>(?:fig|tbl)-[\w-]+)", re.MULTILINE)
_CAPTION = re.compile(r"\*\*((?:Figure|Table)\s\d+)\.\*\*")

_STYLE = "body { max-width: 70rem; } td:nth-child(5) { white-space: nowrap; }"


def places(text: str) -> dict[str, str]:
    """Return what a reader sees at each anchor of the manuscript: "Section 3, Search", "Figure 1"."""
    found = {"title": "Title"}
    for header in _HEADER.finditer(text):
        number = re.search(r'sec="?([\d.]+)', header["rest"])
        name = re.sub(r"[*_`]", "", header["words"])
        found[header["anchor"]] = f"Section {number[1]}, {name}" if number else name
    for block in _BLOCK.finditer(text):
        caption = _CAPTION.search(text, block.end())
        found[block["anchor"]] = (
            " ".join(caption[1].split()) if caption else block["anchor"]
        )
    return found


def facts(
    *,
    searches: "pd.DataFrame",
    prisma: "pd.DataFrame",
    screening: "pd.DataFrame",
    extraction: "pd.DataFrame",
    config: Mapping[str, Any],
) -> dict[str, tuple[str, str]]:
    """Return of each fact where it stands and, if it is not whole, what is missing.

    The names are those of ``from`` in the checklists.
    """
    asked = searches[searches["kind"] != "listed_records"]

    def each(column: str, what: str) -> tuple[str, str]:
        lacking = [
            row["label"] or row["source"]
            for row in asked.to_dict("records")
            if not _given(row[column])
        ]
        return (
            "results/records/searches.csv",
            f"{what} of {some(lacking)}" if lacking else "",
        )

    unpublished = [
        row.boxtext for row in prisma.itertuples() if row.kind == "not_published"
    ]
    kinds = set(asked["kind"])
    return {
        "search_sources": each("platform", "the platform"),
        "search_dates": each("searched_on", "the date"),
        "search_queries": each("query_run", "the strategy as run"),
        "search_limits": each("limits", "the limits"),
        "search_counts": each("n_reported", "the number of records"),
        "registers": ("results/records/searches.csv", "" if "register" in kinds else "no register was searched"),
        "citation_searching": (
            "results/records/searches.csv", "" if "citations" in kinds else "no citation search is recorded",
        ),
        "screening": (
            "results/screening/agreement.csv", "" if len(screening) else "decisions of two reviewers",
        ),
        "extraction": (
            "results/extraction/agreement.csv", "" if len(extraction) else "a second reading",
        ),
        "flow": (
            "results/flow/prisma.csv",
            f"not published: {some(unpublished, len(unpublished))}" if unpublished else "",
        ),
        "exclusions": (
            "results/flow/members.csv",
            "" if _counted(prisma, "dbr_excluded") else "the excluded reports with their reasons",
        ),
        "included": ("results/flow/members.csv", "" if _counted(prisma, "new_studies") else "the included studies"),
        "registration": (
            "config.yaml: protocol.registration",
            "" if "registration" in config.get("protocol", {}) else "whether it was registered",
        ),
        "availability": ("results/audit/provenance.json", ""),
        "deduplication": ("config.yaml: deduplication, results/records/duplicates.csv", ""),
    }  # fmt: skip


def of_abstract(filled: "pd.DataFrame") -> tuple[str, str]:
    """Return of the filled list for abstracts, as of a fact, where it stands and what it lacks."""
    told = filled["status"].isin(["reported", "not_applicable"])
    lacking = filled.loc[~told, "item"].tolist()
    return "the list for abstracts, below", some(lacking, len(lacking))


def fill(
    items: Mapping[str, Mapping[str, Any]],
    said: Mapping[str, Any],
    *,
    placed: Mapping[str, str],
    known: Mapping[str, tuple[str, str]],
    name: str,
) -> "pd.DataFrame":
    """Return a filled checklist, `schemas.CHECKLIST`.

    ``said`` is what config.yaml says of each item: anchors of the text; or a mapping with
    `not_done` or `not_applicable` and the reason, or with the anchors in `told_in` and in
    `incomplete` what is not told there.

    Raises:
        ConfigError: an item that the list does not have, or an anchor that the text does not.
    """
    problems = [
        Problem(
            "config.yaml",
            0,
            f"reporting.{name}.{item}",
            "no such item",
            some(items, 60),
            "correct it",
        )
        for item in said
        if item not in items
    ]
    rows = []
    for item, asks in items.items():
        told = said.get(item, [])
        row = {"item": item, "topic": asks["topic"], "asks": asks["asks"]}
        missing = []
        if isinstance(told, Mapping):
            if "incomplete" not in told:
                ((status, reason),) = told.items()
                rows.append(row | {"status": status, "missing": reason})
                continue
            missing.append(told["incomplete"])
            told = told["told_in"]
        anchors: Sequence[str] = [told] if isinstance(told, str) else told
        problems += [
            Problem("config.yaml", 0, f"reporting.{name}.{item}", f"the text has no anchor {anchor!r}", some(placed, 60))
            for anchor in anchors
            if anchor not in placed
        ]  # fmt: skip
        of_tables = [known[fact] for fact in asks.get("from", [])]
        where = [placed.get(anchor, anchor) for anchor in anchors] + [
            place for place, _ in of_tables
        ]
        missing += [lack for _, lack in of_tables if lack]
        if not anchors and not of_tables:
            status = "missing"
        elif missing:
            status = (
                "incomplete" if anchors or len(missing) < len(of_tables) else "missing"
            )
        else:
            status = "reported"
        rows.append(
            row
            | {
                "where": tables.SEPARATOR.join(dict.fromkeys(where)),
                "status": status,
                "missing": "; ".join(missing),
            }
        )
    if problems:
        raise ConfigError(problems)
    return tables.frame(rows, schemas.CHECKLIST)


def fill_prisma(
    asked: Mapping[str, Mapping[str, Any]],
    said: Mapping[str, Mapping[str, Any]],
    *,
    placed: Mapping[str, str],
    known: Mapping[str, tuple[str, str]],
) -> "pd.DataFrame":
    """Return the PRISMA 2020 list with its list for abstracts below it, `schemas.CHECKLIST`."""
    import pandas as pd

    def filled(name: str, known: Mapping[str, tuple[str, str]]) -> "pd.DataFrame":
        return fill(asked[name], said.get(name, {}), placed=placed, known=known, name=name)  # fmt: skip

    abstract = filled("prisma_2020_abstract", known)
    whole = filled("prisma_2020", {**known, "abstract": of_abstract(abstract)})
    return pd.concat([whole, abstract], ignore_index=True)


def as_page(
    lists: Mapping[str, "pd.DataFrame"], *, title: str, language: str = "en"
) -> str:
    """Return filled checklists, by their names, as one page: what a journal asks for with a manuscript."""
    head = "".join(f"<th scope=col>{name}</th>" for name in ("Item", "Topic", "Asks for", "Where", "Status", "Missing, or why"))  # fmt: skip
    parts = [f"<p>Filled from the tables, the settings and the text of: {html.escape(title)}</p>"]  # fmt: skip
    for name, filled in lists.items():
        rows = "".join(_row(item) for item in filled.to_dict("records"))
        parts.append(
            f"<h2>{html.escape(name)}</h2><div class=scroll role=region tabindex=0"
            f' aria-label="{html.escape(name)}"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        )
    return plain_page.made("Reporting checklists", "".join(parts), style=_STYLE, language=language)  # fmt: skip


def _row(item: Mapping[str, Any]) -> str:
    status = item["status"].replace("_", " ")
    cells = (item["topic"], item["asks"], item["where"], status, item["missing"])
    return (
        f"<tr><th scope=row>{html.escape(item['item'])}</th>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        + "</tr>"
    )


def _counted(prisma: "pd.DataFrame", box: str) -> bool:
    return bool(((prisma["data"] == box) & (prisma["kind"] == "counted")).any())


def _given(value: Any) -> bool:
    return value == value and value is not None and str(value) not in ("", "<NA>")
