"""What the gate found out about a request, for everything behind it."""

import logging
import re
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from os import urandom
from typing import IO, Any, Final, cast

KEY: Final = "qa_api.context"

# Ours, and a UUID. What else a caller writes may name somebody, and the id is kept for ever and
# sent to receivers.
_CORRELATION_ID = re.compile(
    rb"[0-9a-f]{32}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
)
_FINDABLE = re.compile(rb"[A-Za-z0-9._-]{1,64}")
"""What may stand in a line of the log."""
_TRACEPARENT = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)

log = logging.getLogger(__name__)

_current: ContextVar[str] = ContextVar("correlation_id", default="-")


@dataclass(slots=True)
class RequestContext:
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
    head: bool = False
    """Whether it is a HEAD, which everything behind the gate takes for a GET."""
    entered: bool = False
    """Whether it has been counted against its caller's quota."""
    rate_limit: tuple[tuple[bytes, bytes], ...] = ()
    """The headers that say how much of it is left."""
    leave: Callable[[], None] | None = None
    """Gives back the place that it took, if it took one."""
    caller: str | None = None
    """The subject of the token that was accepted; the log names nobody else."""
    file_type: str | None = None
    """The media type of a body that is a file, which the gate leaves to its route."""
    file: IO[bytes] | None = None
    """That file, once it has been set down."""


def leave(context: RequestContext) -> None:
    """Give back the place of a request; a second time does nothing."""
    given_back, context.leave = context.leave, None
    if given_back is not None:
        given_back()


def begin(
    scope: MutableMapping[str, Any], sent: bytes | None, trace: bytes | None
) -> RequestContext:
    """Start the context of a request, with the ids the caller sent where they are well-formed.

    A correlation id of another form is replaced, and stands beside ours in the log only.
    """
    if sent and _CORRELATION_ID.fullmatch(sent):
        correlation_id = sent.decode("ascii")
    else:
        correlation_id = urandom(16).hex()
        if sent and _FINDABLE.fullmatch(sent):
            log.info("correlation id %s: the caller says %s", correlation_id, sent.decode("ascii"))
    traceparent = trace.decode("ascii") if trace and _TRACEPARENT.fullmatch(trace) else None
    context = RequestContext(correlation_id, traceparent)
    scope[KEY] = context
    _current.set(correlation_id)
    return context


def context_of(scope: MutableMapping[str, Any]) -> RequestContext:
    """The context of the request that an ASGI scope belongs to."""
    return cast("RequestContext", scope[KEY])


def current_correlation_id() -> str:
    """The correlation id of the request being served, for logs; ``-`` outside of one."""
    return _current.get()
