"""Signed versions on their way to the client: sent, accepted and opened are separate facts."""
