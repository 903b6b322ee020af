"""One transaction on one connection of the pool, with a session of SQLAlchemy where one is wanted.

Many a change needs no session: its statements were compiled once and go straight to the driver. To
open, commit and close a session costs more than three such statements. So the transaction is the
driver's, and a session that is asked for works inside it: the engine leaves transactions alone
(`isolation_level="AUTOCOMMIT"`), and there is nothing for the session to begin or commit.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.util import greenlet_spawn

from qa_api.attempts import DATABASE_FAULTS, of_driver


def engine_of(size: int, patience: float, **connecting: Any) -> AsyncEngine:
    """At most so many connections to one database; `patience` in seconds for one that is free."""
    return create_async_engine(
        "postgresql+asyncpg://",
        connect_args=connecting,
        pool_size=size,
        max_overflow=0,
        pool_timeout=patience,
        pool_use_lifo=True,
        pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT",  # `transaction` begins and commits
    )


class Transaction:
    """What is done in it is committed together, or not at all."""

    __slots__ = ("_connection", "_engine", "_session", "driver")

    def __init__(self, engine: AsyncEngine, connection: Connection) -> None:
        self._engine = engine
        self._connection = connection
        self._session: AsyncSession | None = None
        self.driver = _driver(connection)
        """The connection itself."""

    @property
    def session(self) -> AsyncSession:
        """A session on the same connection, made when it is first asked for."""
        if self._session is None:
            connection = AsyncConnection(self._engine, self._connection)
            self._session = AsyncSession(connection, expire_on_commit=False, autoflush=False)
        return self._session

    async def flush(self) -> None:
        """Write what the session holds; nothing to write costs nothing."""
        session = self._session
        if session is not None and (session.new or session.dirty or session.deleted):
            await session.flush()

    def loaded(self) -> Iterable[object]:
        """What the session holds of rows, read or written."""
        return () if self._session is None else tuple(self._session)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo the block alone where it fails: what the session wrote and what the driver did."""
        async with self.session.begin_nested():
            await self.session.connection()  # or it would be set when the session is used next
            yield

    async def undo_session(self) -> None:
        """Have the session forget what it wrote: it knows nothing of a roll-back of the driver."""
        if self._session is not None:
            await self._session.rollback()

    async def close_session(self) -> None:
        """Let go of what the session holds."""
        if self._session is not None:
            await self._session.close()


@asynccontextmanager
async def transaction(
    engine: AsyncEngine,
    *,
    to_read: bool = False,
    before: Callable[[Any], Awaitable[None]] | None = None,
) -> AsyncIterator[Transaction]:
    """Begin one; commit when the block ends well, else roll back. The connection is given back.

    One begun `to_read` sees the database as it was at its first statement, and writes nothing.
    `before`: what is asked on its connection before it begins.

    Raises SQLAlchemy's TimeoutError where the pool has no connection in time, and its DBAPIError
    where none can be made.
    """
    connection = await _connect(engine)
    made = Transaction(engine, connection)
    reading: dict[str, Any] = {"isolation": "repeatable_read", "readonly": True} if to_read else {}
    begun = made.driver.transaction(**reading)
    ended = False
    try:
        if before is not None:
            await before(made.driver)
        await begun.start()
        try:
            yield made
            await made.flush()
        except BaseException as fault:
            await made.undo_session()
            with suppress(*DATABASE_FAULTS):
                await begun.rollback()
                # By the same address another server may take changes now.
                ended = not isinstance(of_driver(fault), asyncpg.ReadOnlySQLTransactionError)
            raise
        await begun.commit()
        ended = True
        await made.close_session()
    finally:
        # One that was broken off while it began or ended may be in a transaction still, unknown to
        # the driver. What came next on its connection would be a part of that, and never committed.
        # To end the connection also takes back that the driver would have the statement cancelled:
        # a commit that waits for a standby would then be kept, and seen, without it.
        if not ended:
            connection.invalidate()
        connection.close()


async def _connect(engine: AsyncEngine) -> Connection:
    """A connection of the pool. One that the server has closed meanwhile is passed over."""
    while True:
        connection: Connection = await greenlet_spawn(engine.sync_engine.connect)
        driver = _driver(connection)
        if not driver.is_closed() and not driver.is_in_transaction():
            return connection
        connection.invalidate()
        connection.close()


def _driver(connection: Connection) -> "asyncpg.Connection[asyncpg.Record]":
    driver: asyncpg.Connection[asyncpg.Record] = cast(
        "Any", connection.connection.driver_connection
    )
    return driver
