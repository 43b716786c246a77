"""What keeps the path safe: the registers that the provider must govern."""
