"""Adapter of rule deduplicate_records: rows in, distinct records and duplicates out."""

from typing import TYPE_CHECKING

from retrace import dedup, joblog, schemas, tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    kept, duplicates = dedup.deduplicate(
        tables.read(snakemake.input.records, schemas.RECORDS)
    )
    tables.write(kept, snakemake.output.deduplicated, schemas.DEDUPLICATED)
    tables.write(duplicates, snakemake.output.duplicates, schemas.DUPLICATES)
