"""Themes, quarter plans, and the audits that a published plan creates (§4.4)."""
