"""Whose rows may be seen: scopes, the bases of scoped rows, and row-level security."""
