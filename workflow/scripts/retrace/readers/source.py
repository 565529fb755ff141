"""Turn the bytes of any export into UTF-8, and places in it back into places in the file.

A reader sees valid UTF-8 only, so that no format needs to know encodings; bytes that are no
UTF-8 amid others that are come from two exports pasted together, and are read as Windows
wrote them.
"""

import codecs
import functools
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

CHUNK = 1 << 16

_VALID = (
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
    rb"|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
_HIGH = re.compile(rb"((?:" + _VALID + rb")+)|(?:(?!" + _VALID + rb")[\x80-\xff])+")
_WINDOWS = "".join(
    bytes([byte]).decode("cp1252", "replace").replace("\ufffd", chr(byte))
    for byte in range(256)
)
"""The characters of cp1252; the five bytes that it leaves open are those of latin-1."""

_CJK = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_BLANKS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_RETURN = re.compile(rb"\r(?!\n)")


@dataclass
class Source:
    """A file as a reader sees it: UTF-8, whose byte order marks are blanks.

    Each line ends in a line feed, perhaps behind a carriage return: a return that stands alone
    was made a line feed, which moves no byte.
    ``controls`` says that control characters stand in it, which `text` takes out: they are
    invisible, and neither XML nor a spreadsheet can hold them.
    """

    data: bytes
    size: int
    encoding: str = "utf-8"
    skipped: int = 0
    controls: bool = False
    warnings: list[tuple[int, str]] = field(default_factory=list)
    _codec: str = ""
    _repairs: array = field(default_factory=lambda: array("q"))
    _saved: array = field(default_factory=lambda: array("q"))

    def lines(self, start: int, end: int) -> str:
        """Return a piece of the file whose every line, the first included, begins with a line feed."""
        headed = start > 0 and self.data[start - 1] == 10
        piece = self.data[start - headed : end]
        if self._returns:
            piece = piece.replace(b"\r", b"")
        return self._decoded(piece) if headed else "\n" + self._decoded(piece)

    @functools.cached_property
    def _returns(self) -> bool:
        return b"\r" in self.data

    @property
    def start(self) -> int:
        """Return where the text begins, behind byte order marks."""
        at = 0
        while self.data.startswith(codecs.BOM_UTF8, at):
            at += 3
        return at

    def text(self, start: int, end: int) -> str:
        """Return a piece of the file as text."""
        return self._decoded(self.data[start:end])

    def _decoded(self, data: bytes) -> str:
        text = data.decode("utf-8", "replace")
        if self.controls:
            text = without_controls(text)
        return text

    def places(self, offsets: Iterable[int]) -> Iterable[int]:
        """Return the bytes of the file at which ascending offsets of ``data`` stand."""
        if self._repairs:
            return [self._unrepaired(offset) for offset in offsets]
        if self._codec:
            return self._recoded(offsets)
        if not self.skipped:
            return offsets
        return [offset + self.skipped for offset in offsets]

    def _unrepaired(self, offset: int) -> int:
        before = bisect_right(self._repairs, offset) - 1
        return offset + self.skipped - (self._saved[before] if before >= 0 else 0)

    def _recoded(self, offsets: Iterable[int]) -> list[int]:
        places, at, place = [], 0, self.skipped
        for offset in offsets:
            while at < offset:
                upto = min(offset, at + CHUNK)
                while upto < offset and self.data[upto] & 0xC0 == 0x80:
                    upto += 1
                piece = self.data[at:upto].decode("utf-8", "replace")
                place += len(piece.encode(self._codec, "replace"))
                at = upto
            places.append(place)
        return places


def without_controls(text: str) -> str:
    """Return text without control characters other than tabs and line breaks."""
    return _BLANKS.sub(" ", text.replace("\0", ""))


def open_source(data: bytes) -> Source:
    """Return a file's bytes as a `Source`; no bytes make this fail."""
    source = _opened(data)
    if _has_lone_return(source.data):
        source.data = _RETURN.sub(b"\n", source.data)
    return source


def _opened(data: bytes) -> Source:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        little = data.startswith(codecs.BOM_UTF16_LE)
        return _recode(data, "utf-16-le" if little else "utf-16-be", "utf-16", 2)
    if codec := _nul_pattern(data[:4096]):
        return _recode(data, codec, codec, 0)
    encoding = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
    controls = _has_controls(data)
    if data.isascii():
        return Source(data, len(data), "ascii", controls=controls)
    if _is_utf8(data):
        return Source(data, len(data), encoding, controls=controls)
    if _is_chinese(data):
        source = _recode(data, "gb18030", "gb18030", 0)
        source.controls = controls
        return source
    return _repair(data, encoding, controls)


def _pieces(data: bytes, beyond: int = 0) -> "Iterator[np.ndarray]":
    """Yield the codes of some bytes by pieces that a processor's cache can hold."""
    import numpy as np

    codes = np.frombuffer(data, np.uint8)
    return (codes[at : at + CHUNK + beyond] for at in range(0, len(data), CHUNK))


def _has_lone_return(data: bytes) -> bool:
    """Return whether a carriage return stands in some bytes without a line feed behind it."""
    if b"\r" not in data or data.endswith(b"\r"):
        return data.endswith(b"\r")
    return any(
        ((codes[:-1] == 13) > (codes[1:] == 10)).any() for codes in _pieces(data, 1)
    )


def _has_controls(data: bytes) -> bool:
    """Return whether control characters other than tabs and line breaks stand in some bytes."""
    return b"\x7f" in data or any(map(_has_low, _pieces(data)))


def _has_low(codes: "np.ndarray") -> bool:
    import numpy as np

    left = np.count_nonzero(codes < 32)
    for code in b"\n\r\t":
        if left:
            left -= np.count_nonzero(codes == code)
    return bool(left)


def _nul_pattern(head: bytes) -> str:
    if len(head) < 8:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.3 * len(head) / 2 and even < odd / 20:
        return "utf-16-le"
    if even > 0.3 * len(head) / 2 and odd < even / 20:
        return "utf-16-be"
    return ""


def _recode(data: bytes, codec: str, name: str, skipped: int) -> Source:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    parts, controls = [], False
    for at in range(skipped, len(data) or 1, CHUNK):
        last = at + CHUNK >= len(data)
        part = decoder.decode(data[at : at + CHUNK], last).encode("utf-8", "replace")
        controls = controls or _has_controls(part)
        parts.append(part)
    return Source(b"".join(parts), len(data), name, skipped, controls, _codec=codec)


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), CHUNK):
            decoder.decode(data[at : at + CHUNK], at + CHUNK >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(data: bytes) -> bool:
    """Return whether bytes are gb18030: accents of Latin words stand alone, Chinese never does."""
    sample = data[: 1 << 20]
    high = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    valid = sum(len(match.group(1) or b"") for match in _HIGH.finditer(sample))
    if high - valid <= max(4, high / 50):
        return False  # UTF-8 with a flaw, such as a cut within a character
    runs = sum(map(len, re.findall(rb"[\x81-\xfe]{4,}", sample)))
    if not high or runs < 0.8 * high:
        return False
    try:
        text = codecs.getincrementaldecoder("gb18030")().decode(
            data, len(data) == len(sample)
        )
    except UnicodeDecodeError:
        return False
    strange = sum(1 for char in text if ord(char) > 127)
    return len(_CJK.findall(text)) > 0.9 * strange


def _repair(body: bytes, encoding: str, controls: bool) -> Source:
    source = Source(b"", len(body), encoding, controls=controls)
    parts: list[bytes] = []
    at = length = saved = repaired = 0
    valid = False
    for match in _HIGH.finditer(body):
        if match.group(1):
            valid = True
            continue
        start, end = match.span()
        if end == len(body) and (valid or not parts) and _is_head(body[start:]):
            text = "\ufffd"
            source.warnings.append(
                (len(body), "the file is cut short inside a character")
            )
        else:
            text = codecs.charmap_decode(body[start:end], "strict", _WINDOWS)[0]
            repaired += end - start
        made = text.encode()
        parts += (body[at:start], made)
        length += start - at + len(made)
        saved += len(made) - (end - start)
        at = end
        source._repairs.append(length)
        source._saved.append(saved)
    parts.append(body[at:])
    source.data = b"".join(parts)
    if source.warnings:
        source.warnings = [(len(source.data), says) for _, says in source.warnings]
    if repaired:
        source.encoding = (
            f"utf-8, and {repaired} bytes as cp1252" if valid else "cp1252"
        )
    return source


def _is_head(tail: bytes) -> bool:
    """Return whether bytes are the beginning of one UTF-8 character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(tail)
    except UnicodeDecodeError:
        return False
    return True
