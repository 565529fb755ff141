"""Manuscript: template, numbers, tables and figures in; one text as Markdown, HTML, DOCX and PDF out."""


MANUSCRIPT = config["manuscript"]
TEXT_SETTINGS = {
    **MANUSCRIPT,
    **{name: config.get(name) for name in ("title", "subtitle", "authors", "language", "status")},
    "figures": config.get("figures") or {},
    "tables": config.get("tables") or {},
}
SHEETS = {name.split(".")[0] for name in MANUSCRIPT["terms_from"]}


rule render_markdown:
    input:
        template=MANUSCRIPT["template"],
        definitions=MANUSCRIPT["definitions"],
        bibliography=MANUSCRIPT["bibliography"],
        labels="results/extraction/labels.csv",
        numbers="results/numbers/numbers.csv",
        members="results/numbers/members.csv",
        claims="results/claims/claims.csv",
        stated=if_present("data/raw/published/claims.csv"),
        warnings="results/flow/warnings.csv",
        terms=expand("results/extraction/{sheet}.csv", sheet=sorted(SHEETS)),
        tables=expand("results/tables/{table}.html", table=TEXT_SETTINGS["tables"]),
        figures=expand("results/figures/{figure}.csv", figure=TEXT_SETTINGS["figures"]),
        alts=expand("results/figures/{figure}.alt.txt", figure=TEXT_SETTINGS["figures"]),
    output:
        text="results/manuscript/review.md",
        uses="results/manuscript/uses.csv",
        literals="results/manuscript/literals.csv",
        warnings="results/manuscript/warnings.csv",
    log:
        "results/logs/render_markdown.log",
    conda:
        "../../envs/manuscript.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **traced("render_markdown", settings=TEXT_SETTINGS),
    message:
        "Filling the text with its numbers, tables and figures."
    script:
        "../scripts/render_markdown.py"
