"""Adapter of rule count_directions: consensus sheets in, directions of effects by study and group out."""

from typing import TYPE_CHECKING

from retrace import joblog, schemas, synthesis, tables
from retrace.labels import Labels
from retrace.relations import Relations

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    kinds = schemas.of_sheets(snakemake.params.extraction)
    relations = Relations(
        tables.read_named(snakemake.params.sheets, kinds),
        kinds,
        Labels(tables.read(snakemake.input.labels, schemas.LABELS)),
    )
    directions = synthesis.direct(relations, **snakemake.params.synthesis)
    tables.write(directions, snakemake.output.directions, schemas.EFFECT_DIRECTIONS)
    tables.write(
        synthesis.test_signs(directions),
        snakemake.output.tests,
        schemas.DIRECTION_TESTS,
    )
