"""Letting the pages of other origins call the API from a browser (CORS).

It stands before the gate, so that a page can read what the gate refuses. Nothing comes with a
request that the page itself does not send: a token is a header, and there are no cookies.
"""

from collections.abc import Collection
from os import urandom
from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from qa_api import problems
from qa_api.http.problem_document import MEDIA_TYPE, render
from qa_api.problems import InputError

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SENT: Final = (
    "Authorization",
    "Content-Digest",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "X-Correlation-ID",
    "X-Purpose",
    "traceparent",
)
"""The request headers that a page may set."""
READ: Final = (
    "Changes-Token",
    "Content-Disposition",
    "Data-As-At",
    "Deprecation",
    "Download-Location",
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "WWW-Authenticate",
    "X-Correlation-ID",
)
"""The headers of an answer that a page may read."""
KEPT_SECONDS: Final = 600
"""How long a browser may keep what it was told of an operation."""


def headers_for(origin: str | None, origins: Collection[str]) -> list[tuple[bytes, bytes]]:
    """What an answer says that is given before there is an application; none where CORS is off."""
    if not origins:
        return []
    if origin is None or origin not in origins:
        return [(b"vary", b"Origin")]
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", ", ".join(READ).encode("latin-1")),
        (b"vary", b"Origin"),
    ]


class CrossOrigin(CORSMiddleware):
    """Answers what a browser asks before a page's request, and names the origin in each answer."""

    def __init__(self, app: ASGIApp, *, origins: Collection[str]) -> None:
        """Let these origins in, and no other."""
        super().__init__(
            app,
            allow_origins=frozenset(origins),
            allow_methods=METHODS,
            allow_headers=SENT,
            expose_headers=READ,
            max_age=KEPT_SECONDS,
            allow_private_network=True,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """204 with what is allowed; what is not is refused as a problem."""
        answer = super().preflight_response(request_headers)
        told = {
            name: value
            for name, value in answer.headers.items()
            if name == "vary" or name.startswith("access-control-")
        }
        fault = self._fault(request_headers)
        if fault is None:
            return Response(status_code=204, headers=told)
        correlation_id = urandom(16).hex()
        told["x-correlation-id"] = correlation_id
        refusal = problems.malformed_request("A page may not send this request.", [fault])
        return Response(render(refusal, correlation_id), refusal.status, told, MEDIA_TYPE)

    def _fault(self, asked: Headers) -> InputError | None:
        if not self.is_allowed_origin(asked["origin"]):
            return InputError.of("Origin", "origin", "Pages of this origin may not call the API.")
        if asked["access-control-request-method"] not in self.allow_methods:
            name = "Access-Control-Request-Method"
            return InputError.of(name, "method", "No operation has this method.")
        wanted = asked.get("access-control-request-headers", "").lower().split(",")
        if not {name.strip() for name in wanted} - {""} <= set(self.allow_headers):
            name = "Access-Control-Request-Headers"
            return InputError.of(name, "header", f"A page may send {', '.join(SENT)}.")
        return None
