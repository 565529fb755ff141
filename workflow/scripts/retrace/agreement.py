"""Measure how far two raters agree beyond chance."""

from collections import Counter
from collections.abc import Sequence


def cohens_kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Return Cohen's kappa of two raters' labels of the same things, in the same order.

    None where it is not defined: nothing was rated, or both raters gave every thing the same
    one label, so that agreement by chance is complete.

    Source: Cohen J (1960), Educ Psychol Meas 20:37-46, doi 10.1177/001316446002000104.
    """
    n = len(first)
    if n == 0:
        return None
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    of_first, of_second = Counter(first), Counter(second)
    chance = sum(of_first[label] * of_second[label] for label in of_first) / n**2
    return None if chance == 1 else (observed - chance) / (1 - chance)


def percent(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Return the percentage of things to which two raters gave the same label."""
    n = len(first)
    return (
        100 * sum(a == b for a, b in zip(first, second, strict=True)) / n if n else None
    )
