"""Audit: every content output and its sidecar in; provenance and checksums out."""

from retrace.audit import checklists, crate, pages

CONTENT = [
    *rules.read_records.output,
    *rules.compare_queries.output,
    *rules.deduplicate_records.output,
    *rules.count_recall.output,
    *rules.settle_decisions.output,
    *(rules.tabulate_notices.output if NOTICES else []),
    *rules.count_prisma_flow.output,
    *rules.agree_extraction.output,
    *rules.count_directions.output,
    *rules.define_numbers.output,
    *(rules.compare_claims.output if CLAIMS else []),
    *rules.count_claims.output,
    *expand(rules.tabulate_table.output, table=config["tables"]),
    *expand(rules.plot_figure.output, figure=config["figures"]),
    *rules.render_markdown.output,
    *rules.render_html.output,
    *rules.render_docx.output,
    *rules.render_pdf.output,
]
"""Every output that has content: what is sealed, and what `rule all` lists."""

READ_IN_PARTS = expand(rules.read_exports.output, part=PARTS)
"""What many exports are read into on the way; how they were shared out is no content."""

RAW = sorted(
    {
        *raw_files("**/*"),
        *(
            path
            for output in CONTENT
            for path in inputs_of(output) or ()
            if is_raw(path)
        ),
    }
)
"""Every raw file that content is made from."""


rule seal_results:
    input:
        CONTENT,
    output:
        provenance="results/audit/provenance.json",
        checksums="results/SHA256SUMS",
    log:
        "results/logs/seal_results.log",
    group:
        "review"
    conda:
        "../../envs/tables.yaml"
    resources:
        mem_mb=500,
        runtime=10,
    params:
        **traced("seal_results"),
    message:
        "Sealing the results."
    script:
        "../scripts/seal_results.py"


rule audit_checklists:
    input:
        text="results/manuscript/review.md",
        searches="results/records/searches.csv",
        prisma="results/flow/prisma.csv",
        screening="results/screening/agreement.csv",
        extraction="results/extraction/agreement.csv",
    output:
        prisma_2020="results/audit/prisma_2020.csv",
        prisma_s="results/audit/prisma_s.csv",
        page="results/audit/checklists.html",
    log:
        "results/logs/audit_checklists.log",
    group:
        "review"
    conda:
        "../../envs/tables.yaml"
    resources:
        mem_mb=500,
        runtime=10,
    params:
        **traced(
            "audit_checklists",
            files=[checklists.ITEMS],
            config={
                name: config.get(name, {})
                for name in ("protocol", "deduplication", "reporting")
            }
            | {"title": config["title"], "language": config.get("language", "en")},
        ),
    message:
        "Filling the reporting checklists."
    script:
        "../scripts/audit_checklists.py"


rule pack_crate:
    input:
        content=CONTENT,
        provenance="results/audit/provenance.json",
        searches="results/records/searches.csv",
        decisions="results/screening/settled.csv",
        raw=["config.yaml", *RAW],
    output:
        crate="results/audit/review.crate.zip",
    log:
        "results/logs/pack_crate.log",
    group:
        "review"
    conda:
        "../../envs/audit.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **traced(
            "pack_crate",
            files=crate.engine_files(ledger.HOME).values(),
            config={
                name: config.get(name)
                for name in ("title", "subtitle", "authors", "written_on", "licence")
            },
        ),
    message:
        "Packing inputs, workflow and outputs as a research object."
    script:
        "../scripts/pack_crate.py"


rule audit_pages:
    input:
        content=[*READ_IN_PARTS, *CONTENT],
        audit=[
            *rules.seal_results.output,
            *rules.audit_checklists.output,
            *rules.pack_crate.output,
        ],
        sheets=list(SHEET_TABLES.values()),
        definitions=MANUSCRIPT["definitions"],
        stated=if_present("data/raw/published/claims.csv"),
        decided=[
            *RESOLUTIONS,
            *if_present("data/raw/screening/overrides.csv"),
            *REVIEWERS,
            *if_present("data/raw/published/included.csv"),
            *if_present("data/raw/published/reported.csv"),
            *if_present(
                f"data/raw/extraction/{config['extraction'].get('adjudication')}"
            ),
        ],
    output:
        page=report(
            "results/audit/index.html",
            caption="../report/audit.rst",
            category="Audit",
            labels={"page": "inputs, steps, numbers and claims"},
        ),
    log:
        "results/logs/audit_pages.log",
    group:
        "review"
    conda:
        "../../envs/audit.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **traced(
            "audit_pages",
            files={*pages.FILES, *crate.engine_files(ledger.HOME).values()},
            config={name: config.get(name) for name in ("title", "language")},
        ),
    message:
        "Setting the audit as a page that can be clicked through."
    script:
        "../scripts/audit_pages.py"


AUDIT = [
    *rules.seal_results.output,
    *rules.audit_checklists.output,
    *rules.pack_crate.output,
    *rules.audit_pages.output,
]
"""What tells of the build, not of the review."""

OUTPUTS = [*READ_IN_PARTS, *CONTENT, *AUDIT]
"""Every output of the workflow; what else stands in results/, logs and ledger aside, no rule makes."""

with errors.told():
    if rules.seal_results.output.checksums != "results/SHA256SUMS":
        raise errors.ReviewError(
            "module: prefix or pathvars move the results, and the ledger would not find them;"
            " leave them out, and set workdir to the review's folder"
        )

ledger.expect(OUTPUTS, inputs_of)


if workflow.is_main_process:
    # Jobs on other nodes get their orders from the main process.
    with errors.told():
        staleness.tell(OUTPUTS, inputs_of)


onstart:
    with errors.told():
        turn.begin()
