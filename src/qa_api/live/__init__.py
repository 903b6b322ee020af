"""Changes told while somebody listens: of what waits for them, and of one audit (X6)."""
