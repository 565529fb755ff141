"""Pairs of records in; for each field how alike the two are, as a level and a number, out.

Rules speak of levels ("the pages differ"), never of numbers, so that the few thresholds there
are stand here, once. Cheap fields come first, and a pair that can no longer be one work is not
compared letter by letter.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from retrace.dedup import text
from retrace.dedup.normalise import NONE, Records
from retrace.dedup.vocabulary import KINDS, SAYS_WHAT_IT_IS, STOP

MISSING, SAME, ALIKE, PART, NEAR, DIFFERS = 1, 2, 4, 8, 16, 32
LEVELS = {"missing": MISSING, "same": SAME, "alike": ALIKE, "part": PART, "near": NEAR, "differs": DIFFERS}  # fmt: skip
GENERIC, SHORT, DISTINCTIVE = 1, 2, 4
WEIGHTS = {"generic": GENERIC, "short": SHORT, "distinctive": DISTINCTIVE}
SIMILAR = ("title", "authors", "journal", "year", "volume", "issue", "pages", "doi", "pmid", "abstract")  # fmt: skip
"""The fields whose similarity is kept with a merge."""
STEP = 100_000
"""Pairs that are spelled out as Python strings at a time."""


@dataclass(frozen=True)
class Thresholds:
    """Every number that comparing rests on: similarities from 0 to 100, words, works."""

    titles_worth_reading: int = 55
    titles_near: int = 75
    authors_same: int = 95
    authors_alike: int = 80
    authors_near: int = 60
    abstracts_same: int = 90
    abstracts_near: int = 65
    words_of_a_title: int = 5
    works_of_a_common_title: int = 6


SHIPPED = Thresholds()


@dataclass
class Compared:
    """Pairs of records: two places, and per field a level and a similarity from 0 to 100."""

    one: np.ndarray
    other: np.ndarray
    level: dict[str, np.ndarray]
    similarity: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.one)

    def at(self, rows: np.ndarray) -> "Compared":
        """Return some of the pairs."""
        return Compared(
            self.one[rows],
            self.other[rows],
            {name: values[rows] for name, values in self.level.items()},
            {name: values[rows] for name, values in self.similarity.items()},
        )


def joined(first: Compared, second: Compared) -> Compared:
    """Return the pairs of both."""
    return Compared(
        np.concatenate([first.one, second.one]),
        np.concatenate([first.other, second.other]),
        *(
            {name: np.concatenate([a[name], b[name]]) for name in a}
            for a, b in (
                (first.level, second.level),
                (first.similarity, second.similarity),
            )
        ),
    )


def compare(
    records: Records,
    one: np.ndarray,
    other: np.ndarray,
    *,
    every: bool = False,
    thresholds: Thresholds = SHIPPED,
) -> Compared:
    """Return the pairs that can be one work, or every pair, compared field by field."""
    found = Compared(one, other, {}, {})
    for name, codes in (
        ("record_id", records.record_id),
        ("source", records.source),
        ("volume", records.volume),
        ("issue", records.issue),
        ("doi", records.doi),
        ("pmid", records.pmid),
    ):
        _keep(found, name, _equal(codes, one, other))
    _keep(found, "year", _years(records.year, one, other))
    _keep(found, "pages", _pages(records, one, other))
    _keep(found, "last_page", _equal(records.last_page, one, other))
    several = (records.page != NONE) & (records.last_page > records.page)
    whole = (found.level["pages"] == SAME) & (found.level["last_page"] == SAME)
    _keep(found, "span", np.where(whole & several[one] & several[other], SAME, DIFFERS))
    _keep(found, "shifted", _shifted(records, one, other))
    _titles(records, found, thresholds)
    if not every:
        found = found.at(_worth_reading(found))
    one, other = found.one, found.other
    _authors(records, found, thresholds)
    _journals(records, found)
    _abstracts(records, found, thresholds)
    same = records.numbers[one] == records.numbers[other]
    found.level["numbers"] = np.where(same, SAME, DIFFERS).astype(np.uint8)
    same = (records.genre[one] & SAYS_WHAT_IT_IS) == (
        records.genre[other] & SAYS_WHAT_IT_IS
    )
    found.level["says"] = np.where(same, SAME, DIFFERS).astype(np.uint8)
    same = records.is_supplement[one] == records.is_supplement[other]
    found.level["supplement"] = np.where(same, SAME, DIFFERS).astype(np.uint8)
    weight = weights(records, thresholds)
    found.level["weight"] = np.minimum(weight[one], weight[other])
    found.similarity = {
        name: found.similarity[name]
        if name in found.similarity
        else _as_number(found.level[name])
        for name in SIMILAR
    }
    return found


def weights(records: Records, at: Thresholds = SHIPPED) -> np.ndarray:
    """Return how much each title says: its telling words, and how often it stands in this input."""
    need = 2 * np.log2(len(records) + 1)
    words, works = records.n_words, records.n_works
    generic = (
        (words < 2)
        | ((words < 3) & ((records.genre & KINDS) > 0))
        | (works >= at.works_of_a_common_title)
        | ((works >= 3) & (words < at.words_of_a_title))
    )
    short = (words < at.words_of_a_title) | (records.bits < need)
    return np.where(generic, GENERIC, np.where(short, SHORT, DISTINCTIVE)).astype(
        np.uint8
    )


def _keep(found: Compared, name: str, level: np.ndarray) -> None:
    found.level[name] = level.astype(np.uint8)


def _as_number(level: np.ndarray) -> np.ndarray:
    return np.select(
        [level == SAME, level == MISSING, (level & (ALIKE | PART | NEAR)) > 0],
        [100, UNKNOWN, 50],
        0,
    ).astype(np.uint8)


UNKNOWN = 255
"""The similarity of a field that one of two records lacks."""


def _equal(codes: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    a, b = codes[one], codes[other]
    return np.where(
        (a == NONE) | (b == NONE), MISSING, np.where(a == b, SAME, DIFFERS)
    ).astype(np.uint8)


def _years(year: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    a, b = year[one], year[other]
    apart = np.abs(a - b)
    return np.select(
        [(a == NONE) | (b == NONE), apart == 0, apart == 1],
        [MISSING, SAME, NEAR],
        DIFFERS,
    ).astype(np.uint8)


def _pages(records: Records, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    a, b = records.page[one], records.page[other]
    a_end, b_end = records.last_page[one], records.last_page[other]
    # Journals that number each article from 1 say nothing by it.
    from_one = (a == 1) ^ (b == 1)
    overlap = ((a < b) & (b <= a_end) & (b - a <= 30)) | (
        (b < a) & (a <= b_end) & (a - b <= 30)
    )
    end = (a_end == b_end) & (a_end > a) & (b_end > b)
    return np.select(
        [(a == NONE) | (b == NONE), a == b, from_one | overlap | end],
        [MISSING, SAME, NEAR],
        DIFFERS,
    ).astype(np.uint8)


def _shifted(records: Records, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    volume, issue, page = records.volume, records.issue, records.page

    def moved(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (issue[a] == volume[b]) & (page[a] == issue[b]) & (volume[b] >= 0) & (issue[b] >= 0)  # fmt: skip

    return np.where(moved(one, other) | moved(other, one), SAME, DIFFERS)


def _worth_reading(found: Compared) -> np.ndarray:
    level = found.level
    known_place = (level["pages"] == SAME) & (level["volume"] != DIFFERS)
    return np.flatnonzero(
        (level["title"] != DIFFERS)
        | (level["record_id"] == SAME)
        | (level["doi"] == SAME)
        | (level["pmid"] == SAME)
        | known_place & (level["year"] == SAME)
    )


def _titles(records: Records, found: Compared, at: Thresholds) -> None:
    one, other = found.one, found.other
    code = records.title_code
    level = _equal(code, one, other)
    similarity = np.where(level == SAME, 100, np.where(level == MISSING, UNKNOWN, 0))
    rows = np.flatnonzero(level == DIFFERS)
    similarity[rows] = _scores(
        records.title, one[rows], other[rows], fuzz.ratio, at.titles_worth_reading - 10
    )
    main = records.title_work
    same_main = (main[one] == main[other]) & (main[one] != NONE)
    rows = np.flatnonzero(
        (level == DIFFERS) & ((similarity >= at.titles_worth_reading) | same_main)
    )
    level[rows] = _spelled(records.title, one[rows], other[rows], difference_of_titles)
    level[rows] = np.where(
        (level[rows] == DIFFERS) & (similarity[rows] >= at.titles_near),
        NEAR,
        level[rows],
    )
    level[(level == DIFFERS) & same_main] = NEAR
    found.level["title"], found.similarity["title"] = level, similarity.astype(np.uint8)


def difference_of_titles(one: str, other: str) -> int:
    """Return ALIKE where only spelling differs, PART where one has words to spare, else DIFFERS."""
    first, second = one.split(), other.split()
    in_first, in_second = set(first), set(second)
    a = [word for word in first if word not in in_second and word not in STOP]
    b = [word for word in second if word not in in_first and word not in STOP]
    if "".join(a) == "".join(b) or (a and b and misspells("".join(a), "".join(b))):
        return ALIKE
    for word in list(a):
        for mistyped in b:
            if misspells(word, mistyped):
                a.remove(word)
                b.remove(mistyped)
                break
    if not a and not b:
        return ALIKE
    if a and b:
        return DIFFERS
    # One letter to spare is a spelling ("patient s"); a word to spare may be another work.
    spare = "".join(a or b)
    if len(spare) == 1 and not spare.isdecimal():
        return ALIKE
    return PART if len(in_first & in_second) >= 3 else DIFFERS


OPPOSITES = (("hypo", "hyper"), ("micro", "macro"), ("intra", "inter"), ("endo", "exo"), ("mono", "multi"))  # fmt: skip


def misspells(one: str, other: str) -> bool:
    """Return whether two words are one with a slip or two: not where the first letter or a prefix's sense differs.

    Who mistypes gets the first letter right; "maternal" and "paternal" are two words.
    """
    least = min(len(one), len(other))
    if least < 4 or one[0] != other[0]:
        return False
    allowed = 1 if least < 7 else 2
    if OSA.distance(one, other, score_cutoff=allowed) > allowed:
        return False
    if not (one.isalpha() and other.isalpha()):
        return False
    return not any(
        (one.startswith(low) and other.startswith(high)) or (one.startswith(high) and other.startswith(low))
        for low, high in OPPOSITES
    )  # fmt: skip


def _authors(records: Records, found: Compared, at: Thresholds) -> None:
    one, other = found.one, found.other
    empty = text.mask(pc.equal(records.authors, ""))
    missing = empty[one] | empty[other]
    rows = np.flatnonzero(~missing)
    similarity = np.full(len(one), UNKNOWN)
    similarity[rows] = _scores(
        records.authors, one[rows], other[rows], fuzz.token_set_ratio
    )
    found.similarity["authors"] = similarity.astype(np.uint8)
    found.level["authors"] = np.select(
        [missing, similarity >= at.authors_same, similarity >= at.authors_alike, similarity >= at.authors_near],
        [MISSING, SAME, ALIKE, NEAR],
        DIFFERS,
    ).astype(np.uint8)  # fmt: skip


def _abstracts(records: Records, found: Compared, at: Thresholds) -> None:
    one, other = found.one, found.other
    short = pc.less(pc.utf8_length(records.abstract), 60)
    short = text.mask(short)
    missing = short[one] | short[other]
    rows = np.flatnonzero(~missing)
    similarity = np.full(len(one), UNKNOWN)
    similarity[rows] = _scores(records.abstract, one[rows], other[rows], fuzz.ratio)
    found.similarity["abstract"] = similarity.astype(np.uint8)
    found.level["abstract"] = np.select(
        [missing, similarity >= at.abstracts_same, similarity >= at.abstracts_near],
        [MISSING, SAME, NEAR],
        DIFFERS,
    ).astype(np.uint8)


def _journals(records: Records, found: Compared) -> None:
    one, other = found.one, found.other
    code = records.journal_code
    level = _equal(code, one, other)
    rows = np.flatnonzero(level == DIFFERS)
    # Few journals, many pairs: each pair of journals is read once.
    a, b = code[one[rows]], code[other[rows]]
    a, b = np.minimum(a, b), np.maximum(a, b)
    distinct, back = np.unique(a * (code.max(initial=0) + 1) + b, return_inverse=True)
    first = np.empty(len(distinct), np.int64)
    first[back] = rows
    read = _spelled(records.journal, one[first], other[first], difference_of_journals)
    level[rows] = read[back]
    found.level["journal"] = level


def difference_of_journals(one: str, other: str) -> int:
    """Return ALIKE where one is the other's abbreviation, acronym or misspelling, else DIFFERS.

    A word more is another journal ("Lancet", "Lancet Oncology"), but after four words it is a
    place or a series that one database leaves out.
    """
    short, long = sorted((one.split(), other.split()), key=len)
    if len(short) == 1 and short[0] == "".join(word[0] for word in long):
        return ALIKE
    if len(short) != len(long):
        if len(short) < 4:
            return DIFFERS
        long = long[: len(short)]
    if all(
        _abbreviates(a, b) or _abbreviates(b, a) or misspells(a, b)
        for a, b in zip(short, long, strict=True)
    ):
        return ALIKE
    return DIFFERS


def _abbreviates(short: str, long: str) -> bool:
    """Return whether a word stands for a longer one: a beginning, or its letters in order (natl)."""
    if long.startswith(short):
        return True
    letters = iter(long)
    return (
        3 <= len(short) <= len(long) - 2
        and short[0] == long[0]
        and all(letter in letters for letter in short)
    )


def _scores(
    column: pa.Array,
    one: np.ndarray,
    other: np.ndarray,
    scorer: Callable[..., float],
    cutoff: int = 0,
) -> np.ndarray:
    scores = np.empty(len(one), np.uint8)
    for start in range(0, len(one), STEP):
        step = slice(start, start + STEP)
        scores[step] = process.cpdist(
            column.take(text.places(one[step])).to_pylist(),
            column.take(text.places(other[step])).to_pylist(),
            scorer=scorer,
            score_cutoff=cutoff,
            dtype=np.uint8,
            workers=2 if len(one) > 20_000 else 1,
        )
    return scores


def _spelled(
    column: pa.Array,
    one: np.ndarray,
    other: np.ndarray,
    read: Callable[[str, str], int],
) -> np.ndarray:
    levels = np.empty(len(one), np.uint8)
    for start in range(0, len(one), STEP):
        step = slice(start, start + STEP)
        spelled: Iterable[tuple[str, str]] = zip(
            column.take(text.places(one[step])).to_pylist(),
            column.take(text.places(other[step])).to_pylist(),
            strict=True,
        )
        levels[step] = [read(a, b) for a, b in spelled]
    return levels
