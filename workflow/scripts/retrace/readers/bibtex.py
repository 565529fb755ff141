"""Read BibTeX: entries `@article{key, field = {value}, ...}` from any program.

Each entry is read within its own bounds, from one `@type{` at the head of a line to the
next, so that a lost brace costs one entry its neatness and no other entry its life.
"""

import re
from array import array

from retrace.readers import fields, latex, tagged
from retrace.readers.reading import Reading, as_json, needs_no_escape, shown
from retrace.readers.source import Source
from retrace.readers.tagged import first

START = rb"(?:\xef\xbb\xbf|[ \t])*(?=@[ \t]*[A-Za-z]+[ \t\r\n]*[{(])"
_SAME_LINE = re.compile(rb"@[A-Za-z]+[ \t]*\{[^\s{}=,]*,")
_ENTRY = rb"@[ \t]*(?!(?i:comment|string|preamble))[A-Za-z]+[ \t\r\n]*[{(]"
MARKS = rb"[^\w\r\n@]{0,6}" + _ENTRY
SEPARATOR = re.compile(
    # % comments; the Cochrane Library numbers its entries; Scopus writes a head
    rb"(?:\s|\xef\xbb\xbf|\x1a|\0|,|%[^\r\n]*|(?i:Record #?\d+ of \d+)|Scopus\s+EXPORT DATE:[^\r\n]*)*+"
)
ASIDE = ("string", "preamble", "comment")

_HEAD = re.compile(r"@\s*([A-Za-z]+)\s*([{(])\s*")
_KEY = re.compile(r"([^\s,=}\"{]*)\s*(,|(?=\}))\s*")
_NAME = re.compile(r"[\s,]*([^\s=,{}\"#%'()]+(?:[^\S\r\n][^\s=,{}\"#%'()]+)?)\s*=\s*")
_INNER = r"\{[^{}\\]*+(?:(?:\\.|\{(?:[^{}\\]|\\.)*+\})[^{}\\]*+)*+\}"
_BRACED = re.compile(
    r"\{([^{}\\]*+(?:(?:\\.|" + _INNER + r")[^{}\\]*+)*+)\}", re.DOTALL
)
_QUOTED = re.compile(
    r"\"([^\"{}\\]*+(?:(?:\\.|" + _INNER + r")[^\"{}\\]*+)*+)\"", re.DOTALL
)
_FIELDS = re.compile(
    r"\s*([A-Za-z0-9_:.+-]+)\s*=\s*"
    r"(?:\{([^{}\\]*+(?:(?:\\.|" + _INNER + r")[^{}\\]*+)*+)\}|([\w.-]+))\s*([,})])",
    re.DOTALL,
)
"""Fields as nearly all are written; what else there is goes the longer way."""

_BARE = re.compile(r"[^\s,{}\"#]+")
_CLOSES = re.compile(r"[\s,]*[})]")
_NEXT = re.compile(r"\s*(,|#|[})]|\Z)\s*")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_ROUGH = re.compile(
    r"(?:\A|\n|[}\"],)\s*([A-Za-z][\w:-]*)[ \t]*=[ \t]*(.*?)\s*"
    r"(?=[\s,}\"]\s*\n[ \t]*[A-Za-z][\w:-]*[ \t]*=|\n\s*[})]|\Z)",
    re.DOTALL,
)
_WIDE = re.compile(r"[ \t]{9,}")
_FURTHER = re.compile(r"\s*,?\s*[A-Za-z][\w:-]*\s*=\s*[{\"\d]")
_GROUP = re.compile(r"\{[^{}]* and [^{}]*\}")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_MONTHS = {
    name[:3]: name for name in (
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december",
    )
}  # fmt: skip
_EID = re.compile(r"eid=(2-s2\.0-\d+)")


class _Broken(Exception):
    """An entry's braces do not balance."""


Pairs = list[tuple[str, str]]
"""The fields of an entry in order, as they stand: a name in lower case and a value."""


def read(source: Source) -> Reading:
    """Return the entries of a BibTeX file; `@string` is expanded."""
    out = Reading(source, "bibtex", SEPARATOR, MARKS)
    data = source.data
    begun = tagged.Lines(data).opening(b"@", START)
    begun = sorted({*begun, *_behind_braces(data)})
    macros = dict(_MONTHS)
    edges = array("q", [*begun, len(data)])
    del begun
    at = 0
    while at < len(edges) - 1:
        start, limit = edges[at], edges[at + 1]
        at += 1
        text = source.text(start, limit)
        try:
            kind, pairs, length = _entry(text, macros)
        except _Broken as broken:
            joined = _across(source, edges, at, macros)
            if joined is None:
                _mend(out, start, limit, text, str(broken))
                continue
            kind, pairs, length, at = joined
            limit = edges[at]
            text = source.text(start, limit)
        if kind not in ASIDE and _FURTHER.match(text, length):
            _mend(out, start, limit, text, "the entry is closed amid its fields")
            continue
        end = limit
        if not source.controls:
            end = start + (length if text.isascii() else len(text[:length].encode()))
        if kind == "string":
            macros.update(pairs)
        if kind in ASIDE:
            _aside(out, start, end, kind, text)
        elif not any(value for name, value in pairs if name != "key"):
            out.reject(start, end, "an entry without a field")
        else:
            out.record(start, end, _values(kind, pairs))
    heads = (match.start() for match in re.finditer(_ENTRY, data))
    out.counted = sum(1 for at in heads if not at or data[at - 1] == 10)
    return out


def _behind_braces(data: bytes) -> list[int]:
    """Return where entries begin on the line on which another one ends."""
    begun = (match.start() for match in _SAME_LINE.finditer(data))
    return [
        at for at in begun if data[max(at - 80, 0) : at].rstrip(b" \t").endswith(b"}")
    ]


def _entry(text: str, macros: dict[str, str]) -> tuple[str, Pairs, int]:
    """Return the type, the fields and the length of the entry at the head of a text."""
    head = _HEAD.match(text)
    if head is None:
        raise _Broken("no entry")
    kind, at = head.group(1).lower(), head.end()
    pairs: Pairs = []
    if kind in ("comment", "preamble"):
        return kind, pairs, _balanced(text, head.start(2))
    if kind != "string" and (key := _KEY.match(text, at)):
        pairs.append(("key", key.group(1)))
        at = key.end()
    # A scanner goes from match to match and, unlike a search, never past what does not match.
    scanner = _FIELDS.scanner(text, at)  # type: ignore[attr-defined]
    field = None
    for field in iter(scanner.match, None):
        name, value, bare, sign = field.groups()
        if bare:
            value = macros.get(bare.lower(), bare)
        pairs.append((name.lower(), value))
        if sign != ",":
            return kind, pairs, field.end()
    if field:
        at = field.end()
    while True:
        name = _NAME.match(text, at)
        if name is None:
            end = _CLOSES.match(text, at)
            if end is None:
                raise _Broken(
                    f"no field where one is expected: {shown(text[at:].encode())}"
                )
            return kind, pairs, end.end()
        value, at, closed = _value(text, name.end(), macros)
        pairs.append((name.group(1).lower(), value))
        if closed:
            return kind, pairs, at


def _value(text: str, at: int, macros: dict[str, str]) -> tuple[str, int, bool]:
    """Return a value, where the next field begins, and whether the entry ends there."""
    pieces = []
    while True:
        char = text[at : at + 1]
        if char == "{":
            if match := _BRACED.match(text, at):
                piece, at = match.group(1), match.end()
            else:
                end = _balanced(text, at)
                piece, at = text[at + 1 : end - 1], end
        elif char == '"':
            match = _QUOTED.match(text, at)
            if match is None:
                raise _Broken("a quoted value does not end")
            piece, at = match.group(1), match.end()
        elif match := _BARE.match(text, at):
            piece, at = macros.get(match.group().lower(), match.group()), match.end()
        else:
            piece = ""
        pieces.append(piece)
        after = _NEXT.match(text, at)
        if after is None and _NAME.match(text, at):
            return "".join(pieces), at, False  # a lost comma
        if after is None:
            raise _Broken(f"text behind a value: {shown(text[at:].encode())}")
        sign = after.group(1)
        if sign == "":
            raise _Broken("the entry does not end")
        if sign in "})":
            return "".join(pieces), after.start(1) + 1, True
        at = after.end()
        if sign == ",":
            return "".join(pieces), at, False


def _balanced(text: str, at: int) -> int:
    """Return where the brace that opens here is closed."""
    if text[at] == "(":
        end = text.find(")", at)
        if end < 0:
            raise _Broken("the entry does not end")
        return end + 1
    depth = 0
    for match in _BRACE.finditer(text, at):
        sign = match.group()
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if not depth:
                return match.end()
    raise _Broken("the braces do not balance")


def _across(
    source: Source, edges: array, at: int, macros: dict[str, str]
) -> tuple[str, Pairs, int, int] | None:
    """Read an entry whose text holds the head of another entry, which is none by itself."""
    if at + 1 >= len(edges):
        return None
    start, end, limit = edges[at - 1 : at + 2]
    try:
        _entry(source.text(end, limit), macros)
    except _Broken:
        pass
    else:
        return None
    try:
        kind, pairs, length = _entry(source.text(start, limit), macros)
    except _Broken:
        return None
    return kind, pairs, length, at + 1


def _mend(out: Reading, start: int, limit: int, text: str, why: str) -> None:
    """Read an entry whose braces do not balance line by line, or list it."""
    head = _HEAD.match(text)
    kind = head.group(1).lower() if head else ""
    pairs: Pairs = []
    if head and kind not in ASIDE:
        if (key := _KEY.match(text, head.end())) and key.group(1):
            pairs.append(("key", key.group(1)))
        rough = _ROUGH.findall(_WIDE.sub(" ", text[head.end() :]))
        pairs += [(name.lower(), _bare(value)) for name, value in rough]
    if any(value for name, value in pairs if name == "title"):
        out.warn(start, f"an entry read line by line: {why}")
        out.record(start, limit, _values(kind, pairs))
    elif kind in ASIDE:
        out.junk(start, limit, f"an @{kind} that does not end")
    else:
        out.reject(start, limit, why)


def _bare(value: str) -> str:
    """Return a value that may have lost a brace or quote without those at its ends."""
    value = value.strip().rstrip(",").rstrip()
    if value.startswith('"'):
        return value[1:].removesuffix('"').strip()
    return value.strip("{} ")


def _aside(out: Reading, start: int, end: int, kind: str, text: str) -> None:
    """Pass over what is no entry, but list entries that are commented out."""
    if kind == "comment" and re.search(
        r"@\s*(?!comment)[A-Za-z]+\s*\{[^{}=]*,", text[1:]
    ):
        out.junk(start, end, "an entry that is commented out")
    else:
        out.skip(start, end)


def _values(kind: str, pairs: Pairs) -> tuple[str, ...]:
    raw = [
        _shielded(value) if name == "author" and "{" in value else value
        for name, value in pairs
    ]
    joined = latex.texts("\0".join(raw))
    found: dict[str, list[str]] = {}
    for (name, _), value in zip(pairs, map(str.strip, joined.split("\0")), strict=True):
        if value:
            if name in found:
                found[name].append(value)
            else:
                found[name] = [value]
    doi = ""
    for name in ("doi", "url", "note"):
        for value in found.get(name, ()):
            doi = doi or fields.doi(value)
    if doi and found.get("doi") == [doi]:
        del found["doi"]
    dated = fields.take_year(found, "year", "date")
    authors = _authors(found.pop("author", []))
    plain = needs_no_escape(joined) and needs_no_escape("".join(found))
    return (
        _accession(found), first(found, "title", "booktitle"), authors, dated,
        first(found, "journal", "journaltitle", "booktitle", "series"), first(found, "volume"),
        first(found, "number", "issue"), first(found, "pages", "art_number", "article-number", "eid").replace("--", "-"),
        doi, first(found, "pmid", "pubmed_id"), " ".join(found.pop("abstract", ())), kind,
        found["url"][0] if "url" in found else "", as_json(found, plain),
    )  # fmt: skip


def _shielded(value: str) -> str:
    """Return authors with each "and" that stands in braces of its own name marked as none."""
    inner = value.strip()
    if not inner.startswith("{"):
        return _GROUP.sub(lambda match: _AND.sub(" \x01 ", match.group()), value)
    return value


def _authors(values: list[str]) -> str:
    names: list[str] = []
    for value in values:
        for name in _AND.split(value):
            name = name.replace("\x01", "and").strip(" ,;")
            # The Cochrane Library joins all but the last name by commas.
            names += (
                fields.split_names(name).split("; ") if name.count(",") > 2 else [name]
            )
    return fields.names(names)


def _accession(found: dict[str, list[str]]) -> str:
    """Return the entry's number in its database; its key is a name its user gave it."""
    for name in ("unique-id", "accession", "an"):
        if name in found:
            return found[name][0]
    for name in ("url", "note"):
        for value in found.get(name, ()):
            if match := _EID.search(value):
                return match.group(1)
    return ""
