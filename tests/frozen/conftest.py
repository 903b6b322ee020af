"""A database with one frozen row of each kind."""

import asyncio
from collections.abc import Callable
from typing import Final

import asyncpg
import pytest

from tests.conftest import Database
from tests.frozen.rows import ROWS
from tests.frozen.statements import columns_of, insertion

_WITHOUT_REFERENCES: Final = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT conrelid::regclass AS of_table, conname FROM pg_constraint
               WHERE contype = 'f' AND connamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.of_table, one.conname);
    END LOOP;
END $$
"""
"""What a row names need not be there: other rows are judged by other tests."""


@pytest.fixture(scope="session")
def world(clone: Callable[[], Database]) -> Database:
    """A database with one frozen row of each kind, made past all checks of its references."""
    made = clone()
    superuser = made.migrate_url.replace("qa_owner", "postgres")
    statements = [insertion(columns_of(made.migrate_url, table), table, row) for table, row in ROWS]

    async def fill() -> None:
        connection = await asyncpg.connect(superuser)
        try:
            await connection.execute("SET session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement)
            await connection.execute(_WITHOUT_REFERENCES)
        finally:
            await connection.close()

    asyncio.run(fill())
    return made
