"""A migration that meets those who work is tried again; nothing half done stays."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from qa_api import migrate, table_locks
from tests.conftest import Clone
from tests.kept import KEPT

DEADLOCK, CHECK = "40P01", "23514"
HALF_DONE = "SELECT to_regclass('half_done') IS NOT NULL"
MIGRATOR = "a.application_name = 'qa_api migrate' AND a.datname = current_database()"
WAITS = f"""
SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
               WHERE {MIGRATOR} AND NOT l.granted)
"""
LOCKED = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = pg_backend_pid() AND l.granted AND l.mode = 'AccessExclusiveLock'
"""


@pytest.fixture
def url(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database of this test's own; little is waited between two tries."""
    monkeypatch.setattr(migrate, "_POLL_SECONDS", 0.001)
    return clone().migrate_url


def refused(times: int, sqlstate: str, tries: list[int]) -> Callable[[Config], None]:
    """A migration that PostgreSQL refuses so many times, after some of it was done."""

    def act(config: Config) -> None:
        connection = config.attributes["connection"]
        tries.append(len(tries))
        connection.execute(text("CREATE TABLE half_done ()"))
        if len(tries) <= times:
            connection.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{sqlstate}'; END $$"))

    return act


def test_a_migration_in_conflict_with_who_works_is_tried_again_from_its_beginning(url: str) -> None:
    tries: list[int] = []
    asyncio.run(migrate.with_owner(url, refused(2, DEADLOCK, tries)))
    assert len(tries) == 3
    assert KEPT.ask(url, lambda kept: kept.fetchval(HALF_DONE))


@pytest.mark.parametrize(
    ("sqlstate", "most"), [(DEADLOCK, migrate._TRIES), (CHECK, 1)], ids=["in conflict", "wrong"]
)
def test_one_that_is_refused_again_and_again_or_is_wrong_ends_and_leaves_nothing(
    url: str, sqlstate: str, most: int
) -> None:
    tries: list[int] = []
    with pytest.raises(DBAPIError):
        asyncio.run(migrate.with_owner(url, refused(100, sqlstate, tries)))
    assert len(tries) == most
    assert not KEPT.ask(url, lambda kept: kept.fetchval(HALF_DONE))


def test_what_a_script_did_goes_with_the_migration_that_fails_after_it(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(migrate, "MIGRATIONS", tmp_path)
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "half.sql").write_text("CREATE TABLE half_done (); SELECT 1;")

    def act(config: Config) -> None:
        connection = config.attributes["connection"]
        with connection.begin(), Operations.context(MigrationContext.configure(connection)):
            migrate.run_script("half.sql")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(migrate.with_owner(url, act))
    assert not KEPT.ask(url, lambda kept: kept.fetchval(HALF_DONE))


@pytest.mark.long
def test_one_that_met_others_twice_locks_all_tables_first_and_lets_go_where_it_would_deadlock(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has the table that is taken last, and asks for the one that is taken first."""
    monkeypatch.setattr(table_locks, "WAIT", "50ms")
    monkeypatch.setattr(table_locks, "PAUSE", 0.01)
    tries: list[bool] = []
    first, *_, last = KEPT.ask(url, lambda kept: kept.fetch(table_locks.BUSIEST_FIRST))

    def act(config: Config) -> None:
        tries.append(config.attributes["alone"])
        if not tries[-1]:
            refused(1, DEADLOCK, [])(config)
        command.upgrade(config, "head")
        every = config.attributes["connection"].execute(text(LOCKED)).scalars()
        assert set(every) >= {first[0], last[0]}

    async def meanwhile() -> None:
        other, looking = await asyncpg.connect(url), await asyncpg.connect(url)
        try:
            async with other.transaction():
                await other.execute(f"LOCK TABLE {last[0]} IN ACCESS SHARE MODE")
                migrating = asyncio.create_task(
                    asyncio.to_thread(asyncio.run, migrate.with_owner(url, act))
                )
                while not migrating.done() and not await looking.fetchval(WAITS):
                    continue
                await other.execute(f"LOCK TABLE {first[0]} IN ACCESS SHARE MODE")
            await migrating
        finally:
            await asyncio.gather(other.close(), looking.close())

    asyncio.run(meanwhile())
    assert tries == [False] * migrate._TRIES_BESIDE_OTHERS + [True]
