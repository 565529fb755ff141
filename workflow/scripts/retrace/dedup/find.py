"""Columns of records in; clusters, and the pair and rule that put each record into its own, out.

Records are put into an order of their content first, and everything runs in that order, so that
neither the order of rows nor that of files has a say in what is found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retrace.dedup import block, cluster, compare, merge, normalise, rules, text

ORDER = ("year", "volume", "pages", "title", "record_id", "id")
BY_HAND = len(rules.RULES)
"""The number of the rule that a person's word is."""
RULE_NAMES = (*(rule.name for rule in rules.RULES), "override")


@dataclass
class Found:
    """Clusters of rows; places are those of the table that was given.

    ``kept`` names for each row the one kept of its cluster. Each merged row has one entry in
    ``merged``, ``matched`` (the row it was compared with), ``rule`` (its place in
    `RULE_NAMES`) and ``similarity`` (per field, 0 to 100, 255 where one lacks it).
    """

    kept: np.ndarray
    merged: np.ndarray
    matched: np.ndarray
    rule: np.ndarray
    similarity: dict[str, np.ndarray]
    borderline: "Borderline"


@dataclass
class Borderline:
    """Pairs of rows left apart that a person should see, the likeliest first.

    ``objections`` are bits, by their places in `rules.OBJECTIONS`.
    """

    one: np.ndarray
    other: np.ndarray
    objections: np.ndarray
    similarity: dict[str, np.ndarray]


def find(
    table: Mapping[str, pa.Array],
    *,
    risk: str = "balanced",
    prefer: Sequence[np.ndarray] = (),
    together: np.ndarray | None = None,
    apart: np.ndarray | None = None,
    thresholds: compare.Thresholds = compare.SHIPPED,
) -> Found:
    """Return the clusters of a table with the columns `normalise.FIELDS`, `record_id` and `id`.

    ``prefer`` are numbers per row by which the kept one is chosen, the lowest in turn, before
    its ids. ``together`` and ``apart`` are pairs of rows, shape (n, 2), that a person merged or
    split; no cluster holds a pair of ``apart``.
    """
    n = len(table["id"])
    none = np.empty((0, 2), np.int64)
    together, apart = (none if some is None else some for some in (together, apart))
    order = _order(table)
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    records = normalise.normalise(
        {
            name: table[name].take(text.places(order))
            for name in (*normalise.FIELDS, *normalise.IDENTITY)
            if name in table
        },
        n,
    )
    pairs = compare.compare(records, *block.pairs(records), thresholds=thresholds)
    fired, objections = rules.judge(pairs, risk)
    nearness = rules.nearness(pairs, objections)
    near = nearness > 0
    undecided, nearness, objections = pairs.at(near), nearness[near], objections[near]
    pairs, fired = pairs.at(fired >= 0), fired[fired >= 0]
    if len(together):
        by_hand = compare.compare(
            records, *place[together].T, every=True, thresholds=thresholds
        )
        pairs = compare.joined(by_hand, pairs)
        fired = np.concatenate([np.full(len(by_hand), BY_HAND, np.int8), fired])
    label = cluster.components(n, pairs.one, pairs.other)
    inner = compare.compare(
        records, *cluster.inner_pairs(label), every=True, thresholds=thresholds
    )
    against = rules.contradicts(inner, risk)
    against = np.concatenate(
        [np.stack([inner.one, inner.other], 1)[against], place[apart]]
    )
    # A person's word comes before every rule but that of one record read twice.
    strength = np.where(fired == BY_HAND, 1, fired.astype(np.int64) * 2)
    label = cluster.separate(
        label,
        (pairs.one, pairs.other),
        strength,
        rules.is_guess(fired),
        tuple(against.T),
    )
    held = label[pairs.one] == label[pairs.other]
    pairs, fired, strength = pairs.at(held), fired[held], strength[held]

    ids = [rank(table[name]) for name in ("record_id", "id") if name in table]
    first = merge.choose_kept(label, [some[order] for some in (*prefer, *ids)])
    by = cluster.tree(first, pairs.one, pairs.other, strength)
    merged = np.flatnonzero(by >= 0)
    edge = by[merged]
    matched = np.where(pairs.one[edge] == merged, pairs.other[edge], pairs.one[edge])
    kept = np.empty(n, np.int64)
    kept[order] = order[first]
    sort = np.argsort(order[merged], kind="stable")
    return Found(
        kept,
        order[merged][sort],
        order[matched][sort],
        fired[edge][sort],
        {name: values[edge][sort] for name, values in pairs.similarity.items()},
        _borderline(undecided, nearness, objections, first, place[apart], order),
    )


def _borderline(
    pairs: compare.Compared,
    nearness: np.ndarray,
    objections: np.ndarray,
    first: np.ndarray,
    apart: np.ndarray,
    order: np.ndarray,
) -> Borderline:
    """Return the nearest pair between each two clusters; what a person split is settled."""
    n = len(first)
    one, other = first[pairs.one], first[pairs.other]
    between = np.minimum(one, other) * n + np.maximum(one, other)
    settled = first[apart]
    settled = settled.min(axis=1) * n + settled.max(axis=1)
    rows = np.flatnonzero((one != other) & ~np.isin(between, settled))
    rows = rows[np.lexsort((pairs.other[rows], pairs.one[rows], -nearness[rows]))]
    _, best = np.unique(between[rows], return_index=True)
    rows = rows[np.sort(best)]
    return Borderline(
        order[one[rows]],
        order[other[rows]],
        objections[rows],
        {name: values[rows] for name, values in pairs.similarity.items()},
    )


def _order(table: Mapping[str, pa.Array]) -> np.ndarray:
    """Return the rows in an order of their content, then of their ids."""
    ranks = [rank(table[name]) for name in ORDER if name in table]
    return np.lexsort(ranks[::-1])


def rank(column: pa.Array) -> np.ndarray:
    """Return numbers in the alphabetical order of the cells, equal for equal ones."""
    encoded = column.dictionary_encode()
    ranks = pc.rank(encoded.dictionary).to_numpy().astype(np.int64)
    return ranks[encoded.indices.to_numpy()]
