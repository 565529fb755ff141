"""Notices: included records and the answers that name them in; what became of each since it was published out."""

ASKED = raw_files("notices/*/*/search.yaml")
"""The rounds of `retrace freeze --included`."""
ANSWERED = [path for path in raw_files("notices/*/*/*") if path not in ASKED]

NOTICES = (
    ["results/notices/notices.csv"]
    if ASKED or raw_files("searches/*/*/responses.csv")
    else []
)
"""What services say of the included records; a review that asked none has no such table."""
NOTICE_WARNINGS = ["results/notices/warnings.csv"] if NOTICES else []


rule tabulate_notices:
    input:
        searches="results/records/searches.csv",
        files="results/records/files.csv",
        records="results/records/records.parquet",
        deduplicated="results/records/deduplicated.parquet",
        duplicates="results/records/duplicates.csv",
        settled="results/screening/settled.csv",
        reports=if_present("data/raw/screening/reports.csv"),
        included=if_present("data/raw/published/included.csv"),
        asked=ASKED,
        answers=ANSWERED,
    output:
        notices="results/notices/notices.csv",
        warnings="results/notices/warnings.csv",
    log:
        "results/logs/tabulate_notices.log",
    group:
        "review"
    conda:
        "../../envs/records.yaml"
    resources:
        mem_mb=lambda wildcards, input: 1000 + 8 * int(input.size_mb),
        runtime=20,
    params:
        **traced(
            "tabulate_notices",
            modules=readers.LOADED,
            files=[readers.SEARCH_SCHEMA],
        ),
    message:
        "Looking up what became of the included records."
    script:
        "../scripts/tabulate_notices.py"
