"""Read ESearch responses of PubMed, `eSearchResult`: lists of ids, which hold no records."""

import json
import re

from retrace.readers import markup
from retrace.readers.reading import Reading
from retrace.readers.source import Source

_BODY = re.compile(rb"<eSearchResult[\s>].*?(?:</eSearchResult\s*>|\Z)", re.DOTALL)
_ERROR = re.compile(rb"<ERROR>(.*?)</ERROR>", re.DOTALL)


def read(source: Source) -> Reading:
    """Return a reading without records; an error or a body that was cut short is listed."""
    out = Reading(source, "esearch", markup.SEPARATOR)
    data = source.data
    at = source.start + len(data[source.start :]) - len(data[source.start :].lstrip())
    if data.startswith(b"{", at):
        end = at + len(data[at:].rstrip(b"\0\x1a \t\r\n"))
        _hold(out, at, end, _error_of_json(data[at:end]))
    for body in _BODY.finditer(data):
        error = _ERROR.search(body[0])
        says = error[1].decode("utf-8", "replace") if error else ""
        is_whole = b"</eSearchResult" in body[0] and body[0].endswith(b">")
        _hold(out, *body.span(), says or ("" if is_whole else "it is cut short"))
    return out


def _hold(out: Reading, start: int, end: int, error: str) -> None:
    if error:
        out.junk(start, end, f"the search failed: {' '.join(error.split())[:300]}")
    else:
        out.skip(start, end)


def _error_of_json(data: bytes) -> str:
    try:
        held = json.loads(data.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        return f"not well-formed: {error}"
    found = held.get("esearchresult") if isinstance(held, dict) else None
    if not isinstance(found, dict):
        return "no result stands in it"
    return str(found.get("ERROR") or "")
