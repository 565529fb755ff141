"""Adapter of rule render_docx: Markdown and figures in; DOCX out."""

from typing import TYPE_CHECKING

from retrace import joblog, ledger
from retrace.manuscript import dates, docx

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    made = docx.render(
        snakemake.input.text,
        bibliography=snakemake.input.bibliography,
        csl=snakemake.input.csl,
        figures="results/figures",
        written_on=dates.written_on(
            [snakemake.input.searches, snakemake.input.decisions]
        ),
    )
    ledger.write_bytes(snakemake.output.document, made)
