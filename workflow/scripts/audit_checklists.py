"""Adapter of rule audit_checklists: the text and the tables in; filled checklists out."""

from typing import TYPE_CHECKING

from retrace import joblog, ledger, schemas, tables, yamlfile
from retrace.audit import checklists

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    asked = yamlfile.load(checklists.ITEMS)
    config = snakemake.params.config
    placed = checklists.places(tables.read_text(snakemake.input.text))
    known = checklists.facts(
        searches=tables.read(snakemake.input.searches, schemas.SEARCHES),
        prisma=tables.read(snakemake.input.prisma, schemas.PRISMA),
        screening=tables.read(snakemake.input.screening, schemas.SCREENING_AGREEMENT),
        extraction=tables.read(
            snakemake.input.extraction, schemas.EXTRACTION_AGREEMENT
        ),
        config=config,
    )
    reporting = config.get("reporting", {})
    prisma_2020 = checklists.fill_prisma(asked, reporting, placed=placed, known=known)
    prisma_s = checklists.fill(
        asked["prisma_s"],
        reporting.get("prisma_s", {}),
        placed=placed,
        known=known,
        name="prisma_s",
    )
    tables.write(prisma_2020, snakemake.output.prisma_2020, schemas.CHECKLIST)
    tables.write(prisma_s, snakemake.output.prisma_s, schemas.CHECKLIST)
    page = checklists.as_page(
        {"PRISMA 2020": prisma_2020, "PRISMA-S": prisma_s},
        title=config["title"],
        language=config["language"],
    )
    ledger.write_text(snakemake.output.page, page)
