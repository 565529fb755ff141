"""Synthesis: consensus sheets in; the direction of effects by study and group of outcomes out."""


rule count_directions:
    input:
        labels="results/extraction/labels.csv",
        sheets=list(SHEET_TABLES.values()),
    output:
        directions="results/synthesis/effect_directions.csv",
        tests="results/synthesis/direction_tests.csv",
    log:
        "results/logs/count_directions.log",
    group:
        "review"
    conda:
        "../../envs/tables.yaml"
    resources:
        mem_mb=500,
        runtime=10,
    params:
        **traced(
            "count_directions",
            synthesis=config["synthesis"],
            sheets=SHEET_TABLES,
            extraction=config["extraction"],
        ),
    message:
        "Counting effects by direction."
    script:
        "../scripts/count_directions.py"
