"""Adapter of rule compare_claims: published statements and numbers in, verdicts out."""

from typing import TYPE_CHECKING

from retrace import claims, joblog, numbers, schemas, tables
from retrace.labels import Labels

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    verdicts = claims.compare(
        tables.read(snakemake.input.claims, schemas.RAW_CLAIMS),
        tables.read(snakemake.input.numbers, schemas.NUMBERS),
        tables.read(snakemake.input.members, schemas.NUMBER_MEMBERS),
        numbers.load(snakemake.input.definitions),
        Labels(tables.read(snakemake.input.labels, schemas.LABELS)),
    )
    tables.write(verdicts, snakemake.output.claims, schemas.CLAIMS)
