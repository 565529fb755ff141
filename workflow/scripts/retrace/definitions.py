"""Read numbers.yaml into definitions: what each number is, where it is defined, and what it is made of.

Kept apart from the counting, so that whoever needs only the names, columns or uses of numbers
does not need a table.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrace import schemas, yamlfile
from retrace.errors import ConfigError, Problem, one_of, some

SCHEMA = Path(__file__).resolve().parents[2] / "schemas/numbers.schema.json"
SECTIONS = ("selections", "numbers", "families")

_ID = re.compile(r"[A-Za-z0-9_.+-]+")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Definition:
    """One entry of numbers.yaml: a selection, a number or a family."""

    section: str
    name: str
    kind: str
    spec: Mapping[str, Any]
    line: int

    @property
    def is_family(self) -> bool:
        """Return whether it stands for a number per term."""
        return self.section == "families"

    @property
    def parts(self) -> list[str]:
        """Return the numbers and families that it is made of."""
        named = [
            self.spec[key] for key in ("share", "rank", "list") if key in self.spec
        ]
        of = self.spec.get("of", [])
        return named + ([of] if isinstance(of, str) else list(of))


@dataclass(frozen=True)
class Definitions:
    """All entries of numbers.yaml by their names, in their order, with their lines."""

    file: str
    selections: Mapping[str, Definition]
    numbers: Mapping[str, Definition]
    families: Mapping[str, Definition]
    lines: dict[tuple, int]

    def __iter__(self) -> Iterator[Definition]:
        """Go through numbers, then families."""
        yield from self.numbers.values()
        yield from self.families.values()

    def find(self, number_id: str) -> Definition | None:
        """Return the definition of a number, for a member of a family that of the family."""
        return self.numbers.get(number_id) or self.families.get(
            number_id.partition(".")[0]
        )

    def by(self, family: str) -> list[str]:
        """Return the columns over whose terms a family runs; that of shares or ranks, those of its parts."""
        seen: set[str] = set()
        while family in self.families and family not in seen:
            seen.add(family)
            spec = self.families[family].spec
            if "by" in spec:
                return names(spec["by"])
            family = str(spec.get("rank") or spec.get("share"))
        return []

    def base(self, definition: Definition) -> tuple[str, list[Mapping[str, Any]]]:
        """Return the table a definition is read from, and the conditions that all must hold."""
        spec = definition.spec
        selection = self.selections.get(spec.get("from", ""))
        where = [spec["where"]] if "where" in spec else []
        if selection is None:
            return spec.get("table", ""), where
        return self.base(selection)[0], [*self.base(selection)[1], *where]

    def problem(
        self,
        definition: Definition,
        key: str,
        what: str,
        expected: str = "",
        remedy: str = "",
    ) -> Problem:
        """Return a problem at the line of a definition's key."""
        line = yamlfile.line_of(self.lines, (definition.section, definition.name, key))
        return Problem(
            self.file, line, f"{definition.name}.{key}", what, expected, remedy
        )


def load(path: str | Path, schema: Path | None = SCHEMA) -> Definitions:
    """Return the definitions of numbers.yaml.

    Who follows a build that was made of them gives no ``schema``: they were held to it then.

    Raises:
        ConfigError: all that does not fit the schema, with file, line and key.
    """
    content, lines = yamlfile.load_with_lines(path, schema)
    content = content or {}
    made: dict[str, dict[str, Definition]] = {
        section: {
            str(name): Definition(
                section,
                str(name),
                next(
                    (kind for kind in schemas.KINDS_OF_NUMBER if kind in spec),
                    "selection",
                ),
                spec,
                lines[section, str(name)],
            )
            for name, spec in (content.get(section) or {}).items()
        }
        for section in SECTIONS
    }
    definitions = Definitions(str(path), **made, lines=lines)
    problems = [
        problem
        for entries in made.values()
        for definition in entries.values()
        for problem in _complaints(definitions, definition)
    ]
    if problems:
        raise ConfigError(sorted(problems))
    return definitions


def names(given: str | Iterable[str]) -> list[str]:
    """Return one name or several as a list."""
    return [given] if isinstance(given, str) else list(given)


def _complaints(definitions: Definitions, definition: Definition) -> Iterator[Problem]:
    """Find what a JSON schema cannot say, or says badly."""
    spec, say = definition.spec, definition

    def problem(key: str, what: str, *rest: str) -> Problem:
        return definitions.problem(say, key, what, *rest)

    if not _ID.fullmatch(definition.name):
        yield problem("", "not a name", "letters, digits and _ . + -", "rename it")
    if definition.section != "numbers" and "." in definition.name:
        yield problem(
            "",
            "a dot stands before a family's term",
            "a name without a dot",
            "rename it",
        )
    if "from" in spec and "table" in spec:
        yield problem("from", "both table and from", "one of them", "delete one")
    if "from" in spec and spec["from"] not in definitions.selections:
        yield problem(
            "from",
            f"no selection {spec['from']!r}",
            *one_of(spec["from"], definitions.selections),
        )
    if (
        not ({"from", "table"} & set(spec))
        and not definition.parts
        and definition.kind != "reported"
    ):
        yield problem("", "neither table nor from", "the table it is read from")
    by = definitions.by(definition.name) if definition.is_family else []
    if len(by) > 2:
        yield problem("by", f"{len(by)} columns", "one or two")
    # A family made of an unknown one is named as that where its parts are looked up.
    if by or not definition.is_family:
        for name in dict.fromkeys(_PLACEHOLDER.findall(spec["says"])):
            if name not in by:
                yield problem(
                    "says", f"{{{name}}} stands for nothing here",
                    f"one of {some('{' + one + '}' for one in by)}" if by else "no {...}, which only a family fills",
                    "correct or delete it",
                )  # fmt: skip
