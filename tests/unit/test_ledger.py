"""The ledger says which bytes, code and settings made a result, and when that is no longer so."""

import ast
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from retrace import errors, ledger


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Lay a package of two modules and one that nothing imports."""
    for name, text in {
        "make_x.py": "from toy import stage\n",
        "toy/__init__.py": "",
        "toy/stage.py": "def f():\n    from . import helper\n    return helper\n",
        "toy/helper.py": "A = 1\n",
        "toy/unrelated.py": "B = 1\n",
    }.items():
        path = tmp_path / "scripts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(ledger, "SCRIPTS", tmp_path / "scripts")
    forget()
    yield tmp_path / "scripts"
    forget()


def forget():
    for cached in (ledger.modules_of, ledger._imports_of, ledger._file_of):
        cached.cache_clear()


def digest():
    forget()
    return ledger.code_digest("make_x")


def test_a_module_imported_by_an_imported_module_is_part_of_the_code(package):
    before = digest()
    (package / "toy/helper.py").write_text("A = 2\n")

    assert digest() != before


def test_an_unrelated_module_is_not(package):
    before = digest()
    (package / "toy/unrelated.py").write_text("B = 2\n")

    assert digest() == before


def test_a_module_that_does_not_exist_is_an_error_and_no_constant(package):
    with pytest.raises(ModuleNotFoundError):
        ledger.code_digest("make_y")


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Lay a review with one raw file, one output and its sidecar."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ledger, "code_digest", lambda *modules, files=(): "c0de")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/in.csv").write_text("a\n")
    params = ledger.traced("make_x", width=1, height=2)
    ledger.write_text("results/s/out.csv", "b\n")
    ledger.record(
        wildcards={},
        outputs=["results/s/out.csv"],
        inputs=ledger.digests_of(["data/in.csv"]),
        lines={},
        trace=params["trace"](SimpleNamespace(), ["data/in.csv"]),
    )
    return tmp_path


def reason(inputs=frozenset({"data/in.csv"})):
    return ledger.disagreements(["results/s/out.csv"], lambda output: set(inputs)).get(
        "results/s/out.csv", ""
    )


def test_an_untouched_output_is_vouched_for(built):
    assert reason() == ""


def test_a_change_that_keeps_the_mtime_is_seen(built):
    ledger.os.utime(built / "results/s/out.csv", (0, 0))
    assert reason() == ""
    (built / "results/s/out.csv").write_text("B\n")
    ledger.os.utime(built / "results/s/out.csv", (0, 0))

    assert reason() == "its bytes are not those that were written"


def test_another_input_is_seen(built):
    (built / "data/in.csv").write_text("A\n")

    assert reason() == "made from another data/in.csv"


def test_an_input_that_came_or_went_is_seen(built):
    assert "data/new.csv" in reason({"data/in.csv", "data/new.csv"})
    assert "data/in.csv" in reason({})


def test_other_code_and_two_swapped_settings_are_seen(built, monkeypatch):
    ledger.traced("make_x", width=2, height=1)
    assert reason() == "made with other settings"
    monkeypatch.setattr(ledger, "code_digest", lambda *modules, files=(): "0ther")
    assert reason() == "made with other code"


def test_other_libraries_are_seen(built, monkeypatch):
    monkeypatch.setattr(ledger, "software", lambda: "0ther")

    assert reason() == "made with other versions of Python or of the libraries"


def test_what_tells_of_a_line_of_the_ledger_is_made_from_that_line(built):
    ledger.lines_of(["results/s/out.csv"])
    line = ledger.sidecar_of("results/s/out.csv")
    ledger.write_text("results/told.csv", "x\n")
    ledger.record(
        wildcards={},
        outputs=["results/told.csv"],
        inputs={},
        lines={str(line): ledger.lines_read()[str(line)]},
        trace=ledger.traced("make_x")["trace"](SimpleNamespace(), []),
    )
    told = partial(ledger.disagreements, ["results/told.csv"], lambda output: set())
    assert told() == {}
    line.write_text(line.read_text().replace("c0de", "0ther"))

    assert told() == {"results/told.csv": f"made from another {line}"}


def test_an_input_that_changes_while_a_step_reads_it_stops_the_step(built):
    before = ledger.digests_of(["data/in.csv"])
    (built / "data/in.csv").write_text("A\n")

    with pytest.raises(errors.ChangedError, match="data/in.csv: it changed while"):
        ledger.record(
            wildcards={}, outputs=[], inputs=before, lines={}, trace='{"raw": {}}'
        )


def test_a_step_does_not_begin_with_half_a_file_of_another(built):
    ledger.hold_to_lines(ledger.digests_of(["data/in.csv", "results/s/out.csv"]))
    (built / "results/s/out.csv").write_text("")

    with pytest.raises(errors.ChangedError, match="results/s/out.csv: its bytes are"):
        ledger.hold_to_lines(ledger.digests_of(["data/in.csv", "results/s/out.csv"]))


def test_an_output_that_a_step_did_not_write_is_not_vouched_for(built):
    (built / "results/s/left.csv").write_text("of another run\n")

    with pytest.raises(KeyError, match="left.csv"):
        ledger.record(
            wildcards={},
            outputs=["results/s/left.csv"],
            inputs={},
            lines={},
            trace='{"rule": "x", "code": "", "software": "", "settings": {}}',
        )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"path": 1}'])
def test_a_broken_sidecar_vouches_for_nothing(built, text):
    ledger.sidecar_of("results/s/out.csv").write_text(text)

    assert reason() == "the ledger has no readable line for it"


def test_a_missing_output_is_no_disagreement(built):
    (built / "results/s/out.csv").unlink()

    assert reason() == ""


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    ledger.write_text(tmp_path / "x", "old")
    monkeypatch.setattr(
        ledger.os,
        "fsync",
        lambda handle: (_ for _ in ()).throw(OSError(28, "disk full")),
    )

    with pytest.raises(errors.WriteError, match="disk full"):
        ledger.write_text(tmp_path / "x", "new")

    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [
        ("x", "old")
    ]


def test_a_file_that_cannot_be_read_is_not_named_as_the_one_that_is_written(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match="in.csv"),
        ledger.writing(tmp_path / "results/out.zip") as out,
    ):
        out.write((tmp_path / "in.csv").read_bytes())

    assert list((tmp_path / "results").iterdir()) == []


def test_what_is_written_to_nowhere_puts_no_file_there(tmp_path, monkeypatch):
    # A stand-in: on a machine whose user may do all, a mistake would cost it the device.
    null = tmp_path / "null"
    null.touch()
    monkeypatch.setattr(ledger.os, "devnull", str(null))
    before = null.stat()
    ledger.write_text(null, "x")

    assert null.stat().st_ino == before.st_ino
    assert null.stat().st_mode == before.st_mode
    assert list(tmp_path.iterdir()) == [null]


PACKAGE = Path(ledger.__file__).parent


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem
)
def test_imports_are_found_as_the_syntax_tree_has_them(path):
    expected = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            expected |= {(0, alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            expected |= {
                (node.level, node.module or "", alias.name) for alias in node.names
            }
    found = {
        (level, base, name)
        for level, base, names in ledger._imports_of(path)
        for name in names or [""]
    }

    assert expected <= found
