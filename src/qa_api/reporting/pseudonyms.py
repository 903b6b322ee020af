"""Pseudonyms of children and carer households: the same in every dataset, not to be turned back.

Made from our own id of the subject and a key that never leaves the settings. A case system's
reference has no part in it: persons are merged, and after an adoption the old and the new identity
are two subjects, whose pseudonyms have nothing in common (C6).
"""

import hmac
from collections.abc import Mapping
from typing import Final
from uuid import UUID

_PURPOSE: Final = b"qa_api: pseudonyms of subjects"
_MOST_KNOWN: Final = 50_000
"""Pseudonyms that are remembered, some 13 MB: datasets name the same children again and again."""


class Pseudonyms:
    """Writes the pseudonyms of one authority; another key would write other ones."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, _PURPOSE, "sha256")
        self.written: Mapping[bytes, bytes] = _Written(self)
        """By the ids of subjects as text, and as text."""

    def of(self, subject_id: UUID) -> str:
        """32 hexadecimal digits for a subject."""
        return self.of_bytes(subject_id.bytes)

    def of_bytes(self, subject_id: bytes) -> str:
        """The same, of the 16 bytes of the id."""
        return hmac.digest(self._key, subject_id, "sha256")[:16].hex()

    @property
    def fingerprint(self) -> str:
        """Tells this key from others: a copy made with another key must be made again."""
        return hmac.digest(self._key, b"fingerprint", "sha256")[:6].hex()


class _Written(dict[bytes, bytes]):
    """Pseudonyms as they are written; those asked for are remembered, for a while."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        super().__init__()
        self._pseudonyms = pseudonyms

    def __missing__(self, subject_id: bytes) -> bytes:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        its_bytes = bytes.fromhex(subject_id.decode().replace("-", ""))
        self[subject_id] = found = self._pseudonyms.of_bytes(its_bytes).encode()
        return found
