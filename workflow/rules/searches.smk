"""Searches: search.yaml and export files in; records, rejects, files, warnings, searches, their terms and which known records they found out."""

from retrace import readers

SEARCH_FILES = raw_files("searches/*/*/search.yaml")
EXPORT_FILES = [
    path for path in raw_files("searches/*/*/*") if path not in SEARCH_FILES
]


PARTS = readers.parts(SEARCH_FILES)
"""The export files that each of several jobs reads; none where one job reads them all."""

PART_TABLES = [f"results/parts/{{part}}/{table}" for table in readers.PART_TABLES]


rule read_exports:
    input:
        lambda wildcards: PARTS[wildcards.part],
    output:
        PART_TABLES,
    log:
        "results/logs/read_exports_{part}.log",
    conda:
        "../../envs/records.yaml"
    resources:
        mem_mb=lambda wildcards, input: 1000 + 8 * int(input.size_mb),
        runtime=20,
    params:
        **traced(
            "read_exports",
            modules=readers.LOADED,
            exports=lambda wildcards: PARTS[wildcards.part],
        ),
    message:
        "Reading the records of a part of the exports."
    script:
        "../scripts/read_exports.py"


rule read_records:
    input:
        searches=SEARCH_FILES,
        exports=EXPORT_FILES,
        parts=expand(PART_TABLES, part=PARTS),
    output:
        records="results/records/records.parquet",
        rejects="results/records/rejects.csv",
        files="results/records/files.csv",
        warnings="results/records/warnings.csv",
        searches="results/records/searches.csv",
        lines="results/searches/lines.csv",
    log:
        "results/logs/read_records.log",
    conda:
        "../../envs/records.yaml"
    resources:
        mem_mb=lambda wildcards, input: 1000 + 8 * int(input.size_mb),
        runtime=20,
    params:
        **traced(
            "read_records",
            modules=readers.LOADED,
            files=[readers.SEARCH_SCHEMA],
        ),
    message:
        "Reading the records of every search."
    script:
        "../scripts/read_records.py"


rule compare_queries:
    input:
        searches="results/records/searches.csv",
        vocabularies=raw_files("vocabularies/*.txt"),
    output:
        strings="results/searches/strings.csv",
        terms="results/searches/terms.csv",
        warnings="results/searches/warnings.csv",
    log:
        "results/logs/compare_queries.log",
    group:
        "review"
    conda:
        "../../envs/tables.yaml"
    resources:
        mem_mb=500,
        runtime=10,
    params:
        **traced(
            "compare_queries",
            config={name: config.get(name) or {} for name in ("concepts", "searches")},
        ),
    message:
        "Checking the search strings and holding them against each other."
    script:
        "../scripts/compare_queries.py"


rule count_recall:
    input:
        searches="results/records/searches.csv",
        records="results/records/records.parquet",
        duplicates="results/records/duplicates.csv",
        included=if_present("data/raw/published/included.csv"),
        settled="results/screening/settled.csv",
    output:
        recall="results/searches/recall.csv",
        known="results/searches/known.csv",
        terms="results/searches/term_recall.csv",
    log:
        "results/logs/count_recall.log",
    group:
        "review"
    conda:
        "../../envs/records.yaml"
    resources:
        mem_mb=1000 + 6 * SEARCHED_MB,
        runtime=10,
    params:
        **traced("count_recall"),
    message:
        "Counting which known records each search found."
    script:
        "../scripts/count_recall.py"
