"""Risks: what could go wrong, what is done about it, who looks at it again and when."""
