"""Findings of past inspections: what was said, what was done, and who else than the owner closed it."""
