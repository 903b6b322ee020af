"""Caseloads: who has an open case on a day, and who of them was looked at (§4.4, R4.4.4)."""
