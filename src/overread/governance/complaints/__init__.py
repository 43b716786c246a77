"""Complaints: acknowledged, answered and learned from in their time."""
