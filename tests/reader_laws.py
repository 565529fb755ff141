"""What holds of every reading of every file, however broken: the laws that tests and fuzzing hold readers to."""

import json
import re

from retrace.readers import export, read_bytes

FIELDS = (
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "abstract",
)
INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def held(data, format=""):
    """Read a file and return what was read, once every law holds."""
    reading = read_bytes(data, format)
    rows = reading.table().to_pylist()
    assert len(rows) == len(reading) == len(reading.starts) == len(reading.ordinals)

    ordinals = sorted(
        [
            *reading.ordinals,
            *(reject.ordinal for reject in reading.rejects if reject.ordinal),
        ]
    )
    assert ordinals == list(range(1, len(ordinals) + 1)), (
        "each record has its own position"
    )

    at = 0
    if reading.placed:
        text = reading.source.data
        for start, end in [*reading.spans(), (len(text), len(text))]:
            assert at <= start <= end <= len(text), "no byte belongs to two"
            between = text[at:start]
            assert not between.strip() or reading.separator.fullmatch(between), (
                "no byte belongs to none"
            )
            at = end
        for places in (reading.place(reading.starts), reading.place([0])):
            assert all(0 <= place <= len(data) for place in places)
            assert places == sorted(places)

    for row in rows:
        extra = json.loads(row["extra"])
        assert all(isinstance(value, str | list) for value in extra.values())
        assert not any(INVISIBLE.search(value) for value in row.values())
    assert reading.format != "none" or not rows
    assert rows or reading.rejects or reading.format != "none"

    table = export.records_of(reading, "file", "source")
    assert len(set(table["row_id"].to_pylist())) == len(rows)
    export.rejects_of(reading, "file")
    export.warnings_of(reading, "file")
    return reading


ENDLESS = ("nbib", "enw", "cochrane", "csv", "tsv")
"""Formats in which nothing marks the end of a record but the next one or the end of the file."""


def cut(data, place, whole):
    """Read a file cut at a place, of which ``whole`` is the reading, and hold it to what a cut may cost.

    All records before the cut are read as they are in the whole file, and none is made up. The one
    that is cut is refused at its place, or it is read up to the cut and a warning names it. Only
    where a format marks no record's end and the cut falls behind a line, nothing can be told: such
    a file is a whole file of one field less.
    """
    reading = held(data[:place])
    found, expected = fields_of(reading), fields_of(whole)
    finished = sum(end <= place for end in whole.ends)
    begun = [start for start in whole.starts if start < place]
    assert finished <= len(found) + reading.n_rejected <= len(begun)
    assert found[: len(begun) - 1] == expected[: len(found[: len(begun) - 1])]
    if found == expected[: len(begun)] or not begun:
        return
    told = [at for at, _ in reading.warnings if at >= begun[-1]]
    told += [reject.start for reject in reading.rejects if reject.end > begun[-1]]
    at_line = data[:place].endswith((b"\n", b"\r"))
    assert told or (reading.format in ENDLESS and at_line)


def fields_of(reading):
    """Return the bibliographic fields of each record, blanks made one."""
    return [
        tuple(" ".join(row[name].split()) for name in FIELDS)
        for row in reading.table().to_pylist()
    ]


def words_of(text):
    """Return the words of a text, whatever stands between them."""
    return set(re.findall(r"\w{4,}", text))
