"""Searches: search.yaml and export files in; records, rejects, files, warnings and searches out."""

from retrace import readers

SEARCH_FILES = raw_files("searches/*/*/search.yaml")
EXPORT_FILES = [
    path
    for path in raw_files("searches/*/*/*")
    if path not in SEARCH_FILES and not Path(path).name.startswith(".")
]


rule read_records:
    input:
        searches=SEARCH_FILES,
        exports=EXPORT_FILES,
    output:
        records="results/records/records.parquet",
        rejects="results/records/rejects.csv",
        files="results/records/files.csv",
        warnings="results/records/warnings.csv",
        searches="results/records/searches.csv",
    log:
        "results/logs/read_records.log",
    conda:
        "../../envs/records.yaml"
    threads: 4
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        **traced("read_records", modules=readers.LOADED),
    message:
        "Reading the records of every search."
    script:
        "../scripts/read_records.py"
