"""Run the body of a job: log it to its own file and to the terminal, and record what it made."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retrace import ledger
from retrace.errors import ReviewError

log = logging.getLogger("retrace")


@contextmanager
def running(snakemake: Any) -> Iterator[None]:
    """Log the block, and write the ledger's sidecars when it has succeeded.

    A `ReviewError` ends the job without a traceback: an author needs the sentences that say
    what to fix. A traceback is for bugs of ours, and is kept for every other exception.
    """
    path = Path(snakemake.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        level=logging.INFO,
        format="%(levelname)s: %(message)s",
        handlers=[
            logging.FileHandler(path, mode="w", encoding="utf-8"),
            logging.StreamHandler(sys.stderr),
        ],
        force=True,
    )
    # What libraries say of their own work (fonts subset, say) is no news of the review.
    logging.getLogger().setLevel(logging.WARNING)
    log.setLevel(logging.INFO)
    try:
        yield
        ledger.record(
            rule=snakemake.rule,
            wildcards=dict(snakemake.wildcards.items()),
            outputs=list(snakemake.output),
            inputs=list(snakemake.input),
            trace=snakemake.params.trace,
        )
    except ReviewError as error:
        for problem in error.problems:
            log.error(problem)
        raise SystemExit(1) from None
    except Exception:
        log.exception("this is a bug in retrace, not in your data")
        raise SystemExit(1) from None
