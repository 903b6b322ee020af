"""A conversation on the record (X8)."""
