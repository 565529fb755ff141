"""Say of a finished build what it is, to people, journals and machines.

These outputs come after the manuscript, whose anchors they need, and tell of code and
digests, which no output with content does.
"""
