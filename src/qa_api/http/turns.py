"""A limited number of places, given in the order of asking; nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from qa_api import problems


class Turns:
    """The places of one process for work that would otherwise use up its connections."""

    def __init__(self, places: int, *, patience_seconds: float) -> None:
        """So many places; whoever waits longer than the patience for one is answered 503."""
        self._places = asyncio.Semaphore(places)
        self.patience_seconds = patience_seconds
        self._waited_in_vain = False

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Hold a place while the block runs."""
        try:
            async with asyncio.timeout(self.patience_seconds):
                await self._places.acquire()
        except TimeoutError:
            self._waited_in_vain = True
            raise problems.unavailable() from None
        try:
            yield
        finally:
            self._waited_in_vain = False
            self._places.release()

    @property
    def stand_still(self) -> bool:
        """Whether somebody waited in vain and no place has been given back since."""
        return self._waited_in_vain
