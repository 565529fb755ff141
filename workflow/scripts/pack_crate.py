"""Adapter of rule pack_crate: the ledger of a build in; a Workflow Run RO-Crate out."""

from importlib.metadata import version
from typing import TYPE_CHECKING

import retrace
from retrace import joblog, ledger
from retrace.audit import crate
from retrace.manuscript import dates

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    crate.pack(
        snakemake.output.crate,
        config=snakemake.params.config,
        lines=ledger.lines_of(snakemake.input.content),
        home=ledger.HOME,
        written_on=dates.written_on(
            [snakemake.input.searches, snakemake.input.decisions],
            snakemake.params.config["written_on"],
        ),
        engine_version=retrace.__version__,
        snakemake_version=version("snakemake"),
    )
