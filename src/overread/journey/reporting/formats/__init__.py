"""Documents made from a signed report: bytes out, no rows."""
