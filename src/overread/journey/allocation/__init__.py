"""Who reads what: eligibility with its reasons, and exclusive claims under a lease."""
