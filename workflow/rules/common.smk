"""Common: what every rule file uses. No rules, no tables."""

from retrace import ledger
from retrace.ledger import traced


def if_present(path):
    """Return an input that a review may lack: the path where the file exists, else nothing."""
    return [path] if Path(path).is_file() else []


wildcard_constraints:
    table="[A-Za-z0-9_]+",
    figure="[A-Za-z0-9_]+",
