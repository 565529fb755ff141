"""Ask live sources and keep what they answer: config's searches in, frozen rounds out.

Only `retrace freeze` imports this package. A build reads what was frozen and asks nobody.
"""
