"""Adapter of rule compare_queries: searches, those of config.yaml and lists of headings in; their strings, the terms of these and what is odd out."""

from typing import TYPE_CHECKING

from retrace import joblog, queries, schemas, tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    searches = tables.read(snakemake.input.searches, schemas.SEARCHES)
    tables.write(
        queries.list_strings(snakemake.params.config),
        snakemake.output.strings,
        schemas.SEARCH_STRINGS,
    )
    tables.write(
        queries.compare(searches, snakemake.params.config),
        snakemake.output.terms,
        schemas.SEARCH_TERMS,
    )
    tables.write(
        queries.warn(
            searches,
            snakemake.params.config,
            queries.read_vocabularies(snakemake.input.vocabularies),
        ),
        snakemake.output.warnings,
        schemas.SEARCH_WARNINGS,
    )
