"""Standard Webhooks signatures: the receiver can tell that a message is ours and when it left."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any, Final

_PREFIX: Final = "whsec_"
_LONGEST_TIMESTAMP: Final = 12
TOLERANCE: Final = timedelta(minutes=5)
"""How far from now a message may have left; older ones may be somebody's copy."""
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


def _signature(secret: str, signed: bytes) -> str:
    key = b64decode(secret.removeprefix(_PREFIX))
    return b64encode(hmac.digest(key, signed, sha256)).decode()


def signed_headers(
    message_id: str, at: datetime, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """The three headers of Standard Webhooks for a message that leaves at `at`."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = (_signature(secret, signed) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


class NotVerified(Exception):
    """A message is not shown to be ours; the words say why."""


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> str:
    """The id of a message that one of the secrets signed and that left just now.

    As a receiver does it; names of headers in small letters. Raises `NotVerified`.
    """
    try:
        message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        signatures = headers["webhook-signature"].split()
    except KeyError as missing:
        raise NotVerified(f"the header {missing.args[0]} is missing") from None
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > _LONGEST_TIMESTAMP:
        raise NotVerified("webhook-timestamp is not a number of seconds")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise NotVerified("it left more than five minutes ago, or is of the future")
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    for secret in secrets:
        expected = f"v1,{_signature(secret, signed)}".encode()
        if any(hmac.compare_digest(expected, each.encode()) for each in signatures):
            return message_id
    raise NotVerified("no signature is by a secret that is known here")
