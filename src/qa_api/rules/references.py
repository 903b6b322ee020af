"""How a case system's name for a worker or a team is compared."""

import unicodedata


def fold(text: str) -> str:
    """A reference as it is compared: without case, and without spaces around it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()
