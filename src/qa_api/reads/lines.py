"""Lines of the access log, written for many readers at once (X3).

A read is answered when its line has reached the disk, and not before. While lines are being written
new ones are gathered, and those are written together next: so what a line costs the database, its
commit above all, is shared by all who read meanwhile, and who reads alone waits for nobody.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg

from qa_api.db import Database
from qa_api.rules.unchanging import Unchanging

MOST_TOGETHER: Final = 200
"""Lines in one statement."""

_WRITE: Final = """
INSERT INTO access_log (id, at, principal_id, correlation_id, operation, subject_ids)
SELECT gen_random_uuid(), line.at, line.reader::uuid, line.correlation_id, line.operation,
       line.about::uuid[]
FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS line (at, reader, correlation_id, operation, about)
"""


_OF_ONE_LINE: Final = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""Faults of what a line says, and not of the database."""


class Line(Unchanging):
    """Who was shown whom, when and by which request."""

    at: datetime
    reader: str
    """The id of the reader's principal."""
    correlation_id: str
    operation: str
    about: frozenset[str]
    """The ids of the subjects; there is one at least."""

    @classmethod
    def of(
        cls, shown: Sequence[asyncpg.Record], at: datetime, correlation_id: str, operation: str
    ) -> "Line | None":
        """The line of rows that say `about` whom they are; None where they are about nobody."""
        about = frozenset(
            subject for row in shown if row["about"] for subject in row["about"].split(",")
        )
        if not about:
            return None
        return cls(at, shown[0]["reader"], correlation_id, operation, about)


class AccessLines:
    """The lines of one process that are on their way."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Line, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, line: Line) -> None:
        """Return when the line is on the disk; raise what the database says where it is not."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((line, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await written

    async def close(self) -> None:
        """Let what is on its way be written; nobody reads any more."""
        if self._writing is not None:
            await asyncio.wait({self._writing})

    async def _write_all(self) -> None:
        while self._waiting:
            together = self._waiting[:MOST_TOGETHER]
            del self._waiting[:MOST_TOGETHER]
            await self._write(together)

    async def _write(self, together: Sequence[tuple[Line, "asyncio.Future[None]"]]) -> None:
        """Write some lines in one transaction, and tell each reader what came of it."""
        fault: Exception | None = None
        try:
            await self._insert([line for line, _ in together])
        except Exception as found:  # noqa: BLE001 - whatever it is, each of them raises it
            if len(together) > 1 and isinstance(found, _OF_ONE_LINE):
                # The readers of the other lines have no part in it.
                for each in together:
                    await self._write([each])
                return
            fault = found
        for _, written in together:
            if written.done():
                continue  # the reader has gone away meanwhile
            if fault is None:
                written.set_result(None)
            else:
                written.set_exception(fault)

    async def _insert(self, lines: Sequence[Line]) -> None:
        patience = self._database.pool_wait_seconds
        async with self._database.logged_reads.acquire(timeout=patience) as connection:
            await connection.execute(
                _WRITE,
                [line.at for line in lines],
                [line.reader for line in lines],
                [line.correlation_id for line in lines],
                [line.operation for line in lines],
                ["{" + ",".join(sorted(line.about)) + "}" for line in lines],
            )
