"""Read one export: find its format and encoding, call the reader, and hand on tables.

A record's row is a place, a file and a position in it; nothing that stands in a file is
dropped silently: it is a record, or a reject with its place and reason.
"""

import gc
import json
import re
from collections import defaultdict
from importlib import import_module
from typing import TYPE_CHECKING, Any

from retrace import schemas
from retrace.readers import detect
from retrace.readers.reading import FIELDS, Reading
from retrace.readers.source import Source, open_source

if TYPE_CHECKING:
    import pyarrow as pa

MODULES = {
    "ris": "ris",
    "ovid": "ovid",
    "nbib": "nbib",
    "wos": "wos",
    "enw": "enw",
    "cochrane": "cochrane",
    "bibtex": "bibtex",
    "pubmed_xml": "pubmed_xml",
    "endnote_xml": "endnote_xml",
    "europe_pmc": "europe_pmc",
    "europe_pmc_xml": "europe_pmc",
    "openalex": "openalex",
    "crossref": "crossref",
    "scopus_api": "scopus_api",
    "esearch": "esearch",
    "csv": "delimited",
    "embase_blocks": "embase_blocks",
    "workbook": "workbook",
}
"""The module that reads each format."""


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
    source = (
        Source(data, len(data), "binary")
        if why or format == "workbook"
        else open_source(data)
    )
    if not format and not why:
        format, why = detect.text(source)
    if why:
        reading = Reading(source, "none")
        reading.junk(0, len(source.data), why)
        return reading
    reading = import_module(f"retrace.readers.{MODULES[format]}").read(source)
    reading.close()
    reading.warnings[:0] = source.warnings
    return reading


def records_of(reading: Reading, raw_file: str, source: str) -> "pa.Table":
    """Return the records of one file in the columns of `schemas.RECORDS`, without ids."""
    import pyarrow as pa

    _distrust_repeats(reading)
    table = reading.table()
    columns = dict(zip(FIELDS, table.columns, strict=True))
    positions = [str(ordinal) for ordinal in reading.ordinals]
    places = reading.place(reading.starts)
    columns["raw_position"] = pa.array(positions, pa.string())
    columns["raw_offset"] = pa.array(
        ["" if place is None else str(place) for place in places], pa.string()
    )
    columns["row_id"] = pa.array(
        [f"{raw_file}#{position}" for position in positions], pa.string()
    )
    for name, value in {
        "raw_file": raw_file,
        "source": source,
        "record_id": "-",
    }.items():
        columns[name] = pa.repeat(pa.scalar(value, pa.string()), len(positions))
    return pa.table({name: columns[name] for name in schemas.RECORDS.names})


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


def warnings_of(reading: Reading, raw_file: str) -> list[dict[str, Any]]:
    """Return what is odd in one file as rows of `schemas.WARNINGS`, each kind of oddity once."""
    times: dict[str, list[int]] = defaultdict(list)
    for at, says in reading.warnings:
        times[says].append(at)
    places = reading.place([min(held) for held in times.values()])
    return [
        {
            "code": "reading",
            "where": raw_file if place is None else f"{raw_file}, byte {place}",
            "says": f"{says}; {len(held) - 1} more such" if len(held) > 1 else says,
        }
        for (says, held), place in zip(times.items(), places, strict=True)
    ]


def file_of(reading: Reading, raw_file: str, source: str) -> dict[str, Any]:
    """Return what one file is and holds as a row of `schemas.FILES`."""
    return {
        "raw_file": raw_file,
        "source": source,
        "format": reading.format,
        "encoding": reading.source.encoding,
        "n_bytes": reading.source.size,
        "n_records": len(reading),
        "n_rejects": reading.n_rejected,
        "n_counted": "" if reading.counted is None else reading.counted,
    }


def _distrust_repeats(reading: Reading) -> None:
    """Blank the accession numbers that differing records of one file share.

    A database gives a number once. A column that repeats it for other titles counts something
    else, and would make one record of two.
    """
    accessions = reading.column("accession")
    held: dict[str, list[int]] = defaultdict(list)
    for row, accession in enumerate(accessions):
        if accession:
            held[accession].append(row)
    repeated = {number: rows for number, rows in held.items() if len(rows) > 1}
    if not repeated:
        return
    titles, extras = reading.column("title"), reading.column("extra")
    blanked = 0
    for number, rows in repeated.items():
        if len({re.sub(r"\W+", "", titles[row].casefold())[:40] for row in rows}) > 1:
            blanked += len(rows)
            for row in rows:
                accessions[row] = ""
                extra = {**json.loads(extras[row]), "accession": number}
                extras[row] = json.dumps(extra, ensure_ascii=False, sort_keys=True)
    if blanked:
        reading.replace("accession", accessions)
        reading.replace("extra", extras)
        reading.warn(
            0,
            f"{blanked} records share accession numbers under different titles: their numbers are not used",
        )
