"""Hold the search strings of several platforms against each other, term by term.

Terms are compared within a concept, the block that AND joins to the others, and blocks belong
together that share most terms: platforms print them in any order. Whether a term is missing is
said for its words alone; what a platform adds by itself, plurals or narrower headings, it may find
without the term.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables
from retrace.queries.rendering import strings_of
from retrace.queries.syntax import syntax_of, vocabulary_of
from retrace.queries.terms import forms, key, wording
from retrace.queries.tokens import place
from retrace.queries.tree import Block, Term, Tree, blocks, parse

if TYPE_CHECKING:
    import pandas as pd

QUERIES = ("published", "run", "planned")
"""What a string is: as printed, as it was run, or as config.yaml has it."""
NEAR = 20
"""Other forms of a term, or concepts that have it, among which the nearest is looked for."""


@dataclass(frozen=True)
class String:
    """A search string and where it stands: a query of a round of a source.

    ``vocabulary`` is the one whose headings it takes; none where its headings are those of the concepts.
    """

    source: str
    round: str
    query: str
    label: str
    tree: Tree
    vocabulary: str = ""


def strings(searches: "pd.DataFrame") -> list[String]:
    """Return every search string of the searches, in their order."""
    return [
        String(
            row["source"],
            row["round"],
            query,
            row["label"] or row["source"],
            parse(
                row[f"query_{query}"],
                syntax_of(row["platform"], row["database"], row["source"]),
            ),
            vocabulary_of(row["platform"], row["database"], row["source"]),
        )
        for row in searches.to_dict("records")
        for query in QUERIES[:2]
        if row[f"query_{query}"].strip()
    ]


def planned(config: Mapping[str, Any]) -> list[String]:
    """Return the strings of the searches that config.yaml describes.

    Raises:
        ReviewError: the concepts that a search is rendered from hold no terms.
    """
    return [
        String(
            source, "planned", "planned", spec.get("label") or source,
            parse(rendered.query, syntax_of(spec["platform"], spec.get("database") or "", source)),
            vocabulary_of(spec["platform"], spec.get("database") or "", source) if "query" in spec else "",
        )
        for source, spec, rendered in strings_of(config)
    ]  # fmt: skip


def compare(
    searches: "pd.DataFrame", config: Mapping[str, Any] | None = None
) -> "pd.DataFrame":
    """Return each term of each search string with what became of it in the others.

    Only the last round of a source is compared: published strings with published ones, those that
    were run with those that were run, and those of config.yaml among themselves.
    """
    every = strings(searches) + planned(config or {})
    rows = [row for given in _compared(every) for row in _rows(given)]
    return tables.frame(rows, schemas.SEARCH_TERMS)


def _compared(every: Iterable[String]) -> Iterator[list[String]]:
    """Yield the strings that are held against each other: of each query, the last of each source."""
    every = list(every)
    for query in QUERIES:
        last: dict[str, String] = {}
        for string in every:
            known = last.get(string.source)
            if string.query == query and (known is None or _when(known) <= _when(string)):  # fmt: skip
                last[string.source] = string
        yield list(last.values())


def _when(string: String) -> tuple[bool, str]:
    return string.round != "undated", string.round


@dataclass
class _Side:
    """One string's part in a concept: its terms by wording and by key."""

    string: String
    block: Block
    words: dict[str, Term]
    keys: dict[str, list[str]]
    sorted: list[str]
    stems: dict[int, set[str]]


def _rows(given: list[String]) -> Iterator[dict[str, Any]]:
    sides = _aligned(given)
    chosen = _canonical(sides)
    count: Counter[str] = Counter()
    for number, concept in enumerate(sides, start=1):
        for side in concept:
            others = [one for one in concept if one is not side]
            absent = len(given) - 1 - len({one.string.source for one in others})
            for term in side.block.terms:
                words = wording(term.text)
                if not words:
                    continue
                count[side.string.source] += 1
                yield {
                    "source": side.string.source, "round": side.string.round, "query": side.string.query,
                    "block": number, "place": count[side.string.source], "term": " ".join(term.text.split()),
                    "field": term.field, "excluded": "yes" if side.block.excluded else "",
                    "words": words, "canonical": chosen[key(words)],
                    **_held(words, others, absent, len(given)),
                    "cut_off": _cut(side, others),
                    "offset": term.start, "position": place(side.string.tree.query, term.start),
                }  # fmt: skip


def _held(
    words: str, others: list[_Side], absent: int, n: int
) -> dict[str, str]:  # fmt: skip
    """Return whether the other strings have a term, in which form, and their words for it."""
    if n < 2:
        return {"found": "not_compared", "form": "", "others": ""}
    same, other_form, said = 0, 0, []
    found_forms: dict[str, None] = {}
    for side in others:
        if words in side.words:
            same += 1
            continue
        near = sorted(side.keys.get(key(words), [])[:NEAR], key=lambda one: len(forms(words, one)))  # fmt: skip
        by = [name for one in near[:1] for name in forms(words, one)]
        if not near:
            near, by = _by_wildcard(words, side)
        if near:
            other_form += 1
            found_forms |= dict.fromkeys(by)
            said.append(f"{side.string.source}: {side.words[near[0]].text}")
    missing = len(others) - same - other_form + absent
    if not missing:
        found = "same" if not other_form else "other_form"
    else:
        found = "some" if same + other_form else "one_only"
    return {
        "found": found,
        "form": tables.SEPARATOR.join(found_forms),
        "others": " | ".join(said),
    }


def _by_wildcard(words: str, side: _Side) -> tuple[list[str], list[str]]:
    """Return a term of the other side that a wildcard at the end of one of the two covers."""
    if words.endswith("*") and len(words) > 1:
        at = bisect_left(side.sorted, words[:-1])
        if at < len(side.sorted) and side.sorted[at].startswith(words[:-1]):
            return [side.sorted[at]], ["wildcard"]
    for size, stems in side.stems.items():
        if size <= len(words) and words[:size] in stems:
            return [words[:size] + "*"], ["wildcard"]
    return [], []


def _cut(side: _Side, others: list[_Side]) -> str:
    if any(one.block.is_cut for one in others):
        return "another"
    return "own" if side.block.is_cut else ""


def _side(string: String, block: Block) -> _Side:
    words: dict[str, Term] = {}
    keys: dict[str, list[str]] = {}
    for term in block.terms:
        name = wording(term.text)
        if name and name not in words:
            words[name] = term
            keys.setdefault(key(name), []).append(name)
    stems: dict[int, set[str]] = {}
    for name in words:
        if name.endswith("*") and len(name) > 1:
            stems.setdefault(len(name) - 1, set()).add(name[:-1])
    return _Side(string, block, words, keys, sorted(words), stems)


def _aligned(given: list[String]) -> list[list[_Side]]:
    """Return concepts: the blocks of several strings that belong together, one of each at most."""
    concepts: list[list[_Side]] = []
    where: dict[tuple[bool, str], dict[int, None]] = {}
    for string in given:
        mine = [_side(string, block) for block in blocks(string.tree)]
        shared: list[tuple[int, int, int]] = []
        for number, side in enumerate(mine):
            common: Counter[int] = Counter()
            for name in side.keys:
                common.update(islice(where.get((side.block.excluded, name), {}), NEAR))
            shared += [(-size, number, concept) for concept, size in common.items()]
        mine_in: dict[int, int] = {}
        taken: set[int] = set()
        for _, number, concept in sorted(shared):
            if number not in mine_in and concept not in taken:
                mine_in[number] = concept
                taken.add(concept)
        for number, side in enumerate(mine):
            if number not in mine_in:
                mine_in[number] = len(concepts)
                concepts.append([])
            concepts[mine_in[number]].append(side)
            for name in side.keys:
                where.setdefault((side.block.excluded, name), {})[mine_in[number]] = None  # fmt: skip
    return concepts


def _canonical(concepts: list[list[_Side]]) -> dict[str, str]:
    """Return by key the wording that stands for all its forms: in the order of speech, the shortest."""
    known: dict[str, list[str]] = {}
    for concept in concepts:
        for side in concept:
            for name, words in side.keys.items():
                known.setdefault(name, []).extend(words)
    return {
        name: min(words, key=lambda one: ("," in one, len(one), one))
        for name, words in known.items()
    }


def unpaired(every: Iterable[String]) -> Iterator[tuple[String, int, str]]:
    """Yield each string that lacks a concept of the others: the concept's number and its first term."""
    for given in _compared(every):
        if len(given) < 2:
            continue
        for number, concept in enumerate(_aligned(given), start=1):
            there = {side.string.source for side in concept}
            for string in given:
                if string.source not in there:
                    yield string, number, concept[0].block.terms[0].text
