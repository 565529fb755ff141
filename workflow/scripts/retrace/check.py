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
        found, broken = self._searches()
        broken |= _without_a_description()
        searches, rows = found.searches, found.records
        wrong, self.odd = queries.problems_of(searches, self.vocabularies)
        self.found += wrong
        overrides = self._table(SCREENING / "overrides.csv", schemas.OVERRIDES)
        kept, duplicates = (
            tables.empty(schemas.DEDUPLICATED),
            tables.empty(schemas.DUPLICATES),
        )
        known = set(rows["record_id"])
        in_broken = tuple(f"{source}:" for source in broken)
        overrides = self._of_records(overrides, known, in_broken, "overrides.csv", "record_id", "kept_id")  # fmt: skip
        with self._gathered():
            # As the build does it, or decisions would be held against other records than there.
            kept, duplicates, *_ = dedup.deduplicate(
                rows, overrides, searches=searches, **config["deduplication"]
            )
        before = len(self.found)
        votes = {
            path.stem: self._table(path, schemas.DECISIONS)
            for path in sorted((SCREENING / "reviewers").glob("*.csv"))
        }
        resolutions = self._table(SCREENING / "resolutions.csv", schemas.RESOLUTIONS)
        is_every_vote_read = len(self.found) == before
        is_whole = is_every_vote_read and not broken
        of_read = {
            reviewer: _without(frame, in_broken) for reviewer, frame in votes.items()
        }
        settled = tables.empty(schemas.SETTLED)
        # What a protocol that cannot be read may list, or a vote that cannot be read may say.
        unsure_of = {
            column
            for column, is_read in (("reason", is_protocol_read), ("stage", is_every_vote_read))
            if not is_read
        }  # fmt: skip
        with self._gathered(besides=unsure_of):
            settled = screening.settle(
                of_read, _without(resolutions, in_broken), deduplicated=kept, duplicates=duplicates,
                searches=searches, final=is_whole and config.get("status") == "release", **config["screening"],
            )  # fmt: skip
        reports = self._table(SCREENING / "reports.csv", schemas.REPORTS)
        reports = self._of_records(reports, known, in_broken, "reports.csv", "record_id")  # fmt: skip
        reports = _rows(reports, [not again for again in reports["record_id"].duplicated()])  # fmt: skip
        included = self._table(PUBLISHED / "included.csv", schemas.INCLUDED)
        included = self._of_records(included, known, in_broken, PUBLISHED / "included.csv", "record_id")  # fmt: skip
        self._table(PUBLISHED / "reported.csv", schemas.REPORTED)
        with self._gathered():
            self.members = flow.sort_into_boxes(
                searches=searches, records=rows, duplicates=duplicates, settled=settled, reports=reports,
                included=included, final=False,
            )  # fmt: skip
        with self._gathered():
            read = readers.read_all(sorted(NOTICES.glob("[!.]*/[!.]*/search.yaml")))
            asked = notices.Answers(read.searches, read.files, read.records)
            about = notices.tabulate(
                included=included, settled=settled, reports=reports, deduplicated=kept, duplicates=duplicates,
                found=found, asked=asked,
            )  # fmt: skip
            for row in notices.warn(about).itertuples():
                where = NOTICES if len(asked.searches) else SEARCHES
                self.odd.append(Problem(str(where), 0, row.code, row.says))

    def _searches(self) -> tuple[notices.Answers, set[str]]:
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

    def _of_records(
        self, frame: "pd.DataFrame", known: set[str], in_broken: tuple[str, ...], file: str | Path, *columns: str
    ) -> "pd.DataFrame":  # fmt: skip
        """Return the rows whose records were read; name the ids that no search has."""
        path = str(SCREENING / file if isinstance(file, str) else file)
        fits = [True] * len(frame)
        for column in columns:
            for place, (line, value) in enumerate(
                zip(tables.lines(frame), frame[column], strict=True)
            ):
                if value in known:
                    continue
                fits[place] = False
                if value and not str(value).startswith(in_broken or ("\0",)):
                    self.found.append(
                        Problem(path, line, column, shown(value), "the id of a record that was read from a search",
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
                    studies = {
                        sheet: consensus[sheet][spec["key"]].tolist()
                        for sheet, spec in sheets.of_studies(
                            config["extraction"]
                        ).items()
                    }
                    arms = config["flow"]["arms"]
                    self.found += [
                        one for _, one in flow.unmatched(self.members, studies, arms)
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
