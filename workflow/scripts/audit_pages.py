"""Adapter of rule audit_pages: the ledger and the tables of a build in; the audit's page out."""

from typing import TYPE_CHECKING

from retrace import joblog, ledger
from retrace.audit import crate, pages, pages_data

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with joblog.running(snakemake):
    config = snakemake.params.config
    gathered = pages_data.gather(
        title=config["title"],
        outputs=[*snakemake.input.content, *snakemake.input.audit],
        sheets=snakemake.input.sheets,
        raw=snakemake.input.decided,
        engine=crate.engine_files(ledger.HOME),
        definitions=snakemake.input.definitions,
    )
    made = pages.render(gathered, language=config.get("language") or "en")
    ledger.write_text(snakemake.output.page, made)
