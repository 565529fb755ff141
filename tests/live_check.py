"""Ask each live source a small question, and say whether it still answers as its connector expects.

The only check that needs a network. Nothing is kept: each round is frozen in a temporary folder,
read like any export, and its counts are held against each other.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))

from retrace import readers, records  # noqa: E402
from retrace.errors import ReviewError  # noqa: E402
from retrace.freeze import CONNECTORS  # noqa: E402
from retrace.searches import rounds  # noqa: E402
from retrace.searches.client import Client  # noqa: E402
from retrace.searches.pace import Clock  # noqa: E402
from retrace.searches.wanted import Wanted  # noqa: E402

QUERIES = {
    "pubmed": ("snakemake[ti]", {}),
    "europepmc": ("TITLE:snakemake", {}),
    "openalex": ("snakemake", {"search_in": "title"}),
    "crossref": ("snakemake", {"search_in": "title"}),
    "scopus": ("TITLE(snakemake)", {}),
}
"""Questions that a few dozen records answer."""
MOST = 2_000
NEEDED = ("record_id", "title", "year")
"""What every record of a service should have; a field that was renamed leaves it empty."""
SHARE = 0.9


def check(name: str, addresses: dict[str, str], clock: Clock) -> tuple[list[str], bool]:
    """Return the line of the table for one source, and whether it agrees."""
    module = CONNECTORS[name]
    query, options = QUERIES[name]
    missing = [key.variable for key in module.SERVICE.keys if key.required and not os.environ.get(key.variable)]  # fmt: skip
    if missing:
        return [name, "", "", "", "", "", f"not asked: {', '.join(missing)} is not set"], True  # fmt: skip
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
    found = records.identify(read.records)
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


def main(arguments: list[str], clock: Clock | None = None) -> int:
    """Print the table; return 1 where a source does not agree. Arguments are SOURCE=URL."""
    addresses = dict(given.split("=", 1) for given in arguments)
    here = Path.cwd()
    lines = [["source", "version", "reported", "fetched", "different", "read", "verdict"]]  # fmt: skip
    agree = True
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for name in CONNECTORS:
                line, agrees = check(name, addresses, clock or Clock())
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
