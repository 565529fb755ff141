"""Make the review's PDF: Markdown to Typst by pandoc, Typst to a tagged PDF, fonts from the wheel.

System fonts would make each machine's pages its own; the wheel's have Greek and arrows.
"""

import warnings
from datetime import date
from pathlib import Path

from retrace.errors import ManuscriptError, Problem
from retrace.manuscript import pandoc


def render(
    markdown: str | Path,
    *,
    bibliography: str | Path,
    csl: str | Path,
    figures: str | Path,
    written_on: date,
    text: str | None = None,
) -> bytes:
    """Return the review as PDF/UA-1; ``figures`` is the folder that ``../figures`` means.

    ``text`` is read in the file's stead, where it is more than what stands in it.

    Raises:
        ManuscriptError: Typst cannot set the text; what it says names the cause.
    """
    source = pandoc.convert(
        markdown,
        to="typst",
        bibliography=bibliography,
        csl=csl,
        options=[f"--template={pandoc.TEMPLATES / 'manuscript.typst'}", "--wrap=none"],
        text=text,
    )
    return typeset(
        source, folder=Path(figures).parent, written_on=written_on, file=str(markdown)
    )


def typeset(source: bytes, *, folder: Path, written_on: date, file: str) -> bytes:
    """Return Typst source as PDF; it can read files of the folder only."""
    import typst

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made: bytes = typst.compile(  # type: ignore[type-var]
                source,
                root=str(folder),
                font_paths=[],
                ignore_system_fonts=True,
                pdf_standards=["ua-1"],
                timestamp=pandoc.seconds_of(written_on),
            )
            return made
    except typst.TypstError as error:
        raise ManuscriptError(
            Problem(
                file,
                what=f"Typst stopped: {error.message}",
                remedy=" ".join(error.hints),
            )
        ) from None
