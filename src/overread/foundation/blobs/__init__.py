"""Bytes of received objects: durable, content-addressed, checked; and the journal of what was received. No rows."""
