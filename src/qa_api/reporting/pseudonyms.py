"""Pseudonyms of children and carer households: the same in every dataset, not to be turned back.

Made from our own id of the subject and a key that never leaves the settings. A case system's
reference has no part in it: persons are merged, and after an adoption the old and the new identity
are two subjects, whose pseudonyms have nothing in common (C6).
"""

import hmac
from typing import Final
from uuid import UUID

_PURPOSE: Final = b"qa_api: pseudonyms of subjects"
_MOST_KNOWN: Final = 20_000
"""Pseudonyms that are remembered, some 5 MB: datasets name the same children again and again."""


class Pseudonyms:
    """Writes the pseudonyms of one authority; another key would write other ones."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, _PURPOSE, "sha256")
        self._known: dict[bytes, bytes] = {}

    def of(self, subject_id: UUID) -> str:
        """32 hexadecimal digits for a subject."""
        return self._of(subject_id.bytes)

    def of_text(self, subject_id: bytes) -> bytes:
        """The same of an id as it is written, and as it is written; some are remembered."""
        found = self._known.get(subject_id)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._of(bytes.fromhex(subject_id.replace(b"-", b"").decode())).encode()
            self._known[subject_id] = found
        return found

    def _of(self, subject_id: bytes) -> str:
        return hmac.digest(self._key, subject_id, "sha256")[:16].hex()

    @property
    def fingerprint(self) -> str:
        """Tells this key from others: a copy made with another key must be made again."""
        return hmac.digest(self._key, b"fingerprint", "sha256")[:6].hex()
