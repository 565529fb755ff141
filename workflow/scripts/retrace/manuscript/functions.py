"""What a template can call: numbers, labels, blocks and references, each by its name.

Nothing raises while the text is rendered: what is not there is noted with its line, and the
author sees all such places at once.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from retrace import tables
from retrace.errors import Problem, one_of
from retrace.labels import Labels, of_no_rows
from retrace.manuscript import numbering, prose, text
from retrace.manuscript.text import Markdown, escape
from retrace.manuscript.uses import rows_of
from retrace.numbers import NOT_YET

if TYPE_CHECKING:
    import pandas as pd

FORMS = {
    "words": text.in_words,
    "Words": lambda value: text.capitalised(text.in_words(value)),
    "ordinal": text.in_order,
    "Ordinal": lambda value: text.capitalised(text.in_order(value)),
}
"""How n("id", form) can print a number; besides, "percent"."""


IN_QUOTES = 'names in straight quotes: tab("studies")'
"""What is expected of a call whose name has no quotes, or others."""


class Unquoted(Exception):
    """A function was called with a name that stands without quotes."""


@dataclass(frozen=True)
class Row:
    """One number of a family, as `family` gives it."""

    id: str
    term: str
    terms: tuple[str, ...]
    label: Markdown
    long: Markdown
    number: Markdown
    value: int | float | str


ASKED = "What was asked of each platform; what it counted was not published."
COUNTED = "What each platform counted on the day that is given, for each line alone and for the whole query."


@dataclass(frozen=True)
class Sources:
    """All that a template can ask for."""

    numbers: "pd.DataFrame"
    members: "pd.DataFrame"
    labels: "pd.DataFrame"
    claims: "pd.DataFrame"
    warnings: "pd.DataFrame"
    searches: "pd.DataFrame"
    lines: "pd.DataFrame"
    recall: "pd.DataFrame"
    by: Mapping[str, Sequence[str]]
    tables: Mapping[str, str]
    figures: Mapping[str, str]
    table_settings: Mapping[str, Mapping[str, Any]]
    figure_settings: Mapping[str, Mapping[str, Any]]
    keys: frozenset[str]


class Functions:
    """The functions that a template calls; each notes what was used and what is not there."""

    def __init__(self, sources: Sources, file: str, problems: list[Problem]):
        self.uses: list[tuple[str, str]] = []
        self.literals: list[tuple[str, str, str]] = []
        self.oddities: list[tuple[str, str, str]] = []
        self._sources, self._file, self._problems = sources, file, problems
        self._numbers: dict[str, Any] = {
            row.number_id: row for row in rows_of(sources.numbers)
        }
        self._members: dict[str, list[str]] = {}
        for row in rows_of(sources.members):
            self._members.setdefault(row.number_id, []).append(row.member_id)
        self._labels = Labels(sources.labels)
        self._column_of_term = _columns_of_terms(sources.labels)
        self._placed: dict[tuple[str, str], int] = {}
        self._asked: list[tuple[str, str, int]] = []
        self._templates: list[Any] = []
        self._environment = self._made_environment()

    def render(self, source: str) -> str | None:
        """Return the template's text, rendered once; None where a mistake stops it before its end."""
        from jinja2 import TemplateError, TemplateSyntaxError, nodes

        try:
            tree = self._environment.parse(source)
            banned = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
            for node in tree.find_all(banned):
                self._note(node.lineno, "another template is asked for", "one template")
            for block in re.finditer(r"\{%-?\+?\s*raw\b", source):
                line = source.count("\n", 0, block.start()) + 1
                self._note(line, "a raw block", "prose", "escape with a backslash")
            if self._problems and any(tree.find_all(banned)):
                return None
            return self._rendered(source, self._file)
        except TemplateSyntaxError as error:
            is_quote = re.search("char '[‘’‚‛“”„‟«»‹›´]", error.message or "")
            self._note(
                error.lineno,
                f"the template cannot be read: {error.message}",
                IN_QUOTES if is_quote else "",
            )
        except Unquoted as error:
            self._note(_line_of(error, self._file), f"{error}", IN_QUOTES)
        except (TemplateError, TypeError, ValueError, ZeroDivisionError) as error:
            self._note(
                _line_of(error, self._file),
                f"{error}",
                remedy=f"a template can call {', '.join(NAMES)}",
            )
        return None

    def check_references(self, numbered: numbering.Numbered) -> None:
        """Note every reference to what is not in the text, and every block nobody refers to."""
        for kind, name, line in self._asked:
            if (kind, name) not in numbered.numbers:
                there = [known for of, known in numbered.numbers if of == kind]
                self._unknown(
                    f"{numbering.KINDS[kind].lower()} in the text", name, there, line
                )
        asked = {(kind, name) for kind, name, _ in self._asked}
        for kind, name in self._placed:
            if (kind, name) not in asked:
                says = f"no sentence refers to {numbering.KINDS[kind].lower()} {name}"
                self.oddities.append(("unreferenced_block", name, says))

    def n(self, number_id: str, form: str = "", digits: int | None = None) -> Markdown:
        """Return a number as a link: as it is, or as words, Words, ordinal, Ordinal or percent.

        ``digits`` are the decimals to which it is rounded; a share is a percent by itself.
        """
        row = self._used(number_id)
        if row is None:
            return Markdown("?")
        return text.number_link(self._shown(row, form, digits), number_id)

    def items(
        self, number_id: str, first: int | None = None, lower: bool = False
    ) -> Markdown:
        """Return the labels of a list or set as one link: a, b and c.

        ``first`` keeps so many; ``lower`` writes them as inside a sentence.
        """
        row = self._used(number_id)
        if row is None:
            return Markdown("?")
        parts = [
            escape(text.lowered(part) if lower else part)
            for part in tables.values(row.value)
        ][:first]
        return text.number_link(text.joined(parts), number_id)

    def family(self, name: str, order: str = "vocabulary", **fixed: str) -> list[Row]:
        """Return a family's numbers, those with the given terms, for a loop.

        They stand in the order of the vocabulary, or of "size"; ``number`` of each is what to print.
        """
        prefix = f"{name}."
        ids = [known for known in self._numbers if known.startswith(prefix)]
        if not ids:
            known = sorted(
                {known.partition(".")[0] for known in self._numbers if "." in known}
            )
            self._unknown("family", name, known)
            return []
        columns = list(self._sources.by.get(name, ()))
        for column in fixed:
            if column not in columns:
                self._unknown(f"column of family {name}", column, columns)
        rows = []
        for number_id in ids:
            terms = self._terms_of(number_id.removeprefix(prefix), columns)
            of = dict(zip(columns, terms, strict=False)) if columns else {}
            if any(of.get(column) != term for column, term in fixed.items()):
                continue
            rest = [(c, t) for c, t in of.items() if c not in fixed] or [
                ("", term) for term in terms
            ]
            rows.append((number_id, rest))
        rank = {
            (column, term): place
            for column in columns
            for place, term in enumerate(self._labels.terms(column))
        }
        rows.sort(key=lambda row: [rank.get(part, len(rank)) for part in row[1]])
        made = [self._row(number_id, rest) for number_id, rest in rows]
        if order == "size":
            made.sort(
                key=lambda row: -row.value if isinstance(row.value, int | float) else 0
            )
        elif order != "vocabulary":
            self._unknown("order", order, ["size", "vocabulary"])
        return made

    def counts(
        self,
        name: str,
        order: str = "size",
        first: int | None = None,
        lower: bool = False,
        **fixed: str,
    ) -> Markdown:
        """Return a family as a phrase, without its zeros: a (12), b (9) and c (1).

        ``first`` keeps so many; ``lower`` writes labels as inside a sentence, names and
        abbreviations as they are.
        """
        rows = [row for row in self.family(name, order, **fixed) if row.value][:first]
        return text.joined(
            [
                f"{text.lowered(row.long) if lower else row.long} ({row.number})"
                for row in rows
            ]
        )

    def label(self, column: str, term: str, form: str = "long") -> Markdown:
        """Return what a reader sees for a term: long for a sentence, short for a cell."""
        known = self._labels.terms(column)
        if term not in known:
            columns = sorted(set(self._sources.labels["column"]))
            if column in columns:
                self._unknown(f"term of {column}", term, known)
            else:
                self._unknown("column with labels", column, columns)
        return escape(getattr(self._labels, form)(column, term))

    def cite_members(self, number_id: str) -> Markdown:
        """Return a citation of the studies that are a number's members."""
        if self._used(number_id) is None:
            return Markdown("?")
        members = self._members.get(number_id, [])
        lost = [key for key in members if key not in self._sources.keys]
        if lost or not members:
            self._note(
                self._line(),
                f"number {number_id} cannot be cited: "
                + (
                    f"{lost[0]!r} has no entry in the bibliography"
                    if lost
                    else "no members"
                ),
                "members that are citation keys",
            )
        return _citation(key for key in members if key not in lost)

    def cited(self, fact: str, key: str) -> Markdown:
        """Return a fact of another work with its citation; several keys are joined by "; "."""
        keys = tables.values(key)
        for one in keys:
            if one not in self._sources.keys:
                self._unknown("citation key", one, sorted(self._sources.keys))
        return Markdown(f"{escape(_spaced(fact))} {_citation(keys)}")

    def literal(self, words: str, why: str) -> Markdown:
        """Return words that the guard would refuse; each use is listed with its reason."""
        if not why.strip():
            self._note(
                self._line(), f"literal({words!r}) has no reason", "why it stands here"
            )
        self.literals.append((self._place_of_use(), words, why))
        return escape(words)

    def figure(self, name: str) -> Markdown:
        """Return a figure's block: anchor, caption, alternative text."""
        if not self._place("fig", name, self._sources.figures):
            return Markdown("")
        caption = self._caption("figures", name, self._sources.figure_settings)
        alt = text.attribute(self._sources.figures[name])
        settings = self._sources.figure_settings.get(name, {})
        width = f" width={settings['width_mm']}mm" if "width_mm" in settings else ""
        return Markdown(
            f'\n\n::: {{#fig-{name} .figure-block data-figure="{name}"}}\n'
            f"![**{numbering.block('fig', name)}.** {caption}]"
            f"(../figures/{name}.svg){{alt={alt}{width}}}\n:::\n\n"
        )

    def table(self, name: str) -> Markdown:
        """Return a table's block: anchor, caption, the table itself and its notes."""
        if not self._place("tab", name, self._sources.tables):
            return Markdown("")
        caption = self._caption("tables", name, self._sources.table_settings)
        wide = self._sources.table_settings.get(name, {}).get("landscape", False)
        return Markdown(
            f"\n\n::: {{#tbl-{name} .table-block{' .landscape' * bool(wide)}}}\n"
            f"::: {{#tbl-{name}-caption .table-caption}}\n"
            f"**{numbering.block('tab', name)}.** {caption}\n:::\n\n"
            f"{text.inert(self._sources.tables[name].strip())}\n:::\n\n"
        )

    def fig(self, *names: str, panel: str = "") -> Markdown:
        """Return a link to figures of the text: Figure 1, or Figures 1 and 2; ``panel`` is behind the number."""
        return self._reference("fig", names, panel)

    def tab(self, *names: str) -> Markdown:
        """Return a link to tables of the text: Table 1, or Tables 1 and 2."""
        return self._reference("tab", names)

    def sec(self, *names: str) -> Markdown:
        """Return a link to sections by their anchors: Section 3.2."""
        return self._reference("sec", names)

    def warning(self, code: str) -> Markdown:
        """Return the sentences of a warning of flow or searches; one that did not arise is a problem."""
        given = self._sources.warnings
        says = list(given.loc[given["code"] == code, "says"])
        if not says:
            self._unknown("warning", code, sorted(set(given["code"])))
        return escape(" ".join(says))

    def warned(self, code: str) -> bool:
        """Return whether a warning of flow or searches arose, for a condition."""
        return bool((self._sources.warnings["code"] == code).any())

    def query(self, source: str) -> Markdown:
        """Return a search's query as published, or as run, as a block of its own."""
        given = self._sources.searches
        for row in rows_of(given.loc[given["source"] == source]):
            words = row.query_published or row.query_run
            if words:
                return text.code_block(words)
        known = given.loc[
            (given["query_published"] + given["query_run"]) != "", "source"
        ]
        self._unknown("search with a query", source, sorted(set(known)))
        return Markdown("")

    def searches(self) -> Markdown:
        """Return a table of the searches: where, when, what each line found alone, and the whole.

        Counts are those of the platform on that day; how many known relevant records are among
        the records of a round is told where these are at hand and somebody named known ones; those
        that this review includes say nothing of what its searches missed.
        """
        rows = []
        lines = list(rows_of(self._sources.lines))
        recall = {(row.source, row.round): row for row in rows_of(self._sources.recall)}
        for search in rows_of(self._sources.searches):
            if search.kind == "listed_records":
                continue
            place = (search.source, search.round)
            limits = f"; {search.limits}" if search.limits else ""
            key = " ".join(place)
            held = [
                (f"search_lines/{key} {line.line}", line.string, str(line.line), _whole(line.hits))
                for line in lines if (line.source, line.round) == place
            ]  # fmt: skip
            held.append((f"searches/{key}", f"The whole query{limits}", "", _whole(search.n_reported) or "not published"))  # fmt: skip
            of = recall.get(place)
            if of is not None and of.kind == "counted" and of.known_from != "screened":
                held.append((f"search_recall/{key}", "Known relevant records among them", "", f"{of.n_found} of {of.n_known}"))  # fmt: skip
            names = dict.fromkeys(name for name in (search.label or search.source, search.platform) if name)  # fmt: skip
            first = f"{', '.join(names)}, {search.searched_on or 'undated'}"
            rows += [
                text.table_row(opens, (first if at == 0 else "", line, string, n))
                for at, (opens, string, line, n) in enumerate(held)
            ]
        if not rows:
            return Markdown("")
        counted = lines or any(self._sources.searches["n_reported"].notna())
        return text.table_block("searches", COUNTED if counted else ASKED, (("Search", 18), ("Line", 7), ("What was asked", 58), ("Records", 17)), rows)  # fmt: skip

    def claims(self, **wanted: str | list[str]) -> list[dict[str, Any]]:
        """Return the claims whose columns have these values, for a loop.

        Each has its columns; ``recomputed`` is a link, and so is ``rows``, for a value that is too
        long to print; ``statement`` is what it says, which opens the claim in the page.
        """
        frame = self._sources.claims
        for column, value in wanted.items():
            if column not in frame:
                self._unknown("column of claims", column, list(frame.columns))
                return []
            frame = frame[
                frame[column].isin([value] if isinstance(value, str) else value)
            ]
        rows = []
        for row in frame.to_dict("records"):
            made = {str(name): escape(value) for name, value in row.items()}
            made["rows"] = Markdown("")
            made["statement"] = text.claim_link(row["says"], row["claim_id"])
            if row["number_id"] in self._numbers and row["recomputed"]:
                self._used(row["number_id"])
                made["recomputed"] = text.number_link(
                    made["recomputed"], row["number_id"]
                )
                made["rows"] = text.number_link("rows", row["number_id"])
            rows.append(made)
        return rows

    def _shown(self, row: Any, form: str, digits: int | None) -> str:
        if row.kind in ("list", "set"):
            return text.joined([escape(part) for part in tables.values(row.value)])
        if row.value == NOT_YET:
            return NOT_YET
        if form == "percent" or (row.kind == "share" and not form):
            return f"{text.rounded(row.value, digits or 0)}{text.NBSP}%"
        if form and form not in FORMS:
            self._unknown("form of a number", form, [*FORMS, "percent"])
        shown = FORMS.get(form, str)(text.rounded(row.value, digits))
        if re.fullmatch(r"-\d[\d.]*", shown):
            shown = "\N{MINUS SIGN}" + shown[1:]
        return escape(shown)

    def _row(self, number_id: str, parts: list[tuple[str, str]]) -> Row:
        row = self._used(number_id)
        columns = [
            (
                c
                if term in self._labels.terms(c)
                else self._column_of_term.get(term, c),
                term,
            )
            for c, term in parts
        ]
        return Row(
            id=number_id,
            term=parts[0][1],
            terms=tuple(term for _, term in parts),
            label=escape(" / ".join(self._labels.short(c, t) for c, t in columns)),
            long=escape(" / ".join(self._labels.long(c, t) for c, t in columns)),
            number=text.number_link(self._shown(row, "", None), number_id),
            value=_as_number(row.value),
        )

    def _terms_of(self, name: str, columns: Sequence[str]) -> list[str]:
        """Return the terms in a family member's name; a term may itself hold a dot."""
        if len(columns) < 2:
            return [name]
        for at in range(len(name)):
            if name[at] == "." and name[:at] in self._labels.terms(columns[0]):
                return [name[:at], *self._terms_of(name[at + 1 :], columns[1:])]
        return name.split(".", len(columns) - 1)

    def _caption(self, kind: str, name: str, given: Mapping[str, Mapping]) -> str:
        """Return a caption of config.yaml, which may ask for numbers as the text does."""
        source = (given.get(name) or {}).get("caption")
        if not source:
            self._note(
                self._line(),
                f"{name} has no caption",
                f"{kind}.{name}.caption",
                "add it to config.yaml",
            )
            return ""
        place = f"config.yaml:{kind}.{name}.caption"
        outer, self._file = self._file, place
        try:
            return " ".join(self._rendered(source, place).split())
        except Exception as error:
            self._note(0, f"the caption of {name} cannot be read: {error}")
            return ""
        finally:
            self._file = outer

    def _place(self, kind: str, name: str, there: Mapping[str, str]) -> bool:
        if name not in there:
            self._unknown(numbering.KINDS[kind].lower(), name, sorted(there))
            return False
        if (kind, name) in self._placed:
            self._note(
                self._line(),
                f"{numbering.KINDS[kind].lower()} {name} stands here a second time",
                f"once, as in line {self._placed[kind, name]}",
            )
            return False
        self._placed[kind, name] = self._line()
        return True

    def _reference(self, kind: str, names: Sequence[str], panel: str = "") -> Markdown:
        self._asked += [(kind, name, self._line()) for name in names]
        return Markdown(numbering.reference(kind, names, panel))

    def _used(self, number_id: str) -> Any:
        row = self._numbers.get(number_id)
        if row is None:
            family, _, terms = number_id.partition(".")
            if self._labels.are_terms(self._sources.by.get(family, ()), terms):
                self._note(self._line(), *of_no_rows(number_id))
            else:
                self._unknown("number", number_id, list(self._numbers))
            return None
        if row.value == "":
            self._note(self._line(), f"number {number_id} has no value", "a value")
        self.uses.append((number_id, self._place_of_use()))
        return row

    def _unknown(
        self, kind: str, name: str, known: Sequence[str], line: int = 0
    ) -> None:
        self._note(
            line or self._line(),
            f"there is no {kind} {name!r}",
            *one_of(name, known),
        )

    def _note(self, line: int, what: str, expected: str = "", remedy: str = "") -> None:
        file, _, column = self._file.partition(":")
        self._problems.append(
            Problem(file, 0 if column else line, column, what, expected, remedy)
        )

    def _place_of_use(self) -> str:
        return self._file if ":" in self._file else f"{self._file}:{self._line()}"

    def _line(self) -> int:
        """Return the template's line that is being rendered."""
        return _line_in(sys._getframe(1), self._templates)

    def _rendered(self, source: str, name: str) -> str:
        code = self._environment.compile(source, name, name)
        template = self._environment.template_class.from_code(
            self._environment, code, self._environment.make_globals(None)
        )
        self._templates.append((name, template))
        try:
            return template.render()
        finally:
            self._templates.pop()

    def _made_environment(self) -> Any:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            autoescape=True,
            finalize=partial(_printed, self),
            # {#methods} is an anchor in Markdown, so a comment is {## ... ##}.
            comment_start_string="{##",
            comment_end_string="##}",
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # No range, lipsum, cycler: what a template prints has a name.
        environment.globals = {name: _quoted(getattr(self, name)) for name in NAMES}
        return environment

    def printed(self, value: Any) -> Any:
        """Return what an expression prints, escaped unless one of these functions made it."""
        from jinja2 import Undefined

        if isinstance(value, Markdown | Undefined):
            return value
        if callable(value):
            name = getattr(value, "__name__", "it")
            self._note(
                self._line(), f"{name} is a function and is not called",
                remedy=f"write {name}(), what it asks for within the brackets",
            )  # fmt: skip
            return ""
        if isinstance(value, int | float) or prose.printed_words(str(value)):
            self._note(
                self._line(),
                f"an expression prints {str(value)!r}, a count without a name",
                'n("id"), or .number of a row',
            )
        return escape(value)


_CALLABLE = (
    "n items family counts label cite_members cited literal figure table fig tab sec "
    "warning warned query searches claims"
)
NAMES = _CALLABLE.split()
"""The functions of `Functions` that a template can call."""


def _quoted(function: Callable) -> Callable:
    """Return a function that refuses a name without quotes, which Jinja takes for a variable."""
    from jinja2 import Undefined
    from jinja2.utils import missing

    @wraps(function)
    def called(*given: Any, **named: Any) -> Any:
        for one in (*given, *named.values()):
            if isinstance(one, Undefined):
                if one._undefined_obj is not missing:
                    one._fail_with_undefined_error()
                raise Unquoted(f"{one._undefined_name} stands without quotes")
        return function(*given, **named)

    return called


def _whole(value: Any) -> str:
    """Return a count as it is printed, nothing where there is none."""
    return f"{int(value):,}" if str(value).isdecimal() else ""


def _printed(functions: Functions, value: Any) -> Any:
    return functions.printed(value)


def _citation(keys: Iterable[str]) -> Markdown:
    return Markdown(
        "["
        + "; ".join(
            f"@{{{key}}}" if not _PLAIN.fullmatch(key) else f"@{key}" for key in keys
        )
        + "]"
    )


_PLAIN = re.compile(r"[A-Za-z0-9_](?:[\w:.-]*\w)?")


def _spaced(fact: str) -> str:
    # A value and its unit stay on one line.
    return re.sub(r"(?<=\d) (?=[%°µ\w]{1,3}\b|%)", text.NBSP, fact)


def _as_number(value: str) -> int | float | str:
    if re.fullmatch(r"-?\d+", value):
        return int(value)
    return float(value) if re.fullmatch(r"-?\d+\.\d+", value) else value


def _columns_of_terms(labels: "pd.DataFrame") -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows_of(labels):
        found.setdefault(row.term, row.column)
    return found


def _line_in(frame: Any, templates: list) -> int:
    name, template = templates[-1] if templates else ("", None)
    while frame is not None and template is not None:
        if frame.f_code.co_filename == name:
            return template.get_corresponding_lineno(frame.f_lineno)
        frame = frame.f_back
    return 0


def _line_of(error: BaseException, file: str) -> int:
    """Return the template's line at which an error arose; Jinja puts it into the traceback."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
