"""How long a table was locked, as it was seen from outside."""

import asyncio

import asyncpg

from tests.conftest import Database
from tests.upgrades.locks import Held, Watch

LOCKED = "LOCK TABLE teams IN SHARE ROW EXCLUSIVE MODE"


def test_a_lock_that_the_next_transaction_takes_again_is_another() -> None:
    held = Held()
    for now, holder in ((0.0, "3/7"), (0.6, "3/7"), (0.7, "3/8"), (1.2, "3/8")):
        held.seen(now, holder)
    assert held.seconds == 0.7, "until the next one is seen"
    held.gone(1.9)
    assert held.seconds == 1.2
    held.seen(9.0, "3/9")
    assert held.seconds == 1.2


def test_whoever_holds_it_is_seen(database: Database) -> None:
    async def held_in_two_transactions() -> list[str | None]:
        limits = {"application_name": "qa_api migrate"}
        watching = await asyncpg.connect(database.migrate_url)
        migrating = await asyncpg.connect(database.migrate_url, server_settings=limits)
        watch, holders = Watch(watching), list[str | None]()
        await watch.begin()
        for _ in range(2):
            async with migrating.transaction():
                await migrating.execute(LOCKED)
                await watch._look()
            holders.append(watch.locks.writes["teams"].holder)
        await watch._look()
        holders.append(watch.locks.writes["teams"].holder)
        await asyncio.gather(watching.close(), migrating.close())
        assert watch.locks.reads == {}
        return holders

    first, second, none = asyncio.run(held_in_two_transactions())
    assert first
    assert second
    assert first != second
    assert none is None
