"""Merged pairs in; clusters out, none of which holds two works.

Pairs chain: A is B and B is C makes A be C, though A and C may contradict each other. Every pair
inside a cluster of three or more is therefore compared, and where two members contradict, the
cluster is built again from its strongest pairs, leaving the two apart.
"""

import numpy as np

MOST_PAIRS = 1 << 20
PAIRS_PER_ROW = 16
"""How many pairs inside clusters are compared at most: the one number, or the other for each row.

That is every pair of a cluster of 1,400 in any review. Beyond it, each member is compared with its
nearest neighbours by content.
"""


def components(n: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return for each of ``n`` places the lowest place it is connected with."""
    label = np.arange(n)
    while True:
        low = np.minimum(label[one], label[other])
        before = label.copy()
        np.minimum.at(label, one, low)
        np.minimum.at(label, other, low)
        while True:
            jumped = label[label]
            if np.array_equal(jumped, label):
                break
            label = jumped
        if np.array_equal(before, label):
            return label


def inner_pairs(label: np.ndarray, least: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs inside clusters of at least so many members, the nearest by place first."""
    sizes = np.bincount(label, minlength=len(label))
    rows = np.flatnonzero(sizes[label] >= least)
    rows = rows[np.argsort(label[rows], kind="stable")]
    room = max(MOST_PAIRS, PAIRS_PER_ROW * len(label))
    ones, others = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for step in range(1, len(rows)):
        rows = rows[sizes[label[rows]] > step]
        of = label[rows]
        near = np.flatnonzero(of[step:] == of[:-step])
        room -= len(near)
        if not len(near) or room < 0:
            break
        ones.append(rows[near])
        others.append(rows[near + step])
    return np.concatenate(ones), np.concatenate(others)


def separate(
    label: np.ndarray,
    edges: tuple[np.ndarray, np.ndarray],
    strength: np.ndarray,
    guess: np.ndarray,
    apart: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Return labels under which no pair of ``apart`` shares a cluster.

    Only clusters that hold such a pair are rebuilt: from their edges, the strongest (lowest
    number) first, each taken unless it would bring two members together that are apart. An
    edge that is a ``guess`` is not taken where its end is as much like two works: a record
    without pages between two papers of one title is neither's.
    """
    broken = np.unique(label[apart[0]][label[apart[0]] == label[apart[1]]])
    if not len(broken):
        return label
    label = label.copy()
    of_edge = label[edges[0]]
    order = np.lexsort((edges[1], edges[0], strength, of_edge))
    order = order[np.isin(of_edge[order], broken)]
    conflicts: dict[int, set[int]] = {}
    for a, b in zip(apart[0].tolist(), apart[1].tolist(), strict=True):
        conflicts.setdefault(a, set()).add(b)
        conflicts.setdefault(b, set()).add(a)
    beside: dict[int, set[int]] = {}
    for a, b in zip(edges[0][order].tolist(), edges[1][order].tolist(), strict=True):
        beside.setdefault(a, set()).add(b)
        beside.setdefault(b, set()).add(a)
    members = {row: [row] for row in np.flatnonzero(np.isin(label, broken)).tolist()}
    group = {row: row for row in members}
    for a, b, guessed in zip(
        edges[0][order].tolist(),
        edges[1][order].tolist(),
        guess[order].tolist(),
        strict=True,
    ):
        if guessed and (
            not beside[a].isdisjoint(conflicts.get(b, ()))
            or not beside[b].isdisjoint(conflicts.get(a, ()))
        ):
            continue
        first, second = sorted((group[a], group[b]))
        if first == second:
            continue
        if any(
            not conflicts.get(row, set()).isdisjoint(members[second])
            for row in members[first]
        ):
            continue
        for row in members[second]:
            group[row] = first
        members[first] += members.pop(second)
    for lowest, rows in members.items():
        label[rows] = lowest
    return label


def tree(
    first: np.ndarray, one: np.ndarray, other: np.ndarray, strength: np.ndarray
) -> np.ndarray:
    """Return for each place the pair that leads it towards ``first`` of its cluster, else -1.

    ``first`` names for each place the kept one of its cluster. The strongest pair (lowest
    number) that reaches it over the fewest steps is taken.
    """
    n = len(first)
    by = np.full(n, -1, np.int64)
    reached = first == np.arange(n)
    ends = np.concatenate([one, other]), np.concatenate([other, one])
    pair = np.tile(np.arange(len(one)), 2)
    order = np.lexsort((ends[0], strength[pair]))
    start, end, pair = ends[0][order], ends[1][order], pair[order]
    while True:
        open_ = np.flatnonzero(reached[start] & ~reached[end])
        if not len(open_):
            return by
        new, at = np.unique(end[open_], return_index=True)
        by[new] = pair[open_[at]]
        reached[new] = True
