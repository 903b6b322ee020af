"""Answers that are longer than memory: sent as they are made, cut off when they cannot be ended."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class Streamed(StreamingResponse):
    """Text as it comes. What goes wrong before its first part is still answered as a problem.

    Later nothing can be said any more: the answer is left unfinished, which every client notices,
    and the connection ends.
    """

    def __init__(self, parts: AsyncIterator[str], *, media_type: str) -> None:
        """Send the parts; they are closed whatever happens."""
        super().__init__(parts, media_type=media_type, headers={"Vary": "Accept"})
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the first part, then begin to answer."""
        async with aclosing(self._parts) as parts:  # type: ignore[type-var]  # a generator
            first = await anext(parts)

            async def whole() -> AsyncIterator[str]:
                yield first
                async for part in parts:
                    yield part

            self.body_iterator = whole()
            await super().__call__(scope, receive, send)
