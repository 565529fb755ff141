"""Figures: numbers with their members, labels and the boxes of the flow in; pictures, marks and alt texts out."""

from retrace import figures

# Where the tables stand that a kind of figure asks for by name (its TAKES).
TABLE_OF = {
    "boxes": "results/flow/prisma.csv",
    "numbers": "results/numbers/of_tables.csv",
    "members": "results/numbers/of_tables_members.csv",
    "labels": "results/extraction/labels.csv",
}


rule plot_figure:
    input:
        unpack(figure_tables),
    output:
        svg=report(
            "results/figures/{figure}.svg",
            caption="../report/figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
        png="results/figures/{figure}.png",
        pdf="results/figures/{figure}.pdf",
        marks="results/figures/{figure}.csv",
        words="results/figures/{figure}.alt.txt",
    log:
        "results/logs/plot_figure.{figure}.log",
    group:
        "review"
    conda:
        "../../envs/figures.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        # The script loads the kind by its name, so the trace must name it too: an edit of one
        # kind then redraws the figures of that kind and no others.
        **traced(
            "plot_figure",
            modules=lambda wildcards: [
                f"retrace.figures.{config['figures'][wildcards.figure]['kind']}"
            ],
            files=[figures.STYLE],
            spec=figure_spec,
        ),
    message:
        "Drawing figure {wildcards.figure}."
    script:
        "../scripts/plot_figure.py"
