"""Flow: records, decisions, published counts, notices and sheets of studies in; the boxes of PRISMA 2020 and their members out."""

STUDY_SHEETS = sheets.of_studies(config["extraction"])
"""The sheets that have one row per included study, as config.yaml describes them."""


rule count_prisma_flow:
    input:
        searches="results/records/searches.csv",
        records="results/records/records.parquet",
        duplicates="results/records/duplicates.csv",
        settled="results/screening/settled.csv",
        reports=if_present("data/raw/screening/reports.csv"),
        included=if_present("data/raw/published/included.csv"),
        reported=if_present("data/raw/published/reported.csv"),
        notices=NOTICES,
        studies=[SHEET_TABLES[sheet] for sheet in STUDY_SHEETS],
    output:
        prisma="results/flow/prisma.csv",
        members="results/flow/members.csv",
        warnings="results/flow/warnings.csv",
    log:
        "results/logs/count_prisma_flow.log",
    group:
        "review"
    conda:
        "../../envs/tables.yaml"
    resources:
        mem_mb=1000 + 6 * SEARCHED_MB,
        runtime=10,
    params:
        **traced(
            "count_prisma_flow",
            arms=config["flow"]["arms"],
            reasons=config.get("screening", {})
            .get("reasons", {})
            .get("full_text", []),
            extraction={"sheets": STUDY_SHEETS},
            final=config["status"] == "release",
        ),
    message:
        "Sorting records, reports and studies into the PRISMA 2020 boxes."
    script:
        "../scripts/count_prisma_flow.py"
