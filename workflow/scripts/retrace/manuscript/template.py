"""Fill the author's template with numbers, labels, tables and figures: the one Markdown text.

The template is rendered once, in a sandbox, and prints nothing that has no name: every
number in the text is a link to its definition, and what is asked for but not there stops
the build with all such places at once.
"""

import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables
from retrace.errors import ManuscriptError, Problem, so_many, some
from retrace.manuscript import notices as appendix
from retrace.manuscript import numbering, prose, text, uses
from retrace.manuscript.functions import Functions, Sources

if TYPE_CHECKING:
    import pandas as pd

ENTRY = re.compile(r"@\w+\s*[{(]\s*([^,\s]+)\s*,")
"""The beginning of an entry of a bibliography, with its key."""

_ORCID = re.compile(r"\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b")
_STUDY = re.compile(r'<a class="study" href="#ref-([^"]*)">(.*?)</a>')


@dataclass(frozen=True)
class Review:
    """The Markdown text, where each number is used, the escapes, and what is odd."""

    text: str
    uses: "pd.DataFrame"
    literals: "pd.DataFrame"
    warnings: "pd.DataFrame"


def render(
    template: str | Path,
    *,
    settings: Mapping[str, Any],
    definitions: str | Path,
    bibliography: str | Path,
    labels: str | Path,
    numbers: str | Path,
    members: str | Path,
    claims: Sequence[str],
    stated: Sequence[str],
    warnings: Sequence[str] | str,
    searches: str | Path,
    lines: str | Path,
    recall: str | Path,
    terms: Sequence[str],
    box_members: str | Path,
    tables_html: Sequence[str],
    figures_csv: Sequence[str],
    figures_alt: Sequence[str],
    notices: Sequence[str] = (),
) -> Review:
    """Return the review as Markdown, from the files of its sources.

    ``settings`` are config.yaml's ``manuscript`` section with ``title``, ``subtitle``,
    ``authors``, ``language``, ``status`` and the sections ``figures`` and ``tables``.

    Raises:
        ManuscriptError: undefined numbers, keys, figures, tables, sections or terms; counts
            typed into the prose; in a release also numbers that nothing uses.
    """
    keys = keys_of(Path(bibliography).read_text("utf-8"))
    given = {
        Path(path).stem: _only_to(keys, Path(path).read_text("utf-8"))
        for path in tables_html
    }
    drawn = {Path(path).name.partition(".")[0]: path for path in figures_alt}
    sources = Sources(
        numbers=tables.read(numbers, schemas.NUMBERS),
        members=tables.read(members, schemas.NUMBER_MEMBERS),
        labels=tables.read(labels, schemas.LABELS),
        claims=tables.read_all(claims, schemas.CLAIMS),
        warnings=tables.read_all(warnings, schemas.WARNINGS),
        searches=tables.read(searches, schemas.SEARCHES),
        lines=tables.read(lines, schemas.SEARCH_LINES),
        recall=tables.read(recall, schemas.SEARCH_RECALL),
        by=uses.columns_of_families(definitions),
        tables=given,
        figures={
            name: Path(path).read_text("utf-8").strip() for name, path in drawn.items()
        },
        table_settings=settings["tables"],
        figure_settings=settings["figures"],
        keys=keys,
    )
    allowed = {
        *settings.get("glossary", ()),
        *prose.words_of_terms(cells_of(terms, settings.get("terms_from", ()))),
    }
    made = fill(
        Path(template).read_text("utf-8"),
        file=str(template),
        sources=sources,
        terms=allowed,
        counted_nouns=settings.get("counted_nouns", ()),
        settings=settings,
    )
    elsewhere = [
        *uses.of_tables(given),
        *uses.of_figures(figures_csv),
        *uses.of_claims(sources.claims, stated),
    ]
    found = uses.gather(sources.numbers, [*made.uses, *elsewhere])
    # A text that could not be rendered to its end asks for nothing behind its mistake.
    unused = (
        uses.unused(sources.numbers, found, sources.by, str(definitions))
        if made.is_whole
        else []
    )
    problems = [*made.problems, *(unused if settings["status"] == "release" else [])]
    if problems:
        raise ManuscriptError(sorted(set(problems)))
    return Review(
        text=appendix.added(
            made.text, tables.read_all(notices, schemas.NOTICES), sources.labels
        ),
        uses=found,
        literals=tables.frame(made.literals, schemas.LITERALS),
        warnings=tables.frame(
            [("unused_number", p.column, f"{p.column}: {p.what}") for p in unused]
            + made.oddities
            + _without_reference(
                tables.read(box_members, schemas.FLOW_MEMBERS), keys, str(bibliography)
            ),
            schemas.WARNINGS,
        ),
    )


@dataclass
class Filled:
    """What one rendering of a template gave."""

    text: str
    is_whole: bool
    uses: list[tuple[str, str]] = field(default_factory=list)
    literals: list[tuple[str, str, str]] = field(default_factory=list)
    oddities: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def fill(
    source: str,
    *,
    file: str,
    sources: Sources,
    terms: Iterable[str] = (),
    counted_nouns: Iterable[str] = (),
    settings: Mapping[str, Any],
) -> Filled:
    """Return a template's text with its uses, escapes and problems."""
    words: dict[str, Any] = {
        "terms": sorted(terms),
        "counted_nouns": sorted(counted_nouns),
    }
    problems = [
        *prose.typed_counts(source, file=file, **words),
        *prose.unknown_citations(source, sources.keys, file=file),
    ]
    for kind, given in (
        ("figures", sources.figure_settings),
        ("tables", sources.table_settings),
    ):
        for name, of in given.items():
            caption = of.get("caption") or ""
            place = {"file": "config.yaml", "column": f"{kind}.{name}.caption"}
            problems += prose.typed_counts(caption, **place, **words)
            problems += prose.unknown_citations(caption, sources.keys, **place)
    functions = Functions(sources, file, problems)
    body = functions.render(source)
    numbered = numbering.number(body or "")
    if body is not None:
        functions.check_references(numbered)
    if not re.search(r"^:::+ *\{[^}\n]*#refs\b", numbered.text, re.MULTILINE):
        numbered = numbering.Numbered(
            numbered.text.rstrip("\n")
            + "\n\n# References {#references .unnumbered}\n\n::: {#refs}\n:::\n",
            numbered.numbers,
        )
    return Filled(
        text=front_matter(settings, _linked_works(numbered.text, sources.keys))
        + re.sub(r"\n{3,}", "\n\n", numbered.text).strip("\n")
        + "\n",
        is_whole=body is not None,
        uses=functions.uses,
        literals=functions.literals,
        oddities=functions.oddities,
        problems=problems,
    )


def front_matter(settings: Mapping[str, Any], listed: Sequence[str] = ()) -> str:
    """Return the YAML block that titles the text; config.yaml's texts are plain text."""
    lines = [f"title: {text.quoted(settings['title'])}"]
    if settings.get("subtitle"):
        lines.append(f"subtitle: {text.quoted(settings['subtitle'])}")
    if settings.get("authors"):
        names = [_name_of(author) for author in settings["authors"]]
        lines.append(f"author: [{', '.join(map(text.quoted, names))}]")
        if about := [_about(author) for author in settings["authors"] if _is_told(author)]:  # fmt: skip
            lines.append(f"affiliation: [{', '.join(map(text.quoted, about))}]")
    lines.append(f"lang: {text.quoted(settings.get('language') or 'en')}")
    if settings["status"] == "draft":
        lines.append("draft: true")
    if listed:
        # What a table links to stands in the reference list, though no sentence cites it.
        lines.append(
            f"nocite: {json.dumps(', '.join(f'@{{{key}}}' for key in listed))}"
        )
    return "---\n" + "\n".join(lines) + "\n---\n\n"


def _only_to(keys: frozenset[str], table: str) -> str:
    """Return a table's HTML in which studies link to their references, where they have one."""
    return _STUDY.sub(
        lambda found: found[0] if html.unescape(found[1]) in keys else found[2], table
    )


def _without_reference(
    members: "pd.DataFrame", keys: frozenset[str], bibliography: str
) -> list[tuple[str, str, str]]:
    """Return the warning of the included studies that the list of references cannot name."""
    included = members.loc[members["box"] == "new_studies", "member_id"]
    lost = [study for study in dict.fromkeys(included) if study not in keys]
    if not lost:
        return []
    says = f"{so_many(len(lost), 'included study')} without an entry of this key: {some(lost, 20)}"
    return [("study_without_reference", bibliography, says)]


def _linked_works(body: str, keys: frozenset[str]) -> list[str]:
    return sorted({*re.findall(r'href="#ref-([^"]+)"', body)} & keys)


def keys_of(bibliography: str) -> frozenset[str]:
    """Return the citation keys of a BibTeX file."""
    return frozenset(ENTRY.findall(bibliography))


def cells_of(paths: Sequence[str], columns: Iterable[str]) -> list[str]:
    """Return the cells of columns given as table.column, from the files of those tables."""
    cells = []
    wanted = [name.split(".", 1) for name in columns]
    for path in paths:
        header, rows, _ = tables.read_rows(path)
        for name, column in wanted:
            if name == Path(path).stem and column in header:
                at = header.index(column)
                cells += [part for row in rows for part in tables.values(row[at])]
    return cells


def _name_of(author: Any) -> str:
    return author["name"] if isinstance(author, Mapping) else str(author)


def _is_told(author: Any) -> bool:
    """Return whether more is told of an author than the name."""
    return isinstance(author, Mapping) and bool(author.get("affiliation") or author.get("orcid"))  # fmt: skip


def _about(author: Mapping[str, str]) -> text.Markdown:
    """Return an author's line below the title: the name, the affiliation, and the ORCID as a link."""
    told = [text.escape(author["affiliation"])] if author.get("affiliation") else []
    if author.get("orcid"):
        number = _ORCID.search(author["orcid"])
        shown = f"[{number[0]}](https://orcid.org/{number[0]})" if number else text.escape(author["orcid"])  # fmt: skip
        told.append(text.Markdown(f"ORCID {shown}"))
    return text.Markdown(f"{text.escape(author['name'])}: {'; '.join(told)}")
