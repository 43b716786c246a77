"""The common ground of the registers: one shape of list, entry, history, export and import for every governed list."""
