"""Read Ovid's own tagged export ("Citavi", "EndNote"): records that `VN  - Ovid` begins.

It has the look of RIS, without TY and ER, and some of its tags mean other things than there.
"""

import re

from retrace.readers import fields, tagged
from retrace.readers.reading import Reading, as_json
from retrace.readers.ris import LINE, SEPARATOR, doi_of, pmid_of
from retrace.readers.source import Source
from retrace.readers.tagged import first

_VENDOR = rb"[Vv][Nn]  -[ \t]*Ovid "
START = rb"[ \t\xef\xbb\xbf]*(?=" + _VENDOR + rb")"
MARKS = rb"[ \t\xef\xbb\xbf]*" + _VENDOR
_NUMBER = re.compile(rb"[\r\n][ \t]*<\d{1,7}\. ?>\s*\Z")
_SOURCE = re.compile(
    # Forest Ecology. 201(2-3):327-334, 2004. / Cups. Conference: 2nd of Cups. 12 (S3) (pp 1-9), 2018.
    r"(?P<journal>[^;:]+?)\.(?: Conference: .*?\.)? (?P<volume>\d+) ?(?:\((?P<issue>[^()]*)\))?"
    r"(?::|,? \(pp |(?= \(no pagination\)))(?P<pages>[\w-]*)"
    # Acta Biochimica August 2011;43(8):647-653
    r"|(?P<journal2>[^;:.]+?)(?: (?:(?:Jan|Febr)uary|March|April|May|June|July|August|(?:Sept|Nov|Dec)ember|October)"
    r"(?:/[A-Z][a-z]+)?)? [12]\d{3};(?P<volume2>\d+)(?:\((?P<issue2>[^()]*)\))?"
    r":(?P<pages2>[\w-]+)"
)


def read(source: Source) -> Reading:
    """Return the records of a file, each from its vendor's line to the next one's number."""
    out = Reading(source, "ovid", SEPARATOR, MARKS)
    begun = tagged.Lines(source.data).opening(b"vn", START)
    for start, limit in tagged.bounds(begun, len(source.data)):
        number = _NUMBER.search(source.data, max(start, limit - 40), limit)
        stop = number.start() if number else limit
        found = tagged.by_tag(LINE.split(source.lines(start, stop)))
        if len(found) < 3:
            out.reject(start, stop, "a record without a field")
        else:
            out.record(start, stop, _values(found))
    out.warn_if_open()
    out.counted = tagged.count(source.data, b"VN  - Ovid ")
    return out


def _values(found: dict[str, list[str]]) -> tuple[str, ...]:
    """Return a record's values: IS is its ISSN here, and SO holds what has no tag of its own.

    BIOSIS writes what a name is behind it: "Kanne, Bo [Reprint Author]".
    """
    database = found["DB"][0].lower() if "DB" in found else ""
    names = found.pop("FA", []) or found.pop("AU", [])
    cited = found["SO"][0] if "SO" in found else ""
    parsed = _SOURCE.match(cited)
    told = parsed.groupdict() if parsed else {}

    def value(name: str, *tags: str) -> str:
        return first(found, *tags) or told.get(name) or told.get(f"{name}2") or ""

    pmid = ""
    if "medline" in database and "UI" in found and found["UI"][0].isdigit():
        pmid = found["UI"][0]
    doi = doi_of(found)
    dated = fields.take_year(found, "YR", "DP") or fields.year(cited)
    return (
        first(found, "AN", "UI").rstrip("."), first(found, "TI"),
        fields.names(name.partition(" [")[0].strip() for name in names), dated,
        value("journal", "JT", "JN", "NJ"), value("volume", "VI", "VO"), value("issue", "IP"),
        value("pages", "PG"), doi, pmid or pmid_of(found), " ".join(found.pop("AB", ())),
        "; ".join(found.pop("PT", []) or found.pop("DT", [])), "", as_json(found),
    )  # fmt: skip
