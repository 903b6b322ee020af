"""The outermost layer: nothing malformed gets past it, and no fault gets out raw.

Plain ASGI, one scan over the headers, no work that a well-formed GET does not need. Behind it a
body is complete, within its limits, of an accepted type, valid UTF-8 and parsed JSON. The host, the
path and the query are sane, and whatever goes wrong is answered as a problem.
"""

import asyncio
import logging
import re
import traceback
from collections.abc import Callable, Collection, Mapping, MutableMapping
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa_api import problems
from qa_api.http.refusal_forms import SCIM_TYPES, form_of, is_scim
from qa_api.http.request_context import RequestContext, begin, leave
from qa_api.problems import Problem
from qa_api.values.strict_json import parse

Observe = Callable[[Scope, int, float], None]
"""Told of every answer: the scope, the status and the seconds it took."""

JSON: Final = frozenset({"application/json"})
PROBES: Final = frozenset({"/healthz", "/readyz"})  # asked by address, not by name
LONGEST_PATH: Final = 2_048
LONGEST_QUERY: Final = 8_192
LONGEST_TARGET: Final = LONGEST_PATH + 1 + LONGEST_QUERY
MOST_KNOWN_HOSTS: Final = 64

# A body that is too large is still read up to this many times the limit, so that the sender gets
# to see the answer instead of a broken connection.
_PATIENCE: Final = 8

_ONCE: Final = frozenset(
    {
        b"host",
        b"authorization",
        b"content-type",
        b"content-length",
        b"content-encoding",
        b"transfer-encoding",
        b"idempotency-key",
        b"if-match",
        b"if-none-match",
        b"x-correlation-id",
        b"x-purpose",
        b"traceparent",
    }
)
_REFUSED: Final = frozenset({401, 403})
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})  # of others the route refuses a body
_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")

log = logging.getLogger(__name__)


class _ClientGone(Exception):
    """The client went away before its request was complete; there is nobody to answer."""


class Gate:
    """Wraps the application. It never raises; the worst it answers is the 500 problem."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_hosts: Collection[str],
        max_body_bytes: int,
        body_deadline_seconds: float,
        body_types: Mapping[str, Collection[str]] | None = None,
        file_types: Mapping[str, Collection[str]] | None = None,
        observe: Observe | None = None,
    ) -> None:
        """Build the gate.

        ``allowed_hosts`` without port, ``*`` for any; ``body_types`` names the media types of the
        paths that take something else than ``application/json``. All of SCIM takes its own.
        ``file_types`` names, by how a path begins, those of files that its route reads itself.
        """
        self._app = app
        self._any_host = "*" in allowed_hosts
        self._hosts = frozenset(host.lower() for host in allowed_hosts)
        self._known_hosts: set[bytes] = set()  # Host headers found good, as they were sent
        self._limit = max_body_bytes
        self._deadline = body_deadline_seconds
        self._body_types = {path: frozenset(types) for path, types in (body_types or {}).items()}
        self._file_types = {path: frozenset(types) for path, types in (file_types or {}).items()}
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        headers, repeated = _scan(scope)
        context = begin(scope, headers.get(b"x-correlation-id"), headers.get(b"traceparent"))
        answer = _Answer(send, scope, context)
        if scope["method"] == "HEAD":
            # A server may look at its own scope to know that this is a HEAD.
            scope = answer.scope = {**scope, "method": "GET"}
            answer.without_body = context.head = True
        try:
            context.file_type = self._file_type(scope, headers)
            has_body = b"content-length" in headers or b"transfer-encoding" in headers
            if has_body and context.file_type is None:
                context.body = await self._read(receive)
                receive = _replay(context.body, receive)
            self._check(scope, headers, repeated)
            self._take_in(scope, headers, context)
            await self._app(scope, receive, answer.send)
        except _ClientGone:
            return
        except Problem as problem:
            await answer.refuse(problem, scope["path"])
        except Exception as fault:  # noqa: BLE001 - this is the last resort
            _report(fault, context.correlation_id)
            await answer.refuse(problems.internal_error(), scope["path"])
        finally:
            leave(context)
        if answer.status in _REFUSED:
            _tell_of_refusal(scope, answer.status, context)
        if self._observe is not None:
            self._observe(scope, answer.status, perf_counter() - started)

    async def _read(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        size = 0
        more = True
        try:
            async with asyncio.timeout(self._deadline):
                while more and size <= self._limit * _PATIENCE:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _ClientGone
                    part = message.get("body", b"")
                    size += len(part)
                    if size <= self._limit:
                        parts.append(part)
                    more = message.get("more_body", False)
        except TimeoutError:
            raise problems.request_timeout() from None
        if size > self._limit:
            refusal = problems.content_too_large(self._limit)
            if more:  # still sending: there is no way back to the start of a next request
                refusal.headers["Connection"] = "close"
            raise refusal
        return b"".join(parts)

    def _check(self, scope: Scope, headers: Mapping[bytes, bytes], repeated: str | None) -> None:
        if repeated is not None:
            raise problems.malformed_request(
                "A header is there more than once.",
                [problems.InputError.of(repeated, "repeated", "Must be there only once.")],
            )
        self._check_host(scope, headers.get(b"host"))
        path: str = scope["path"]
        raw: bytes = scope.get("raw_path") or path.encode()
        if len(raw) > LONGEST_PATH:
            raise problems.uri_too_long()
        if not path.isprintable():
            raise problems.malformed_request("The path cannot be read.")
        if b"%" in raw and (
            "\ufffd" in path or b"%2f" in raw.lower() or _BROKEN_ESCAPE.search(raw)
        ):
            raise problems.malformed_request("The path has an escape that is not allowed.")
        if scope["query_string"]:
            _check_query(scope["query_string"])

    def _check_host(self, scope: Scope, sent: bytes | None) -> None:
        if sent in self._known_hosts:
            return
        if sent is not None:
            match = _HOST.fullmatch(sent.decode("latin-1"))
            if match and (self._any_host or match[1].lower() in self._hosts):
                if len(self._known_hosts) < MOST_KNOWN_HOSTS:
                    self._known_hosts.add(sent)
                return
            if match and scope["path"] in PROBES:
                return
        raise problems.malformed_request(
            "The Host header does not name this service.",
            [problems.InputError.of("Host", "host", "Not a host of this service.")],
        )

    def _take_in(
        self, scope: Scope, headers: Mapping[bytes, bytes], context: RequestContext
    ) -> None:
        """Parse a body that is JSON, once its type is accepted; a file is left to its route."""
        if context.file_type is not None:
            self._check_body_type(scope, headers)
        elif context.body and scope["method"] in _WITH_BODY:
            self._check_body_type(scope, headers)
            context.document = parse(context.body)

    def _file_type(self, scope: Scope, headers: Mapping[bytes, bytes]) -> str | None:
        """The media type of a body that is a file for its route to read; None for any other."""
        if scope["method"] != "PUT":
            return None
        media_type = _written_type(headers)[0]
        path = scope["path"].rpartition("/")[0]
        return media_type if media_type in self._file_types.get(path, ()) else None

    def _check_body_type(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        accepted = self._body_types.get(scope["path"], JSON)
        if is_scim(scope["path"]):
            accepted = SCIM_TYPES
        if scope["method"] == "PUT":
            accepted |= self._file_types.get(scope["path"].rpartition("/")[0], frozenset())
        media_type, charset = _written_type(headers)
        if (
            media_type not in accepted
            or charset not in ("", "charset=utf-8")
            or headers.get(b"content-encoding", b"identity").lower() != b"identity"
        ):
            raise problems.unsupported_media_type(accepted)


def _written_type(headers: Mapping[bytes, bytes]) -> tuple[str, str]:
    """The media type of a body as it is declared, and what else is said of it."""
    written = headers.get(b"content-type", b"").decode("latin-1")
    media_type, _, parameters = written.partition(";")
    return media_type.strip().lower(), parameters.replace(" ", "").replace('"', "").lower()


class _Answer:
    """Sends what the application answers, with the headers that every answer has."""

    __slots__ = ("_context", "_send", "scope", "status", "without_body")

    def __init__(self, send: Send, scope: Scope, context: RequestContext) -> None:
        self._send = send
        self.scope = scope
        self._context = context
        self.status = 0
        self.without_body = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [
                *message.get("headers", ()),
                (b"x-correlation-id", self._context.correlation_id.encode("ascii")),
                (b"x-content-type-options", b"nosniff"),
                *self._context.rate_limit,
                *getattr(self.scope.get("route"), "told_at_every_answer", ()),
            ]
            for name, _ in headers:
                if name == b"cache-control":
                    break
            else:
                headers.append((b"cache-control", b"no-store"))
            message["headers"] = headers
        elif self.without_body:
            message = {**message, "body": b""}
        await self._send(message)

    async def refuse(self, problem: Problem, path: str) -> None:
        if self.status:
            # Half an answer is out. Leaving it unfinished makes the server cut the connection,
            # so that nobody takes the half for the whole.
            return
        status, body, media_type = form_of(path)(problem, self._context.correlation_id)
        headers = [
            (b"content-type", media_type.encode("ascii")),
            (b"content-length", str(len(body)).encode("ascii")),
        ]
        headers += [
            (name.lower().encode("ascii"), value.encode("ascii"))
            for name, value in problem.headers.items()
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def _report(fault: Exception, correlation_id: str) -> None:
    # The type and the place in our code; a message may hold what somebody typed.
    said = _place(fault)
    if fault.__cause__ is not None:
        said += f", from {_place(fault.__cause__)}"
    log.critical("%s, correlation id %s", said, correlation_id)


def _place(fault: BaseException) -> str:
    frames = traceback.extract_tb(fault.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "-"
    return f"{type(fault).__qualname__} at {place}"


def _tell_of_refusal(scope: Scope, status: int, context: RequestContext) -> None:
    # By the route's template: the address as it was sent may name a child's record.
    route = getattr(scope.get("route"), "path", None) or "-"
    log.info(
        "refused with %d: %s %s, caller %s, correlation id %s",
        status,
        scope["method"],
        route,
        context.caller or "-",
        context.correlation_id,
    )


def _scan(scope: MutableMapping[str, Any]) -> tuple[dict[bytes, bytes], str | None]:
    """The headers that may be there only once, and the name of one that is there twice."""
    found: dict[bytes, bytes] = {}
    repeated = None
    for name, value in scope["headers"]:
        if name in _ONCE:
            if name in found:
                repeated = name.decode("ascii").title()
            found[name] = value
    return found, repeated


def _check_query(query: bytes) -> None:
    if len(query) > LONGEST_QUERY:
        raise problems.uri_too_long()
    if not query.isascii():
        raise problems.malformed_request("The query cannot be read.")
    if b"%" in query:
        try:
            text = unquote_to_bytes(query).decode("utf-8")
        except UnicodeDecodeError:
            raise problems.malformed_request("The query is not UTF-8.") from None
        if "\x00" in text or _BROKEN_ESCAPE.search(query):
            raise problems.malformed_request("The query has an escape that is not allowed.")


def _replay(body: bytes, receive: Receive) -> Receive:
    """``receive`` for the application: the whole body once, then what the server says."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
