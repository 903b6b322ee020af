"""The key sets of token issuers: read, sifted, kept (RFC 7517).

A key set comes from a URL or a file. It is refreshed when it grows old, and read again once when a
token names a key that it does not hold. If reading it fails, the last good set stays, and whoever
comes while it is tried again is not kept waiting.
"""

import asyncio
import logging
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final

from jose.backends.base import Key
from jose.backends.cryptography_backend import CryptographyECKey, CryptographyRSAKey
from jose.exceptions import JOSEError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa_api.problems import unavailable
from qa_api.rules.unchanging import Unchanging

Read = Callable[[], Awaitable[bytes]]
"""Fetches the bytes of a key set; raises OSError, TimeoutError or ValueError."""

LARGEST: Final = 262_144
MOST_KEYS: Final = 50
SMALLEST_RSA_BITS: Final = 2_048
REFRESH_SECONDS: Final = 600.0
"""A key that its issuer withdrew is refused at the latest after this time."""
PAUSE_SECONDS: Final = 30.0
"""At most one reading in this time, however many unknown keys are named."""
FIRST_PAUSE_SECONDS: Final = 2.0
"""The same while none could be read yet: nobody can come in before."""

_KTY: Final = {"RS256": "RSA", "ES256": "EC"}
# By class and not by python-jose's own choice, which falls back to libraries that we do not use.
_KEY: Final[Mapping[str, type[Key]]] = {"RS256": CryptographyRSAKey, "ES256": CryptographyECKey}

log = logging.getLogger(__name__)


class _KeySetDocument(BaseModel):
    model_config = ConfigDict(strict=True)

    keys: Annotated[list[dict[str, Any]], Field(max_length=MOST_KEYS)]


class VerificationKey(Unchanging):
    """One public key, for one algorithm."""

    kid: str
    algorithm: str
    key: Key


def key_set(document: bytes, algorithms: tuple[str, ...]) -> tuple[VerificationKey, ...]:
    """The usable keys in a JWKS document; what is not usable here is left out.

    Raises ValueError when the document is not a key set.
    """
    if len(document) > LARGEST:
        raise ValueError("the key set is too large")
    try:
        members = _KeySetDocument.model_validate_json(document).keys
    except ValidationError:
        raise ValueError("not a key set") from None
    return tuple(
        VerificationKey(member["kid"], algorithm, key)
        for member in members
        for algorithm in algorithms
        if (key := _usable(member, algorithm)) is not None
    )


def _usable(member: Mapping[str, Any], algorithm: str) -> Key | None:
    if (
        not isinstance(member.get("kid"), str)
        or member.get("kty") != _KTY[algorithm]
        or member.get("alg", algorithm) != algorithm
        or member.get("use", "sig") != "sig"
        or "verify" not in member.get("key_ops", ["verify"])
        or (algorithm == "ES256" and member.get("crv") != "P-256")
        or "d" in member  # a private key has no business in a published set
    ):
        return None
    try:
        if algorithm == "RS256" and _bits(member["n"]) < SMALLEST_RSA_BITS:
            return None
        return _KEY[algorithm](dict(member), algorithm)
    except (JOSEError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _bits(number: str) -> int:
    raw = urlsafe_b64decode(number + "=" * (-len(number) % 4))
    return int.from_bytes(raw, "big").bit_length()


class KeySource:
    """The keys of one issuer, as fresh as can be had."""

    def __init__(
        self,
        read: Read,
        algorithms: tuple[str, ...],
        *,
        on_change: Callable[[], None],
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """Wrap ``read``. ``on_change`` is called when the set of keys has become another."""
        self._read = read
        self._algorithms = algorithms
        self._on_change = on_change
        self._seconds = seconds
        self._keys: tuple[VerificationKey, ...] = ()
        self._document: bytes | None = None
        self._read_at = float("-inf")
        self._tried_at = float("-inf")
        self._failed = False
        self._one_at_a_time = asyncio.Lock()
        self._again: asyncio.Task[None] | None = None
        """Reading again, beside everybody, what could not be read the last time."""

    def is_due(self) -> bool:
        """Whether the set should be read again before anything is believed on its word."""
        if self._again is not None and not self._again.done():
            return False
        now = self._seconds()
        return now - self._read_at > REFRESH_SECONDS and self._may_try(now)

    async def find(self, kid: str, algorithm: str) -> Key | None:
        """The one key with this id for this algorithm; None where there is none, or several.

        Raises ``unavailable`` while no key set could ever be read.
        """
        if self.is_due():
            await self._renew()
        found = self._matching(kid, algorithm)
        if not found and self._may_try(self._seconds()):
            await self._refresh()
            found = self._matching(kid, algorithm)
        if self._document is None:
            raise unavailable(int(FIRST_PAUSE_SECONDS))
        return found[0].key if len(found) == 1 else None

    def _may_try(self, now: float) -> bool:
        pause = FIRST_PAUSE_SECONDS if self._document is None else PAUSE_SECONDS
        return now - self._tried_at > pause

    def _matching(self, kid: str, algorithm: str) -> list[VerificationKey]:
        return [key for key in self._keys if key.kid == kid and key.algorithm == algorithm]

    async def _renew(self) -> None:
        """Read the set that has grown old. One that could not be read is not waited for again."""
        if self._document is not None and self._failed:
            self._again = asyncio.create_task(self._refresh())
        else:
            await self._refresh()

    async def _refresh(self) -> None:
        asked_at = self._seconds()
        async with self._one_at_a_time:
            if self._tried_at >= asked_at:
                return  # somebody else has just done it
            try:
                document = await self._read()
                keys = key_set(document, self._algorithms)
            except (OSError, TimeoutError, ValueError) as fault:
                self._failed = True
                log.warning("key set not read: %s", type(fault.__cause__ or fault).__qualname__)
            else:
                self._failed = False
                self._read_at = self._seconds()
                if document != self._document:
                    self._document, self._keys = document, keys
                    self._on_change()
            finally:
                self._tried_at = self._seconds()


def from_url(url: str, timeout_seconds: float) -> Read:
    """Reads a key set over HTTP: no redirects, bounded in time and size."""

    import httpx  # only where keys come by HTTP

    async def fetched() -> bytes:
        parts = bytearray()
        async with (
            asyncio.timeout(timeout_seconds),
            httpx.AsyncClient(timeout=timeout_seconds, follow_redirects=False) as client,
            client.stream("GET", url, headers={"Accept": "application/json"}) as response,
        ):
            response.raise_for_status()
            async for part in response.aiter_bytes():
                parts += part
                if len(parts) > LARGEST:
                    raise ValueError("the key set is too large")
        return bytes(parts)

    async def read() -> bytes:
        try:
            return await fetched()
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise ConnectionError("the key set could not be fetched") from fault

    return read


def from_file(path: Path) -> Read:
    """Reads a key set from a file."""

    async def read() -> bytes:
        return await asyncio.to_thread(path.read_bytes)

    return read
