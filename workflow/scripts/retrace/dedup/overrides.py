"""A person's word on duplicates in; pairs of rows that belong together or apart out.

A word that can no longer be kept, because its record is gone or another word contradicts it, is
named and stops the build: dropped silently, a study would come back or be lost.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from retrace import tables
from retrace.errors import Problem, TableError

if TYPE_CHECKING:
    import pandas as pd

PLACE = "data/raw/screening/overrides.csv"


class Overrides:
    """The overrides of a review: ``together`` and ``apart`` are pairs of rows, shape (n, 2).

    Raises:
        TableError: an override names a record that is not there, or splits one from itself.
    """

    def __init__(self, overrides: "pd.DataFrame | None", record_id: "pd.Series"):
        self.lines = [] if overrides is None else overrides.to_dict("records")
        self.places = [] if overrides is None else tables.lines(overrides)
        named = {
            line[column] for line in self.lines for column in ("record_id", "kept_id")
        }
        self.rows: dict[str, list[int]] = {}
        for row in np.flatnonzero(record_id.isin(named).to_numpy()).tolist():
            self.rows.setdefault(str(record_id.iloc[row]), []).append(row)
        problems = [
            Problem(PLACE, place, column, repr(line[column]), "a record of results/records/records.parquet",
                    "correct the id, or delete the row where the record is gone")
            for place, line in zip(self.places, self.lines, strict=True)
            for column in ("record_id", "kept_id")
            if line[column] not in self.rows
        ] + [
            Problem(PLACE, place, "kept_id", f"{line['record_id']} is split from itself", "two records",
                    "correct one of the ids")
            for place, line in zip(self.places, self.lines, strict=True)
            if line["action"] == "split" and line["record_id"] == line["kept_id"]
        ]  # fmt: skip
        if problems:
            raise TableError(problems)
        # One row of each stands for all: rows with one id are merged before all else.
        self.together = _pairs(
            (self.rows[line["record_id"]][0], self.rows[line["kept_id"]][0])
            for line in self.lines
            if line["action"] == "merge" and line["record_id"] != line["kept_id"]
        )
        self.apart = _pairs(
            (one, other)
            for line in self.lines
            if line["action"] == "split"
            for one in self.rows[line["record_id"]]
            for other in self.rows[line["kept_id"]]
        )

    def hold(self, kept: np.ndarray) -> None:
        """Raise where a merge by hand could not be made for the sake of a split by hand.

        Raises:
            TableError: every such merge.
        """
        problems = [
            Problem(PLACE, place, "action", f"merges {line['record_id']} and {line['kept_id']}, which other rows split",
                    "rows that do not contradict each other", "delete one of them")
            for place, line in zip(self.places, self.lines, strict=True)
            if line["action"] == "merge"
            and kept[self.rows[line["record_id"]][0]] != kept[self.rows[line["kept_id"]][0]]
        ]  # fmt: skip
        if problems:
            raise TableError(problems)


def _pairs(pairs: Iterable[tuple[int, int]]) -> np.ndarray:
    return np.array(list(pairs), np.int64).reshape(-1, 2)
