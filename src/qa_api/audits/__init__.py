"""Audits: planned, carried out, completed and closed (§4.1)."""
