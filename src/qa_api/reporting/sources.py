"""From which server a dataset is read, and what it has seen: the primary, or one that follows."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import asyncpg

from qa_api import problems
from qa_api.attempts import DRIVER_FAULTS
from qa_api.db import RestoreUntold
from qa_api.replica import Followed, NotNow
from qa_api.reporting.positions import Position
from qa_api.reporting.queries import SNAPSHOT, SNAPSHOT_OF_REPLICA
from qa_api.reporting.snapshots import MOST_IN_PROGRESS, Snapshot
from qa_api.rules.unchanging import Unchanging

log = logging.getLogger(__name__)

Connection = Any
"""A connection of a pool of reads, inside a transaction."""


class OfReplica(Unchanging):
    """What is to be told, and to be asked once more, of what a replica has shown."""

    history: str
    as_at: datetime
    """All that was committed before is in it; later changes may be."""


class Batch(Unchanging):
    """Some rows, where to go on, and what has been seen when there is nowhere to go."""

    rows: Sequence[Any]
    following: Position | None
    seen: Snapshot
    of_replica: OfReplica | None = None


class Part(Unchanging):
    """Some lines of a file, how many rows they are, and what has been seen at its end."""

    text: bytes
    rows: int
    seen: Snapshot
    of_replica: OfReplica | None = None


class Source(Unchanging):
    """A transaction that shows one moment to one caller."""

    connection: Connection
    who: asyncpg.Record
    now: Snapshot
    of_replica: OfReplica | None = None


@asynccontextmanager
async def one_moment(connection: Connection) -> AsyncIterator[None]:
    """A transaction that shows one moment, however long it lasts."""
    transaction = connection.transaction(isolation="repeatable_read")
    await transaction.start()
    try:
        yield
    except BaseException:
        with suppress(*DRIVER_FAULTS):  # the connection may be gone, and the transaction with it
            await transaction.rollback()
        raise
    await transaction.commit()


async def seen_by(connection: Connection, position: Position) -> Snapshot:
    """What this transaction sees. Refused where that is less than was seen before."""
    found = await connection.fetchrow(SNAPSHOT)
    if found["untold"]:
        log.error("no dataset can be pulled: %s", RestoreUntold())
        raise problems.unavailable(
            why="The database was restored from a dump, and datasets wait until the operator has"
            " run `qa-api restored`. Pull again after that."
        )
    seen = Snapshot(found["seen"], found["epoch"] or "")
    for earlier in (position.since, position.until):
        # Held against all that is seen: what is remembered of it may end before.
        if earlier is not None and not earlier.is_before(seen):
            # Of a database that has been put back to an earlier state since.
            paged = position.until is not None
            raise problems.invalid_cursor() if paged else problems.invalid_changes_token()
    return seen.remembered


async def seen_on(followed: Followed, position: Position) -> Snapshot:
    """What a transaction on the replica has seen. Raises NotNow.

    It will not do where somebody was shown more before, nor where a token would not hold it.
    """
    ends = followed.ends
    if ends.open is None or len(ends.open) > MOST_IN_PROGRESS:
        raise NotNow("too many transactions are open")
    found = await followed.transaction.driver.fetchrow(
        SNAPSHOT_OF_REPLICA, str(ends.first), str(ends.last), list(ends.open)
    )
    if found is None or found["untold"]:
        raise NotNow("a restore has not been told")
    now = Snapshot(found["seen"], found["epoch"] or "")
    for earlier in (position.since, position.until):
        if earlier is not None and not now.includes(earlier):
            raise NotNow("the token is newer than what it shows")
    return now
