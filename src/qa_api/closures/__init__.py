"""Closures: what case systems report, and the gate before a case closes (§3)."""
