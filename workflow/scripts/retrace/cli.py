"""The command `retrace`: the functions of the package for a person at a prompt."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from retrace.errors import ReviewError
from retrace.readers import FORMATS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 when good, 1 when the data or a check says no, 2 for wrong usage."""
    parser = _parser()
    known, rest = parser.parse_known_args(arguments)
    if rest and known.command != "build":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    _keep_places(known)
    try:
        os.chdir(known.directory)
    except OSError as error:
        parser.error(f"{known.directory}: {error.strerror}")
    known.arguments, known.fail = rest, parser.error
    _keep_inputs(known)
    try:
        return known.run(known)
    except ReviewError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument(
        "-d", "--directory", type=Path, default=Path("."), metavar="REVIEW",
        help="the review's folder (default: here)",
    )  # fmt: skip
    parser = argparse.ArgumentParser(
        prog="retrace", description=__import__("retrace").__doc__
    )
    version = f"retrace {__import__('retrace').__version__}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    build = commands.add_parser(
        "build", parents=[place], help="rebuild the review",
        description="Rebuild everything that is missing or no longer what the raw inputs, settings and code make."
        " Further arguments go to Snakemake: a file of results/ (make it and what it is made from, nothing else),"
        " -n (name the steps, do none), --cores 1, --forceall, for example.",
    )  # fmt: skip
    build.add_argument(
        "--verbose", action="store_true", help="show all that Snakemake says"
    )
    build.set_defaults(run=_build)

    new = commands.add_parser(
        "new", parents=[place], help="make the folder of a new review, which builds at once",
        description="Write a commented config.yaml, empty tables with their headers and a manuscript into a new folder.",
    )  # fmt: skip
    new.add_argument("folder", metavar="DIR", type=Path, help="a folder that is empty or does not exist")  # fmt: skip
    new.set_defaults(run=_new)

    check = commands.add_parser(
        "check", parents=[place], help="name every problem of the raw inputs, without building",
        description="Read config.yaml and every raw table and print all problems as"
        " file:row:column: what, what was expected, what to do. What the text asks for is seen to by a build.",
    )  # fmt: skip
    check.set_defaults(run=_check)

    verify = commands.add_parser(
        "verify", parents=[place], help="name every output that is not the one this config, code and data make",
        description="Name edited, stale, missing and orphan files of results/; exit 1 where there is one."
        " Nothing is built or changed.",
    )  # fmt: skip
    verify.set_defaults(run=_verify)

    undecided = commands.add_parser(
        "undecided", parents=[place], help="list the records that wait for a decision, as a sheet to fill",
        description="Print a CSV of the records that wait for a decision in the last build: the columns of a reviewer's"
        " file, to be filled, then why each waits, and title, authors, year, journal, doi and abstract to decide by. Nobody's"
        " votes are in it. Filled, it may be saved as data/raw/screening/reviewers/<reviewer>.csv as it is.",
    )  # fmt: skip
    undecided.add_argument("-o", "--output", metavar="FILE", help="write it into a file that is not there yet")  # fmt: skip
    undecided.set_defaults(run=_undecided, writes=("output",))

    trace = commands.add_parser(
        "trace", parents=[place], help="walk a number, figure, table, box, claim, study or record back to its bytes",
        description="Say where something comes from, down to raw file, line and sha256, which code and settings"
        " made it, and what rests on it. ID may carry its kind (number:, figure:, table:, box:, claim:, study:,"
        " record:) and must where it is of several. Parts have ids too: number:ID/MEMBER, table:TABLE/ROW/COLUMN,"
        " figure:FIGURE/MARK, cell:SHEET/KEY/COLUMN, and a line of any raw file is row:FILE:LINE.",
    )  # fmt: skip
    trace.add_argument("id", metavar="ID")
    trace.add_argument("--json", action="store_true", help="for machines: all of it")
    trace.add_argument("--all", action="store_true", help="shorten no list")
    trace.set_defaults(run=_trace)

    audit = commands.add_parser(
        "audit", parents=[place], help="hold a draft of your own against the tables, before it is published",
        description="Find each claim in the draft (Markdown or DOCX), hold it against the number of the built review"
        " that it states, and list every quantity of the draft that no claim covers. CLAIMS has the columns claim_id,"
        " stated (in digits), number_id (may be empty) and quote (the draft's words) or says (words of your own), and"
        " further ones of data/raw/published/claims.csv at will. Exit 1 where a claim is contradicted or not found.",
    )  # fmt: skip
    audit.add_argument("draft", metavar="DRAFT", help="Markdown or DOCX")
    audit.add_argument("--claims", required=True, metavar="CLAIMS", help="a CSV of what the draft claims")  # fmt: skip
    audit.add_argument("--json", action="store_true", help="for machines: all of it")
    audit.add_argument("--html", metavar="PAGE", help="write the draft as a page, each quantity with its verdict")  # fmt: skip
    audit.set_defaults(run=_audit, keeps=("draft", "claims", "html"), reads=("draft", "claims"), writes=("html",))  # fmt: skip

    diff = commands.add_parser(
        "diff", parents=[place], help="say what differs between two built reviews, and why",
        description="Compare two folders with finished builds: records, decisions, numbers, claims and figures"
        " that changed, and the inputs, settings and code that made them. Exit 1 where a build is unfinished or stale.",
    )  # fmt: skip
    diff.add_argument("old", metavar="OLD", type=Path)
    diff.add_argument("new", metavar="NEW", type=Path)
    diff.add_argument("--json", action="store_true", help="for machines: all of it")
    diff.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="write one page with the figures side by side",
    )
    diff.set_defaults(run=_diff, keeps=("old", "new", "html"), writes=("html",))

    freeze = commands.add_parser(
        "freeze", parents=[place], help="run the live searches of config.yaml, or ask about included records, and keep what they find",
        description="Ask the services of the searches in config.yaml and keep their answers byte for byte as a new"
        " round under data/raw/searches/; with --included, ask PubMed, OpenAlex and Crossref for the records that the last"
        " build includes, whether they were retracted or corrected and where they can be read, and keep that under"
        " data/raw/notices/. What was stopped goes on, and nothing is fetched twice. Keys come from the"
        " environment (NCBI_API_KEY, OPENALEX_API_KEY, ELSEVIER_API_KEY, ELSEVIER_INSTTOKEN; your address: RETRACE_EMAIL)"
        " and are written nowhere.",
    )  # fmt: skip
    freeze.add_argument("sources", nargs="*", metavar="SOURCE", help="searches of config.yaml, or with --included services (default: all that can be asked)")  # fmt: skip
    freeze.add_argument("--included", action="store_true", help="ask about the records that the last build includes")  # fmt: skip
    freeze.add_argument("--dry-run", action="store_true", help="say what would be asked, and ask nobody")  # fmt: skip
    freeze.add_argument(
        "--address", action="append", default=[], metavar="SOURCE=URL",
        help="ask another address than the service's own, such as an institution's gateway",
    )  # fmt: skip
    freeze.set_defaults(run=_freeze)
    queries = commands.add_parser(
        "queries", parents=[place], help="print the search strings of config.yaml, and what is odd in them",
        description="Print the string of each search of config.yaml, what its platform cannot be told, what is odd in"
        " it, and which terms not every string has. Exit 1 where a string is broken.",
    )  # fmt: skip
    queries.add_argument(
        "--platform", action="append", default=[], metavar="PLATFORM",
        help="render the concepts for this platform, whether or not a search asks for it",
    )  # fmt: skip
    queries.set_defaults(run=_queries)

    read = commands.add_parser(
        "read", parents=[place], help="read exports of any format into one table",
        description="Read the files that databases and reference managers export. The format is told from"
        " what stands in a file. What cannot be read is listed with its place and reason, and is no failure.",
    )  # fmt: skip
    read.add_argument("files", nargs="+", metavar="FILE")
    read.add_argument(
        "-o", "--output", required=True, metavar="RECORDS", help="the CSV of records to write"
    )  # fmt: skip
    read.add_argument(
        "--rejects", metavar="REJECTS", help="the CSV of what could not be read (default: printed)"
    )  # fmt: skip
    read.add_argument(
        "--format", default="", metavar="FORMAT", choices=FORMATS, help="take the files for this format: %(choices)s"
    )  # fmt: skip
    read.add_argument(
        "--source", default="", metavar="NAME", help="the source in the record ids (default: each file's name)"
    )  # fmt: skip
    read.set_defaults(run=_read, reads=("files",), writes=("output", "rejects"))

    dedup = commands.add_parser(
        "dedup", parents=[place], help="find the rows of a table that are one record",
        description="Read a table of records (id, title, authors, year, journal, volume, issue, pages, doi, abstract,"
        " and of `retrace read` also record_id, source, pmid) and say which rows are one.",
    )  # fmt: skip
    dedup.add_argument("records", metavar="RECORDS", help="a CSV or parquet file")
    dedup.add_argument(
        "-o", "--output", required=True, metavar="CLUSTERS", help="CSV of id and cluster, the id of the row kept"
    )  # fmt: skip
    dedup.add_argument(
        "--matches", metavar="MATCHES", help="CSV of each merge: the rule that found it and how alike each field is"
    )  # fmt: skip
    dedup.add_argument(
        "--risk", choices=("focused", "balanced", "relaxed"), default="balanced",
        help="focused leaves more duplicates, relaxed fewer (default: balanced)",
    )  # fmt: skip
    dedup.set_defaults(run=_dedup, reads=("records",), writes=("output", "matches"))
    return parser


def _keep_places(known: argparse.Namespace) -> None:
    """Let files that stand where the command is given be found from the review's folder."""
    for name in getattr(known, "keeps", ()) if known.directory != Path(".") else ():
        given = getattr(known, name)
        if given and (Path(given).exists() or not (known.directory / given).exists()):
            setattr(known, name, type(given)(Path(given).absolute()))


def _keep_inputs(known: argparse.Namespace) -> None:
    """Refuse to write over a file that is read, over another output, or over what is no plain file."""
    read = [getattr(known, name) for name in getattr(known, "reads", ())]
    taken = {Path(one).resolve() for given in read for one in ([given] if isinstance(given, str) else given)}  # fmt: skip
    for name in getattr(known, "writes", ()):
        given = getattr(known, name)
        if given is None or str(given) == os.devnull:
            continue
        path = Path(given)
        if path.resolve() in taken:
            known.fail(f"{given}: is read or written by this command already; name another file")  # fmt: skip
        if not str(given) or path.is_symlink() or (path.exists() and not path.is_file()):  # fmt: skip
            known.fail(f"{given or 'the empty name'}: is no plain file to write")
        taken.add(path.resolve())


def _build(known: argparse.Namespace) -> int:
    from retrace import build

    return build.run(known.arguments, verbose=known.verbose)


def _new(known: argparse.Namespace) -> int:
    from retrace import new

    for file in new.make(known.folder):
        print(known.directory / known.folder / file)
    print(f"Build it with: retrace build -d {known.directory / known.folder}")
    return 0


def _check(known: argparse.Namespace) -> int:
    from retrace import check

    problems, odd = check.look()
    for problem in problems:
        print(problem)
    for oddity in odd:
        print(f"warning: {oddity}")
    if not problems:
        print("No problems found.")
    return 1 if problems else 0


def _verify(known: argparse.Namespace) -> int:
    from retrace import ledger, turn, verify

    if process := turn.holder():
        print(
            f"A build of this review is running (process {process}).", file=sys.stderr
        )
        return 1
    found = verify.findings(ledger.HOME / "Snakefile")
    for word, path, reason in found:
        print(f"{word} {path}: {reason}")
    if further := verify.resting(found):
        print(f"... and {further} more outputs rest on these")
    if not found:
        print("Every output is the one that the inputs, settings and code make.")
    return 1 if found else 0


def _audit(known: argparse.Namespace) -> int:
    import json

    from retrace import draft, ledger
    from retrace.draft import report

    found = draft.audit(known.draft, known.claims)
    text = found.pop("text")
    if known.html:
        ledger.write_text(known.html, report.as_html(found, text))
    if known.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        print(report.as_text(found), end="")
    return 1 if draft.is_bad(found) else 0


def _diff(known: argparse.Namespace) -> int:
    import json

    from retrace import diff, ledger

    diff.hold_finished(known.old, known.new)
    found = diff.compare(known.old, known.new)
    if known.html:
        ledger.write_text(known.html, diff.as_html(found, known.old, known.new))
    print(
        json.dumps(found, indent=1, ensure_ascii=False)
        if known.json
        else diff.as_text(found)
    )
    return 0


def _trace(known: argparse.Namespace) -> int:
    import json

    from retrace import trace

    whole = known.all or known.json
    written = trace.Written()
    found = trace.walk(known.id, written, limit=None if whole else trace.SHOWN)
    onward = trace.forward(known.id, written)
    if known.json:
        print(json.dumps(found | {"forward": onward}, indent=1, ensure_ascii=False))
    else:
        print(trace.as_text(found, onward, whole=whole), end="")
    return 0


def _undecided(known: argparse.Namespace) -> int:
    from retrace import ledger, schemas, screening, tables
    from retrace.errors import Problem

    settled = Path(schemas.SETTLED.path)
    if not settled.is_file():
        raise ReviewError(Problem(str(settled), what="no build has settled the decisions", remedy="run `retrace build`; while records wait, as a draft"))  # fmt: skip
    sheet = screening.undecided(
        tables.read(settled, schemas.SETTLED),
        tables.read(
            schemas.DEDUPLICATED.path,
            schemas.DEDUPLICATED,
            columns=("record_id", "title", "authors", "year", "journal", "doi", "abstract"),
        ),
    )  # fmt: skip
    if not known.output:
        print(tables.as_csv(sheet).decode(), end="")
        return 0
    if Path(known.output).is_file():
        known.fail(f"{known.output}: is there already, and may hold decisions; name another file")  # fmt: skip
    ledger.write_bytes(known.output, tables.as_csv(sheet))
    return 0


def _freeze(known: argparse.Namespace) -> int:
    from retrace import freeze

    pairs = [given.partition("=") for given in known.address]
    if wrong := [name for name, sign, url in pairs if not (name and sign and url)]:
        raise ReviewError(f"--address {wrong[0]}: expected SOURCE=URL")
    addresses = {name: url for name, _, url in pairs}
    return freeze.run(
        known.sources, included=known.included, dry=known.dry_run, addresses=addresses
    )


def _queries(known: argparse.Namespace) -> int:
    from retrace import protocol, queries, readers

    config, problems = protocol.look()
    if config is None:
        raise ReviewError(problems)
    counted = {source: readers.lines_of(source) for source in config["searches"]}
    if known.platform:
        config["searches"] = {
            name: {"platform": name, "from": "concepts"} for name in known.platform
        }
    vocabularies = queries.read_vocabularies()
    if not config["searches"]:
        print("config.yaml describes no searches; see searches and concepts there.")
        return 0
    for line in queries.as_text(config, counted, vocabularies):
        print(line)
    return 1 if queries.problems_of_config(config)[0] else 0


def _read(known: argparse.Namespace) -> int:
    from retrace import ledger, readers, records, schemas, tables

    named = readers.named(known.files, known.source)
    read = readers.read_exports(
        named, processes=os.cpu_count() or 1, format=known.format
    )
    ledger.write_bytes(known.output, records.as_csv(read.records))
    for line in readers.lines(read):
        print(line)
    for warning in read.warnings.itertuples():
        print(f"{warning.where}: {warning.says}", file=sys.stderr)
    if known.rejects:
        tables.write(read.rejects, known.rejects, schemas.REJECTS)
    else:
        for line in readers.refusals(read):
            print(line, file=sys.stderr)
    return 0


def _dedup(known: argparse.Namespace) -> int:
    from retrace import columns, dedup

    table = columns.read(known.records, dedup.READ)
    columns.key(table, "id", known.records)
    clusters, matches = dedup.match(table, risk=known.risk)
    columns.write(clusters, known.output)
    if known.matches:
        columns.write(matches, known.matches)
    rows, merged = len(clusters["id"]), len(matches["id"])
    print(f"{rows} records, {rows - merged} distinct, {merged} duplicates")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
