"""The caller: who they are here, and what waits for them (X6)."""
