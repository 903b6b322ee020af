"""The Idempotency-Key header, and when two requests are the same."""

import re
from hashlib import blake2b, sha256
from typing import Any, Final

import orjson

from qa_api.problems import InputError, idempotency_key_required, malformed_request

_KEY: Final = re.compile(r'[!#-\[\]-~]{1,255}|"[ !#-\[\]-~]{1,255}"')


def read_key(header: str | None) -> str | None:
    """The key, bare or in quotes as the draft standard writes it; None without the header."""
    if header is None:
        return None
    if not _KEY.fullmatch(header):
        raise malformed_request(
            "The Idempotency-Key header cannot be read.",
            [InputError.of("Idempotency-Key", "form", "Must be 1 to 255 visible characters.")],
        )
    return header.strip('"')


def require_key(header: str | None) -> str:
    """The key of a request that creates something. Raises ``idempotency-key-required``."""
    key = read_key(header)
    if key is None:
        raise idempotency_key_required()
    return key


def digest_of(method: str, path: str, key: str) -> str:
    """The digest that is kept of a key and of its address, since an address may name a child.

    Without the key nobody can guess what it stands for.
    """
    return sha256(f"{method} {path}\n{key}".encode()).hexdigest()


def sealed(found: bytes, key: str) -> str:
    """A request's fingerprint as it is kept; without the key nobody can test a guess."""
    return sha256(f"{key}\n{found.hex()}".encode()).hexdigest()


def fingerprint(method: str, path: str, query: bytes, document: Any) -> bytes:
    """32 bytes that are the same for the same request, however its JSON was spaced or ordered."""
    parts = [method, path, query.decode("latin-1"), document]
    return blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=32).digest()
