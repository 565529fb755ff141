"""Adapter of rule plot_figure: the tables of a figure's kind in, its marks, pictures and words out."""

from typing import TYPE_CHECKING

from retrace import figures, joblog, tables
from retrace.figures import marks, save

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    kind = figures.load(snakemake.params.spec["kind"])
    drawn = kind.data(
        **tables.read_named(snakemake.input, kind.TAKES), spec=snakemake.params.spec
    )
    tables.write(drawn, snakemake.output.marks, marks.MARKS)
    save.write(
        kind.draw,
        kind.alt,
        drawn,
        snakemake.params.spec,
        svg=snakemake.output.svg,
        png=snakemake.output.png,
        pdf=snakemake.output.pdf,
        words=snakemake.output.words,
    )
