"""What makes two records one, as named data: each rule says what it needs, and why.

A pair is merged by the first rule whose needs it meets, unless an objection stands. Objections
are data too; a rule names those that its own evidence outweighs.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from retrace.dedup.compare import (
    ALIKE,
    GENERIC,
    LEVELS,
    MISSING,
    NEAR,
    PART,
    SAME,
    WEIGHTS,
    Compared,
)

RISKS = ("focused", "balanced", "relaxed")


@dataclass(frozen=True)
class Rule:
    """Evidence that suffices, or an objection: levels needed per field, and the intent."""

    name: str
    says: str
    needs: Mapping[str, str]
    risk: str = "focused"
    outweighs: str = ""


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
        "other_number_and_doi",
        "The numbers in the titles differ, and each has a DOI of its own: two parts, though both stand on pages 1-9.",
        {"numbers": "differs", "title": "same alike part near differs", "doi": "differs"},
    ),
    Rule("other_title", "The titles are others.", {"title": "differs"}),
    Rule("other_doi", "Each has a DOI of its own.", {"doi": "differs"}),
    Rule("other_pmid", "Each has a PubMed id of its own.", {"pmid": "differs"}),
    Rule("other_year", "Published more than a year apart.", {"year": "differs"}),
    Rule("other_authors", "The authors are others.", {"authors": "differs"}),
    Rule("other_pages", "They stand on other pages.", {"pages": "differs"}),
    Rule("other_volume", "They stand in other volumes.", {"volume": "differs"}),
    Rule("other_issue", "They stand in other issues of one volume.", {"issue": "differs"}),
    Rule("other_abstract", "The abstracts are others.", {"abstract": "differs"}),
    Rule("other_journal", "The journals are others.", {"journal": "differs"}),
    Rule(
        "other_kind",
        "One stands in a supplement, and nothing of the place says it is the same.",
        {"supplement": "differs", "pages": "missing near differs", "volume": "missing differs"},
    ),
)  # fmt: skip

ALL = " ".join(objection.name for objection in OBJECTIONS)

RULES = (
    Rule(
        "same_accession",
        "One record of one source, read twice.",
        {"record_id": "same"},
        outweighs=ALL,
    ),
    Rule(
        "same_pmid",
        "One PubMed id, and titles that can be one.",
        {"pmid": "same", "title": "same alike part near missing"},
        outweighs="other_number other_year other_volume other_issue other_pages other_abstract other_journal other_kind",
    ),
    Rule(
        "same_doi_and_page",
        "One DOI and title, no other page; authors or abstract may be of another edition.",
        {"doi": "same", "title": "same alike", "weight": "short distinctive", "pages": "same near missing"},
        outweighs="other_year other_volume other_issue other_journal other_kind other_authors other_abstract other_number",
    ),
    Rule(
        "same_doi_like_title",
        "One DOI, titles that can be one, no other page or abstract: a supplement has one DOI for many abstracts.",
        {"doi": "same", "title": "same alike part near", "authors": "same alike missing", "pages": "same near missing"},
        outweighs="other_number other_year other_issue other_journal other_kind",
    ),
    Rule(
        "same_doi_and_span",
        "One DOI, the same authors, first and last page; a title is missing.",
        {"doi": "same", "title": "missing", "authors": "same", "span": "same"},
        outweighs="other_issue other_journal other_kind",
    ),
    Rule(
        "same_doi_and_abstract",
        "One DOI and one abstract; a title is missing.",
        {"doi": "same", "title": "missing", "abstract": "same", "authors": "same alike missing"},
        outweighs="other_issue other_journal other_kind",
    ),
    Rule(
        "same_title_and_place",
        "One telling title on one page of one volume.",
        {"title": "same alike", "weight": "short distinctive", "pages": "same", "volume": "same", "authors": "same alike near missing"},
        outweighs="other_doi other_issue other_abstract other_journal other_number",
    ),
    Rule(
        "same_doi",
        "One DOI and one telling title in one journal, whatever the pages: online first and in print.",
        {"doi": "same", "title": "same alike", "weight": "short distinctive", "journal": "same alike missing"},
        outweighs="other_year other_volume other_issue other_pages other_kind",
    ),
    Rule(
        "common_title_place_authors",
        "One page of one volume and the same authors: enough under a title that many share.",
        {"title": "same alike", "pages": "same", "volume": "same", "authors": "same alike", "journal": "same alike missing"},
        outweighs="other_issue",
    ),
    Rule(
        "common_title_whole_place_authors",
        "The same whole place and authors, the journal under another name.",
        {"title": "same alike", "pages": "same", "last_page": "same", "volume": "same", "issue": "same", "year": "same near",
         "authors": "same alike"},
        outweighs="other_journal",
    ),
    Rule(
        "common_title_whole_place",
        "The same whole place, authors unknown: enough under a title that many share.",
        {"title": "same alike", "pages": "same", "last_page": "same", "volume": "same", "issue": "same", "year": "same",
         "journal": "same alike", "authors": "missing"},
    ),
    Rule(
        "same_title_page_year",
        "One telling title and authors on one page of one year; the volume is missing or mistyped.",
        {"title": "same alike", "weight": "short distinctive", "pages": "same", "year": "same", "authors": "same alike"},
        outweighs="other_volume other_issue other_journal other_abstract",
    ),
    Rule(
        "same_title_page_abstract",
        "One title, abstract and page in one journal and year: whatever else differs is a mistake.",
        {"title": "same alike", "abstract": "same", "pages": "same", "year": "same", "journal": "same alike",
         "authors": "same alike missing"},
        outweighs="other_doi other_pmid other_volume other_issue other_kind",
    ),
    Rule(
        "same_title_and_issue",
        "One telling title and authors in one issue of one journal; a volume has one year, whatever a record says.",
        {"title": "same alike", "weight": "short distinctive", "authors": "same alike near", "journal": "same alike", "volume": "same",
         "issue": "same", "pages": "same near missing"},
        outweighs="other_year other_abstract",
    ),
    Rule(
        "same_title_issue_other_page",
        "One distinctive title and all the same authors in one issue: a page is mistyped, or of another edition.",
        {"title": "same alike", "weight": "distinctive", "authors": "same", "journal": "same alike", "volume": "same",
         "issue": "same", "year": "same", "supplement": "same"},
        "balanced",
        outweighs="other_pages",
    ),
    Rule(
        "same_title_authors_year",
        "One distinctive title, authors and year, and nothing of the place against it.",
        {"title": "same alike", "weight": "distinctive", "authors": "same alike", "year": "same", "pages": "missing near",
         "volume": "same missing", "journal": "same alike missing"},
    ),
    Rule(
        "same_title_abstract_year",
        "One title, abstract and year, and nothing of the place against it.",
        {"title": "same alike", "weight": "short distinctive", "abstract": "same", "authors": "same alike", "year": "same",
         "pages": "missing near", "volume": "same missing", "journal": "same alike missing"},
        outweighs="other_kind",
    ),
    Rule(
        "same_title_abstract_authors",
        "One title, abstract and authors, and nothing known against it.",
        {"title": "same alike", "weight": "short distinctive", "abstract": "same", "authors": "same alike"},
    ),
    Rule(
        "same_short_title_volume",
        "One short title, authors and year in one volume of one journal, nothing known of issue and page; one database has it once.",
        {"title": "same", "weight": "short", "authors": "same alike", "year": "same", "journal": "same alike", "volume": "same",
         "issue": "missing", "pages": "missing near", "source": "missing differs"},
        "balanced",
    ),
    Rule(
        "same_short_title_issue",
        "One short title, authors and year in one issue, nothing known of volume and page; one database has it once.",
        {"title": "same", "weight": "short", "authors": "same alike", "year": "same", "journal": "same alike", "issue": "same",
         "volume": "missing", "pages": "missing near", "source": "missing differs"},
        "balanced",
    ),
    Rule(
        "same_short_title_journal",
        "One short title, all the same authors and the year in one journal, nothing known of the place; one database has it once.",
        {"title": "same alike", "weight": "short", "authors": "same", "year": "same", "journal": "same alike", "issue": "missing",
         "volume": "missing", "pages": "missing", "source": "missing differs"},
        "balanced",
    ),
    Rule(
        "shifted_fields",
        "Issue and page of one stand as volume and issue of the other.",
        {"title": "same alike", "authors": "same alike", "year": "same", "journal": "same alike", "shifted": "same"},
        outweighs="other_issue other_pages other_volume other_kind",
    ),
    Rule(
        "same_title_journal_near_year",
        "One distinctive title and all the same authors in one journal, online in one year and in print in the next.",
        {"title": "same alike", "weight": "distinctive", "authors": "same", "year": "near", "journal": "same alike",
         "volume": "missing", "issue": "missing", "pages": "missing"},
        "balanced",
    ),
    Rule(
        "same_title_issue_no_authors",
        "One distinctive title in one issue of one journal and year, authors unknown.",
        {"title": "same alike", "weight": "distinctive", "authors": "missing", "year": "same", "pages": "same missing",
         "volume": "same", "issue": "same", "journal": "same alike"},
    ),
    Rule(
        "same_title_volume_no_year",
        "One distinctive title and authors in one volume of one journal, year unknown.",
        {"title": "same alike", "weight": "distinctive", "authors": "same alike", "year": "missing", "pages": "missing near",
         "volume": "same", "journal": "same alike"},
    ),
    Rule(
        "same_title_abstract_volume",
        "One title and one abstract in one volume, whoever the authors are.",
        {"title": "same alike", "abstract": "same", "volume": "same", "year": "same", "pages": "same near missing",
         "authors": "same alike missing", "journal": "same alike missing"},
    ),
    Rule(
        "same_place_longer_title",
        "One page of one volume, authors and year; one title is the other cut short.",
        {"title": "part", "pages": "same", "volume": "same", "year": "same near", "authors": "same alike",
         "journal": "same alike missing"},
        outweighs="other_number other_doi other_issue",
    ),
    Rule(
        "same_span_like_title",
        "The same first and last page of one volume, authors and year; a title is translated, mistyped or missing."
        " One page alone is not enough: abstracts of one group share it.",
        {"title": "near missing", "span": "same", "volume": "same", "year": "same near", "authors": "same",
         "journal": "same alike missing"},
        outweighs="other_number other_doi other_issue",
    ),
    Rule(
        "same_issue_longer_title",
        "Like authors in one issue; one title is the other with a prefix or subtitle more.",
        {"title": "part", "weight": "short distinctive", "authors": "same alike", "journal": "same alike", "volume": "same",
         "issue": "same", "year": "same", "pages": "same near missing"},
        "balanced",
    ),
    Rule(
        "same_abstract",
        "One abstract and authors under titles that can be one.",
        {"abstract": "same", "title": "same alike part near", "authors": "same alike", "year": "same near", "pages": "same near missing",
         "volume": "same missing", "journal": "same alike"},
        "balanced",
    ),
    Rule(
        "same_issue_like_title",
        "Like authors in one issue under titles that differ in a word or two: companion papers can be lost.",
        {"title": "near", "weight": "short distinctive", "authors": "same alike", "journal": "same alike", "volume": "same",
         "issue": "same", "year": "same", "pages": "same near missing"},
        "relaxed",
    ),
    Rule(
        "common_title_in_issue",
        "One title that many share and the same authors in one issue, nothing known of the pages: one of two notes can be lost.",
        {"title": "same alike", "authors": "same alike", "journal": "same alike", "volume": "same", "issue": "same", "year": "same",
         "pages": "missing near", "source": "missing differs"},
        "relaxed",
    ),
    Rule(
        "same_title_authors_other_journal",
        "One distinctive title, all the same authors and one year, no pages: a congress and the paper, or two names of one journal.",
        {"title": "same alike", "weight": "distinctive", "authors": "same", "year": "same", "pages": "missing near", "doi": "same missing"},
        "relaxed",
        outweighs="other_journal other_kind",
    ),
    Rule(
        "same_title_volume_other_page",
        "One distinctive title and all the same authors in one volume and year on other pages: an erratum may be lost.",
        {"title": "same alike", "weight": "distinctive", "authors": "same", "journal": "same alike", "volume": "same", "year": "same",
         "issue": "same missing", "doi": "same missing"},
        "relaxed",
        outweighs="other_pages",
    ),
)  # fmt: skip


def needed(rule: Rule) -> list[tuple[str, int]]:
    """Return the fields that a rule looks at, and the levels it needs of each as bits."""
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
    for name, mask in needed(rule):
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
        outweighed = _bits(rule.outweighs.split())
        holds = (fired < 0) & meets(pairs, rule) & ((objections & ~outweighed) == 0)
        fired[holds] = place
    return fired, objections


CONTRADICTIONS = ("says_otherwise", "other_number", "other_title", "other_doi", "other_pmid", "other_year", "other_authors", "other_pages")  # fmt: skip
"""The objections that keep two members of one cluster apart, though a third is like both."""

TOLERATED = (
    Rule(
        "one_title_in_one_volume",
        "One title and authors in one volume: a DOI or a year of one record is wrong.",
        {"title": "same alike", "authors": "same alike missing", "journal": "same alike missing", "volume": "same",
         "issue": "same missing", "pages": "same near missing"},
        outweighs="other_doi other_pmid other_year",
    ),
    Rule(
        "one_doi",
        "One DOI under titles that do not contradict each other.",
        {"doi": "same", "title": "same alike part near missing"},
        outweighs="other_year other_authors other_pages",
    ),
)  # fmt: skip
"""What lets two members of one cluster stand together that would not be merged by themselves."""


def contradicts(pairs: Compared, risk: str = "balanced") -> np.ndarray:
    """Return which pairs cannot stand in one cluster, whatever else is in it."""
    fired, objections = judge(pairs, risk)
    against = (fired < 0) & ((objections & _bits(CONTRADICTIONS)) > 0)
    for rule in TOLERATED:
        rest = _bits(CONTRADICTIONS) & ~_bits(rule.outweighs.split())
        against &= ~(meets(pairs, rule) & ((objections & rest) == 0))
    return against


def _bits(names: Collection[str]) -> int:
    return sum(
        1 << place
        for place, objection in enumerate(OBJECTIONS)
        if objection.name in names
    )


def names(bits: int) -> list[str]:
    """Return the names of objections."""
    return [
        objection.name
        for place, objection in enumerate(OBJECTIONS)
        if bits >> place & 1
    ]


def is_guess(fired: np.ndarray) -> np.ndarray:
    """Return which merges rest on fields that one record lacks: they give way where they chain two works."""
    guesses = np.array(
        ["missing" in rule.needs.get("pages", "") for rule in RULES] + [False]
    )
    return guesses[fired]


DECIDED = ("says_otherwise", "other_number", "other_title", "other_authors")
"""The objections after which nobody needs to look."""
MOST_OBJECTIONS = 2


def nearness(pairs: Compared, objections: np.ndarray) -> np.ndarray:
    """Return how near each pair is to a merge, 0 where nobody needs to look at it.

    A person looks at telling titles of like authors with few objections, the fewest first, and of
    those the most alike.
    """
    level = pairs.level
    like = (level["title"] & (SAME | ALIKE | PART | NEAR)) > 0
    exact = (level["title"] & (SAME | ALIKE)) > 0
    telling = level["weight"] > GENERIC
    authors = (level["authors"] & (SAME | ALIKE | MISSING)) > 0
    count = np.zeros(len(pairs), np.int64)
    for place in range(len(OBJECTIONS)):
        count += objections >> place & 1
    # Other words in a title are a doubt like any objection.
    count += ~exact
    near = like & telling & authors & (count <= MOST_OBJECTIONS)
    near &= (objections & _bits(DECIDED)) == 0
    known = sum(
        (values <= 100).astype(np.int64) for values in pairs.similarity.values()
    )
    alike = sum(np.where(values <= 100, values, 0).astype(np.int64) for values in pairs.similarity.values())  # fmt: skip
    mean = alike // np.maximum(known, 1)
    return np.where(near, (MOST_OBJECTIONS + 1 - count) * 1000 + mean * 5 + known, 0)
