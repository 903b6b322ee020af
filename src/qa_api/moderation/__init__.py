"""Moderation: samples by lot, outcomes beside the auditor's judgement, what is learnt (§4.5)."""
