"""Closure gates: may a case close, what does it wait for, and why (§3, C1, C3 to C5)."""
