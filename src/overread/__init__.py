"""Overread: teleradiology reporting for a small provider, from images in to signed and acknowledged reports out."""
