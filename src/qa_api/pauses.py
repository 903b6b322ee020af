"""Long work that waits for nothing lets others go on in between."""

import asyncio
from time import perf_counter
from typing import Final

LONGEST_STRETCH_SECONDS: Final = 0.003
"""So long one piece of work may hold the event loop: a read of one thing takes as long."""


class Pauses:
    """The pauses of one piece of work; to ask for one too often costs next to nothing."""

    def __init__(self) -> None:
        self._since = perf_counter()

    async def pause(self) -> None:
        """Let everything that is ready go on, if the last pause was too long ago."""
        if perf_counter() >= self._since + LONGEST_STRETCH_SECONDS:
            await asyncio.sleep(0)
            self._since = perf_counter()
