"""What reading one file gave: records as columns, rejects, and every byte accounted for.

A reader says which span of bytes each record and each reject is. What lies between must be a
separator of the format, else it is listed. `export` has this done behind every reader, so that
nothing of a file can be passed over silently, whatever a reader's mistakes.
"""

import json
import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any

from retrace.readers.source import Source

if TYPE_CHECKING:
    import pyarrow as pa

FIELDS = (
    "accession", "title", "authors", "year", "journal", "volume", "issue", "pages",
    "doi", "pmid", "abstract", "type", "url", "extra",
)  # fmt: skip
"""The values of a record, in the order in which a reader gives them."""

BATCH = 1 << 19
"""How many bytes of a file are read before their records are put into columns."""

BLANK = re.compile(rb"\s*+")
SHOWN = 60

_quoted = json.encoder.encode_basestring  # as json.dumps(text, ensure_ascii=False)


def as_json(fields: dict[str, list[str]], plain: bool = False) -> str:
    """Return fields that have no column: a text each, or a list where the field repeats.

    ``plain`` says that no character of the values needs an escape; joining is then enough.
    """
    if not fields:
        return "{}"
    if plain:
        members = [
            f'"{name}": "{held[0]}"' if len(held) == 1 else f'"{name}": ["' + '", "'.join(held) + '"]'
            for name, held in fields.items()
        ]  # fmt: skip
    else:
        members = [
            f"{_quoted(name)}: "
            + (_quoted(held[0]) if len(held) == 1 else f"[{', '.join(map(_quoted, held))}]")
            for name, held in fields.items()
        ]  # fmt: skip
    return "{" + ", ".join(members) + "}"


def needs_no_escape(text: str) -> bool:
    """Return whether no character of a text needs an escape in JSON but its line breaks.

    Control characters other than tabs are gone from every text that a reader sees.
    """
    return '"' not in text and "\\" not in text and "\t" not in text


@dataclass
class Reject:
    """What could not be read as a record: an ordinal where it was meant as one, and why."""

    ordinal: int | None
    start: int
    end: int
    reason: str


@dataclass
class Reading:
    """The records, rejects and spans of one file, while it is read and after.

    ``separator`` is what may stand between records, ``marks`` how a line begins one. A reader may
    say in ``counted`` how often that is so in the usual way: where this agrees with what was read,
    the marks are not looked for. In a file that is not ``placed`` no byte is a record's.
    """

    source: Source
    format: str
    separator: re.Pattern[bytes] = BLANK
    marks: bytes | None = None
    placed: bool = True
    counted: int | None = None
    rejects: list[Reject] = field(default_factory=list)
    warnings: list[tuple[int, str]] = field(default_factory=list)
    starts: array = field(default_factory=lambda: array("q"))
    ends: array = field(default_factory=lambda: array("q"))
    ordinals: array = field(default_factory=lambda: array("q"))
    _rows: list[tuple[str, ...]] = field(default_factory=list)
    _batches: list[Any] = field(default_factory=list)
    _skipped: list[tuple[int, int]] = field(default_factory=list)
    _next: int = 1
    _pending: int = 0

    def record(self, start: int, end: int, values: tuple[str, ...]) -> None:
        """Add a record: its span, and its values in the order of `FIELDS`."""
        self.starts.append(start)
        self.ends.append(end)
        self.ordinals.append(self._next)
        self._next += 1
        self._rows.append(values)
        self._pending += end - start
        if self._pending >= BATCH:
            self._flush()

    def reject(self, start: int, end: int, reason: str) -> None:
        """Add a record that cannot be read."""
        self.rejects.append(Reject(self._next, start, end, reason))
        self._next += 1

    def junk(self, start: int, end: int, reason: str) -> None:
        """Add a span that is neither a record nor meant as one."""
        self.rejects.append(Reject(None, start, end, reason))

    def skip(self, start: int, end: int) -> None:
        """Add a span that the format says is no record, such as a comment."""
        self._skipped.append((start, end))

    def warn(self, at: int, says: str) -> None:
        """Add something odd that costs no record."""
        self.warnings.append((at, says))

    def warn_if_open(self) -> None:
        """Say so where a file whose records have no end mark does not end in a line break.

        A cut behind a line cannot be told: what is left is a whole file of some lines less.
        """
        if len(self) and not self.source.data.endswith((b"\n", b"\r")):
            self.warn(
                self.starts[-1],
                "the file does not end in a line break: its last record may be cut short",
            )

    def place(self, offsets: Sequence[int]) -> list[int | None]:
        """Return the bytes of the file at which offsets stand; None where a file has no such.

        The rows of a workbook stand in an archive, where no byte is theirs.
        """
        if not self.placed:
            return [None] * len(offsets)
        order = sorted(range(len(offsets)), key=offsets.__getitem__)
        places = self.source.places([offsets[at] for at in order])
        found: list[int | None] = [None] * len(offsets)
        for at, place in zip(order, places, strict=True):
            found[at] = place
        return found

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def n_rejected(self) -> int:
        """Return how many records were refused."""
        return sum(1 for reject in self.rejects if reject.ordinal is not None)

    def spans(self) -> Iterable[tuple[int, int]]:
        """Return the spans of all that is no separator, in order."""
        held = zip(self.starts, self.ends, strict=True)
        if not self.rejects and not self._skipped:
            return held
        listed = [(reject.start, reject.end) for reject in self.rejects]
        return sorted([*held, *listed, *self._skipped])

    def close(self) -> None:
        """Account for every byte, and hold the count to that of the start marks.

        Raises:
            AssertionError: two spans overlap, which is a bug of the reader.
        """
        self._flush()
        if self.placed:
            data, at = self.source.data, 0
            for start, end in chain(self.spans(), [(len(data), len(data))]):
                if start > at:
                    self._between(at, start)
                assert at <= start <= end, f"{self.format}: spans overlap at {start}"
                at = end
            self.rejects.sort(key=lambda reject: (reject.start, reject.end))
        if self.marks is not None:
            self._hold_to(self.marks)

    def _between(self, at: int, start: int) -> None:
        """List what stands between two spans, unless it is a separator."""
        gap = self.source.data[at:start]
        if gap.strip() and not self.separator.fullmatch(gap):
            begins = at + len(gap) - len(gap.lstrip())
            reason = f"text outside any record: {shown(gap)}"
            self.junk(begins, at + len(gap.rstrip()), reason)

    def _hold_to(self, pattern: bytes) -> None:
        if self.counted == len(self) + self.n_rejected:
            return
        data = self.source.data
        marks = re.compile(rb"\n" + pattern)
        head = 1 if re.match(pattern, data[:1000]) else 0
        self.counted = head + len(marks.findall(data))
        if self.counted != len(self) + self.n_rejected:
            begun = [*self.starts, *(reject.start for reject in self.rejects)]
            known = {*begun}
            places = [
                match.end() for match in marks.finditer(data)
                if not any(at in known for at in range(match.start(), match.end() + 1))
            ]  # fmt: skip
            self.warn(
                places[0] if places else 0,
                f"{len(self)} records and {self.n_rejected} rejects, but {self.counted} start marks",
            )

    def table(self) -> "pa.Table":
        """Return the records as an Arrow table of text, in the order of the file."""
        import pyarrow as pa

        self._flush()
        schema = pa.schema([(name, pa.string()) for name in FIELDS])
        return pa.Table.from_batches(self._batches, schema)

    def column(self, name: str) -> list[str]:
        """Return the values of one field of all records."""
        place = FIELDS.index(name)
        self._flush()
        return [
            value
            for batch in self._batches
            for value in batch.column(place).to_pylist()
        ]

    def replace(self, name: str, values: list[str]) -> None:
        """Put other values in the place of one field's."""
        import pyarrow as pa

        self._flush()
        place, at = FIELDS.index(name), 0
        for number, batch in enumerate(self._batches):
            columns = [*batch.columns]
            columns[place] = pa.array(values[at : at + len(batch)], pa.string())
            self._batches[number] = pa.RecordBatch.from_arrays(columns, list(FIELDS))
            at += len(batch)

    def _flush(self) -> None:
        if not self._rows:
            return
        import pyarrow as pa

        columns = [_column(values) for values in zip(*self._rows, strict=True)]
        self._batches.append(pa.RecordBatch.from_arrays(columns, list(FIELDS)))
        self._rows.clear()
        self._pending = 0


def _column(values: Sequence[str]) -> "pa.StringArray":
    """Return texts as an Arrow array that takes no byte more than they do.

    Arrow's own conversion lets each array grow, which leaves as much again unused among the others.
    """
    import pyarrow as pa

    held = list(map(str.encode, values))
    ends = array("i", accumulate(map(len, held), initial=0))
    return pa.StringArray.from_buffers(
        len(held), pa.py_buffer(ends), pa.py_buffer(b"".join(held))
    )


def shown(data: bytes) -> str:
    """Return the beginning of some bytes, for a message."""
    text = " ".join(data[: 4 * SHOWN].decode("utf-8", "replace").split())
    return repr(
        text[:SHOWN] + ("..." if len(text) > SHOWN or len(data) > 4 * SHOWN else "")
    )
