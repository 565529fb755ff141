"""Make the review's Word file: pandoc's document in our styles, its wide tables on turned pages.

Pandoc knows neither page orientation nor rows that must not break, and stamps nothing but
the members of the archive with a time; these few places of its XML are set here.
"""

import io
import re
import zipfile
from datetime import date
from functools import partial
from pathlib import Path

from retrace.manuscript import pandoc

# Twentieths of a point. A4; a wide table has narrower margins.
SHORT, LONG, MARGIN, WIDE_MARGIN = 11906, 16838, 1418, 1020
_SECTION = re.compile(r"<w:sectPr\b.*?</w:sectPr>|<w:sectPr\b[^>]*/>", re.S)
_TABLE = re.compile(r"<w:tbl>.*?</w:tbl>", re.S)
_STYLE = re.compile(r"<w:style\b.*?</w:style>", re.S)
_FOOTER = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def render(
    markdown: str | Path,
    *,
    bibliography: str | Path,
    csl: str | Path,
    figures: str | Path,
    written_on: date,
    text: str | None = None,
) -> bytes:
    """Return the review as DOCX; ``figures`` is the folder that ``../figures`` means.

    ``written_on`` is the day that the file bears; see `dates.written_on`. ``text`` is read in
    the file's stead, where it is more than what stands in it.
    """
    made = pandoc.convert(
        markdown,
        to="docx",
        bibliography=bibliography,
        csl=csl,
        # Only here pandoc reads files that the text names; the filter lets pass figures alone.
        sandbox=False,
        options=[f"--resource-path={Path(figures).parent / 'manuscript'}"],
        written_on=written_on,
        text=text,
    )
    return finished(made)


def finished(document: bytes) -> bytes:
    """Return pandoc's DOCX with our styles, pages, tables and page numbers, times fixed."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    templates = pandoc.TEMPLATES
    parts["word/styles.xml"] = _restyled(
        parts["word/styles.xml"].decode(),
        (templates / "docx_styles.xml").read_text("utf-8"),
    ).encode()
    parts["word/document.xml"] = _laid_out(parts["word/document.xml"].decode()).encode()
    parts["word/footer1.xml"] = (templates / "docx_footer.xml").read_bytes()
    # Pandoc writes the metadata of its run there, paths included.
    parts.pop("docProps/custom.xml", None)
    parts["[Content_Types].xml"] = (
        re.sub(
            r'<Override PartName="/docProps/custom\.xml"[^>]*/>',
            "",
            _text(parts, "[Content_Types].xml"),
        )
        .replace(
            "</Types>",
            f'<Override PartName="/word/footer1.xml" ContentType="{_FOOTER}"/></Types>',
        )
        .encode()
    )
    parts["_rels/.rels"] = re.sub(
        r'<Relationship\b[^>]*custom\.xml"[^>]*/>', "", _text(parts, "_rels/.rels")
    ).encode()
    parts["word/_rels/document.xml.rels"] = (
        _text(parts, "word/_rels/document.xml.rels")
        .replace(
            "</Relationships>",
            f'<Relationship Id="rIdFooter" Type="{_RELATION}/footer" Target="footer1.xml"/></Relationships>',
        )
        .encode()
    )
    return packed(parts)


def packed(parts: dict[str, bytes]) -> bytes:
    """Return the members as an archive whose bytes depend on nothing else."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        first = ["[Content_Types].xml", "_rels/.rels"]
        for name in [*first, *sorted(set(parts) - set(first))]:
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            member.create_system = 3
            archive.writestr(member, parts[name])
    return buffer.getvalue()


def _text(parts: dict[str, bytes], name: str) -> str:
    return parts[name].decode()


def _restyled(styles: str, ours: str) -> str:
    for style in _STYLE.findall(ours):
        name = re.search(r'w:styleId="(\w+)"', style)
        there = re.compile(
            rf'<w:style\b(?=[^>]*w:styleId="{name[1] if name else ""}").*?</w:style>',
            re.S,
        )
        if there.search(styles):
            styles = there.sub(style.replace("\\", r"\\"), styles, count=1)
        else:
            styles = styles.replace("</w:styles>", f"{style}</w:styles>")
    return styles


def _laid_out(body: str) -> str:
    """Return a document's XML with pages turned where a section says so, and tables that hold."""
    made, at = [], 0
    for section in _SECTION.finditer(body):
        turned = 'w:orient="landscape"' in section[0]
        width = LONG - 2 * WIDE_MARGIN if turned else SHORT - 2 * MARGIN
        before = body[at : section.start()]
        made.append(_TABLE.sub(partial(_table, width), before))
        made.append(_section(turned))
        at = section.end()
    return "".join([*made, body[at:]])


def _section(turned: bool) -> str:
    margin = WIDE_MARGIN if turned else MARGIN
    size = (
        f'w:w="{LONG}" w:h="{SHORT}" w:orient="landscape"'
        if turned
        else f'w:w="{SHORT}" w:h="{LONG}"'
    )
    sides = " ".join(
        f'w:{side}="{margin}"' for side in ("top", "right", "bottom", "left")
    )
    return (
        f'<w:sectPr><w:footerReference xmlns:r="{_RELATION}" w:type="default" r:id="rIdFooter"/>'
        f'<w:type w:val="nextPage"/><w:pgSz {size}/>'
        f'<w:pgMar {sides} w:header="600" w:footer="600" w:gutter="0"/></w:sectPr>'
    )


def _table(width: int, found: re.Match) -> str:
    table = found[0]
    columns = [int(size) for size in re.findall(r'<w:gridCol w:w="(\d+)"', table)]
    total = sum(columns) or 1
    sizes = iter([size * width // total for size in columns])
    table = re.sub(
        r'<w:gridCol w:w="\d+" ?/>',
        lambda _: f'<w:gridCol w:w="{next(sizes)}"/>',
        table,
    )
    table = re.sub(r"<w:tr>(?!<w:trPr>)", "<w:tr><w:trPr></w:trPr>", table)
    table = table.replace("<w:trPr>", "<w:trPr><w:cantSplit/>")
    return table.replace('w:val="Compact"', 'w:val="TableText"').replace(
        "<w:p><w:pPr /></w:p>",
        '<w:p><w:pPr><w:pStyle w:val="TableText"/></w:pPr></w:p>',
    )
