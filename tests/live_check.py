"""Ask each live source a small question, and say whether it still answers as its connector expects.

The only check that needs a network. Nothing is kept: each round is frozen in a temporary folder,
read like any export, and its counts are held against each other.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))

from retrace import notices, readers, tables  # noqa: E402
from retrace.errors import ReviewError  # noqa: E402
from retrace.freeze import ABOUT_INCLUDED, CONNECTORS  # noqa: E402
from retrace.searches import rounds  # noqa: E402
from retrace.searches.client import Client  # noqa: E402
from retrace.searches.pace import Clock  # noqa: E402
from retrace.searches.wanted import NOTICES, Wanted  # noqa: E402

QUERIES = {
    "pubmed": ("snakemake[ti]", {}),
    "europepmc": ("TITLE:snakemake", {}),
    "openalex": ("snakemake", {"search_in": "title"}),
    "crossref": ("snakemake", {"search_in": "title"}),
    "scopus": ("TITLE(snakemake)", {}),
}
"""Questions that a few dozen records answer."""
RETRACTED = "10.1016/s0140-6736(97)11096-0"
"""An article that is known to be retracted: https://doi.org/10.1016/S0140-6736(10)60175-4."""
MOST = 2_000
NEEDED = ("record_id", "title", "year")
"""What every record of a service should have; a field that was renamed leaves it empty."""
SHARE = 0.9


def check(name: str, addresses: dict[str, str], clock: Clock) -> tuple[list[str], bool]:
    """Return the line of the table for one source, and whether it agrees."""
    module = CONNECTORS[name]
    query, options = QUERIES[name]
    if missing := _missing(name):
        return [name, "", "", "", "", "", missing], True
    wanted = Wanted(name, query, rounds.today(clock.now()), most=MOST, options=options)
    client = Client(module.SERVICE, base=addresses.get(name, ""), clock=clock)
    described = {"source": name, "kind": "database", "platform": module.SERVICE.platform}  # fmt: skip
    try:
        total = client.ask(module.count(wanted)).page.total
        frozen = rounds.freeze(wanted, module.walk, client, described)
        read = readers.read_all([frozen.folder / rounds.DESCRIPTION])
    except ReviewError as error:
        return [name, "", "", "", "", "", f"differs: {error}"], False
    walk = frozen.walk
    found = read.records
    wrong = [
        f"the count alone says {total}, the pages {walk.reported}" if total != walk.reported else "",
        "nothing was found, so nothing is shown" if not walk.ids else "",
        f"{len(found)} records read" if len(found) != len(walk.ids) else "",
        *(f"{gap.n} {gap.what}" for gap in walk.gaps),
        *(
            f"{column} stands in {filled} of {len(found)} records"
            for column in NEEDED
            if (filled := sum(found[column].astype(str) != "")) < SHARE * len(found)
        ),
    ]  # fmt: skip
    wrong = [one for one in wrong if one]
    counts = [walk.reported, len(walk.ids), len(set(walk.ids)), len(found)]
    return [name, walk.version or "-", *map(str, counts), f"differs: {'; '.join(wrong)}" if wrong else "agrees"], not wrong  # fmt: skip


def check_notices(
    name: str, addresses: dict[str, str], clock: Clock
) -> tuple[list[str], bool]:
    """Return the line of the table for one source asked for a retracted article, and whether it says so."""
    module = CONNECTORS[name]
    line = [f"{name}, by DOI"]
    if missing := _missing(name):
        return [*line, "", "", "", "", "", missing], True
    wanted = Wanted(name, RETRACTED, rounds.today(clock.now()), seeds=(RETRACTED,), home=NOTICES)  # fmt: skip
    client = Client(module.SERVICE, base=addresses.get(name, ""), clock=clock)
    described = {"source": name, "kind": "listed_records", "platform": module.SERVICE.platform}  # fmt: skip
    try:
        frozen = rounds.freeze(wanted, module.look_up, client, described)
        read = readers.read_all([frozen.folder / rounds.DESCRIPTION])
    except ReviewError as error:
        return [*line, "", "", "", "", "", f"differs: {error}"], False
    formats = dict(tables.rows(read.files, "raw_file", "format"))
    said = [
        notices.said(formats[path], kind, extra)
        for path, doi, kind, extra in tables.rows(read.records, "raw_file", "doi", "type", "extra")
        if doi.casefold() == RETRACTED
    ]  # fmt: skip
    wrong = [
        "the article is not known" if not said else "",
        "" if any(kind == "retracted" for one in said for kind, _ in one.notices) else "it is not called retracted",
        "" if module.SERVICE.platform not in notices.OF_ACCESS or any(one.access for one in said) else "no open-access status",
    ]  # fmt: skip
    wrong = [one for one in wrong if one]
    walk = frozen.walk
    counts = [walk.reported, len(walk.ids), len(set(walk.ids)), len(read.records)]
    return [*line, walk.version or "-", *map(str, counts), f"differs: {'; '.join(wrong)}" if wrong else "agrees"], not wrong  # fmt: skip


def _missing(name: str) -> str:
    """Return that a source is not asked, where a key that it needs is not set."""
    missing = [key.variable for key in CONNECTORS[name].SERVICE.keys if key.required and not os.environ.get(key.variable)]  # fmt: skip
    return f"not asked: {', '.join(missing)} is not set" if missing else ""


def main(arguments: list[str], clock: Clock | None = None) -> int:
    """Print the table; return 1 where a source does not agree. Arguments are SOURCE=URL."""
    addresses = dict(given.split("=", 1) for given in arguments)
    here = Path.cwd()
    lines = [["source", "version", "reported", "fetched", "different", "read", "verdict"]]  # fmt: skip
    agree = True
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            questions = [(check, name) for name in CONNECTORS]
            questions += [(check_notices, name) for name in ABOUT_INCLUDED]
            for ask, name in questions:
                line, agrees = ask(name, addresses, clock or Clock())
                lines.append(line)
                agree = agree and agrees
        finally:
            os.chdir(here)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())  # fmt: skip
    return 0 if agree else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
