"""What a review wants of one source: the query as it is run, and the settings that go with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SEARCHES, NOTICES = Path("data/raw/searches"), Path("data/raw/notices")
"""Where the rounds of searches are kept, and those of what is asked about included records."""
MOST = 50_000
"""The most records that are fetched where config.yaml sets no other limit."""


@dataclass(frozen=True)
class Wanted:
    """One search of config.yaml, or what is asked about the included records, ready to be asked.

    ``seeds`` are the DOIs of works whose citations are asked for, ``direction`` is forward for what
    cites them and backward for what they cite; ``query`` then says so in words and is not sent.
    Without a direction ``seeds`` are the identifiers of records that are themselves asked for.
    ``blocks`` look for each concept of the query alone: their hits are counted beside it.
    ``first`` and ``last`` limit the day of publication, ISO days or years, "" for no limit;
    ``options`` are those of the source that the review sets.
    """

    source: str
    query: str
    today: str
    first: str = ""
    last: str = ""
    most: int = MOST
    direction: str = ""
    seeds: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    home: Path = SEARCHES

    def option(self, name: str, default: str) -> str:
        """Return a setting of the source, or what holds where the review sets none."""
        return self.options.get(name) or default

    def day(self, which: str, default: str = "") -> str:
        """Return a limit as a full day: a year begins on its first and ends on its last."""
        value = {"first": self.first, "last": self.last}[which]
        if len(value) == 4:
            return f"{value}-01-01" if which == "first" else f"{value}-12-31"
        return value or default
