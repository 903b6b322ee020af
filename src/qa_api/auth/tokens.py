"""Access tokens: who is calling, proven by a signature, and nothing else.

python-jose computes the signature and is asked for nothing more; by itself it accepts tokens
without ``exp`` or ``aud``, ignores ``crit`` and ``kid``, and lets the token choose the algorithm.
What a token says about roles is not read: rights are data of this service.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Final

from jose.backends.base import Key
from jose.exceptions import JOSEError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa_api import clock
from qa_api.auth.keys import KeySource, Read, from_file, from_url
from qa_api.problems import Problem, unauthenticated
from qa_api.rules.unchanging import Unchanging
from qa_api.token_issuers import TokenIssuer

LONGEST: Final = 8_192
MOST_CACHED: Final = 10_000

_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_OBJECT_ID: Final = re.compile(r"[\x20-\x7e]{1,255}")
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})

# A header that brings its own key, or asks for something we would have to understand.
_REFUSED: Final = frozenset({"crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"})

_Instant = Annotated[float, Field(ge=0, le=32_503_680_000, allow_inf_nan=False)]
_Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[\x20-\x7e]+$")]


class Caller(Unchanging):
    """Who a token names: a principal is (issuer, subject). ``expires_at`` is in UTC."""

    issuer: str
    subject: str
    expires_at: datetime


class _Header(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")

    alg: str
    kid: Annotated[str, Field(min_length=1, max_length=255)]
    typ: str = "JWT"


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    iss: _Name
    sub: _Name
    oid: Any = None
    """Looked at only where it names the caller."""
    aud: Annotated[list[str], Field(max_length=50)] | str
    exp: _Instant
    nbf: _Instant | None = None
    iat: _Instant | None = None


class _Issuer(Unchanging):
    audience: str
    by_object_id: bool
    """Whether `oid` names the caller, and not `sub`."""
    algorithms: tuple[str, ...]
    source: KeySource


class TokenVerifier:
    """Verifies tokens of the configured issuers and remembers, for a while, which were good."""

    def __init__(
        self, issuers: Sequence[TokenIssuer], *, leeway_seconds: float, timeout_seconds: float
    ) -> None:
        """Take over what the settings say; no key set is read before the first token needs it."""
        self._leeway = leeway_seconds
        self._cache: dict[bytes, Caller] = {}
        self._issuers = {
            issuer.issuer: _Issuer(
                issuer.audience,
                issuer.subject_claim == "oid",
                issuer.algorithms,
                KeySource(
                    _reader(issuer, timeout_seconds),
                    issuer.algorithms,
                    on_change=self._cache.clear,
                ),
            )
            for issuer in issuers
        }

    def verify_cached(self, token: str) -> Caller | None:
        """The caller of a token that was verified before and still holds; else None."""
        caller = self._cache.get(_digest(token))
        if caller is None:
            return None
        if self._expired(caller.expires_at.timestamp()):
            del self._cache[_digest(token)]
            return None
        # Old keys are read again before anything more is believed on their word.
        return None if self._issuers[caller.issuer].source.is_due() else caller

    async def verify(self, token: str) -> Caller:
        """The caller that a token names.

        Raises ``unauthenticated``, or ``unavailable`` while the issuer's keys cannot be had.
        """
        header, claims, signed, signature = _taken_apart(token)
        issuer = self._issuers.get(claims.iss)
        if issuer is None or header.alg not in issuer.algorithms:
            raise _not_accepted()
        key = await issuer.source.find(header.kid, header.alg)
        # From here on nothing waits, so no change of keys can come between check and cache.
        if key is None or not _is_signed(key, signed, signature):
            raise _not_accepted()
        self._check(claims, issuer.audience)
        subject = _object_id(claims.oid) if issuer.by_object_id else claims.sub
        caller = Caller(claims.iss, subject, datetime.fromtimestamp(claims.exp, UTC))
        self._remember(token, caller)
        return caller

    def _check(self, claims: _Claims, audience: str) -> None:
        now = clock.now().timestamp()
        if audience not in ([claims.aud] if isinstance(claims.aud, str) else claims.aud):
            raise _not_accepted()
        if self._expired(claims.exp):
            raise unauthenticated("The access token has expired.", error="invalid_token")
        for begins in (claims.nbf, claims.iat):
            if begins is not None and begins > now + self._leeway:
                raise unauthenticated("The access token is not valid yet.", error="invalid_token")

    def _expired(self, expires_at: float) -> bool:
        return clock.now().timestamp() >= expires_at + self._leeway

    def _remember(self, token: str, caller: Caller) -> None:
        while len(self._cache) >= MOST_CACHED:
            del self._cache[next(iter(self._cache))]
        self._cache[_digest(token)] = caller


def _reader(issuer: TokenIssuer, timeout_seconds: float) -> Read:
    if issuer.jwks_file is not None:
        return from_file(issuer.jwks_file)
    if issuer.jwks_url is not None:
        return from_url(issuer.jwks_url, timeout_seconds)
    raise ValueError("an issuer has a key set")


def _digest(token: str) -> bytes:
    # The cache holds no token that could be used, should it ever be seen.
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _taken_apart(token: str) -> tuple[_Header, _Claims, bytes, bytes]:
    if len(token) > LONGEST or not _COMPACT.fullmatch(token):
        raise _not_accepted()
    header_part, claims_part, signature_part = token.split(".")
    try:
        header = _Header.model_validate(_members(header_part))
        claims = _Claims.model_validate(_members(claims_part))
        signature = _decoded(signature_part)
    except (ValidationError, ValueError, RecursionError):
        raise _not_accepted() from None
    named: dict[str, Any] = header.model_extra or {}
    if _REFUSED & named.keys() or header.typ.lower() not in _TYPES:
        raise _not_accepted()
    return header, claims, f"{header_part}.{claims_part}".encode("ascii"), signature


def _object_id(named: object) -> str:
    if not isinstance(named, str) or not _OBJECT_ID.fullmatch(named):
        raise _not_accepted()
    return named


def _members(part: str) -> dict[str, Any]:
    """The members of a part of a token. A name that is there twice is refused: it is ambiguous."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError
        return members

    return json.loads(_decoded(part), object_pairs_hook=once)  # type: ignore[no-any-return] # validated


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _is_signed(key: Key, signed: bytes, signature: bytes) -> bool:
    try:
        return bool(key.verify(signed, signature))
    except (JOSEError, ValueError, TypeError):
        return False


def _not_accepted() -> Problem:
    return unauthenticated("The access token is not accepted.", error="invalid_token")
