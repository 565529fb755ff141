"""Numbers (being built): definitions in, values and members out."""

from retrace.definitions import Definitions, load, unused

__all__ = ["Definitions", "load", "unused"]
