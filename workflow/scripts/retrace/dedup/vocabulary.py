"""The words of all titles in; how much each title says in this input, and what kind of item it is, out.

A title is evidence as far as it is unlikely: "Introduction" above a hundred pieces says nothing,
and which words say little differs from review to review, so it is counted, not listed.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CORRECTION, REPLY, REVIEW, PROTOCOL, FRONT = 1, 2, 4, 8, 16
GENRES = {
    CORRECTION: "erratum errata corrigendum corrigenda correction corrections retraction retractions withdrawn addendum",
    REPLY: "reply replies response responses comment comments commentary rejoinder rebuttal letter letters discussion authors author",
    REVIEW: "book books review reviews reviewed reviewer reviewers",
    PROTOCOL: "protocol protocols rationale",
    FRONT: "editorial editorials editor editors introduction preface foreword contents index announcement announcements news"
    " issue special comments note notes abstracts abstract proceedings section call papers board information untitled",
}
"""Words that name a kind of item. Where only one of two titles has one, two items are likely."""

# "(vol 360, pg 542, 2009)", "(Cancer (2009) 360 (542-544))": what the correction corrects.
CITATION = r"(?i)[\s.]*\((vol(ume|\.)? ?\d+[^()]*|[^()]+\((19|20)\d\d\)[^()]*(\([^()]*\)[^()]*)*\d+[^()]*(\([^()]*\))?)\)[.\s]*(doi\S*[.\s]*)?$"
# Two databases' names of one erratum: "Erratum: X (The Journal of", "X (vol 142, pg 310, 2003)".
CORRECTION_WORDS = r"(?i)^\W*((author|publisher).? )?(erratum|errata|corrigend\w+|corrections?( (to|for)\b)?[:.]?)\b( (to|for|in)\b)?\W*|\s*\([^()]*(\([^()]*)?$"

IS_CORRECTION, IS_REPLY, IS_PROTOCOL = 1 << 8, 1 << 9, 1 << 10
MARKS = (
    ("[(]", CITATION, IS_CORRECTION),
    (
        "(?i)errat|corrig|correction|retraction|publisher|concern",
        r"(?i)\b(erratum|corrigendum)\b|^\W*(errata|corrigend|correction (to|for)\b|corrections? ?[:.]"
        r"|retraction (of|to|note|notice)\b|retraction[:.]|publisher.s (note|correction)|author correction|expression of concern)",
        IS_CORRECTION,
    ),
    (
        r"(?i)repl|respon|rejoinder|rebuttal|\bre\b|letter|comment|discussion|critique",
        r"(?i)^\W*(((the )?(author|editor)'?s?'?|an?|in|invited) )?"
        r"((reply|rejoinder|rebuttal)\b|re ?:|(response|letter|comment(s|ary)?|discussion|critique)( ?[:.]|\W*$| (to|from|by|on|of)\b))"
        r"|[-.:?] ?((the |an? )?(authors?'? |invited )?)?(reply|response|rejoinder|comment(s|ary)?|discussion)\W*$",
        IS_REPLY,
    ),
    ("(?i)protocol", r"(?i)\bprotocol\b", IS_PROTOCOL),
)
"""What the title itself says it is: letters it must have, the pattern, the bit."""
SAYS_WHAT_IT_IS = IS_CORRECTION | IS_REPLY | IS_PROTOCOL
KINDS = CORRECTION | REPLY | REVIEW | PROTOCOL | FRONT

_STOP = """a an and are as at be between by can do does during for from has have how in into is it
 its not of on or over than that the their these this to under upon using via was were what when
 which who with within without"""
STOP = frozenset(_STOP.split())
_ROMAN = "ii iii iv v vi vii viii ix x xi xii xiii"
ROMAN = {
    word: number for number, word in enumerate(_ROMAN.split(), start=2) if len(word) > 1
}
"""Without i, v and x, which are more often letters."""
_SPELT = "one two three four five six seven eight nine ten"
SPELT = {word: number for number, word in enumerate(_SPELT.split(), start=1)}


@dataclass
class Weights:
    """Of each title: see the fields of the same names in `normalise.Records`."""

    n_words: np.ndarray
    bits: np.ndarray
    rare: np.ndarray
    numbers: np.ndarray
    genre: np.ndarray


def weigh(title: pa.Array) -> Weights:
    """Return how much each title (as words) says in this input."""
    n = len(title)
    lists = pc.split_pattern(title, " ")
    encoded = lists.flatten().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    word = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    record = np.repeat(
        np.arange(n), pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    )
    # One entry per record and distinct word, the rarest word of a record first.
    frequency = np.bincount(word, minlength=len(words))
    alphabetical = pc.rank(encoded.dictionary).to_numpy()
    by_rarity = np.lexsort((alphabetical, frequency))
    rank = np.empty(len(words), np.int64)
    rank[by_rarity] = np.arange(len(words))
    pairs = distinct(record * max(len(words), 1) + rank[word])
    record, ranked = np.divmod(pairs, max(len(words), 1))
    word = by_rarity[ranked] if len(words) else ranked
    in_records = np.bincount(word, minlength=len(words))

    idf = np.log2((n + 1) / np.maximum(in_records, 1))
    kind = np.array([_genre_of(w) for w in words], np.int64)
    stop = np.array([w in STOP or w == "" for w in words], bool)
    value = np.array([_number_of(w) for w in words], np.uint64)
    telling = ~stop & (kind == 0)
    genre = np.zeros(n, np.int64)
    for bit in GENRES:
        genre |= np.where(
            np.bincount(record[(kind[word] & bit) > 0], minlength=n) > 0, bit, 0
        )
    numbers = np.zeros(n, np.uint64)
    some = value[word] > 0
    np.add.at(numbers, record[some], value[word[some]])
    keep = telling[word]
    record, ranked, word = record[keep], ranked[keep], word[keep]
    n_words = np.bincount(record, minlength=n)
    rare = np.full((n, 4), -1, np.int64)
    start = np.concatenate(([0], np.cumsum(n_words)[:-1]))
    for place in range(4):
        has = n_words > place
        rare[has, place] = word[start[has] + place]
    return Weights(
        n_words, np.bincount(record, idf[word], minlength=n), rare, numbers, genre
    )


def distinct(numbers: np.ndarray) -> np.ndarray:
    """Return the distinct numbers in order; sorting takes a tenth of what NumPy's hashing does."""
    numbers = np.sort(numbers)
    new = np.ones(len(numbers), bool)
    new[1:] = numbers[1:] != numbers[:-1]
    return numbers[new]


def _genre_of(word: str) -> int:
    return _GENRE.get(word, 0)


_GENRE = {
    word: bit for bit, spelled in reversed(GENRES.items()) for word in spelled.split()
}


def _number_of(word: str) -> int:
    """Return a sum of mixed numbers: of digits inside a word ("type2"), Roman and spelt ones."""
    if word in ROMAN:
        return _mixed(ROMAN[word])
    if word in SPELT:
        return _mixed(SPELT[word])
    if word.isalpha() or not word:
        return 0
    digits = "".join(letter if letter.isdecimal() else " " for letter in word).split()
    return sum(_mixed(int(part[:15])) for part in digits) % 2**64


def _mixed(number: int) -> int:
    """Return splitmix64 of a number: sums of such values tell sets of numbers apart."""
    mixed = (number + 1) * 0x9E3779B97F4A7C15 % 2**64
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB % 2**64
    return mixed ^ mixed >> 31
