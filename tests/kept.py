"""Connections that a run keeps: to open one for each question costs more than the question."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeAlias, TypeVar

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
T = TypeVar("T")


class Kept:
    """One connection to each database that is asked, until somebody drops one."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._connections: dict[str, Connection] = {}

    def ask(self, url: str, question: Callable[[Connection], Coroutine[Any, Any, T]]) -> T:
        """The answer to a question, which leaves the connection as it was."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(self._ask(url, question))

    async def _ask(self, url: str, question: Callable[[Connection], Coroutine[Any, Any, T]]) -> T:
        if url not in self._connections:
            self._connections[url] = await asyncpg.connect(url)
        return await question(self._connections[url])

    def close(self) -> None:
        """Leave every database."""
        if self._runner is not None:
            for connection in self._connections.values():
                self._runner.run(connection.close())
            self._connections.clear()
            self._runner.close()
            self._runner = None


KEPT: Final = Kept()
