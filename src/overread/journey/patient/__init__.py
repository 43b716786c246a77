"""Identity of a person as one client knows them."""
