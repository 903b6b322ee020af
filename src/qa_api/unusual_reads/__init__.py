"""Looking that should not be: unusual reads, day by day, and what came of them (X3)."""
