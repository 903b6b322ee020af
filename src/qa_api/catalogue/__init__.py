"""What the authority audits and with what: audit types, tools, judgement scales (§3, §4.1)."""
