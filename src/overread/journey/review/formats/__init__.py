"""Bytes of a bundle for an external reviewer: images without identity. No rows."""
