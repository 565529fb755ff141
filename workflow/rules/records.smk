"""Records: the rows of all searches and a person's word on duplicates in; distinct records, the duplicates merged into them and the pairs in doubt out."""


rule deduplicate_records:
    input:
        records="results/records/records.parquet",
        searches="results/records/searches.csv",
        overrides=if_present("data/raw/screening/overrides.csv"),
    output:
        deduplicated="results/records/deduplicated.parquet",
        duplicates="results/records/duplicates.csv",
        borderline="results/records/borderline.csv",
    log:
        "results/logs/deduplicate_records.log",
    conda:
        "../../envs/records.yaml"
    resources:
        # A million records with abstracts take three gigabytes, eight times their parquet file.
        mem_mb=lambda wildcards, input: 1000 + 12 * int(input.size_mb),
        runtime=20,
    params:
        **traced(
            "deduplicate_records",
            risk=config.get("deduplication", {}).get("risk", "balanced"),
        ),
    message:
        "Merging the rows that are one record."
    script:
        "../scripts/deduplicate_records.py"
