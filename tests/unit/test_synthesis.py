"""Effects are counted by direction: each study once per group, whatever the number of its outcomes."""

import pandas as pd
import pytest
from retrace import schemas, synthesis, tables
from retrace.errors import ExtractionError
from retrace.labels import Labels
from retrace.relations import Relations
from retrace.tables import Column

PLOTS = tables.table(
    "plots", "results/extraction/plots.csv", "",
    Column("plot", "", "id"), Column("study", "", "id"), key="plot",
)  # fmt: skip
SIGNS = tables.table(
    "signs", "results/extraction/signs.csv", "",
    Column("sign", "", "id"), Column("theme", "", terms=("heat", "damp")),
    Column("wanted", "", terms=("more", "less", "open")), key="sign",
)  # fmt: skip
LINES = tables.table(
    "lines", "results/extraction/lines.csv", "",
    Column("line", "", "id"), Column("plot", "", "id", refers_to="plots"),
    Column("sign", "", "id", refers_to="signs"),
    Column("went", "", terms=("more", "less", "same", "lost")),
    Column("limits", "", terms=("again", "far"), several=True), key="line",
)  # fmt: skip
CONFIG = {
    "lines": "lines",
    "where": {"limits": {"not": "again"}},
    "study": "study",
    "group": "theme",
    "direction": "went",
    "desired": "wanted",
    "terms": {"up": "more", "down": "less", "no_change": "same"},
}


def counted(text, **options):
    """Read 'study sign went [limits]' lines; return the directions as [(study, group, counts..., direction)]."""
    lines = [line.split() for line in text.strip().splitlines()]
    plots = dict.fromkeys(study for study, *_ in lines)
    frames = {
        "plots": tables.frame([(f"p-{study}", study) for study in plots], PLOTS),
        "signs": tables.frame(
            [("air", "heat", "less"), ("ease", "heat", "more"), ("fog", "damp", "open")],
            SIGNS,
        ),
        "lines": tables.frame(
            [
                (f"l{place}", f"p-{study}", sign.strip("-"), went, "; ".join(limits))
                for place, (study, sign, went, *limits) in enumerate(lines)
            ],
            LINES,
        ),
    }  # fmt: skip
    relations = Relations(
        frames,
        {"plots": PLOTS, "signs": SIGNS, "lines": LINES},
        Labels(tables.empty(schemas.LABELS)),
    )
    return synthesis.direct(relations, **CONFIG | options)


def rows(text, **options):
    return [tuple(row) for row in counted(text, **options).itertuples(index=False)]


def direction(text, **options):
    ((*_, found),) = rows(text, **options)
    return found


def lines(**n):
    """Return lines of one study: so many in the wanted direction, against it, the same, lost."""
    ways = {"wanted": "s air less", "against": "s air more", "same": "s air same", "lost": "s air lost"}  # fmt: skip
    return "\n".join(ways[way] for way, often in n.items() for _ in range(often))


def test_outcomes_are_counted_by_study_and_group():
    assert rows("""
        a air less
        a ease more
        a ease less
        b air same
        b fog more
    """) == [
        ("a", "heat", 3, 2, 1, 0, 0, "conflicting"),
        ("b", "heat", 1, 0, 0, 1, 0, "no_change"),
        ("b", "damp", 1, 0, 0, 0, 1, "unsettled"),
    ]


def test_recovery_is_the_direction_that_is_wanted_of_the_biomarker():
    assert direction("s air less") == direction("s ease more") == "recovery"
    assert direction("s air more") == direction("s ease less") == "against"


def test_a_line_printed_again_is_not_counted_again():
    ((_, _, n_lines, *_),) = rows("s air less\ns air less again\ns air less far")

    assert n_lines == 2


@pytest.mark.parametrize(
    ("n", "found"),
    [
        ({"wanted": 7, "against": 3}, "recovery"),
        ({"wanted": 14, "against": 6}, "recovery"),
        ({"wanted": 69, "against": 31}, "conflicting"),
        ({"wanted": 2, "against": 1}, "conflicting"),
        ({"wanted": 1, "against": 1}, "conflicting"),
        ({"wanted": 3, "against": 7}, "against"),
        ({"wanted": 1, "same": 5}, "recovery"),
        ({"wanted": 1, "lost": 5}, "recovery"),
        ({"same": 1, "lost": 5}, "no_change"),
        ({"lost": 1}, "unsettled"),
    ],
    ids=str,
)
def test_a_study_points_where_seven_in_ten_of_its_settled_outcomes_point(n, found):
    assert direction(lines(**n)) == found


def test_the_share_that_must_agree_is_config():
    assert direction(lines(wanted=2, against=1), agreement=0.6) == "recovery"
    assert direction(lines(wanted=7, against=3), agreement=1) == "conflicting"


@pytest.mark.parametrize("agreement", [0.5, 0, 1.1])
def test_a_study_cannot_be_made_to_point_both_ways(agreement):
    with pytest.raises(ExtractionError, match="synthesis.agreement"):
        direction("s air less", agreement=agreement)


def test_a_line_whose_name_is_lost_is_in_no_group():
    assert rows("s - less\ns air less") == [("s", "heat", 1, 1, 0, 0, 0, "recovery")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": "rows"},
        {"study": "studdy"},
        {"group": "them"},
        {"desired": "want"},
        {"where": {"limits": {"not": "agian"}}},
        {"terms": {"up": "moer", "down": "less", "no_change": "same"}},
        {"desired": "theme"},
    ],
    ids=str,
)
def test_what_config_names_and_is_not_there_is_named(wrong):
    with pytest.raises(ExtractionError, match="config.yaml::synthesis"):
        rows("s air less", **wrong)


def test_studies_are_counted_once_in_each_group_that_they_have():
    recovering = "\n".join(f"r{n} air less\nr{n} ease more" for n in range(5))
    conflicting = "\n".join(f"c{n} air less\nc{n} air more" for n in range(2))
    unmoved = "\n".join(f"n{n} air same" for n in range(3))
    text = "\n".join([recovering, "a ease less", conflicting, unmoved, "r0 fog more"])

    heat, damp = synthesis.test_signs(counted(text)).astype(object).to_dict("records")
    assert heat == {
        "group": "heat", "n_studies": 11, "n_recovery": 5, "n_against": 1,
        "n_conflicting": 2, "n_no_change": 3, "n_unsettled": 0, "sign_p": 0.2188,
    }  # fmt: skip
    assert (damp["n_studies"], damp["n_unsettled"]) == (1, 1)
    assert pd.isna(damp["sign_p"])


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [
        (0, 0, None),
        (1, 0, 1.0),
        (5, 0, 2 / 2**5),
        (0, 5, 2 / 2**5),
        (9, 1, 2 * (1 + 10) / 2**10),
        (6, 2, 2 * (1 + 8 + 28) / 2**8),
        (4, 4, 1.0),
        (3, 2, 1.0),
    ],
)
def test_the_sign_test_is_exact_and_two_sided(first, second, p):
    assert synthesis.sign_test(first, second) == (p if p is None else pytest.approx(p))


def test_a_small_p_is_not_nought():
    directions = counted("\n".join(f"s{n} air less" for n in range(40)))

    assert synthesis.test_signs(directions)["sign_p"][0] == pytest.approx(
        2 / 2**40, rel=1e-3
    )


def test_many_studies_are_no_trouble():
    assert synthesis.sign_test(1500, 1500) == 1.0
    assert 0 < synthesis.sign_test(1000, 1100) < 0.05


def test_no_line_gives_no_direction_and_no_test():
    assert rows("") == []
    assert len(synthesis.test_signs(tables.empty(schemas.EFFECT_DIRECTIONS))) == 0
