"""Case events: what case systems tell, kept exactly and applied at once (§3, C2, C6)."""
