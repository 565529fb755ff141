"""Extraction: readings, adjudication and vocabulary in; one consensus per sheet, labels and agreement out."""

from retrace import sheets

SHEET_TABLES = {
    sheet: f"results/extraction/{sheet}.csv" for sheet in config["extraction"]["sheets"]
}
"""The consensus of each sheet."""


rule agree_extraction:
    input:
        sheets.files(config["extraction"]),
    output:
        sheets=list(SHEET_TABLES.values()),
        labels="results/extraction/labels.csv",
        agreement="results/extraction/agreement.csv",
    log:
        "results/logs/agree_extraction.log",
    group:
        "review"
    conda:
        "../../envs/tables.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **traced("agree_extraction", extraction=config["extraction"]),
    message:
        "Computing the consensus of the readings."
    script:
        "../scripts/agree_extraction.py"
