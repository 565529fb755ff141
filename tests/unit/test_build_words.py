"""What a build says at the prompt: why it ended, and what can be read of it."""

import pytest
from retrace import build, ledger, verify
from retrace.errors import ReviewError

BEGAN = ["Job 3: Settling the screening decisions.\n"]


@pytest.mark.parametrize(
    ("lines", "asked", "says"),
    [
        (["ERROR: config.yaml:3:titel: no such key\n"], False, "Nothing was built. "),
        ([*BEGAN, "ERROR: a.csv:2: wrong\n"], False, "once this is mended. "),
        ([*BEGAN, "ERROR: this is a bug in retrace, not in your data\n"], False, "What is done is kept. "),
        ([*BEGAN, "slurmstepd: killed\n"], False, "the same command goes on from there. "),
        ([*BEGAN, "ERROR: a.csv:2: wrong\n"], True, "the same command goes on from there. "),
    ],
)  # fmt: skip
def test_a_build_is_said_to_go_on_only_where_it_does(lines, asked, says, capsys):
    build._explain(lines, asked)

    assert says in capsys.readouterr().err


def test_a_warning_is_no_reason_why_a_build_stopped(capsys):
    build._explain([*BEGAN, "WARNING: odd\n", "out of memory\n"], asked=False)

    assert "out of memory" in capsys.readouterr().err


def test_a_file_that_no_step_makes_is_named_with_the_nearest(capsys, monkeypatch):
    monkeypatch.setattr(build.verify, "outputs", lambda snakefile: ["results/a.png"])

    build._explain(["No rule to produce results/a.pgn (if you use ...)\n"], asked=False)

    told = capsys.readouterr().err
    assert told.startswith("ERROR: results/a.pgn: no step makes this file; did you mean results/a.png?\n")  # fmt: skip
    assert "Nothing was built." in told


@pytest.mark.parametrize(
    ("steps", "asked", "made"),
    [
        (["plot_figure"], ["results/figures/a.png"], ["results/figures/a.png"]),
        (["plot_figure"], [], []),
        (["render_html", "audit_pages"], ["--forceall"], list(build.PAGES.values())),
        ([], ["results/figures/a.png"], []),
    ],
)
def test_what_can_be_read_is_what_was_asked_for_and_the_pages_that_were_made(
    steps, asked, made, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/figures").mkdir(parents=True)
    (tmp_path / "results/figures/a.png").touch()

    lines = [f"Finished jobid: {at} (Rule: {step})\n" for at, step in enumerate(steps)]

    assert build._made(lines, asked) == made


def test_where_no_review_stands_a_build_leaves_nothing_behind(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SystemExit):
        build.run([])

    assert capsys.readouterr().err == "ERROR: config.yaml: there is no such file; see `retrace new`\n"  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_where_no_review_stands_verify_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ReviewError, match="there is no such file; see `retrace new`"):
        verify.findings(ledger.HOME / "Snakefile")

    assert not list(tmp_path.iterdir())
