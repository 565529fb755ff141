"""Build the shipped review under many circumstances, and hold each to the bytes of a plain build.

`python tests/reproduce.py [NAME...]` builds it once here, and once more under each variation:
another folder, day, place, language, home, order, number of cores, a stop on the way, no network,
another Python. It prints a line for each and exits 1 where a byte differs.
"""

import argparse
import csv
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import faults

ROOT = Path(__file__).resolve().parents[1]
REVIEW = ("config.yaml", "data", "manuscript")
LATE = ("results/figures/prisma_flow.svg", "results/tables/table_2.csv", "results/searches/terms.csv")  # fmt: skip
"""What a build makes late when it is left to choose."""
MATPLOTLIBRC = "lines.linewidth: 9\nfont.size: 30\nfont.family: serif\naxes.grid: True\nsvg.fonttype: none\n"  # fmt: skip


@dataclass
class Variation:
    """What is other than usual in a build: the name of its folder, environment, umask, cores, and the words before and behind the command."""

    folder: str = "review"
    environment: dict[str, str | None] = field(default_factory=dict)
    umask: int = 0o022
    cores: int = 2
    before: tuple[str, ...] = ()
    of_steps: tuple[str, ...] = ()
    """Words before the command of every step alone: a scheduler that waits is lost in another time."""
    arguments: tuple[str, ...] = ()
    lay: str = ""
    """How the raw files are laid: `backwards`, or as they are."""
    home: str = ""
    """A home of its own: `missing`, or `another's` with settings of all programs that we run."""
    stopped: bool = False
    grown: bool = False
    """Whether a build of other inputs stands there before."""


def made_locale(name, where):
    """Return the folder of a locale that is made for the purpose, or nothing where that is not possible."""
    if not shutil.which("localedef"):
        return None
    folder = Path(where) / "locales"
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["localedef", "-i", name, "-f", "UTF-8", folder / f"{name}.UTF-8"], capture_output=True)  # fmt: skip
    return folder if done.returncode == 0 else None


def variations(scratch):
    """Return every variation by name; a text in place of one says why it cannot be had here."""
    found = {
        "a short folder": Variation(folder="r"),
        "a folder of 180 characters": Variation(folder="l" * 180),
        "a folder with spaces and é": Variation(folder="revue à côté, 2 été's"),
        "14 hours east": Variation(environment={"TZ": "Etc/GMT-14"}),
        "12 hours west": Variation(environment={"TZ": "Etc/GMT+12"}),
        "14 hours west": Variation(environment={"TZ": "<-14>+14"}),
        "locale C": Variation(environment={"LC_ALL": "C", "LANG": "C"}),
        "umask 077": Variation(umask=0o077),
        "no home": Variation(home="missing"),
        "another's home": Variation(home="another's"),
        "hash seed 0": Variation(environment={"PYTHONHASHSEED": "0"}),
        "hash seed 4711": Variation(environment={"PYTHONHASHSEED": "4711"}),
        "1 core": Variation(cores=1),
        "4 cores, greedy": Variation(cores=4, arguments=("--scheduler", "greedy")),
        "another order of jobs": Variation(arguments=("--prioritize", *LATE)),
        "files laid backwards": Variation(lay="backwards"),
        "stopped and resumed": Variation(stopped=True),
        "incremental": Variation(grown=True),
    }  # fmt: skip
    for name in ("et_EE", "tr_TR", "de_CH"):
        folder = made_locale(name, scratch)
        found[f"locale {name}"] = (
            Variation(environment={"LOCPATH": str(folder), "LC_ALL": f"{name}.UTF-8", "LANG": f"{name}.UTF-8"})
            if folder else "localedef is not there, or has no such locale"
        )  # fmt: skip
    found["398 days later"] = (
        Variation(of_steps=("faketime", "-f", "+398d")) if shutil.which("faketime") else "faketime is not installed"
    )  # fmt: skip
    unshared = ("unshare", "--net", "--map-root-user")
    can = shutil.which("unshare") and subprocess.run([*unshared, "true"], capture_output=True).returncode == 0  # fmt: skip
    found["no network"] = Variation(before=unshared) if can else "unshare is not allowed here"  # fmt: skip
    return found


def lay(folder, order="", review=ROOT):
    """Lay what an author edits of a review in a folder, its files in alphabetical order or backwards."""
    paths = [path for name in REVIEW for path in [review / name, *sorted((review / name).rglob("*"))] if path.is_file()]  # fmt: skip
    for place, path in enumerate(reversed(paths) if order == "backwards" else paths):
        target = folder / path.relative_to(review)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        if order == "backwards":
            os.utime(target, (10**9 - place, 10**9 - place))


def build(where, variation, python=sys.executable):
    """Build the shipped review under a variation; return its folder.

    Raises:
        AssertionError: the build failed.
    """
    folder = where / variation.folder
    lay(folder, variation.lay)
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")}  # fmt: skip
    environment |= {name: value for name, value in variation.environment.items() if value}  # fmt: skip
    if variation.home:
        home = where / "home"
        for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            environment.pop(name, None)
        if variation.home == "missing":
            environment["HOME"] = str(home)
        else:
            environment |= settings_of_another(home)
    snakemake = ["-m", "snakemake"]
    if variation.of_steps:
        of_steps = where / "python_of_steps"
        of_steps.write_text(f'#!/bin/sh\nexec {shlex.join(variation.of_steps)} "{python}" "$@"\n')  # fmt: skip
        of_steps.chmod(0o755)
        snakemake = ["-c", faults.SNAKEMAKE, str(of_steps)]
    command = [
        *variation.before, python, *snakemake, "-s", str(ROOT / "Snakefile"), "-d", str(folder),
        "--cores", str(variation.cores), *variation.arguments,
    ]  # fmt: skip

    def run(*more, code=0):
        done = subprocess.run(
            [*command, *more], env=environment, umask=variation.umask, text=True, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == code, done.stdout[-4000:]

    if variation.grown:
        config = folder / "config.yaml"
        text = config.read_text("utf-8")
        config.write_text(text.replace("\ntitle: ", "\ntitle: Before, "), "utf-8")
        claims = folder / "data/raw/published/claims.csv"
        rows = claims.read_bytes()
        with claims.open(encoding="utf-8", newline="") as file:
            header, *others = csv.reader(file)
        with claims.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *others[::-1]])
        run()
        config.write_text(text, "utf-8")
        claims.write_bytes(rows)
    if variation.stopped:
        stopped(command, environment, folder)
    run()
    return folder


def stopped(command, environment, folder):
    """Begin a build and kill all of it once a number is there."""
    process = subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")  # fmt: skip
    for line in process.stdout:
        if "Computing every number" in line:
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def settings_of_another(home):
    """Lay the home of somebody with settings for every program that we run; return what names it."""
    files = {
        ".config/matplotlib/matplotlibrc": MATPLOTLIBRC,
        ".local/share/pandoc/defaults.yaml": "number-sections: true\n",
        ".local/share/pandoc/templates/default.html5": "none of ours\n",
        ".local/share/pandoc/reference.docx": "none of ours\n",
        ".config/snakemake/config.yaml": "cores: 1\n",
        "bin/pandoc": "#!/bin/sh\ncase $* in *version*) echo pandoc 99.9;; *) echo none of ours;; esac\n",
    }  # fmt: skip
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    (home / "bin/pandoc").chmod(0o755)
    return {"HOME": str(home), "PATH": f"{home}/bin:{os.environ['PATH']}", "SOURCE_DATE_EPOCH": "1", "MATPLOTLIBRC": f"{home}/.config/matplotlib"}  # fmt: skip


def differences(folder, plain):
    """Return the results whose bytes are not those of the plain build."""
    return faults.differences(faults.digests(folder), faults.digests(plain))


def tables_that_differ(folder, plain):
    """Return the tables that do not say the same, as rows of text."""
    return [
        path
        for path in faults.digests(plain)
        if path.endswith(".csv") and not path.startswith("results/audit/") and _rows(folder / path) != _rows(plain / path)
    ]  # fmt: skip


def _rows(path):
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def other_python(version, scratch):
    """Return a Python of another minor version with the locked libraries, or why there is none."""
    uv = shutil.which("uv")
    if not uv:
        return "uv is not installed"
    folder = Path(scratch) / f"python{version}"
    for command in (
        [uv, "venv", "-q", "--python", version, folder],
        [uv, "pip", "install", "-q", "--python", folder / "bin/python", "--require-hashes", "-r", ROOT / "requirements.lock"],
    ):  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return (done.stderr.strip().splitlines() or ["uv failed"])[-1]
    return folder / "bin/python"


def main():
    """Build under every variation; print what is the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    names = parser.parse_args().names
    bad = False
    with tempfile.TemporaryDirectory() as scratch:
        plain = build(Path(scratch, "plain"), Variation())
        results = faults.digests(plain)
        tables = [path for path in results if path.endswith(".csv")]
        print(f"{len(results)} results of a plain build, {len(tables)} of them tables.\n\n| under | result |\n|---|---|", flush=True)  # fmt: skip
        found = variations(scratch)
        for version in ("3.11", "3.12", "3.13"):
            if version != "{}.{}".format(*sys.version_info):
                found[f"Python {version}"] = version
        for name in names or found:
            variation = found[name]
            where = Path(scratch, "varied")
            python = sys.executable
            try:
                if name.startswith("Python"):
                    python = other_python(variation, scratch)
                    variation = Variation() if isinstance(python, Path) else python
                if isinstance(variation, str):
                    says = f"not tried: {variation}"
                else:
                    folder = build(where, variation, str(python))
                    compare = tables_that_differ if name.startswith("Python") else differences  # fmt: skip
                    wrong = compare(folder, plain)
                    bad |= bool(wrong)
                    same = "the same tables" if name.startswith("Python") else "the same bytes"  # fmt: skip
                    says = f"differs: {', '.join(wrong)}" if wrong else same
            except AssertionError as error:
                bad, says = True, f"does not build: {str(error)[-1500:]}"
            print(f"| {name} | {says} |", flush=True)
            shutil.rmtree(where, ignore_errors=True)
    sys.exit(bad)


if __name__ == "__main__":
    main()
