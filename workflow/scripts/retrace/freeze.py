"""Run the live searches of config.yaml, or ask about the included records: the command `retrace freeze`.

It is the only command that asks anybody; what it leaves behind, round by round, is read like any export.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TextIO

from retrace import (
    notices,
    protocol,
    queries,
    readers,
    schemas,
    tables,
    yamlfile,
)
from retrace.errors import Problem, ReviewError, SearchError, did_you_mean, some
from retrace.searches import crossref, europepmc, openalex, pubmed, rounds, scopus
from retrace.searches.asking import Request, Steps
from retrace.searches.client import Client
from retrace.searches.pace import Clock
from retrace.searches.wanted import MOST, NOTICES, Wanted

if TYPE_CHECKING:
    import pandas as pd

CONNECTORS: Mapping[str, ModuleType] = {
    module.SERVICE.name: module
    for module in (pubmed, europepmc, openalex, crossref, scopus)
}
"""The modules of `retrace.searches` that each speak to one service, by its name."""
PLATFORMS = [connector.SERVICE.platform for connector in CONNECTORS.values()]
ABOUT_INCLUDED = [name for name, connector in CONNECTORS.items() if hasattr(connector, "look_up")]  # fmt: skip
"""The services that can be asked for records by their identifiers."""
SEPARATING = re.compile(r'[\s",|]')
"""What separates identifiers in the requests of services; of a DOI with such a sign nobody is asked."""
BESIDE = ("openalex", "crossref")
"""The services whose dates stand in no string that is rendered: they are sent beside it."""
COMPARED = ("title", "authors", "year", "journal", "doi", "abstract", "type")
"""The fields in which a record of two rounds may have changed."""
SHOWN = 5
EVERY = 10.0
"""Seconds between two lines of progress where nobody watches a terminal."""


@dataclass(frozen=True)
class _Round:
    """What is to become a round: what is asked and how, and what search.yaml says of it besides what came of it."""

    wanted: Wanted
    walk: Callable[[Wanted], Steps]
    first: Request
    notes: tuple[str, ...] = ()
    described: Mapping[str, Any] = field(default_factory=dict)


def run(
    sources: Sequence[str], *, included: bool = False, dry: bool = False, addresses: Mapping[str, str] = {},
    clock: Clock | None = None, said: TextIO | None = None, told: TextIO | None = None,
) -> int:  # fmt: skip
    """Freeze some searches of config.yaml, or all that a service can be asked for.

    ``included`` asks services, some or all, about the records that the last build includes instead.
    Returns 1 where one could not be frozen; the others are.

    Raises:
        ReviewError: config.yaml does not fit, or a source is not in it.
    """
    clock, said, told = clock or Clock(), said or sys.stdout, told or sys.stderr
    config = _config()
    day = rounds.today(clock.now())
    makers: dict[str, tuple[ModuleType, Callable[[], _Round]]] = {}
    if included:
        for service in (*sources, *addresses):
            _known(ABOUT_INCLUDED, service, "service that is asked about included records")  # fmt: skip
        for service in dict.fromkeys(sources) or ABOUT_INCLUDED:
            makers[service] = CONNECTORS[service], partial(_about_included, service, day)  # fmt: skip
    else:
        for source in (*sources, *addresses):
            _known(config["searches"], source, "search")
        for source, connector in _chosen(config["searches"], sources, told):
            makers[source] = connector, partial(_of_search, config, source, connector, day)  # fmt: skip
    if not makers:
        raise SearchError(
            Problem(protocol.FILE, 0, "searches", "no search that a service can be asked for", f"a search of {some(PLATFORMS, 9)}",
                    "add one, or put exports under data/raw/searches/")
        )  # fmt: skip
    failed: list[Problem] = []
    for source, (connector, made) in makers.items():
        try:
            _one(made(), connector, dry, addresses.get(source, ""), clock, said, told)
        except ReviewError as error:
            failed += error.problems
        except OSError as error:
            what = f"the system says: {error.strerror or error}"
            failed.append(Problem(str(error.filename or rounds.HOME / source), what=what, remedy="mend this and give the same command again"))  # fmt: skip
        except KeyboardInterrupt:
            print(f"{source}: stopped; the same command goes on from there", file=told)
            return 1
    for problem in failed:
        print(problem, file=told)
    return 1 if failed else 0


def _one(
    made: _Round, connector: ModuleType, dry: bool, address: str,
    clock: Clock, said: TextIO, told: TextIO,
) -> None:  # fmt: skip
    """Freeze one round, or say what would be asked; print what came of it."""
    source, home = made.wanted.source, made.wanted.home
    if dry:
        print("\n".join(_plan(made, connector, address)), file=said)
        return
    client = Client(connector.SERVICE, base=address, clock=clock)
    before = rounds.rounds(source, home)
    telling = _Telling(source, clock, told)
    if left := rounds.unfinished(source, home):
        telling.line(f"goes on where it was stopped, in {left}")
    try:
        frozen = rounds.freeze(made.wanted, made.walk, client, made.described, telling, made.notes)  # fmt: skip
    finally:
        telling.end()
    for lines in (_outcome(source, frozen), _notices(frozen.folder)):
        for line in lines:
            print(line, file=said)
    if before and home == rounds.HOME:
        print("\n".join(_changes(source, before[-1], frozen.folder)), file=said)


def _of_search(
    config: Mapping[str, Any], source: str, connector: ModuleType, day: str
) -> _Round:
    """Return the round of a search of config.yaml."""
    wanted, notes = _wanted(config, source, connector, day)
    described = _described(source, config["searches"][source], rounds.rounds(source))
    walk = partial(rounds.steps, connector=connector)
    return _Round(wanted, walk, next(walk(wanted)), notes, described)


def _about_included(service: str, day: str) -> _Round:
    """Return the round in which a service is asked for the records that the last build includes."""
    connector = CONNECTORS[service]
    names: dict[str, None] = {}
    unfit: dict[str, None] = {}
    for row in _of_included().to_dict("records"):
        name = next((row[by] for by in connector.LOOKED_UP_BY if row[by]), "")
        if name:
            (unfit if SEPARATING.search(name) else names)[name.casefold()] = None
    if not names:
        raise SearchError(
            Problem(f"{NOTICES}/{service}", what="the last build includes no record that the service can be asked for",
                    expected=f"included records with {' or '.join(one.upper() for one in connector.LOOKED_UP_BY)}",
                    remedy="build the review first")
        )  # fmt: skip
    seeds = tuple(sorted(names))
    wanted = Wanted(service, "\n".join(seeds), day, most=len(seeds), seeds=seeds, home=NOTICES)  # fmt: skip
    platform = connector.SERVICE.platform
    described = {"source": service, "label": platform, "database": platform, "platform": platform, "kind": "listed_records"}  # fmt: skip
    notes = tuple(f"not asked for, since a sign in it separates identifiers: {name}" for name in unfit)  # fmt: skip
    return _Round(wanted, connector.look_up, next(connector.look_up(wanted)), notes, described)  # fmt: skip


def _config() -> Mapping[str, Any]:
    config, problems = protocol.look()
    if config is None or problems:
        raise ReviewError(problems)
    return config


def _known(names: Iterable[str], name: str, what: str) -> None:
    names = list(names)
    if name in names:
        return
    remedy = did_you_mean(name, names)
    if what == "search":
        raise SearchError(Problem(protocol.FILE, 0, "searches", f"no search {name!r} stands here", some(names, 20), remedy or "add it"))  # fmt: skip
    raise SearchError(Problem(name, what=f"no {what}", expected=some(names, 20), remedy=remedy))  # fmt: skip


def _chosen(
    searches: Mapping[str, Any], sources: Sequence[str], told: TextIO
) -> Iterator[tuple[str, ModuleType]]:
    """Yield the searches that a service can be asked for, each with what asks it."""
    for source in dict.fromkeys(sources) or searches:
        connector = _connector(searches[source])
        if connector is not None:
            yield source, connector
            continue
        what = f"there is no connector to {searches[source]['platform']}"
        remedy = f"export it by hand into {rounds.HOME / source}/"
        if sources:
            raise SearchError(
                Problem(protocol.FILE, 0, f"searches.{source}.platform", what, some(PLATFORMS, 9), remedy)
            )  # fmt: skip
        print(f"{source}: {what}; {remedy}", file=told)


def _connector(search: Mapping[str, Any]) -> ModuleType | None:
    asked = _plain(search["platform"])
    return next((one for one in CONNECTORS.values() if _plain(one.SERVICE.platform) == asked), None)  # fmt: skip


def _plain(name: str) -> str:
    return re.sub(r"\W", "", name.casefold())


def _wanted(
    config: Mapping[str, Any], source: str, connector: ModuleType, day: str
) -> tuple[Wanted, tuple[str, ...]]:
    """Return what is asked of a source, and what its string does not say of what the review wants."""
    search = config["searches"][source]
    if "citations" in search:
        return _cited(source, search, connector, day), ()
    ((_, _, rendered),) = queries.strings_of({**config, "searches": {source: search}})
    is_beside = "query" in search or connector.SERVICE.name in BESIDE
    dates = (search.get("dates") or {}) if is_beside else {}
    options = {**rendered.options, **(search.get("options") or {})}
    wanted = Wanted(
        source=source,
        query=rendered.query,
        today=day,
        first=dates.get("from") or "",
        last=dates.get("to") or "",
        most=int(options.pop("most", MOST)),
        blocks=rendered.blocks,
        options={name: str(value) for name, value in options.items()},
    )
    return wanted, rendered.notes


def _cited(
    source: str, search: Mapping[str, Any], connector: ModuleType, day: str
) -> Wanted:
    """Return what is asked where citations are searched."""
    place = f"searches.{source}.citations"
    direction, of = search["citations"]["direction"], search["citations"]["of"]
    able = {one.SERVICE.platform: one.CITATIONS for one in CONNECTORS.values() if hasattr(one, "CITATIONS")}  # fmt: skip
    platform = connector.SERVICE.platform
    if platform not in able:
        raise SearchError(
            Problem(protocol.FILE, 0, place, f"citations are not searched at {platform}", f"platform: {some(able)}")
        )  # fmt: skip
    if direction not in able[platform]:
        others = [name for name, directions in able.items() if direction in directions]
        raise SearchError(
            Problem(protocol.FILE, 0, f"{place}.direction", f"{platform} has no open list of the works that cite one",
                    f"direction: {some(able[platform])}", f"set platform: {some(others)} to search {direction}")
        )  # fmt: skip
    seeds = [doi for doi in _of_included()["doi"] if doi] if of == "included" else of
    if not seeds:
        raise SearchError(
            Problem(protocol.FILE, 0, place, "the last build includes no record with a DOI", "included records, or DOIs",
                    "build the review first, or name DOIs under of")
        )  # fmt: skip
    seeds = tuple(sorted({doi.casefold() for doi in seeds}))
    says = "cite" if direction == "forward" else "are cited by"
    dates = search.get("dates") or {}
    return Wanted(
        source=source,
        query=f"works that {says} {', '.join(seeds)}",
        today=day,
        first=dates.get("from") or "",
        last=dates.get("to") or "",
        most=int((search.get("options") or {}).get("most", MOST)),
        direction=direction,
        seeds=seeds,
    )


def _of_included(
    found: notices.Answers | None = None, asked: notices.Answers | None = None
) -> "pd.DataFrame":
    """Return the records that the last build includes, with what a round says of them, `schemas.NOTICES`."""

    def last(schema: tables.Table, *columns: str) -> "pd.DataFrame":
        is_there = Path(schema.path).is_file()
        return tables.read(schema.path, schema, columns=columns) if is_there else tables.empty(schema)  # fmt: skip

    return notices.tabulate(
        included=last(schemas.INCLUDED),
        settled=last(schemas.SETTLED),
        reports=last(schemas.REPORTS),
        deduplicated=last(schemas.DEDUPLICATED, "record_id", "title", "doi", "pmid"),
        duplicates=last(schemas.DUPLICATES),
        found=found or notices.Answers.none(),
        asked=asked or notices.Answers.none(),
    )


def _described(
    source: str, search: Mapping[str, Any], before: Iterable[Path]
) -> dict[str, Any]:
    """Return what search.yaml says of a round besides what came of it."""
    former: dict[str, Any] = {}
    for folder in before:
        known = yamlfile.load(folder / rounds.DESCRIPTION, rounds.SCHEMA)
        former |= {name: value for name, value in known.items() if value is not None}
    why = "; ".join(f"{change['what']}: {change['why']}" for change in search.get("changes") or ())  # fmt: skip
    found = {
        "source": source,
        "label": search.get("label") or former.get("label"),
        "database": search.get("database")
        or former.get("database")
        or search["platform"],  # fmt: skip
        "platform": search["platform"],
        "kind": search.get("kind")
        or former.get("kind")
        or ("citations" if "citations" in search else "database"),
        "limits": _limits(search),
        "query_published": former.get("query_published"),
        "query_why": why or None,
        "location": former.get("location"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _limits(search: Mapping[str, Any]) -> str | None:
    dates, limits = search.get("dates") or {}, search.get("limits") or {}
    said = [f"published {word} {dates[word]}" for word in ("from", "to") if dates.get(word)]  # fmt: skip
    said += [f"{name}: {', '.join(limits[name])}" for name in ("languages", "types") if limits.get(name)]  # fmt: skip
    return "; ".join(said) or None


def _plan(made: _Round, connector: ModuleType, address: str) -> Iterator[str]:
    """Yield what would be asked of one service, without asking it."""
    service, wanted, request = connector.SERVICE, made.wanted, made.first
    yield f"{wanted.source}: {service.platform}, a new round {wanted.home / wanted.source / wanted.today}"
    yield f"  asks {address or service.base}/{request.path} ({request.method})"
    for name, value in request.parameters.items():
        yield f"  {name}: {value}"
    for line, block in enumerate(wanted.blocks, start=1):
        yield f"  then counts line {line}: {block}"
    for note in made.notes:
        yield f"  note: {note}"
    if wanted.home == rounds.HOME:
        yield f"  fetches at most {wanted.most:,} records (options.most)"
    for key in service.keys:
        needed = "needed" if key.required else "not needed"
        yield f"  key: {key.variable}, {needed}"
    for limit in (*service.rates.values(), *service.limits.values()):
        yield f"  limit: {limit.value} {limit.says} ({limit.source})"


def _outcome(source: str, frozen: rounds.Frozen) -> Iterator[str]:
    walk = frozen.walk
    unique = len(set(walk.ids))
    yield (
        f"{source}: {walk.reported:,} records reported, {len(walk.ids):,} fetched, {unique:,} different;"
        f" frozen in {frozen.folder} ({frozen.n_answers} answers, {frozen.n_asked} of them asked for now)"
    )
    for line, hits in enumerate(walk.hits, start=1):
        yield f"  line {line} of the query alone: {hits:,} records"
    for gap in walk.gaps:
        ids = f": {some(gap.ids)}" if gap.ids else ""
        yield f"  gap: {gap.n:,} {gap.what}, {gap.why}{ids}"
    for note in walk.notes:
        yield f"  note: {note}"


def _notices(folder: Path) -> Iterator[str]:
    """Yield what a round says became of its records, and of those that the last build includes."""
    read = readers.read_all([folder / rounds.DESCRIPTION])
    answers = notices.Answers(read.searches, read.files, read.records)
    formats = dict(tables.rows(read.files, "raw_file", "format"))
    of: dict[str, list[str]] = {}
    for record, path, kind, extra in tables.rows(answers.records, "record_id", "raw_file", "type", "extra"):  # fmt: skip
        for what, _ in notices.said(formats[path], kind, extra).notices:
            of.setdefault(what, []).append(record)
    for what, those in of.items():
        those = list(dict.fromkeys(those))
        yield f"  {what.replace('_', ' ')}: {len(those):,} records, {some(those, SHOWN)}"  # fmt: skip
    is_about_included = NOTICES in folder.parents
    included = _of_included(**{"asked" if is_about_included else "found": answers})
    for says in notices.warn(included)["says"]:
        yield f"  {says}"
    lacking = list(included["record_id"][included["notice"] == notices.NOT_KNOWN])
    if lacking:
        yield f"  not known there: {len(lacking):,} of {len(included):,} included records, {some(lacking, SHOWN)}"


def _changes(source: str, old: Path, new: Path) -> Iterator[str]:
    """Yield what came, went and changed since the round before."""
    was, now = _records_of(source, old), _records_of(source, new)
    if was is None:
        yield f"  {old.name} has no records to compare with"
        return
    if now is None:
        return
    sides = [frame.drop_duplicates("record_id").set_index("record_id") for frame in (was, now)]  # fmt: skip
    came = [name for name in sides[1].index if name not in sides[0].index]
    went = [name for name in sides[0].index if name not in sides[1].index]
    both = [name for name in sides[1].index if name in sides[0].index]
    changed = {
        name: fields
        for name in both
        if (fields := [field for field in COMPARED if sides[0].at[name, field] != sides[1].at[name, field]])
    }  # fmt: skip
    yield f"  since {old.name}: {len(came):,} came, {len(went):,} went, {len(changed):,} changed"
    for word, names in (("came", came), ("went", went)):
        if names:
            yield f"    {word}: {some(names, SHOWN)}"
    for name, fields in list(changed.items())[:SHOWN]:
        yield f"    changed: {name} ({', '.join(fields)})"


def _records_of(source: str, folder: Path) -> "pd.DataFrame | None":
    files = readers.export_files(folder / rounds.DESCRIPTION)
    if not files:
        return None
    named = [(path.as_posix(), source) for path in files]
    return readers.read_exports(named).records


class _Telling:
    """Says how far a freeze is: on a terminal in one line, elsewhere now and then."""

    def __init__(self, source: str, clock: Clock, out: TextIO):
        self.source, self.clock, self.out = source, clock, out
        self.began = self.last = clock.now()
        self.first: int | None = None
        self.is_open = False

    def __call__(self, n_answers: int, n_records: int, total: int) -> None:
        now = self.clock.now()
        watched = self.out.isatty()
        if self.first is None:
            self.first = n_records
        if not watched and now - self.last < EVERY:
            return
        self.last = now
        left = ""
        done = n_records - self.first
        if done > 0 and total > n_records:
            seconds = (now - self.began) / done * (total - n_records)
            left = f", about {_duration(seconds)} left"
        text = f"{self.source}: {n_answers} answers, {n_records:,} of {total:,} records{left}"
        print(f"\r\x1b[K{text}" if watched else text, end="" if watched else "\n", file=self.out, flush=True)  # fmt: skip
        self.is_open = watched

    def line(self, text: str) -> None:
        print(f"{self.source}: {text}", file=self.out, flush=True)

    def end(self) -> None:
        if self.is_open:
            print(file=self.out)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
