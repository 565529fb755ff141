"""Adapter of rule render_html: Markdown, numbers, members and figures in; one page out."""

from typing import TYPE_CHECKING

from retrace import joblog, ledger
from retrace.manuscript import page

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    made = page.render(
        snakemake.input.text,
        bibliography=snakemake.input.bibliography,
        csl=snakemake.input.csl,
        numbers=snakemake.input.numbers,
        number_members=snakemake.input.members,
        labels=snakemake.input.labels,
        sheets=snakemake.input.sheets,
        figures_svg=snakemake.input.drawings,
        figures_csv=snakemake.input.marks,
        figures_alt=snakemake.input.words,
        records=snakemake.input.records,
        prisma=snakemake.input.prisma,
        box_members=snakemake.input.box_members,
        sources=snakemake.params.sources,
        definitions=snakemake.input.definitions,
    )
    ledger.write_text(snakemake.output.page, made)
