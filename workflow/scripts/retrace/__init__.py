"""Rebuild a literature review from its raw inputs, and walk every number back to them."""
