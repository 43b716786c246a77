"""What an inspector asks: the five key questions, the evidence behind each, and the pack for a period."""
