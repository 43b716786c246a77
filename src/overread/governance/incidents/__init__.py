"""Incidents, near misses and good care: what happened, who is told by when, and what was learned."""
