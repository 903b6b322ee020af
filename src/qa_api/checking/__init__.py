"""Whether all that must hold holds in a running authority; asking changes nothing (ADR 49)."""
