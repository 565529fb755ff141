"""A walk leads from a number to the rows that readers see in the raw files, and forward again.

On the second review the places are those a person finds by opening the files; on the shipped one
every id is walked.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from retrace import trace
from retrace.errors import ReviewError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def walked(second, monkeypatch):
    monkeypatch.chdir(second)
    written = trace.Written()
    return lambda asked: trace.walk(asked, written)


@pytest.fixture
def ahead(second, monkeypatch):
    monkeypatch.chdir(second)
    written = trace.Written()
    return lambda asked: trace.forward(asked, written)


def command(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "retrace", "trace", "-d", folder, *arguments],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "workflow/scripts")},
    )


def at(place):
    return f"{Path(place['file']).parent.name}/{Path(place['file']).name}:{place['line']}"  # fmt: skip


def line(place):
    return Path(place["file"]).read_text("utf-8").split("\n")[place["line"] - 1]


# --- back ----------------------------------------------------------------------------


def test_a_number_says_what_it_is_and_where_that_is_written(walked):
    found = walked("studies_by_baumart.linde")

    assert (found["kind"], found["number_kind"]) == ("number", "count")
    assert "Linde" in found["definition"]
    assert found["selection"] == "rows of sites where baumarten is linde"
    assert found["looked_at"] == {"sites": ["studie", "baumarten"]}
    defined = Path(found["defined"]["file"]).read_text().split("\n")
    assert defined[found["defined"]["line"] - 1].strip().startswith("studies_by_baumart:")  # fmt: skip


def test_a_member_has_its_row_in_each_reading_and_the_decision_between_them(walked):
    members = {one["id"]: one for one in walked("studies_by_baumart.linde")["members"]}

    assert set(members) == {"ahorn_2019", "linde_2021", "esche_2022"}
    assert members["ahorn_2019"]["label"] == "Fiktiv-Ahorn A 2019"
    (row,) = members["ahorn_2019"]["rows"]
    assert (row["key"], row["cells"]["baumarten"]) == ("ahorn_2019-b", "ahorn; linde")
    assert {place["reading"]: place["cells"]["baumarten"] for place in row["places"]} == {
        "lesung_eins": "ahorn",
        "lesung_zwei": "ahorn; linde",
    }  # fmt: skip
    assert [at(place) for place in row["places"]] == [
        "lesung_eins/sites.csv:3",
        "lesung_zwei/sites.csv:3",
    ]
    assert [(at(one), one["chosen"], one["reason"]) for one in row["decisions"]] == [
        ("extraction/urteile.csv:4", "ahorn; linde", "the caption names limes, too")
    ]


def test_every_place_is_a_line_of_a_raw_file_with_its_digest(second, walked):
    for member in walked("lines_cooler")["members"]:
        assert member["places"]
        for place in member["places"]:
            assert member["id"] in line(place)
            digest = hashlib.sha256(Path(place["file"]).read_bytes()).hexdigest()
            assert place["sha256"] == digest


def test_a_condition_on_another_table_shows_that_tables_row_too(walked):
    (eiche,) = [one for one in walked("heat_studies")["members"] if one["id"] == "eiche_2018"]  # fmt: skip

    assert {row["table"] for row in eiche["rows"]} == {"measurements", "indikatoren", "sites"}  # fmt: skip
    assert all(row["cells"]["thema"] == "hitze" for row in eiche["rows"] if row["table"] == "indikatoren")  # fmt: skip


def test_a_number_of_numbers_names_them_all_once(walked):
    parts = [one["id"] for one in walked("reports_per_study")["made_of"]]
    assert parts == ["reports_in", "studies_in"]

    ranked = [one["id"] for one in walked("rank_lime")["made_of"]]
    assert ranked[0] == "studies_by_baumart.linde"
    assert "studies_by_baumart.platane" in ranked
    assert len(ranked) == len(set(ranked))


def test_a_rule_that_is_named_is_told_in_its_own_words(walked):
    assert walked("share_cooler")["members"]
    assert walked("lines")["rule"]["says"] == "measurement lines, repeats left out"


def test_a_direction_of_a_study_goes_on_to_the_lines_it_was_counted_from(walked):
    (ahorn, *_) = walked("studies_by_thema_direction.hitze.recovery")["members"]

    (row,) = ahorn["rows"]
    lines = [inner["key"] for inner in row["rows"] if inner["table"] == "measurements"]
    assert lines == ["m01", "m02", "m03"]
    assert "lesung_eins/measurements.csv:2" in map(at, ahorn["places"])


def test_a_reported_number_shows_the_row_that_reports_it(walked):
    (place,) = walked("earlier_studies")["places"]

    assert line(place).startswith("previous_studies,5,")


def test_a_record_shows_its_copies_the_rule_and_who_decided_what(walked):
    found = walked("record:stadtlit:S01")

    assert found["kept_id"] == "greendex:G01"
    assert {place["record_id"] for place in found["places"]} == {"greendex:G01", "stadtlit:S01"}  # fmt: skip
    (merge,) = found["merges"]
    assert merge["rule"] == "same_doi_and_page"
    assert merge["similarities"]["title"] == 1
    votes = {(one["reviewer"], one["stage"], one["record_id"]) for one in found["decisions"]}  # fmt: skip
    assert votes == {
        ("erste", "title_abstract", "stadtlit:S01"), ("erste", "full_text", "stadtlit:S01"),
        ("zweite", "title_abstract", "greendex:G01"), ("zweite", "full_text", "stadtlit:S01"),
    }  # fmt: skip
    assert all(one["record_id"] in line(one) for one in found["decisions"])
    assert {one["study_id"] for one in found["studies"]} == {"ahorn_2019"}
    assert "duplicates" in {one["box"] for one in found["boxes"]}


def test_a_resolution_is_told_beside_the_votes(walked):
    (agreed,) = walked("record:stadtlit:S05")["resolutions"]

    assert agreed["decided_by"] == "erste and zweite"
    assert line(agreed).startswith("stadtlit:S05,title_abstract,include")


def test_a_records_place_is_the_byte_at_which_it_begins(walked):
    for record in ("stadtlit:S05", "stadtlit:S12", "greendex:G07"):
        (place,) = walked(f"record:{record}")["places"]
        accession = record.split(":")[1].encode()
        data = Path(place["file"]).read_bytes()
        assert data[: place["offset"]].count(b"\n") + 1 == place["line"]
        assert 0 <= data[place["offset"] :].find(accession) < 300


def test_a_box_lists_its_members_with_reasons(walked):
    found = walked("box:dbr_excluded")

    assert found["count_kind"] == "counted"
    assert {one["id"]: one["reason"] for one in found["members"]}["stadtlit:S05"] == "no measured temperature, only a model"  # fmt: skip
    assert all(one["places"] for one in found["members"])


def test_a_claim_shows_where_it_stands_and_the_number_behind_it(walked):
    found = walked("c03")

    assert found["verdict"] == "rule_dependent"
    assert [one["id"] for one in found["alternatives"]] == ["sites_by_baumart.ahorn"]
    assert line(found["places"][0]).startswith("c03,")
    assert found["behind"]["id"] == "studies_by_baumart.ahorn"


def test_a_cell_of_a_printed_table_leads_to_the_lines_in_it_or_the_number(walked):
    row = walked("table:orte/1/Beside the trees")
    assert [inner["key"] for inner in row["rows"]] == ["m01", "m02", "m03"]

    number = walked("table:uebersicht/1/Desired")
    assert number["behind"]["id"] == "studies_by_thema_direction.hitze.recovery"


def test_a_mark_of_a_figure_leads_to_its_number(walked):
    found = walked("figure:klima_und_typ/gemaessigt")

    assert found["behind"]["id"] == "studies_by_klima.gemaessigt"


def test_a_row_that_was_dropped_says_so_and_why(walked):
    (row,) = walked("row:data/raw/extraction/lesung_zwei/measurements.csv:18")["rows"]

    assert row["dropped"]
    assert row["decisions"][0]["reason"] == "reads m16 a second time"


def test_a_line_within_an_export_is_its_record(walked):
    found = walked("row:data/raw/searches/stadtlit/2024-03-01/teil_eins.txt:20")

    assert found["title"] == "Invented: Planes, pavement and the heat of the surface"


# --- code and settings ------------------------------------------------------------------


def test_the_rules_modules_and_settings_that_took_part_are_named(second, walked):
    found = walked("studies_by_baumart.linde")
    rules = {one["rule"]: one for one in found["rules"]}

    assert set(rules) == {"define_numbers", "agree_extraction"}
    define = rules["define_numbers"]
    assert not define["code_changed_since_build"]
    for one in (define["script"], *define["modules"], *define["files"]):
        digest = hashlib.sha256((ROOT / one["path"]).read_bytes()).hexdigest()
        assert one["sha256"] == digest
    assert "retrace.relations" in {one["module"] for one in define["modules"]}
    assert [one["path"] for one in define["files"]] == [
        "workflow/schemas/numbers.schema.json"
    ]
    (used,) = define["config"]
    assert used["key"] == "extraction"
    config = (second / "config.yaml").read_text("utf-8").split("\n")
    assert config[used["line"] - 1].startswith("extraction:")


def test_a_module_that_a_figure_loads_by_name_is_among_them(walked):
    (plot,) = [one for one in walked("figure:klima_und_typ")["rules"] if one["rule"] == "plot_figure"]  # fmt: skip

    assert "retrace.figures.bars" in {one["module"] for one in plot["modules"]}
    assert {one["key"] for one in plot["config"]} == {"figures.klima_und_typ", "status"}


def test_a_raw_file_that_changed_since_the_build_is_said_to(
    copy_of_second, monkeypatch
):
    monkeypatch.chdir(copy_of_second)
    sheet = Path("data/raw/extraction/lesung_eins/sites.csv")
    sheet.write_bytes(sheet.read_bytes() + b"\n")

    changed = {
        one["path"]
        for one in trace.walk("studies_by_baumart.linde")["files"]
        if one.get("changed_since_build")
    }
    assert changed == {sheet.as_posix()}


# --- forward ------------------------------------------------------------------------------


def test_an_adjudicated_cell_leads_to_the_numbers_that_look_at_its_column(ahead):
    found = ahead("cell:sites/ahorn_2019-b/baumarten")
    numbers = {one["id"]: one["how"] for one in found["numbers"]}

    assert numbers["studies_by_baumart.linde"] == "selects"
    assert numbers["rank_lime"] == "made_of"
    assert "trees" not in numbers, "it looks at another column"
    assert "lines" not in numbers, "it counts measurements, whatever trees stand there"
    assert {one["id"] for one in found["claims"]} >= {"c03"}
    assert {one["id"]: one["rows"] for one in found["tables"]}["orte"] == [1]


def test_a_number_that_passes_a_row_by_is_kept_apart(ahead):
    found = ahead("row:data/raw/extraction/lesung_eins/sites.csv:3")

    looking = {one["name"] for one in found["looked_at_by"] if one["how"] == "looks_at"}
    assert "sites_few" in looking, "thirty trees are not few"
    assert "sites_few" not in {one["id"] for one in found["numbers"]}
    assert "sites_many" in {one["id"] for one in found["numbers"]}


def test_what_a_walk_forward_names_is_what_a_changed_row_changes(
    ahead, copy_of_second, snakemake, monkeypatch
):
    """The one test that does not believe the walk: change a row, build, compare all numbers."""
    found = ahead("row:data/raw/extraction/lesung_eins/sites.csv:3")
    named = {one["id"] for one in found["numbers"]}
    looking = {one["name"] for one in found["looked_at_by"]}

    monkeypatch.chdir(copy_of_second)
    before = {one: row["value"] for one, row in trace.Written().numbers.items()}
    for reading in ("lesung_eins", "lesung_zwei"):
        sheet = Path(f"data/raw/extraction/{reading}/sites.csv")
        old = sheet.read_text("utf-8").split("\n")
        old[2] = re.sub(r",30,", ",5,", old[2]).replace("hauptstrasse", "platz")
        sheet.write_text("\n".join(old), "utf-8")
    done = snakemake(copy_of_second)
    assert done.returncode == 0, done.stdout[-3000:]

    after = {one: row["value"] for one, row in trace.Written().numbers.items()}
    changed = {one for one in before | after if before.get(one) != after.get(one)}
    assert "trees" in changed
    assert "sites_few" in changed
    assert {one for one in changed if one not in named and one.partition(".")[0] not in looking} == set()  # fmt: skip


def test_a_study_leads_to_text_with_its_numbers_filled_in(ahead):
    text = ahead("study:ahorn_2019")["text"]

    assert any("8 studies in 10 reports" in said for one in text for said in one["sentences"])  # fmt: skip
    assert not any("{{" in said for one in text for said in one["sentences"])


def test_a_record_leads_to_its_boxes_and_the_numbers_that_count_it(ahead):
    found = ahead("record:greendex:G05")

    assert "records_excluded" in found["boxes"]
    assert {"screened", "settled_by_resolution"} <= {one["id"] for one in found["numbers"]}  # fmt: skip
    assert "studies_in" not in {one["id"] for one in found["numbers"]}


def line_of(file, beginning):
    lines = Path(file).read_text("utf-8").split("\n")
    return next(at for at, line in enumerate(lines, start=1) if line.strip().startswith(beginning))  # fmt: skip


def test_a_line_of_a_definition_leads_to_its_numbers_and_those_made_of_them(ahead):
    file = "manuscript/zahlen.yaml"
    found = ahead(f"row:{file}:{line_of(file, 'studies_by_baumart:')}")
    numbers = {one["id"]: one["how"] for one in found["numbers"]}

    assert numbers["studies_by_baumart.linde"] == "defined"
    assert numbers["rank_lime"] == "made_of"
    assert "sites_by_baumart.linde" not in numbers
    assert "c03" in {one["id"] for one in found["claims"]}


def test_a_line_of_a_selection_leads_to_the_numbers_that_are_read_from_it(ahead):
    file = "manuscript/zahlen.yaml"
    found = ahead(f"row:{file}:{line_of(file, 'eigene_messungen:')}")
    numbers = {one["id"]: one["how"] for one in found["numbers"]}

    assert numbers["lines_cooler"] == "defined"
    assert numbers["share_cooler"] == "made_of"
    assert "trees" not in numbers


def test_a_line_of_the_references_leads_to_where_the_entry_is_cited(ahead):
    file = "manuscript/quellen.bib"
    found = ahead(f"row:{file}:{line_of(file, '@article{fiktiv_review_2024')}")

    assert found["text"]
    assert all("fiktiv_review_2024" in said for one in found["text"] for said in one["sentences"])  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "steps"),
    [
        ("data/raw/extraction/vokabular.csv:2", {"agree_extraction"}),
        ("data/raw/searches/greendex/2024-03-02/search.yaml:2", {"read_records"}),
        ("config.yaml:5", {"define_numbers", "plot_figure", "render_markdown"}),
        ("manuscript/zahlen.yaml:1", {"define_numbers"}),
        ("manuscript/quellen.bib:1", {"render_markdown"}),
    ],
)
def test_what_rests_on_a_line_that_is_not_followed_is_not_said_to_be_nothing(
    second, asked, steps
):
    told = command(second, f"row:{asked}").stdout

    assert "nothing in the text" not in told
    assert "what rests on this line is not followed" in told
    assert all(step in told for step in steps)
    assert "... and" in told or "LICENSE" not in told, "no list of all code"


@pytest.mark.parametrize(
    "file",
    ["data/raw/extraction/lesung_eins/sites.csv", "data/raw/searches/stadtlit/2024-03-01/teil_eins.txt", "config.yaml"],
)  # fmt: skip
def test_a_line_beyond_the_end_of_a_file_is_none(second, file):
    lines = len((second / file).read_bytes().splitlines())

    told = command(second, f"row:{file}:{lines + 1}")

    assert told.returncode == 1
    assert f"{file}:{lines + 1}: no such line: the file has {lines} lines" in told.stderr  # fmt: skip


# --- the command ---------------------------------------------------------------------------


def test_a_typo_is_answered_with_the_nearest_id_of_any_kind(second):
    for asked, near in (
        ("studies_by_baumart.lind", "number:studies_by_baumart.linde"),
        ("ahorn_2018", "study:ahorn_2019"),
        ("stadtlit:S5", "record:stadtlit:S05"),
        ("table:ort", "table:orte"),
    ):
        told = command(second, asked)
        assert told.returncode == 1
        assert f"did you mean {near}?" in told.stderr
        assert "Traceback" not in told.stderr


@pytest.mark.parametrize("asked", ["10.5555/fiktiv.012", "https://doi.org/10.5555/FIKTIV.012", "record:doi:10.5555/fiktiv.012"])  # fmt: skip
def test_a_doi_is_that_of_its_record(walked, asked):
    found = walked(asked)

    assert found["kind"] == "record"
    assert found["doi"].lower() == "10.5555/fiktiv.012"
    assert found["kept_id"] == found["id"], "the record that stands for its copies"


def test_a_doi_that_no_record_has_is_named(second):
    told = command(second, "10.5555/none")

    assert told.returncode == 1
    assert "no record has the DOI 10.5555/none" in told.stderr


@pytest.mark.parametrize(
    ("asked", "near"),
    [("included", "new_studies"), ("assessed", "dbr_assessed"), ("records_screend", "records_screened")],
)  # fmt: skip
def test_a_box_is_found_by_its_printed_words(second, asked, near):
    assert f"did you mean box:{near}?" in command(second, f"box:{asked}").stderr


def test_a_mark_of_a_figure_does_not_tell_of_all_the_others(walked):
    assert walked("figure:klima_und_typ")["says"]
    assert not walked("figure:klima_und_typ/gemaessigt")["says"]


@pytest.mark.parametrize(
    "asked",
    [
        "cell:sites/nix", "cell:nix/x", "row:nix.csv:2", "row:data/raw/extraction/urteile.csv:999",
        "table:orte/99", "table:orte/1/Nix", "figure:fluss/nix", "number:rows_read/nix", "row:", "",
    ],
)  # fmt: skip
def test_what_is_not_there_is_named_without_a_traceback(second, asked):
    told = command(second, asked)

    assert told.returncode in (0, 1)
    assert "Traceback" not in told.stderr


def test_no_id_is_wrong_usage_and_no_build_is_no(second, tmp_path):
    assert command(second).returncode == 2
    assert command(tmp_path, "x").returncode == 1


def test_json_is_json_with_the_way_forward(second):
    found = json.loads(command(second, "studies_in", "--json").stdout)

    assert found["value"] == "8"
    assert found["forward"]["numbers"]


def test_long_lists_are_cut_for_people_and_whole_with_all(second):
    short = command(second, "rows_read").stdout
    whole = command(second, "rows_read", "--all").stdout

    assert "and 14 more" in short
    assert len(short.split("\n")) < 90
    assert whole.count("teil_zwei.ris:") > short.count("teil_zwei.ris:")


def test_what_stands_in_a_record_cannot_steer_the_terminal(second, monkeypatch):
    monkeypatch.chdir(second)
    found = trace.walk("record:stadtlit:S05")
    found["value"] = "evil \x1b[2J\x07 title"

    assert "\x1b" not in trace.as_text(found)
    assert "\x07" not in trace.as_text(found)


@pytest.mark.parametrize("review", ["second", "shipped"])
def test_every_id_can_be_walked_both_ways(review, request, monkeypatch):
    monkeypatch.chdir(request.getfixturevalue(review))
    written = trace.Written()
    without = []
    for kind, names in trace.index(written).items():
        for name in names if len(names) < 200 else names[::7]:
            found = trace.walk(f"{kind}:{name}", written)
            onward = trace.forward(f"{kind}:{name}", written)
            json.dumps([found, onward])
            assert trace.as_text(found, onward).startswith(f"{kind} {name}")
            if kind == "number":
                assert len(found["members"]) == found["n_members"]
                without += [
                    (name, one["id"])
                    for one in found["members"]
                    if not one["places"] and found["table"] not in ("prisma", "")
                ]
    assert not without, "members of these numbers have no place in a raw file"


def test_a_walk_waits_for_no_library_that_is_slow_to_load(shipped):
    walk = "import sys; from retrace import trace; trace.walk('number:included_studies'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", walk], cwd=shipped, capture_output=True, text=True,
                          env={"PYTHONPATH": str(ROOT / "workflow/scripts")}, check=True)  # fmt: skip

    slow = {
        "pandas",
        "numpy",
        "pyarrow",
        "matplotlib",
        "jinja2",
        "jsonschema",
        "snakemake",
    }
    assert not slow & set(done.stdout.split())


def test_an_unknown_kind_of_number_raises_a_sentence(walked):
    with pytest.raises(ReviewError, match="is not known"):
        walked("number:nothing_like_this")
