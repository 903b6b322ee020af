"""When audits fall due by the calendar, what is owed, and the audits for it (R3.1, R3.2)."""
