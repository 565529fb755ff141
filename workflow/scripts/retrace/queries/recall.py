"""Say which known relevant records each search found, and what each term of its string does for them.

A known record is found where deduplication made one record of it and of one of the search. What a
term does is told from title, abstract and keywords of the records alone: what a platform found by
mapping terms or by narrower headings, no text shows, and is counted as such.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables
from retrace.queries.syntax import syntax_of
from retrace.queries.tree import Term, blocks, parse

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
"""The row for all counted searches together."""

_KEYWORDS = re.compile(
    r"(?:^|[/:-])(?:KW|MH|OT|DE|ID|KP|MESH.*|keywords?.*|authkeywords?|.*keywords?|.*descriptors?.*|subjects?|meshHeadingList.*)$",
    re.IGNORECASE,
)
"""Names of extra fields that hold keywords and headings in the formats that are read."""
_WORD = re.compile(r"[^\W_]+")
_TITLE = frozenset({"ti", "title", "titl", "tt"})
_ABSTRACT = frozenset({"ab", "abs", "abstract"})
_HEADINGS = frozenset(
    "mh mesh majr sh exp de mj kw key indexterms authkey ot ak kp subs nm".split()  # noqa: SIM905
) | {"mesh terms", "mesh term", "mesh major topic", "other term"}  # fmt: skip


@dataclass(frozen=True)
class _Text:
    """What a record's words are, by part: each with a blank before and behind."""

    title: str
    abstract: str
    keywords: str

    def has(self, term: Term) -> bool:
        """Return whether a term stands where its field says."""
        name = term.field.casefold().partition(":")[0].strip()
        if name in _TITLE:
            parts = [self.title]
        elif name in _ABSTRACT:
            parts = [self.abstract]
        elif name in _HEADINGS:
            parts = [self.keywords]
        else:
            parts = [self.title, self.abstract, self.keywords]
        pattern = _pattern(term.text)
        return pattern is not None and any(pattern.search(part) for part in parts)


@dataclass
class _Found:
    """One counted search: its rows by cluster, and which known records are among them."""

    row: dict[str, Any]
    rows: dict[str, list[str]]
    found: dict[str, list[str]]


def measure(
    *,
    searches: "pd.DataFrame",
    records: "pd.DataFrame",
    duplicates: "pd.DataFrame",
    included: "pd.DataFrame",
    settled: "pd.DataFrame",
) -> tuple["pd.DataFrame", "pd.DataFrame", "pd.DataFrame"]:
    """Return `schemas.SEARCH_RECALL`, `SEARCH_KNOWN` and `SEARCH_TERM_RECALL`.

    Known are the records of ``included``; where it names none, those of searches that are lists
    of known records; where there are none, those that were included at full text: of these a
    search has a relative recall, since what none found is not among them.
    """
    cluster = dict(zip(duplicates["row_id"], duplicates["kept_row_id"], strict=True))
    rules = dict(zip(duplicates["row_id"], duplicates["rule"], strict=True))
    of_row = {row: cluster.get(row, row) for row in records["row_id"]}
    rows_of: dict[str, list[str]] = defaultdict(list)
    for row, record in zip(records["row_id"], records["record_id"], strict=True):
        rows_of[record].append(row)
    known, origin = _known(searches, records, included, settled)
    clusters = {record: {of_row[row] for row in rows_of.get(record, ())} for record in known}  # fmt: skip
    members: dict[str, list[str]] = defaultdict(list)
    for row, held in of_row.items():
        members[held].append(row)
    record_of = dict(zip(records["row_id"], records["record_id"], strict=True))
    counted = list(_counted(searches, records, of_row, clusters))
    texts = _Texts(records)
    return (
        tables.frame(_recall(searches, counted, len(known), origin), schemas.SEARCH_RECALL),
        tables.frame(
            [
                {
                    "record_id": record, "study_id": study, "source": one.row["source"], "round": one.row["round"],
                    "found": "yes" if one.found.get(record) else "no",
                    "found_as": _joined({record_of[row] for row in one.found.get(record, ())}),
                    "rule": _joined({rules[row] for row in [*one.found.get(record, ()), *rows_of.get(record, ())] if row in rules and record in one.found}),
                }
                for one in counted
                for record, study in known.items()
            ],
            schemas.SEARCH_KNOWN,
        ),
        tables.frame(
            [row for one in counted for row in _of_terms(one, clusters, members, texts)],
            schemas.SEARCH_TERM_RECALL,
        ),
    )  # fmt: skip


def _joined(values: Iterable[str]) -> str:
    return tables.SEPARATOR.join(sorted(values))


def _known(
    searches: "pd.DataFrame", records: "pd.DataFrame", included: "pd.DataFrame", settled: "pd.DataFrame"
) -> tuple[dict[str, str], str]:  # fmt: skip
    """Return the known records, each with the study it is of where that is told, and where they come from."""
    if len(included):
        return dict(zip(included["record_id"], included["study_id"], strict=True)), "published"  # fmt: skip
    lists = set(searches["source"][searches["kind"] == "listed_records"])
    listed = records["record_id"][records["source"].isin(lists)]
    if len(listed):
        return dict.fromkeys(listed, ""), "listed"
    last = (settled["stage"] == "full_text") & (settled["decision"] == "include")
    return dict.fromkeys(settled["record_id"][last], ""), "screened" if last.any() else ""  # fmt: skip


def _counted(
    searches: "pd.DataFrame", records: "pd.DataFrame", of_row: dict[str, str], clusters: dict[str, set[str]]
) -> Iterator[_Found]:  # fmt: skip
    """Yield every search whose records are at hand, with those of them that are known."""
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row, file in zip(records["row_id"], records["raw_file"], strict=True):
        rows[PurePath(file).parts[-3:-1]].append(row)  # type: ignore[index]
    for search in searches.to_dict("records"):
        if search["kind"] == "listed_records" or search["status"] not in schemas.AT_HAND:  # fmt: skip
            continue
        by_cluster: dict[str, list[str]] = defaultdict(list)
        for row in rows[search["source"], search["round"]]:
            by_cluster[of_row[row]].append(row)
        found = {
            record: [row for one in sorted(held) for row in by_cluster.get(one, ())]
            for record, held in clusters.items()
        }
        yield _Found(search, by_cluster, {record: of for record, of in found.items() if of})  # fmt: skip


def _recall(searches: "pd.DataFrame", counted: list[_Found], n_known: int, origin: str) -> Iterator[dict[str, Any]]:  # fmt: skip
    at_hand = {(one.row["source"], one.row["round"]): one for one in counted}
    for search in searches.to_dict("records"):
        if search["kind"] == "listed_records":
            continue
        one = at_hand.get((search["source"], search["round"]))
        yield {
            "source": search["source"], "round": search["round"], "label": search["label"] or search["source"],
            "known_from": origin, **_counts([one] if one else [], n_known),
        }  # fmt: skip
    if len(counted) > 1:
        yield {"source": ALL, "round": "", "label": "All searches together", "known_from": origin, **_counts(counted, n_known)}  # fmt: skip


def _counts(among: list[_Found], n_known: int) -> dict[str, Any]:
    if not among:
        return {"kind": "not_published", "n_records": "", "n_known": n_known, "n_found": "", "recall": ""}  # fmt: skip
    found = {record for one in among for record in one.found}
    n_records = sum(len(rows) for one in among for rows in one.rows.values())
    if not n_known:
        return {"kind": "no_known_records", "n_records": n_records, "n_known": 0, "n_found": "", "recall": ""}  # fmt: skip
    return {"kind": "counted", "n_records": n_records, "n_known": n_known, "n_found": len(found), "recall": len(found) / n_known}  # fmt: skip


def _of_terms(one: _Found, clusters: dict[str, set[str]], members: Mapping[str, list[str]], texts: "_Texts") -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield a row per block and per term of the string that a search was run with."""
    query = one.row["query_run"]
    if not query.strip() or not clusters:
        return
    tree = parse(query, syntax_of(one.row["platform"], one.row["database"], one.row["source"]))  # fmt: skip
    found = {record: texts.of(rows) for record, rows in one.found.items()}
    missed = {
        record: texts.of(row for held in sorted(of) for row in members[held])
        for record, of in clusters.items()
        if record not in one.found
    }
    for number, block in enumerate(blocks(tree), start=1):
        by_term = [{record for record, text in found.items() if text.has(term)} for term in block.terms]  # fmt: skip
        terms_of = Counter(record for matched in by_term for record in matched)
        whole = {record for record, text in missed.items() if any(map(text.has, block.terms))}  # fmt: skip
        shared = {
            "source": one.row["source"], "round": one.row["round"], "block": number,
            "excluded": "yes" if block.excluded else "",
        }  # fmt: skip
        lost = whole if block.excluded else missed.keys() - whole
        yield {**shared, "place": 0, "term": "", "n_matched": len(terms_of), "n_unseen": "" if block.excluded else len(found) - len(terms_of),
               "n_lost": len(lost), "lost": _joined(lost)}  # fmt: skip
        for place, (term, matched) in enumerate(zip(block.terms, by_term, strict=True), start=1):  # fmt: skip
            lost = {record for record, text in missed.items() if text.has(term)} if block.excluded else {record for record in matched if terms_of[record] == 1}  # fmt: skip
            yield {**shared, "place": place, "term": " ".join(term.text.split()), "field": term.field, "n_matched": len(matched),
                   "n_unseen": "", "n_lost": len(lost), "lost": _joined(lost)}  # fmt: skip


class _Texts:
    """The words of records by row, made when they are asked for."""

    def __init__(self, records: "pd.DataFrame"):
        self._at = {row: place for place, row in enumerate(records["row_id"])}
        self._columns = [list(records[name]) for name in ("title", "abstract", "extra")]

    def of(self, rows: Iterable[str]) -> _Text:
        """Return the words of all some rows."""
        held = [[column[self._at[row]] for column in self._columns] for row in rows]
        return _Text(
            _words(title for title, _, _ in held),
            _words(abstract for _, abstract, _ in held),
            _words(word for _, _, extra in held for word in _keywords(extra)),
        )


def _keywords(extra: str) -> Iterator[str]:
    for name, value in json.loads(extra or "{}").items():
        if _KEYWORDS.search(name):
            yield from value if isinstance(value, list) else [value]


def _words(texts: Iterable[str]) -> str:
    """Return texts as words with single blanks around them; between two texts no phrase runs on."""
    return ".".join(f" {' '.join(_WORD.findall(text.casefold()))} " for text in texts)


@lru_cache(maxsize=1 << 12)
def _pattern(text: str) -> re.Pattern[str] | None:
    """Return what finds a term among words: in a row, each whole but where a wildcard ends it."""
    words = re.findall(r"[^\W_]+[*$]?|\*", text.casefold())
    words = [word for word in words if word != "*"]
    if not words:
        return None
    return re.compile(" " + " ".join(re.escape(word.rstrip("*$")) + (r"\w*" if word[-1] in "*$" else "") for word in words) + " ")  # fmt: skip
