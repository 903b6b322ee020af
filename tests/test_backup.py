"""What `qa_backup` can read is everything: a backup with holes is found out when it is too late."""

import asyncio
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from qa_api.servers import dsn_arguments
from qa_api.settings import Settings
from tests.conftest import Database

_TABLES = """SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = $1::"char" ORDER BY relname"""


async def _names(connection: "asyncpg.Connection[asyncpg.Record]", kind: bytes) -> list[str]:
    return [row["relname"] for row in await connection.fetch(_TABLES, kind)]


def test_a_backup_holds_every_row_of_every_table(database: Database, authority: Settings) -> None:
    async def compare() -> None:
        everything = await asyncpg.connect(**dsn_arguments(database.migrate_url))
        backup = await asyncpg.connect(**dsn_arguments(_as("qa_backup", database.migrate_url)))
        try:
            tables = await _names(everything, b"r")
            assert len(tables) > 50
            for table in tables:
                count = f'SELECT count(*) FROM "{table}"'
                assert await backup.fetchval(count) == await everything.fetchval(count), table
            for sequence in await _names(everything, b"S"):
                await backup.fetchval(f'SELECT last_value FROM "{sequence}"')
        finally:
            await everything.close()
            await backup.close()

    asyncio.run(compare())


def test_a_backup_changes_nothing(database: Database, authority: Settings) -> None:
    async def try_each() -> None:
        backup = await asyncpg.connect(**dsn_arguments(_as("qa_backup", database.migrate_url)))
        try:
            for table in await _names(backup, b"r"):
                for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                    held = "SELECT has_table_privilege(current_user, $1::text, $2::text)"
                    assert not await backup.fetchval(held, f'"{table}"', right), (table, right)
        finally:
            await backup.close()

    asyncio.run(try_each())


def _as(role: str, url: str) -> str:
    parts = urlsplit(url)
    _, at, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{role}{at or '@'}{place}"))
