"""Write docs/numbers.md from the schema of numbers.yaml and the template's functions: `python docs/grammar.py`, or --check.

Each example is computed from two small tables that stand on the page.
"""

import inspect
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "workflow/scripts"))

from retrace import definitions, numbers, schemas, tables  # noqa: E402
from retrace.labels import Labels  # noqa: E402
from retrace.manuscript import functions, numbering  # noqa: E402
from retrace.tables import Column, table  # noqa: E402

SHEETS = {
    "studies": table(
        "studies", "results/extraction/studies.csv", "Studies.",
        Column("study_id", "Study.", "id"), Column("people", "People.", "integer"), Column("begun_on", "Day.", "date"),
        Column("teas", "Teas.", several=True), Column("sleep", "Sleep."), key="study_id",
    ),
    "outcomes": table(
        "outcomes", "results/extraction/outcomes.csv", "Outcomes.",
        Column("outcome_id", "Outcome.", "id"), Column("study_id", "Study.", "id", refers_to="studies"),
        Column("measure", "Measure."), Column("way", "Way."), key="outcome_id",
    ),
}  # fmt: skip
ROWS = {
    "studies": [
        ("ann_2019", 40, "2018-03-01", "green; mint", "better"),
        ("bo_2020", 24, "2019-05-20", "green", "better"),
        ("cy_2022", 61, "2021-01-11", "black", "same"),
        ("di_2023", None, "", "green; black", "same"),
    ],
    "outcomes": [
        ("o1", "ann_2019", "hours", "up"),
        ("o2", "ann_2019", "wakings", "down"),
        ("o3", "bo_2020", "hours", "up"),
        ("o4", "cy_2022", "hours", ""),
    ],
}
TERMS = [
    ("studies", "sleep", "better", "better", "Slept better", ""),
    ("studies", "sleep", "same", "the same", "Slept the same", ""),
    ("studies", "sleep", "worse", "worse", "Slept worse", ""),
    *(("studies", "teas", tea, tea, f"{tea.capitalize()} tea", "") for tea in ("green", "black", "mint")),
    ("outcomes", "way", "up", "up", "More", ""),
    ("outcomes", "way", "down", "down", "Less", ""),
]  # fmt: skip
EXAMPLE = """
selections:
  told: {table: outcomes, where: {way: {empty: false}}, says: "outcomes whose way is told"}
numbers:
  included: {count: study_id, table: studies, says: "studies included"}
  measures_told: {count: [study_id, measure], from: told, says: "measures of a study whose way is told"}
  green: {count: study_id, table: studies, where: {teas: green}, says: "studies of green tea"}
  green_or_mint: {count: study_id, table: studies, where: {teas: [green, mint]}, says: "studies of green tea or mint"}
  no_mint: {count: study_id, table: studies, where: {teas: {not: mint}}, says: "studies without mint"}
  not_counted: {count: study_id, table: studies, where: {people: {empty: true}}, says: "studies that do not tell how many people took part"}
  middling: {count: study_id, table: studies, where: {people: {at_least: 30, at_most: 60}}, says: "studies of 30 to 60 people"}
  better_with_outcome: {count: outcome_id, table: outcomes, where: {way: up, sleep: better}, says: "outcomes that rose, in studies after which people slept better"}
  better_share: {share: by_sleep.better, of: included, says: "studies after which people slept better"}
  people: {statistic: sum, table: studies, column: people, says: "people who took part"}
  people_mean: {statistic: mean, table: studies, column: people, says: "mean number of people in a study"}
  first_day: {statistic: min, table: studies, column: begun_on, says: "the day on which the first study began"}
  hits_for_each: {statistic: ratio, of: [hits, included], says: "records found for each study included"}
  place_of_black: {rank: by_tea.black, says: "place of black tea among the teas"}
  teas: {list: by_tea, says: "teas by number of studies"}
  measures: {set: measure, table: outcomes, says: "what was measured"}
  sleep_went: {direction: way, count: study_id, table: outcomes, where: {measure: hours}, says: "studies by the way in which the hours asleep went"}
  people_of_ann: {lookup: people, table: studies, where: {study_id: ann_2019}, says: "people in the study of 2019"}
  hits: {reported: database_results, says: "records found, as the article reports"}
families:
  by_sleep: {count: study_id, table: studies, by: sleep, says: "studies: {sleep}"}
  by_tea: {count: study_id, table: studies, by: teas, says: "studies of {teas}"}
  by_tea_and_sleep: {count: study_id, table: studies, by: [teas, sleep], says: "studies of {teas}: {sleep}"}
  share_by_sleep: {share: by_sleep, of: included, says: "share of the studies: {sleep}"}
  place_by_tea: {rank: by_tea, says: "place of {teas} among the teas"}
  measures_by_tea: {set: measure, table: outcomes, by: teas, says: "what was measured after {teas}"}
  went_by_measure: {direction: way, count: study_id, table: outcomes, by: measure, says: "studies by the way in which {measure} went"}
"""
CALLS = {
    "n": ['n("included")', 'n("included", "Words")', 'n("place_of_black", "ordinal")', 'n("better_share")', 'n("people_mean", digits=1)'],
    "items": ['items("teas")', 'items("teas", first=2, lower=True)'],
    "family": [
        '{% for row in family("by_tea", order="size") %}{{ row.label }}: {{ row.number }}. {% endfor %}',
        '{% for row in family("by_tea_and_sleep", teas="green") %}{{ row.long }}: {{ row.number }}. {% endfor %}',
    ],
    "counts": ['counts("by_tea", first=2, lower=True)'],
    "label": ['label("sleep", "same")', 'label("sleep", "same", "short")'],
    "cite_members": ['cite_members("green")'],
    "cited": ['cited("70 %", "ann_2019")'],
    "literal": ['literal("2015", "a year")'],
    "figure": ['figure("flow")'],
    "table": ['table("studies")'],
    "fig": ['fig("flow")'],
    "tab": ['tab("studies")'],
    "sec": ['sec("methods")'],
    "warning": ['warning("odd_sum")'],
    "warned": ['{% if warned("odd_sum") %}The counts do not add up.{% endif %}'],
    "query": ['query("pubmed")'],
    "searches": ["searches()"],
    "claims": ['{% for claim in claims(verdict="contradicted") %}{{ claim.says }}: stated {{ claim.stated }}, found {{ claim.recomputed }}. {% endfor %}'],
}  # fmt: skip
BLOCKS = ("figure", "table", "query", "searches")
"""Functions whose print is a block, too long to show."""

INTRODUCTION = """\
# Numbers, and what a text can ask for

What can stand in `manuscript/numbers.yaml`, and what the text, `manuscript/review.md.j2`, can call.
Generated from `workflow/schemas/numbers.schema.json` and `workflow/scripts/retrace/manuscript/functions.py`
by `python docs/grammar.py`; a test holds them together. Each example is computed from these two invented
sheets, `studies` and `outcomes`:
"""
ORDER = ["count", "share", "statistic_of_column", "statistic_of_numbers", "rank", "list", "set", "direction", "lookup", "reported"]  # fmt: skip
SHARED = ("table", "from", "where", "says")
SCHEMA: dict[str, Any] = json.loads(definitions.SCHEMA.read_text(encoding="utf-8"))


def page() -> str:
    """Return the page as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.yaml"
        path.write_text(EXAMPLE, encoding="utf-8")
        defined = definitions.load(path)
    made = _Computed(defined)
    return "\n".join([INTRODUCTION, *_sheets(), *_of_numbers(made), *_of_text(made)])


class _Computed:
    """The numbers of the example, and what the example's text prints."""

    def __init__(self, defined: definitions.Definitions):
        self.defined = defined
        labels = tables.frame(TERMS, schemas.LABELS)
        reported = tables.frame([("database_results", 85, "p. 2", "")], schemas.REPORTED)  # fmt: skip
        frames = {name: tables.frame(ROWS[name], sheet) for name, sheet in SHEETS.items()}  # fmt: skip
        self.numbers, self.members = numbers.define(
            defined,
            {**frames, "reported": reported},
            {**SHEETS, "reported": schemas.REPORTED},
            Labels(labels),
        )
        self.values = dict(zip(self.numbers["number_id"], self.numbers["value"], strict=True))  # fmt: skip
        self._sources = functions.Sources(
            numbers=self.numbers,
            members=self.members,
            labels=labels,
            claims=tables.frame(
                [{"claim_id": "c1", "says": "studies included", "stated": "5", "number_id": "included", "recomputed": "4", "verdict": "contradicted"}],
                schemas.CLAIMS,
            ),
            warnings=tables.frame([("odd_sum", "flow", "Of 3 records 4 were kept.")], schemas.WARNINGS),
            searches=tables.frame([{"source": "pubmed", "round": "2024-05-01", "kind": "database", "query_run": "tea AND sleep", "searched_on": "2024-05-01"}], schemas.SEARCHES),
            lines=tables.empty(schemas.SEARCH_LINES),
            recall=tables.empty(schemas.SEARCH_RECALL),
            by={name: defined.by(name) for name in defined.families},
            tables={"studies": "<table></table>"},
            figures={"flow": "A flow."},
            table_settings={"studies": {"caption": "Studies."}},
            figure_settings={"flow": {"caption": "Flow."}},
            keys=frozenset(row[0] for row in ROWS["studies"]),
        )  # fmt: skip

    def of(self, kind: str, *, is_family: bool) -> list[definitions.Definition]:
        """Return the definitions of a kind, as the schema names kinds."""
        known = self.defined.families if is_family else self.defined.numbers
        kind, _, column_or_numbers = kind.partition("_of_")
        key = {"column": "column", "numbers": "of", "": kind}[column_or_numbers]
        return [one for one in known.values() if one.kind == kind and key in one.spec]

    def value(self, definition: definitions.Definition) -> str:
        """Return what a number is, with its members; of a family, of each of its numbers."""
        prefix = f"{definition.name}."
        ids = [one for one in self.values if one == definition.name or definition.is_family and one.startswith(prefix)]  # fmt: skip
        if definition.is_family:
            return ", ".join(f"`{one}` {self.values[one]}" for one in ids)
        members = self.members["member_id"][self.members["number_id"] == ids[0]]
        held = ", ".join(f"`{member}`" for member in members)
        return f"{self.values[ids[0]]}" + (f" ({held})" if held else "")

    def prints(self, call: str) -> str:
        """Return what a call prints in the text, links as their words.

        Raises:
            ValueError: the call is none that a text can make.
        """
        problems: list = []
        given = _as_written(call)
        source = f'# Methods {{#methods}}\n\n{{{{ figure("flow") }}}}{{{{ table("studies") }}}}\n\nHERE{given}'
        if call in ('figure("flow")', 'table("studies")'):
            source = f"HERE{given}"
        filled = functions.Functions(self._sources, "text", problems).render(source)
        if problems or filled is None:
            raise ValueError(f"{call}: {problems}")
        printed = numbering.number(filled).text.partition("HERE")[2]
        return " ".join(re.sub(r"\[([^]]*)\]\(#[^)]*\)(\{[^}]*\})?", r"\1", printed).split())  # fmt: skip


def _sheets() -> list[str]:
    lines = []
    for name, sheet in SHEETS.items():
        lines += ["```csv", ",".join(sheet.names)]
        lines += [",".join("" if cell is None else str(cell) for cell in row) for row in ROWS[name]]  # fmt: skip
        lines += ["```", ""]
    return lines


def _of_numbers(made: _Computed) -> list[str]:
    of = SCHEMA["$defs"]
    lines = ["## The file", "", f"{SCHEMA['description']} It has three parts.", "", "| part | what it holds |", "|---|---|"]  # fmt: skip
    lines += [f"| `{name}` | {one['description']} |" for name, one in SCHEMA["properties"].items()]  # fmt: skip
    lines += [
        "",
        "A definition has the key that its kind is named after, and others. Every kind has `says`; a kind that is",
        "read from rows has these:",
        "",
        *_keys({name: of[name] for name in SHARED}, ("says",)),
        "",
        "### Tables",
        "",
        "Every sheet of the extraction by its name in `config.yaml`, and the tables of the build, whose columns",
        "[formats.md](formats.md) has:",
        "",
        *(f"* `{name}`: `{one.path.replace('<stage>', name.removesuffix('_warnings'))}`" for name, one in schemas.by_name({"sheets": {}}).items()),
        "",
        "### Conditions",
        "",
        f"`where` has {of['where']['description'].removeprefix('which rows: ')}: {of['condition']['description']}.",
        "",
        *_keys(of["condition"]["then"]["properties"], ()),
        "",
        *_examples(made, [one for one in made.of("count", is_family=False) if "where" in one.spec]),
        "### Selections",
        "",
        f"{_sentence(of['selection'])} Its keys are `table`, `where` and `says`; a number names it as `from`.",
        "",
        "```yaml",
        *(_source(one) for one in made.defined.selections.values()),
        "```",
        "",
        "## Kinds of number",
        "",
    ]  # fmt: skip
    for kind in ORDER:
        shown = made.of(kind, is_family=False)
        if kind == "count":
            shown = [one for one in shown if "where" not in one.spec]
        lines += _kind(kind.replace("_of_column", " of a column").replace("_of_numbers", " of two numbers"), of[kind], made, shown)  # fmt: skip
    lines += ["## Families", "", f"{_sentence(of['family'])}", ""]
    for name in of:
        if name.startswith("family_"):
            kind = name.removeprefix("family_")
            lines += _kind(f"family of {kind}s", of[name], made, made.of(kind, is_family=True))  # fmt: skip
    return lines


def _kind(title: str, schema: dict, made: _Computed, shown: list) -> list[str]:
    own = {key: one for key, one in schema["properties"].items() if key not in SHARED}
    further = "`table` or `from`, perhaps `where`, and `says`" if "table" in schema["properties"] else "`says`"  # fmt: skip
    return [
        f"### {title}", "", f"{_sentence(schema)}", "", *_keys(own, schema["required"]), "",
        f"Besides {further}.", "", *_examples(made, shown),
    ]  # fmt: skip


def _keys(properties: dict, required: Any) -> list[str]:
    return [
        "| key | | what it says |",
        "|---|---|---|",
        *(f"| `{key}` | {'required' if key in required else ''} | {one['description']} |" for key, one in properties.items()),
    ]  # fmt: skip


def _examples(made: _Computed, shown: list[definitions.Definition]) -> list[str]:
    assert shown, "every kind has an example"
    return [
        "```yaml", *(_source(one) for one in shown), "```", "",
        *(f"* `{one.name}`: {made.value(one)}" for one in shown), "",
    ]  # fmt: skip


def _source(definition: definitions.Definition) -> str:
    """Return the line of the example that defines a number."""
    return next(line.strip() for line in EXAMPLE.splitlines() if line.startswith(f"  {definition.name}: "))  # fmt: skip


def _sentence(schema: dict) -> str:
    said = schema["description"]
    return f"{said[0].upper()}{said[1:]}."


def _of_text(made: _Computed) -> list[str]:
    lines = [
        "## What the text can call",
        "",
        "The text is Markdown with expressions of Jinja: `{{ ... }}` prints, `{% ... %}` loops and decides,",
        '`{## ... ##}` is a comment. Names stand in straight quotes; `column="term"` is any column of the family or',
        "of the claims, with a value that it has. Captions in `config.yaml` can call the same.",
        "",
    ]
    for name in functions.NAMES:
        function = getattr(functions.Functions, name)
        says = " ".join(inspect.cleandoc(function.__doc__).split()).removeprefix("Return ").replace("``", "`")  # fmt: skip
        lines += [f"### {_signature(name, function)}", "", f"{says[0].upper()}{says[1:]}", ""]  # fmt: skip
        if name == "family":
            fields = ", ".join(f"`{field}`" for field in functions.Row.__annotations__)
            lines += [f"A row has {fields}.", ""]
        for call in CALLS[name]:
            printed = made.prints(call)
            lines.append(f"* `{_as_written(call)}` prints {'a block of its own' if name in BLOCKS else printed}")  # fmt: skip
        lines.append("")
    return lines


def _as_written(call: str) -> str:
    return call if call.startswith("{%") else f"{{{{ {call} }}}}"


def _signature(name: str, function: Any) -> str:
    given = []
    for one in list(inspect.signature(function).parameters.values())[1:]:
        if one.kind is one.VAR_KEYWORD:
            given.append('column="term", ...')
        elif one.kind is one.VAR_POSITIONAL:
            given.append(f"{one.name.removesuffix('s')}, ...")
        else:
            default = "" if one.default is one.empty else f"={json.dumps(one.default)}"
            given.append(one.name + default.replace("null", "None").replace("false", "False"))  # fmt: skip
    return f"`{name}({', '.join(given)})`"


def main(arguments: list[str]) -> int:
    """Write or check the page; return 1 where the checked one differs."""
    path = HERE / "numbers.md"
    if "--check" not in arguments:
        path.write_text(page(), encoding="utf-8")
    elif not path.is_file() or path.read_text(encoding="utf-8") != page():
        print(
            "docs/numbers.md differs from the schema or the functions; run: python docs/grammar.py",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
