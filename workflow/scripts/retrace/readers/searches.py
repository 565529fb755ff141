"""Turn the files of a review's searches into one table of records.

Many large files are shared out over jobs, and whatever was read is joined in the order of the
files' names, so that the result is the same however it was shared.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrace import cells, ledger, schemas, tables, yamlfile
from retrace.errors import Problem, ReviewError, TableError, unfit_names
from retrace.readers import export
from retrace.records import identify

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SEARCH_SCHEMA = Path(__file__).resolve().parents[3] / "schemas/search.schema.json"

HOME = "data/raw/searches"
RESPONSES = "responses.csv"
"""The table of a frozen round's answers, which no reader reads."""
_Responses = dict[str, dict[str, str]]
"""The rows of such a table by file."""

SIDE_BY_SIDE_FROM = 1 << 25
"""Bytes of all files together from which a second process pays for its start."""
PART = 1 << 24
"""Bytes of all files together from which a second job pays, and how many a job then reads at least."""
MOST_PARTS = 32
PART_TABLES = {
    "records.parquet": schemas.RECORDS,
    "rejects.csv": schemas.REJECTS,
    "files.csv": schemas.FILES,
    "warnings.csv": schemas.WARNINGS,
}
"""What a job keeps of its part of the files."""


@dataclass
class Read:
    """What reading gave: the tables of `schemas` that bear these names."""

    records: "pd.DataFrame"
    rejects: "pd.DataFrame"
    files: "pd.DataFrame"
    warnings: "pd.DataFrame"
    searches: "pd.DataFrame | None" = None
    lines: "pd.DataFrame | None" = None


def lines_of(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the last round of a search whose lines were counted, and its lines; none where there is none.

    Raises:
        ReviewError: a search.yaml does not fit its schema.
    """
    for path in sorted(Path(HOME, source).glob("[!.]*/search.yaml"), reverse=True):
        if lines := yamlfile.load(path, SEARCH_SCHEMA).get("lines"):
            return path.parent.name, lines
    return "", []


def parts(search_files: Iterable[str | Path]) -> dict[str, list[str]]:
    """Return the export files that each of several jobs reads; none where one job reads them all.

    The files of a part follow each other as `read_all` reads them. Their sizes alone decide, so
    that every job of a build, and every later build, shares them out alike.
    """
    files = [
        file
        for search in sorted(Path(search) for search in search_files)
        for file in export_files(search)
    ]
    sizes = [file.stat().st_size for file in files]
    share = max(PART, sum(sizes) / MOST_PARTS)
    shared: list[list[str]] = []
    room = 0.0
    for file, size in zip(files, sizes, strict=True):
        if size > room:
            shared.append([])
            room = share
        shared[-1].append(file.as_posix())
        room -= size
    if sum(sizes) <= PART or len(shared) < 2:
        return {}
    return {f"{number:02}": held for number, held in enumerate(shared, 1)}


def read_part(exports: Iterable[str | Path]) -> Read:
    """Return what some export files of a review hold; the source is the folder's name."""
    return read_exports(
        [(Path(file).as_posix(), Path(file).parents[1].name) for file in exports]
    )


def write_part(read: Read, paths: Iterable[str | Path]) -> None:
    """Write the tables of a part."""
    for path in map(Path, paths):
        tables.write(getattr(read, path.stem), path, PART_TABLES[path.name])


def _gathered(paths: Iterable[str | Path]) -> Read:
    """Return what jobs have read, in the order of their parts."""
    import pandas as pd

    held: dict[str, list[pd.DataFrame]] = {Path(name).stem: [] for name in PART_TABLES}
    for path in map(Path, paths):
        held[path.stem].append(tables.read(path, PART_TABLES[path.name]))
    return Read(**{name: pd.concat(of, ignore_index=True) for name, of in held.items()})


def read_all(
    search_files: Iterable[str | Path],
    *,
    parts: Sequence[str | Path] = (),
    processes: int = 1,
) -> Read:
    """Return everything that the files beside the `search.yaml` files hold.

    Where jobs have read the files already, ``parts`` are the tables that they wrote.

    Raises:
        ReviewError: a search.yaml does not fit its schema, files and status disagree, a file
            is no export, or more or fewer records were read than the search reported.
    """
    problems: list[Problem] = []
    known: list[tuple[Path, dict[str, Any]]] = []
    exports: dict[Path, list[Path]] = {}
    for path in sorted(Path(file) for file in search_files):
        try:
            search = yamlfile.load(path, SEARCH_SCHEMA)
        except ReviewError as error:
            problems += error.problems
            continue
        problems += _disagreements(path, search)
        known.append((path, search))
        exports[path] = export_files(path)
    named = [
        (file.as_posix(), str(search["source"]))
        for path, search in known
        for file in exports[path]
    ]
    read = _gathered(parts) if parts else read_exports(named, processes=processes)
    counts = dict(zip(read.files["raw_file"], read.files["n_records"], strict=True))
    found = [
        sum(int(counts[file.as_posix()]) for file in exports[path]) for path, _ in known
    ]
    for (path, search), n_read in zip(known, found, strict=True):
        problems += _miscounts(path, search, n_read)
    nothing_found = {
        file.as_posix()
        for path, search in known
        if search.get("n_reported") == 0
        for file in exports[path]
        if not file.stat().st_size
    }
    problems += [
        problem
        for problem in _unreadable(read.files, read.rejects)
        if problem.file not in nothing_found
    ]
    if problems:
        raise TableError(problems)
    read.searches = tables.frame(
        [
            _row_of(path, search, n_read)
            for (path, search), n_read in zip(known, found, strict=True)
        ],
        schemas.SEARCHES,
    )
    read.lines = tables.frame(
        [
            {"source": search["source"], "round": path.parent.name, **line}
            for path, search in known
            for line in search.get("lines") or ()
        ],
        schemas.SEARCH_LINES,
    )
    return read


def read_exports(
    named: Sequence[tuple[str, str]], *, processes: int = 1, format: str = ""
) -> Read:
    """Return what some files hold, each given with the source that its records come from.

    Raises:
        ReviewError: a file cannot be opened.
    """
    import pyarrow as pa

    parts: list[pa.Table] = []
    rows: dict[str, list[dict[str, Any]]] = {"rejects": [], "files": [], "warnings": []}
    problems = []
    for outcome in _outcomes(named, processes, format):
        if isinstance(outcome, Problem):
            problems.append(outcome)
            continue
        part, found = outcome
        parts.append(part)
        for name, more in found.items():
            rows[name] += more
    if problems:
        raise TableError(problems)
    return Read(
        records=identify(pa.concat_tables(parts).to_pandas())
        if any(map(len, parts))
        else tables.empty(schemas.RECORDS),
        rejects=tables.frame(rows["rejects"], schemas.REJECTS),
        files=tables.frame(rows["files"], schemas.FILES),
        warnings=tables.frame(rows["warnings"], schemas.WARNINGS),
    )


def named(files: Sequence[str], source: str = "") -> list[tuple[str, str]]:
    """Return files with the source of their records: a given one, else the file's name.

    Raises:
        ReviewError: a file is named twice, and its rows would stand in the table twice; or its
            name cannot stand in a table.
    """
    if unfit := unfit_names(files):
        raise TableError(unfit)
    twice = sorted({file for file in files if files.count(file) > 1})
    if twice:
        raise TableError(
            [Problem(file, what="the file is named twice") for file in twice]
        )
    return [
        (file, source or re.sub(r"[^\w.-]+", "_", Path(file).stem)) for file in files
    ]


def lines(read: Read) -> Iterator[str]:
    """Yield a line per file: format, encoding, records, rejects and the independent count."""
    import pandas as pd

    for file in read.files.itertuples():
        counted = (
            "not counted" if file.n_counted is pd.NA else f"{file.n_counted} counted"
        )
        yield (
            f"{file.raw_file}: {file.format}, {file.encoding}, {file.n_records} records,"
            f" {file.n_rejects} rejects, {counted}"
        )


def refusals(read: Read) -> Iterator[str]:
    """Yield a line per reject: its file, its byte and its reason."""
    import pandas as pd

    for reject in read.rejects.itertuples():
        place = "" if reject.byte_offset is pd.NA else f", byte {reject.byte_offset}"
        yield f"{reject.raw_file}{place}: {reject.reason}"


def export_files(search_file: str | Path) -> list[Path]:
    """Return the files beside a search.yaml that hold records, in the order of their names.

    Of a frozen round these are the answers that its table of responses calls records.
    """
    files, listed = _beside(Path(search_file).parent)
    return [
        file
        for file in files
        if not listed
        or file.name not in listed
        or listed[file.name]["kind"] == "records"
    ]


def _beside(folder: Path) -> tuple[list[Path], _Responses | None]:
    """Return the files beside a search.yaml by name, and of a frozen round what its table says of them."""
    listed = _responses(folder)
    known = {"search.yaml"} if listed is None else {"search.yaml", RESPONSES}
    files = sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.name not in known and not path.name.startswith(".")
    )
    return files, listed


def _responses(folder: Path) -> _Responses | None:
    """Return the rows of a frozen round's table by file; None where none lies here."""
    try:
        with (folder / RESPONSES).open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames != schemas.RESPONSES.names:
                return None
            return {row["file"]: row for row in rows}
    except (OSError, ValueError, csv.Error):
        return None


def _thawed(folder: Path, files: list[Path], listed: _Responses) -> list[Problem]:
    """Return every file of a frozen round that is not as it was fetched."""
    there = {file.name: file for file in files}
    table = (folder / RESPONSES).as_posix()
    problems = [
        Problem(table, row, "file", f"{name} is not there", "the answer as it was fetched",
                "restore the file; or delete the round and freeze the search again")
        for row, name in enumerate(listed, start=2)
        if name not in there
    ]  # fmt: skip
    for name, file in there.items():
        if name not in listed:
            problems.append(
                Problem(file.as_posix(), what=f"stands not in {RESPONSES}", expected="the answers of this round alone",
                        remedy="move it to a search of its own")
            )  # fmt: skip
        elif ledger.sha256(file) != listed[name]["sha256"]:
            problems.append(
                Problem(file.as_posix(), what="not the bytes that were fetched", expected=f"sha256 {listed[name]['sha256']}",
                        remedy="restore the file; or delete the round and freeze the search again")
            )  # fmt: skip
    return problems


def _outcomes(
    named: Sequence[tuple[str, str]], processes: int, format: str
) -> "Iterator[Problem | tuple[pa.Table, dict[str, list[dict[str, Any]]]]]":
    jobs = [(file, source, format) for file, source in named]
    sizes = [Path(file).stat().st_size for file, _ in named if Path(file).is_file()]
    processes = min(processes, len(jobs))
    if processes < 2 or sum(sizes) < SIDE_BY_SIDE_FROM:
        yield from map(_outcome, jobs)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # A forked process needs no import of the main module, which in a job is the script itself.
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(_outcome, jobs)


def _outcome(
    job: tuple[str, str, str],
) -> "Problem | tuple[pa.Table, dict[str, list[dict[str, Any]]]]":
    file, source, format = job
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        return Problem(
            file, what=error.strerror or str(error), expected="a file of records"
        )
    reading = export.read_bytes(data, format)
    del data
    part = export.records_of(reading, file, source)
    return part, {
        "rejects": export.rejects_of(reading, file),
        "files": [export.file_of(reading, file, source)],
        "warnings": export.warnings_of(reading, file),
    }


def _row_of(path: Path, search: dict[str, Any], n_read: int) -> dict[str, Any]:
    known = {name: search.get(name) for name in schemas.SEARCHES.names}
    return {
        **{name: "" if value is None else value for name, value in known.items()},
        "round": path.parent.name,
        "limits": str(search.get("limits") or "").strip(),
        "note": str(search.get("note") or "").strip(),
        "n_read": n_read if search["status"] != "reported_only" else "",
    }


def _miscounts(path: Path, search: dict[str, Any], n_read: int) -> list[Problem]:
    """Return whether more or fewer records were read than the platform reported."""
    reported = search.get("n_reported")
    if search["status"] == "reported_only" or reported in (None, n_read):
        return []
    if str(search.get("n_read_why") or "").strip():
        return []
    return [
        Problem(
            str(path),
            0,
            "n_reported",
            f"{reported} reported, but {n_read} records read",
            "as many",
            "export the search again, or say in n_read_why what makes the difference",
        )
    ]


def _unreadable(files: "pd.DataFrame", rejects: "pd.DataFrame") -> list[Problem]:
    """Return every file that is no export at all."""
    reasons = dict(zip(rejects["raw_file"], rejects["reason"], strict=True))
    return [
        Problem(
            file,
            what=reasons[file],
            expected="an export of records",
            remedy="replace the file, or move it out of data/raw/searches",
        )
        for file, format in zip(files["raw_file"], files["format"], strict=True)
        if format == "none"
    ]


def _disagreements(path: Path, search: dict[str, Any]) -> list[Problem]:
    files, listed = _beside(path.parent)
    problems = [] if listed is None else _thawed(path.parent, files, listed)
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
    folder = path.parent.name
    if day != folder:
        is_day = folder == "undated" or not cells.complaint(folder, "date")
        remedy = "rename one of them" if is_day else f"rename the folder to {day}"
        problems.append(
            Problem(
                str(path), 0, "searched_on", day, f"the folder's name, {folder}", remedy
            )
        )
    return problems
