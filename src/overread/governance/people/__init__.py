"""People: the file that the law asks for about everybody who works for the provider (Schedule 3)."""
