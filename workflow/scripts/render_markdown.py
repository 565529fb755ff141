"""Adapter of rule render_markdown: template, numbers, tables and figures in; Markdown out."""

from typing import TYPE_CHECKING

from retrace import joblog, ledger, schemas, tables
from retrace.manuscript import template

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    review = template.render(
        snakemake.input.template,
        settings=snakemake.params.settings,
        definitions=snakemake.input.definitions,
        bibliography=snakemake.input.bibliography,
        labels=snakemake.input.labels,
        numbers=snakemake.input.numbers,
        members=snakemake.input.members,
        claims=snakemake.input.claims,
        stated=snakemake.input.stated,
        warnings=snakemake.input.warnings,
        searches=snakemake.input.searches,
        lines=snakemake.input.lines,
        recall=snakemake.input.recall,
        terms=snakemake.input.terms,
        box_members=snakemake.input.box_members,
        tables_html=snakemake.input.tables,
        figures_csv=snakemake.input.figures,
        figures_alt=snakemake.input.alts,
        notices=snakemake.input.notices,
    )
    ledger.write_text(snakemake.output.text, review.text)
    tables.write(review.uses, snakemake.output.uses, schemas.USES)
    tables.write(review.literals, snakemake.output.literals, schemas.LITERALS)
    tables.write(review.warnings, snakemake.output.warnings, schemas.WARNINGS)
