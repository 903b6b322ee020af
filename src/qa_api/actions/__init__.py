"""Restorative actions: what must be put right, until somebody has seen that it was (R4.2.6)."""
