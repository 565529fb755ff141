"""Turn the files of a review's searches into one table of records.

A record's row is a place, a file and a position in it; nothing that stands in a file is
dropped silently: it is a record, or a reject with its place and reason.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables, yamlfile
from retrace.errors import Problem, ReviewError, TableError
from retrace.readers import csv_table

if TYPE_CHECKING:
    import pandas as pd

SEARCH_SCHEMA = Path(__file__).resolve().parents[3] / "schemas/search.schema.json"


def read_searches(
    search_files: Iterable[str | Path],
) -> tuple["pd.DataFrame", "pd.DataFrame", "pd.DataFrame"]:
    """Return the searches, all their records and all rejects of `search.yaml` files.

    The tables are `schemas.SEARCHES`, `schemas.RECORDS` and `schemas.REJECTS`. Records get
    their ids in `records.identify`.

    Raises:
        ReviewError: a search.yaml does not fit its schema, or files and status disagree.
    """
    searches: list[dict[str, Any]] = []
    records: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for path in sorted(Path(file) for file in search_files):
        try:
            search = yamlfile.load(path, SEARCH_SCHEMA)
        except ReviewError as error:
            problems += error.problems
            continue
        problems += _disagreements(path, search)
        found = 0
        for file in export_files(path):
            rows, refused = csv_table.read(file.read_bytes(), raw_file=file.as_posix())
            found += len(rows)
            rejects += refused
            records += [
                {
                    **row,
                    "source": search["source"],
                    "extra": json.dumps(
                        row["extra"], ensure_ascii=False, sort_keys=True
                    ),
                }
                for row in rows
            ]
        known = {name: search.get(name) for name in schemas.SEARCHES.names}
        searches.append(
            {
                **{
                    name: "" if value is None else value
                    for name, value in known.items()
                },
                "round": path.parent.name,
                "limits": str(search.get("limits") or "").strip(),
                "note": str(search.get("note") or "").strip(),
                "n_read": found if search["status"] != "reported_only" else "",
            }
        )
    if problems:
        raise TableError(problems)
    return (
        tables.frame(searches, schemas.SEARCHES),
        tables.frame(
            [
                {
                    **row,
                    "row_id": f"{row['raw_file']}#{row['raw_position']}",
                    "record_id": "-",
                }
                for row in records
            ],
            schemas.RECORDS,
        ),
        tables.frame(rejects, schemas.REJECTS),
    )


def export_files(search_file: str | Path) -> list[Path]:
    """Return the files beside a search.yaml, in the order of their names."""
    return sorted(
        path
        for path in Path(search_file).parent.iterdir()
        if path.is_file()
        and path.name != "search.yaml"
        and not path.name.startswith(".")
    )


def _disagreements(path: Path, search: dict[str, Any]) -> list[Problem]:
    problems = []
    files = export_files(path)
    if search["status"] == "reported_only" and files:
        problems.append(
            Problem(
                str(path),
                0,
                "status",
                f"reported_only, but {files[0].name} lies beside it",
                "no export file, or another status",
                "set status: exported",
            )
        )
    if search["status"] != "reported_only" and not files:
        problems.append(
            Problem(
                str(path),
                0,
                "status",
                f"{search['status']}, but no file lies beside it",
                "at least one file of records",
                "add the export, or set status: reported_only",
            )
        )
    if search["source"] != path.parents[1].name:
        problems.append(
            Problem(
                str(path),
                0,
                "source",
                f"{search['source']!r}",
                f"the folder's name, {path.parents[1].name}",
                "rename one of them",
            )
        )
    day = str(search.get("searched_on") or "undated")
    if day != path.parent.name:
        problems.append(
            Problem(
                str(path),
                0,
                "searched_on",
                day,
                f"the folder's name, {path.parent.name}",
                "rename one of them",
            )
        )
    return problems
