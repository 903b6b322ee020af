"""Practice observations, how far they are, and what they taught (§4.6)."""
