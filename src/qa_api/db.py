"""Connections: a pool for changes, two pools for reads, and who the database lets in.

Changes run as `qa_app` on connections of SQLAlchemy (see `qa_api.transactions`); reads run as
`qa_read` on plain asyncpg, because a read is one prepared statement and an ORM would cost more than
the query (ADR 3).
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import asyncpg
from pydantic import SecretStr
from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    Dialect,
    TextClause,
    bindparam,
)
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from qa_api.attempts import DATABASE_FAULTS, DRIVER_FAULTS, GONE, LOCKED, name_of, of_driver
from qa_api.replica import CONNECTIONS, Replica
from qa_api.rules.unchanging import Unchanging
from qa_api.servers import MeansNothing, Servers, is_standby
from qa_api.settings import Settings
from qa_api.transactions import Transaction, engine_of, transaction

log = logging.getLogger(__name__)

STATEMENT_SETTINGS = {
    "application_name": "qa_api",
    "timezone": "UTC",
    "jit": "off",
}


HAPPENED = "happened"
"""The channel that tells every process that there are new events."""

CLOSED_WITHIN = 2.0
"""Seconds that closing all connections of a process may take."""

PREPARED_KEPT = 1024
# The driver would plan a statement of more than 15 kB anew each time; a nested document has more.
# And each of them again after five minutes: to plan the work list takes a tenth of a second.
_KEEP_PREPARED: dict[str, Any] = {
    "statement_cache_size": PREPARED_KEPT,
    "max_cacheable_statement_size": 0,
    "max_cached_statement_lifetime": 0,
}


# Planning a list costs more than reading a page of it, and with many rows PostgreSQL would plan it
# anew each time, since the sizes it guesses for a plan without values look costly (ADR 13).
_PLANNED_ONCE: dict[str, str] = {"plan_cache_mode": "force_generic_plan"}


class UnsafeDatabaseRole(RuntimeError):
    """The service was given a database role that could step around row-level security."""


class DatabaseAway(RuntimeError):
    """The database cannot be reached; the message says why, and holds no password."""


_WHY_AWAY: Mapping[type[Exception], str] = {
    asyncpg.InvalidCatalogNameError: "there is no such database",
    asyncpg.InvalidAuthorizationSpecificationError: "it does not let this role in",
    asyncpg.CannotConnectNowError: "it takes no connections now",
    asyncpg.TooManyConnectionsError: "it takes no more connections",
}
_ANSWERS_WITHIN = 10.0

_ANOTHER_RELEASE = "the database is not at this release: run `qa-api migrate` first"
_WHY_REFUSED: Mapping[type[Exception], str] = {
    asyncpg.UndefinedTableError: _ANOTHER_RELEASE,
    asyncpg.UndefinedFunctionError: _ANOTHER_RELEASE,
    **dict.fromkeys(LOCKED, "others hold what it needs: run it again when they are done"),
    asyncpg.ReadOnlySQLTransactionError: (
        "the database takes no changes: it is being restored, a standby, or set read-only"
    ),
    asyncpg.InsufficientPrivilegeError: (
        "the database's role may not do this: see its roles in the guide for operators"
    ),
}


async def connect(
    variable: str, url: SecretStr, **settings: str
) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection for a command, to the address that `variable` names. Raises DatabaseAway."""
    try:
        servers = Servers.of(url.get_secret_value())
        return await servers.connect(timeout=_ANSWERS_WITHIN, server_settings=settings)
    except MeansNothing as fault:
        why = str(fault)
    except GONE as fault:
        why = f"nothing answers ({type(fault).__name__})"
    except asyncpg.PostgresError as fault:
        why = _said(_WHY_AWAY, fault) or type(fault).__name__
    raise DatabaseAway(f"the database of {variable} cannot be reached: {why}")


async def reach(variable: str, url: SecretStr) -> None:
    """See that the database is there, before anything is built on it. Raises DatabaseAway."""
    connection = await connect(variable, url)
    await connection.close()


def servers_of(settings: Settings) -> tuple[Servers, Servers, Servers | None]:
    """The servers of changes, of reads and of reports. Raises MeansNothing, naming the setting."""
    reports = settings.report_url
    return (
        Servers.of_setting("QA_DATABASE_URL", settings.database_url),
        Servers.of_setting("QA_READ_URL", settings.read_url),
        None if reports is None else Servers.of_setting("QA_REPORT_URL", reports, "standby"),
    )


def said_plainly(fault: Exception) -> str | None:
    """One line for whoever called a command that a database refused; None for any other fault.

    Never the database's own text, which may repeat a row.
    """
    if isinstance(fault, DatabaseAway):
        return str(fault)
    found = of_driver(fault)
    if said := _said(_WHY_REFUSED, found):
        return said
    if isinstance(found, DRIVER_FAULTS):
        return f"the database refused it: {type(found).__name__}"
    return f"the database refused it: {type(fault).__name__}" if fault is not found else None


def _said(words: Mapping[type[Exception], str], fault: BaseException | None) -> str | None:
    return next((why for kind, why in words.items() if isinstance(fault, kind)), None)


class RestoreUntold(RuntimeError):
    """The database was restored from a dump, and nobody has said so yet (ADR 14)."""

    def __init__(self) -> None:
        super().__init__(
            "the database was restored from a dump of another cluster and nobody has said so: "
            "run `qa-api restored` as its owner"
        )


RESTORE_UNTOLD = "SELECT restore_is_untold()"
"""Whether there are events of transactions that are yet to come."""

OLDEST_UNSEALED = """
WITH sealed_event AS (
    SELECT event.xid, event.id
    FROM event_seals seal JOIN events event ON event.id = seal.event_id
    WHERE seal.event_id IS NOT NULL ORDER BY seal.number DESC LIMIT 1
), sealed_line AS (
    SELECT last_xid, last_at, last_id FROM access_seals ORDER BY number DESC LIMIT 1
)
SELECT least(
    (SELECT event.at FROM events event
     WHERE (event.xid, event.id) > (
         coalesce((SELECT xid FROM sealed_event), '0'::xid8),
         coalesce((SELECT id FROM sealed_event), '00000000-0000-0000-0000-000000000000'))
     ORDER BY event.xid, event.id LIMIT 1),
    (SELECT line.at FROM access_log line
     WHERE (line.xid, line.at, line.id) > (
         coalesce((SELECT last_xid FROM sealed_line), '0'::xid8),
         coalesce((SELECT last_at FROM sealed_line), '-infinity'),
         coalesce((SELECT last_id FROM sealed_line), '00000000-0000-0000-0000-000000000000'))
     ORDER BY line.xid, line.at, line.id LIMIT 1))
"""
"""When the first of what is in no seal happened, of both logs; null where all is sealed."""


@dataclass(slots=True)
class Database:
    """The connections of one process. Opening it connects to nothing: the API starts without."""

    engine: AsyncEngine
    """The connections of changes: see `transaction`."""
    logged_reads: "asyncpg.Pool[asyncpg.Record]"
    """Reads that write their line of the access log in the same statement."""
    plain_reads: "asyncpg.Pool[asyncpg.Record]"
    """Reads that log nothing: their transactions are read-only."""
    replica: Replica | None
    """The server that follows this one, where reports are read."""
    pool_wait_seconds: float
    command_timeout_seconds: float
    """How long a statement may take until it answers."""
    _telling: "asyncio.Task[None] | None" = None
    _untold: str | None = None

    @classmethod
    async def open(cls, settings: Settings) -> "Database":
        """The connections that the settings name; each is opened when it is first needed.

        Raises MeansNothing.
        """
        changing, reading, reports = servers_of(settings)
        server_settings = STATEMENT_SETTINGS | {
            "statement_timeout": str(settings.statement_timeout_ms),
            "lock_timeout": str(settings.lock_timeout_ms),
            "idle_in_transaction_session_timeout": str(settings.idle_in_transaction_ms),
        }
        reads = server_settings | _PLANNED_ONCE

        def engine(servers: Servers, size: int, told: Mapping[str, str]) -> AsyncEngine:
            return engine_of(
                size,
                settings.pool_wait_seconds,
                async_creator_fn=servers.connect,
                timeout=settings.connect_timeout_seconds,
                command_timeout=settings.command_timeout_seconds,
                server_settings=told,
                prepared_statement_cache_size=PREPARED_KEPT,
                **_KEEP_PREPARED,
            )

        def pool(size: int, **extra: str) -> "asyncpg.Pool[asyncpg.Record]":
            return asyncpg.create_pool(
                connect=reading.connect,
                min_size=0,
                max_size=size,
                timeout=settings.connect_timeout_seconds,
                command_timeout=settings.command_timeout_seconds,
                server_settings=reads | extra,
                reset=_keep_as_is,
                **_KEEP_PREPARED,
            )

        def replica(servers: Servers) -> Replica:
            at_most = timedelta(seconds=settings.report_lag_seconds)
            return Replica(engine(servers, CONNECTIONS, reads), at_most)

        return cls(
            engine=engine(changing, settings.pool_size, server_settings),
            logged_reads=await pool(settings.read_pool_size),
            plain_reads=await pool(settings.read_pool_size, default_transaction_read_only="on"),
            replica=None if reports is None else replica(reports),
            pool_wait_seconds=settings.pool_wait_seconds,
            command_timeout_seconds=settings.command_timeout_seconds,
        )

    def transaction(self, *, to_read: bool = False) -> AbstractAsyncContextManager[Transaction]:
        """A transaction for a change: committed when its block ends well, else rolled back.

        One begun `to_read` sees one instant of the database, and can write nothing.
        """
        return transaction(self.engine, to_read=to_read)

    async def check_roles(self) -> None:
        """Refuse to serve as a superuser, with BYPASSRLS, or as an owner of the tables."""
        async with self.engine.connect() as connection:
            unsafe = (await connection.exec_driver_sql(_UNSAFE_ROLE)).scalar_one()
        async with self.plain_reads.acquire() as reader:
            unsafe = unsafe or await reader.fetchval(_UNSAFE_ROLE)
        if unsafe:
            raise UnsafeDatabaseRole(
                "a database role of the API owns tables, or has SUPERUSER or BYPASSRLS"
            )

    async def check_it_takes_changes(self) -> None:
        """Raise where it does not: a read-only server, and one restored without telling."""
        async with self.logged_reads.acquire(timeout=self.pool_wait_seconds) as connection:
            if await connection.fetchval("SHOW transaction_read_only") == "on":
                raise asyncpg.ReadOnlySQLTransactionError
            if await connection.fetchval(RESTORE_UNTOLD):
                raise RestoreUntold

    async def oldest_unsealed(self) -> datetime | None:
        """When the first of what is in no seal happened, of both logs; None where all is sealed."""
        async with self.plain_reads.acquire(timeout=self.pool_wait_seconds) as connection:
            since: datetime | None = await connection.fetchval(OLDEST_UNSEALED)
            return since

    def tell_of(self, stamp: str | None) -> None:
        """Tell all processes soon that a transaction has recorded events, by its stamp.

        After the commit and beside it: whoever notifies commits one behind the other, and no change
        is to wait for that. What is committed meanwhile is told together.
        """
        if stamp is None:
            return
        self._untold = stamp
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        # Where it cannot be told, whoever listens finds it when they look by themselves.
        with suppress(*DATABASE_FAULTS):
            while (stamp := self._untold) is not None:
                self._untold = None
                async with self.logged_reads.acquire(timeout=self.pool_wait_seconds) as connection:
                    await connection.execute("SELECT pg_notify($1, $2)", HAPPENED, stamp)

    async def close(self) -> None:
        """Close every connection, once what was committed has been told.

        A database that hangs is not waited for longer than `CLOSED_WITHIN`: its connections are
        cut. What it was still asked nobody waits for any more.
        """
        pools = (self.logged_reads, self.plain_reads)
        try:
            async with asyncio.timeout(CLOSED_WITHIN):
                if self._telling is not None:
                    await asyncio.wait({self._telling})
                await asyncio.gather(*(pool.close() for pool in pools), self.engine.dispose())
                if self.replica is not None:
                    await self.replica.engine.dispose()
        except DATABASE_FAULTS as fault:  # a time-out is an OSError
            log.warning("connections were cut, not closed: %s", name_of(fault))
        finally:
            for pool in pools:
                pool.terminate()


async def _keep_as_is(connection: Any) -> None:
    """No reset query: every setting that a read makes ends with its own transaction.

    One to a standby is not kept: by the same address another server may answer now.
    """
    if is_standby(connection):
        asyncio.get_running_loop().call_soon(connection.terminate)


_UNSAFE_ROLE = """
SELECT bool_or(rolsuper OR rolbypassrls)
    OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = current_user::regrole
               AND c.relkind = 'r' AND c.relname = 'audits')
FROM pg_roles WHERE rolname = current_user
"""


DIALECT: Final[Dialect] = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call]  # untyped upstream


class Parameter(ColumnElement[Any]):
    """A value that each request brings. All other values of a prepared statement are constants.

    Constants are written into the statement, so that the planner sees them (a partial index on a
    state is of no use to `state = $7`).
    """

    inherit_cache = True

    def __init__(self, bind: BindParameter[Any]) -> None:
        self.bind = bind
        self.type = bind.type


@compiles(Parameter)
def _write_parameter(element: Parameter, compiler: SQLCompiler, **context: Any) -> str:
    return compiler.process(element.bind, **(context | {"literal_binds": False}))


def parameter(name: str, type_: TypeEngine[Any]) -> Parameter:
    """The request's value called `name`, of a type that PostgreSQL is told."""
    return Parameter(bindparam(name, type_=type_))


class Found(asyncpg.Record):  # type: ignore[misc]  # untyped upstream
    """A row found, its columns by name."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


class Prepared(Unchanging):
    """A statement compiled once: its text, and the order in which it takes the parameters."""

    sql: str
    order: tuple[str, ...]

    @classmethod
    def of(cls, statement: ClauseElement) -> "Prepared":
        """Compile for asyncpg; constants are written in, parameters stay parameters.

        All that is bound in a `text` are parameters: constants are in its text already.
        """
        constants = {"literal_binds": not isinstance(statement, TextClause)}
        compiled = cast("SQLCompiler", statement.compile(dialect=DIALECT, compile_kwargs=constants))
        return cls(str(compiled), tuple(compiled.positiontup or ()))

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The request's values in the statement's order."""
        return [values[name] for name in self.order]
