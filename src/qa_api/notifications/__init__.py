"""Notifications: the allocated worker is told of a completed audit (R4.1.6, R4.2.8)."""
