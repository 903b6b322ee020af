"""A client of every release: it reads and writes in the service's role while a migration runs.

It says what releases of all revisions say: an audit is planned with its event, audits are listed,
one is changed. At every table that the service writes to it takes the lock that a write takes, so
that whoever writes there would have waited as long. It waits for a lock as long as the service
does, and tries again like its callers.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import uuid4

import asyncpg

from qa_api.settings import Settings

LOCK_TIMEOUT: Final = int(1000 * Settings.model_fields["lock_timeout_seconds"].default)
REACH: Final = "SELECT set_config('qa.reach', 'service', true)"
PLAN: Final = """
INSERT INTO audits (id, type, state, opened_by, policy_version, team, due_on, planned_at, version)
SELECT $1, 'collaborative', 'planned', 'person', 1, min(code), '2027-03-01', now(), 1 FROM teams
"""
TELL: Final = """
INSERT INTO events (id, at, type, correlation_id, about_id, data)
VALUES ($1, now(), 'audit.planned', 'client', $2, '{}')
"""
CHANGE: Final = "UPDATE audits SET due_on = due_on + 1, version = version + 1 WHERE id = $1"
WRITTEN: Final = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace::regnamespace::text = 'public'
  AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE')
ORDER BY relname
"""
KNOCK: Final = 'LOCK TABLE "{}" IN ROW EXCLUSIVE MODE'
"""What a write takes; it writes nothing, so it is told apart from what is acknowledged."""
READ: Final = """
SELECT a.id, a.state, s.ref FROM audits a LEFT JOIN subjects s ON s.id = a.subject_id
ORDER BY a.id DESC LIMIT 20
"""


@dataclass
class Waits:
    """What one migration meant to who works meanwhile."""

    answered: int = 0
    refused: int = 0
    """For want of a lock; the caller tries again."""
    longest: float = 0.0
    """Seconds from the first try to the answer."""


class Client:
    """Works all the time, on a connection of its own; remembers what was acknowledged."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.waits = Waits()
        self.planned: list[Any] = []
        self.changed = 0

    async def work(self, over: asyncio.Event) -> None:
        """Until it is over."""
        async with self._connected() as connection:
            while not over.is_set():
                await self._until_answered(connection, self._plan)
                await self._until_answered(connection, self._read)
                await self._until_answered(connection, self._change)

    async def knock(self, over: asyncio.Event) -> None:
        """Until it is over, at one table after the other, of those that are there now."""
        async with self._connected() as connection:
            while not over.is_set():
                for row in await connection.fetch(WRITTEN):
                    take = partial(_knock, table=row["relname"])
                    await self._until_answered(connection, take)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        limits = {"lock_timeout": str(LOCK_TIMEOUT), "application_name": "client"}
        connection = await asyncpg.connect(self._url, server_settings=limits)
        try:
            yield connection
        finally:
            await connection.close()

    async def _until_answered(self, connection: Any, act: Callable[[Any], Any]) -> None:
        begun = time.monotonic()
        while True:
            try:
                async with connection.transaction():
                    await connection.fetchval(REACH)
                    await act(connection)
            except (
                asyncpg.LockNotAvailableError,
                asyncpg.DeadlockDetectedError,
                asyncpg.InvalidCachedStatementError,
            ):
                self.waits.refused += 1
                await asyncio.sleep(0)
            else:
                break
        self.waits.answered += 1
        self.waits.longest = max(self.waits.longest, time.monotonic() - begun)

    async def _plan(self, connection: Any) -> None:
        audit = uuid4()
        await connection.execute(PLAN, audit)
        await connection.execute(TELL, uuid4(), audit)
        self.planned.append(audit)

    async def _read(self, connection: Any) -> None:
        await connection.fetch(READ)

    async def _change(self, connection: Any) -> None:
        await connection.execute(CHANGE, self.planned[-1])
        self.changed += 1


async def _knock(connection: Any, table: str) -> None:
    # The migration took the table away, or the right to write to it.
    with suppress(asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
        await connection.execute(KNOCK.format(table))


class Working:
    """The client, from when it works until the block ends."""

    def __init__(self, client: Client) -> None:
        self._client, self._over = client, asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Client:
        for act in (self._client.work, self._client.knock):
            self._tasks.append(asyncio.create_task(act(self._over)))
        return self._client

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        await asyncio.gather(*self._tasks)
