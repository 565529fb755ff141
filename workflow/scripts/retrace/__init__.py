"""Rebuild a literature review from its raw inputs, and walk every number back to them."""

__version__ = "0.1.0"
