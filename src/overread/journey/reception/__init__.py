"""Who may send, what is accepted, held or quarantined, and when a study is complete."""
