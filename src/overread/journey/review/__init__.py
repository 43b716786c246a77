"""Peer review: a sample that anybody can draw again, read blinded, graded twice, and followed to its end by named people."""
