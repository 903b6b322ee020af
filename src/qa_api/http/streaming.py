"""Answers that may not fit in memory: sent as they are made, and cut off if they fail."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from qa_api.attempts import name_of
from qa_api.http.connection import BREAK_OFF, UNTAKEN
from qa_api.http.errors import REFUSED
from qa_api.problems import Problem

log = logging.getLogger(__name__)


class Streamed(Response):
    """Bytes as they come. What goes wrong before the first part is still answered as a problem.

    Later nothing can be said any more: the answer is left unfinished, which every client notices,
    and the connection ends. Nobody is cancelled in the middle of a part, so whoever makes the parts
    can put their connections back in order. That is so when the client has gone, and when it takes
    nothing for longer than it may: otherwise a client that stands still would hold them for as long
    as it likes.
    """

    def __init__(
        self,
        parts: AsyncGenerator[bytes],
        *,
        media_type: str,
        head: Callable[[], Mapping[str, str]],
        write_deadline_seconds: float,
        behind: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> None:
        """Send the parts; they are closed whatever happens. Each is made within ``behind``.

        ``head``: the headers that are known when the first part has been made.
        """
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self._begun = False
        self._parts = parts
        self._behind = behind
        self._head = head
        self._write_deadline_seconds = write_deadline_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the first part, then begin to answer; what is not sent whole is broken off.

        A fault of the program itself goes on to the gate; what is refused, or the database's, is
        told here: nobody behind could answer it any more.
        """
        try:
            whole = await self._send(scope, receive, send)
        except REFUSED as fault:
            if not self._begun:
                raise
            said = fault.kind.slug if isinstance(fault, Problem) else name_of(fault)
            log.warning("a download was broken off: %s", said)
            whole = False
        if whole:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            scope[BREAK_OFF]()

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Send the parts; False where the client does not take all of them."""
        client = Request(scope, receive)
        async with aclosing(self._parts) as parts, aclosing(self._made(parts)) as made:
            async for part in made:
                if not self._begun:
                    self.headers.update(self._head())
                    head = {"status": self.status_code, "headers": self.raw_headers}
                    await send({"type": "http.response.start", **head})
                    self._begun = True
                elif await client.is_disconnected():
                    log.info("a client left before the end of its download")
                    return False
                if not await self._is_taken(part, send, scope[UNTAKEN]):
                    return False
        return True

    async def _made(self, parts: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """The parts, each made behind whoever is to be answered first."""
        while True:
            async with self._behind():
                try:
                    part = await anext(parts)
                except StopAsyncIteration:
                    return
            yield part

    async def _is_taken(self, part: bytes, send: Send, untaken: Callable[[], int]) -> bool:
        """Send a part; False where the client has taken nothing for too long.

        A slice waits until there is room for it, which the system may not make for long though the
        client takes what it holds. Nothing of it is written meanwhile, so it can be sent again.
        """
        for begins in range(0, max(len(part), 1), _SLICE):
            body = part[begins : begins + _SLICE]
            message: Message = {"type": "http.response.body", "body": body, "more_body": True}
            sent = False
            while not sent:
                before = untaken()
                try:
                    async with asyncio.timeout(self._write_deadline_seconds):
                        await send(message)
                        sent = True
                except TimeoutError:
                    if before - untaken() < _LEAST:
                        log.warning("a client took nothing of its download for too long")
                        return False
        return True


_SLICE: Final = 262_144
"""Bytes that are written at once."""

_LEAST: Final = 65_536
"""Bytes: whoever does not take as many within the deadline has taken nothing."""
