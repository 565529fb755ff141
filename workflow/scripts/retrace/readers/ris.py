"""Read RIS in all its dialects: a line `TY  - ` to a line `ER  - `.

The text is split at its tags, never searched for them one by one: whatever stands between two
tags belongs to the first, so that continuation lines, blank lines and stray text stay where
they were found.
"""

import re

from retrace.readers import fields, tagged
from retrace.readers.reading import Reading, as_json, needs_no_escape
from retrace.readers.source import Source
from retrace.readers.tagged import first

_DASH = rb"(?:-|\xe2\x80[\x90-\x95])"
START = (
    rb"[ \t\xef\xbb\xbf]*(?=[Tt][Yy][ \t]{0,4}"
    + _DASH
    + rb"[ \t]*[^\r\n]{0,40}(?:[\r\n]|\Z))"
)
MARKS = rb"[^\w\r\n]{0,6}[Tt][Yy][ \t]{0,4}" + _DASH
SEPARATOR = re.compile(
    # Ovid numbers its records ("1."); Cochrane writes "Record #1 of 6"; EBSCO and SAGE send
    # the head of a mail; WoS and others repeat ER.
    rb"(?:\s|\xef\xbb\xbf|\d{1,7}\.|<\d{1,7}(?:\. ?)?>|(?i:Record #?\d+ of \d+)|(?i:Provider: [^\r\n]*)|(?i:Database: [^\r\n]*)"
    rb"|(?i:Content: text/plain[^\r\n]*)|(?i:EndOf(?:File|Record))|\x1a|\0|[Ee][Rr][ \t]*-?(?=\s|\Z))*+"
)
_KNOWN = (
    "(?:TY|ER|A[1-6BDNUVT]|B[1T]|C[1-8PTY]|D[ABIOPS]|E[DPT]|ID|IS|J[1-9AFO]|K[W1]|L[1-4ABK]|M[1-9]"
    "|N[12V]|OP|P[BYPUI]|R[INPT]|S[ENPTO2]|T[1-4IAT]|U[1-9R]|V[LO]|Y[12])"
)
LINE = re.compile(
    r"\n([A-Z][A-Z0-9](?=  -)"  # as it should be
    # What follows costs much to try: most lines that go on a text end here.
    r"|[ \t\ufeff]*(?=[A-Za-z][A-Za-z0-9][ \t]{1,4}-)(?:[A-Z][A-Z0-9](?=  -)"
    r"|[A-Za-z][A-Za-z0-9](?=  -(?:[ \t\r\n]|\Z))"
    rf"|{_KNOWN}(?=[ \t]{{1,4}}-(?:[ \t\r\n]|\Z))))(?:  - ?|[ \t]{{1,4}}-[ \t]?)"
)
LOOSE = re.compile(
    rf"\n[ \t\ufeff]*((?i:{_KNOWN})(?=[ \t]*[-\u2010-\u2015](?:[ \t\r\n]|\Z|[A-Z0-9])))"
    r"[ \t]*[-\u2010-\u2015][ \t]?"
)
_BARE_END = re.compile(rb"\n[ \t]*[Ee][Rr][ \t]*-?[ \t]*(?=[\r\n]|\Z)")
_BARE = re.compile(r"\n[ \t]*[Ee][Rr][ \t]*-?\s*\Z")
_UNTYPED = re.compile(rb"(?:\A|[\r\n])[ \t]*([A-Z][A-Z0-9])  -")
_TAGGED = re.compile(rb"\s*[A-Z][A-Z0-9]  -")
_TITLED = re.compile(rb"\n(?:TI|T1)  -")
_NUMBER = re.compile(r"\n(?:\d{1,7}\.|<\d{1,7}(?:\. ?)?>)\Z")
_PSYCINFO = re.compile(r"\d{4}-\d{5}-\d{3}")
_EMBASE = re.compile(r"L\d{5,12}")
_EID = re.compile(r"eid=(2-s2\.0-\d+)")
_ACCESSION_NOTE = re.compile(
    r"[Aa]ccession[ -][Nn]um(?:ber)?: ?([^\s;]+?)[.;]?(?=[\s;<]|$)"
)


def read(source: Source) -> Reading:
    """Return the records of a RIS file."""
    out = Reading(source, "ris", SEPARATOR, MARKS)
    data = source.data
    begun = tagged.Lines(data).opening(b"ty", START)
    if not begun or data[: begun[0]].strip():
        _untyped(out, 0, begun[0] if begun else len(data))
    for start, limit in tagged.bounds(begun, len(data)):
        _region(out, start, limit)
    out.counted = tagged.count(data, b"TY  -")
    return out


def _region(out: Reading, start: int, limit: int) -> None:
    """Read from one TY line to the next: a record, and what stands behind its end."""
    source = out.source
    text = source.lines(start, limit)
    pattern = LINE if text.startswith("\nTY  -") else LOOSE
    parts = pattern.split(text)
    if len(parts) < 3:
        out.reject(start, limit, "a TY line that cannot be read")
        return
    stop = limit
    if parts[-2] != "ER" or parts[-1].strip() or parts.count("ER") > 1:
        end = _end(source.data, start, limit)
        if end is None and limit == len(source.data):
            out.warn(
                start, "the last record has no end mark: the file may be cut short"
            )
        stop = limit if end is None else end
        parts = pattern.split(source.lines(start, stop))
        if end is not None and parts[-2].strip().upper() != "ER":
            parts[-1] = _BARE.sub("", parts[-1])
    if parts[-2].strip().upper() == "ER" and not parts[-1].strip():
        del parts[-2:]
    rest = source.data[stop:limit]
    if rest and _TAGGED.match(rest) and not _TITLED.search(rest):
        # Ovid writes the abbreviated journal and its links behind the end mark.
        behind = _NUMBER.sub("", source.lines(stop, limit).rstrip())
        parts += LINE.split(behind)[1:]
        stop = limit
    _record(out, start, stop, parts, needs_no_escape(text))
    if stop < limit:
        _untyped(out, stop, limit)


def _end(data: bytes, start: int, limit: int) -> int | None:
    """Return where a record ends: behind the first ER line that no text of it follows.

    "ER" on a line of its own also stands in abstracts (oestrogen receptor): it ends nothing
    where more text and another ER follow.
    """
    ends = [match.end() for match in _BARE_END.finditer(data, start, limit)]
    for end in ends[:-1]:
        rest = data[end:limit]
        if SEPARATOR.fullmatch(rest):
            return end
        if _TAGGED.match(rest) and _TITLED.search(rest):
            return end
    return ends[-1] if ends else None


def _untyped(out: Reading, start: int, limit: int) -> None:
    """Read tagged lines that no TY line opens: records of a file that lost it."""
    data = out.source.data
    at = start
    while match := _UNTYPED.search(data, at, limit):
        begin = match.start(1)
        if match.group(1) == b"ER":
            at = match.end()
            continue
        end = _BARE_END.search(data, begin, limit)
        stop = end.end() if end else limit
        parts = LINE.split(out.source.lines(begin, stop))
        if len(parts) > 2 and parts[-2] == "ER":
            del parts[-2:]
        if {"TI", "T1"} & set(parts[1::2]):
            out.warn(begin, "a record without a TY line")
            _record(out, begin, stop, parts, False)
        else:
            out.junk(begin, stop, "tagged lines outside any record")
        at = stop


def _record(out: Reading, start: int, end: int, parts: list[str], plain: bool) -> None:
    found = tagged.by_tag(parts)
    if len(found) < 3 and not (found.keys() - {"TY", "ER"}):
        out.reject(start, end, "a record without a field")
        return
    out.record(start, end, _values(found, plain))


def _values(found: dict[str, list[str]], plain: bool) -> tuple[str, ...]:
    title = first(found, "TI", "T1", "CT", "BT")
    authors = "; ".join(found.pop("AU", ()) or found.pop("A1", ()))
    dated = fields.take_year(found, "PY", "Y1", "DA")
    journal = first(found, "JF", "T2", "JO", "JA", "J2", "J1", "BT")
    begin, end = first(found, "SP"), first(found, "EP")
    pages = fields.pages(begin, end) if begin or end else first(found, "C7")
    abstract = _abstract(found)
    doi = doi_of(found)
    return (
        _accession(found), title, authors, dated, journal, first(found, "VL", "VO"),
        first(found, "IS", "CP"), pages, doi, pmid_of(found), abstract, first(found, "TY"),
        found["UR"][0] if "UR" in found else "", as_json(found, plain),
    )  # fmt: skip


def _abstract(found: dict[str, list[str]]) -> str:
    """Take the abstract, of one line or several; EBSCO's notice of copyright stays."""
    pieces = found.pop("AB", None) or found.pop("N2", [])
    if len(pieces) > 1 and pieces[-1].startswith("Copyright of "):
        found["AB"] = [pieces.pop()]
    return " ".join(pieces)


def doi_of(found: dict[str, list[str]]) -> str:
    """Take the DOI: of its own tag, else of those in which others put it."""
    for tag in ("DO", "DI"):
        if tag in found and (doi := fields.doi(found[tag][0])):
            del found[tag]
            return doi
    for tag in ("M3", "L3", "L2", "UR", "N1", "ID"):
        for value in found.get(tag, ()):
            named = tag != "N1" or value.lower().startswith("doi")
            if named and "10." in value and (doi := fields.doi(value)):
                return doi
    return ""


def _accession(found: dict[str, list[str]]) -> str:
    """Return the record's number in its database, never a number of the author's own library.

    EndNote and Zotero count their own records in ID: two libraries share those numbers.
    """
    if "AN" in found:
        return found["AN"][0].split(";")[0].strip()
    if "U2" in found and _EMBASE.fullmatch(found["U2"][0]):
        return found["U2"][0]
    for value in found.get("ID", ()):
        if _PSYCINFO.fullmatch(value) or value.startswith(("CN-", "WOS:", "pub.")):
            return value
    for value in found.get("UR", ()):
        if match := _EID.search(value):
            return match.group(1)
    for value in found.get("N1", ()):
        if match := _ACCESSION_NOTE.search(value):
            return match.group(1)
    return ""


def pmid_of(found: dict[str, list[str]]) -> str:
    """Return the PubMed number, of the field in which each database puts it, else of those that name it."""
    database = found["DB"][0].lower() if "DB" in found else ""
    if "C2" in found and database == "scopus" and found["C2"][0].isdigit():
        return found["C2"][0]
    if (
        "AN" in found
        and found["AN"][0].isdigit()
        and database in ("pubmed", "medline", "nlm")
    ):
        return found["AN"][0]
    if "embase" in database and "C5" in found and found["C5"][0].isdigit():
        return found["C5"][0]
    for tag in ("AN", "U1", "UR", "N1", "C5"):
        if tag in found:
            for value in found[tag]:
                named = "PMID" in value or "pubmed" in value
                if named and (pmid := fields.pmid(value)):
                    return pmid
    return ""
