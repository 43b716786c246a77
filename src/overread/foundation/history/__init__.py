"""Versions of governed rows: what was true when, and what was known when."""
