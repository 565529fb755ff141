"""Read config.yaml, hold its names to what they name, and say what of the raw inputs cannot be read.

A misspelt column would be found by the job that needs it, minutes later and one at a time; a file
in the wrong folder would never be found. So all of it is looked at before anything is built.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from retrace import schemas, sheets, yamlfile
from retrace.errors import (
    Problem,
    ReviewError,
    did_you_mean,
    one_of,
    some,
    unfit_names,
    unreadable,
)

FILE = "config.yaml"
GIVEN = "config given beside config.yaml"
SCHEMA = Path(__file__).resolve().parents[2] / "schemas/config.schema.json"
RAW = Path("data/raw")
DEFAULTS: dict[str, Any] = {
    "authors": [],
    "language": "en",
    "concepts": {},
    "searches": {},
    "deduplication": {},
    "screening": {},
    "reporting": {},
    "extraction": {"readings": [], "sheets": {}},
    "synthesis": {},
    "tables": {},
    "figures": {},
    "manuscript": {"counted_nouns": [], "terms_from": [], "glossary": []},
}
"""What stands for a key that is left out or empty."""
FIXED = {
    "screening": ("resolutions.csv", "overrides.csv", "reports.csv"),
    "published": ("included.csv", "reported.csv", "claims.csv"),
    "vocabularies": ("mesh.txt", "emtree.txt"),
}
"""The files that the engine looks for in a folder of data/raw/."""
FOLDERS = (
    "searches",
    "notices",
    "screening",
    "screening/reviewers",
    "extraction",
    "published",
    "vocabularies",
)
"""The folders of data/raw/ that are read."""
TABULAR = frozenset(".csv .tsv .xls .xlsx .ods .ris .nbib .bib .xml .yml .yaml".split())  # noqa: SIM905
"""Endings of files that hold data: where nothing reads them, something is lost."""
LISTS = frozenset({".txt", ".bin"})
"""Endings of lists of headings, which hold data in the folder of vocabularies and notes elsewhere."""


def hold_here() -> None:
    """See to it that a review stands here, before Snakemake leaves a folder of its own.

    Raises:
        ReviewError: there is no config.yaml.
    """
    if not Path(FILE).is_file():
        yamlfile.load(FILE)


def load(
    given: Mapping[str, Any] | None = None, *, checked: bool = True
) -> dict[str, Any]:
    """Return config.yaml, what it leaves out filled in; what is ``given`` holds over it, key by key.

    ``checked`` holds it to its schema, its names to what they name, and the raw inputs to be
    there: not for the jobs of a build, which was checked when it began.

    Raises:
        ReviewError: every key, value and name that does not fit, and every raw input that
            cannot be read, that is not there, or that nothing reads.
    """
    if not checked:
        return completed({**(yamlfile.load(FILE) or {}), **(given or {})})
    config, problems = look(given)
    if config is not None:
        problems += unread(config, problems)
    if problems or config is None:
        raise ReviewError(sorted(problems))
    return config


def look(
    given: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Return config.yaml and all that is wrong in it; None where it does not fit its schema.

    What is ``given`` holds over it, key by key, and is looked at in its stead.
    """

    def placed(problems: Iterable[Problem]) -> list[Problem]:
        return sorted(
            replace(problem, file=GIVEN) if problem.column.split(".")[0] in (given or ()) else problem
            for problem in problems
        )  # fmt: skip

    try:
        content, lines = yamlfile.load_with_lines(FILE, SCHEMA, given)
    except ReviewError as error:
        return None, placed(error.problems)
    config = completed(content)
    problems = [
        Problem(FILE, yamlfile.line_of(lines, path), ".".join(map(str, path)), *complaint)
        for path, *complaint in (*_of_columns(config), *_of_numbers(config))
    ] + [
        replace(problem, row=yamlfile.line_of(lines, tuple(problem.column.split("."))))
        for problem in sheets.misnamed(config["extraction"])
    ]  # fmt: skip
    return config, placed(problems)


def completed(config: Any) -> dict[str, Any]:
    """Return a config in which what was left out stands with its default."""
    config = dict(config or {})
    for key, default in DEFAULTS.items():
        if isinstance(default, dict):
            given = config.get(key) or {}
            config[key] = default | {
                name: value
                for name, value in given.items()
                if value is not None or name not in default
            }
        else:
            config[key] = config.get(key) or default
    reasons = config["screening"].get("reasons")
    if "reasons" in config["screening"]:
        config["screening"]["reasons"] = {
            stage: of or [] for stage, of in (reasons or {}).items()
        }
    return config


def unread(
    config: Mapping[str, Any], wrong: Iterable[Problem] = ()
) -> Iterator[Problem]:
    """Yield every raw input that cannot be read, that is named and not there, or that nothing reads.

    ``wrong`` is what is wrong in config.yaml: where it is the extraction, its files are left alone.
    """
    is_described = not any(of.column.startswith("extraction.") for of in wrong)
    named = (sheets.files(config["extraction"]) if is_described else []) + [
        config["manuscript"][key]
        for key in ("template", "definitions", "bibliography", "csl")
    ]
    every = sorted(RAW.rglob("*"))
    yield from unfit_names(every)
    there = [path for path in every if not _is_hidden(path)]
    fixed = [RAW / folder / name for folder, names in FIXED.items() for name in names]
    reviewers = sorted((RAW / "screening/reviewers").glob("*.csv"))
    for path in dict.fromkeys(
        [
            *map(Path, named),
            *(path for path in there if not path.is_dir()),
            *(path for path in [*fixed, *reviewers] if path.is_dir()),
        ]
    ):
        try:
            with path.open("rb") as file:
                file.read(1)
        except OSError as error:
            yield unreadable(path.as_posix(), error)
    for path in there:
        within = path.relative_to(RAW).parts[0]
        is_told = is_described or within != "extraction"
        endings = TABULAR | LISTS if within == "vocabularies" else TABULAR
        if is_told and path.is_file() and path.suffix.lower() in endings:
            yield from _lost(path, set(named))


def _lost(path: Path, named: set[str]) -> Iterator[Problem]:
    """Yield a problem where a file of data lies in a place from which nothing reads it."""
    parts = path.relative_to(RAW).parts
    known: Iterable[str] = ()
    if parts[0] in ("searches", "notices"):
        if len(parts) == 4 and (path.with_name("search.yaml")).is_file():
            return
        is_of_a_day = len(parts) == 4
        what = "no search.yaml beside it" if is_of_a_day else "not in the folder of a search's day"  # fmt: skip
        remedy = "write the search.yaml" if is_of_a_day else "move it there"
        if is_of_a_day and (others := sorted(path.parent.glob("*.y*ml"))):
            if path not in others:
                return
            remedy = "rename it to search.yaml"
        yield Problem(path.as_posix(), 0, "", f"nothing reads this file: {what}", f"{parts[0]}/<source>/<day>/ with a search.yaml",
                      f"{remedy}, or delete this file")  # fmt: skip
        return
    if parts[0] == "extraction":
        if path.as_posix() in named:
            return
        within = f"{sheets.FOLDER}/"
        known = [name.removeprefix(within) for name in named if name.startswith(within)]
    elif parts[0] in FIXED and len(parts) == 2:
        known = FIXED[parts[0]]
        if parts[1] in known:
            return
    elif parts[:2] == ("screening", "reviewers") and len(parts) == 3:
        if path.suffix == ".csv":
            return
        yield Problem(path.as_posix(), 0, "", "nothing reads this file", f"{path.stem}.csv", "save it as CSV")  # fmt: skip
        return
    else:
        yield from _misnamed_folder(path)
        return
    remedy = "rename it, or move it out of data/raw/"
    if parts[0] == "extraction":
        remedy = f"describe it under extraction.sheets in config.yaml, {remedy}"
    inside, known = PurePath(*parts[1:]), sorted(known)
    elsewhere = [name for name in known if PurePath(name).name == inside.name]
    beside = [
        PurePath(name).name for name in known if PurePath(name).parent == inside.parent
    ]
    yield Problem(path.as_posix(), 0, "", "nothing reads this file", some(known, 20),
                  f"did you mean {elsewhere[0]}?" if elsewhere else did_you_mean(inside.name, beside, remedy))  # fmt: skip


def _misnamed_folder(path: Path) -> Iterator[Problem]:
    """Yield a problem where a folder is called nearly as one that is read; others are the author's."""
    folder = path.parent.relative_to(RAW).as_posix()
    within = folder.split("/")[0]
    if folder == "." or within in FIXED and "/" not in folder:
        return
    tried = folder if within in FIXED else within
    if remedy := did_you_mean(tried, FOLDERS):
        yield Problem(path.as_posix(), 0, "", f"nothing reads this file: no folder is called {tried}",
                      some(FOLDERS, 20), remedy)  # fmt: skip


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.relative_to(RAW).parts)


Complaint = tuple[Any, ...]
"""A path in config.yaml, then what is wrong, what was expected and what to do."""


def _unknown(path: tuple, name: str, what: str, known: Iterable[str]) -> Complaint:
    return (
        path,
        f"there is no {what} {name!r}",
        *one_of(name, known, "correct the name"),
    )


def _of_columns(config: Mapping[str, Any]) -> Iterator[Complaint]:
    """Yield what synthesis, tables, figures and text ask for that no sheet has."""
    kinds = schemas.printable(config["extraction"])
    of_sheets = config["extraction"]["sheets"]
    every = [column for kind in kinds.values() for column in kind.names]

    def sheet(path: tuple, name: str) -> Iterator[Complaint]:
        if name not in of_sheets:
            yield _unknown(path, name, "sheet", of_sheets)

    def column(path: tuple, name: str, of: Iterable[str] = every) -> Iterator[Complaint]:  # fmt: skip
        if name not in of:
            yield _unknown(path, name, "column", of)

    synthesis = config["synthesis"]
    if synthesis:
        yield from sheet(("synthesis", "lines"), synthesis["lines"])
        for key in ("study", "group", "direction", "desired"):
            yield from column(("synthesis", key), synthesis[key])
    for name, spec in config["tables"].items():
        at = ("tables", name)
        if spec["kind"] == "grid":
            yield from column((*at, "rows", "column"), spec["rows"]["column"])
        else:
            yield from sheet((*at, "sheet"), spec["sheet"])
            for place, one in enumerate(spec["row"]):
                yield from column((*at, "row", place), one)
        for place, of in enumerate(spec["columns"]):
            here: tuple = (*at, "columns", place)
            if len({"column", "columns", "lines", "family"} & set(of)) != 1:
                ways = "family, or table and column" if spec["kind"] == "grid" else "column, columns or lines"  # fmt: skip
                yield here, "it is not said what stands in this column, or twice", f"one of {ways}", "keep one"  # fmt: skip
            if "table" in of:
                if of["table"] not in kinds:
                    yield _unknown((*here, "table"), of["table"], "table", kinds)
                else:
                    yield from column((*here, "column"), of["column"], kinds[of["table"]].names)  # fmt: skip
                continue
            for key in ("column", "study"):
                if key in of:
                    yield from column((*here, key), of[key])
            for one in of.get("columns", ()):
                yield from column((*here, "columns"), one)
            lines = of.get("lines")
            if lines:
                here = (*here, "lines")
                yield from sheet((*here, "sheet"), lines["sheet"])
                for key in ("refers", "direction", "name", "printed", "levels", "limits", "in_text", "told_apart"):  # fmt: skip
                    if key in lines:
                        yield from column((*here, key), lines[key])
    for name, spec in config["figures"].items():
        at = ("figures", name)
        for path, of in [((), spec), *((("panels", i), one) for i, one in enumerate(spec.get("panels", ())))]:  # fmt: skip
            for key in ("column", "group"):
                if key in of:
                    yield from column((*at, *path, key), of[key])
        if "mediators" in spec:
            of = spec["mediators"]
            yield from sheet((*at, "mediators", "sheet"), of["sheet"])
            if of["sheet"] in kinds:
                for key in ("study", "name", "kind"):
                    yield from column((*at, "mediators", key), of[key], kinds[of["sheet"]].names)  # fmt: skip
    readable = {"labels": schemas.LABELS, **kinds}
    for place, name in enumerate(config["manuscript"]["terms_from"]):
        table, _, one = name.partition(".")
        path = ("manuscript", "terms_from", place)
        if table not in {"labels", *of_sheets}:
            yield _unknown(path, table, "sheet", ["labels", *of_sheets])
        else:
            yield from column(path, one, readable[table].names)


def _of_numbers(config: Mapping[str, Any]) -> Iterator[Complaint]:
    """Yield the families and numbers that tables and figures ask for and numbers.yaml does not define."""
    from retrace import definitions

    try:
        known = definitions.load(config["manuscript"]["definitions"])
    except ReviewError:
        return

    def families(node: Any, path: tuple) -> Iterator[tuple[tuple, str]]:
        if isinstance(node, Mapping):
            for key, value in node.items():
                if key in ("family", "totals") and isinstance(value, str):
                    yield (*path, key), value
                else:
                    yield from families(value, (*path, key))
        elif isinstance(node, list):
            for place, value in enumerate(node):
                yield from families(value, (*path, place))

    for section in ("tables", "figures"):
        for path, name in families(config[section], (section,)):
            if name not in known.families:
                yield _unknown(path, name, "family", known.families)
    for name, spec in config["figures"].items():
        if "without" in spec and known.find(spec["without"]) is None:
            yield _unknown(("figures", name, "without"), spec["without"], "number", known.numbers)  # fmt: skip
