"""Know every id that can be walked, by its kind, and name the nearest ones to an id that is none."""

import difflib
import functools
import re
from collections.abc import Iterable
from pathlib import Path

from retrace import schemas
from retrace.errors import Problem, ReviewError, some
from retrace.trace.written import CLAIMS, Written

PRISMA = schemas.PRISMA.path
BOX_MEMBERS = schemas.FLOW_MEMBERS.path
KINDS = ("number", "table", "figure", "box", "claim", "study", "record")
"""The kinds of which a bare id is one; `cell:` and `row:` must be said."""
MORE = ("cell", "row")
DOI = re.compile(
    r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(?P<doi>10\.\d{3,9}/\S+)", re.I
)


def index(written: Written) -> dict[str, list[str]]:
    """Return every id of a review by its kind."""
    return {kind: _ids(written, kind) for kind in KINDS}


def resolve(written: Written, asked: str) -> tuple[str, str]:
    """Return the kind and the name of an id.

    Raises:
        ReviewError: it is unknown, and the nearest ones are named; or it is of several kinds.
    """
    kind, _, name = asked.partition(":")
    if kind in MORE and name:
        return kind, name
    if kind in KINDS and _is(written, kind, name):
        return kind, name
    if doi := DOI.fullmatch(name if kind == "record" else asked):
        return "record", _with_doi(written, asked, doi["doi"])
    found = [kind for kind in KINDS if _is(written, kind, asked)]
    if len(found) == 1:
        return found[0], asked
    if found:
        raise ReviewError(
            Problem("trace", what=f"{asked} is of several kinds", expected=" or ".join(f"{one}:{asked}" for one in found))
        )  # fmt: skip
    for sheet, spec in written.extraction["sheets"].items():
        if asked in written.frame(sheet).where(spec["key"]):
            return "cell", f"{sheet}/{asked}"
    raise unknown(written, asked)


def _with_doi(written: Written, asked: str, doi: str) -> str:
    """Return the one distinct record that has a DOI."""
    ids = written.with_doi(doi)
    distinct = [one for one in ids if written.deduplicated(one)] or ids
    if not distinct:
        raise ReviewError(Problem("trace", what=f"no record has the DOI {doi}"))
    if len(distinct) > 1:
        raise ReviewError(
            Problem("trace", what=f"{asked} is of several records", expected=" or ".join(f"record:{one}" for one in distinct))
        )  # fmt: skip
    return distinct[0]


def unknown(written: Written, asked: str, known: Iterable[str] = ()) -> ReviewError:
    """Return the error that names what is nearest to an unknown id."""
    kind, _, name = asked.partition(":")
    if kind not in KINDS:
        kind, name = "", asked
    near = [
        (difflib.SequenceMatcher(None, name, close).ratio(), f"{of}:{close}")
        for of in ([kind] if kind else KINDS)
        for close in difflib.get_close_matches(
            name, _like(name, _ids(written, of)), 3, 0.6
        )
    ]
    near += [(1.0, one) for one in difflib.get_close_matches(asked, list(known), 3, 0.5)]  # fmt: skip
    names = [one for _, one in sorted(near, key=lambda item: (-item[0], item[1]))]
    if kind == "box" and (boxes := _with_words(written, name)):
        # Letters lead from what is included to what is excluded.
        names = [f"box:{one}" for one in boxes]
    expected = f"one of {some(names, 6)}" if names else "an id of this review"
    remedy = (
        f"did you mean {names[0]}?"
        if names
        else "`retrace trace --help` names the kinds of ids"
    )
    return ReviewError(Problem("trace", what=f"{asked} is not known", expected=expected, remedy=remedy))  # fmt: skip


def _with_words(written: Written, name: str) -> list[str]:
    """Return the boxes in whose printed text the words of a name stand, those that hold something first."""
    words = set(re.findall(r"\w+", name.casefold().replace("_", " ")))
    rows = sorted(written.csv(PRISMA).dicts(), key=lambda row: row["kind"] != "counted")
    return list(dict.fromkeys(row["data"] for row in rows if words <= set(re.findall(r"\w+", row["boxtext"].casefold()))))  # fmt: skip


def _like(name: str, known: list[str], most: int = 3000) -> list[str]:
    """Return the ids worth a close look: of very many, those that begin or end alike and are as long."""
    if len(known) <= most:
        return known
    return [
        one
        for one in known
        if abs(len(one) - len(name)) <= 2
        and (one[:-3] == name[:-3] or one[-4:] == name[-4:] or one[:4] == name[:4])
    ][:most]


def _is(written: Written, kind: str, name: str) -> bool:
    """Return whether a name is one of a kind; a table's may go on to a row and column of it."""
    if kind == "record":
        # A record's id is <source>:<accession>, its row <file>#<position>: no other name is asked for.
        return (":" in name and bool(written.records([name]))) or (
            "#" in name and bool(written.records([name], "row_id"))
        )
    if kind in ("table", "figure"):
        name = name.partition("/")[0]
    if kind == "number" and "/" in name:
        name = name.partition("/")[0]
    return name in _ids(written, kind)


@functools.cache
def _ids(written: Written, kind: str) -> list[str]:
    if kind == "number":
        return list(written.numbers)
    if kind in ("figure", "table"):
        return [path.stem for path in sorted(Path(f"results/{kind}s").glob("*.csv"))]
    if kind == "record":
        return written.record_ids()
    if kind == "study":
        return list(dict.fromkeys(row[-1] for row in written.block(BOX_MEMBERS, "new_studies")))  # fmt: skip
    path, column = {"box": (PRISMA, "data"), "claim": (CLAIMS, "claim_id")}[kind]
    table = written.csv(path)
    return list(dict.fromkeys(table.column(column))) if table.columns else []
