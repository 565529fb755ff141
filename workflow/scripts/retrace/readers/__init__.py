"""Read what databases and reference managers export, one module per format.

`Source` gives a reader valid UTF-8, `Reading` takes its records and accounts for every byte
of the file; `export` reads one file, `searches` all files of a review.
"""

from retrace.readers.export import MODULES, read_bytes
from retrace.readers.searches import (
    PART_TABLES,
    SEARCH_SCHEMA,
    Read,
    export_files,
    lines,
    lines_of,
    named,
    parts,
    read_all,
    read_exports,
    read_part,
    refusals,
    write_part,
)

__all__ = [
    "FORMATS",
    "LOADED",
    "PART_TABLES",
    "SEARCH_SCHEMA",
    "Read",
    "export_files",
    "lines",
    "lines_of",
    "named",
    "parts",
    "read_all",
    "read_bytes",
    "read_exports",
    "read_part",
    "refusals",
    "write_part",
]

FORMATS = tuple(MODULES)
"""The formats that can be asked for."""

LOADED = tuple(f"retrace.readers.{module}" for module in MODULES.values())
"""The modules that are loaded by name, so that a digest of the code cannot see them."""
