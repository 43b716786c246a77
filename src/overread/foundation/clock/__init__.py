"""Deadlines as rows, and working time."""
