"""What a process keeps of its connections."""

import asyncio

from qa_api.db import Database
from qa_api.settings import Settings


def test_what_was_prepared_on_a_connection_is_not_planned_anew_after_some_minutes(
    authority: Settings,
) -> None:
    async def kept_for() -> set[int]:
        database = await Database.open(authority)
        try:
            async with (
                database.transaction() as transaction,
                database.logged_reads.acquire() as logged,
                database.plain_reads.acquire() as plain,
            ):
                connections = (transaction.driver, logged, plain)
                return {each._config.max_cached_statement_lifetime for each in connections}
        finally:
            await database.close()

    assert asyncio.run(kept_for()) == {0}  # seconds; 0 is as long as the connection
