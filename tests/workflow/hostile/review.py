"""Write a whole small review whose every text is hostile: raw exports to prose, as a stranger would."""

import csv
from pathlib import Path

import yaml
from hostile.payloads import ALL, FILES, LONG, SHOWN

CSL = Path(__file__).parents[1] / "second/manuscript/zitate.csl"
NAMES = list(ALL)
WORKS = {name: f"work_{place}" for place, name in enumerate(NAMES, start=1)}
# Ids that JavaScript's objects have names for already.
WORKS |= {"proto": "__proto__", "null": "valueOf"}
REASONS = [
    SHOWN[name]
    for name in ("script", "handler", "md_raw", "jinja", "typst", "formula", "shell")
]
CAPTION = (
    "Seen <script>window.pwned=true</script> <b onclick=x>bold</b>, ![](file:///etc/passwd)"
    " ![i](http://127.0.0.1:x/i.png), [a](javascript:window.pwned=true), `<i>`{=html},"
    " [b](JaVaScRiPt&colon;x), [c](data:text/html,x), [d](file:///etc/passwd), [e](https://example.org/e)."
)
TEMPLATE = """\
# Text {#text}

We read {{ n("works_in") }} works [@work_1] and {{ n("carriers") }}. All: {{ items("attacks") }}.
{{ cite_members("cited") }} {{ literal("<script>window.pwned=5</script>", why="it is told") }}

{% for row in family("works_by_attack") %}
* {{ row.long }} is {{ row.number }}: {{ label("attack", row.term) }}
{% endfor %}

By size {{ counts("works_by_theme") }}. {{ fig("flow", "bars", "dots", "recovery", "ways") }} {{ tab("rows", "grid") }}

{{ query("prints") }}

{{ figure("flow") }}

{{ figure("bars") }}

{{ figure("dots") }}

{{ figure("recovery") }}

{{ figure("ways") }}

{{ table("rows") }}

{{ table("grid") }}

# Claims {#claims}

{% for claim in claims() %}
* {{ claim.location }}: {{ claim.says }}, stated {{ claim.stated }}, recomputed {{ claim.recomputed }}; {{ claim.why }}
{% endfor %}
"""
NUMBERS = {
    "numbers": {
        "works_in": {
            "count": "work",
            "table": "works",
            "says": f"works {SHOWN['script']}",
        },
        "cited": {
            "count": "work",
            "table": "works",
            "where": {"work": "work_1"},
            "says": SHOWN["typst"],
        },
        "attacks": {"list": "works_by_attack", "says": SHOWN["md_cite"]},
        "carriers": {
            "set": "name",
            "table": "carriers",
            "where": {"kind": "k1"},
            "says": SHOWN["handler"],
        },
        "lost": {
            "count": "line",
            "table": "lines",
            "where": {"outcome": {"empty": True}},
            "says": SHOWN["md_link"],
        },
    },
    "families": {
        "works_by_attack": {
            "count": "work",
            "table": "works",
            "by": "attack",
            "says": "works of {attack}",
        },
        "works_by_theme": {
            "count": "work",
            "table": "lines",
            "by": "theme",
            "says": "works on {theme}",
        },
        "works_by_outcome": {
            "count": "work",
            "table": "lines",
            "by": "outcome",
            "says": "works with {outcome}",
        },
        "works_by_kind": {
            "count": "work",
            "table": "carriers",
            "by": "kind",
            "says": "works with a carrier: {kind}",
        },
        "works_by_theme_direction": {
            "count": "study",
            "table": "effect_directions",
            "by": ["group", "direction"],
            "says": "{group}: {direction}",
        },
        "lines_by_theme_way": {
            "count": "line",
            "table": "lines",
            "by": ["theme", "way"],
            "says": "{theme}: {way}",
        },
        "lines_up_wanted": {
            "count": "line",
            "table": "lines",
            "where": {"wanted": "up"},
            "by": ["theme", "way"],
            "says": "{theme}: {way}, up is wanted",
        },
        "lines_down_wanted": {
            "count": "line",
            "table": "lines",
            "where": {"wanted": "down"},
            "by": ["theme", "way"],
            "says": "{theme}: {way}, down is wanted",
        },
        "lines_open": {
            "count": "line",
            "table": "lines",
            "where": {"wanted": "open"},
            "by": ["theme", "way"],
            "says": "{theme}: {way}, neither is wanted",
        },
    },
}


def write(folder: Path) -> None:
    """Write the review's files into an empty folder."""
    _write_searches(folder / "data/raw/searches")
    _write_screening(folder / "data/raw/screening")
    _write_extraction(folder / "data/raw/extraction")
    published = folder / "data/raw/published"
    table(
        published / "reported.csv", "box n location why",
        [("previous_studies", 5, ALL["handler"], ALL["md_raw"]), ("total_studies", 9, ALL["formula"], ALL["lines"])],
    )  # fmt: skip
    table(
        published / "claims.csv",
        "claim_id location says stated relation number_id alternatives basis note",
        [
            (f"c{place}", text, text, text if place % 2 else 3, "equals", "" if place % 2 else "works_in", "", "text", text)
            for place, text in enumerate(ALL.values())
        ],
    )  # fmt: skip
    manuscript = folder / "manuscript"
    manuscript.mkdir()
    (manuscript / "review.md.j2").write_text(TEMPLATE, "utf-8")
    (manuscript / "numbers.yaml").write_text(_yaml(NUMBERS), "utf-8")
    (manuscript / "references.bib").write_text(_bibliography(), "utf-8")
    (manuscript / "style.csl").write_bytes(CSL.read_bytes())
    (folder / "config.yaml").write_text(_yaml(config()), "utf-8")


def table(path: Path, header: str, rows: list[tuple]) -> None:
    """Write a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
            [header.split(), *rows]
        )


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=10_000)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _write_searches(raw: Path) -> None:
    prints = raw / "prints/2024-01-02"
    prints.mkdir(parents=True)
    of_file: dict[str, list[str]] = {file: [] for file in FILES}
    for place, (name, text) in enumerate(ALL.items()):
        line = _one_line(text)
        of_file[FILES[place % len(FILES)]].append(
            f"TY  - JOUR\nAN  - {name}\nTI  - {line} {name}\nAU  - {line}, A.\nPY  - 20{place % 25:02}\n"
            f"T2  - {line}\nVL  - {place}\nDO  - {line}\nUR  - {line}\nKW  - {line}\nAB  - {line}\nN1  - {line}\nER  - \n\n"
        )
    for file, records in of_file.items():
        (prints / file).write_text("".join(records), "utf-8")
    (prints / "search.yaml").write_text(
        _yaml(
            {
                "source": "prints", "label": ALL["handler"], "database": ALL["script"], "platform": ALL["md_link"],
                "kind": "database", "status": "exported", "searched_on": "2024-01-02", "limits": ALL["formula"],
                "query_published": "\n".join([*SHOWN.values(), "```", "~~~", ":::"]), "query_run": ALL["shell"],
                "n_reported": len(ALL), "note": ALL["jinja"] + " a\rb",
            }
        ), "utf-8",
    )  # fmt: skip
    sheets = raw / "sheets/2024-01-03"
    table(
        sheets / "[x](javascript:x).csv", "accession title authors year journal doi url abstract",
        [(f"X{place}", text, text, 2001, text, text, text, text) for place, text in enumerate([*LONG.values(), "\x1b[31mred\x1b[0m \x9b2J \0nul"])],
    )  # fmt: skip
    (sheets / "search.yaml").write_text(
        _yaml({"source": "sheets", "label": ALL["typst"], "kind": "register", "status": "exported", "searched_on": "2024-01-03", "n_reported": len(LONG) + 1}),
        "utf-8",
    )  # fmt: skip


def _write_screening(raw: Path) -> None:
    header = "record_id stage decision reason decided_on note"
    votes = []
    for place, (name, text) in enumerate(ALL.items()):
        votes.append(
            (f"prints:{name}", "title_abstract", "include", "", "2024-02-01", text)
        )
        out = REASONS[place % len(REASONS)] if place >= len(ALL) - len(REASONS) else ""
        votes.append(
            (
                f"prints:{name}",
                "full_text",
                "exclude" if out else "include",
                out,
                "2024-02-02",
                text,
            )
        )
    for place in range(len(LONG) + 1):
        votes.append((f"sheets:X{place}", "title_abstract", "exclude", REASONS[place], "2024-02-01", ""))  # fmt: skip
    table(raw / 'reviewers/"><img src=x onerror=window.pwned=1>.csv', header, votes)


def _write_extraction(raw: Path) -> None:
    texts = list(ALL.values())
    table(
        raw / "one/works.csv", "work short title doi town attack",
        [(WORKS[name], text, text, text, text, name) for name, text in ALL.items()],
    )  # fmt: skip
    table(
        raw / "one/lines.csv", "line work outcome way kind note",
        [
            (f"l{place}", WORKS[name], f"o{place % 12 + 1}" if place % 9 else "", ["up", "down", "same"][place % 3], "k1" if place % 2 else "", text)
            for place, (name, text) in enumerate(ALL.items())
        ],
    )  # fmt: skip
    table(
        raw / "one/carriers.csv", "carrier work name kind",
        [(f"c{place}", WORKS[name], text.replace("; ", ";"), f"k{place % 2 + 1}") for place, (name, text) in enumerate(ALL.items())],
    )  # fmt: skip
    table(
        raw / "outcomes.csv", "outcome label theme wanted",
        [(f"o{place + 1}", texts[place], f"t{place % 3 + 1}", ["up", "down", "open"][place % 3]) for place in range(12)],
    )  # fmt: skip
    vocabulary = [
        ("works", "attack", name, text, text, "") for name, text in ALL.items()
    ]
    for sheet, column, terms, start in (
        ("lines", "way", ["up", "down", "same"], 20), ("lines", "kind", ["k1", "k2"], 30), ("carriers", "kind", ["k1", "k2"], 35),
        ("outcomes", "theme", ["t1", "t2", "t3"], 0), ("outcomes", "wanted", ["up", "down", "open"], 40),
    ):  # fmt: skip
        vocabulary += [(sheet, column, term, texts[start + at], texts[start + at], "") for at, term in enumerate(terms)]  # fmt: skip
    # A label that names another column of its family must not be filled in a second time.
    vocabulary = [
        (*row[:3], ALL["format"], ALL["format"], "") if row[2] == "t1" else row
        for row in vocabulary
    ]
    table(
        raw / "vocabulary.csv", "sheet column term label label_long parent", vocabulary
    )
    table(
        raw / "notes.csv",
        "sheet key note",
        [("works", WORKS[name], text) for name, text in ALL.items()],
    )
    table(
        raw / "adjudication.csv", "sheet key column value_a value_b chosen reason", []
    )


def _bibliography() -> str:
    link = "url = {javascript:window.pwned=1}, doi = {<img src=x onerror=pwned>}, note = {\\href{javascript:x}{y}}"
    return "".join(
        f"@article{{{work}, author = {{Stranger, <b>A</b>}}, title = {{{title}}}, journal = {{\\input{{/etc/passwd}} \\include{{/etc/passwd}} J}},"
        f" year = {{2020}}, {link}}}\n"
        for work, title in (
            ("work_1", "<script>window.pwned=1</script> $x$ {\\def\\a{b}\\a} ![](file:///etc/passwd) `x`{=html}"),
            ("work_2", "<img src=x onerror=window.pwned=1> \\url{javascript:x}"),
        )
    )  # fmt: skip


def config() -> dict:
    """Return the content of config.yaml."""
    free = {"says": SHOWN["jinja"]}
    key = {"says": SHOWN["script"], "kind": "id", "required": True}
    closed = {"says": SHOWN["md_cite"], "closed": True}

    def to(sheet: str) -> dict:
        return {"says": "Its row.", "kind": "id", "refers_to": sheet}

    unit = [SHOWN["handler"], SHOWN["css"]]
    return {
        "title": f"{SHOWN['formula']} {SHOWN['script']} {SHOWN['md_link']} {SHOWN['jinja']}",
        "subtitle": f"{SHOWN['md_raw']} {SHOWN['typst']} {SHOWN['md_meta']}",
        "authors": [SHOWN["handler"], {"name": SHOWN["latex"]}, SHOWN["arabic"]],
        "language": "en",
        "status": "draft",
        "protocol": {"question": SHOWN["yaml"], "include": [SHOWN["shell"]]},
        "flow": {"arms": ["previous", "databases", "registers"]},
        "screening": {
            "votes_needed": 1,
            "unsure": "resolve",
            "reasons": {"title_abstract": REASONS, "full_text": REASONS},
        },
        "extraction": {
            "readings": ["one"],
            "adjudication": "adjudication.csv",
            "notes": "notes.csv",
            "vocabulary": "vocabulary.csv",
            "sheets": {
                "works": {
                    "says": SHOWN["script"], "key": "work", "label": "{short}",
                    "columns": {"work": key, "short": free, "title": free, "doi": free, "town": free, "attack": closed},
                },
                "lines": {
                    "says": SHOWN["script"], "key": "line",
                    "columns": {"line": key, "work": to("works"), "outcome": to("outcomes"), "way": closed, "kind": closed, "note": free},
                },
                "carriers": {
                    "says": SHOWN["script"], "key": "carrier",
                    "columns": {"carrier": key, "work": to("works"), "name": free, "kind": closed},
                },
                "outcomes": {
                    "says": SHOWN["script"], "key": "outcome", "label": "{label}", "parent": "theme", "readings": [],
                    "columns": {"outcome": key, "label": free, "theme": closed, "wanted": closed},
                },
            },
        },
        "synthesis": {
            "lines": "lines", "study": "work", "group": "theme", "direction": "way", "desired": "wanted",
            "terms": {"up": "up", "down": "down", "no_change": "same"}, "agreement": 0.7,
        },
        "manuscript": {
            "template": "manuscript/review.md.j2", "definitions": "manuscript/numbers.yaml",
            "bibliography": "manuscript/references.bib", "csl": "manuscript/style.csl",
            "counted_nouns": ["work"], "terms_from": ["labels.label", "carriers.name"], "glossary": [SHOWN["latex"], "(((("],
        },
        "tables": {
            "rows": {
                "kind": "rows", "caption": CAPTION, "sheet": "works", "row": ["work"], "landscape": True,
                "notes": [SHOWN["script"], SHOWN["md_image"]],
                "columns": [
                    {"title": SHOWN["formula"], "column": "work", "study": "work", "width": 20},
                    {"title": SHOWN["script"], "column": "town", "width": 30},
                    {"title": SHOWN["md_link"], "column": "attack", "width": 30},
                    {
                        "title": SHOWN["jinja"], "width": 42,
                        "lines": {
                            "sheet": "lines", "refers": "work", "name": "outcome", "printed": "note", "direction": "way",
                            "levels": "kind", "limits": "kind", "plain_levels": [], "marks": {"up": SHOWN["nan"], "down": "<b>", "same": "="},
                            "footnotes": {}, "unnamed": SHOWN["handler_quote"], "text_says": "text:",
                        },
                    },
                ],
            },
            "grid": {
                "kind": "grid", "caption": CAPTION, "rows": {"column": "attack", "title": SHOWN["css"], "width": 30},
                "columns": [{"title": SHOWN["svg_load"], "family": "works_by_attack", "width": 14}],
            },
        },
        "figures": {
            "flow": {"kind": "flow", "caption": CAPTION, "width_mm": 170},
            "bars": {
                "kind": "bars", "caption": CAPTION, "width_mm": 170, "unit": unit,
                "panels": [{"family": "works_by_attack", "column": "attack", "title": SHOWN["script"], "note": SHOWN["typst"]}],
            },
            "dots": {
                "kind": "lollipop", "caption": CAPTION, "width_mm": 170, "unit": unit, "terms": unit,
                "family": "works_by_outcome", "column": "outcome", "group": "theme", "at_least": 1,
            },
            "recovery": {
                "kind": "recovery", "caption": CAPTION, "width_mm": 170, "unit": unit, "title": SHOWN["remote"],
                "family": "works_by_theme_direction", "column": "theme",
                "mediators": {
                    "title": SHOWN["word"], "sheet": "carriers", "study": "work", "name": "name", "kind": "kind",
                    "family": "works_by_kind", "left_out": [], "most": 10,
                },
            },
            "ways": {
                "kind": "directions", "caption": CAPTION, "width_mm": 170, "unit": unit, "column": "theme",
                "left": "down", "right": "up", "beside": ["same"],
                "words": {"down": SHOWN["script"], "up": SHOWN["cdata"], "same": SHOWN["doctype"]},
                "totals": "lines_by_theme_way",
                "families": [
                    {"family": "lines_up_wanted", "recovery": "up"}, {"family": "lines_down_wanted", "recovery": "down"},
                    {"family": "lines_open", "recovery": None},
                ],
                "without": "lost", "without_says": SHOWN["svg_load"],
            },
        },
    }  # fmt: skip
