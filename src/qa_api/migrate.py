"""Bringing a database up to date: Alembic, by its owner, one at a time, never waiting for ever."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command, op
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from qa_api import privileges, role_limits, server_log
from qa_api.attempts import LOCKED, of_driver
from qa_api.servers import Servers

log = logging.getLogger(__name__)

_HERE = Path(__file__).resolve()
# An installed package holds them; a checkout has them at its top.
MIGRATIONS = next(
    directory
    for directory in (_HERE.with_name("migrations"), _HERE.parents[2] / "migrations")
    if directory.is_dir()
)
_LOCK = 5_021_806_102  # any number that nobody else uses; it names this lock in the cluster
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 120.0
_TRIES = 6
_TRIES_BESIDE_OTHERS = 2


def run_script(name: str) -> None:
    """Run a migration's SQL, a file of `migrations/sql`: many statements, some of them functions.

    Only the driver's simple protocol takes many statements at once. It knows nothing of a
    transaction that SQLAlchemy has not begun yet: a statement of its own begins it.
    """
    script = (MIGRATIONS / "sql" / name).read_text()
    bind = op.get_bind()
    bind.exec_driver_sql("SELECT 1")
    driver: Any = bind.connection
    driver.run_async(lambda connection: connection.execute(script))


class MigrationBusy(RuntimeError):
    """Another migrator held the lock for longer than anyone should wait."""


def alembic_config(connection: Connection | None = None, *, alone: bool = False) -> Config:
    """Alembic's configuration, made here so that no second file can disagree with it.

    `alone`: the first migration that it runs locks all tables before it begins.
    """
    config = Config(attributes={"connection": connection, "alone": alone, "passed": 0})
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def upgrade(migrate_url: str) -> None:
    """Bring the database at `migrate_url` (its owner's address) to the newest revision.

    What PostgreSQL offers to everybody in a new or restored database is withdrawn each time, its
    log is kept from telling rows, and nobody waits in it for ever.
    """

    async def bring_up_to_date() -> None:
        async with _owner(migrate_url) as connection:
            await _run(connection, lambda config: command.upgrade(config, "head"))
            driver = (await connection.get_raw_connection()).driver_connection
            await privileges.withdraw(driver)
            await server_log.quieten(driver)
            await role_limits.limit(driver)

    asyncio.run(bring_up_to_date())


def check(migrate_url: str) -> None:
    """Fail when the models and the newest revision differ."""
    asyncio.run(with_owner(migrate_url, command.check))


async def with_owner(migrate_url: str, act: Callable[[Config], object]) -> None:
    """Run an Alembic command on the owner's connection, holding the migrators' lock."""
    async with _owner(migrate_url) as connection:
        await _run(connection, act)


async def _run(connection: AsyncConnection, act: Callable[[Config], object]) -> None:
    """A migration that meets those who work, and gives up waiting for them, is tried again.

    Each is one transaction, so nothing of it is there then; those before it are done. One that has
    met them several times locks all tables before it begins.
    """
    tries = 0
    while True:
        alone = tries >= _TRIES_BESIDE_OTHERS
        config = alembic_config(connection.sync_connection, alone=alone)
        try:
            await connection.run_sync(lambda _: act(config))  # noqa: B023 - ends within the round
        except (asyncpg.PostgresError, DBAPIError) as fault:
            tries = 1 if config.attributes["passed"] else tries + 1
            if not isinstance(of_driver(fault), LOCKED) or tries == _TRIES:
                raise
            log.warning("others hold a lock that a migration needs: trying again")
            await connection.rollback()
            await asyncio.sleep(_POLL_SECONDS)
        else:
            await connection.commit()
            return


@asynccontextmanager
async def _owner(migrate_url: str) -> AsyncIterator[AsyncConnection]:
    """The owner's connection, holding the migrators' lock."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        connect_args={
            "async_creator_fn": Servers.of(migrate_url).connect,
            "server_settings": {"lock_timeout": "5000", "application_name": "qa_api migrate"},
        },
    )
    try:
        async with engine.connect() as connection:
            await _take_turn(connection)
            try:
                yield connection
            finally:
                await connection.rollback()
                await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
    finally:
        await engine.dispose()


async def _take_turn(connection: AsyncConnection) -> None:
    """Poll for the lock: a blocking wait would deadlock with CREATE INDEX CONCURRENTLY."""
    for _ in range(round(_PATIENCE_SECONDS / _POLL_SECONDS)):
        taken = await connection.execute(
            text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}
        )
        await connection.commit()
        if taken.scalar_one():
            return
        await asyncio.sleep(_POLL_SECONDS)
    raise MigrationBusy("another migration is still running")
