"""Who may read what: registration with the regulator, and privileges with their dates."""
