"""A small receiver of webhooks on this machine, as a case system would run one.

It answers 200 to what is signed as Standard Webhooks says and 401 to everything else.
"""

import hmac
import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from types import TracebackType
from typing import Any, Self


class Receiver:
    """Listens on a free port until the block ends; keeps every event that came signed."""

    def __init__(self) -> None:
        self.secret: str | None = None
        self.events: list[dict[str, Any]] = []
        self.refused = 0
        self._came = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200 if receiver.take(dict(self.headers), body) else 401)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """The story tells what came."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Keep an event whose signature is right."""
        if not is_signed(
            {name.lower(): value for name, value in headers.items()}, body, self.secret
        ):
            self.refused += 1
            return False
        with self._came:
            self.events.append(json.loads(body))
            self._came.notify_all()
        return True

    def wait_for(
        self, is_it: Callable[[dict[str, Any]], bool], seconds: float = 60
    ) -> dict[str, Any] | None:
        """The first event that is the one waited for, or None when it does not come."""
        until = monotonic() + seconds
        with self._came:
            while True:
                for event in self.events:
                    if is_it(event):
                        return event
                if not self._came.wait(until - monotonic()):
                    return None


def is_signed(headers: Mapping[str, str], body: bytes, secret: str | None) -> bool:
    """Whether one of the signatures is that of `id.timestamp.body` under the secret."""
    if secret is None:
        return False
    signed = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
    key = b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + b64encode(hmac.new(key, signed, sha256).digest()).decode()
    return any(
        hmac.compare_digest(expected, signature)
        for signature in headers.get("webhook-signature", "").split()
    )
