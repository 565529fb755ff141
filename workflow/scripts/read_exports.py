"""Adapter of rule read_exports: export files in; their records, rejects, files and warnings out."""

from typing import TYPE_CHECKING

from retrace import joblog, readers

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    readers.write_part(readers.read_part(snakemake.input), snakemake.output)
