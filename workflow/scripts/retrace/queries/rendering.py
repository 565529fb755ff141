"""Write the concepts of a protocol in the language of a platform, and say what it cannot express.

What a platform can be told is data, a `Dialect` for each; what it cannot is left out or written the
next best way, never silently. Where both are possible, the way is taken that finds more.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from retrace.errors import Problem, ReviewError
from retrace.queries import syntax as of
from retrace.queries.syntax import Syntax, syntax_of
from retrace.queries.terms import uninverted, wording
from retrace.queries.tree import blocks, parse
from retrace.queries.vocabularies import NAMES

FIELDS = ("title", "title_abstract", "title_abstract_keywords", "all")
DEFAULT = "title_abstract_keywords"
LONGEST = 3500
"""Characters of a query that OpenAlex takes in an address of about 4 KB."""

_PLAIN = re.compile(r"\w+\*?")
_OPERATORS = frozenset("and or not near next same adj onear exp to w pre".split())  # noqa: SIM905
_LANGUAGES = {
    "chinese": "chi", "dutch": "dut", "english": "eng", "french": "fre", "german": "ger", "italian": "ita",
    "japanese": "jpn", "korean": "kor", "polish": "pol", "portuguese": "por", "russian": "rus", "spanish": "spa",
}  # fmt: skip
"""Codes of MEDLINE (https://www.nlm.nih.gov/bsd/language_table.html), which Europe PMC takes."""


@dataclass(frozen=True)
class Rendered:
    """A search string for one platform.

    ``notes`` say what it does not say of what was asked, ``options`` are settings of `retrace
    freeze` that belong to it; ``blocks`` look for each of its concepts alone, without limits, and
    are none where it has but one.
    """

    query: str
    notes: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dialect:
    """How a platform writes a query.

    In all patterns ``{}`` is what is looked for: a term where ``each`` holds, else a bracket of them.
    ``endings`` says what becomes of * within a phrase: read, next (words joined by NEXT) or lost.
    """

    syntax: Syntax
    fields: Mapping[str, str]
    each: bool = False
    headings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    quotes: str = '"{}"'
    without: str = "NOT"
    wildcards: bool = True
    endings: str = "read"
    days: bool = False
    dates: Callable[[str, str], str] | None = None
    language: str = ""
    codes: Mapping[str, str] | None = None
    type: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    """What is to be known of a field, by its name here."""


def _pubmed_dates(first: str, last: str) -> str:
    return f'("{_day(first, "1000", "/", False)}"[dp] : "{_day(last, "3000", "/", True)}"[dp])'  # fmt: skip


def _europe_pmc_dates(first: str, last: str) -> str:
    return f"FIRST_PDATE:[{_day(first, '1000', '-', False)} TO {_day(last, '3000', '-', True)}]"  # fmt: skip


def _scopus_dates(first: str, last: str) -> str:
    parts = [f"PUBYEAR > {int(first[:4]) - 1}"] if first else []
    parts += [f"PUBYEAR < {int(last[:4]) + 1}"] if last else []
    return " AND ".join(parts)


def _day(day: str, default: str, sign: str, is_last: bool) -> str:
    """Return a day as a platform writes it; a year begins on its first day and ends on its last."""
    day = day or default
    if len(day) == 4:
        day += "-12-31" if is_last else "-01-01"
    return day.replace("-", sign)


DIALECTS: dict[Syntax, Dialect] = {
    of.PUBMED: Dialect(
        of.PUBMED,
        {"title": "{}[ti]", "title_abstract": "{}[tiab]", "title_abstract_keywords": "{}[tiab]", "all": "{}[all]"},
        each=True, headings={"mesh": ('"{}"[mh]', '"{}"[mh:noexp]')},
        days=True, dates=_pubmed_dates, language="{}[la]", type='"{}"[pt]',
        said={"title_abstract": "[tiab] searches the keywords of authors, too"},
    ),
    of.EUROPE_PMC: Dialect(
        of.EUROPE_PMC,
        {"title": "TITLE:{}", "title_abstract": "TITLE_ABS:{}", "title_abstract_keywords": "TITLE_ABS:{0} OR KW:{0}", "all": "{}"},
        each=True, headings={"mesh": ("", 'KW:"{}"')}, endings="lost",
        days=True, dates=_europe_pmc_dates, language='LANG:"{}"', codes=_LANGUAGES, type='PUB_TYPE:"{}"',
        said={"all": "a term without a field is looked for in the full text, too, where Europe PMC has it"},
    ),
    of.OPENALEX: Dialect(
        of.OPENALEX, dict.fromkeys(FIELDS, "{}"), wildcards=False,
        said={"title_abstract_keywords": "keywords are not searched",
              "all": "the full text is searched, too, where OpenAlex has it"},
    ),
    of.SCOPUS: Dialect(
        of.SCOPUS,
        {"title": "TITLE{}", "title_abstract": "TITLE-ABS{}", "title_abstract_keywords": "TITLE-ABS-KEY{}", "all": "ALL{}"},
        headings={"mesh": ("", 'INDEXTERMS("{}")'), "emtree": ("", 'INDEXTERMS("{}")')},
        without="AND NOT", dates=_scopus_dates, language="LANGUAGE({})", type="DOCTYPE({})",
        said={"title_abstract_keywords": "KEY searches the keywords of authors and of indexers",
              "all": "ALL searches cited references, too"},
    ),
    of.WEB_OF_SCIENCE: Dialect(
        of.WEB_OF_SCIENCE,
        {"title": "TI={}", "title_abstract": "(TI={0} OR AB={0})", "title_abstract_keywords": "TS={}", "all": "ALL={}"},
        dates=lambda first, last: f"PY=({first[:4] or '1900'}-{last[:4] or '2100'})", language="LA=({})", type="DT=({})",
        said={"title_abstract_keywords": "TS searches Keywords Plus, too"},
    ),
    of.OVID: Dialect(
        of.OVID,
        {"title": "{}.ti.", "title_abstract": "{}.ti,ab.", "title_abstract_keywords": "{}.ti,ab,kf.", "all": "{}.mp."},
        headings={"mesh": ("exp {}/", "{}/")}, language="{}.lg.", type="{}.pt.",
    ),
    of.EMBASE: Dialect(
        of.EMBASE,
        {"title": "{}:ti", "title_abstract": "{}:ti,ab", "title_abstract_keywords": "{}:ti,ab,kw", "all": "{}"},
        headings={"emtree": ("'{}'/exp", "'{}'/de")}, quotes="'{}'",
        dates=lambda first, last: f"[{first[:4] or '1900'}-{last[:4] or '2100'}]/py", language="[{}]/lim", type="[{}]/lim",
    ),
    of.COCHRANE: Dialect(
        of.COCHRANE,
        {"title": "{}:ti", "title_abstract": "{}:ti,ab", "title_abstract_keywords": "{}:ti,ab,kw", "all": "{}"},
        headings={"mesh": ('[mh "{}"]', '[mh ^"{}"]')}, endings="next",
    ),
}  # fmt: skip
"""By the search language that a platform's name gives; others get `_OTHER`."""

_OTHER = Dialect(of.ANY, dict.fromkeys(FIELDS, "{}"))
_OVID_EMBASE = Dialect(
    of.OVID,
    {"title": "{}.ti.", "title_abstract": "{}.ti,ab.", "title_abstract_keywords": "{}.ti,ab,kw.", "all": "{}.mp."},
    headings={"emtree": ("exp {}/", "{}/")}, language="{}.lg.", type="{}.pt.",
)  # fmt: skip
Concepts = Mapping[str, Mapping[str, Any]]


def render(
    concepts: Concepts,
    platform: str,
    *,
    database: str = "",
    limits: Mapping[str, Any] | None = None,
    dates: Mapping[str, Any] | None = None,
) -> Rendered:
    """Return the concepts of config.yaml as one string of a platform, limits and dates included.

    Raises:
        ReviewError: a concept has neither terms nor headings, so that the search would be another
            one without it, or none is to be found.
    """
    _hold_to_terms(concepts)
    syntax = syntax_of(platform)
    if syntax is of.CROSSREF:
        return _words(concepts, limits or {}, dates or {})
    dialect = DIALECTS.get(syntax) or replace(_OTHER, syntax=syntax)
    if syntax is of.OVID and "embase" in database.casefold():
        dialect = _OVID_EMBASE
    notes: dict[str, None] = {}
    parts: list[str] = []
    alone: list[str] = []
    for name, concept in sorted(concepts.items(), key=lambda held: bool(held[1].get("excluded"))):  # fmt: skip
        block = _block(name, concept, dialect, notes)
        alone.append(block)
        joined = dialect.without if concept.get("excluded") else "AND"
        parts.append(f"{joined} {block}" if parts else block)
    for limit in _limits(limits or {}, dates or {}, dialect, notes):
        parts.append(f"AND {limit}")
    query = " ".join(parts)
    if syntax not in DIALECTS:
        notes["fields, headings and limits are written for no platform that is known: add those of yours"] = None  # fmt: skip
    options = {}
    if syntax is of.OPENALEX:
        options = {"search_in": _openalex_field(concepts, notes)}
        if len(query) > LONGEST:
            notes[f"its {len(query)} characters may be more than OpenAlex takes in one request"] = None  # fmt: skip
    return Rendered(query, tuple(notes), options, _several(alone))


def _several(blocks: Sequence[str]) -> tuple[str, ...]:
    return tuple(blocks) if len(blocks) > 1 else ()


def _exact(query: str, syntax: Syntax) -> Rendered:
    """Return an exact string with its blocks, where its platform reads operators and its brackets match."""
    tree = parse(query, syntax)
    is_whole = all(group.is_closed for group in tree.groups() if group is not tree.root)
    alone = [block.text for block in blocks(tree)] if syntax.boolean and is_whole else []  # fmt: skip
    return Rendered(query, blocks=_several(alone))


def strings_of(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Rendered]]:  # fmt: skip
    """Yield each search of config.yaml with its string: the exact one, or the concepts rendered.

    A search by citations has none.

    Raises:
        ReviewError: the concepts that a search is rendered from hold no terms.
    """
    for source, spec in (config.get("searches") or {}).items():
        if "citations" in spec:
            continue
        if "query" in spec:
            yield (
                source,
                spec,
                _exact(
                    spec["query"].strip(),
                    syntax_of(spec["platform"], spec.get("database") or "", source),
                ),
            )
        else:
            yield source, spec, render(
                config.get("concepts") or {}, spec["platform"], database=spec.get("database") or "",
                limits=spec.get("limits"), dates=spec.get("dates"),
            )  # fmt: skip


def _hold_to_terms(concepts: Concepts) -> None:
    empty = [
        name for name, concept in concepts.items()
        if not (concept.get("terms") or any((concept.get("headings") or {}).values()))
    ]  # fmt: skip
    problems = [
        Problem("config.yaml", 0, f"concepts.{name}", "the concept has no terms and no headings", "at least one of them", "write them, or delete the concept")
        for name in empty
    ]  # fmt: skip
    if all(concept.get("excluded") for concept in concepts.values()):
        problems.append(
            Problem("config.yaml", 0, "concepts", "no concept is to be found", "at least one that is not excluded",
                    "write its terms, or give an exact query")
        )  # fmt: skip
    if problems:
        raise ReviewError(problems)


def _block(name: str, concept: Mapping[str, Any], dialect: Dialect, notes: dict[str, None]) -> str:  # fmt: skip
    terms = [" ".join(term.split()) for term in concept.get("terms") or ()]
    written, as_words = _headings(name, concept, dialect, notes)
    known = {wording(term) for term in terms}
    terms += [term for term in as_words if wording(term) not in known]
    where = concept.get("field") or DEFAULT
    if where in dialect.said:
        notes[f"{name}: {dialect.said[where]}"] = None
    pattern = dialect.fields[where]
    looked_for = [_term(name, term, dialect, notes) for term in terms]
    if dialect.each:
        parts = [pattern.format(term) for term in looked_for]
    else:
        parts = [pattern.format(f"({' OR '.join(looked_for)})")] if looked_for else []
    if where == "all" and not dialect.each and len(parts) == 1 and not written:
        return parts[0]
    parts = written + parts
    return parts[0] if len(parts) == 1 and not dialect.each else f"({' OR '.join(parts)})"  # fmt: skip


def _headings(name: str, concept: Mapping[str, Any], dialect: Dialect, notes: dict[str, None]) -> tuple[list[str], list[str]]:  # fmt: skip
    """Return headings as the platform writes them, and those it does not know, in the order of speech."""
    written, as_words = [], []
    given = concept.get("headings") or {}
    is_known = any(given.get(vocabulary) for vocabulary in dialect.headings)
    for vocabulary, headings in given.items():
        patterns = dialect.headings.get(vocabulary)
        for one in headings or ():
            heading, explode = (one, True) if isinstance(one, str) else (one["heading"], one.get("explode", True))  # fmt: skip
            if patterns is None:
                # Where the platform's own headings are given, those of another vocabulary add nothing.
                if not is_known:
                    as_words.append(uninverted(heading))
                    notes[f"{name}: headings of {NAMES[vocabulary]} cannot be searched, and are looked for as words"] = None  # fmt: skip
                continue
            exploded, plain = patterns
            if explode and not exploded:
                notes[f"{name}: narrower headings are not searched with “{heading}”"] = None  # fmt: skip
            # Ovid takes a heading bare, unless an operator stands in it.
            is_read = dialect.syntax is of.OVID and _OPERATORS & set(re.findall(r"\w+", heading.casefold()))  # fmt: skip
            said = f'"{heading}"' if is_read else heading
            written.append((exploded if explode and exploded else plain).format(said))  # fmt: skip
    return written, as_words


def _term(name: str, term: str, dialect: Dialect, notes: dict[str, None]) -> str:
    if "*" in term and not dialect.wildcards:
        notes[f"{name}: endings left open by * are not; words are found in the forms that stemming gives"] = None  # fmt: skip
        term = term.replace("*", "")
    if dialect.syntax is of.OPENALEX:
        # Both separate what is filtered by, also within quotes.
        term = " ".join(re.sub("[,|]", " ", term).split())
    for word in term.split():
        if 0 <= word.find("*") < dialect.syntax.stem:
            notes[f"{name}: the * of “{word}” stands behind fewer than {dialect.syntax.stem} characters"] = None  # fmt: skip
    if _is_plain(term, dialect.syntax):
        return term
    if "*" in term and dialect.endings == "lost":
        notes[f"{name}: “{term}” is a phrase, in which * is not read: its endings are not searched"] = None  # fmt: skip
        term = term.replace("*", "")
    elif "*" in term and dialect.endings == "next" and " " in term:
        words = [word if _is_plain(word, dialect.syntax) else f'"{word}"' for word in term.split()]  # fmt: skip
        return f"({' NEXT '.join(words)})"
    if dialect.quotes == "'{}'" and "'" in term:
        return f'"{term}"'
    return dialect.quotes.format(term)


def _is_plain(word: str, syntax: Syntax) -> bool:
    """Return whether a word needs no quotes to be read as one."""
    is_operator = word.casefold() in _OPERATORS or syntax.adjacency.fullmatch(word)
    return bool(_PLAIN.fullmatch(word)) and not is_operator


def _limits(limits: Mapping[str, Any], dates: Mapping[str, Any], dialect: Dialect, notes: dict[str, None]) -> Iterator[str]:  # fmt: skip
    first, last = dates.get("from") or "", dates.get("to") or ""
    if (first or last) and dialect.dates is None:
        how = "retrace freeze sends them beside it" if dialect.syntax is of.OPENALEX else "set them as a limit by hand"  # fmt: skip
        notes[f"dates ({first or 'the first'} to {last or 'the last'}) are no part of the string: {how}"] = None  # fmt: skip
    elif (first or last) and dialect.dates is not None:
        if not dialect.days and max(len(first), len(last)) > 4:
            notes["the platform limits by years, not by days"] = None
        yield dialect.dates(first, last)
    for key, pattern, what in (
        ("languages", dialect.language, "languages"),
        ("types", dialect.type, "kinds of publication"),
    ):
        values = list(limits.get(key) or ())
        if values and not pattern:
            notes[f"{what} are no part of the string: set {', '.join(values)} as a limit by hand"] = None  # fmt: skip
            continue
        if key == "languages" and dialect.codes is not None:
            for unknown in [value for value in values if value.casefold() not in dialect.codes]:  # fmt: skip
                notes[f"the platform's code for {unknown} is not known: it is written as it is"] = None  # fmt: skip
            values = [dialect.codes.get(value.casefold(), value) for value in values]
        if values:
            parts = [pattern.format(value) for value in values]
            yield parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _openalex_field(concepts: Concepts, notes: dict[str, None]) -> str:
    """Return the one field that OpenAlex searches for all concepts: the widest that any asks for."""
    asked = {concept.get("field") or DEFAULT for concept in concepts.values()}
    widest = max(asked, key=FIELDS.index)
    if len({_OPENALEX[one] for one in asked}) > 1:
        notes[
            f"one field is searched for all concepts: {_OPENALEX[widest].replace('_', ' ')}"
        ] = None
    return _OPENALEX[widest]


_OPENALEX = {"title": "title", "title_abstract": "title_and_abstract", "title_abstract_keywords": "title_and_abstract", "all": "everywhere"}  # fmt: skip


def _words(concepts: Concepts, limits: Mapping[str, Any], dates: Mapping[str, Any]) -> Rendered:  # fmt: skip
    """Return the words of all terms, which is all that Crossref looks for."""
    if dates.get("from") or dates.get("to"):
        beside = [
            "dates are no part of the string: retrace freeze sends them beside it"
        ]
    else:
        beside = []
    notes = [
        *beside,
        "Crossref ranks works by the words they share with the string: it knows no AND, OR, NOT, phrases, * or"
        " headings, so this is no search by concepts, and finds what has any of the words"
    ]  # fmt: skip
    words: dict[str, str] = {}
    alone: list[str] = []
    for name, concept in concepts.items():
        if concept.get("excluded"):
            notes.append(f"{name}: cannot be excluded, and is left out")
            continue
        of_concept: dict[str, str] = {}
        every: Sequence[Any] = [
            *(concept.get("terms") or ()),
            *(one for of_one in (concept.get("headings") or {}).values() for one in of_one or ()),
        ]  # fmt: skip
        for term in every:
            text = term if isinstance(term, str) else term["heading"]
            for word in _parts(text):
                of_concept.setdefault(word.casefold(), word)
        alone.append(" ".join(of_concept.values()))
        words = words | {
            key: word for key, word in of_concept.items() if key not in words
        }
    for key in ("languages", "types"):
        if limits.get(key):
            notes.append(f"{key} cannot be limited by words: {', '.join(limits[key])}")
    only_title = all(concept.get("field") == "title" for concept in concepts.values())
    return Rendered(" ".join(words.values()), tuple(notes), {"search_in": "title" if only_title else "bibliographic"}, _several(alone))  # fmt: skip


def _parts(text: str) -> Iterable[str]:
    return (word for word in re.split(r"[\s,;*]+", text) if word)
