"""Subjects: the children and carer households whose work is audited, and who holds the case."""
