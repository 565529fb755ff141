"""Numbers: definitions and every table that they may name in; values and their members out."""

from retrace import definitions

TABLES = {
    **SHEET_TABLES,
    "labels": "results/extraction/labels.csv",
    "extraction_agreement": "results/extraction/agreement.csv",
    "records": "results/records/records.parquet",
    "deduplicated": "results/records/deduplicated.parquet",
    "duplicates": "results/records/duplicates.csv",
    "rejects": "results/records/rejects.csv",
    "searches": "results/records/searches.csv",
    "search_strings": "results/searches/strings.csv",
    "search_terms": "results/searches/terms.csv",
    "search_warnings": "results/searches/warnings.csv",
    "search_lines": "results/searches/lines.csv",
    "search_recall": "results/searches/recall.csv",
    "search_known": "results/searches/known.csv",
    "search_term_recall": "results/searches/term_recall.csv",
    "settled": "results/screening/settled.csv",
    **{"notices": path for path in NOTICES},
    "screening_agreement": "results/screening/agreement.csv",
    "prisma": "results/flow/prisma.csv",
    "flow_members": "results/flow/members.csv",
    "flow_warnings": "results/flow/warnings.csv",
    "effect_directions": "results/synthesis/effect_directions.csv",
    "direction_tests": "results/synthesis/direction_tests.csv",
    **{
        name: f"data/raw/published/{name}.csv"
        for name in ("included", "reported")
        if if_present(f"data/raw/published/{name}.csv")
    },
}
"""Every table that numbers.yaml may name, but for the claims, which are held against numbers."""


rule define_numbers:
    input:
        definitions=config["manuscript"]["definitions"],
        tables=list(TABLES.values()),
    output:
        numbers="results/numbers/of_tables.csv",
        members="results/numbers/of_tables_members.csv",
    log:
        "results/logs/define_numbers.log",
    group:
        "review"
    conda:
        "../../envs/tables.yaml"
    resources:
        mem_mb=1000 + 6 * SEARCHED_MB,
        runtime=10,
    params:
        **traced(
            "define_numbers",
            files=[definitions.SCHEMA],
            tables=TABLES,
            extraction=config["extraction"],
            final=config["status"] == "release",
        ),
    message:
        "Computing every number of the review, with its members."
    script:
        "../scripts/define_numbers.py"
