"""The directory: services, teams, workers, auditor groups, and who holds which role, by date."""
