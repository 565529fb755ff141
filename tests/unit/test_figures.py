"""Figures draw any data without overlap, name the number of every mark, and have the same bytes."""

import itertools
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from retrace import figures, flow, ledger, schemas, tables
from retrace.errors import ConfigError
from retrace.figures import marks, save, sheet

LONG = (
    "a label that goes on for two hundred letters because somebody has pasted the whole definition "
    "of the term into the column that was meant for its name, and nobody has shortened it before "
    "it was drawn"
)
RIGHT_TO_LEFT = "תאי גזע מזנכימליים ممتدة من النسيج الدهني"
UNBROKEN = "x" * 200

CASES = {
    "no row": {},
    "one row": {"a": 1},
    "one category of zero": {"a": 0},
    "five hundred": {f"term_{number}": 500 - number for number in range(500)},
    "long labels": {"a": 30, "b": 2, "c": 1},
    "right to left": {"a": 30, "b": 2, "c": 1},
    "unbroken and hostile": {"a": 120000, "b": 2, "c": 1},
}
WORDS = {
    "long labels": {"a": LONG, "b": LONG.upper(), "c": "short"},
    "right to left": {"a": RIGHT_TO_LEFT, "b": RIGHT_TO_LEFT * 6, "c": "(12) אבג"},
    "unbroken and hostile": {"a": UNBROKEN, "b": "$x_{", "c": "two\nlines\t<b>&\x07"},
}
WAYS = ("recovery", "conflicting", "against", "no_change", "unsettled")
KINDS = sorted(set(figures.kinds()) - {"flow"})
"""The kinds that draw families of numbers; the flow has data of its own."""


def numbers_of(values):
    return tables.frame(
        [
            {
                "number_id": name,
                "value": str(value),
                "kind": "count",
                "definition": "what it is",
            }
            for name, value in values.items()
        ],
        schemas.NUMBERS,
    )


def members_of(values):
    rows = [(name, member) for name, members in values.items() for member in members]
    return tables.frame(rows, schemas.NUMBER_MEMBERS)


def labels_of(words, parents=None):
    rows = [
        {"sheet": "s", "column": column, "term": term, "label": label, "parent": (parents or {}).get(term, "")}
        for column, terms in words.items()
        for term, label in terms.items()
    ]  # fmt: skip
    return tables.frame(rows, schemas.LABELS)


def inputs(kind, case, width):
    """Return a kind's tables and spec for one of the data sets."""
    values = CASES[case]
    words = {term: WORDS.get(case, {}).get(term, term) for term in values}
    labels = labels_of(
        {
            "term": words,
            "group": words,
            "kind": {"k": WORDS.get(case, {}).get("a", "kind")},
        },
        parents=dict.fromkeys(words, "a"),
    )
    spec = {"width_mm": width, "column": "term", "family": "f"}
    given = {"f." + term: n for term, n in values.items()}
    name = WORDS.get(case, {}).get("a", "title")
    carriers = tables.frame([], figures.load("recovery").CARRIERS)
    if kind == "bars":
        panel = {"family": "f", "column": "term", "title": name, "note": name}
        spec["panels"] = [panel, panel, panel]
    if kind == "lollipop":
        spec |= {"group": "group", "at_least": 2}
    if kind == "recovery":
        given = {f"f.{t}.{way}": n for t, n in values.items() for way in WAYS}
        spec |= {"title": name, "note": name}
        spec["mediators"] = {
            "title": name,
            "study": "study",
            "name": "name",
            "kind": "kind",
            "family": "k",
        }
        carriers = tables.frame(
            [{"study": "s1", "name": term + "; " + words[term], "kind": "k"} for term in list(values)[:15]],
            figures.load("recovery").CARRIERS,
        )  # fmt: skip
    if kind == "directions":
        ways = ("up", "down", "none")
        given = {
            f"{family}.{t}.{w}": n
            for family in "fr"
            for t, n in values.items()
            for w in ways
        }
        spec |= {
            "left": "down",
            "right": "up",
            "beside": ["none"],
            "totals": "f",
            "note": name,
        }
        spec |= {
            "words": {"up": name, "none": name},
            "families": [{"family": "r", "recovery": "up"}],
        }
    frames = {
        "numbers": numbers_of(given),
        "members": members_of({number: ["s1", "s2"] for number in given}),
        "labels": labels,
        "sheet": carriers,
    }
    return {name: frames[name] for name in figures.load(kind).TAKES}, spec


@sheet.styled
def overlaps(figure):
    """Return the pairs of texts that lie over each other, and what leaves the page."""
    # As the PNG is drawn; at a lower resolution letters snap to wider pixels.
    figure.set_dpi(300)
    renderer = figure.canvas.get_renderer()
    page = figure.bbox
    texts = [
        text for axes in figure.axes for text in axes.texts if text.get_text().strip()
    ]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts]
    marks = [
        (mark.get_gid() or type(mark).__name__, mark.get_window_extent(renderer))
        for axes in figure.axes
        for mark in (*axes.patches, *axes.lines, *axes.collections)
    ]
    # Half a point may be lost in rounding to pixels and in the slope of a letter.
    slack = 0.5 * figure.dpi / 72
    bad = [
        (one, "leaves the page")
        for one, box in boxes + marks
        if box.x0 < page.x0 - slack or box.x1 > page.x1 + slack
        or box.y0 < page.y0 - slack or box.y1 > page.y1 + slack
    ]  # fmt: skip
    boxes.sort(key=lambda entry: entry[1].x0)
    for place, (one, box) in enumerate(boxes):
        for other, beside in itertools.islice(boxes, place + 1, None):
            if beside.x0 > box.x1:
                break
            wide = min(box.x1, beside.x1) - max(box.x0, beside.x0)
            high = min(box.y1, beside.y1) - max(box.y0, beside.y0)
            if wide > slack and high > slack:
                bad.append((one, other))
    return bad


def smallest(figure):
    return min(text.get_fontsize() for axes in figure.axes for text in axes.texts)


@pytest.mark.parametrize("width", [85, 170])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_lies_over_another_and_nothing_leaves_the_page(kind, case, width):
    module = figures.load(kind)
    frames, spec = inputs(kind, case, width)
    data = module.data(**frames, spec=spec)
    figure = module.draw(data, spec)
    assert overlaps(figure) == []
    assert smallest(figure) >= 7
    assert figure.get_size_inches()[0] == pytest.approx(width / 25.4)
    assert module.alt(data, spec).endswith(".")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_drawn_of_a_count_has_the_id_of_its_number(kind):
    module = figures.load(kind)
    frames, spec = inputs(kind, "long labels", 170)
    data = module.data(**frames, spec=spec)

    (axes,) = module.draw(data, spec).axes

    ids = {mark.get_gid() for mark in (*axes.patches, *axes.lines) if mark.get_gid()}
    assert ids and ids <= set(data["number_id"])


def boxes_of(arms, reasons=(), reported=()):
    rows = []
    for box in flow.BOXES:
        row = {
            "data": box.data,
            "node": box.node,
            "box": box.box,
            "description": box.text,
        }
        if box.arm not in arms:
            rows.append(row | {"boxtext": box.text, "kind": "not_applicable"})
        elif box.data in ("dbr_excluded", "other_excluded") and reasons:
            rows += [
                row | {"boxtext": reason, "n": 1, "kind": "counted"}
                for reason in reasons
            ]
        elif box.data == "database_specific_results":
            rows += [
                row | {"boxtext": name, "kind": "not_published"}
                for name in ("PubMed", LONG)
            ]
        else:
            kind = "reported" if box.data in reported else "counted"
            rows.append(row | {"boxtext": box.text, "n": 1234567, "kind": kind})
    return tables.frame(rows, schemas.PRISMA)


FLOWS = {
    "no arm": ([], ()),
    "databases": (["databases"], ()),
    "other methods alone": (["other_methods"], ("one",)),
    "previous and databases": (["previous", "databases"], ("one", "two")),
    "every arm": (["previous", "databases", "registers", "other_methods"], ("one", LONG)),
    "thirty reasons": (["databases", "registers", "other_methods"], [f"reason {n}" for n in range(30)]),
    "right to left": (["databases"], (RIGHT_TO_LEFT, UNBROKEN, "$x_{")),
}  # fmt: skip


@pytest.mark.parametrize("width", [85, 170])
@pytest.mark.parametrize("case", FLOWS)
def test_a_flow_of_any_arms_and_reasons_is_drawn_without_overlap(case, width):
    kind = figures.load("flow")
    arms, reasons = FLOWS[case]
    spec = {"width_mm": width, "status": "draft"}
    data = kind.data(boxes=boxes_of(arms, reasons), spec=spec)
    figure = kind.draw(data, spec)
    assert overlaps(figure) == []
    assert smallest(figure) >= 7
    assert [reason for reason in reasons if reason not in set(data["row_label"])] == []
    assert kind.alt(data, spec).endswith(".")


def lines_and_boxes(figure):
    """Return the lines of a flow's arrows as segments, and its boxes with letters in them."""
    (axes,) = figure.axes
    segments = []
    for line in axes.lines:
        points = list(zip(line.get_xdata(), line.get_ydata(), strict=True))
        segments += itertools.pairwise(points)
    boxes = [
        patch.get_bbox()
        for patch in axes.patches
        if str(patch.get_gid() or "").startswith("box-")
    ]
    return segments, boxes


@pytest.mark.parametrize("width", [85, 170])
@pytest.mark.parametrize("case", FLOWS)
def test_arrows_are_right_angled_and_cross_no_box(case, width):
    kind = figures.load("flow")
    arms, reasons = FLOWS[case]
    spec = {"width_mm": width}
    figure = kind.draw(kind.data(boxes=boxes_of(arms, reasons), spec=spec), spec)
    segments, boxes = lines_and_boxes(figure)
    for (x0, y0), (x1, y1) in segments:
        assert x0 == pytest.approx(x1) or y0 == pytest.approx(y1)
        for box in boxes:
            inside_x = min(x0, x1) < box.x1 - 0.1 and max(x0, x1) > box.x0 + 0.1
            inside_y = min(y0, y1) < box.y1 - 0.1 and max(y0, y1) > box.y0 + 0.1
            assert not (inside_x and inside_y)


def test_a_flow_tells_reported_and_unpublished_counts_from_counted_ones():
    kind = figures.load("flow")
    boxes = boxes_of(["databases"], reported=["database_results"])
    data = kind.data(boxes=boxes, spec={"width_mm": 170})
    text = dict(zip(data["row"], data["text"], strict=True))
    assert text["database_results"] == "Databases (n = 1,234,567, as reported)"
    assert text["database_specific_results"].endswith("(not published)")
    assert text["new_studies"] == "Studies included in review (n = 1,234,567)"
    assert "website_results" not in text


@pytest.mark.parametrize(
    ("status", "reported", "says"),
    [
        ("draft", (), "(not yet counted)"),
        ("draft", ["database_results"], "(not published)"),
        ("release", (), "(not published)"),
    ],
)
def test_a_draft_of_ones_own_says_not_yet_where_a_published_review_says_nothing(
    status, reported, says
):
    kind = figures.load("flow")
    spec = {"width_mm": 170, "status": status}
    data = kind.data(boxes=boxes_of(["databases"], reported=reported), spec=spec)
    text = dict(zip(data["row"], data["text"], strict=True))
    assert text["database_specific_results"].endswith(says)
    printed = [
        text.get_text().replace("\u00a0", " ")
        for text in kind.draw(data, spec).axes[0].texts
    ]
    assert any(says in one for one in printed)


def test_a_count_survives_a_reason_that_is_too_long_for_its_box():
    kind = figures.load("flow")
    spec = {"width_mm": 85}
    figure = kind.draw(
        kind.data(boxes=boxes_of(["databases"], ["one", LONG * 3]), spec=spec), spec
    )
    printed = [text.get_text() for text in figure.axes[0].texts]
    assert printed.count("(n\u00a0=\u00a01)") == 1


def test_every_mark_of_a_family_names_its_number():
    kind = figures.load("bars")
    spec = {"width_mm": 85, "panels": [{"family": "f", "column": "c", "title": "T"}]}
    data = kind.data(
        numbers=numbers_of({"f.a": 1, "f.b": 3, "f.none": 0, "ff.c": 9}),
        members=members_of({}),
        labels=labels_of({"c": {"a": "Label of a", "b": "Label of b"}}),
        spec=spec,
    )
    assert data[["row_label", "n", "number_id"]].values.tolist() == [
        ["Label of b", 3, "f.b"],
        ["Label of a", 1, "f.a"],
    ]
    assert kind.alt(data, spec) == (
        "Bar charts of the number of studies. Panel A, T: Label of b 3, Label of a 1."
    )


def test_a_remainder_counts_a_study_once():
    kind = figures.load("bars")
    spec = {
        "width_mm": 85,
        "most": 1,
        "panels": [{"family": "f", "column": "c", "title": "T"}],
    }
    data = kind.data(
        numbers=numbers_of({"f.a": 5, "f.b": 2, "f.c": 2}),
        members=members_of({"f.b": ["s1", "s2"], "f.c": ["s2", "s3"]}),
        labels=labels_of({"c": {}}),
        spec=spec,
    )
    last = data.iloc[-1]
    assert (last["mark"], last["n"], last["members"]) == ("remainder", 3, "s1; s2; s3")
    assert last["text"] == "and 2 more, in 3 studies altogether"


def test_rare_terms_are_stated_under_their_heading():
    kind = figures.load("lollipop")
    data = kind.data(
        numbers=numbers_of({"f.a": 5, "f.b": 1, "f.c": 1, "f.d": 1}),
        members=members_of({"f.b": ["s1"], "f.c": ["s1"], "f.d": ["s2"]}),
        labels=labels_of(
            {"c": {term: term for term in "abcd"}, "g": {"one": "One", "two": "Two"}},
            parents={"a": "one", "b": "one", "c": "one", "d": "two"},
        ),
        spec={
            "width_mm": 85,
            "family": "f",
            "column": "c",
            "group": "g",
            "at_least": 2,
        },
    )
    assert data[["panel_label", "row", "text"]].values.tolist() == [
        ["One", "a", "5"],
        ["One", "", "2 more terms in 1 study"],
        ["Two", "", "1 term in 1 study"],
    ]


def test_a_dot_is_what_a_mediator_shares_with_the_recovered_studies():
    kind = figures.load("recovery")
    columns = {
        "study": "study",
        "name": "name",
        "kind": "kind",
        "family": "k",
        "left_out": ["none"],
    }
    data = kind.data(
        numbers=numbers_of({"f.sasp.recovery": 2, "f.sasp.against": 1}),
        members=members_of({"f.sasp.recovery": ["s1", "s2"], "f.sasp.against": ["s3"]}),
        labels=labels_of({"d": {"sasp": "SASP"}, "kind": {"rna": "RNA"}}),
        sheet=tables.frame(
            [
                {"study": "s1", "name": "m1; m2", "kind": "rna"},
                {"study": "s3", "name": "m3", "kind": "rna"},
                {"study": "s2", "name": "", "kind": "none"},
            ],
            kind.CARRIERS,
        ),
        spec={"width_mm": 170, "family": "f", "column": "d", "mediators": columns},
    )
    dots = data[data["mark"] == "dot"]
    assert dots[
        ["series", "n", "members", "number_id", "with_number_id"]
    ].values.tolist() == [
        ["m1", 1, "s1", "f.sasp.recovery", "k.rna"],
        ["m2", 1, "s1", "f.sasp.recovery", "k.rna"],
    ]


def test_the_same_direction_is_recovery_for_one_outcome_and_against_it_for_another():
    kind = figures.load("directions")
    spec = {
        "width_mm": 170, "column": "d", "left": "down", "right": "up", "beside": [], "totals": "all",
        "families": [{"family": "u", "recovery": "up"}, {"family": "w", "recovery": "down"}, {"family": "x", "recovery": None}],
    }  # fmt: skip
    data = kind.data(
        numbers=numbers_of({"u.g.up": 1, "w.g.up": 2, "x.g.up": 3, "all.g.up": 6}),
        labels=labels_of({"d": {"g": "G"}}),
        spec=spec,
    )
    assert data[["series", "n", "number_id"]].values.tolist() == [
        ["recovery", 1, "u.g.up"],
        ["unsettled", 3, "x.g.up"],
        ["against", 2, "w.g.up"],
        ["", 6, "all.g.up"],
    ]


def test_an_id_is_split_where_both_terms_are_known():
    numbers = numbers_of({"f.miR-1.2.up": 1})
    (term,) = marks.of_family(numbers, "f", ["miR-1.2"], ["up"])
    assert term.terms == ("miR-1.2", "up")


def test_a_kind_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(
        ConfigError, match="pie.*bars, directions, flow, lollipop, recovery"
    ):
        figures.load("pie")


def test_an_edit_of_one_kind_leaves_the_digest_of_another_alone():
    of_bars = {name for name, _ in ledger.modules_of("retrace.figures.bars")}
    assert "retrace.figures.sheet" in of_bars
    assert of_bars.isdisjoint(
        {f"retrace.figures.{kind}" for kind in figures.kinds()}
        - {"retrace.figures.bars"}
    )


DRAWN = """
import hashlib, json, os, sys
sys.path[:0] = json.loads(sys.argv[1])
from test_figures import inputs
from retrace import figures
from retrace.figures import save
found = []
for kind in ("bars", "recovery"):
    frames, spec = inputs(kind, "long labels", 170)
    module = figures.load(kind)
    data = module.data(**frames, spec=spec)
    said = module.alt(data, spec)
    save.write(module.draw, module.alt, data, spec, svg=f"{kind}.svg", png=f"{kind}.png", pdf=f"{kind}.pdf", words=f"{kind}.txt")
    found += [open(f"{kind}.{end}", "rb").read() for end in ("svg", "png", "pdf", "txt")]
print(hashlib.sha256(b"".join(found)).hexdigest())
"""


def test_two_processes_draw_the_same_bytes_whatever_folder_seed_and_settings(tmp_path):
    path = f'["{ledger.SCRIPTS}", "{__file__.rpartition("/")[0]}"]'
    digests = set()
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        # A matplotlibrc of the person who builds must not reach the review's figures.
        (folder / "matplotlibrc").write_text(
            "font.size: 20\nsvg.fonttype: none\n" if seed == "2" else ""
        )
        made = subprocess.run(
            [sys.executable, "-c", DRAWN, path],
            cwd=folder, capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TZ": f"UTC+{seed}"},
        )  # fmt: skip
        digests.add(made.stdout.strip().splitlines()[-1])
    assert len(digests) == 1


def test_an_svg_is_well_formed_and_says_what_it_shows():
    page = sheet.Sheet(85)
    page.text(1, 1, "a < b & c")
    data = save.as_svg(page.finish(20), "name", 'words with "quotes" & <angles>')
    root = ElementTree.fromstring(data)
    (said,) = [node for node in root if node.tag.endswith("desc")]
    assert said.text == 'words with "quotes" & <angles>'
    assert b"<dc:date>" not in data


def test_a_combining_mark_is_not_parted_from_its_letter():
    lines = sheet.wrapped("e\u0301" * 100, 20, most=3)
    assert all(not line.startswith("\u0301") for line in lines)
    assert lines[-1].endswith("…")


def test_letters_on_a_fill_have_contrast():
    assert sheet.ink_on(sheet.BLUE) == "#FFFFFF"
    assert sheet.ink_on(sheet.PALE) == sheet.INK
