"""Make the folder of a new review: what an author edits, empty and commented, and it builds at once.

Tables come from their schemas and not from templates, so a new review never has yesterday's columns.
"""

from pathlib import Path

from retrace import __version__, schemas, tables
from retrace.errors import Problem, ReviewError
from retrace.ledger import HOME, write_bytes, write_text

TEMPLATES = Path(__file__).resolve().parents[2] / "templates/new"
RENAMED = {"gitignore": ".gitignore"}
"""Files that would act upon the engine's own folder under their right names."""
FOLDERS = ("data/raw/searches", "data/raw/screening/reviewers")
"""Folders for what only an author can bring; git keeps them by a file without content."""
TABLES = {
    "data/raw/screening/resolutions.csv": schemas.RESOLUTIONS,
    "data/raw/screening/overrides.csv": schemas.OVERRIDES,
    "data/raw/screening/reports.csv": schemas.REPORTS,
    "data/raw/extraction/adjudication.csv": schemas.ADJUDICATION,
    "data/raw/extraction/consensus_notes.csv": schemas.NOTES,
    "data/raw/extraction/vocab.csv": schemas.VOCABULARY,
}
REQUIREMENTS = """\
# What builds this review; its libraries are those of requirements.lock. With both, on one minor
# version of Python, a later build makes the same bytes.
retrace-review=={version}
"""


def make(folder: str | Path) -> list[str]:
    """Write a new review into a folder that is empty or does not exist; return its files.

    Raises:
        ReviewError: the folder holds something, or is no folder.
    """
    folder = Path(folder)
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise ReviewError(
            Problem(str(folder), what="something is here already", expected="a new or empty folder",
                    remedy="give another name")
        )  # fmt: skip
    files = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    for path in files:
        to = path.relative_to(TEMPLATES)
        write_bytes(folder / to.with_name(RENAMED.get(to.name, to.name)), path.read_bytes())  # fmt: skip
    for name, schema in TABLES.items():
        tables.write(tables.empty(schema), folder / name, schema)
    write_bytes(folder / "requirements.lock", (HOME / "requirements.lock").read_bytes())
    write_text(folder / "requirements.txt", REQUIREMENTS.format(version=__version__))
    for name in FOLDERS:
        write_bytes(folder / name / ".gitkeep", b"")
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    )
