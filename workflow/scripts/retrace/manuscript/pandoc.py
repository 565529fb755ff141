"""Run pandoc from its wheel: the review's Markdown in, another format's bytes out.

The environment is made here, not inherited: a locale, a home with a defaults file or a
clock would each change a byte.
"""

import os
import subprocess
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from retrace.errors import ManuscriptError, Problem

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
_FILTER = TEMPLATES / "blocks.lua"
PAGE = [
    _FILTER,
    *(TEMPLATES / f"page.{part}" for part in ("html", "css", "js")),
    *(TEMPLATES / f"list.{part}" for part in ("css", "js")),
]
DOCX = [_FILTER, TEMPLATES / "docx_styles.xml", TEMPLATES / "docx_footer.xml"]
PDF = [_FILTER, TEMPLATES / "manuscript.typst"]
"""The templates of each format: a rule that uses them reruns when one of them changes."""

# Raw HTML is read as one block, never as Markdown between tags; the filter lets it pass only
# where a table's block holds it. Example lists would number by a counter of their own.
READER = "markdown-markdown_in_html_blocks-example_lists"


def convert(
    markdown: str | Path,
    *,
    to: str,
    bibliography: str | Path,
    csl: str | Path,
    options: Iterable[str] = (),
    sandbox: bool = True,
    written_on: date | None = None,
    text: str | None = None,
) -> bytes:
    """Return the Markdown file in another format, with citations, by the filter of blocks.

    ``text`` is read in the file's stead, where it is more than what stands in it.

    Raises:
        ManuscriptError: pandoc cannot read the text, the bibliography or the style.
    """
    command = [
        program(),
        f"--from={READER}",
        f"--to={to}",
        "--citeproc",
        f"--lua-filter={_FILTER}",
        f"--bibliography={bibliography}",
        f"--csl={csl}",
        "--metadata=link-citations:true",
        "--fail-if-warnings",
        "--output=-",
        *(["--sandbox"] if sandbox else []),
        *options,
        "-" if text is not None else str(markdown),
    ]
    done = subprocess.run(
        command,
        input=None if text is None else text.encode(),
        capture_output=True,
        env=environment(written_on),
    )
    if done.returncode:
        says = " ".join(done.stderr.decode(errors="replace").split())
        raise ManuscriptError(
            Problem(
                str(markdown),
                what=f"pandoc stopped: {says}",
                remedy="correct the template or the bibliography",
            )
        )
    return done.stdout


def program() -> str:
    """Return where the wheel's pandoc stands, though the machine may have a newer one."""
    import pypandoc

    return str(Path(pypandoc.__file__).with_name("files") / "pandoc")


def environment(written_on: date | None) -> dict[str, str]:
    """Return the variables of a run, with the date a document bears."""
    made = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": os.devnull}
    if written_on is not None:
        made["SOURCE_DATE_EPOCH"] = str(seconds_of(written_on))
    return made


def seconds_of(day: date) -> int:
    """Return a day's midnight, UTC, in seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
