"""Practice observations: recorded, counted against what is required, and learned from (§4.6)."""
