"""Rows of all searches in; distinct records, and each merge with the rule that found it, out.

normalise -> block -> compare -> rules -> cluster -> merge, each a module: columns all the way,
since a million records as Python objects are ten gigabytes.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables

if TYPE_CHECKING:
    import pandas as pd

READ = ("id", "record_id", "source", "title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "abstract")  # fmt: skip
"""The columns that `match` knows; only `id` must be there."""


def match(
    table: Mapping[str, Any], *, risk: str = "balanced"
) -> tuple[dict[str, list[str]], dict[str, list[Any]]]:
    """Return the cluster of each row of a table of Arrow columns, and every merge.

    The first has ``id`` and ``cluster``, the id of the row kept; the second ``id``,
    ``matched_id`` (the row it was found to equal), ``cluster``, ``rule`` and how alike each
    field is, from 0 to 1, empty where one of the two lacks it.
    """
    from retrace.dedup import find as finding
    from retrace.dedup import text

    ids = table["id"]
    if not len(ids):
        none = ("id", "matched_id", "cluster", "rule", *finding.compare.SIMILAR)
        return {"id": [], "cluster": []}, {name: [] for name in none}
    found = finding.find(table, risk=risk)
    kept = ids.take(text.places(found.kept))
    clusters = {"id": ids.to_pylist(), "cluster": kept.to_pylist()}
    merged = text.places(found.merged)
    matches = {
        "id": ids.take(merged).to_pylist(),
        "matched_id": ids.take(text.places(found.matched)).to_pylist(),
        "cluster": kept.take(merged).to_pylist(),
        "rule": [finding.RULE_NAMES[rule] for rule in found.rule.tolist()],
    }
    spelled = [f"{number / 100:g}" for number in range(101)] + [""] * 155
    for name, values in found.similarity.items():
        matches[name] = [spelled[value] for value in values.tolist()]
    return clusters, matches


def deduplicate(
    records: "pd.DataFrame",
    overrides: "pd.DataFrame | None" = None,
    *,
    searches: "pd.DataFrame | None" = None,
    risk: str = "balanced",
) -> tuple["pd.DataFrame", "pd.DataFrame", "pd.DataFrame"]:
    """Return the distinct records, the duplicates, and the pairs that a person should look at.

    The tables are `schemas.DEDUPLICATED`, `schemas.DUPLICATES` and `schemas.BORDERLINE`. In =
    kept + merged: each row of ``records`` is the kept one of a record, or a row of the
    duplicates. ``overrides`` are a person's word, `schemas.OVERRIDES`. The kept one is, by ``searches``, of a database
    before a mere list, then one with an accession number, then the lowest id: never the first.

    Raises:
        TableError: an override names a record that is not there, or two contradict each other.
    """
    import pandas as pd

    from retrace.dedup import find as finding
    from retrace.dedup.overrides import Overrides

    if not len(records):
        return (
            tables.empty(schemas.DEDUPLICATED),
            tables.empty(schemas.DUPLICATES),
            tables.empty(schemas.BORDERLINE),
        )
    columns = {
        name: _as_arrow(records[name])
        for name in (*schemas.RECORDS.names, *schemas.DEDUPLICATED.names)
        if name in records.columns
    }
    by_hand = Overrides(overrides, records["record_id"])
    found = finding.find(
        {**columns, "id": columns["row_id"]},
        risk=risk,
        prefer=_preferences(records, searches),
        together=by_hand.together,
        apart=by_hand.apart,
    )
    by_hand.hold(found.kept)
    ranks = {name: finding.rank(columns[name]) for name in ("record_id", "row_id")}
    made = (
        _distinct(columns, found.kept, ranks),
        _duplicates(columns, found, ranks),
        _doubtful(columns, found.borderline),
    )
    kept, duplicates, borderline = (
        pd.DataFrame({name: _as_text(column) for name, column in table.items()})
        for table in made
    )
    return kept, duplicates, borderline.astype({"rank": "Int64"})


def _distinct(
    columns: Mapping[str, Any], kept: Any, ranks: Mapping[str, Any]
) -> dict[str, Any]:
    """Return one row per cluster, in the order of record ids, with the best value of each field."""
    import numpy as np

    from retrace.dedup import merge
    from retrace.dedup.text import places

    rows = columns["row_id"]
    fields = [name for name in schemas.DEDUPLICATED.names if name in columns]
    several = np.flatnonzero(np.bincount(kept, minlength=len(kept))[kept] > 1)
    order = np.argsort(np.lexsort([ranks["row_id"], ranks["record_id"]]))
    best = merge.best_rows(columns, kept, several, fields, order)
    heads, all_kept = np.unique(kept[several]), np.unique(kept)
    all_kept = all_kept[np.argsort(ranks["record_id"][all_kept], kind="stable")]
    at = np.empty(len(kept), np.int64)
    at[all_kept] = np.arange(len(all_kept))
    at = at[heads]

    made: dict[str, Any] = {}
    for name in fields:
        source = all_kept.copy()
        source[at] = best[name]
        made[name] = columns[name].take(places(source))
    sources = merge.joined(columns["source"].take(places(several)), kept[several])
    made["sources"] = merge.placed(made["source"], at, sources)
    # Only what comes from another row than the kept one is named.
    others = [merge.but(rows, best[name], best[name] == heads) for name in fields]
    origins = merge.as_json(
        ["*", *fields], [rows.take(places(heads)), *others], quoted=True
    )
    made["origins"] = merge.placed(
        merge.as_json(["*"], [rows.take(places(all_kept))], quoted=True), at, origins
    )
    return made


def _duplicates(
    columns: Mapping[str, Any], found: Any, ranks: Mapping[str, Any]
) -> dict[str, Any]:
    """Return one row per merged row, in the order of ids."""
    import numpy as np
    import pyarrow as pa

    from retrace.dedup import find as finding
    from retrace.dedup.text import places

    into = found.kept[found.merged]
    order = np.lexsort(
        [
            ranks["row_id"][found.merged],
            ranks["record_id"][found.merged],
            ranks["record_id"][into],
        ]
    )
    merged, into = places(found.merged[order]), places(into[order])
    return {
        "row_id": columns["row_id"].take(merged),
        "record_id": columns["record_id"].take(merged),
        "kept_row_id": columns["row_id"].take(into),
        "kept_id": columns["record_id"].take(into),
        "matched_row_id": columns["row_id"].take(places(found.matched[order])),
        "rule": pa.array(finding.RULE_NAMES).take(places(found.rule[order])),
        "similarities": as_similarities(
            {name: values[order] for name, values in found.similarity.items()}
        ),
    }


def _doubtful(columns: Mapping[str, Any], near: Any) -> dict[str, Any]:
    """Return one row per pair in doubt, the likeliest first."""
    import pyarrow as pa

    from retrace.dedup import rules
    from retrace.dedup.text import places

    one, other = places(near.one), places(near.other)
    objections = [
        tables.SEPARATOR.join(rules.names(bits)) for bits in near.objections.tolist()
    ]
    return {
        "rank": pa.array(
            [str(rank + 1) for rank in range(len(one))], pa.large_string()
        ),
        "record_id": columns["record_id"].take(one),
        "other_id": columns["record_id"].take(other),
        "title": columns["title"].take(one),
        "other_title": columns["title"].take(other),
        "objections": pa.array(objections, pa.large_string()),
        "similarities": as_similarities(near.similarity),
    }


def as_similarities(similarity: Mapping[str, Any]) -> Any:
    """Return one JSON object per merge: how alike each field is, from 0 to 1."""
    import pyarrow as pa

    from retrace.dedup import merge

    spelled = pa.array(
        [f"{number / 100:g}" for number in range(101)], pa.large_string()
    )
    cells = [
        spelled.take(pa.array(values, mask=values > 100))
        for values in similarity.values()
    ]
    return merge.as_json(list(similarity), cells, quoted=False)


def _preferences(records: "pd.DataFrame", searches: "pd.DataFrame | None") -> list[Any]:
    """Return numbers by which the kept row is chosen: identified before listed, with accession first."""
    import numpy as np

    last: set[str] = set()
    if searches is not None:
        first = searches["status"].isin(schemas.AT_HAND)
        databases = first & searches["kind"].isin(schemas.SCREENED_KINDS)
        last = set(searches["source"]) - set(searches["source"][databases])
    listed = records["source"].isin(last).to_numpy()
    return [
        listed.astype(np.int64),
        (records["accession"] == "").to_numpy().astype(np.int64)
        if "accession" in records
        else np.zeros(len(records), np.int64),
    ]


def _as_arrow(column: "pd.Series") -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    made = pa.array(column, from_pandas=True)
    if isinstance(made, pa.ChunkedArray):
        made = made.combine_chunks()
    return pc.fill_null(made.cast(pa.large_string()), "")


def _as_text(column: Any) -> Any:
    import pandas as pd
    import pyarrow as pa

    return pd.Series(column.cast(pa.large_string()).to_pandas(), dtype="str")
