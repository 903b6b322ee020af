"""Answers that are longer than memory: sent as they are made, cut off when they cannot be ended."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Streamed(Response):
    """Text as it comes. What goes wrong before its first part is still answered as a problem.

    Later nothing can be said any more: the answer is left unfinished, which every client notices,
    and the connection ends. Nobody is cancelled in the middle of a part: whoever makes the parts
    can put their connections back in order when the client has gone.
    """

    def __init__(self, parts: AsyncGenerator[str], *, media_type: str) -> None:
        """Send the parts; they are closed whatever happens."""
        super().__init__(media_type=media_type, headers={"Vary": "Accept"})
        del self.headers["content-length"]
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the first part, then begin to answer."""
        client = Request(scope, receive)
        begun = False
        async with aclosing(self._parts) as parts:
            async for part in parts:
                if not begun:
                    head = {"status": self.status_code, "headers": self.raw_headers}
                    await send({"type": "http.response.start", **head})
                    begun = True
                elif await client.is_disconnected():
                    return
                body = part.encode()
                await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
