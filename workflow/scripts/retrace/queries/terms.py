"""When two terms of search strings are one in other words: inverted, plural, or spelt otherwise.

A key is a means of comparison and no word: it folds what English does to a term's form, by rules
and without a list of words, so it may fold two words that differ; a reader sees the terms as written.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

WILDCARDS = "*?$#"


def wording(text: str) -> str:
    """Return a term as it is compared: small letters, single blanks, no quotes around it."""
    return " ".join(text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())  # fmt: skip


def is_inverted(words: str) -> bool:
    """Return whether a term has its noun before a comma, as headings have."""
    parts = words.split(", ")
    return len(parts) > 1 and all(part and "," not in part for part in parts)


def uninverted(words: str) -> str:
    """Return a term in the order of speech: "b, a" is "a b"."""
    return " ".join(reversed(words.split(", "))) if is_inverted(words) else words


@lru_cache(maxsize=1 << 14)
def key(words: str) -> str:
    """Return what terms share that differ in form only."""
    return _folded(uninverted(words), FOLDS.values())


def forms(one: str, other: str) -> list[str]:
    """Return in which ways two wordings of one key differ: what it takes to make them one."""
    found = ["inverted"] if is_inverted(one) != is_inverted(other) else []
    one, other = uninverted(one), uninverted(other)
    for name in FOLDS:
        rest = [fold for known, fold in FOLDS.items() if known != name]
        if one != other and _folded(one, rest) != _folded(other, rest):
            found.append(name)
    return found or ["other"]


def _folded(words: str, folds: Iterable[Callable[[str], str]]) -> str:
    for fold in folds:
        words = fold(words)
    return words


def _unhyphened(words: str) -> str:
    return " ".join(re.sub("[-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}]", " ", words).split())  # fmt: skip


def _spelt(word: str) -> str:
    """Fold British and American spelling."""
    word = word.replace("ae", "e").replace("oe", "e")
    word = re.sub(r"eing\Z", "ing", word)
    word = re.sub(r"(?<=[a-z]{2})our(?=s?\Z|al|ed|ing)", "or", word)
    word = re.sub(r"(?<=[a-z]{3})is(?=(?:e|es|ed|er|ers|ing|ation|ations)\Z)", "iz", word)  # fmt: skip
    word = re.sub(r"(?<=[a-z]{3})ys(?=(?:e|ed|er|ing)\Z)", "yz", word)
    return re.sub(r"(?<=[bt])re(?=s?\Z)", "er", word)


def _singular(word: str) -> str:
    """Fold English and Latin plurals."""
    if len(word) < 4 or any(mark in word for mark in WILDCARDS):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("ia"):
        return word[:-2] + "ium"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


FOLDS: dict[str, Callable[[str], str]] = {
    "hyphen": _unhyphened,
    "spelling": lambda words: " ".join(map(_spelt, words.split())),
    "plural": lambda words: " ".join(map(_singular, words.split())),
}
"""What a key leaves aside, in the order in which it is done."""
