"""How the people of a year reach the service: in this process, or over HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from fastapi import FastAPI
from starlette.types import Message

from qa_api.app import create_app
from qa_api.names import new_loop
from qa_api.settings import Settings
from qa_api.work import Workshop
from tests.api import Server, client_of, serving

T = TypeVar("T")


class Failed(Exception):
    """The service did what it never may, in words that name no row's content."""


@dataclass(frozen=True)
class Answer:
    """What the service answered."""

    status: int
    body: Any
    tag: str | None = None


class Caller(Protocol):
    """Asks the service, and works in its workshop as its worker process does."""

    def ask(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Answer:
        """One request."""

    def work(self, act: Callable[[Workshop], Awaitable[T]]) -> T:
        """Something done in the workshop."""


@dataclass(frozen=True)
class InProcess:
    """The whole application, called without a network."""

    app: FastAPI
    runner: asyncio.Runner

    def ask(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Answer:
        """One request as a server would hand it over."""
        raw = b"" if body is None else json.dumps(body).encode()
        return self.runner.run(self._ask(method, path, raw, headers))

    def work(self, act: Callable[[Workshop], Awaitable[T]]) -> T:
        """On the loop of the application."""

        async def there() -> T:
            return await act(self.app.state.workshop)

        return self.runner.run(there())

    async def _ask(self, method: str, path: str, raw: bytes, headers: Mapping[str, str]) -> Answer:
        named = {"host": "localhost", "content-length": str(len(raw)), **headers}
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "root_path": "",
            "state": {},
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        said = b"".join(message.get("body", b"") for message in sent[1:])
        told = dict(sent[0].get("headers", ()))
        tag = told.get(b"etag", b"").decode() or None
        return Answer(sent[0]["status"], json.loads(said) if said else None, tag)


@dataclass(frozen=True)
class OverHttp:
    """A server on a real port, whose every answer is held against the contract."""

    server: Server
    http: Any

    def ask(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Answer:
        """One request over a connection."""
        raw = None if body is None else json.dumps(body).encode()
        answer = self.http.request(method, path, content=raw, headers=dict(headers))
        try:
            self.server.hold(answer)
        except AssertionError as undeclared:
            raise Failed(str(undeclared)) from undeclared
        said = answer.json() if answer.content else None
        return Answer(answer.status_code, said, answer.headers.get("etag"))

    def work(self, act: Callable[[Workshop], Awaitable[T]]) -> T:
        """On the loop of the server."""
        return self.server.work(act)


_MADE: dict[str, FastAPI] = {}


def _application(database: str, settings: Settings) -> FastAPI:
    """The application over a database of this name, made once: that takes a second."""
    if database not in _MADE:
        _MADE[database] = create_app(settings)
    return _MADE[database]


@contextmanager
def in_process(settings: Settings) -> Iterator[Caller]:
    """The application until the block ends."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        app = _application(settings.database_url.get_secret_value(), settings)
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        try:
            yield InProcess(app, runner)
        finally:
            runner.run(lifespan.__aexit__(None, None, None))


@contextmanager
def over_http(settings: Settings) -> Iterator[Caller]:
    """The server until the block ends."""
    with serving(settings) as server, client_of(server.url) as http:
        yield OverHttp(server, http)
