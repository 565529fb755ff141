"""Draw the review's figures: number families in, matplotlib figures out, one module per kind.

A kind's module is loaded by the name that config.yaml gives, never imported by another module
of ours: so the code that a figure depends on is its own kind, and an edit of one kind redraws
the figures of that kind alone. Each kind has four names:

TAKES                     the tables it reads: argument name -> schema
data(*, spec, **tables)   what is drawn, one row per mark (`marks.MARKS`), with the number of each
draw(data, spec)          the figure
alt(data, spec)           what the figure shows, in words, for who cannot see it
"""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from retrace.errors import ConfigError, Problem, some

STYLE = Path(__file__).with_name("review.mplstyle")
HELPERS = frozenset({"marks", "save", "sheet"})


def kinds() -> list[str]:
    """Return the kinds of figure there are, in alphabetical order."""
    return sorted(
        module.name
        for module in pkgutil.iter_modules(__path__)
        if module.name not in HELPERS
    )


def load(kind: str) -> ModuleType:
    """Return the module that draws a kind of figure.

    Raises:
        ConfigError: config.yaml names a kind that does not exist.
    """
    if kind not in kinds():
        raise ConfigError(
            Problem(
                "config.yaml",
                column="figures",
                what=f"the kind {kind!r} of a figure does not exist",
                expected=f"one of {some(kinds(), 20)}",
            )
        )
    return importlib.import_module(f"retrace.figures.{kind}")
