"""Practice audits: fictitious cases with a standard, judged for training (R4.5.4)."""
