"""Turn a figure into the bytes of its files: SVG, PNG, PDF and the words beside it.

The same figure gives the same bytes on every day and in every folder: no date, no name of the
program's version in the picture, ids in the SVG from its content and not from chance.
"""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from retrace.figures import STYLE
from retrace.ledger import write_bytes, write_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def write(
    draw: Callable[..., "Figure"],
    alt: Callable[..., str],
    data: "pd.DataFrame",
    spec: Mapping[str, Any],
    *,
    svg: str,
    png: str,
    pdf: str,
    words: str,
) -> None:
    """Draw a figure and write its picture in three formats, and its alt text."""
    said = alt(data, spec)
    figure = draw(data, spec)
    name = Path(svg).stem
    write_bytes(svg, as_svg(figure, name, said))
    write_bytes(png, as_png(figure))
    write_bytes(pdf, as_pdf(figure, name))
    write_text(words, said + "\n")


def as_svg(figure: "Figure", name: str, alt: str = "") -> bytes:
    """Return a figure as SVG, with its alt text as the description that screen readers read."""
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context():
        matplotlib.rc_file(STYLE)
        matplotlib.rcParams["svg.hashsalt"] = name
        figure.savefig(
            buffer,
            format="svg",
            metadata={"Date": None, "Creator": None},
        )
    text = buffer.getvalue().decode()
    if alt:
        start = text.index("<svg ")
        close = text.index(">", start)
        # In attributes and text alike the words of a review are only words.
        text = (
            f'{text[:close]} role="img" aria-labelledby="{name}-alt">\n'
            f' <desc id="{name}-alt">{escape(alt)}</desc>{text[close + 1 :]}'
        )
    return text.encode()


def as_png(figure: "Figure") -> bytes:
    """Return a figure as PNG at 300 dots an inch."""
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context():
        matplotlib.rc_file(STYLE)
        figure.savefig(buffer, format="png", dpi=300, metadata={"Software": None})
    return buffer.getvalue()


def as_pdf(figure: "Figure", name: str) -> bytes:
    """Return a figure as PDF without any date."""
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context():
        matplotlib.rc_file(STYLE)
        figure.savefig(
            buffer,
            format="pdf",
            metadata={
                "CreationDate": None,
                "Creator": None,
                "Producer": None,
                "Title": name,
            },
        )
    return buffer.getvalue()
