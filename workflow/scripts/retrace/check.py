"""Read everything an author writes and name all that is wrong, without building anything.

The steps of a build stop at the first stage that fails; here each reads what it can, so that
one run names the mistakes of every file.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retrace import (
    dedup,
    extraction,
    numbers,
    readers,
    records,
    schemas,
    screening,
    sheets,
    tables,
    yamlfile,
)
from retrace.errors import Problem, ReviewError, unfit_names
from retrace.tables import Table

SCHEMA = Path(__file__).resolve().parents[2] / "schemas/config.schema.json"
SCREENING = Path("data/raw/screening")
PUBLISHED = Path("data/raw/published")


def problems() -> list[Problem]:
    """Return every problem of the review in the current folder, each once, by file and row."""
    found: list[Problem] = []

    @contextmanager
    def gathered() -> Iterator[None]:
        try:
            yield
        except ReviewError as error:
            found.extend(error.problems)

    config: dict[str, Any] = {}
    with gathered():
        config = load_config()
    if not config:
        return found

    found += unfit_names(sorted(Path("data/raw").rglob("*")))

    def optional(path: Path, schema: Table) -> Any:
        if path.exists():
            with gathered():
                return tables.read(path, schema)
        return tables.empty(schema)

    raw = Path("data/raw/searches")
    searches, rows, rejects = (
        tables.empty(schema)
        for schema in (schemas.SEARCHES, schemas.RECORDS, schemas.REJECTS)
    )
    kept, duplicates = (
        tables.empty(schemas.DEDUPLICATED),
        tables.empty(schemas.DUPLICATES),
    )
    overrides = optional(SCREENING / "overrides.csv", schemas.OVERRIDES)
    with gathered():
        searches, rows, rejects = readers.read_searches(raw.glob("*/*/search.yaml"))
        rows = records.identify(rows)
        # As the build does it, or decisions would be held against other records than there.
        kept, duplicates, _ = dedup.deduplicate(
            rows, overrides, searches=searches, **config.get("deduplication", {})
        )

    votes = {
        path.stem: optional(path, schemas.DECISIONS)
        for path in sorted((SCREENING / "reviewers").glob("*.csv"))
    }
    resolutions = optional(SCREENING / "resolutions.csv", schemas.RESOLUTIONS)
    reports = optional(SCREENING / "reports.csv", schemas.REPORTS)
    included = optional(PUBLISHED / "included.csv", schemas.INCLUDED)
    optional(PUBLISHED / "reported.csv", schemas.REPORTED)
    optional(PUBLISHED / "claims.csv", schemas.RAW_CLAIMS)
    with gathered():
        screening.settle(
            votes, resolutions, deduplicated=kept, duplicates=duplicates, searches=searches,
            final=config["status"] == "release", **config.get("screening", {}),
        )  # fmt: skip
    known = set(rows["record_id"])
    for path, table, column in (
        (SCREENING / "overrides.csv", overrides, "record_id"),
        (SCREENING / "overrides.csv", overrides, "kept_id"),
        (SCREENING / "reports.csv", reports, "record_id"),
        (PUBLISHED / "included.csv", included, "record_id"),
    ):
        found += _unknown(path, table, column, known.__contains__)
    with gathered():
        extraction.agree(sheets.read(config["extraction"]))
    with gathered():
        numbers.load(config["manuscript"]["definitions"])
    return sorted(dict.fromkeys(found))


def load_config() -> dict[str, Any]:
    """Return config.yaml, held to its schema.

    Raises:
        ConfigError: every key or value that the schema refuses.
    """
    return yamlfile.load("config.yaml", SCHEMA)


def _unknown(
    path: Path, table: Any, column: str, known: Callable[[str], bool]
) -> list[Problem]:
    return [
        Problem(str(path), place, column, repr(value), "the id of a record that was read from a search",
                "the record vanished from the searches, or the id is misspelt")
        for place, value in enumerate(table[column], start=2)
        if value and not known(value)
    ]  # fmt: skip
