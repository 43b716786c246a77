"""Workstations and displays: what reports are read on, how it was tested, and the look at it before the first read of a day."""
