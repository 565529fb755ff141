"""Common: what every rule file uses. No rules, no tables."""

from retrace import errors, figures, ledger, staleness, turn
from retrace.ledger import is_raw, traced
from snakemake.io import is_callable


def raw_files(pattern):
    """Return the raw inputs that fit a glob, by name; what is hidden is none, such as a search that runs."""
    found = Path("data/raw").glob(pattern)
    return sorted(
        str(path)
        for path in found
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    )


SEARCHED_MB = sum(os.path.getsize(path) for path in raw_files("searches/**/*")) // 10**6
"""How much the searches brought: a step that holds all records, or all members, needs some times that.

Told by the raw files, since steps that run as one group ask for memory before others wrote a file.
"""


def if_present(path):
    """Return an input that a review may lack: the path where the file exists, else nothing."""
    return [path] if Path(path).is_file() else []


def drawn(ending):
    """Return every figure of the review in one format."""
    return expand(f"results/figures/{{figure}}.{ending}", figure=config["figures"])


def figure_spec(wildcards):
    """Return what config says of a figure, and whether the review is a draft."""
    return config["figures"][wildcards.figure] | {"status": config["status"]}


def figure_tables(wildcards):
    """Return the tables that a figure's kind takes; the sheet of mediators is named by config."""
    spec = config["figures"][wildcards.figure]
    sheet = spec.get("mediators", {}).get("sheet", "")
    table_of = TABLE_OF | {"sheet": f"results/extraction/{sheet}.csv"}
    return {name: table_of[name] for name in figures.load(spec["kind"]).TAKES}


def inputs_of(output):
    """Return the inputs that the workflow gives an output now, None where a function names them."""
    for maker in workflow.rules:
        if maker.is_producer(output):
            if any(is_callable(item) for item in maker.input):
                return None
            wildcards = maker.get_wildcards(output)
            return {str(item).format(**wildcards) for item in maker.input}


wildcard_constraints:
    table="[A-Za-z0-9_]+",
    figure="[A-Za-z0-9_]+",
    part="[0-9]+",
