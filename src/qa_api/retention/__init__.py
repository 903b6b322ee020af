"""Retention: until when records are kept, legal holds, and the runs that let content go (X4)."""
