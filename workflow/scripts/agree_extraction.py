"""Adapter of rule agree_extraction: readings and adjudication in; consensus, labels and agreement out."""

from typing import TYPE_CHECKING

from retrace import extraction, joblog, schemas, sheets, tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    raw = sheets.read(snakemake.params.extraction)
    consensus = extraction.agree(raw)
    tables.write_each(
        consensus,
        snakemake.output.sheets,
        schemas.of_sheets(snakemake.params.extraction),
    )
    tables.write(
        extraction.label(raw.sheets, consensus, raw.vocabulary),
        snakemake.output.labels,
        schemas.LABELS,
    )
    tables.write(
        extraction.measure(raw.sheets, raw.codings),
        snakemake.output.agreement,
        schemas.EXTRACTION_AGREEMENT,
    )
