"""Adapter of rule define_numbers: definitions and tables in, numbers and their members out."""

from typing import TYPE_CHECKING

from retrace import joblog, numbers, schemas, tables
from retrace.labels import Labels

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    definitions = numbers.load(snakemake.input.definitions)
    kinds = schemas.by_name(snakemake.params.extraction)
    frames = tables.read_named(
        snakemake.params.tables,
        numbers.tables_of(definitions, kinds, snakemake.params.tables),
    )
    made, members = numbers.define(
        definitions,
        frames,
        kinds,
        Labels(frames["labels"]),
        final=snakemake.params.final,
    )
    tables.write(made, snakemake.output.numbers, schemas.NUMBERS)
    tables.write(members, snakemake.output.members, schemas.NUMBER_MEMBERS)
