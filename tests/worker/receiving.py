"""A webhook receiver on loopback that answers what a test tells it to."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request that came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        """Its JSON."""
        return dict(json.loads(self.body))

    @property
    def about(self) -> str:
        """The record that it is about."""
        return str(self.message["data"]["about"])

    @property
    def id(self) -> str:
        """Its message id."""
        return self.headers["webhook-id"]


@dataclass(frozen=True)
class Answer:
    """What a receiver answers."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)


class Receiver:
    """Keeps what came in, in order; `answer` decides about each request."""

    def __init__(self) -> None:
        self.came: list[Received] = []
        self.answer: Callable[[Received], Answer] = lambda _: Answer()
        self.url = ""
        self._lock = threading.Lock()

    def take(self, request: Received) -> Answer:
        """Keep a request and answer it."""
        with self._lock:
            self.came.append(request)
        return self.answer(request)

    def about(self) -> list[str]:
        """What the requests were about, in the order they came."""
        return [request.about for request in self.came]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port until the block ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # the sender was killed on the way
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = receiver.take(Received(self.path, headers, body))
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()
            except OSError:
                pass  # the sender is gone

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
