"""Requests for reporting: taken, checked, matched with studies and patients; what is in doubt goes to a person."""
