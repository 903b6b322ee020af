"""Restorative actions: from what must be put right to somebody else having seen it (R4.2.6)."""
