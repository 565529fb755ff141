"""Say of a review's folder which outputs are not the ones that its inputs, settings and code make.

The Snakefile is read, as for a build, so what is judged and how is the build's own word; no
file is touched, and nothing is built.
"""

import contextlib
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from retrace import ledger, protocol
from retrace.errors import ReviewError

RESULTS = Path("results")
ASIDE = ("results/logs/", "results/ledger/")
"""What stands in results/ and is no result."""


def findings(snakefile: Path) -> list[tuple[str, str, str]]:
    """Return what is not as a build would leave it: word, path, reason.

    The word is `edited` where the bytes are not those that were written, `stale` where they
    were made from something else, `missing`, or `orphan` for what no rule makes.

    Raises:
        ReviewError: the workflow cannot be read, for example for a mistake in config.yaml.
    """
    with _read(snakefile):
        outputs, inputs_of = ledger.expected()
        disagree = ledger.disagreements(outputs, inputs_of)
    found = [
        ("edited" if reason == ledger.EDITED else "stale", path, reason)
        for path, reason in disagree.items()
    ]
    found += [
        ("missing", path, "a build would make it")
        for path in outputs
        if not Path(path).is_file()
    ]
    found += [
        ("orphan", path, "no rule makes it")
        for path in _files()
        if path not in outputs and not path.startswith(ASIDE)
    ]
    return sorted(found, key=lambda finding: finding[1])


def outputs(snakefile: Path) -> list[str]:
    """Return every output that a build of the review in this folder makes.

    Raises:
        ReviewError: the workflow cannot be read.
    """
    with _read(snakefile):
        return ledger.expected()[0]


def resting(found: Iterable[tuple[str, str, str]]) -> int:
    """Return how many further outputs rest on those of some findings, so that they may change with them."""
    named = {path for _, path, _ in found}
    later = set(ledger.downstream(ledger.every_line(), named)) - named
    return sum(Path(path).is_file() for path in later)


@contextlib.contextmanager
def _read(snakefile: Path) -> Iterator[None]:
    """Have Snakemake read the workflow, as a job's process does: without a word to the build."""
    from snakemake.api import SnakemakeApi
    from snakemake.settings.enums import Quietness
    from snakemake.settings.types import (
        OutputSettings,
        ResourceSettings,
        WorkflowSettings,
    )
    from snakemake_interface_executor_plugins.settings import ExecMode

    protocol.hold_here()
    try:
        with (
            SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api,
            contextlib.redirect_stdout(io.StringIO()),
        ):
            api.workflow(
                resource_settings=ResourceSettings(cores=1),
                workflow_settings=WorkflowSettings(exec_mode=ExecMode.SUBPROCESS),
                snakefile=snakefile,
            ).list_rules()
            yield
    except ReviewError:
        raise
    except Exception as error:
        raise ReviewError(f"the workflow cannot be read: {error}") from error


def _files() -> list[str]:
    return sorted(str(path) for path in RESULTS.rglob("*") if not path.is_dir())
