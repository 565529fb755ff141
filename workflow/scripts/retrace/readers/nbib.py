"""Read NBIB, the tagged form of PubMed: `PMID- ` and the lines up to the next one.

Records are told apart by their first line and by blank lines, never by one of them alone:
some programs write no blank line, and ERIC writes no PMID.
"""

import re

from retrace.readers import fields, tagged
from retrace.readers.reading import Reading, as_json, needs_no_escape
from retrace.readers.source import Source
from retrace.readers.tagged import first

START = rb"[ \t\xef\xbb\xbf]*(?=[Pp][Mm][Ii][Dd] ?-[ \t]*\d)"
BLOCK = rb"[ \xef\xbb\xbf]{0,3}(?=(?:OWN |STAT|DCOM|TI  |AU  |FAU )- )"
MARKS = rb"[^\w\r\n]{0,6}[Pp][Mm][Ii][Dd]-? ?-?[ \t]*\d"
CUT = rb"P(?:M(?:I(?:D(?:-[ ]?)?)?)?)?"
SEPARATOR = re.compile(rb"(?:\s|\xef\xbb\xbf|\x1a|\0|\d{1,7}[.:])*+")
_KNOWN = (
    "(?:PMID|OWN|STAT|DCOM|L[RA]|LID|ISSN|ISBN|I[SPR]|IRAD|V[IT]|D[PAR]|DEP|DRDT|T[IAT]|PG|A[BDU]|AUID|AID|FAU"
    "|CI|CN|SI|GR|P[TLSB]|PST|PMCR?|PHST|J[TI]D?|S[BO]|MHD?A?|M[HI]D?|EDAT|CRDT|CDAT|COIS|OTO?|OID|OCI|OABL?|RN|RF|FIR|BTI|CTI|EN|ED|FED"
    "|CO[NM]|C[OR][NIFM]|E[CIFR][NFI]|UIN|UOF|ORI|R[OPR][NFI]|GN|SPIN)"
)
LINE = re.compile(
    r"\n([A-Z][A-Z0-9 ]{3}(?=- )"  # as it should be
    # What follows costs much to try: most lines that go on a text end here.
    rf"|[ \t]{{0,3}}(?=[A-Za-z]{{2,4}}[ \t]{{0,3}}-)(?i:{_KNOWN})(?=[ \t]{{0,3}}-(?:[ \t\r\n]|\Z)))(?:- |[ \t]*-[ \t]?)"
)


def read(source: Source) -> Reading:
    """Return the records of an NBIB file."""
    data = source.data
    is_numbered = re.match(MARKS, data) or re.search(rb"[\r\n]" + MARKS, data)
    out = Reading(source, "nbib", SEPARATOR, MARKS if is_numbered else None)
    for start, limit in tagged.bounds(_begun(data), tagged.cut(data, CUT)):
        _record(out, start, limit)
    out.warn_if_open()
    out.counted = tagged.count(data, b"PMID-") if is_numbered else None
    return out


def _begun(data: bytes) -> list[int]:
    """Return where records begin.

    A block behind a blank line is a record, too, where no PMID line is at its head.
    """
    lines = tagged.Lines(data)
    begun = [*lines.opening(b"pmid", START), *lines.behind_blank_ones(BLOCK)]
    head = re.match(rb"\s*" + BLOCK, data)
    if head and head.end() not in begun:
        begun.append(head.end())
    return sorted(begun)


def _record(out: Reading, start: int, end: int) -> None:
    text = out.source.lines(start, end)
    # A wrapped line ends in a blank of its own; the second one is taken out where it shows.
    text = " ".join(text.split("\n      "))  # faster than replacing
    parts = LINE.split(text)
    found = tagged.by_tag(parts)
    if len(found) < 4 and not (found.keys() - {"PMID", "OWN", "STAT"}):
        out.reject(start, end, "a record without a field")
        return
    if len(found.get("TI", ())) > 1:
        out.warn(start, "a record with two titles: a PMID line may be missing")
    out.record(start, end, _values(found, needs_no_escape(text)))


def _values(found: dict[str, list[str]], plain: bool) -> tuple[str, ...]:
    pmid = first(found, "PMID").split(" ")[0]
    authors = found.pop("FAU", None) or found.pop("AU", [])
    authors += found.pop("CN", ())
    dated = fields.take_year(found, "DP", "DEP", "DA")
    doi = ""
    for tag in ("LID", "AID", "SO"):
        for value in found.get(tag, ()):
            if "10." in value and (
                doi := fields.doi(value.removesuffix("[doi]").rstrip())
            ):
                break
        if doi:
            break
    return (
        pmid or (found["OID"][0] if "OID" in found else ""), _spaced(first(found, "TI", "BTI", "TT")),
        "; ".join(authors), dated, first(found, "JT", "TA", "CTI"), first(found, "VI"),
        first(found, "IP"), first(found, "PG"), doi, pmid, _spaced(" ".join(found.pop("AB", ()))),
        "; ".join(found.pop("PT", ())), "", as_json(found, plain),
    )  # fmt: skip


def _spaced(text: str) -> str:
    return " ".join(text.split("  ")) if "  " in text else text
