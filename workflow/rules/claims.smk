"""Claims: what a published article states, and the numbers, in; verdicts, and the numbers with those on claims, out."""

CLAIMS = (
    ["results/claims/claims.csv"] if if_present("data/raw/published/claims.csv") else []
)
"""The verdicts; a review that audits no published article has none."""


rule compare_claims:
    input:
        claims="data/raw/published/claims.csv",
        definitions=config["manuscript"]["definitions"],
        labels="results/extraction/labels.csv",
        numbers="results/numbers/of_tables.csv",
        members="results/numbers/of_tables_members.csv",
    output:
        claims="results/claims/claims.csv",
    log:
        "results/logs/compare_claims.log",
    group:
        "review"
    conda:
        "../../envs/tables.yaml"
    resources:
        mem_mb=500,
        runtime=10,
    params:
        **traced("compare_claims", files=[definitions.SCHEMA]),
    message:
        "Holding the published statements against the numbers."
    script:
        "../scripts/compare_claims.py"


rule count_claims:
    input:
        definitions=config["manuscript"]["definitions"],
        labels="results/extraction/labels.csv",
        numbers="results/numbers/of_tables.csv",
        members="results/numbers/of_tables_members.csv",
        claims=CLAIMS,
    output:
        numbers="results/numbers/numbers.csv",
        members="results/numbers/members.csv",
    log:
        "results/logs/count_claims.log",
    group:
        "review"
    conda:
        "../../envs/tables.yaml"
    resources:
        mem_mb=500 + 4 * SEARCHED_MB,
        runtime=10,
    params:
        **traced(
            "count_claims",
            files=[definitions.SCHEMA],
            final=config["status"] == "release",
        ),
    message:
        "Counting the verdicts, and gathering all numbers."
    script:
        "../scripts/count_claims.py"
