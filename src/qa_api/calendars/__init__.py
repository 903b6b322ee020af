"""The working calendar and the policy: what the rules count by, version by version (§4.2)."""
