"""Adapter of rule settle_decisions: votes and resolutions in, settled decisions, agreement and warnings out."""

from typing import TYPE_CHECKING

from retrace import joblog, schemas, screening, tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    votes = tables.read_each(snakemake.input.votes, schemas.DECISIONS)
    duplicates = tables.read(snakemake.input.duplicates, schemas.DUPLICATES)
    resolutions = tables.read_all(snakemake.input.resolutions, schemas.RESOLUTIONS)
    deduplicated = tables.read(
        snakemake.input.deduplicated,
        schemas.DEDUPLICATED,
        columns=("record_id", "sources"),
    )
    settled = screening.settle(
        votes,
        resolutions,
        deduplicated=deduplicated,
        duplicates=duplicates,
        searches=tables.read(snakemake.input.searches, schemas.SEARCHES),
        final=snakemake.params.final,
        **snakemake.params.screening,
    )
    tables.write(settled, snakemake.output.settled, schemas.SETTLED)
    tables.write(
        screening.agree(votes, duplicates),
        snakemake.output.agreement,
        schemas.SCREENING_AGREEMENT,
    )
    tables.write(
        screening.warn(
            votes,
            resolutions,
            deduplicated=deduplicated,
            duplicates=duplicates,
            borderline=tables.read(snakemake.input.borderline, schemas.BORDERLINE),
            **snakemake.params.screening,
        ),
        snakemake.output.warnings,
        schemas.WARNINGS,
    )
