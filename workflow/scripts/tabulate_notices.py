"""Adapter of rule tabulate_notices: included records and kept answers in; notices, access and warnings out."""

from typing import TYPE_CHECKING

from retrace import joblog, notices, readers, schemas, tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    asked = readers.read_all(snakemake.input.asked)
    found = notices.tabulate(
        included=tables.read_all(snakemake.input.included, schemas.INCLUDED),
        settled=tables.read(snakemake.input.settled, schemas.SETTLED),
        reports=tables.read_all(snakemake.input.reports, schemas.REPORTS),
        deduplicated=tables.read(
            snakemake.input.deduplicated,
            schemas.DEDUPLICATED,
            columns=("record_id", "title", "doi", "pmid"),
        ),
        duplicates=tables.read(snakemake.input.duplicates, schemas.DUPLICATES),
        found=notices.Answers(
            tables.read(snakemake.input.searches, schemas.SEARCHES),
            tables.read(snakemake.input.files, schemas.FILES),
            tables.read(
                snakemake.input.records, schemas.RECORDS, columns=notices.LOOKED_AT
            ),
        ),
        asked=notices.Answers(asked.searches, asked.files, asked.records),
    )
    warnings = notices.warn(found)
    joblog.warn(warnings["says"])
    tables.write(found, snakemake.output.notices, schemas.NOTICES)
    tables.write(warnings, snakemake.output.warnings, schemas.WARNINGS)
