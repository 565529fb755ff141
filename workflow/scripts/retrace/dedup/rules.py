"""What makes two records one, as named data: each rule says what it needs, and why.

A pair is merged by the first rule whose needs it meets, unless an objection stands. Objections
are data too; a rule names those that its own evidence outweighs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from retrace.dedup.compare import LEVELS, WEIGHTS, Compared

RISKS = ("focused", "balanced", "relaxed")


@dataclass(frozen=True)
class Rule:
    """Evidence that suffices, or an objection: levels needed per field, and the intent."""

    name: str
    says: str
    needs: Mapping[str, str]
    risk: str = "focused"
    outweighs: tuple[str, ...] = field(default=())


OBJECTIONS = (
    Rule(
        "says_otherwise",
        "One title says it is an erratum, a reply or a protocol, the other does not.",
        {"says": "differs"},
    ),
    Rule(
        "other_number",
        "The numbers in the titles differ: part I and part II, 2010 and 2011.",
        {"numbers": "differs", "title": "same alike part near differs"},
    ),
    Rule(
        "other_doi",
        "Each has a DOI of its own.",
        {"doi": "differs"},
    ),
    Rule("other_pmid", "Each has a PubMed id of its own.", {"pmid": "differs"}),
    Rule("other_year", "Published more than a year apart.", {"year": "differs"}),
    Rule("other_authors", "The authors are others.", {"authors": "differs"}),
    Rule("other_pages", "They stand on other pages.", {"pages": "differs"}),
    Rule("other_volume", "They stand in other volumes.", {"volume": "differs"}),
    Rule("other_abstract", "The abstracts are others.", {"abstract": "differs"}),
    Rule("other_journal", "The journals are others.", {"journal": "differs"}),
)

RULES = (
    Rule(
        "same_accession",
        "One record of one source, read twice.",
        {"record_id": "same"},
        outweighs=tuple(objection.name for objection in OBJECTIONS),
    ),
    Rule(
        "same_pmid",
        "One PubMed id, and titles that can be one.",
        {"pmid": "same", "title": "same alike part near missing"},
        outweighs=("other_year", "other_volume", "other_pages", "other_abstract", "other_journal"),
    ),
    Rule(
        "same_doi",
        "One DOI and one title.",
        {"doi": "same", "title": "same alike", "weight": "short distinctive"},
        outweighs=("other_year", "other_volume", "other_pages", "other_abstract", "other_journal", "other_authors"),
    ),
    Rule(
        "same_doi_like_title",
        "One DOI, titles that can be one, and nothing of the place against it: a supplement has one DOI for many abstracts.",
        {"doi": "same", "title": "same alike part near missing", "authors": "same alike missing"},
        outweighs=("other_number", "other_year", "other_abstract", "other_journal"),
    ),
    Rule(
        "same_title_and_place",
        "One title on one page of one volume.",
        {"title": "same alike", "pages": "same", "volume": "same", "authors": "same alike near missing"},
        outweighs=("other_doi", "other_abstract", "other_journal", "other_number"),
    ),
    Rule(
        "same_title_page_year",
        "One telling title and authors on one page of one year; a volume is missing or mistyped.",
        {"title": "same alike", "weight": "short distinctive", "pages": "same", "year": "same", "authors": "same alike"},
        outweighs=("other_volume", "other_journal", "other_abstract"),
    ),
    Rule(
        "same_title_authors_year",
        "One distinctive title, authors and year, and nothing of the place against it.",
        {"title": "same alike", "weight": "distinctive", "authors": "same alike", "year": "same", "pages": "missing near",
         "volume": "same missing", "journal": "same alike missing"},
    ),
    Rule(
        "same_place_like_title",
        "One page of one volume, authors and year; the title is cut, translated or mistyped.",
        {"title": "part near missing", "pages": "same", "volume": "same", "year": "same near", "authors": "same alike",
         "journal": "same alike missing"},
        outweighs=("other_number", "other_doi"),
    ),
    Rule(
        "same_abstract",
        "One abstract and authors under titles that can be one.",
        {"abstract": "same", "title": "same alike part near", "authors": "same alike", "year": "same near", "pages": "same near missing",
         "volume": "same missing"},
        "balanced",
        outweighs=("other_journal",),
    ),
)  # fmt: skip


def _needed(rule: Rule) -> list[tuple[str, int]]:
    return [
        (
            name,
            sum(
                (WEIGHTS if name == "weight" else LEVELS)[level]
                for level in wanted.split()
            ),
        )
        for name, wanted in rule.needs.items()
    ]


def meets(pairs: Compared, rule: Rule) -> np.ndarray:
    """Return which pairs have all the levels that a rule needs."""
    met = np.ones(len(pairs), bool)
    for name, mask in _needed(rule):
        met &= (pairs.level[name] & mask) > 0
    return met


def judge(pairs: Compared, risk: str = "balanced") -> tuple[np.ndarray, np.ndarray]:
    """Return for each pair the place of the rule that merges it in `RULES`, or -1; and its objections as bits."""
    objections = np.zeros(len(pairs), np.int64)
    for place, objection in enumerate(OBJECTIONS):
        objections |= np.where(meets(pairs, objection), 1 << place, 0)
    fired = np.full(len(pairs), -1, np.int8)
    for place, rule in enumerate(RULES):
        if RISKS.index(rule.risk) > RISKS.index(risk):
            continue
        outweighed = sum(
            1 << number
            for number, objection in enumerate(OBJECTIONS)
            if objection.name in rule.outweighs
        )
        holds = (fired < 0) & meets(pairs, rule) & ((objections & ~outweighed) == 0)
        fired[holds] = place
    return fired, objections


CONTRADICTIONS = ("says_otherwise", "other_number", "other_doi", "other_pmid", "other_year", "other_authors", "other_pages")  # fmt: skip
"""The objections that keep two members of one cluster apart, though a third is like both."""


def contradicts(pairs: Compared, risk: str = "balanced") -> np.ndarray:
    """Return which pairs cannot stand in one cluster, whatever else is in it."""
    fired, objections = judge(pairs, risk)
    strong = sum(
        1 << place
        for place, objection in enumerate(OBJECTIONS)
        if objection.name in CONTRADICTIONS
    )
    return (fired < 0) & ((objections & strong) > 0)
