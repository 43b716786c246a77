"""Bytes in, bytes out: every way into and out of Overread. No decisions are made here."""
