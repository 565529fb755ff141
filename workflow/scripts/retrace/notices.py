"""Tell what became of the included records since they were published: notices on them, and where they can be read.

It stands in answers that are kept: those to `retrace freeze --included`, which asks services for these
records by their identifiers, and those to searches that were frozen. Nobody is asked here; of what
nobody was asked about, that is said.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from retrace import schemas, tables

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("retracted", "expression_of_concern", "corrected")
NOT_KNOWN, NOT_ASKED = "not_known", "not_asked"
SAID_BY = {
    "retracted": "retracted",
    "expression_of_concern": "subject to an expression of concern",
    "corrected": "corrected",
}
"""How a sentence says each kind of notice."""

LOOKED_AT = ("raw_file", "record_id", "doi", "pmid", "type", "extra", "row_id", "raw_offset")  # fmt: skip
"""The columns of `schemas.RECORDS` that are needed."""

_PUBMED = {
    "RetractionIn": "retracted",
    "RetractedandRepublishedIn": "retracted",
    "ExpressionOfConcernIn": "expression_of_concern",
    "ErratumIn": "corrected",
    "CorrectedandRepublishedIn": "corrected",
}
"""RefType of CommentsCorrections: https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html."""
_CROSSREF = {
    "retraction": "retracted",
    "withdrawal": "retracted",
    "removal": "retracted",
    "expression_of_concern": "expression_of_concern",
    "partial_retraction": "corrected",
    "correction": "corrected",
    "corrigendum": "corrected",
    "erratum": "corrected",
}
"""Types of updated-by: https://crossref.gitlab.io/tutorials/get-rw-metadata/, with the notices of Retraction Watch."""
_RETRACTED = "Retracted Publication"
"""The type of publication that PubMed, and Europe PMC after it, gives what was retracted."""


@dataclass(frozen=True)
class Answers:
    """Rounds of searches as `readers.read_all` gives them: tables of these names in `schemas`."""

    searches: "pd.DataFrame"
    files: "pd.DataFrame"
    records: "pd.DataFrame"

    @classmethod
    def none(cls) -> "Answers":
        """Return what there is where nobody was asked."""
        return cls(*map(tables.empty, (schemas.SEARCHES, schemas.FILES, schemas.RECORDS)))  # fmt: skip


@dataclass
class Said:
    """What one record of an answer says of itself: notices as (kind, words), open access and an address."""

    notices: list[tuple[str, str]] = field(default_factory=list)
    access: str = ""
    url: str = ""


@dataclass(frozen=True)
class _Answer:
    """A record of an answer: the service and its day, what it says, and where it stands."""

    service: str
    day: str
    said: Said
    row_id: str
    offset: str


def said(format: str, type: str, extra: str) -> Said:
    """Return what a record says, from its type and further fields as the reader of its format gives them."""
    if format not in _READ:
        return Said()
    return _READ[format][1](type, json.loads(extra or "{}"))


def tabulate(
    *,
    included: "pd.DataFrame",
    settled: "pd.DataFrame",
    reports: "pd.DataFrame",
    deduplicated: "pd.DataFrame",
    duplicates: "pd.DataFrame",
    found: Answers,
    asked: Answers,
) -> "pd.DataFrame":
    """Return one row per included study and record of it, `schemas.NOTICES`.

    ``found`` are the review's searches, ``asked`` the rounds of `retrace freeze --included`. Of each
    service its latest day counts. A record is an answer's where DOI, PubMed's number or the
    record itself is the same.
    """
    kept_of = dict(tables.rows(duplicates, "record_id", "kept_id"))
    of_record = {record: row for record, *row in tables.rows(deduplicated, "record_id", "title", "doi", "pmid")}  # fmt: skip
    pairs = list(_included(included, settled, reports, kept_of))
    names = {record: set(_names(record, *of_record.get(record, ("",) * 3)[1:])) for _, record in pairs}  # fmt: skip
    for record, kept in kept_of.items():
        if kept in names:
            names[kept].update(_names(record, "", ""))
    for record, doi, pmid in tables.rows(found.records, "record_id", "doi", "pmid"):
        if (kept := kept_of.get(record, record)) in names:
            names[kept].update(_names(record, doi, pmid))
    wanted = {name for held in names.values() for name in held}
    by_name: dict[str, list[_Answer]] = defaultdict(list)
    for answers in (found, asked):
        for name, answer in _answers(answers, wanted):
            by_name[name].append(answer)
    questions = list(_questions(asked.searches))
    rows = []
    for study, record in pairs:
        title, doi, pmid = of_record.get(record, ("",) * 3)
        rows.append(
            {"study_id": study, "record_id": record, "title": title, "doi": doi, "pmid": pmid, "link": link(doi)}
            | _row(names[record], by_name, questions)
        )  # fmt: skip
    return tables.frame(rows, schemas.NOTICES)


def warn(notices: "pd.DataFrame") -> "pd.DataFrame":
    """Return a line for each kind of notice on included studies, `schemas.WARNINGS`."""
    rows = []
    for kind in KINDS:
        of = [row for row in notices.itertuples() if kind in tables.values(row.notice)]
        if of:
            n = len({row.study_id for row in of})
            each = "; ".join(f"{row.study_id} ({_by_whom(row.says, kind)})" for row in of)  # fmt: skip
            are = "study is" if n == 1 else "studies are"
            rows.append((kind, "new_studies", f"{n} included {are} {SAID_BY[kind]}: {each}."))  # fmt: skip
    return tables.frame(rows, schemas.WARNINGS)


def link(doi: str) -> str:
    """Return the address that a DOI resolves at."""
    return f"https://doi.org/{quote(doi, safe='/:;()._-')}" if doi else ""


def _included(
    included: "pd.DataFrame", settled: "pd.DataFrame", reports: "pd.DataFrame", kept_of: Mapping[str, str]
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Yield every included study with each record that was included of it, as the flow counts them."""
    study_of = {kept_of.get(record, record): study for record, study in tables.rows(reports, "record_id", "study_id")}  # fmt: skip
    seen = set()
    for study, record in tables.rows(included, "study_id", "record_id"):
        seen.add((study, kept_of.get(record, record)))
        yield study, kept_of.get(record, record)
    for record, stage, decision in tables.rows(settled, "record_id", "stage", "decision"):  # fmt: skip
        pair = study_of.get(record, record), record
        if (stage, decision) == ("full_text", "include") and pair not in seen:
            yield pair


def _names(record: str, doi: str, pmid: str) -> Iterator[str]:
    """Yield what a record goes by; DOIs do not differ by case (DOI Handbook 2.4)."""
    yield f"record {record}"
    if doi:
        yield doi.casefold()
    if pmid:
        yield pmid


def _answers(answers: Answers, wanted: set[str]) -> Iterator[tuple[str, _Answer]]:
    """Yield every record of a kept answer that goes by a wanted name, by that name."""
    days = {
        (row.source, row.round): row.round
        for row in answers.searches.itertuples()
        if row.status == "frozen"
    }
    format_of = {
        path: format
        for path, format in tables.rows(answers.files, "raw_file", "format")
        if format in _READ and PurePath(path).parts[-3:-1] in days
    }
    for path, record, doi, pmid, kind, extra, row_id, offset in tables.rows(answers.records, *LOOKED_AT):  # fmt: skip
        if path not in format_of:
            continue
        mine = wanted.intersection(_names(record, doi, pmid))
        if mine:
            format = format_of[path]
            day = days[PurePath(path).parts[-3:-1]]  # type: ignore[index]
            answer = _Answer(_READ[format][0], day, said(format, kind, extra), row_id, offset)  # fmt: skip
            for name in mine:
                yield name, answer


def _questions(searches: "pd.DataFrame") -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield of each round the service, the day and the identifiers that were asked for."""
    for row in searches.itertuples():
        names = frozenset(str(row.query_run).casefold().split())
        yield str(row.platform), str(row.round), names


def _row(
    mine: set[str], by_name: Mapping[str, list[_Answer]], questions: Iterable[tuple[str, str, frozenset[str]]]
) -> dict[str, Any]:  # fmt: skip
    """Return what services say of one record: of each its latest day, be it that it does not know it."""
    days: dict[str, dict[str, list[_Answer]]] = defaultdict(lambda: defaultdict(list))
    for service, day, names in questions:
        if names & mine:
            days[service].setdefault(day, [])
    for name in sorted(mine):
        for answer in by_name.get(name, ()):
            if answer not in days[answer.service][answer.day]:
                days[answer.service][answer.day].append(answer)
    latest = [(service, *max(of.items())) for service, of in sorted(days.items())]
    known = [f"{service} {day}" for service, day, of in latest if of]
    lacking = [f"{service} {day}" for service, day, of in latest if not of]
    kinds: set[str] = set()
    says: dict[str, None] = {}
    for service, day, of in latest:
        for kind, words in (notice for answer in of for notice in answer.said.notices):
            kinds.add(kind)
            says[f"{kind}: {service} {day}{f', {words}' if words else ''}"] = None
    access = next((answer.said for _, _, of in latest for answer in of if answer.said.access), None)  # fmt: skip
    was_asked = {service for service, _, _ in latest} & set(OF_ACCESS)
    used = sorted((answer for *_, of in latest for answer in of), key=lambda one: one.row_id)  # fmt: skip
    return {
        "notice": tables.SEPARATOR.join(kind for kind in KINDS if kind in kinds)
        or ("none" if known else NOT_KNOWN if lacking else NOT_ASKED),
        "says": " | ".join(sorted(says, key=lambda one: KINDS.index(one.partition(":")[0]))),
        "known_to": tables.SEPARATOR.join(known),
        "not_known_to": tables.SEPARATOR.join(lacking),
        "open_access": access.access if access else NOT_KNOWN if was_asked else NOT_ASKED,
        "full_text": access.url if access else "",
        "answers": tables.SEPARATOR.join(answer.row_id for answer in used),
        "offsets": tables.SEPARATOR.join(answer.offset or "0" for answer in used),
    }  # fmt: skip


def _by_whom(says: str, kind: str) -> str:
    """Return the services that name a notice of one kind, each with its day."""
    return ", ".join(
        dict.fromkeys(
            one.partition(": ")[2].partition(",")[0]
            for one in says.split(" | ")
            if one.startswith(f"{kind}: ")
        )
    )


def _all(extra: Mapping[str, Any], name: str) -> list[str]:
    """Return the values of a further field, of which a reader gives one as a text and several as a list."""
    held = extra.get(name, [])
    return held if isinstance(held, list) else [held]


def _of_pubmed(type: str, extra: Mapping[str, Any]) -> Said:
    found: dict[tuple[str, str], None] = {}
    for kind, what in _PUBMED.items():
        for words in _all(extra, f"CommentsCorrections[{kind}]/RefSource"):
            found[what, words] = None
    if not any(what == "retracted" for what, _ in found):
        found |= dict.fromkeys(_of_type(type))
    return Said(list(found))


def _of_crossref(type: str, extra: Mapping[str, Any]) -> Said:
    kinds = _all(extra, "updated-by/type")
    dois, sources = (_all(extra, f"updated-by/{name}") for name in ("DOI", "source"))
    # Lists of fields tell which belong together only where no object lacks one.
    dois = dois if len(dois) == len(kinds) else [""] * len(kinds)
    sources = sources if len(sources) == len(kinds) else [""] * len(kinds)
    return Said(
        [
            (_CROSSREF[kind], f"{doi} ({source or 'source not named'})".strip())
            for kind, doi, source in zip(kinds, dois, sources, strict=True)
            if kind in _CROSSREF
        ]
    )


def _of_openalex(type: str, extra: Mapping[str, Any]) -> Said:
    is_retracted = extra.get("is_retracted") == "true"
    return Said(
        [("retracted", "is_retracted")] if is_retracted else [],
        "".join(_all(extra, "open_access/oa_status")[:1]),
        "".join(_all(extra, "open_access/oa_url")[:1]),
    )


def _of_europe_pmc(type: str, extra: Mapping[str, Any]) -> Said:
    return Said(list(_of_type(type)))


def _of_type(type: str) -> Iterator[tuple[str, str]]:
    if _RETRACTED.casefold() in (one.strip().casefold() for one in type.split(";")):
        yield "retracted", _RETRACTED


_READ = {
    "pubmed_xml": ("PubMed", _of_pubmed),
    "europe_pmc": ("Europe PMC", _of_europe_pmc),
    "openalex": ("OpenAlex", _of_openalex),
    "crossref": ("Crossref", _of_crossref),
}
"""The formats of services that tell of notices: the service, and what reads a record's fields. Scopus tells of none."""
OF_ACCESS = ("OpenAlex",)
"""The services that say whether a record is open access: https://docs.openalex.org/api-entities/works/work-object#openaccess."""
