"""Turn the files of a review's searches into one table of records.

A record's row is a place, a file and a position in it; nothing that stands in a file is
dropped silently: it is a record, or a reject with its place and reason.
"""

import gc
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables, yamlfile
from retrace.errors import Problem, ReviewError, TableError
from retrace.readers import detect, sheet
from retrace.readers.reading import Reading
from retrace.readers.source import Source, open_source

if TYPE_CHECKING:
    import pandas as pd

MODULES = {
    "ris": "ris",
    "nbib": "nbib",
    "wos": "wos",
    "enw": "enw",
    "cochrane": "cochrane",
    "bibtex": "bibtex",
    "pubmed_xml": "pubmed_xml",
    "endnote_xml": "endnote_xml",
    "csv": "delimited",
    "workbook": "sheet",
}
"""The module that reads each format."""

SEARCH_SCHEMA = Path(__file__).resolve().parents[3] / "schemas/search.schema.json"


def read_bytes(data: bytes, format: str = "") -> Reading:
    """Return the records of an export, in the format that its content is in, or a given one.

    What is no export gives a reading without records and one listed piece of junk.
    """
    # Reading makes many small objects and no cycles among them: looking for such takes a third
    # of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(data, format)
    finally:
        if collecting:
            gc.enable()


def _read(data: bytes, format: str) -> Reading:
    why = ""
    if not format:
        format, why = detect.container(data)
    if format == "workbook":
        return sheet.read(Source(data, len(data), "binary"))
    source = Source(data, len(data), "binary") if why else open_source(data)
    if not format and not why:
        format, why = detect.text(source)
    if why:
        reading = Reading(source, "none")
        reading.junk(0, len(source.data), why)
        return reading
    reading = import_module(f"retrace.readers.{MODULES[format]}").read(source)
    reading.warnings[:0] = source.warnings
    return reading


def read_searches(
    search_files: Iterable[str | Path],
) -> tuple["pd.DataFrame", "pd.DataFrame", "pd.DataFrame"]:
    """Return the searches, all their records and all rejects of `search.yaml` files.

    The tables are `schemas.SEARCHES`, `schemas.RECORDS` and `schemas.REJECTS`. Records get
    their ids in `records.identify`.

    Raises:
        ReviewError: a search.yaml does not fit its schema, or files and status disagree.
    """
    searches: list[dict[str, Any]] = []
    records: list[pd.DataFrame] = []
    rejects: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for path in sorted(Path(file) for file in search_files):
        try:
            search = yamlfile.load(path, SEARCH_SCHEMA)
        except ReviewError as error:
            problems += error.problems
            continue
        problems += _disagreements(path, search)
        found = 0
        for file in export_files(path):
            reading = read_bytes(file.read_bytes())
            found += len(reading)
            rejects += rejects_of(reading, file.as_posix())
            records.append(records_of(reading, file.as_posix(), search["source"]))
        known = {name: search.get(name) for name in schemas.SEARCHES.names}
        searches.append(
            {
                **{
                    name: "" if value is None else value
                    for name, value in known.items()
                },
                "round": path.parent.name,
                "limits": str(search.get("limits") or "").strip(),
                "note": str(search.get("note") or "").strip(),
                "n_read": found if search["status"] != "reported_only" else "",
            }
        )
    if problems:
        raise TableError(problems)
    return (
        tables.frame(searches, schemas.SEARCHES),
        together(records),
        tables.frame(rejects, schemas.REJECTS),
    )


def records_of(reading: Reading, raw_file: str, source: str) -> "pd.DataFrame":
    """Return the records of one file in the columns of `schemas.RECORDS`, without ids."""
    positions = [str(ordinal) for ordinal in reading.ordinals]
    frame = reading.table().to_pandas()
    frame["raw_position"] = positions
    frame["raw_offset"] = [
        "" if place is None else str(place) for place in reading.place(reading.starts)
    ]
    frame["row_id"] = [f"{raw_file}#{position}" for position in positions]
    frame["raw_file"], frame["source"], frame["record_id"] = raw_file, source, "-"
    return frame[schemas.RECORDS.names]


def rejects_of(reading: Reading, raw_file: str) -> list[dict[str, Any]]:
    """Return what could not be read of one file as rows of `schemas.REJECTS`."""
    places = reading.place([reject.start for reject in reading.rejects])
    return [
        {
            "raw_file": raw_file,
            "ordinal": "" if reject.ordinal is None else reject.ordinal,
            "byte_offset": "" if place is None else place,
            "reason": reject.reason,
        }
        for reject, place in zip(reading.rejects, places, strict=True)
    ]


def together(frames: "list[pd.DataFrame]") -> "pd.DataFrame":
    """Return the records of several files as one table."""
    import pandas as pd

    frames = [frame for frame in frames if len(frame)]
    return (
        pd.concat(frames, ignore_index=True)
        if frames
        else tables.empty(schemas.RECORDS)
    )


def export_files(search_file: str | Path) -> list[Path]:
    """Return the files beside a search.yaml, in the order of their names."""
    return sorted(
        path
        for path in Path(search_file).parent.iterdir()
        if path.is_file()
        and path.name != "search.yaml"
        and not path.name.startswith(".")
    )


def _disagreements(path: Path, search: dict[str, Any]) -> list[Problem]:
    problems = []
    files = export_files(path)
    if search["status"] == "reported_only" and files:
        problems.append(
            Problem(
                str(path),
                0,
                "status",
                f"reported_only, but {files[0].name} lies beside it",
                "no export file, or another status",
                "set status: exported",
            )
        )
    if search["status"] != "reported_only" and not files:
        problems.append(
            Problem(
                str(path),
                0,
                "status",
                f"{search['status']}, but no file lies beside it",
                "at least one file of records",
                "add the export, or set status: reported_only",
            )
        )
    if search["source"] != path.parents[1].name:
        problems.append(
            Problem(
                str(path),
                0,
                "source",
                f"{search['source']!r}",
                f"the folder's name, {path.parents[1].name}",
                "rename one of them",
            )
        )
    day = str(search.get("searched_on") or "undated")
    if day != path.parent.name:
        problems.append(
            Problem(
                str(path),
                0,
                "searched_on",
                day,
                f"the folder's name, {path.parent.name}",
                "rename one of them",
            )
        )
    return problems
