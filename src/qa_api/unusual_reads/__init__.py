"""Unusual reads of records, found day by day, and what became of them (X3)."""
