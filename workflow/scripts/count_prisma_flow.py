"""Adapter of rule count_prisma_flow: tables in, boxes, members and warnings out."""

from typing import TYPE_CHECKING

from retrace import flow, joblog, schemas, sheets, tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    searches = tables.read(snakemake.input.searches, schemas.SEARCHES)
    duplicates = tables.read(snakemake.input.duplicates, schemas.DUPLICATES)
    settled = tables.read(snakemake.input.settled, schemas.SETTLED)
    notices = tables.read_all(snakemake.input.notices, schemas.NOTICES)
    members = flow.sort_into_boxes(
        searches=searches,
        records=tables.read(
            snakemake.input.records,
            schemas.RECORDS,
            columns=("row_id", "record_id", "source"),
        ),
        duplicates=duplicates,
        settled=settled,
        reports=tables.read_all(snakemake.input.reports, schemas.REPORTS),
        included=tables.read_all(snakemake.input.included, schemas.INCLUDED),
        notices=notices,
        final=snakemake.params.final,
    )
    kinds = schemas.of_sheets(snakemake.params.extraction)
    paths = dict(zip(kinds, snakemake.input.studies, strict=True))
    studies = sheets.study_ids(
        snakemake.params.extraction, tables.read_named(paths, kinds)
    )
    unmatched = list(
        flow.unmatched(members, studies, snakemake.params.arms, duplicates)
    )
    prisma = flow.count(
        members,
        searches=searches,
        reported=tables.read_all(snakemake.input.reported, schemas.REPORTED),
        arms=snakemake.params.arms,
        reasons=snakemake.params.reasons,
        notices=notices,
        studies=unmatched,
        final=snakemake.params.final,
    )
    tables.write(members, snakemake.output.members, schemas.FLOW_MEMBERS)
    tables.write(prisma, snakemake.output.prisma, schemas.PRISMA)
    tables.write(
        flow.warn(prisma, searches=searches, settled=settled, studies=unmatched),
        snakemake.output.warnings,
        schemas.WARNINGS,
    )
