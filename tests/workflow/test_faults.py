"""Whatever ends a build, what it leaves is whole, and the same command makes the same bytes.

`make faults` kills at more than a hundred points of a whole build; here it is a few, in a build
of which most is done.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import faults
import forked
import pytest
from retrace import turn

ROOT = Path(__file__).parents[2]
PATIENCE = 120
"""Seconds after which what should come about in one or two is not waited for any longer."""
DOCX = "results/manuscript/review.docx"
STRACE = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")  # fmt: skip


@pytest.fixture
def folder(copy_of_second):
    """Return a built review without its Word document: that and what tells of the build is to be made."""
    (copy_of_second / DOCX).unlink()
    return copy_of_second


@pytest.fixture(scope="module")
def clean(second):
    return faults.digests(second)


@pytest.fixture(scope="module", autouse=True)
def scratch(tmp_path_factory):
    """Keep the stand-in for Python where it is cleared away."""
    before = faults.tempfile.tempdir
    faults.tempfile.tempdir = str(tmp_path_factory.mktemp("faults"))
    yield
    faults.tempfile.tempdir = before


def said_by(folder, *command, code=1, before=None):
    """Run `retrace build` and return what it says, which is no traceback."""
    done = subprocess.run(
        [*command, sys.executable, "-m", "retrace", "build", "-c1"], cwd=folder, preexec_fn=before, text=True, errors="replace",
        env=os.environ | {"PYTHONPATH": str(ROOT / "workflow/scripts"), "CI": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == code, done.stdout
    assert "Traceback" not in done.stdout and "this is a bug" not in done.stdout
    return done.stdout


# --- killed ---------------------------------------------------------------------------------


@STRACE
def test_a_build_killed_again_and_again_goes_on_and_makes_the_same_bytes(folder, clean):
    kills = [
        faults.Kill("render_docx", "rename", 1),
        faults.Kill("render_docx", "fsync", 2, everything=True),
        faults.Kill("", "unlink", 20),
        faults.Kill("seal_results", "rename", 2),
        faults.Kill("seal_results", "write", 4, everything=True),
        faults.Kill("audit_pages", "rename", 2, everything=True),
    ]

    reached, wrong = faults.run(folder, clean, kills)

    assert wrong == []
    assert reached == kills


@STRACE
def test_a_step_that_outlives_its_killed_build_writes_over_nothing(folder, clean):
    """The step stands still with its file unwritten, while its scheduler dies and a new build begins."""
    first, log = standing_still(folder)
    first.kill()
    first.wait()

    assert faults.recovered(folder, clean) == []
    made = (folder / DOCX).stat().st_ino
    os.killpg(first.pid, signal.SIGCONT)
    wait_until(lambda: not is_alive(first.pid))

    (written,) = faults.logs(log)
    assert "rename(" not in written.read_text()
    assert (folder / DOCX).stat().st_ino == made
    assert faults.recovered(folder, clean) == []


def standing_still(folder):
    """Begin a build, and return it, and the log of its calls, once the step that makes the Word document stands still."""
    log = folder.parent / "log"
    words, environment = faults.command(
        "-e", "trace=fsync,rename", "-e", "inject=fsync:signal=STOP:when=1", step="render_docx", log=log
    )  # fmt: skip
    process = subprocess.Popen(
        words, cwd=folder, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip
    wait_until(
        lambda: any("fsync(" in one.read_text() for one in faults.logs(log)), process
    )
    return process, log


def is_alive(group):
    """Return whether a process of a group is at work: one that has ended may stay listed until it is asked after."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                return True
    return False


def wait_until(so, process=None):
    """Wait until something is so, for as long as a process that brings it about has not ended."""
    deadline = time.monotonic() + PATIENCE
    while not so():
        assert process is None or process.poll() is None, "the build has ended before"
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGINT], [signal.SIGINT] * 2], ids=["term", "int", "int_twice"])  # fmt: skip
def test_a_build_that_is_asked_to_stop_stops_and_goes_on_later(folder, clean, signals):
    process = subprocess.Popen(
        [sys.executable, "-m", "retrace", "build", "-c1"], cwd=folder, start_new_session=True, text=True, errors="replace",
        env=os.environ | {"PYTHONPATH": str(ROOT / "workflow/scripts")}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = ""
    for line in process.stdout:
        said += line
        if "Word document" in line:
            break
    for number in signals:
        # A terminal tells every process of the group.
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)  # fmt: skip
        time.sleep(0.2)
    said += process.stdout.read()

    assert process.wait() != 0
    assert "Traceback" not in said
    assert faults.unsound(folder, clean) == []
    assert faults.recovered(folder, clean) == []


# --- steps that fail, or say that they did not --------------------------------------------------


def broken(engine, before="", after=""):
    """Have the step that makes the Word document do something else while a file stands beside the review."""
    script = engine / "workflow/scripts/render_docx.py"
    text = script.read_text("utf-8")
    head, body = text.split("with joblog")
    then = "import os, sys\nif os.path.exists('../broken'):\n    "
    script.write_text(
        head + (then + before + "\n" if before else "") + "with joblog" + body + (then + after + "\n" if after else "")
    )  # fmt: skip


@pytest.mark.parametrize(
    "how",
    [
        {"after": "sys.exit(3)"},
        {"before": "open(snakemake.output.document, 'w').write('half'); sys.exit(0)"},
    ],
    ids=["fails_after_full_output", "succeeds_after_half_of_it"],
)
def test_what_a_broken_step_leaves_is_not_taken_for_its_output(folder, engine, how):
    broken(engine, **how)
    (folder.parent / "broken").touch()
    arguments = ("-s", engine / "Snakefile", "-d", folder, "-c2")

    code, said = forked.run("snakemake.cli", *arguments)
    assert code != 0
    assert "after" in how or f"ERROR: {DOCX}: its bytes are not those that were written" in said  # fmt: skip

    (folder.parent / "broken").unlink()
    code, said = forked.run("snakemake.cli", *arguments)
    assert code == 0, said
    assert (folder / DOCX).read_bytes()[:2] == b"PK"
    code, said = forked.run("retrace.cli", "verify", "-d", folder, path=engine / "workflow/scripts")  # fmt: skip
    assert code == 0, said


# --- a machine that does not let it be written -----------------------------------------------------


@STRACE
@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        ("fsync", "ENOSPC", "No space left on device"),
        ("fsync", "EIO", "Input/output error"),
        ("rename", "EROFS", "Read-only file system"),
    ],
)
def test_a_disk_that_fails_is_named_and_what_it_left_is_whole(
    folder, clean, call, error, says
):
    code, said = faults.build(
        folder, "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when=2", step="render_docx", log=folder.parent / "log"
    )  # fmt: skip

    assert code != 0
    assert says in said and "Traceback" not in said
    assert faults.unsound(folder, clean) == []
    assert faults.recovered(folder, clean) == []


def test_a_full_disk_is_named_and_what_it_left_is_whole(folder, clean, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1024  # fmt: skip
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size + 2000}k", "tmpfs", disk], capture_output=True).returncode:  # fmt: skip
        pytest.skip("mounting a small disk is not allowed here")
    try:
        review = disk / "review"
        shutil.copytree(folder, review)
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(bytes(4096))
        os.truncate(filler, max(filler.stat().st_size - 30_000, 0))

        assert "No space left on device" in said_by(review)
        assert faults.unsound(review, clean) == []
        filler.unlink()
        assert faults.recovered(review, clean) == []
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize(
    ("what", "limit"), [(resource.RLIMIT_FSIZE, 20_000), (resource.RLIMIT_NOFILE, 14)], ids=["file_size", "open_files"]
)  # fmt: skip
def test_a_limit_of_the_system_is_named_and_what_it_left_is_whole(
    folder, clean, what, limit
):
    said = said_by(folder, before=lambda: resource.setrlimit(what, (limit, limit)))

    assert "File too large" in said or "Too many open files" in said
    assert faults.unsound(folder, clean) == []
    assert faults.recovered(folder, clean) == []


# --- what a build finds ---------------------------------------------------------------------------


@STRACE
def test_a_second_build_is_refused_and_the_first_is_not_disturbed(folder, clean):
    first, _ = standing_still(folder)

    assert f"another build of this review is running (process {first.pid})" in said_by(folder)  # fmt: skip
    os.killpg(first.pid, signal.SIGCONT)
    assert first.wait() == 0
    assert faults.recovered(folder, clean) == []


def cut_short(folder):
    for path in [*(folder / "results/ledger").rglob("*.json"), *(folder / ".snakemake/metadata").iterdir()]:  # fmt: skip
        os.truncate(path, path.stat().st_size // 2)


def locked_by_the_dead(folder):
    dead = subprocess.Popen(["true"])
    dead.wait()
    (folder / turn.LOCK).write_text(f"{dead.pid}\n")
    locks = folder / ".snakemake/locks"
    locks.mkdir(exist_ok=True)
    for name in ("0.input.lock", "0.output.lock"):
        (locks / name).write_text(f"{DOCX}\n")


def no_names(folder):
    os.truncate(folder / turn.LATEST, 0)
    os.truncate(folder / turn.LOCK, 0)


@pytest.mark.parametrize("left", [cut_short, locked_by_the_dead, no_names])
def test_what_a_dead_build_left_behind_stops_none(folder, clean, left):
    left(folder)

    assert faults.recovered(folder, clean) == []
    lines = [json.loads(path.read_text()) for path in (folder / "results/ledger").rglob("*.json")]  # fmt: skip
    assert {line["path"] for line in lines} == set(clean)
