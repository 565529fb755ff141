"""Manuscript: template, numbers, tables and figures in; one text as Markdown, HTML, DOCX and PDF out."""

from retrace import definitions, schemas
from retrace.manuscript import pandoc

MANUSCRIPT = config["manuscript"]
TEXT_SETTINGS = {
    **MANUSCRIPT,
    **{
        name: config.get(name)
        for name in ("title", "subtitle", "authors", "language", "status")
    },
    "figures": config.get("figures") or {},
    "tables": config.get("tables") or {},
}
SHEETS = {name.split(".")[0] for name in MANUSCRIPT["terms_from"]}

COUNTED_IN = {
    name: table.path
    for name, table in schemas.by_name(config["extraction"]).items()
    if table.path.startswith("results/")
    and "<" not in table.path
    and (name != "claims" or CLAIMS)
    and (name != "notices" or NOTICES)
}
"""The file of each table that numbers are counted in."""


rule render_markdown:
    input:
        template=MANUSCRIPT["template"],
        definitions=MANUSCRIPT["definitions"],
        bibliography=MANUSCRIPT["bibliography"],
        labels="results/extraction/labels.csv",
        numbers="results/numbers/numbers.csv",
        members="results/numbers/members.csv",
        claims=CLAIMS,
        stated=if_present("data/raw/published/claims.csv"),
        warnings=[
            "results/flow/warnings.csv",
            "results/searches/warnings.csv",
            *NOTICE_WARNINGS,
        ],
        notices=NOTICES,
        searches="results/records/searches.csv",
        lines="results/searches/lines.csv",
        recall="results/searches/recall.csv",
        terms=expand("results/extraction/{sheet}.csv", sheet=sorted(SHEETS)),
        box_members="results/flow/members.csv",
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
    group:
        "review"
    conda:
        "../../envs/manuscript.yaml"
    resources:
        mem_mb=1000 + 4 * SEARCHED_MB,
        runtime=10,
    params:
        **traced("render_markdown", files=[definitions.SCHEMA], settings=TEXT_SETTINGS),
    message:
        "Filling the text with its numbers, tables and figures."
    script:
        "../scripts/render_markdown.py"


# The three formats have one text, one list of works and one style of citing.
TEXT = {
    "text": rules.render_markdown.output.text,
    "bibliography": MANUSCRIPT["bibliography"],
    "csl": MANUSCRIPT["csl"],
}

# What each number is and who its members are: a click tells it, or an appendix.
EXPLAINED = {
    "numbers": "results/numbers/numbers.csv",
    "members": "results/numbers/members.csv",
    "labels": "results/extraction/labels.csv",
    "sheets": expand(
        "results/extraction/{sheet}.csv", sheet=config["extraction"]["sheets"]
    ),
    "records": "results/records/deduplicated.parquet",
}


rule render_html:
    input:
        **TEXT,
        **EXPLAINED,
        drawings=drawn("svg"),
        marks=drawn("csv"),
        words=drawn("alt.txt"),
        prisma="results/flow/prisma.csv",
        box_members="results/flow/members.csv",
        counted=sorted(set(COUNTED_IN.values())),
        # The page names the digests of raw files below its numbers.
        definitions=MANUSCRIPT["definitions"],
        raw=raw_files("**/*"),
    output:
        page=report(
            "results/manuscript/review.html",
            caption="../report/manuscript.rst",
            category="Manuscript",
            labels={"format": "HTML"},
        ),
    log:
        "results/logs/render_html.log",
    group:
        "review"
    conda:
        "../../envs/manuscript.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **traced("render_html", files=pandoc.PAGE, sources=COUNTED_IN),
    message:
        "Setting the text as a page in which each number opens its members."
    script:
        "../scripts/render_html.py"


rule render_docx:
    input:
        **TEXT,
        **EXPLAINED,
        searches="results/records/searches.csv",
        decisions="results/screening/settled.csv",
        drawings=drawn("png"),
    output:
        document=report(
            "results/manuscript/review.docx",
            caption="../report/manuscript.rst",
            category="Manuscript",
            labels={"format": "DOCX"},
        ),
    log:
        "results/logs/render_docx.log",
    group:
        "review"
    conda:
        "../../envs/manuscript.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **traced(
            "render_docx",
            files=pandoc.DOCX,
            written_on=config.get("written_on"),
        ),
    message:
        "Setting the text as a Word document."
    script:
        "../scripts/render_docx.py"


rule render_pdf:
    input:
        **TEXT,
        **EXPLAINED,
        searches="results/records/searches.csv",
        decisions="results/screening/settled.csv",
        drawings=drawn("svg"),
    output:
        pages=report(
            "results/manuscript/review.pdf",
            caption="../report/manuscript.rst",
            category="Manuscript",
            labels={"format": "PDF"},
        ),
    log:
        "results/logs/render_pdf.log",
    group:
        "review"
    conda:
        "../../envs/manuscript.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **traced(
            "render_pdf",
            files=pandoc.PDF,
            written_on=config.get("written_on"),
        ),
    message:
        "Setting the text as a PDF."
    script:
        "../scripts/render_pdf.py"
