"""Read the tagged text of Web of Science: `PT J` to a line `ER`, continuations indented.

Authors stand one to a line and other values are wrapped, so a line break means something
else in each tag.
"""

import re

from retrace.readers import fields, tagged
from retrace.readers.reading import Reading, as_json
from retrace.readers.source import Source
from retrace.readers.tagged import first

START = rb"(?:\xef\xbb\xbf)?(?=[Pp][Tt] +[A-Za-z][A-Za-z ]{0,20}[ \t]*(?:[\r\n]|\Z))"
MARKS = rb"[^\w\r\n]{0,6}[Pp][Tt] +[A-Za-z]\s"
SEPARATOR = re.compile(
    rb"(?:\s|\xef\xbb\xbf|\x1a|\0|(?m:(?:^|(?<=\xbf))FN [^\r\n]*)|(?m:^VR [\d.]+)|(?m:^E[RF](?=\s|\Z)))*+"
)
LINE = re.compile(r"\n([A-Z][A-Z0-9]|(?i:TI|AU|AB|PY|SO|DI|UT))(?= |\n|\Z) ?")
_END = re.compile(rb"[\r\n][Ee][Rr][ \t]*(?=[\r\n]|\Z)")
_UNTYPED = re.compile(rb"(?:\A|[\r\n])(?=(?:AU|TI|AF|BA|CA) \S)")
_LISTS = ("AU", "AF", "BA", "BF", "BE", "CA", "C1", "C3", "CR", "RI", "OI", "FU")


def read(source: Source) -> Reading:
    """Return the records of a Web of Science file."""
    out = Reading(source, "wos", SEPARATOR, MARKS)
    data = source.data
    begun = tagged.Lines(data).opening(b"pt ", START)
    _untyped(out, 0, begun[0] if begun else len(data))
    for start, limit in tagged.bounds(begun, len(data)):
        end = _record(out, start, limit)
        if end < limit:
            _untyped(out, end, limit)
    return out


def _record(out: Reading, start: int, limit: int) -> int:
    end = _END.search(out.source.data, start, limit)
    stop = end.end() if end else limit
    if not end and limit == len(out.source.data):
        out.warn(start, "the last record has no end mark: the file may be cut short")
    parts = LINE.split(out.source.lines(start, stop))
    parts[1::2] = [tag.upper() for tag in parts[1::2]]
    found: dict[str, list[str]] = {}
    for tag, value in zip(parts[1::2], parts[2::2], strict=True):
        if "\n" in value and tag in _LISTS:
            found.setdefault(tag, []).extend(
                filter(None, map(str.strip, value.split("\n")))
            )
        elif value := fields.one_line(value):
            found.setdefault(tag, []).append(value)
    if found.keys() - {"PT", "ER", "EF", "FN", "VR"}:
        found.pop("ER", None)
        out.record(start, stop, _values(found))
    else:
        out.reject(start, stop, "a record without a field")
    return stop


def _untyped(out: Reading, start: int, limit: int) -> None:
    """Read records that no PT line opens."""
    at = start
    while match := _UNTYPED.search(out.source.data, at, limit):
        out.warn(match.end(), "a record without a PT line")
        at = _record(out, match.end(), limit)


def _values(found: dict[str, list[str]]) -> tuple[str, ...]:
    full, short = found.get("AF", []), found.get("AU", [])
    authors = found.pop("AF" if full and len(full) >= len(short) else "AU", [])
    dated = fields.take_year(found, "PY", "PD", "EA")
    begin, end = first(found, "BP"), first(found, "EP")
    pages = fields.pages(begin, end) if begin or end else first(found, "AR", "PS")
    doi = fields.doi(found["DI"][0]) if "DI" in found else ""
    if doi and found["DI"] == [doi]:
        del found["DI"]
    return (
        first(found, "UT", "AN"), first(found, "TI"), "; ".join(authors), dated, first(found, "SO", "JI", "J9"),
        first(found, "VL"), first(found, "IS"), pages, doi, first(found, "PM"),
        " ".join(found.pop("AB", ())), first(found, "DT", "PT"), "", as_json(found),
    )  # fmt: skip
