"""One connection, before there is a request: limits on the size and the time of a head.

uvicorn reads heads of any length, however long they take, and answers what it cannot read in plain
text. This is its own protocol with limits: what exceeds them is refused as a problem with a
correlation id, and the connection ends. After the head the gate takes over.
"""

import asyncio
import logging
import socket
import sys
import termios
from asyncio import TimerHandle
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import Enum, auto
from fcntl import ioctl
from os import urandom
from typing import Any, ClassVar, Final, cast

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from qa_api import problems
from qa_api.http.cross_origin import headers_for
from qa_api.http.gate import LONGEST_TARGET
from qa_api.http.problem_document import MEDIA_TYPE, render
from qa_api.problems import InputError, Problem
from qa_api.rules.unchanging import Unchanging

LINGER_SECONDS: Final = 2.0
"""How long a sender that is refused may go on sending, so that it gets to see why."""

GONE_AFTER_MS: Final = 45_000
"""Milliseconds after which somebody who confirms nothing of what they were sent is taken to be
gone: three signs of life of a stream."""
_USER_TIMEOUT: Final = getattr(socket, "TCP_USER_TIMEOUT", None)
"""RFC 5482; Linux has it."""

MOST_WAITING: Final = 16
"""Requests of one connection that wait for the answer to the one before; more are not read."""

VERSIONS: Final = frozenset({"1.0", "1.1"})

UNTAKEN: Final = "qa_api.untaken"
"""Where the scope of a request says how many bytes the other side has not taken yet."""

BREAK_OFF: Final = "qa_api.break_off"
"""Where the scope of a request has what ends the connection when its answer stays unfinished."""

BEFORE_SHUTDOWN: Final = "qa_api.before_shutdown"
"""Where an answer leaves in its scope what is to be called when the server stops."""

log = logging.getLogger(__name__)


class Limits(Unchanging):
    """Limits of a request's head, which is the request line and the headers."""

    head_bytes: int
    headers: int
    head_seconds: float
    """From its first byte to its last."""
    origins: frozenset[str] = frozenset()
    """Those whose pages may read an answer, also one that is given here."""


class _Refused(Exception):
    """Stops the parser; the connection knows why."""


class _Stage(Enum):
    BETWEEN = auto()
    """No request has begun, or the last one is complete."""
    HEAD = auto()
    BODY = auto()


class Connection(HttpToolsProtocol):
    """A connection of uvicorn that accepts heads within limits only."""

    limits: ClassVar[Limits]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As uvicorn makes it."""
        super().__init__(*args, **kwargs)
        self._stage = _Stage.BETWEEN
        self._head_bytes = 0
        self._progress = False
        self._unread = b""
        self._deadline: TimerHandle | None = None
        self._refusal: Problem | None = None
        self._ended = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # the one kind that it is given
        """Somebody has connected; until they send something the connection is idle."""
        super().connection_made(transport)
        _give_up_who_is_gone(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed, by either side."""
        self._forget_deadline()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops: an answer that would go on for long is told, and ends in time."""
        super().shutdown()
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is not None:
            stop = cast("Callable[[], None] | None", cycle.scope.get(BEFORE_SHUTDOWN))
            if stop is not None:
                stop()

    def data_received(self, data: bytes) -> None:
        """Read what came, unless requests wait already: then it waits, too."""
        self._unread += data
        self._read()

    def on_response_complete(self) -> None:
        """An answer is sent: the next request of the connection can begin.

        uvicorn would go on reading whatever waits; whoever sends and never reads would fill the
        memory.
        """
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self.pipeline:
            self.flow.pause_reading()
        if self._unread:
            self._read()
        elif self._stage is _Stage.HEAD:
            self._time_head()

    def untaken(self) -> int:
        """Bytes of answers that the other side has not confirmed; the system holds most of them.

        It says to go on writing when a third of its room is free, which a client of 150 kB a second
        may take ten seconds for.
        """
        held = bytearray(4)
        with suppress(OSError):  # a kind of connection that cannot say
            ioctl(self.transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, held)
        return self.transport.get_write_buffer_size() + int.from_bytes(held, sys.byteorder)

    def break_off(self) -> None:
        """End an answer that stays unfinished; the other side notices that its end is missing."""
        self.cycle.disconnected = True
        self.transport.close()

    def _read(self) -> None:
        """Parse what has come, of a head never more than it may have."""
        self._progress = False
        while self._unread and not self._ended:
            if len(self.pipeline) >= MOST_WAITING:
                self.flow.pause_reading()
                return
            super().data_received(self._next_part())
            if self._head_bytes > self.limits.head_bytes:
                too_large = problems.header_fields_too_large(self.limits.head_bytes)
                self.refuse(self._refusal or too_large)
        if self._stage is _Stage.HEAD or (self._stage is _Stage.BETWEEN and not self._progress):
            self._time_head()

    def _time_head(self) -> None:
        """Start the deadline of a head once we read it; the time it waits here does not count."""
        if self._deadline is None and not self._ended and not self.flow.read_paused:
            self._deadline = self.loop.call_later(self.limits.head_seconds, self._too_slow)

    def _next_part(self) -> bytes:
        """The next piece of what has come; it ends where a head becomes too long."""
        if self._stage is _Stage.BODY:
            part, self._unread = self._unread, b""
        else:
            room = self.limits.head_bytes + 1 - self._head_bytes
            part, self._unread = self._unread[:room], self._unread[room:]
            self._head_bytes += len(part)
        return part

    # --- what the parser tells ---

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._stage = _Stage.HEAD
        super().on_message_begin()
        scope = cast("dict[str, Any]", self.scope)
        scope[UNTAKEN], scope[BREAK_OFF] = self.untaken, self.break_off

    def on_url(self, url: bytes) -> None:
        """A piece of the request line's target. The rest of the head says whose page sent it."""
        super().on_url(url)
        if len(self.url) > LONGEST_TARGET:
            self._refusal = problems.uri_too_long()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header. One that follows the body is ignored."""
        if self._stage is _Stage.BODY:
            return
        super().on_header(name, value)
        if len(self.headers) > self.limits.headers:
            self._refusal = self._refusal or problems.too_many_headers(self.limits.headers)

    def on_headers_complete(self) -> None:
        """The head is complete: the request begins, unless it is refused."""
        self._forget_deadline()
        self._stage, self._head_bytes, self._progress = _Stage.BODY, 0, True
        if self._refusal is not None:
            self._stop(self._refusal)
        if self.parser.get_http_version() not in VERSIONS:
            self._stop(problems.malformed_request("This service speaks HTTP/1.1."))
        if self.url and not self.url.startswith(b"/"):
            self._check_target()
        super().on_headers_complete()

    def _check_target(self) -> None:
        """A target that names a host names the same one as the Host header."""
        scheme, _, rest = self.url.partition(b"://")
        named = rest.partition(b"/")[0].partition(b"?")[0].lower()
        hosts = {value.strip().lower() for name, value in self.headers if name == b"host"}
        if scheme.lower() not in (b"http", b"https") or {named} != hosts:
            error = InputError.of("Host", "host", "Must name the host of the request line.")
            self._stop(
                problems.malformed_request(
                    "The request line names another host than the Host header.", [error]
                )
            )

    def on_message_complete(self) -> None:
        """The request has come in whole."""
        self._stage, self._head_bytes, self._progress = _Stage.BETWEEN, 0, True
        super().on_message_complete()

    # --- what is refused ---

    def _stop(self, refusal: Problem) -> None:
        self._refusal = refusal
        raise _Refused

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - these are uvicorn's words
        """What uvicorn would answer in plain text."""
        refusal = self._refusal or problems.malformed_request("This is not HTTP that can be read.")
        self.refuse(refusal)

    def _too_slow(self) -> None:
        self._deadline = None
        if self._stage is _Stage.HEAD:
            too_slow = problems.head_timeout(self.limits.head_seconds)
            self.refuse(self._refusal or too_slow, at_once=True)
        else:
            self._end_after_answers()

    def refuse(self, problem: Problem, *, at_once: bool = False) -> None:
        """Answer with a problem, and take nothing more; ``at_once``: nothing more is coming."""
        if self._ended:
            return
        if self._is_answering():
            self._end_after_answers()
            return
        self._ended = True
        correlation_id = urandom(16).hex()
        log.info("%s refused at the door, correlation id %s", problem.kind.slug, correlation_id)
        further = [*self.server_state.default_headers, *self._to_pages()]
        self.transport.write(_response_bytes(problem, correlation_id, further))
        if at_once or not self.transport.can_write_eof():
            self.transport.close()
        else:
            # Closed with something unread, the other side might lose the answer.
            self.transport.write_eof()
            self._deadline = self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _to_pages(self) -> Iterable[tuple[bytes, bytes]]:
        """What lets a page read the refusal, if the part of the head that was read names it."""
        told = (self.headers or ()) if self._stage is not _Stage.BETWEEN else ()
        origins = [value.decode("latin-1") for name, value in told if name == b"origin"]
        return headers_for(origins[0] if len(origins) == 1 else None, self.limits.origins)

    def _is_answering(self) -> bool:
        """Whether an answer is under way, or one is owed to a request that came in whole."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # none before the first request
        if cycle is None or cycle.response_complete:
            return False
        return cycle.response_started or bool(self.pipeline) or not cycle.more_body

    def _end_after_answers(self) -> None:
        """Take nothing more, and end with the last answer that is owed."""
        self._ended = True
        if self._is_answering():
            self.cycle.keep_alive = False
        else:
            self.transport.close()

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def connections(limits: Limits) -> type[Connection]:
    """The connections of a server with these limits, as uvicorn takes them (`http=`)."""
    return type("LimitedConnection", (Connection,), {"limits": limits})


def _response_bytes(
    problem: Problem, correlation_id: str, further: list[tuple[bytes, bytes]]
) -> bytes:
    body = render(problem, correlation_id)
    headers = [
        *further,
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-correlation-id", correlation_id.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    lines = [STATUS_LINE[problem.status], *(b"%s: %s\r\n" % each for each in headers)]
    return b"".join([*lines, b"\r\n", body])


def _give_up_who_is_gone(transport: asyncio.Transport) -> None:
    """Have the system close a connection whose other side has not confirmed what it was sent.

    Somebody who walks out of reach says no farewell: a stream would keep their place until the
    system itself gives up, a quarter of an hour later.
    """
    connected = transport.get_extra_info("socket")
    if (
        _USER_TIMEOUT is not None
        and connected is not None
        and connected.family in (socket.AF_INET, socket.AF_INET6)
    ):
        connected.setsockopt(socket.IPPROTO_TCP, _USER_TIMEOUT, GONE_AFTER_MS)
