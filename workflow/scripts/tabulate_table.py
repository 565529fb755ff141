"""Adapter of rule tabulate_table: sheets, labels and numbers in; one printed table as CSV and HTML out."""

from typing import TYPE_CHECKING

from retrace import joblog, ledger, printed, schemas, tables
from retrace.labels import Labels
from retrace.relations import Relations

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    kinds = schemas.printable(snakemake.params.extraction)
    labels = Labels(tables.read(snakemake.input.labels, schemas.LABELS))
    made = printed.lay_out(
        snakemake.params.spec,
        relations=Relations(
            tables.read_named(snakemake.params.sources, kinds), kinds, labels
        ),
        labels=labels,
        numbers=tables.read(snakemake.input.numbers, schemas.NUMBERS),
        name=snakemake.wildcards.table,
    )
    tables.write_as_it_is(printed.as_csv(made), snakemake.output.csv)
    ledger.write_text(snakemake.output.html, printed.as_html(made))
