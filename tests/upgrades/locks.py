"""Which locks a migration holds on tables that were there before it, and for how long.

They are looked at every few milliseconds from a connection of its own; a lock stays until its
transaction ends, so what is missed is less than the pause between two looks at each end. One that
is taken again by the next transaction is another: who waits for it gets in between.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

PAUSE: Final = 0.003
NOBODY_READS: Final = ("AccessExclusiveLock",)
NOBODY_WRITES: Final = (
    *NOBODY_READS,
    "ExclusiveLock",
    "ShareRowExclusiveLock",
    "ShareLock",
)
TABLES: Final = (
    "SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text = 'public'"
)
HELD: Final = """
SELECT l.relation::regclass::text AS name, l.mode, l.virtualtransaction AS holder
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE a.application_name = 'qa_api migrate' AND a.datname = current_database()
  AND l.granted AND l.locktype = 'relation'
  AND l.relation = ANY ($1::oid[]) AND l.mode = ANY ($2::text[])
"""


@dataclass
class Held:
    """How many seconds a table was locked, at the longest at a stretch."""

    seconds: float = 0.0
    since: float = 0.0
    holder: str | None = None
    """The transaction that holds it; nobody, between two."""

    def seen(self, now: float, holder: str) -> None:
        """It is locked, by this transaction."""
        if holder != self.holder:
            self.gone(now)
            self.since, self.holder = now, holder
        self.seconds = max(self.seconds, now - self.since)

    def gone(self, now: float) -> None:
        """It is not locked any more."""
        if self.holder is not None:
            self.seconds = max(self.seconds, now - self.since)
        self.holder = None


@dataclass
class Locks:
    """What was held while one migration ran."""

    reads: dict[str, Held] = field(default_factory=dict)
    """By table, where nobody could even read."""
    writes: dict[str, Held] = field(default_factory=dict)
    """By table, where nobody could write."""

    @staticmethod
    def longest(held: dict[str, Held]) -> tuple[float, str]:
        """Seconds, and of which table."""
        return max(((one.seconds, name) for name, one in held.items()), default=(0.0, ""))


class Watch:
    """Looks at the locks of the migrator of one database."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection
        self._before: list[Any] = []
        self.locks = Locks()

    async def begin(self) -> None:
        """Before a migration: which tables are there."""
        self._before = [row["oid"] for row in await self._connection.fetch(TABLES)]
        self.locks = Locks()

    async def look(self, over: asyncio.Event) -> None:
        """Until the migration is over."""
        while not over.is_set():
            await self._look()
            await asyncio.sleep(PAUSE)
        await self._look()

    async def _look(self) -> None:
        rows = await self._connection.fetch(HELD, self._before, list(NOBODY_WRITES))
        now = time.monotonic()
        for held, modes in (
            (self.locks.reads, NOBODY_READS),
            (self.locks.writes, NOBODY_WRITES),
        ):
            seen = {row["name"]: row["holder"] for row in rows if row["mode"] in modes}
            for name, holder in seen.items():
                held.setdefault(name, Held()).seen(now, holder)
            for name in held.keys() - seen.keys():
                held[name].gone(now)
