"""Tables: consensus sheets, labels and numbers in; tables as they are printed out."""

PRINTABLE = {
    **SHEET_TABLES,
    "effect_directions": "results/synthesis/effect_directions.csv",
    "direction_tests": "results/synthesis/direction_tests.csv",
}
"""Every table whose rows or columns a printed table may show."""


rule tabulate_table:
    input:
        labels="results/extraction/labels.csv",
        numbers="results/numbers/of_tables.csv",
        sources=list(PRINTABLE.values()),
    output:
        csv=report(
            "results/tables/{table}.csv",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "{table}"},
        ),
        html="results/tables/{table}.html",
    log:
        "results/logs/tabulate_table.{table}.log",
    group:
        "review"
    conda:
        "../../envs/tables.yaml"
    resources:
        mem_mb=500,
        runtime=10,
    params:
        **traced(
            "tabulate_table",
            spec=lambda wildcards: config["tables"][wildcards.table]
            | {"language": config.get("language", "en")},
            sources=PRINTABLE,
            extraction=config["extraction"],
        ),
    message:
        "Printing table {wildcards.table}."
    script:
        "../scripts/tabulate_table.py"
