"""Hold an author's own draft against the tables of the built review, before it is published.

Verdicts are those of published claims, computed by the same code; what is added is where in the
draft each claim stands, and which of the draft's quantities no claim speaks of.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrace import claims, definitions, ledger, rawcsv, schemas, tables, verify
from retrace import yamlfile as yaml
from retrace.draft import passages, places, quantities
from retrace.errors import Problem, ReviewError, TableError
from retrace.labels import Labels
from retrace.manuscript import prose

if TYPE_CHECKING:
    import pandas as pd

NUMBERS, MEMBERS = schemas.NUMBERS.path, schemas.NUMBER_MEMBERS.path
LABELS = schemas.LABELS.path
DEFAULTS = {"relation": "equals", "basis": "text"}
"""What an empty cell, or a column that is not there, means."""
NEEDED = ("claim_id", "stated", "number_id")


def audit(draft: str | Path, claims_file: str | Path) -> dict[str, Any]:
    """Return each claim with its verdict and its places in the draft, and what no claim covers.

    Keys: `draft`, `claims` (the columns of `schemas.CLAIMS`, `is_found`, `places`, `missing`,
    `nearest`), `unclaimed` (quantities that no claim covers), `left_out` (numbers in citations and
    the like, with the reason), `counts`, `text` (each passage and its marks). A place is `section`, `paragraph` and, in Markdown, `line`,
    with its `sentence`.

    Raises:
        ReviewError: no finished build that is still right stands here, the draft cannot be read,
            or a row of the claims cannot be held against its number.
    """
    _must_stand()
    rows = read_claims(claims_file)
    text = passages.read(draft)
    manuscript = yaml.load("config.yaml")["manuscript"]
    found = definitions.load(manuscript["definitions"], None)
    labels = Labels(tables.read(LABELS, schemas.LABELS))
    numbers = tables.read(NUMBERS, schemas.NUMBERS)
    members = tables.read(MEMBERS, schemas.NUMBER_MEMBERS)
    verdicts: list[Any] = claims.compare(
        rows, numbers, members, found, labels, file=str(claims_file)
    ).to_dict("records")
    names = quantities.pattern_of(_names(labels, manuscript.get("glossary")))
    of_each = [quantities.find(one.text, one.marks, names) for one in text]
    searched = places.Draft(text, of_each)
    sides = claims.Sides(numbers, members, found, labels)
    taken: dict[tuple[int, int], list[str]] = {}
    told = [
        _told(row, verdict, sides, searched, taken)
        for row, verdict in zip(rows.to_dict("records"), verdicts, strict=True)
    ]
    return {
        "draft": str(draft),
        "claims": told,
        **_rest(searched.sentences, taken),
        "counts": _counts(told),
        "text": [_shown(one, of, taken) for one, of in zip(text, of_each, strict=True)],
    }


def read_claims(path: str | Path) -> "pd.DataFrame":
    """Return the claims of a draft, with all columns of `schemas.RAW_CLAIMS` and ``quote``.

    The file needs claim_id, stated, number_id, and says or quote.

    Raises:
        TableError: everything in it that does not fit, by row and column.
    """
    header = rawcsv.read(path).header
    quote = tables.Column("quote", "The draft's words, as they stand in it.")
    by_name = {one.name: one for one in (*schemas.RAW_CLAIMS.columns, quote)}
    needed = [*NEEDED, "quote" if "quote" in header and "says" not in header else "says"]  # fmt: skip
    # What can be left out as a column can be left empty as a cell.
    columns = [
        tables.Column(one.name, one.says, one.kind, one.name == "claim_id", one.terms, one.several)
        for name, one in by_name.items()
        if name in needed or name in header
    ]  # fmt: skip
    rows = tables.read(path, tables.table("draft_claims", str(path), "Claims of a draft.", *columns, key="claim_id"))  # fmt: skip
    lines = tables.lines(rows)
    for name in by_name:
        if name not in rows:
            rows[name] = ""
    for name, default in DEFAULTS.items():
        rows[name] = rows[name].replace("", default)
    rows["location"] = rows["location"].replace("", "the draft")
    if silent := [line for line, a, b in zip(lines, rows["says"], rows["quote"], strict=True) if not a and not b]:  # fmt: skip
        raise TableError(
            [
                Problem(str(path), line, "quote", "neither says nor quote", "words by which the draft can be searched", "quote the draft")
                for line in silent
            ]
        )  # fmt: skip
    rows["says"] = rows["says"].where(rows["says"] != "", rows["quote"])
    rows.attrs["lines"] = lines
    return rows


def is_bad(found: Mapping[str, Any]) -> bool:
    """Return whether a claim is contradicted or stands nowhere in the draft."""
    return bool(found["counts"].get("contradicted") or found["counts"].get("not_found"))


def _must_stand() -> None:
    """Stop where the numbers are not what the raw inputs make now: a verdict on them says nothing."""
    if not Path(NUMBERS).is_file():
        raise ReviewError(
            Problem("results", what="nothing is built here", remedy="run `retrace build` first")
        )  # fmt: skip
    behind, todo = set(), [NUMBERS, MEMBERS, LABELS]
    while todo:
        path = todo.pop()
        if path not in behind and path.startswith("results/"):
            behind.add(path)
            todo += ledger.inputs_at(path) if ledger.sidecar_of(path).is_file() else []
    problems = [
        Problem(path, what=f"{word}: {reason}", remedy="run `retrace build` first")
        for word, path, reason in verify.findings(ledger.HOME / "Snakefile")
        if path in behind
    ]
    if problems:
        raise ReviewError(problems)


def _names(labels: Labels, glossary: Sequence[Any] | None) -> set[str]:
    """Return the terms of the review that hold digits and count nothing: B12, CO2."""
    cells = [
        spelled
        for column in labels.columns()
        for term in labels.terms(column)
        for spelled in (term, labels.short(column, term), labels.long(column, term))
    ]
    return {*prose.words_of_terms(cells), *map(str, glossary or [])}


def _told(
    row: Mapping[str, Any],
    verdict: Mapping[str, Any],
    sides: claims.Sides,
    searched: places.Draft,
    taken: dict[tuple[int, int], list[str]],
) -> dict[str, Any]:
    """Return a claim with its verdict and places; the quantities that it states are taken."""
    wanted = _wanted(row, sides)
    found, missing = searched.by_quotation(row["quote"] or row["says"], wanted)
    if not found and not row["quote"]:
        found, missing = searched.by_words(row["says"], wanted)
    near = None if found else searched.nearest(row["quote"] or row["says"])
    for place in found:
        for fitting in place.stated:
            keys = [(id(place.sentences[0].passage), one.start) for one in fitting]
            key = next((one for one in keys if one not in taken), keys[0])
            taken.setdefault(key, []).append(row["claim_id"])
    return {
        **verdict,
        "quote": row["quote"],
        "is_found": bool(found),
        "places": [
            {**_place(one.sentences[0]), "found": one.how, "sentence": " ".join(each.text for each in one.sentences)}
            for one in found
        ],
        "missing": missing,
        "nearest": {**_place(near), "sentence": near.text} if near else None,
    }  # fmt: skip


def _wanted(row: Mapping[str, Any], sides: claims.Sides) -> places.Wanted:
    """Return what of a stated value the draft must say itself."""
    stated, number_id = row["stated"], row["number_id"]
    side = sides.of(number_id) if number_id in sides else None
    if found := claims.decimal(stated):
        return places.Wanted((found[0],))
    if side is not None and side.kind == "direction":
        counts = re.findall(r"\d+", stated)
        return places.Wanted(tuple(Fraction(one) for one in counts if len(one) < 30))
    values, words = [], []
    for item in tables.values(stated):
        if found := claims.decimal(item):
            values.append(found[0])
        else:
            forms = sides.forms(item, side.column if side else "")
            words.append(tuple(dict.fromkeys(map(places.plain, forms))))
    return places.Wanted(tuple(values), tuple(words))


def _rest(
    sentences: Sequence[places.Sentence], taken: Mapping[tuple[int, int], list[str]]
) -> dict[str, list[dict[str, Any]]]:
    """Return the quantities that no claim covers, and those that state nothing, with the reason."""
    found: dict[str, list[dict[str, Any]]] = {"unclaimed": [], "left_out": []}
    for sentence in sentences:
        for one in sentence.quantities:
            if (id(sentence.passage), one.start) in taken:
                continue
            why = "list of references" if sentence.passage.lists_works else one.left_out
            entry = {"quantity": one.text, **_place(sentence), "kind": sentence.passage.kind, "sentence": sentence.text}  # fmt: skip
            found["left_out" if why else "unclaimed"].append(entry | ({"why": why} if why else {}))  # fmt: skip
    return found


def _shown(
    passage: passages.Passage,
    found: Sequence[quantities.Quantity],
    taken: Mapping[tuple[int, int], list[str]],
) -> dict[str, Any]:
    """Return a passage with its quantities, each with the claims that state it."""
    claimed = [(one, taken.get((id(passage), one.start), [])) for one in found]
    return {
        "section": passage.section,
        "text": passage.text,
        "marks": [
            (one.start, one.end, ids)
            for one, ids in claimed
            if ids or not (one.left_out or passage.lists_works)
        ],
    }


def _place(sentence: places.Sentence) -> dict[str, Any]:
    passage = sentence.passage
    return {
        "section": passage.section,
        "paragraph": passage.place,
        "line": sentence.line or None,
    }


def _counts(told: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many claims have each verdict; one that is not found in the draft is counted as that alone."""
    counts = Counter(one["verdict"] if one["is_found"] else "not_found" for one in told)
    names = (*(schemas.CLAIMS.column("verdict").terms or ()), "not_found")
    return {name: counts[name] for name in names}
