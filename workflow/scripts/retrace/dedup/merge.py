"""Rows and their clusters in; one record per cluster with the best value of each field out.

Volume, issue, pages and year are taken from one row as far as it has them, since a citation put
together from two (an early online year with the printed pages) is true of neither.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retrace.dedup import text

OF_THE_KEPT = ("record_id", "source", "accession")
TOGETHER = ("year", "volume", "issue", "pages")
LONGEST = ("title", "authors", "journal", "abstract")


def choose_kept(label: np.ndarray, order: Sequence[np.ndarray]) -> np.ndarray:
    """Return for each row the row kept of its cluster: the lowest by the given numbers, in turn."""
    sorted_ = np.lexsort((*reversed(order), label))
    new = np.ones(len(label), bool)
    new[1:] = label[sorted_][1:] != label[sorted_][:-1]
    kept = np.empty(len(label), np.int64)
    kept[label[sorted_[new]]] = sorted_[new]
    return kept[label]


def best_rows(
    columns: Mapping[str, pa.Array],
    kept: np.ndarray,
    rows: np.ndarray,
    names: Sequence[str],
    order: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return for each field the row that gives it to each kept row of the clusters of ``rows``.

    ``kept`` names for each row the one kept of its cluster; ``rows`` are all members of the
    clusters in question; of two equally good values, that of the row lower in ``order`` is
    taken. The arrays are ordered as the distinct kept rows are.
    """
    of = kept[rows]
    some = {name: columns[name].take(pa.array(rows)) for name in names}
    filled = {name: text.mask(pc.not_equal(some[name], "")) for name in names}
    score_of_place = np.zeros(len(rows), np.int64)
    for name in TOGETHER:
        if name in filled:
            score_of_place += filled[name] * (3 if name == "pages" else 2)
    found = {}
    for name in names:
        if name in OF_THE_KEPT:
            found[name] = np.unique(of)
            continue
        score = np.zeros(len(rows), np.int64)
        if name in LONGEST:
            length = pc.utf8_length(some[name]).to_numpy(zero_copy_only=False)
            score = np.minimum(length.astype(np.int64), 1 << 20)
        elif name in TOGETHER:
            score = score_of_place
        if name == "title":
            score = _quality_of_titles(some[name]) * (1 << 21) + score
        score = np.where(filled[name], score + 1, 0)
        # Of equal values the kept row's.
        sorted_ = np.lexsort((order[rows], of != rows, -score, of))
        new = np.ones(len(rows), bool)
        new[1:] = of[sorted_][1:] != of[sorted_][:-1]
        found[name] = rows[sorted_[new]]
    return found


def _quality_of_titles(title: pa.Array) -> np.ndarray:
    """Return 2 for a title in mixed case that is whole, less where it shouts, is a translation or damaged."""
    quality = np.full(len(title), 2, np.int64)
    quality -= ~text.mask(pc.match_substring_regex(title, r"\p{Ll}"))
    quality -= text.mask(
        pc.match_substring_regex(title, "^\\W*\\[|\ufffd|&#?\\w+;|</?\\w+>")
    )
    return quality


def joined(values: pa.Array, of: np.ndarray) -> pa.Array:
    """Return for each group, in order, its distinct values joined by "; " in alphabetical order."""
    encoded = values.dictionary_encode()
    rank = pc.rank(encoded.dictionary).to_numpy().astype(np.int64) - 1
    code = rank[encoded.indices.to_numpy(zero_copy_only=False)]
    words = encoded.dictionary.take(pc.sort_indices(encoded.dictionary))
    groups, number = np.unique(of, return_inverse=True)
    pairs = np.unique(number * len(words) + code)
    number, code = np.divmod(pairs, len(words))
    counts = np.bincount(number, minlength=len(groups))
    offsets = pa.array(np.concatenate(([0], np.cumsum(counts))), pa.int32())
    return pc.binary_join(
        pa.ListArray.from_arrays(offsets, words.take(pa.array(code))),
        pa.scalar("; ", pa.large_string()),
    )


def placed(column: pa.Array, at: np.ndarray, values: pa.Array) -> pa.Array:
    """Return a column with values put at the given places."""
    mask = np.zeros(len(column), bool)
    mask[at] = True
    values = values.take(pa.array(np.argsort(at, kind="stable")))
    return pc.replace_with_mask(column, pa.array(mask), values)


def but(column: pa.Array, rows: np.ndarray, left_out: np.ndarray) -> pa.Array:
    """Return the cells of some rows, null for those left out."""
    return column.take(pa.array(rows, mask=left_out))


def as_json(
    names: Sequence[str], cells: Sequence[pa.Array], *, quoted: bool
) -> pa.Array:
    """Return one JSON object per row from columns of text; null cells are left out."""
    n = len(cells[0])
    made = pa.repeat(pa.scalar("", pa.large_string()), n)
    for name, cell in zip(names, cells, strict=True):
        if quoted:
            cell = pc.replace_substring(cell, "\\", "\\\\")
            cell = pc.replace_substring(cell, '"', '\\"')
            cell = concat('"', cell, '"')
        made = concat(made, pc.fill_null(concat(f', "{name}": ', cell), ""))
    return concat("{", pc.utf8_slice_codeunits(made, 2), "}")


def concat(*parts: pa.Array | str) -> pa.Array:
    """Return columns and constants joined cell by cell; null where one is."""
    kind = pa.large_string()
    return pc.binary_join_element_wise(
        *(pa.scalar(part, kind) if isinstance(part, str) else part for part in parts),
        pa.scalar("", kind),
    )
