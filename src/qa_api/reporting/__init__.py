"""Datasets for reporting tools: flat rows, in full and as changes (X1)."""
