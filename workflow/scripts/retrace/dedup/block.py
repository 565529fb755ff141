"""Columns of records in; the pairs worth comparing out.

Records that share any of the keys below are neighbours. Inside a block they are sorted, and each
is paired with its next few only, so that the number of pairs grows as the number of records
does, whatever the block: twenty thousand editorials cost as much as twenty thousand papers.
"""

import numpy as np

from retrace.dedup.normalise import NONE, Records
from retrace.dedup.vocabulary import distinct

WINDOW = 10


def keys(records: Records) -> dict[str, np.ndarray]:
    """Return the blocking keys by name: one number per record, NONE where it has no such key."""
    r = records
    rare = r.rare
    return {
        "record_id": r.record_id,
        "doi": r.doi,
        "pmid": r.pmid,
        "title": r.title_code,
        "title_author": both(r.title_code, r.first_author),
        "main_title": r.title_work,
        "title_start": r.title_start,
        "title_end": r.title_end,
        "author_issue": both(r.first_author, r.year, r.volume, r.issue),
        "rare_words": both(rare[:, 0], rare[:, 1], rare[:, 2]),
        "next_rare_words": both(rare[:, 1], rare[:, 2], rare[:, 3]),
        "rare_words_author": both(rare[:, 0], rare[:, 1], r.first_author),
        "author_year_word": both(r.first_author, r.year, rare[:, 0]),
        "author_year_page": both(r.first_author, r.year, r.page),
        "authors_year": both(r.first_author, r.second_author, r.year),
        "place": both(r.volume, r.page, r.year),
        "journal_volume_page": both(r.journal_code, r.volume, r.page),
        "abstract": r.abstract_code,
    }


def pairs(records: Records, window: int = WINDOW) -> tuple[np.ndarray, np.ndarray]:
    """Return the two members of each pair, the lower place first, sorted and each pair once."""
    n = len(records)
    found = [np.empty(0, np.int64)]
    for key in keys(records).values():
        rows = np.flatnonzero(key != NONE)
        # Stable: inside a block the records keep the order in which they stand.
        rows = rows[np.argsort(key[rows], kind="stable")]
        sorted_keys = key[rows]
        for step in range(1, window + 1):
            near = sorted_keys[step:] == sorted_keys[:-step]
            if not near.any():
                break
            one, other = rows[:-step][near], rows[step:][near]
            found.append(np.minimum(one, other) * n + np.maximum(one, other))
    return tuple(np.divmod(distinct(np.concatenate(found)), max(n, 1)))  # type: ignore[return-value]


def both(*parts: np.ndarray) -> np.ndarray:
    """Return one number for several, NONE where one of them is."""
    mixed = np.zeros(len(parts[0]), np.uint64)
    for part in parts:
        mixed = (mixed ^ part.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    missing = np.any([part == NONE for part in parts], axis=0)
    return np.where(missing, NONE, (mixed >> np.uint64(1)).astype(np.int64))
