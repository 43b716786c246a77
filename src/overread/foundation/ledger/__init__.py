"""The record of what was done by whom, chained so that a change shows."""
