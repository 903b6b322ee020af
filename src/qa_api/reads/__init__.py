"""Building the one statement that returns a document (ADR 3)."""
