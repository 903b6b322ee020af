"""The demo authority: one county's teams, groups and tools, with codes instead of names."""
