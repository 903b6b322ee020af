"""Standard Webhooks signatures: the receiver can tell that a message is ours and when it left."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any, Final

_PREFIX: Final = "whsec_"
OVERLAP: Final = timedelta(hours=24)
"""How long the secret before a rotation signs beside the new one."""


def new_secret() -> str:
    """A secret as receivers configure it: 32 random bytes behind `whsec_`."""
    return _PREFIX + b64encode(token_bytes(32)).decode()


def first_secret(secret: str) -> list[dict[str, Any]]:
    """The stored secrets of a new endpoint."""
    return [{"secret": secret, "signs_until": None}]


def rotated(
    stored: Sequence[Mapping[str, Any]], secret: str, now: datetime
) -> list[dict[str, Any]]:
    """The stored secrets with a new one in front; the one before it signs for `OVERLAP` more."""
    until = (now + OVERLAP).isoformat()
    return [*first_secret(secret), {"secret": stored[0]["secret"], "signs_until": until}]


def signing_secrets(stored: Sequence[Mapping[str, Any]], now: datetime) -> list[str]:
    """The secrets that sign at an instant, newest first."""
    return [
        entry["secret"]
        for entry in stored
        if entry["signs_until"] is None or datetime.fromisoformat(entry["signs_until"]) > now
    ]


def signed_headers(
    message_id: str, at: datetime, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """The three headers of Standard Webhooks for a message that leaves at `at`."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = (
        b64encode(hmac.digest(b64decode(secret.removeprefix(_PREFIX)), signed, sha256)).decode()
        for secret in secrets
    )
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
