"""Adapter of rule count_recall: searches, records, duplicates, decisions and known records in; which each search found out."""

from typing import TYPE_CHECKING

from retrace import joblog, queries, schemas, tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    recall, known, terms = queries.measure(
        searches=tables.read(snakemake.input.searches, schemas.SEARCHES),
        records=tables.read(snakemake.input.records, schemas.RECORDS),
        duplicates=tables.read(snakemake.input.duplicates, schemas.DUPLICATES),
        included=tables.read_all(snakemake.input.included, schemas.INCLUDED),
        settled=tables.read(snakemake.input.settled, schemas.SETTLED),
    )
    tables.write(recall, snakemake.output.recall, schemas.SEARCH_RECALL)
    tables.write(known, snakemake.output.known, schemas.SEARCH_KNOWN)
    tables.write(terms, snakemake.output.terms, schemas.SEARCH_TERM_RECALL)
