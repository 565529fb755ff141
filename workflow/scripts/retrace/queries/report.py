"""Tell what is odd in the search strings of a review, as a table and as problems of its inputs."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables
from retrace.errors import Problem, ReviewError
from retrace.queries.compare import String, compare, planned, strings, unpaired
from retrace.queries.lint import BROKEN, Finding, lint
from retrace.queries.rendering import strings_of
from retrace.queries.tokens import place
from retrace.queries.vocabularies import Vocabulary

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "data/raw/searches"


def warn(
    searches: "pd.DataFrame",
    config: Mapping[str, Any] | None = None,
    vocabularies: Mapping[str, Vocabulary] = {},
) -> "pd.DataFrame":
    """Return what is odd in each search string, `schemas.WARNINGS`.

    Headings are looked up in the ``vocabularies`` whose lists are at hand, by name.
    """
    every = strings(searches) + planned(config or {})
    rows = [
        (finding.code, _where(string, finding), _sentence(string, finding))
        for string in every
        for finding in _lint(string, vocabularies)
    ]
    rows += [
        ("unknown_heading", f"config.yaml:{field}", f"In the concepts, {says}.")
        for field, says in _of_concepts(config or {}, vocabularies)
    ]
    rows += [
        (
            "concept_in_some",
            _query(string),
            f"The string {string.query} for {string.label} has no block of its own for the concept of “{term}”.",
        )
        for string, _, term in unpaired(every)
    ]
    return tables.frame(rows, schemas.WARNINGS)


def problems_of(
    searches: "pd.DataFrame", vocabularies: Mapping[str, Vocabulary] = {}
) -> tuple[list[Problem], list[Problem]]:
    """Return what must be mended before a query is run, and what is merely odd.

    A query as run that is broken is a mistake of the review's; a published one stays as printed.
    """
    errors: list[Problem] = []
    odd: list[Problem] = []
    for string in strings(searches):
        for finding in _lint(string, vocabularies):
            is_error = string.query == "run" and finding.code in BROKEN
            file = f"{FOLDER}/{string.source}/{string.round}/search.yaml"
            remedy = "mend it, or write the string as it was run" if is_error else ""
            (errors if is_error else odd).append(
                _problem(file, f"query_{string.query}", string, finding, remedy)
            )
    return errors, odd


def problems_of_config(
    config: Mapping[str, Any], vocabularies: Mapping[str, Vocabulary] = {}
) -> tuple[list[Problem], list[Problem]]:
    """Return what must be mended in config.yaml before a search is run, and what is merely odd."""
    errors: list[Problem] = []
    odd = [
        Problem("config.yaml", 0, field, says)
        for field, says in _of_concepts(config, vocabularies)
    ]
    try:
        every = planned(config)
    except ReviewError as error:
        return list(error.problems), odd
    for string in every:
        is_exact = "query" in config["searches"][string.source]
        for finding in _lint(string, vocabularies):
            is_error = is_exact and finding.code in BROKEN
            field = f"searches.{string.source}.{'query' if is_exact else 'from'}"
            remedy = "mend it" if is_error else ""
            (errors if is_error else odd).append(
                _problem("config.yaml", field, string, finding, remedy)
            )
    return errors, odd


def _lint(string: String, vocabularies: Mapping[str, Vocabulary]) -> list[Finding]:
    return lint(string.tree, vocabularies.get(string.vocabulary))


def _of_concepts(
    config: Mapping[str, Any], vocabularies: Mapping[str, Vocabulary]
) -> Iterator[tuple[str, str]]:
    """Yield the headings of the concepts that their vocabulary's list lacks: the field, and in words."""
    for concept, spec in (config.get("concepts") or {}).items():
        for name, headings in (spec.get("headings") or {}).items():
            vocabulary = vocabularies.get(name)
            for one in headings or ():
                heading = one if isinstance(one, str) else one["heading"]
                if vocabulary and not vocabulary.has(heading):
                    yield f"concepts.{concept}.headings.{name}", vocabulary.lacks(heading)  # fmt: skip


def _problem(
    file: str, field: str, string: String, finding: Finding, remedy: str
) -> Problem:
    """Return a finding as a problem of an input; what is merely odd has no remedy."""
    at = place(string.tree.query, finding.offset)
    what = f"{finding.says} (line and column of the string {at})"
    expected = "a string that the platform can be given" if remedy else ""
    return Problem(file, 0, field, what, expected, remedy)


def list_strings(config: Mapping[str, Any]) -> "pd.DataFrame":
    """Return the strings of the searches of config.yaml, `schemas.SEARCH_STRINGS`."""
    return tables.frame(
        [
            {
                "source": source, "label": spec.get("label") or source, "platform": spec["platform"],
                "database": spec.get("database") or "", "given": "exact" if "query" in spec else "concepts",
                "query": rendered.query, "notes": " | ".join(rendered.notes),
                "changes": " | ".join(f"{one['what']}: {one['why']}" for one in spec.get("changes") or ()),
            }
            for source, spec, rendered in strings_of(config)
        ],
        schemas.SEARCH_STRINGS,
    )  # fmt: skip


def as_text(
    config: Mapping[str, Any],
    counted: Mapping[str, tuple[str, list[dict[str, Any]]]] = {},
    vocabularies: Mapping[str, Vocabulary] = {},
) -> Iterator[str]:
    """Yield the strings of config.yaml for a person: what each cannot say, what is odd, what others lack.

    ``counted`` has for a source the round whose lines its platform counted, and these.
    """
    every = {string.source: string for string in planned(config)}
    for field, says in _of_concepts(config, vocabularies):
        yield f"odd, in {field}: {says}"
    for source, spec, rendered in strings_of(config):
        string = every[source]
        origin = "exact" if "query" in spec else "from the concepts"
        yield f"{string.label}: {spec['platform']}, {origin}"
        yield f"  {rendered.query}"
        for name, value in rendered.options.items():
            yield f"  with {name}: {value}"
        if "query" in spec and (spec.get("dates") or spec.get("limits")):
            held = {**(spec.get("dates") or {}), **(spec.get("limits") or {})}
            yield "  beside it: " + ", ".join(
                f"{name} {value}" for name, value in held.items()
            )
        for note in rendered.notes:
            yield f"  not said: {note}"
        for change in spec.get("changes") or ():
            yield f"  changed: {change['what']}: {change['why']}"
        for finding in _lint(string, vocabularies):
            yield f"  odd, at character {finding.offset + 1}: {finding.says}"
        day, lines = counted.get(source, ("", []))
        for line in lines:
            yield f"  line {line['line']}, {line['hits']:,} records on {day}: {line['string']}"
        yield ""
    yield from _differences(compare(tables.empty(schemas.SEARCHES), config), every)


def _differences(terms: "pd.DataFrame", every: Mapping[str, String]) -> Iterator[str]:
    """Yield by concept the terms that not every string has."""
    if len(every) < 2:
        return
    for number, rows in terms.groupby("block"):
        lacking = [
            row for row in rows.itertuples() if row.found in ("some", "one_only")
        ]
        sources = dict.fromkeys(rows["source"])
        yield (
            f"Concept {number} (“{rows['canonical'].iloc[0]}”): {rows['canonical'].nunique()} terms"
            + ("" if lacking else ", the same in all strings but for their form")
        )
        for source in every:
            if source not in sources:
                yield f"  {every[source].label} has no block for it"
            if found := list(
                dict.fromkeys(row.term for row in lacking if row.source == source)
            ):
                yield f"  not in all, in {every[source].label}: {'; '.join(found)}"


def _query(string: String) -> str:
    if string.query == "planned":
        return f"config.yaml:searches.{string.source}"
    return f"{string.source}/{string.round}:query_{string.query}"


def _where(string: String, finding: Finding) -> str:
    return f"{_query(string)}:{place(string.tree.query, finding.offset)}"


def _sentence(string: String, finding: Finding) -> str:
    return (
        f"In the string {string.query} for {string.label}, at character {finding.offset + 1}, {finding.says}."
    )  # fmt: skip
