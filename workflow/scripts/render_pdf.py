"""Adapter of rule render_pdf: Markdown, numbers and figures in; PDF out."""

from typing import TYPE_CHECKING

from retrace import joblog, ledger, tables
from retrace.manuscript import appendix, dates, pdf

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    made = pdf.render(
        snakemake.input.text,
        bibliography=snakemake.input.bibliography,
        csl=snakemake.input.csl,
        figures="results/figures",
        written_on=dates.written_on(
            [snakemake.input.searches, snakemake.input.decisions],
            snakemake.params.written_on,
        ),
        text=appendix.added(
            tables.read_text(snakemake.input.text),
            numbers=snakemake.input.numbers,
            number_members=snakemake.input.members,
            labels=snakemake.input.labels,
            sheets=snakemake.input.sheets,
            records=snakemake.input.records,
        ),
    )
    ledger.write_bytes(snakemake.output.pages, made)
