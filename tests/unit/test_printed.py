"""Tables read as config lays them out, and CSV and HTML hold the same cells."""

import copy
import html.parser
import json

import pytest
from retrace import printed, schemas, tables
from retrace.errors import ConfigError
from retrace.labels import Labels
from retrace.relations import Relations
from retrace.tables import Column

STUDIES = tables.table("studies", "results/extraction/studies.csv", "", Column("study", "", "id"), key="study")  # fmt: skip
PLOTS = tables.table(
    "plots", "results/extraction/plots.csv", "",
    Column("plot", "", "id"), Column("study", "", "id", refers_to="studies"),
    Column("place", "", "integer"), Column("soil", "", several=True), Column("crop", ""),
    key="plot",
)  # fmt: skip
LINES = tables.table(
    "lines", "results/extraction/lines.csv", "",
    Column("line", "", "id"), Column("plot", "", "id", refers_to="plots"),
    Column("went", ""), Column("sign", ""), Column("sign_as_printed", ""),
    Column("level", "", several=True), Column("limits", "", several=True), Column("told", ""),
    key="line",
)  # fmt: skip
KINDS = {
    "studies": STUDIES, "plots": PLOTS, "lines": LINES, "direction_tests": schemas.DIRECTION_TESTS,
}  # fmt: skip
LABELS = [
    ("plots", "soil", "clay", "CL", "Clay"),
    ("plots", "soil", "sand", "SA", "Sand"),
    ("plots", "soil", "peat", "PE", "Peat"),
    ("plots", "crop", "rye", "Winter rye", ""),
    ("plots", "crop", "oat", "Oat", ""),
    ("lines", "went", "more", "Up", ""),
    ("lines", "went", "less", "Down", ""),
    ("lines", "went", "same", "No change", ""),
    ("lines", "went", "torn", "Torn", ""),
    ("lines", "told", "more", "Up", ""),
    ("lines", "told", "less", "Down", ""),
    ("lines", "sign", "yield", "Yield", ""),
    ("lines", "sign", "ph", "pH", "Acidity"),
    ("lines", "level", "plain", "Plain", ""),
    ("lines", "level", "field", "In the field", ""),
    ("lines", "level", "glass", "GH", "Greenhouse"),
    ("lines", "limits", "again", "Again", ""),
    ("lines", "limits", "gone", "Gone", ""),
    ("lines", "limits", "early", "Early", ""),
    ("lines", "limits", "mixed", "Mixed", "Plots are not told apart"),
    ("studies", "study", "ada_1999", "Ada 1999", ""),
    ("studies", "study", "bea_2001", "Bea 2001", ""),
    ("signs", "theme", "heat", "Heat", "Summer heat"),
    ("signs", "theme", "damp", "Damp", ""),
    ("signs", "theme", "dust", "Dust", ""),
]
PLOT_ROWS = [
    ("p1", "ada_1999", 2, "clay", "rye"),
    ("p2", "bea_2001", 1, "sand; clay", "rye"),
    ("p3", "bea_2001", 1, "sand; clay", "oat"),
]
LINE_ROWS = [
    ("l1", "p1", "more", "yield", "Yld", "plain", "", ""),
    ("l2", "p1", "less", "ph", "pH", "field; glass", "early", ""),
    ("l3", "p2", "same", "yield", "Yield", "plain", "mixed", ""),
    ("l4", "p2", "torn", "", "Y..ld", "plain", "", "less"),
    ("l5", "p2", "more", "yield", "Yield", "plain", "again", ""),
    ("l6", "p3", "more", "ph", "pH", "plain", "", "more"),
]
ROWS = {
    "kind": "rows",
    "sheet": "plots",
    "row": ["place", "study"],
    "columns": [
        {"title": "Soil", "column": "soil", "width": 20},
        {"title": "Crop", "columns": ["crop"], "labels": "long", "width": 20},
        {
            "title": "Effects",
            "width": 40,
            "lines": {
                "sheet": "lines", "refers": "plot", "where": {"limits": {"not": "again"}},
                "direction": "went", "marks": {"more": "+", "less": "-", "same": "=", "torn": "?"},
                "name": "sign", "printed": "sign_as_printed", "unnamed": "not readable",
                "levels": "level", "plain_levels": ["plain"], "limits": "limits",
                "lost": "gone", "lost_says": "(the cell is lost)", "footnotes": {"mixed": "†"},
                "in_text": "told", "text_says": "in the text", "told_apart": "crop",
            },
        },
        {"title": "Study", "column": "study", "study": "study", "width": 20},
    ],
    "notes": ["+ raised."],
}  # fmt: skip
GRID = {
    "kind": "grid",
    "rows": {"column": "theme", "title": "Group", "width": 30},
    "columns": [
        {"title": "Studies", "family": "by_theme", "width": 10},
        {"title": "For", "family": "by_way", "of": "recovery", "width": 10},
        {"title": "p", "table": "direction_tests", "column": "sign_p", "least": 0.001, "none": "–"},
    ],
}  # fmt: skip
NUMBERS = {
    "by_theme.heat": "12", "by_theme.damp": "1", "by_theme.dust": "0",
    "by_way.heat.recovery": "11", "by_way.damp.recovery": "0",
}  # fmt: skip


def lay_out(
    spec, *, plots=PLOT_ROWS, lines=LINE_ROWS, labels=LABELS, numbers=NUMBERS, tests=()
):
    """Return a table of the small review, laid out."""
    labels = Labels(tables.frame([(*row, "") for row in labels], schemas.LABELS))
    frames = {
        "studies": tables.frame([(study,) for study in dict.fromkeys(row[1] for row in plots)], STUDIES),
        "plots": tables.frame(plots, PLOTS),
        "lines": tables.frame(lines, LINES),
        "direction_tests": tables.frame(
            [{"group": group, "sign_p": p} for group, p in tests], schemas.DIRECTION_TESTS
        ),
    }  # fmt: skip
    return printed.lay_out(
        spec,
        relations=Relations(frames, KINDS, labels),
        labels=labels,
        numbers=tables.frame(
            [{"number_id": name, "value": value} for name, value in numbers.items()],
            schemas.NUMBERS,
        ),
        name="harvest",
    )


def cells(made):
    return [[" | ".join(cell.lines) for cell in row] for row in made.rows]


def changed(spec, *path, **options):
    """Return a layout in which the mapping at a path has other options; None takes one away."""
    spec = copy.deepcopy(spec)
    at = spec
    for step in path:
        at = at[step]
    at.update(options)
    for name in [name for name, value in options.items() if value is None]:
        del at[name]
    return spec


def effects(*lines, plots=PLOT_ROWS, **options):
    """Return the effects of the first printed row, line by line."""
    made = lay_out(
        changed(ROWS, "columns", 2, "lines", **options), plots=plots, lines=lines
    )
    return list(made.rows[0][2].lines)


# --- rows ---------------------------------------------------------------------------


def test_rows_of_one_printed_place_are_one_row_in_the_order_of_the_sheet():
    made = lay_out(ROWS)

    assert made.members == [["p1"], ["p2", "p3"]]
    assert cells(made) == [
        ["CL", "Winter rye", "+ Yield | - pH (in the field, GH, early)", "Ada 1999"],
        [
            "SA / CL",
            "Winter rye | Oat",
            "= Yield† | ? Y..ld (not readable) (in the text -) | + pH (Oat)",
            "Bea 2001",
        ],
    ]


def test_only_the_rows_that_are_asked_for_are_printed():
    assert lay_out(ROWS | {"where": {"place": 1}}).members == [["p2", "p3"]]


def test_a_line_printed_again_stands_once():
    line = ("l1", "p1", "more", "yield", "", "plain", "", "")

    assert effects(line, ("l2", *line[1:6], "again", "")) == ["+ Yield"]


def test_the_place_of_a_lost_cell_says_so_and_is_no_outcome():
    assert effects(("l1", "p1", "torn", "yield", "x", "plain", "gone", "")) == ["(the cell is lost)"]  # fmt: skip


def test_the_direction_of_the_text_is_shown_where_it_is_another():
    line = ("l1", "p1", "more", "yield", "", "plain", "")

    assert effects((*line, "less")) == ["+ Yield (in the text -)"]
    assert effects((*line, "more")) == effects((*line, "")) == ["+ Yield"]


def test_a_name_that_cannot_be_read_is_shown_as_printed():
    assert effects(("l1", "p1", "more", "", "Y1?", "plain", "", "")) == ["+ Y1? (not readable)"]  # fmt: skip


def test_a_row_without_outcomes_has_an_empty_cell():
    assert effects() == []


def test_footnotes_and_abbreviations_are_told_once_and_only_those_that_occur():
    notes = lay_out(ROWS).notes

    assert notes == [
        "† Plots are not told apart.",
        "CL: Clay; GH: Greenhouse; pH: Acidity; SA: Sand.",
        "+ raised.",
    ]


def test_a_footnote_of_two_lines_is_told_once():
    line = ("p1", "more", "yield", "", "plain", "mixed", "")

    assert [
        note for note in lay_out(ROWS, lines=[("l1", *line), ("l2", *line)]).notes if "†" in note
    ] == ["† Plots are not told apart."]  # fmt: skip


def test_long_labels_need_no_note():
    assert not any("Clay" in note for note in
                   lay_out(changed(ROWS, "columns", 0, labels="long")).notes)  # fmt: skip


def test_a_column_may_have_words_of_its_own_for_a_term():
    made = lay_out(changed(ROWS, "columns", 0, words={"soil": {"clay": "heavy soil"}}))

    assert [row[0] for row in cells(made)] == ["heavy soil", "SA / heavy soil"]
    assert not any("Clay" in note for note in made.notes)


# --- grids --------------------------------------------------------------------------


def test_a_grid_has_a_row_for_each_term_that_has_a_number():
    made = lay_out(GRID, tests=[("damp", None), ("heat", 0.0123)])

    assert cells(made) == [["Summer heat", "12", "11", "0.012"], ["Damp", "1", "0", "–"]]  # fmt: skip
    assert made.members == [["heat"], ["damp"]]


def test_each_number_of_a_grid_names_its_number():
    made = lay_out(GRID)

    assert [cell.number_id for cell in made.rows[0]] == ["", "by_theme.heat", "by_way.heat.recovery", ""]  # fmt: skip
    assert '<a class="number" href="#n-by_theme.heat" data-number="by_theme.heat">12</a>' in printed.as_html(made)  # fmt: skip
    assert list(printed.as_csv(made)["Studies (number_id)"]) == ["by_theme.heat", "by_theme.damp"]  # fmt: skip


def test_a_number_that_nobody_counted_is_an_empty_cell_without_a_link():
    numbers = {name: value for name, value in NUMBERS.items() if name != "by_way.damp.recovery"}  # fmt: skip
    cell = lay_out(GRID, numbers=numbers).rows[1][2]

    assert (cell.lines, cell.number_id) == (("",), "")


@pytest.mark.parametrize(("p", "shown"), [(2e-7, "<0.001"), (0.001, "0.001"), (0.0625, "0.062"), (1.0, "1.000")])  # fmt: skip
def test_a_small_p_is_printed_as_below_the_least(p, shown):
    assert cells(lay_out(GRID, tests=[("heat", p)]))[0][3] == shown


# --- what config gets wrong ---------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        (ROWS | {"kind": "row"}, "kind 'row'"),
        (ROWS | {"sheet": "plotts"}, "'plotts'"),
        (ROWS | {"row": ["plcae"]}, "'plcae'"),
        (ROWS | {"where": {"crop": "ryee"}}, "'ryee'"),
        (changed(ROWS, "columns", 0, column="sol"), "'sol'"),
        (changed(ROWS, "columns", 0, title="Study"), "two columns are called 'Study'"),
        (changed(ROWS, "columns", 0, title="members"), "two columns are called 'members'"),
        (changed(ROWS, "columns", 2, "lines", refers="line"), "line of lines does not refer to plots"),
        (changed(ROWS, "columns", 2, "lines", lost="gon"), "'gon' is no term of limits"),
        (changed(ROWS, "columns", 2, "lines", footnotes={"mixt": "†"}), "'mixt' is no term of limits"),
        (changed(ROWS, "columns", 2, "lines", plain_levels=["plan"]), "'plan' is no term of level"),
        (changed(ROWS, "columns", 2, "lines", "marks", torn=None), "no mark for 'torn' of went"),
        (changed(ROWS, "columns", 2, "lines", "marks", less=None), "no mark for 'less' of went"),
        (changed(GRID, "columns", 0, family="by_them"), "no family by_them"),
        (changed(GRID, "columns", 1, of="recovry"), "no number 'by_way.heat.recovry'"),
        (changed(GRID, "rows", column="them"), "no terms of 'them'"),
        (changed(GRID, "columns", 2, column="sing_p"), "'sing_p'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_config_names_and_is_not_there_is_named(spec, complaint):
    with pytest.raises(ConfigError) as raised:
        lay_out(spec, tests=[("heat", 0.5)])

    assert complaint in str(raised.value)
    assert "config.yaml::tables.harvest" in str(raised.value)


# --- the two ways to write it -------------------------------------------------------


class Reader(html.parser.HTMLParser):
    """Read a fragment; end tags must close what was opened last."""

    VOID = ("col", "br")

    def __init__(self, text):
        super().__init__()
        self.open, self.rows, self.found = [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        """Note a tag with its attributes."""
        self.found.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
        if tag == "br":
            self.rows[-1][-1] += "; "
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Close what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Add text to the cell that it stands in."""
        if {"th", "td"} & set(self.open):
            self.rows[-1][-1] += data


def test_csv_and_html_hold_the_same_cells():
    made = lay_out(ROWS)
    csv = printed.as_csv(made)

    assert list(csv["members"]) == ["p1", "p2; p3"]
    assert Reader(printed.as_html(made)).rows == [
        made.titles,
        *csv[made.titles].to_numpy().tolist(),
    ]


def test_lines_may_run_on_and_a_mark_stays_with_what_it_marks():
    made = lay_out(changed(ROWS, "columns", 2, "lines", running=True))
    text = printed.as_html(made)

    assert "Yield<br>" not in text
    assert "+\N{NO-BREAK SPACE}Yield; -\N{NO-BREAK SPACE}pH" in text
    assert (
        printed.as_csv(made)["Effects"][0] == "+ Yield; - pH (in the field, GH, early)"
    )


def test_widths_are_shares_of_the_page_and_heads_say_what_they_head():
    read = Reader(printed.as_html(lay_out(ROWS)))

    assert [at["style"] for tag, at in read.found if tag == "col"] == [
        "width: 20.0%", "width: 20.0%", "width: 40.0%", "width: 20.0%",
    ]  # fmt: skip
    assert [at["scope"] for tag, at in read.found if tag == "th"] == ["col"] * 4 + ["row"] * 2  # fmt: skip
    assert [at["data-members"] for tag, at in read.found if "data-members" in at] == ["p1", "p2 p3"]  # fmt: skip
    assert [at["href"] for tag, at in read.found if at.get("class") == "study"] == ["#ref-ada_1999", "#ref-bea_2001"]  # fmt: skip


EVIL = '</td><script>alert("1")</script> & <b>bold</b> \' ]]> {{ x }} $y$ #let'


def hostile(text):
    """Return the small review with a text in every place that shows one."""
    labels = [(sheet, column, term, text, f"{text} long") for sheet, column, term, _, _ in LABELS]  # fmt: skip
    return lay_out(
        changed(ROWS, "columns", 0, title=text) | {"notes": [text]},
        labels=labels,
        lines=[(*row[:4], text, *row[5:]) for row in LINE_ROWS],
    )


def test_hostile_text_is_text():
    read = Reader(printed.as_html(hostile(EVIL)))

    assert {tag for tag, _ in read.found} == {
        "table", "colgroup", "col", "thead", "tbody", "tr", "th", "td", "a", "br", "p",
    }  # fmt: skip
    assert read.rows[0][0] == EVIL
    assert EVIL in read.rows[1][2]


def test_a_hostile_id_opens_no_element():
    made = lay_out(ROWS, plots=[('p"><i>', 'a"><i>', 1, "clay", "rye")], lines=[])
    read = Reader(printed.as_html(made))

    assert "i" not in {tag for tag, _ in read.found}
    assert [at["href"] for _, at in read.found if "href" in at] == ['#ref-a"><i>']


@pytest.mark.parametrize("made", [
    lay_out(ROWS), lay_out(GRID), hostile(EVIL), hostile("very long " * 400),
    lay_out(ROWS, plots=[], lines=[]),
    lay_out(ROWS, plots=[(f"p{n}", "ada_1999", n, "clay", "rye") for n in range(500)], lines=[]),
], ids=["rows", "grid", "hostile", "long", "empty", "500 rows"])  # fmt: skip
def test_pandoc_reads_the_table_whole(made):
    """The one fragment is what HTML, DOCX and PDF are made from."""
    pypandoc = pytest.importorskip("pypandoc")
    ast = json.loads(
        pypandoc.convert_text(printed.as_html(made), "json", format="html")
    )
    table = ast["blocks"][0]
    _, _, columns, (_, heads), bodies, _ = table["c"]

    assert table["t"] == "Table"
    assert len(heads) == 1 and len(columns) == len(made.titles)
    assert all(width["t"] == "ColWidth" for _, width in columns)
    assert sum(len(rows) for _, _, _, rows in bodies) == len(made.rows)
    assert '"t": "Raw' not in json.dumps(ast)


def test_a_sheet_without_rows_gives_a_table_of_its_head():
    made = lay_out(ROWS, plots=[], lines=[])

    assert cells(made) == []
    assert list(printed.as_csv(made).columns) == ["members", *made.titles]


def test_the_same_table_has_the_same_bytes():
    assert printed.as_html(lay_out(ROWS)) == printed.as_html(lay_out(ROWS))
    assert (
        printed.as_csv(lay_out(GRID)).to_csv() == printed.as_csv(lay_out(GRID)).to_csv()
    )
