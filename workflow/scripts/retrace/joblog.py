"""Run the body of a job: log it to its own file and to the terminal, and record what it made."""

import errno
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retrace import ledger
from retrace.errors import Problem, ReviewError

log = logging.getLogger("retrace")

# What the machine lacks and no program can mend: it gets a sentence, not a traceback.
MACHINE = {
    errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM,
    errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ESTALE,
}  # fmt: skip


@contextmanager
def running(snakemake: Any) -> Iterator[None]:
    """Log the block, and write the ledger's sidecars when it has succeeded.

    A `ReviewError` ends the job without a traceback: an author needs the sentences that say
    what to fix. A traceback is for bugs of ours, and is kept for every other exception.
    """
    _open_log(Path(snakemake.log[0]))
    try:
        inputs = ledger.digests_of(snakemake.input)
        ledger.hold_to_lines(inputs)
        yield
        ledger.record(
            wildcards=dict(snakemake.wildcards.items()),
            outputs=list(snakemake.output),
            inputs=inputs,
            lines=ledger.lines_read(),
            trace=snakemake.params.trace,
        )
    except ReviewError as error:
        for problem in error.problems:
            log.error(problem)
        raise SystemExit(1) from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno in MACHINE:
            log.error(
                Problem(
                    str(error.filename or "."),
                    what=f"the system says: {error.strerror}",
                    remedy="mend this and give the same command again",
                )
            )
        else:
            log.exception("this is a bug in retrace, not in your data")
        raise SystemExit(1) from None


def warn(says: Iterable[str]) -> None:
    """Log what does not stop a build and is to be seen at the prompt."""
    for one in says:
        log.warning(one)


def _open_log(path: Path) -> None:
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.insert(0, logging.FileHandler(path, mode="w", encoding="utf-8"))
    except OSError:
        # A disk that takes no log takes no output either: the first of them says so.
        pass
    # A log line that cannot be written is no reason for a traceback between the sentences.
    logging.raiseExceptions = False
    logging.basicConfig(
        level=logging.INFO,
        format="%(levelname)s: %(message)s",
        handlers=handlers,
        force=True,
    )
    # What libraries say of their own work (fonts subset, say) is no news of the review.
    logging.getLogger().setLevel(logging.WARNING)
    log.setLevel(logging.INFO)
