"""What the gate found out about a request, for everything behind it."""

import re
from collections.abc import MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from os import urandom
from typing import Any, Final, cast

KEY: Final = "qa_api.passage"

_CORRELATION_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_TRACEPARENT = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)

_current: ContextVar[str] = ContextVar("correlation_id", default="-")


@dataclass(slots=True)
class Passage:
    """One request's way through the gate.

    ``body`` is what arrived, ``document`` the JSON in it, parsed once and strictly; both are
    empty (``b""``, ``None``) where the request had no body.
    """

    correlation_id: str
    traceparent: str | None
    body: bytes = b""
    document: Any = None
    permission: str | None = None
    """What the route that was chosen asks for."""


def begin(scope: MutableMapping[str, Any], sent: bytes | None, trace: bytes | None) -> Passage:
    """Start the passage of a request, with the ids the caller sent where they are well-formed."""
    correlation_id = (
        sent.decode("ascii") if sent and _CORRELATION_ID.fullmatch(sent) else urandom(16).hex()
    )
    traceparent = trace.decode("ascii") if trace and _TRACEPARENT.fullmatch(trace) else None
    passage = Passage(correlation_id, traceparent)
    scope[KEY] = passage
    _current.set(correlation_id)
    return passage


def passage_of(scope: MutableMapping[str, Any]) -> Passage:
    """The passage of the request that an ASGI scope belongs to."""
    return cast("Passage", scope[KEY])


def current_correlation_id() -> str:
    """The correlation id of the request being served, for logs; ``-`` outside of one."""
    return _current.get()
