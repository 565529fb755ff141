"""Adapter of rule compare_queries: searches in; the terms of their strings and what is odd out."""

from typing import TYPE_CHECKING

from retrace import joblog, queries, schemas, tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    searches = tables.read(snakemake.input.searches, schemas.SEARCHES)
    tables.write(
        queries.compare(searches), snakemake.output.terms, schemas.SEARCH_TERMS
    )
    tables.write(
        queries.warn(searches), snakemake.output.warnings, schemas.SEARCH_WARNINGS
    )
