"""Adapter of rule seal_results: the ledger's sidecars in; provenance and checksums out."""

from typing import TYPE_CHECKING

from retrace import joblog, ledger

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    lines = ledger.lines_of(snakemake.input)
    ledger.write_text(snakemake.output.provenance, ledger.as_provenance(lines))
    ledger.write_text(snakemake.output.checksums, ledger.as_checksums(lines))
