"""Audit responses: the worker answers an audit, the manager reviews the answer (§4.2)."""
