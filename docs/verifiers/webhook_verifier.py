"""Verifies the signature of a webhook message. Copy it; it needs nothing but Python 3.11.

Follows Standard Webhooks 1.0. Give it the body as it came, byte for byte: what was parsed and
written anew has another signature.
"""

import hashlib
import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping

TOLERANCE_SECONDS = 300


class NotVerified(Exception):
    """The message is not shown to be from the service: answer 401 and do nothing."""


def verify(
    headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: float | None = None
) -> str:
    """The message's id, once one of your secrets (`whsec_...`) verifies it.

    While a secret is being replaced give both. `now` is in seconds since 1970, for tests.
    """
    sent = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = sent.get("webhook-id"), sent.get("webhook-timestamp")
    signatures = sent.get("webhook-signature", "").split()
    if not message_id or not timestamp or not signatures:
        raise NotVerified("a header is missing")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise NotVerified("the timestamp is no number")
    present = time.time() if now is None else now
    if abs(present - int(timestamp)) > TOLERANCE_SECONDS:
        raise NotVerified("the timestamp is too old or too new")
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    for secret in secrets:
        key = b64decode(secret.removeprefix("whsec_"))
        digest = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        for signature in signatures:
            if hmac.compare_digest(f"v1,{digest}".encode(), signature.encode()):
                return message_id
    raise NotVerified("no signature fits")
