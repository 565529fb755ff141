"""Adapter of rule read_records: search files, or what jobs read of them, in; records, rejects, files, warnings, searches and their lines out."""

from typing import TYPE_CHECKING

from retrace import joblog, readers, schemas, tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    read = readers.read_all(snakemake.input.searches, parts=snakemake.input.parts)
    tables.write(read.records, snakemake.output.records, schemas.RECORDS)
    tables.write(read.rejects, snakemake.output.rejects, schemas.REJECTS)
    tables.write(read.files, snakemake.output.files, schemas.FILES)
    tables.write(read.warnings, snakemake.output.warnings, schemas.WARNINGS)
    tables.write(read.searches, snakemake.output.searches, schemas.SEARCHES)
    tables.write(read.lines, snakemake.output.lines, schemas.SEARCH_LINES)
