"""Thresholds: every number that is a choice of policy, with its unit, source, owner and review date."""
