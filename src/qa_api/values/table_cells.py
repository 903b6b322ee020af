"""Values as cells of a table that a spreadsheet may open."""

from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet would take for a formula."""


def cell(value: object) -> str:
    """A value as a spreadsheet may open it: text that it would take for a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe(value) if isinstance(value, str) else str(value)


def safe(text: str) -> str:
    """A text as a spreadsheet may open it."""
    return f"'{text}" if text.startswith(FORMULA) else text
