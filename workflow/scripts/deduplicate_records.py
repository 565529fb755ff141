"""Adapter of rule deduplicate_records: rows and overrides in, distinct records, duplicates and doubtful pairs out."""

from typing import TYPE_CHECKING

from retrace import dedup, joblog, schemas, tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    kept, duplicates, borderline = dedup.deduplicate(
        tables.read(snakemake.input.records, schemas.RECORDS),
        tables.read_all(snakemake.input.overrides, schemas.OVERRIDES),
        searches=tables.read(snakemake.input.searches, schemas.SEARCHES),
        risk=snakemake.params.risk,
    )
    tables.write(kept, snakemake.output.deduplicated, schemas.DEDUPLICATED)
    tables.write(duplicates, snakemake.output.duplicates, schemas.DUPLICATES)
    tables.write(borderline, snakemake.output.borderline, schemas.BORDERLINE)
