"""Escalations: what is brought to the manager at once, and on to Quality & Standards (§4.3)."""
