"""Retention: how long records are kept, legal holds, and the removal of content (X4)."""
