"""A server that follows the primary, what it shows, and whether that will do (ADR 71).

It is asked only for what need not be of this instant. Who calls and what they may see is asked on
the primary at that instant, and what row-level security reads on the replica is set from there.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.ext.asyncio import AsyncEngine

from qa_api.attempts import DATABASE_FAULTS, name_of
from qa_api.rules.unchanging import Unchanging
from qa_api.transactions import Transaction, transaction

CONNECTIONS: Final = 4
"""How many a process keeps to it: three downloads, and one for figures."""
LOOKED_AGAIN: Final = 6
"""How often a moment is looked for at which no transaction ends while it is looked at."""
PAUSE_SECONDS: Final = 0.03
WIDEST: Final = 20_000
"""Transactions begun since the oldest open one whose outcomes are asked for; 10,000 take 5 ms."""
RESTS_SECONDS: Final = 30.0
"""How long one that could not be reached is left alone: nobody waits for it each time."""

HISTORY: Final = """
SELECT (SELECT system_identifier FROM pg_control_system()) || '/'
|| ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer
"""
"""On a primary, which history its log writes: the cluster, and its timeline. Each server that takes
over begins a timeline, and gives out again the transaction ids that it had not been told of."""

_CONTEXT: Final = (
    *("qa.reach", "qa.teams", "qa.sealed", "qa.in_error", "qa.worker", "qa.system"),
    *("qa.principal", "qa.now"),
)
"""What row-level security reads; `auth.actor` sets it."""

_OF_PRIMARY: Final = """
SELECT now() AS at, pg_current_wal_insert_lsn()::text AS written,
       ARRAY(SELECT coalesce(current_setting(name, true), '')
             FROM unnest($1::text[]) WITH ORDINALITY AS set (name, number)
             ORDER BY number) AS context
"""
"""`now()` is when its transaction began: all that was committed before is in the log as written."""

_SET: Final = """
SELECT set_config(name, value, true) FROM unnest($1::text[], $2::text[]) AS set (name, value)
"""

_STANDING: Final = """
SELECT pg_is_in_recovery() AS follows,
       (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS unsafe,
       (SELECT system_identifier FROM pg_control_system()) || '/' || (
           SELECT greatest(timeline_id, min_recovery_end_timeline)
           FROM pg_control_checkpoint(), pg_control_recovery()) AS history,
       pg_last_wal_replay_lsn() >= $1::text::pg_lsn AS has_all,
       pg_last_xact_replay_timestamp() AS last_commit
"""
"""The timeline is one that it has surely come to; it may have gone on to a later one."""

_OPEN: Final = """
SELECT first, last, CASE WHEN last - first <= $1 THEN ARRAY(
    SELECT xid FROM generate_series(first, last - 1) AS xid
    WHERE pg_xact_status(xid::text::xid8) = 'in progress' ORDER BY xid) END AS open
FROM (SELECT pg_snapshot_xmin(seen)::text::bigint AS first,
             pg_snapshot_xmax(seen)::text::bigint AS last
      FROM (SELECT pg_current_snapshot() AS seen) AS now) AS between
"""
"""The ends of the snapshot of this statement, which names no open transaction on a replica; and
which transactions between them are open a moment later."""


class NotNow(Exception):
    """The replica cannot answer this; the message says why, for the log."""


def said_of(why: Exception) -> str:
    """Why the primary answers instead, for the log: no fault's own text, which may repeat a row."""
    return str(why) if isinstance(why, NotNow) else name_of(why)


class Primary(Unchanging):
    """What the primary said in the transaction that let the caller in."""

    at: datetime
    history: str
    written: str
    context: Sequence[str]

    @classmethod
    async def asked(cls, connection: Any) -> "Primary":
        """Of a connection on which the caller's context is set."""
        found = await connection.fetchrow(_OF_PRIMARY, [*_CONTEXT])
        return cls(history=await connection.fetchval(HISTORY), **found)


class Ends(Unchanging):
    """What a snapshot has seen: all transactions before `first`, before `last` all but `open`."""

    first: int
    last: int
    open: tuple[int, ...] | None
    """None where too many have begun since the oldest open one."""

    @classmethod
    async def seen(cls, connection: Any) -> "Ends":
        """Of a statement that comes first in its transaction; `open` is of a moment later."""
        found = await connection.fetchrow(_OPEN, WIDEST)
        still_open = None if found["open"] is None else tuple(found["open"])
        return cls(found["first"], found["last"], still_open)

    def is_as(self, before: "Ends") -> bool:
        """Whether `open` is exactly what this snapshot has not seen, told by what was open before.

        No transaction that was over opens again. So what is open after the snapshot was open in it;
        and what was open in it was open before, unless it began since, and then `last` is another.
        """
        if before.open is None or self.open is None or before.last != self.last:
            return False
        return self.open == tuple(xid for xid in before.open if xid >= self.first)


class Followed(Unchanging):
    """A transaction on the replica that has the caller's context."""

    transaction: Transaction
    history: str
    behind: timedelta
    """All that was committed on the primary so long before it was asked is seen; more may be."""
    ends: Ends


@dataclass(slots=True)
class Replica:
    """The connections to it, and how far behind it may be."""

    engine: AsyncEngine
    at_most: timedelta
    _rests_until: float = 0.0

    @asynccontextmanager
    async def read(self, primary: Primary, *, exact: bool) -> AsyncIterator[Followed]:
        """A transaction that sees one moment and can write nothing. Raises NotNow.

        `exact`: whether `ends` has to say which transactions it has seen. That is known of a moment
        at which none ends; a busy server may have none in the few tries.
        """
        if time.monotonic() < self._rests_until:
            raise NotNow("it could not be reached shortly before")
        why = NotNow()
        for number in range(LOOKED_AGAIN):
            await asyncio.sleep(PAUSE_SECONDS * number)
            look = _Look(primary, self.at_most)
            async with self._begun(look) as begun:
                try:
                    followed = await look.followed(begun, exact=exact)
                except NotNow as fault:
                    why = fault
                    continue
                yield followed
                return
        raise why

    @asynccontextmanager
    async def _begun(self, look: "_Look") -> AsyncIterator[Transaction]:
        reached = False
        try:
            async with transaction(self.engine, to_read=True, before=look.before) as begun:
                reached = True
                yield begun
        except DATABASE_FAULTS as fault:
            if not reached and not isinstance(fault, NoneFree):
                self._rests_until = time.monotonic() + RESTS_SECONDS
            raise


class _Look:
    """One look at what the replica shows, from before its transaction begins."""

    def __init__(self, primary: Primary, at_most: timedelta) -> None:
        self._primary = primary
        self._at_most = at_most
        self._standing: Any = None
        self._ends: Ends | None = None

    async def before(self, connection: Any) -> None:
        """What is so before the moment that the transaction will show."""
        self._standing = await connection.fetchrow(_STANDING, self._primary.written)
        self._ends = await Ends.seen(connection)

    async def followed(self, begun: Transaction, *, exact: bool) -> Followed:
        """The transaction, if what it shows will do. Raises NotNow."""
        standing = self._standing
        if standing["unsafe"]:
            raise NotNow("its role is a superuser or has BYPASSRLS")
        if not standing["follows"]:
            raise NotNow("it follows no other server")
        if standing["history"] != self._primary.history:
            raise NotNow("it does not follow the server that takes changes, or not surely yet")
        ends = await Ends.seen(begun.driver)
        if exact and (self._ends is None or not ends.is_as(self._ends)):
            raise NotNow("no moment was found at which no transaction ends")
        await begun.driver.execute(_SET, [*_CONTEXT], [*self._primary.context])
        return Followed(begun, standing["history"], self._behind(), ends)

    def _behind(self) -> timedelta:
        if self._standing["has_all"]:
            return timedelta()
        last_commit: datetime | None = self._standing["last_commit"]
        if last_commit is None or self._primary.at - last_commit > self._at_most:
            raise NotNow(f"it is further behind than {self._at_most.total_seconds():g} s")
        return max(self._primary.at - last_commit, timedelta())
