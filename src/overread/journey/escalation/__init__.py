"""Alerts that a named person must acknowledge, and the ladder that climbs until one does."""
