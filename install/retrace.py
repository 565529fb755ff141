"""The package `retrace` of an installed distribution, which leads to the one copy in the engine.

It becomes retrace/__init__.py of the wheel. The engine stands beside it as a whole, laid out as
in its repository: Snakemake's jobs find the package in workflow/scripts/, and so does an import.
"""

from pathlib import Path

__path__ = [
    str(Path(__file__).parents[1] / "retrace_review/workflow/scripts/retrace"),
]
exec((Path(__path__[0]) / "__init__.py").read_text(encoding="utf-8"))
