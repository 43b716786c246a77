"""What was agreed with each client."""
