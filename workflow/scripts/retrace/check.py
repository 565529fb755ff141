"""Read everything an author writes and name all that is wrong, without building anything.

The steps of a build stop at the first stage that fails; here each reads what it can and goes on
with that, so that one run names the mistakes of every file. What only follows from a mistake
already named, such as the unknown ids of a search that cannot be read, is left out.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrace import (
    dedup,
    definitions,
    extraction,
    flow,
    notices,
    protocol,
    queries,
    readers,
    schemas,
    screening,
    sheets,
    tables,
)
from retrace.errors import Problem, ReviewError, did_you_mean, shown
from retrace.tables import Table

if TYPE_CHECKING:
    import pandas as pd

SEARCHES = Path("data/raw/searches")
NOTICES = Path("data/raw/notices")
SCREENING = Path("data/raw/screening")
PUBLISHED = Path("data/raw/published")


def problems() -> list[Problem]:
    """Return every problem of the review in the current folder, each once, by file and row."""
    return look()[0]


def look() -> tuple[list[Problem], list[Problem]]:
    """Return every problem, and what is odd but may stay, such as a search string as printed."""
    checking = _Checking()
    return checking.run(), sorted(dict.fromkeys(checking.odd))


class _Checking:
    """One look at a review: what was found wrong so far."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.odd: list[Problem] = []
        self.known: set[str] = set()
        self.in_broken: tuple[str, ...] = ()
        self.duplicates = tables.empty(schemas.DUPLICATES)
        self.members: pd.DataFrame | None = None
        self.vocabularies: dict[str, queries.Vocabulary] = {}

    def run(self) -> list[Problem]:
        config, self.found = protocol.look()
        known = protocol.completed(None) if config is None else config
        self.found += (
            list(protocol.unread(known, self.found)) if config is not None else []
        )
        with self._gathered():
            self.vocabularies = queries.read_vocabularies()
        self._screening(known, is_protocol_read=config is not None)
        if config is not None:
            wrong, odd = queries.problems_of_config(config, self.vocabularies)
            self.found += wrong
            self.odd += odd
            self._extraction(config)
            self._numbers(config)
        else:
            self._table(PUBLISHED / "claims.csv", schemas.RAW_CLAIMS)
        return sorted(_first(self.found))

    @contextmanager
    def _gathered(self, besides: Collection[str] = ()) -> Iterator[None]:
        """Go on after a mistake, and remember it unless it is about one of these columns."""
        try:
            yield
        except ReviewError as error:
            self.found += [of for of in error.problems if of.column not in besides]

    def _table(self, path: Path, schema: Table) -> "pd.DataFrame":
        """Return what can be read of a table that a review may lack."""
        frame = None
        if path.exists() or path.is_symlink():
            frame, problems = tables.look(path, schema)
            self.found += problems
        return tables.empty(schema) if frame is None else frame

    def _screening(self, config: dict[str, Any], *, is_protocol_read: bool) -> None:
        """Check searches, decisions on records and what was published, as far as each can be read."""
        found = self._searches()
        kept, duplicates, borderline = self._deduplicated(found, config["deduplication"])  # fmt: skip
        self.duplicates = duplicates
        decided = self._settled(found, kept, duplicates, borderline, config, is_protocol_read=is_protocol_read)  # fmt: skip
        settled = tables.empty(schemas.SETTLED) if decided is None else decided
        reports = self._of_records(SCREENING / "reports.csv", schemas.REPORTS, "record_id")  # fmt: skip
        reports = _rows(reports, [not again for again in reports["record_id"].duplicated()])  # fmt: skip
        included = self._of_records(PUBLISHED / "included.csv", schemas.INCLUDED, "record_id")  # fmt: skip
        self._table(PUBLISHED / "reported.csv", schemas.REPORTED)
        with self._gathered():
            members = flow.sort_into_boxes(
                searches=found.searches, records=found.records, duplicates=duplicates, settled=settled,
                reports=reports, included=included, final=False,
            )  # fmt: skip
            self.members = None if decided is None else members
        with self._gathered():
            read = readers.read_all(sorted(NOTICES.glob("[!.]*/[!.]*/search.yaml")))
            asked = notices.Answers(read.searches, read.files, read.records)
            about = notices.tabulate(
                included=included, settled=settled, reports=reports, deduplicated=kept, duplicates=duplicates,
                found=found, asked=asked,
            )  # fmt: skip
            where = str(NOTICES if len(asked.searches) else SEARCHES)
            for row in notices.warn(about).itertuples():
                self.odd.append(Problem(where, 0, row.code, row.says))

    def _searches(self) -> notices.Answers:
        """Check the searches and their strings; keep which records were read, and of which searches none could be."""
        found, broken = self._read_searches()
        self.known = set(found.records["record_id"])
        self.in_broken = tuple(f"{of}:" for of in broken | _without_a_description())
        wrong, odd = queries.problems_of(found.searches, self.vocabularies)
        self.found += wrong
        self.odd += odd
        return found

    def _read_searches(self) -> tuple[notices.Answers, set[str]]:
        """Return the searches with their files and records, and the folders of those that cannot be read."""
        paths = sorted(SEARCHES.glob("[!.]*/[!.]*/search.yaml"))
        broken: set[str] = set()
        for _ in range(2):
            good = [path for path in paths if path.parents[1].name not in broken]
            try:
                read = readers.read_all(good)
                return notices.Answers(read.searches, read.files, read.records), broken  # fmt: skip
            except ReviewError as error:
                self.found += error.problems
                parts = [Path(problem.file).parts for problem in error.problems]
                broken |= {of[3] for of in parts if of[:3] == SEARCHES.parts}
        return notices.Answers.none(), {path.parents[1].name for path in paths}

    def _deduplicated(
        self, found: notices.Answers, rules: dict[str, Any]
    ) -> "list[pd.DataFrame]":
        """Check the overrides; return the records that are kept, the duplicates among them and the pairs in doubt."""
        overrides = self._of_records(SCREENING / "overrides.csv", schemas.OVERRIDES, "record_id", "kept_id")  # fmt: skip
        with self._gathered():
            # As the build does it, or decisions would be held against other records than there.
            return list(
                dedup.deduplicate(
                    found.records, overrides, searches=found.searches, **rules
                )
            )
        return [
            tables.empty(of)
            for of in (schemas.DEDUPLICATED, schemas.DUPLICATES, schemas.BORDERLINE)
        ]

    def _settled(
        self, found: notices.Answers, kept: "pd.DataFrame", duplicates: "pd.DataFrame", borderline: "pd.DataFrame",
        config: dict[str, Any], *, is_protocol_read: bool,
    ) -> "pd.DataFrame | None":  # fmt: skip
        """Check votes and resolutions; return the decisions they come to, None where they come to none."""
        before = len(self.found)
        votes = {
            path.stem: self._table(path, schemas.DECISIONS)
            for path in sorted((SCREENING / "reviewers").glob("*.csv"))
        }
        resolutions = self._table(SCREENING / "resolutions.csv", schemas.RESOLUTIONS)
        is_every_vote_read = len(self.found) == before
        is_whole = is_every_vote_read and not self.in_broken
        of_read = {of: _without(rows, self.in_broken) for of, rows in votes.items()}
        # What a protocol that cannot be read may list, or a vote that cannot be read may say.
        unsure_of = {
            column
            for column, is_read in (("reason", is_protocol_read), ("stage", is_every_vote_read))
            if not is_read
        }  # fmt: skip
        resolutions = _without(resolutions, self.in_broken)
        with self._gathered(besides=unsure_of):
            settled = screening.settle(
                of_read, resolutions, deduplicated=kept, duplicates=duplicates, searches=found.searches,
                final=is_whole and config.get("status") == "release", **config["screening"],
            )  # fmt: skip
            self.odd += [
                Problem(one["where"], what=one["says"])
                for one in screening.doubts(
                    of_read, resolutions, deduplicated=kept, duplicates=duplicates, borderline=borderline,
                    **config["screening"],
                )
            ]  # fmt: skip
            return settled
        return None

    def _of_records(self, path: Path, schema: Table, *columns: str) -> "pd.DataFrame":
        """Return the rows of a table whose records were read; name the ids that no search has."""
        frame = self._table(path, schema)
        fits = [True] * len(frame)
        for column in columns:
            for place, (line, value) in enumerate(
                zip(tables.lines(frame), frame[column], strict=True)
            ):
                if value in self.known:
                    continue
                fits[place] = False
                if value and not str(value).startswith(self.in_broken or ("\0",)):
                    self.found.append(
                        Problem(str(path), line, column, shown(value), "the id of a record that was read from a search",
                                screening.OF_AN_UNKNOWN_ID)
                    )  # fmt: skip
        return _rows(frame, fits)

    def _extraction(self, config: dict[str, Any]) -> None:
        if any(problem.column.startswith("extraction.") for problem in self.found):
            return
        raw, found = sheets.look(config["extraction"])
        self.found += found
        if raw is not None:
            with self._gathered():
                consensus = extraction.agree(raw)
                if self.members is not None and config["status"] == "release":
                    studies = sheets.study_ids(config["extraction"], consensus)
                    arms = config["flow"]["arms"]
                    self.found += [
                        one
                        for _, one in flow.unmatched(
                            self.members, studies, arms, self.duplicates
                        )
                    ]

    def _numbers(self, config: dict[str, Any]) -> None:
        claims = self._table(PUBLISHED / "claims.csv", schemas.RAW_CLAIMS)
        with self._gathered():
            known = definitions.load(config["manuscript"]["definitions"])
            names = [*known.numbers, *known.families]
            for line, claim in zip(
                tables.lines(claims), claims.to_dict("records"), strict=True
            ):
                asked = [("number_id", claim["number_id"])]
                asked += [
                    ("alternatives", one) for one in tables.values(claim["alternatives"])
                ]  # fmt: skip
                for column, number_id in asked:
                    if number_id and known.find(number_id) is None:
                        self.found.append(
                            Problem(str(PUBLISHED / "claims.csv"), line, column, shown(number_id), f"a number of {known.file}",
                                    did_you_mean(number_id, names, "correct it, or define the number"))
                        )  # fmt: skip


def _without_a_description() -> set[str]:
    """Return the sources that have a day's folder without a search.yaml."""
    days = (day for day in SEARCHES.glob("[!.]*/[!.]*") if day.is_dir())
    return {day.parent.name for day in days if not (day / "search.yaml").exists()}


def _first(problems: list[Problem]) -> list[Problem]:
    """Return of each cell the problem that was found first; what comes later follows from it."""
    seen: dict[object, Problem] = {}
    for problem in problems:
        is_cell = problem.row and problem.column
        place = (problem.file, problem.row, problem.column) if is_cell else problem
        seen.setdefault(place, problem)
    return list(seen.values())


def _without(frame: "pd.DataFrame", in_broken: tuple[str, ...]) -> "pd.DataFrame":
    """Return the rows that are not of a search that cannot be read."""
    if not in_broken:
        return frame
    return _rows(
        frame, [not str(value).startswith(in_broken) for value in frame["record_id"]]
    )


def _rows(frame: "pd.DataFrame", fits: list[bool]) -> "pd.DataFrame":
    """Return some rows of a table that was read, which still know on which line they stand."""
    lines = [line for line, fit in zip(tables.lines(frame), fits, strict=True) if fit]
    chosen = [place for place, fit in enumerate(fits) if fit]
    frame = frame.iloc[chosen].reset_index(drop=True)
    frame.attrs["lines"] = lines
    return frame
