"""Cursors of keyset paging: opaque, signed, bound to their list and its filters.

A cursor holds the key of the last row. The signature keeps anyone from making one up, so a key in
a cursor is always one that this service wrote; which rows the caller may see is decided anew at
each page.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, TypeAlias
from uuid import UUID

import orjson

from qa_api.problems import invalid_cursor

KeyPart: TypeAlias = bool | int | str | date | datetime | UUID | None
Filter: TypeAlias = KeyPart | Sequence[KeyPart]

LONGEST: Final = 4_000
_SIGNATURE: Final = 16


class Cursors:
    """Writes and reads the cursors of one service; every process needs the same secret."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("a cursor secret has at least 16 bytes")
        self._secret = secret

    def write(self, list_name: str, filters: Mapping[str, Filter], key: Sequence[KeyPart]) -> str:
        """The cursor that continues ``list_name`` under ``filters`` after the row with ``key``."""
        body = orjson.dumps([_tagged(part) for part in key])
        signature = self._sign(list_name, filters, body)
        return urlsafe_b64encode(signature + body).rstrip(b"=").decode("ascii")

    def read(
        self, cursor: str, list_name: str, filters: Mapping[str, Filter]
    ) -> tuple[KeyPart, ...]:
        """The key in a cursor. Raises ``invalid-cursor`` for any other list or filters."""
        if len(cursor) > LONGEST or not cursor.isascii():
            raise invalid_cursor()
        try:
            raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise invalid_cursor() from None
        signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._sign(list_name, filters, body)):
            raise invalid_cursor()
        return tuple(_untagged(part) for part in orjson.loads(body))

    def _sign(self, list_name: str, filters: Mapping[str, Filter], body: bytes) -> bytes:
        bound = [
            list_name,
            sorted((name, value) for name, value in filters.items() if value is not None),
        ]
        message = orjson.dumps(bound) + b"\n" + body
        return hmac.digest(self._secret, message, "sha256")[:_SIGNATURE]


def _tagged(part: KeyPart) -> object:
    if isinstance(part, datetime):
        return {"t": part.isoformat()}
    if isinstance(part, date):
        return {"d": part.isoformat()}
    if isinstance(part, UUID):
        return {"u": str(part)}
    return part


def _untagged(part: bool | int | str | dict[str, str] | None) -> KeyPart:
    if not isinstance(part, dict):
        return part
    ((tag, written),) = part.items()
    if tag == "t":
        return datetime.fromisoformat(written)
    return date.fromisoformat(written) if tag == "d" else UUID(written)
