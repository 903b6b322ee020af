"""Server-Sent Events: an answer that goes on, with a sign of life, until its source is over."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from qa_api.http.connection import BEFORE_SHUTDOWN, BREAK_OFF
from qa_api.http.request_context import context_of, leave

EVENT_STREAM: Final = "text/event-stream"

log = logging.getLogger(__name__)


class Source(Protocol):
    """What is sent: text that is there when `wake` is set, or when so many `seconds` are over."""

    wake: asyncio.Event

    @property
    def seconds(self) -> float:
        """After how long there is something to send in any case."""

    @property
    def over(self) -> bool:
        """Whether what is taken next is the last."""

    def take(self) -> str:
        """What is to be sent now."""

    def restart(self) -> None:
        """The server stops: this is to be the end."""


class EventStream(Response):
    """Sends what a source says as it comes; the client's going ends it, and so does a stop.

    What goes wrong before the source is open is answered as a problem. A client that takes nothing
    for longer than it may is cut off.
    """

    media_type = EVENT_STREAM

    def __init__(
        self, source: AbstractAsyncContextManager[Source], *, write_deadline_seconds: float
    ) -> None:
        """`source` is opened when the answer begins, and closed whatever happens."""
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._source = source
        self._write_deadline_seconds = write_deadline_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until the source is over or the client is gone."""
        if context_of(scope).head:
            await self._begin(send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        async with self._source as source:
            scope[BEFORE_SHUTDOWN] = source.restart
            leave(context_of(scope))  # listening takes nothing that others wait for
            await self._begin(send)
            gone = asyncio.create_task(_until_gone(receive))
            gone.add_done_callback(lambda _: source.wake.set())
            try:
                if not await self._go_on(source, gone, send):
                    scope[BREAK_OFF]()
            finally:
                gone.cancel()
                del scope[BEFORE_SHUTDOWN]

    async def _begin(self, send: Send) -> None:
        head = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **head})

    async def _go_on(self, source: Source, gone: "asyncio.Task[None]", send: Send) -> bool:
        """Send what there is; False where the client has left or takes nothing."""
        more = True
        while more:
            try:
                async with asyncio.timeout(source.seconds):
                    await source.wake.wait()
            except TimeoutError:
                pass
            if gone.done():
                return False
            text = source.take()
            more = not source.over
            try:
                async with asyncio.timeout(self._write_deadline_seconds):
                    body = {"body": text.encode(), "more_body": more}
                    await send({"type": "http.response.body", **body})
            except TimeoutError:
                log.warning("a client took nothing of what it listens to for too long")
                return False
        return True


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
