"""The numbers that decide, each with its source and its owner."""
