"""Adapter of rule read_records: search files in, records, rejects and searches out."""

from typing import TYPE_CHECKING

from retrace import joblog, readers, records, schemas, tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    searches, rows, rejects = readers.read_searches(snakemake.input.searches)
    tables.write(records.identify(rows), snakemake.output.records, schemas.RECORDS)
    tables.write(rejects, snakemake.output.rejects, schemas.REJECTS)
    tables.write(searches, snakemake.output.searches, schemas.SEARCHES)
