"""Say whether a heading stands in the list of a controlled vocabulary that an author laid in the review.

A vocabulary has its own terms of use and changes every year, so none comes with the engine: where no
list is at hand, nothing is said of headings.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from retrace.errors import Problem, ReviewError, nearest, on_one_line, unreadable
from retrace.queries.terms import wording

FOLDER = Path("data/raw/vocabularies")
NAMES = {"mesh": "MeSH", "emtree": "Emtree"}
"""What a vocabulary is called, by its name in config.yaml, which is that of its list as well."""

_DESCRIPTOR = re.compile(r"(MH|PRINT ENTRY|ENTRY) = ([^|]*)")
"""A line of NLM's descriptor file (https://www.nlm.nih.gov/mesh/dtype.html), up to what it says of an entry term."""


@dataclass(frozen=True)
class Vocabulary:
    """A vocabulary's headings as its list writes them, by their wording, and for each entry term its heading."""

    name: str
    headings: Mapping[str, str]
    entries: Mapping[str, str]

    def has(self, heading: str) -> bool:
        """Return whether a heading is listed, whatever its case and the subheading behind a slash."""
        return wording(heading) in self.headings or wording(_main(heading)) in self.headings  # fmt: skip

    def lacks(self, heading: str) -> str:
        """Return in words that a heading is not listed, with the heading that may be meant."""
        main = _main(heading)
        what = f"“{main}” is no heading in the list of {self.name}"
        if known := self.entries.get(wording(main)):
            return on_one_line(f"{what}, but an entry term of “{known}”")
        # All that differ in the first letter, too, would take a second for each heading.
        alike = (known for words, known in self.headings.items() if words[:1] == wording(main)[:1])  # fmt: skip
        near = nearest(main, alike, 1)
        return on_one_line(
            f"{what}; the nearest heading is “{near[0]}”" if near else what
        )


def read_vocabularies(
    paths: Iterable[Path | str] | None = None,
) -> dict[str, Vocabulary]:
    """Return the vocabularies whose lists are given, or else lie in the review, by name: `mesh.txt`, `emtree.txt`.

    A list has a heading in each line, or is NLM's descriptor file in ASCII (`d2026.bin`).

    Raises:
        ReviewError: a list cannot be read, is not UTF-8, or has no heading.
    """
    found: dict[str, Vocabulary] = {}
    problems: list[Problem] = []
    for path in sorted(map(Path, FOLDER.glob("*.txt") if paths is None else paths)):
        if path.stem not in NAMES:
            continue
        try:
            found[path.stem] = _vocabulary(NAMES[path.stem], path.read_text("utf-8-sig"))  # fmt: skip
        except OSError as error:
            problems.append(unreadable(path.as_posix(), error))
            continue
        except UnicodeDecodeError as error:
            problems.append(Problem(path.as_posix(), what=f"byte {error.start} is not UTF-8", remedy="save it as UTF-8"))  # fmt: skip
            continue
        if not found[path.stem].headings:
            problems.append(Problem(path.as_posix(), what="no heading stands in this list", expected="a heading in each line",
                                    remedy="write them, or delete this file"))  # fmt: skip
    if problems:
        raise ReviewError(problems)
    return found


def _vocabulary(name: str, text: str) -> Vocabulary:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    headings: list[str] = []
    entries: dict[str, str] = {}
    for kind, term in (found.groups() for found in map(_DESCRIPTOR.match, lines) if found):  # fmt: skip
        if kind == "MH":
            headings.append(term.strip())
        elif headings:
            entries[wording(term)] = headings[-1]
    return Vocabulary(name, {wording(one): one for one in headings or lines}, entries)


def _main(heading: str) -> str:
    """Return a heading without its subheading."""
    return " ".join(heading.partition("/")[0].split())
