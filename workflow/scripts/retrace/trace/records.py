"""Tell the story of a record: where it was read, what it was merged with, who decided what on it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from retrace import schemas, screening
from retrace.trace.behind import answers_of, place_of
from retrace.trace.ids import BOX_MEMBERS
from retrace.trace.written import Written

DUPLICATES = schemas.DUPLICATES.path
BORDERLINE = schemas.BORDERLINE.path
SETTLED = schemas.SETTLED.path
OVERRIDES = schemas.OVERRIDES.path
REPORTS = schemas.REPORTS.path
INCLUDED = schemas.INCLUDED.path
NOTICES = schemas.NOTICES.path


def story(written: Written, name: str) -> dict[str, Any]:
    """Return all that is written of a record, asked for by its id or by the id of one of its rows."""
    by_row = written.records([name], "row_id")
    asked = by_row[name][0]["record_id"] if by_row else name
    kept, merges = copies(written, asked)
    for merge in merges:
        merge["similarities"] = json.loads(merge["similarities"] or "{}")
    ids = list(dict.fromkeys([kept, asked, *(one["record_id"] for one in merges)]))
    rows = [row for rows in written.records(ids).values() for row in rows]
    main = next((row for row in rows if row["record_id"] == kept), rows[0])
    whole = written.deduplicated(kept)
    studies = studies_of(written, ids)
    reports = [one for study in studies for one in (study.get("report_id"), study["study_id"]) if one]  # fmt: skip
    members = [*ids, *(row["row_id"] for row in rows), *reports]
    return {
        "value": main["title"],
        "title": main["title"],
        "year": main["year"],
        "doi": main["doi"],
        "kept_id": kept,
        "places": [place_of(written, row) for row in rows],
        "sources": whole.get("sources", ""),
        "origins": json.loads(whole.get("origins") or "{}"),
        "merges": merges,
        "overrides": _rows(written, OVERRIDES, ["record_id", "kept_id"], ids),
        "borderline": _rows(written, BORDERLINE, ["record_id", "other_id"], ids),
        "decisions": decisions_on(written, ids),
        "resolutions": _rows(written, screening.RESOLUTIONS, ["record_id"], ids),
        "settled": _rows(written, SETTLED, ["record_id"], ids),
        "studies": studies,
        "notices": notices_on(written, ids),
        "boxes": _boxes(written, members),
        "members": [],
        "ids": list(dict.fromkeys(members)),
    }


def copies(written: Written, record_id: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the record that stands for a record, and every row that was merged into that one."""
    found = _rows(written, DUPLICATES, ["record_id", "kept_id"], [record_id])
    kept = next((one["kept_id"] for one in found if one["record_id"] == record_id), record_id)  # fmt: skip
    return kept, _rows(written, DUPLICATES, ["kept_id"], [kept])


def at_stage(written: Written, record_id: str, stage: str) -> list[dict[str, Any]]:
    """Return what reviewers decided on a record, or a copy of it, at one stage, and what was agreed."""
    kept, merges = copies(written, record_id)
    ids = [kept, record_id, *(one["record_id"] for one in merges)]
    agreed = _rows(written, screening.RESOLUTIONS, ["record_id"], ids)
    return [one for one in [*decisions_on(written, ids), *agreed] if one["stage"] == stage]  # fmt: skip


def decisions_on(written: Written, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return each reviewer's decisions on some records, with their places."""
    ids, unread = list(ids), schemas.DECISIONS.beside
    return [
        {"reviewer": path.stem} | {name: row[name] for name in row if name not in unread}
        for path in sorted(Path(screening.DIRECTORY).glob("*.csv"))
        for row in _rows(written, path.as_posix(), ["record_id"], ids)
        if row["decision"]
    ]  # fmt: skip


def studies_of(written: Written, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return the reports and studies that records are of, as far as somebody wrote it down."""
    ids = list(ids)
    return [row for path in (REPORTS, INCLUDED) for row in _rows(written, path, ["record_id"], ids)]  # fmt: skip


def notices_on(written: Written, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return what services said of included records or studies, with the places of the answers that say it."""
    found = _rows(written, NOTICES, ["record_id", "study_id"], ids)
    return [row | {"places": answers_of(written, row)} for row in found]


def records_of(written: Written, name: str) -> list[dict[str, Any]]:
    """Return the records of a study or report, each with its place and where it is said to be of it."""
    said = [
        row
        for path, columns in ((REPORTS, ["study_id", "report_id"]), (INCLUDED, ["study_id"]))
        for row in _rows(written, path, columns, [name])
    ]  # fmt: skip
    found = written.records([row["record_id"] for row in said] or [name])
    by_id = {row["record_id"]: row for row in said}
    return [
        {
            "id": record, "title": rows[0]["title"], "doi": rows[0]["doi"], "said": by_id.get(record),
            "places": [place_of(written, row) for row in rows],
        }
        for record, rows in found.items()
    ]  # fmt: skip


def _boxes(written: Written, members: Iterable[str]) -> list[dict[str, Any]]:
    return _rows(written, BOX_MEMBERS, ["member_id"], members)


def _rows(
    written: Written, path: str, columns: list[str], words: Iterable[str]
) -> list[dict[str, Any]]:
    """Return rows of a file with their places."""
    if not Path(path).is_file():
        return []
    return [
        {"file": path, "line": line, "sha256": written.digest(path)} | row
        for line, row in written.rows_with(path, columns, words)
    ]
