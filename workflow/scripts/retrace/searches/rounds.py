"""Keep the answers to a search as a round of it: whole under its day, or not at all.

Answers are kept as they come in a hidden folder beside the rounds, which no build reads. When a
search is given again its first requests are answered from there, so nothing is fetched twice; the
folder gets the name of its day by one rename, once search.yaml stands in it.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

from retrace import __version__, schemas, tables, yamlfile
from retrace.errors import Problem, SearchError, on_one_line
from retrace.ledger import sha256, write_bytes, write_text
from retrace.searches.asking import (
    Expired,
    Page,
    Request,
    Steps,
    TooMany,
    Unfit,
    Walk,
    counted,
)
from retrace.searches.client import Answer, Client
from retrace.searches.wanted import SEARCHES, Wanted

HOME = SEARCHES
PARTIAL = ".{day}.partial"
TABLE = "responses.csv"
DESCRIPTION = "search.yaml"
WALKS = 2
"""How often the pages are walked from the first, should the service forget its cursor."""
NAMED = 200
"""How many ids of a gap are named in search.yaml."""

Progress = Callable[[int, int, int], None]
"""Told after each answer: answers so far, records so far, records reported."""


@dataclass
class Frozen:
    """A round that was frozen: its folder, what came of the walk, and how many answers it took."""

    folder: Path
    walk: Walk
    n_answers: int
    n_asked: int


def today(at: float) -> str:
    """Return the day of a time in seconds since 1970, in universal time."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def rounds(source: str, home: Path = HOME) -> list[Path]:
    """Return the folders of a search's rounds, the oldest first."""
    return sorted(path.parent for path in (home / source).glob(f"[!.]*/{DESCRIPTION}"))


def unfinished(source: str, home: Path = HOME) -> Path | None:
    """Return the folder of a freeze that was stopped."""
    return next(iter(sorted((home / source).glob(PARTIAL.format(day="*")))), None)


def steps(wanted: Wanted, connector: ModuleType) -> Steps:
    """Walk a search, then count what each concept block of its query finds alone, without dates.

    Raises:
        SearchError: the service cannot be asked so.
    """
    found = yield from connector.walk(wanted)
    for block in wanted.blocks:
        alone = replace(wanted, query=block, first="", last="")
        page = yield replace(connector.count(alone), kind="count")
        found.hits.append(page.total)
    return found


def freeze(
    wanted: Wanted, walk: Callable[[Wanted], Steps], client: Client,
    described: Mapping[str, Any], progress: Progress = lambda *_: None, notes: Iterable[str] = (),
) -> Frozen:  # fmt: skip
    """Ask for everything that a search finds and keep it as a round.

    ``described`` is what search.yaml says of the search besides what came of it, ``notes`` what is
    to be known of its string.

    Raises:
        SearchError: this day has a round already, another freeze of the source is running, what
            was kept of a stopped one was changed or answers another query, the query finds too
            many records, or the service does not answer.
    """
    with _alone(wanted.home / wanted.source):
        kept = _Kept(wanted)
        wanted = kept.wanted
        for attempt in range(WALKS):
            try:
                found = _walk(kept, walk(wanted), client, progress)
                break
            except Expired:
                if attempt + 1 == WALKS:
                    raise SearchError(
                        Problem(client.service.name, what="the service forgot its cursor before the last page, again",
                                remedy="give the same command again; the pages are then walked from the first")
                    ) from None  # fmt: skip
                kept.forget()
            except TooMany as error:
                kept.forget()
                kept.folder.rmdir()
                raise SearchError(
                    Problem("config.yaml", 0, f"searches.{wanted.source}", f"the query finds {error.total:,} records",
                            f"at most {error.most:,}", "narrow the query, or set options.most")
                ) from None  # fmt: skip
        found.notes[:0] = notes
        return kept.finish(found, client, described)


class _Kept:
    """The answers that are kept of one round so far, and how many of them were used again."""

    def __init__(self, wanted: Wanted):
        self.source = wanted.source
        home = wanted.home / wanted.source
        left = unfinished(wanted.source, wanted.home)
        self.day = left.name[1 : -len(".partial")] if left else wanted.today
        self.folder = home / PARTIAL.format(day=self.day)
        self.final = home / self.day
        if self.final.exists():
            raise SearchError(
                Problem(str(self.final), what="this day has a round already", expected="one round a day",
                        remedy="freeze again tomorrow, or delete this folder to have the search run anew")
            )  # fmt: skip
        # A search that goes on another day must ask what it asked on the first.
        self.wanted = replace(wanted, today=self.day)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rows: list[dict[str, Any]] = []
        if (self.folder / TABLE).exists():
            self.rows = tables.read(self.folder / TABLE, schemas.RESPONSES).to_dict("records")  # fmt: skip
        self.place = self.n_asked = 0
        # What a service kept for a search that was stopped, it may have forgotten since.
        self.is_forgotten = bool(self.rows)

    def answer(self, request: Request, client: Client) -> Page:
        """Return the page that answers a request: the kept one, else a new one, which is then kept."""
        if self.place < len(self.rows):
            page = self._again(request, self.rows[self.place])
        else:
            request, answer = self._asked(request, client)
            page = answer.page
            self.n_asked += 1
            name = f"{self.place + 1:05}-{request.kind}.{request.ending}"
            write_bytes(self.folder / name, answer.body)
            self.rows.append({
                "file": name, "kind": request.kind if page.has_records else "list", "request": request.sent(), "sha256": sha256(self.folder / name),
                "n_bytes": len(answer.body), "n_ids": len(page.ids), "fetched_at": _written(answer.at),
            })  # fmt: skip
            tables.write(tables.frame(self.rows, schemas.RESPONSES), self.folder / TABLE, schemas.RESPONSES)  # fmt: skip
        self.place += 1
        return page

    def _asked(self, request: Request, client: Client) -> tuple[Request, Answer]:
        """Return the answer to a request, or to what is asked instead once a set is forgotten, and which it was."""
        if request.instead is None:
            return request, client.ask(request)
        if not self.is_forgotten:
            try:
                return request, client.ask(request)
            except Expired:
                self.is_forgotten = True
        return request.instead, client.ask(request.instead)

    def _again(self, request: Request, row: Mapping[str, Any]) -> Page:
        path = self.folder / row["file"]
        if request.instead is not None and row["request"] == request.instead.sent():
            request = request.instead
        begin_anew = f"delete the folder {self.folder}; the search then begins anew"
        if row["request"] != request.sent():
            raise SearchError(
                Problem(str(self.folder), what="a freeze of another query was stopped here", expected=f"the query of {row['fetched_at']}",
                        remedy=f"put that query back into config.yaml, or {begin_anew}")
            )  # fmt: skip
        if not path.is_file() or sha256(path) != row["sha256"]:
            raise SearchError(
                Problem(str(path), what="not the bytes that were fetched", expected=row["sha256"], remedy=begin_anew)
            )  # fmt: skip
        try:
            return request.read(path.read_bytes())
        except Unfit as error:
            raise SearchError(Problem(str(path), what=f"cannot be read again: {error}", remedy=begin_anew)) from None  # fmt: skip

    def forget(self) -> None:
        """Delete the answers: they are of a walk that cannot be gone to its end."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.rows, self.place = [], 0

    def finish(
        self, found: Walk, client: Client, described: Mapping[str, Any]
    ) -> Frozen:
        """Describe the round and give its folder the name of its day."""
        fetched = sum(
            int(row["n_ids"]) for row in self.rows if row["kind"] == "records"
        )
        text = as_yaml(
            description(self.wanted, found, client, described, self.rows, fetched)
        )
        write_text(self.folder / DESCRIPTION, text)
        yamlfile.load(self.folder / DESCRIPTION, SCHEMA)
        os.rename(self.folder, self.final)
        with contextlib.suppress(OSError):
            handle = os.open(self.final.parent, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
        return Frozen(self.final, found, len(self.rows), self.n_asked)


SCHEMA = Path(__file__).resolve().parents[3] / "schemas/search.schema.json"


def description(
    wanted: Wanted, found: Walk, client: Client, described: Mapping[str, Any],
    rows: list[dict[str, Any]], fetched: int,
) -> dict[str, Any]:  # fmt: skip
    """Return what search.yaml says of a round."""
    sent = rows[0]["request"].partition("?")[2]
    gaps = [
        {"what": gap.what, "n": gap.n, "why": gap.why, **({"ids": list(gap.ids[:NAMED])} if gap.ids else {})}
        for gap in found.gaps
    ]  # fmt: skip
    why = "; ".join(f"{gap.n:,} {gap.what}: {gap.why}" for gap in found.gaps)
    lines = [
        {"line": line, "string": string, "hits": hits}
        for line, (string, hits) in enumerate(zip(wanted.blocks, found.hits, strict=True), start=1)
    ]  # fmt: skip
    return {
        **described,
        "status": "frozen",
        "searched_on": wanted.today,
        **({"note": wanted.query} if wanted.direction else {"query_run": wanted.query}),
        **({"lines": lines} if lines else {}),
        "n_reported": found.reported,
        **({"n_read_why": why} if why else {}),
        "frozen": {
            "address": client.base,
            "parameters": {
                name: value
                for name, value in parse_qsl(sent, keep_blank_values=True)
                if value != wanted.query
            },
            "began_at": rows[0]["fetched_at"],
            "ended_at": rows[-1]["fetched_at"],
            "n_answers": len(rows),
            "n_fetched": fetched,
            "n_unique": len(set(found.ids)),
            "gaps": gaps,
            "notes": [on_one_line(note) for note in found.notes],
            "service_version": found.version or None,
            "tool": f"retrace {__version__}",
        },
    }


def as_yaml(content: Mapping[str, Any]) -> str:
    """Return a mapping as YAML, texts of several lines or of some length as blocks."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: Any, value: str) -> Any:
        # Only a text without blanks at the ends of its lines can be a block.
        is_block = ("\n" in value or len(value) > 80) and not any(
            line != line.rstrip() or line.startswith(" ") for line in value.split("\n")
        )
        style = "|" if is_block and value.isprintable() or is_block and "\n" in value else None  # fmt: skip
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return yaml.dump(dict(content), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000)  # fmt: skip


def _walk(kept: _Kept, steps: Steps, client: Client, progress: Progress) -> Walk:
    records = total = 0
    try:
        request = next(steps)
        while True:
            page = kept.answer(request, client)
            if request.kind != "count":
                total = max(total, page.total or 0)
            records += len(page.ids) if request.kind == "records" else 0
            progress(kept.place, records, total)
            request = steps.send(page)
    except StopIteration as end:
        return counted(end.value)


def _written(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Have no second freeze of a source write into the same folder; the kernel lifts the lock."""
    is_new = not home.exists()
    home.mkdir(parents=True, exist_ok=True)
    handle = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise SearchError(
            Problem(str(home), what="another freeze of this source is running", remedy="wait until it has ended")
        ) from None  # fmt: skip
    finally:
        os.close(handle)
        if is_new and not any(home.iterdir()):
            home.rmdir()
