"""Read the plain text of the Cochrane Library: `Record #1 of 6`, then lines `TI: title`."""

import re

from retrace.readers import fields, tagged
from retrace.readers.reading import Reading, as_json
from retrace.readers.source import Source
from retrace.readers.tagged import first

START = rb"(?:\xef\xbb\xbf|[ \t])*(?=[Rr]ecord #?\d+ of \d+[ \t]*[\r\n])"
MARKS = rb"[^\w\r\n]{0,6}[Rr]ecord #?\d+ of"
CUT = (
    rb"R(?:e(?:c(?:o(?:r(?:d(?: #?(?:\d+(?: (?:o(?:f(?: (?:\d+)?)?)?)?)?)?)?)?)?)?)?)?"
)
SEPARATOR = re.compile(rb"(?:\s|\xef\xbb\xbf|\x1a|\0)*+")
LINE = re.compile(r"\n([A-Z]{2}):(?:[ \t]|(?=\n|\Z))")


def read(source: Source) -> Reading:
    """Return the records of a Cochrane text file."""
    out = Reading(source, "cochrane", SEPARATOR, MARKS)
    data = source.data
    begun = tagged.Lines(data).opening(b"record ", START)
    for start, limit in tagged.bounds(begun, tagged.cut(data, CUT)):
        found = tagged.by_tag(LINE.split(source.lines(start, limit)))
        if found:
            out.record(start, limit, _values(found))
        else:
            out.reject(start, limit, "a record without a field")
    out.warn_if_open()
    return out


def _values(found: dict[str, list[str]]) -> tuple[str, ...]:
    dated = fields.take_year(found, "YR", "SO")
    doi = fields.doi(" ".join(found.get("DOI", found.get("US", ()))))
    pmid = next(
        (fields.pmid(value) for value in found.get("PM", ()) if "PUBMED" in value), ""
    )
    return (
        first(found, "ID", "AN"), first(found, "TI"), fields.names(found.pop("AU", ())), dated,
        first(found, "SO", "JN"), first(found, "VL"), first(found, "NO"), first(found, "PG"), doi,
        pmid, " ".join(found.pop("AB", ())), first(found, "PT"), first(found, "US"), as_json(found),
    )  # fmt: skip
