"""Whatever makes an output stale is seen, and nothing else is rebuilt.

Each test changes one thing in a built copy of the second review, or in a copy of the engine, and
asks the next build for its whole plan: which rules run, and so which do not.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import forked
import pytest
from retrace import ledger

ROOT = Path(__file__).parents[2]
MESSAGES = {
    re.compile(re.sub(r"\\\{wildcards\\\.\w+\\\}", r"(\\w+)", re.escape(message))): rule
    for path in (ROOT / "workflow/rules").glob("*.smk")
    for rule, message in re.findall(
        r'^rule (\w+):.*?^    message:\s+"([^"]+)"', path.read_text(), re.S | re.M
    )
}

NOTHING = set()
PACKED = {"pack_crate", "audit_pages"}
"""What holds the engine and config.yaml as they stand."""
AUDIT = {"seal_results"} | PACKED
FORMATS = {"render_html", "render_docx", "render_pdf"} | AUDIT
TEXT = {"render_markdown", "audit_checklists"} | FORMATS
FIGURES = {
    f"plot_figure {name}"
    for name in (
        "fluss",
        "klima_und_typ",
        "indikatoren_und_themen",
        "erholung",
        "richtungen",
    )
}
TABLES = {"tabulate_table orte", "tabulate_table uebersicht"}
CLAIMS = {"compare_claims", "count_claims"}
NUMBERS = {"define_numbers"} | CLAIMS | TABLES | (FIGURES - {"plot_figure fluss"}) | TEXT  # fmt: skip
FLOW = {"count_prisma_flow", "plot_figure fluss"} | NUMBERS
NOTICES = {"tabulate_notices"} | FLOW
SCREENING = {"settle_decisions", "count_recall"} | FLOW
RECORDS = {"deduplicate_records"} | SCREENING
SEARCHES = {"read_records", "compare_queries"} | RECORDS
EXTRACTION = {"agree_extraction", "count_directions"} | FLOW
EVERYTHING = SEARCHES | EXTRACTION


def snakemake(engine, folder, *arguments):
    """Run plain Snakemake on a review, with the engine or a copy of it."""
    code, said = forked.run(
        "snakemake.cli", "-s", engine / "Snakefile", "-d", folder, "-c2", "--nocolor", *arguments
    )  # fmt: skip
    assert code == 0, said[-3000:]
    return said


def command(engine, folder, *arguments):
    """Run `retrace` on a review, with the engine or a copy of it."""
    code, said = forked.run(
        "retrace.cli", *arguments, "-d", folder, path=engine / "workflow/scripts"
    )
    assert code in (0, 1) and "Traceback" not in said, said[-3000:]
    return said


def rules_in(said):
    """Return the jobs that a dry run names, each as its rule and wildcard."""
    found = set()
    for message in re.findall(r"^ *Job \d+: (.*)$", said, re.M):
        for pattern, rule in MESSAGES.items():
            if match := pattern.fullmatch(message):
                found.add(" ".join([rule, *match.groups()]))
    total = int(counted[1]) - 1 if (counted := re.search(r"^total +(\d+)$", said, re.M)) else 0  # fmt: skip
    assert len(found) == total, said
    return found


def plan(engine, folder):
    """Return the jobs that a build would run now."""
    return rules_in(snakemake(engine, folder, "-n"))


def found_by_verify(engine, folder):
    """Return what `retrace verify` says: path -> word."""
    lines = re.findall(r"^(edited|stale|missing|orphan) (.*?): ", command(engine, folder, "verify"), re.M)  # fmt: skip
    return {path: word for word, path in lines}


def put(path, old, new):
    """Change a text once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), "utf-8")


def grown(path, text="\n"):
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


# --- the review -----------------------------------------------------------------------------

VOTES = "data/raw/screening/reviewers/erste.csv"
READING = "data/raw/extraction/lesung_eins/sites.csv"
EXPORT = "data/raw/searches/greendex/2024-03-02/export.csv"


def voted_under_an_older_mtime(folder):
    put(folder / VOTES, "stadtlit:S01,title_abstract,include,,2024-05-02", "stadtlit:S01,title_abstract,include,,2024-05-03")  # fmt: skip
    os.utime(folder / VOTES, (10**9, 10**9))


def touched(folder):
    for path in (folder / "data").rglob("*.csv"):
        os.utime(path)


def from_tomorrow(folder):
    os.utime(folder / EXPORT, (4e9, 4e9))


def another_search(folder):
    shutil.copytree(folder / EXPORT.rsplit("/", 2)[0], folder / "data/raw/searches/neu")
    put(folder / "data/raw/searches/neu/2024-03-02/search.yaml", "source: greendex", "source: neu")  # fmt: skip


def asked_about_the_included(folder):
    home = folder / "data/raw/notices/crossref/2024-06-01"
    home.mkdir(parents=True)
    (home / "search.yaml").write_text("source: crossref\nkind: listed_records\nstatus: frozen\n", "utf-8")  # fmt: skip


def listed_headings(folder):
    home = folder / "data/raw/vocabularies"
    home.mkdir()
    (home / "mesh.txt").write_text("Foxes\n", "utf-8")


def no_published_counts(folder):
    (folder / "data/raw/published/reported.csv").unlink()


def config(old, new):
    return lambda folder: put(folder / "config.yaml", old, new)


def swapped(folder):
    path = folder / "config.yaml"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("left: tiefer\n    right: hoeher", "left: hoeher\n    right: tiefer"), "utf-8"
    )  # fmt: skip
    assert path.read_text("utf-8") != text


REVIEW = {
    "export": (lambda folder: grown(folder / EXPORT), SEARCHES),
    "search": (lambda folder: grown(folder / "data/raw/searches/aus_zitaten/2024-04-10/search.yaml"), SEARCHES),
    "search_that_came": (another_search, SEARCHES),
    "notices_that_came": (asked_about_the_included, NOTICES),
    "headings_that_came": (listed_headings, {"compare_queries"} | NUMBERS),
    "decision_under_an_older_mtime": (voted_under_an_older_mtime, SCREENING),
    "input_that_went": (no_published_counts, FLOW),
    "reading": (lambda folder: grown(folder / READING), EXTRACTION),
    "mtimes_only": (touched, NOTHING),
    "mtime_of_tomorrow": (from_tomorrow, NOTHING),
    "setting_of_one_table": (config("width: 30}", "width: 31}"), {"tabulate_table uebersicht"} | TEXT),
    "setting_of_one_rule": (config("risk: balanced", "risk: focused"), RECORDS),
    "two_settings_swapped": (swapped, {"plot_figure richtungen"} | TEXT),
    "comment_in_config": (lambda folder: grown(folder / "config.yaml", "# x\n"), PACKED),
    "template": (lambda folder: grown(folder / "manuscript/text.md.j2"), TEXT),
    "definitions": (lambda folder: grown(folder / "manuscript/zahlen.yaml"), NUMBERS),
    "works_cited": (lambda folder: grown(folder / "manuscript/quellen.bib"), TEXT),
    "style_of_citing": (lambda folder: grown(folder / "manuscript/zitate.csl"), FORMATS),
}  # fmt: skip


@pytest.mark.parametrize("change", REVIEW)
def test_a_change_of_the_review_rebuilds_what_rests_on_it_alone(change, copy_of_second):
    changed, expected = REVIEW[change]
    changed(copy_of_second)

    assert plan(ROOT, copy_of_second) == expected


# --- the engine -----------------------------------------------------------------------------


def code(*paths, text="\n"):
    return lambda engine: [grown(engine / "workflow" / path, text) for path in paths]


def library(engine):
    lock = engine / "requirements.lock"
    text = lock.read_text("utf-8")
    lock.write_text(re.sub(r"(?m)^(rapidfuzz==[\d.]*\d)", r"\g<1>1", text), "utf-8")
    assert lock.read_text("utf-8") != text


ENGINE = {
    "adapter": (code("scripts/count_directions.py"), {"count_directions"} | NUMBERS),
    "module": (code("scripts/retrace/synthesis.py"), {"count_directions"} | NUMBERS),
    "module_of_a_module": (code("scripts/retrace/dedup/text.py"), RECORDS),
    "module_loaded_by_name": (code("scripts/retrace/figures/lollipop.py"), {"plot_figure indikatoren_und_themen"} | TEXT),
    "modules_of_no_rule": (code("scripts/retrace/new.py", "scripts/retrace/build.py"), PACKED),
    "style_of_figures": (code("scripts/retrace/figures/review.mplstyle"), FIGURES | TEXT),
    "style_of_the_page": (code("templates/page.css"), {"render_html"} | AUDIT),
    "template_of_word": (code("templates/docx_footer.xml"), {"render_docx"} | AUDIT),
    "filter": (code("templates/blocks.lua"), FORMATS),
    "schema_of_searches": (code("schemas/search.schema.json"), SEARCHES),
    "schema_of_numbers": (code("schemas/numbers.schema.json"), NUMBERS),
    "items_of_checklists": (code("templates/checklists.yaml"), {"audit_checklists"} | PACKED),
    "library": (library, EVERYTHING),
    "comment_in_the_lock": (lambda engine: grown(engine / "requirements.lock", "# x\n"), PACKED),
    "environment": (lambda engine: grown(engine / "envs/tables.yaml", "# x\n"), PACKED),
}  # fmt: skip


@pytest.mark.parametrize("change", ENGINE)
def test_a_change_of_the_engine_rebuilds_what_it_makes_alone(
    change, engine, copy_of_second
):
    changed, expected = ENGINE[change]
    changed(engine)

    assert plan(engine, copy_of_second) == expected


# --- the results ----------------------------------------------------------------------------

PRISMA = "results/flow/prisma.csv"
LINE = "results/ledger/flow/prisma.csv.json"


def edited(folder):
    times = (folder / PRISMA).stat()
    grown(folder / PRISMA, "x\n")
    os.utime(folder / PRISMA, ns=(times.st_atime_ns, times.st_mtime_ns))


def edited_and_touched(folder):
    edited(folder)
    snakemake(ROOT, folder, "--touch")


def cut(*paths):
    def change(folder):
        for path in paths:
            for file in sorted(folder.glob(path)):
                os.truncate(file, file.stat().st_size // 2)

    return change


def cloned(folder):
    shutil.rmtree(folder / ".snakemake")
    # A clone writes its files in some order of its own, within seconds.
    for place, path in enumerate(sorted(folder.rglob("*"), key=lambda path: hashlib.sha256(str(path).encode()).digest())):  # fmt: skip
        os.utime(path, (10**9 + place, 10**9 + place))


def cloned_and_edited(folder):
    cloned(folder)
    edited(folder)


RESULTS = {
    "edited": (edited, FLOW, "edited"),
    "edited_and_touched": (edited_and_touched, FLOW, "edited"),
    "deleted": (lambda folder: (folder / PRISMA).unlink(), FLOW, "missing"),
    "added": (lambda folder: (folder / "results/flow/by hand.csv").touch(), NOTHING, "orphan"),
    "records_of_snakemake_cut": (cut(".snakemake/metadata/*"), NOTHING, None),
    "clone_without_records": (cloned, NOTHING, None),
    "clone_with_an_edited_output": (cloned_and_edited, FLOW, "edited"),
    "line_of_the_ledger_cut": (cut(LINE), FLOW, "stale"),
    "line_of_the_ledger_deleted": (lambda folder: (folder / LINE).unlink(), FLOW, "stale"),
}  # fmt: skip


@pytest.mark.parametrize("change", RESULTS)
def test_a_change_of_the_results_is_named_and_made_good(change, copy_of_second):
    changed, expected, word = RESULTS[change]
    changed(copy_of_second)
    place = "results/flow/by hand.csv" if word == "orphan" else PRISMA
    found = found_by_verify(ROOT, copy_of_second)

    assert found.get(place) == word
    assert bool(found) == bool(word)
    assert plan(ROOT, copy_of_second) == expected


def test_what_tells_of_the_ledger_is_rebuilt_when_only_a_line_of_it_changed(
    engine, copy_of_second
):
    grown(engine / "workflow/scripts/retrace/flow.py", "# x\n")
    snakemake(engine, copy_of_second, PRISMA)
    assert plan(engine, copy_of_second) == {"render_html"} | AUDIT

    snakemake(engine, copy_of_second)

    lines = json.loads((copy_of_second / "results/audit/provenance.json").read_text())
    told = next(line for line in lines if line["path"] == PRISMA)
    assert told["code_sha256"] == json.loads((copy_of_second / LINE).read_text())["code_sha256"]  # fmt: skip
    assert found_by_verify(engine, copy_of_second) == {}


# --- one build, by whatever command -----------------------------------------------------------


def inodes(folder):
    """Return a number of each output that changes whenever it is written."""
    lines = (json.loads(path.read_text()) for path in (folder / "results/ledger").rglob("*.json"))  # fmt: skip
    return {
        line["path"]: (" ".join([line["rule"], *line["wildcards"].values()]), (folder / line["path"]).stat().st_ino)
        for line in lines
    }  # fmt: skip


@pytest.mark.parametrize("name", ["snakemake", "retrace build", "make review"])
def test_every_command_rebuilds_the_same(name, engine, copy_of_second):
    """A clone of an engine that has the review in its own folder: `make review` knows no other."""
    shutil.copytree(copy_of_second, engine, dirs_exist_ok=True)
    for file in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / file, engine)
    as_if_set_up(engine)

    def build():
        if name == "snakemake":
            return snakemake(engine, engine)
        if name == "retrace build":
            return command(engine, engine, "build", "-c2")
        done = subprocess.run(["make", "-C", engine, "review"], capture_output=True, text=True)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    before = inodes(engine)
    assert "Nothing to" in build()
    assert inodes(engine) == before
    grown(engine / "workflow/templates/audit.css")

    build()

    after = inodes(engine)
    written = {after[path][0] for path in after if after[path] != before[path]}
    assert written == PACKED
    assert found_by_verify(engine, engine) == {}


def as_if_set_up(engine):
    """Give a clone an environment: the one that runs the tests, with the clone's own `retrace`."""
    bin = engine / ".venv/bin"
    bin.mkdir(parents=True)
    (bin / "python").symlink_to(sys.executable)
    (bin / "retrace").write_text(
        f'#!/bin/sh\nPYTHONPATH="{engine}/workflow/scripts" exec "{sys.executable}" -m retrace "$@"\n'
    )
    (bin / "retrace").chmod(0o755)
    made = subprocess.run(["make", "-C", engine, "-pn", "help"], capture_output=True, text=True)  # fmt: skip
    (engine / re.search(r"^RUN := (.*)$", made.stdout, re.M)[1]).touch()


# --- what nobody has declared -------------------------------------------------------------------

READ = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"([^"]+)", O_RDONLY(?!\S*O_DIRECTORY).*= \d+$')  # fmt: skip
STEP = re.compile(r'execve\("[^"]*python[\w.]*", \[.*\.snakemake/scripts/tmp\w+\.(\w+)\.py"\].*= 0$')  # fmt: skip
CHILD = re.compile(r"(?:clone3?|v?fork)\(.*= (\d+)$")
NO_INPUT = (".snakemake/", "results/logs/")


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_no_step_reads_a_file_that_its_line_of_the_ledger_does_not_name(
    second, tmp_path
):
    folder, trace = tmp_path / "review", tmp_path / "trace"
    shutil.copytree(Path(__file__).parent / "second", folder)
    subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=open,openat,execve,clone,clone3,fork,vfork", "-e", "signal=none", "-s", "1000", "-o", trace,
         sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "-d", folder, "-c2", "--quiet"],
        check=True, capture_output=True,
    )  # fmt: skip
    lines = [json.loads(path.read_text()) for path in (folder / "results/ledger").rglob("*.json")]  # fmt: skip
    named = {}
    for line in lines:
        of_rule = named.setdefault(line["rule"], set())
        of_rule |= {folder / used["path"] for used in line["inputs"]}
        # A step holds what other steps made to their lines, and to nothing else in these.
        of_rule |= {folder / ledger.sidecar_of(used["path"]) for used in line["inputs"] if used["path"].startswith("results/")}  # fmt: skip
        of_rule |= {folder / path for path in (line["path"], *line["lines"])}
        of_rule |= {ROOT / path for path in line["files"]}
        of_rule |= {
            path
            for module in (line["rule"], *line["modules"])
            for _, path in ledger.modules_of(module)
        }

    read = reads(trace, folder)
    # A trace that was misread would have nothing in it.
    assert set(read) == set(named)
    assert all(folder / used["path"] in read[line["rule"]] for line in lines for used in line["inputs"])  # fmt: skip
    assert {
        rule: unnamed for rule in read if (unnamed := read[rule] - named[rule])
    } == {}


def reads(trace, folder):
    """Return of each rule the files of review and engine that its processes opened to read."""
    parent, rule_of, opened, unfinished = {}, {}, [], {}
    for entry in trace.read_text("utf-8", "replace").splitlines():
        process, call = entry.split(maxsplit=1)
        if call.endswith("<unfinished ...>"):
            unfinished[process] = call.removesuffix("<unfinished ...>")
            continue
        call = re.sub(r"^<\.\.\. \w+ resumed>", lambda match, process=process: unfinished.pop(process), call)  # fmt: skip
        if match := CHILD.match(call):
            parent[match[1]] = process
        elif match := STEP.match(call):
            rule_of[process] = match[1]
        elif match := READ.match(call):
            opened.append((process, Path(os.path.normpath(folder / match[1]))))
    found = {}
    for process, path in opened:
        while process not in rule_of and process in parent:
            process = parent[process]
        path = Path(re.sub(r"__pycache__/(\w+)\.cpython-\d+\.pyc\S*$", r"\1.py", str(path)))  # fmt: skip
        own = path.is_relative_to(folder) and not str(path.relative_to(folder)).startswith(NO_INPUT)  # fmt: skip
        if process in rule_of and (own or path.is_relative_to(ROOT / "workflow")):
            found.setdefault(rule_of[process], set()).add(path)
    return found
