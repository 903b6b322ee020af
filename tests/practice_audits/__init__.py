"""Practice audits."""
