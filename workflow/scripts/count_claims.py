"""Adapter of rule count_claims: numbers and verdicts in, all numbers and their members out."""

from typing import TYPE_CHECKING

from retrace import joblog, numbers, schemas, tables
from retrace.labels import Labels

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    made, members = numbers.define(
        numbers.load(snakemake.input.definitions),
        tables.read_each(snakemake.input.claims, schemas.CLAIMS),
        {"claims": schemas.CLAIMS},
        Labels(tables.read(snakemake.input.labels, schemas.LABELS)),
        before=(
            tables.read(snakemake.input.numbers, schemas.NUMBERS),
            tables.read(snakemake.input.members, schemas.NUMBER_MEMBERS),
        ),
        final=snakemake.params.final,
    )
    joblog.warn(numbers.waiting(made))
    tables.write(made, snakemake.output.numbers, schemas.NUMBERS)
    tables.write(members, snakemake.output.members, schemas.NUMBER_MEMBERS)
