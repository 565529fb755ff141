"""Run the live searches of config.yaml and keep each as a new round: the command `retrace freeze`.

It is the only command that asks anybody; what it leaves behind is read like any export.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TextIO

from retrace import protocol, queries, readers, records, tables, yamlfile
from retrace.errors import Problem, ReviewError, SearchError, did_you_mean, some
from retrace.searches import crossref, europepmc, openalex, pubmed, rounds, scopus
from retrace.searches.client import Client
from retrace.searches.pace import Clock
from retrace.searches.wanted import MOST, Wanted

if TYPE_CHECKING:
    import pandas as pd

CONNECTORS: Mapping[str, ModuleType] = {
    module.SERVICE.name: module
    for module in (pubmed, europepmc, openalex, crossref, scopus)
}
"""The modules of `retrace.searches` that each speak to one service, by its name."""
PLATFORMS = [connector.SERVICE.platform for connector in CONNECTORS.values()]
BESIDE = ("openalex", "crossref")
"""The services whose dates stand in no string that is rendered: they are sent beside it."""
COMPARED = ("title", "authors", "year", "journal", "doi", "abstract", "type")
"""The fields in which a record of two rounds may have changed."""
SHOWN = 5
EVERY = 10.0
"""Seconds between two lines of progress where nobody watches a terminal."""


def run(
    sources: Sequence[str], *, dry: bool = False, addresses: Mapping[str, str] = {},
    clock: Clock | None = None, said: TextIO | None = None, told: TextIO | None = None,
) -> int:  # fmt: skip
    """Freeze some searches of config.yaml, or all that a service can be asked for.

    Returns 1 where one could not be frozen; the others are.

    Raises:
        ReviewError: config.yaml does not fit, or a source is not in it.
    """
    clock, said, told = clock or Clock(), said or sys.stdout, told or sys.stderr
    config = _config()
    for source in (*sources, *addresses):
        _known(config["searches"], source)
    chosen = dict(_chosen(config["searches"], sources, told))
    if not chosen:
        raise SearchError(
            Problem(protocol.FILE, 0, "searches", "no search that a service can be asked for", f"a search of {some(PLATFORMS, 9)}",
                    "add one, or put exports under data/raw/searches/")
        )  # fmt: skip
    failed: list[Problem] = []
    for source, connector in chosen.items():
        try:
            _one(config, source, connector, dry, addresses.get(source, ""), clock, said, told)  # fmt: skip
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
    config: Mapping[str, Any], source: str, connector: ModuleType, dry: bool, address: str,
    clock: Clock, said: TextIO, told: TextIO,
) -> None:  # fmt: skip
    """Freeze one search, or say what would be asked; print what came of it."""
    search = config["searches"][source]
    wanted, notes = _wanted(config, source, connector, rounds.today(clock.now()))
    if dry:
        print("\n".join(_plan(wanted, notes, connector, address)), file=said)
        return
    client = Client(connector.SERVICE, base=address, clock=clock)
    before = rounds.rounds(source)
    telling = _Telling(source, clock, told)
    if left := rounds.unfinished(source):
        telling.line(f"goes on where it was stopped, in {left}")
    described = _described(source, search, before)
    try:
        frozen = rounds.freeze(wanted, connector.walk, client, described, telling, notes)  # fmt: skip
    finally:
        telling.end()
    print("\n".join(_outcome(source, frozen)), file=said)
    if before:
        print("\n".join(_changes(source, before[-1], frozen.folder)), file=said)


def _config() -> Mapping[str, Any]:
    config, problems = protocol.look()
    if config is None or problems:
        raise ReviewError(problems)
    return config


def _known(searches: Mapping[str, Any], source: str) -> None:
    if source in searches:
        return
    near = did_you_mean(source, searches)
    raise SearchError(
        Problem(protocol.FILE, 0, "searches", f"no search {source!r} stands here", some(searches, 20),
                f"did you mean {near}?" if near else "add it")
    )  # fmt: skip


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
        options={name: str(value) for name, value in options.items()},
    )
    return wanted, rendered.notes


def _cited(
    source: str, search: Mapping[str, Any], connector: ModuleType, day: str
) -> Wanted:
    """Return what is asked where citations are searched."""
    place = f"searches.{source}.citations"
    if connector.SERVICE.name != "openalex":
        raise SearchError(
            Problem(protocol.FILE, 0, place, f"citations are not searched at {search['platform']}", "platform: OpenAlex")
        )  # fmt: skip
    direction, of = search["citations"]["direction"], search["citations"]["of"]
    seeds = _dois_of_included() if of == "included" else of
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


def _dois_of_included() -> list[str]:
    path = Path("results/records/deduplicated.parquet")
    if not path.is_file():
        return []
    import pandas as pd

    included = _included()
    kept = pd.read_parquet(path, columns=["record_id", "doi"])
    return [doi for record_id, doi in zip(kept["record_id"], kept["doi"], strict=True) if doi and record_id in included]  # fmt: skip


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


def _plan(
    wanted: Wanted, notes: Iterable[str], connector: ModuleType, address: str
) -> Iterator[str]:
    """Yield what would be asked of one service, without asking it."""
    service = connector.SERVICE
    request = connector.count(wanted)
    yield f"{wanted.source}: {service.platform}, a new round {rounds.HOME / wanted.source / wanted.today}"
    yield f"  asks {address or service.base}/{request.path} ({request.method})"
    for name, value in request.parameters.items():
        yield f"  {name}: {value}"
    for note in notes:
        yield f"  note: {note}"
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
    for gap in walk.gaps:
        ids = f": {some(gap.ids)}" if gap.ids else ""
        yield f"  gap: {gap.n:,} {gap.what}, {gap.why}{ids}"
    for what in dict.fromkeys(notice.what for notice in walk.notices):
        of = dict.fromkeys(one.id for one in walk.notices if one.what == what)
        yield f"  {what.replace('_', ' ')}: {len(of):,} records, {some(of, SHOWN)}"
    included = _included() if walk.notices else {}
    for one in walk.notices:
        if (record_id := records.id_of(source, one.id)) in included:
            yield f"  {record_id} is included as {included[record_id]} and {one.what.replace('_', ' ')}: {one.says}"
    for note in walk.notes:
        yield f"  note: {note}"


def _included() -> dict[str, str]:
    """Return the records that the last build includes, those that were merged into them as well."""
    settled = _rows(Path("results/screening/settled.csv"))
    kept = {row["record_id"] for row in settled if (row["stage"], row["decision"]) == ("full_text", "include")}  # fmt: skip
    kept |= {row["record_id"] for row in _rows(Path("data/raw/published/included.csv"))}
    merged = {
        row["record_id"]: row["kept_id"]
        for row in _rows(Path("results/records/duplicates.csv"))
        if row["kept_id"] in kept
    }
    return {record_id: record_id for record_id in kept} | merged


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    header, rows, _ = tables.read_rows(path)
    return [dict(zip(header, row, strict=True)) for row in rows]


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
    return records.identify(readers.read_exports(named).records)


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
