"""Screening: reviewers' votes and resolutions in; what holds for each record, agreement, and what a person should look at, out."""

REVIEWERS = raw_files("screening/reviewers/*.csv")
RESOLUTIONS = if_present("data/raw/screening/resolutions.csv")


rule settle_decisions:
    input:
        deduplicated="results/records/deduplicated.parquet",
        duplicates="results/records/duplicates.csv",
        borderline="results/records/borderline.csv",
        searches="results/records/searches.csv",
        votes=REVIEWERS,
        resolutions=RESOLUTIONS,
    output:
        settled="results/screening/settled.csv",
        agreement="results/screening/agreement.csv",
        warnings="results/screening/warnings.csv",
    log:
        "results/logs/settle_decisions.log",
    group:
        "review"
    conda:
        "../../envs/tables.yaml"
    resources:
        mem_mb=1000 + 4 * SEARCHED_MB,
        runtime=10,
    params:
        **traced(
            "settle_decisions",
            screening=config.get("screening", {}),
            final=config["status"] == "release",
        ),
    message:
        "Settling the screening decisions."
    script:
        "../scripts/settle_decisions.py"
