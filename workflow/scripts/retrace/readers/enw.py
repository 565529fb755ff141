"""Read the tagged text of EndNote: lines `%T title`, records behind blank lines.

`%0` opens a record as EndNote writes it, but other programs write it anywhere in the block.
"""

import re

from retrace.readers import fields, tagged
from retrace.readers.reading import Reading, as_json
from retrace.readers.source import Source
from retrace.readers.tagged import first

START = rb"(?:\xef\xbb\xbf|[ \t])*(?=%0[ \t])"
BLOCK = rb"(?:\xef\xbb\xbf|[ \t])*(?=%[0-9A-Z@!#$&()*+^<>~\[\]=:?|][ \t])"
MARKS = rb"[^\w\r\n%]{0,6}%0[ \t]"
CUT = rb"%0?"
SEPARATOR = re.compile(rb"(?:\s|\xef\xbb\xbf|\x1a|\0)*+")
LINE = re.compile(r"\n[ \t\ufeff]*%([0-9A-Z@!#$&()*+^<>~\[\]=:?|])(?:[ \t]|(?=\n|\Z))")
_OPENS = re.compile(rb"(?:\A|[\r\n])[ \t]*%[0T][ \t]")


def read(source: Source) -> Reading:
    """Return the records of an EndNote tagged file."""
    out = Reading(source, "enw", SEPARATOR, MARKS)
    data = source.data
    lines = tagged.Lines(data)
    begun = set(lines.opening(b"%0", START))
    blocks = set(lines.behind_blank_ones(BLOCK))
    del lines
    if re.compile(rb"%\S[ \t]").match(data, source.start):
        blocks.add(source.start)
    pieces = sorted(begun | blocks)
    records: list[tuple[int, int, bool]] = []
    for start, limit in tagged.bounds(pieces, tagged.cut(data, CUT)):
        opened = b"%0" in data[start:limit]
        if records and start not in blocks and not records[-1][2]:
            records[-1] = (records[-1][0], limit, opened)  # %0 amid its own block
        elif records and not _OPENS.search(data, max(start - 1, 0), limit):
            records[-1] = (
                records[-1][0],
                limit,
                records[-1][2],
            )  # a blank line in a text
        else:
            records.append((start, limit, opened))
    for start, limit, _ in records:
        found = tagged.by_tag(LINE.split(source.lines(start, limit)))
        if "0" not in found:
            out.warn(start, "a record without a %0 line")
        if found.keys() - {"0"}:
            out.record(start, limit, _values(found))
        else:
            out.reject(start, limit, "a record without a field")
    out.warn_if_open()
    return out


def _values(found: dict[str, list[str]]) -> tuple[str, ...]:
    authors = [name.rstrip(",") for name in found.pop("A", ())]
    dated = fields.take_year(found, "D", "8")
    doi = fields.doi(found["R"][0]) if "R" in found else ""
    if doi and found["R"] == [doi]:
        del found["R"]
    return (
        first(found, "M"), first(found, "T"), "; ".join(authors), dated, first(found, "J", "B"),
        first(found, "V"), first(found, "N"), first(found, "P"), doi,
        fields.pmid(" ".join(found.get("U", ()))), " ".join(found.pop("X", ())),
        first(found, "0"), found["U"][0] if "U" in found else "", as_json(found),
    )  # fmt: skip
