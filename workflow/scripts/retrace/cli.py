"""The command `retrace`: the functions of the package for a person at a prompt."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from retrace.errors import ReviewError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 when good, 1 when the data or a check says no, 2 for wrong usage."""
    parser = _parser()
    known, rest = parser.parse_known_args(arguments)
    if rest and known.command != "build":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    try:
        os.chdir(known.directory)
    except OSError as error:
        parser.error(f"{known.directory}: {error.strerror}")
    known.arguments = rest
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
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    build = commands.add_parser(
        "build", parents=[place], help="rebuild the review",
        description="Rebuild everything that is missing or no longer what the raw inputs, settings and code make."
        " Further arguments go to Snakemake, for example -n, --cores 1, --forceall.",
    )  # fmt: skip
    build.add_argument(
        "--verbose", action="store_true", help="show all that Snakemake says"
    )
    build.set_defaults(run=_build)

    check = commands.add_parser(
        "check", parents=[place], help="name every problem of the raw inputs, without building",
        description="Read config.yaml and every raw table and print all problems as"
        " file:row:column: what, what was expected, what to do.",
    )  # fmt: skip
    check.set_defaults(run=_check)

    trace = commands.add_parser(
        "trace", parents=[place], help="walk a number, figure, table, box, claim, study or record back to its bytes",
        description="ID may carry its kind: number:, figure:, table:, box:, claim:, study: or record:.",
    )  # fmt: skip
    trace.add_argument("id", metavar="ID")
    trace.add_argument("--json", action="store_true", help="for machines")
    trace.set_defaults(run=_trace)
    return parser


def _build(known: argparse.Namespace) -> int:
    from retrace import build

    return build.run(known.arguments, verbose=known.verbose)


def _check(known: argparse.Namespace) -> int:
    from retrace import check

    problems = check.problems()
    for problem in problems:
        print(problem)
    if not problems:
        print("No problems found.")
    return 1 if problems else 0


def _trace(known: argparse.Namespace) -> int:
    import json

    from retrace import trace

    found = trace.walk(known.id)
    print(
        json.dumps(found, indent=1, ensure_ascii=False)
        if known.json
        else trace.as_text(found)
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
