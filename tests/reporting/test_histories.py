"""Copies under writers who commit in any order, give up or are killed: nothing lost or repeated."""

import random
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.api import Api
from tests.conftest import Database
from tests.reporting.copies import REPORTER, Copy
from tests.responses.casework import Casework

STEPS = 70
WRITERS = 4


class Writer:
    """One writer with a transaction of its own, on a connection of its own."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.transaction: Any = None
        self.holds: set[UUID] = set()

    async def write(self, action: UUID, chance: random.Random) -> None:
        """Change what a report shows of an action, or whether it shows it at all."""
        if self.transaction is None:
            self.transaction = self.connection.transaction()
            await self.transaction.start()
        self.holds.add(action)
        if chance.random() < 0.3:
            statement = "UPDATE restorative_actions SET restricted = NOT restricted WHERE id = $1"
            await self.connection.execute(statement, action)
        else:
            day = date(2027, 1, 1) + timedelta(days=chance.randrange(100_000))
            statement = "UPDATE restorative_actions SET due_on = $2 WHERE id = $1"
            await self.connection.execute(statement, action, day)

    async def end(self, *, well: bool) -> None:
        """Commit or give up."""
        if self.transaction is not None:
            await (self.transaction.commit() if well else self.transaction.rollback())
        self.transaction, self.holds = None, set()

    async def be_killed(self, by: Any) -> None:
        """The server ends the connection in the middle of the transaction."""
        await by.execute("SELECT pg_terminate_backend($1)", self.connection.get_server_pid())
        self.connection.terminate()
        self.transaction, self.holds = None, set()


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database.migrate_url)
    yield connection
    await connection.close()


@pytest.mark.long
@pytest.mark.parametrize("seed", [20261123, 20261124, 20261125])
async def test_whatever_the_order_of_commits_the_copy_is_the_dataset(
    api: Api, owner: Any, database: Database, actions: list[UUID], seed: int
) -> None:
    chance = random.Random(seed)
    writers = [Writer(await asyncpg.connect(database.migrate_url)) for _ in range(WRITERS)]
    copy = Copy(api.as_(REPORTER), "restorative-actions").begin(limit=chance.choice((1_000, 40)))
    for _ in range(STEPS):
        at = chance.randrange(WRITERS)
        writer, doing = writers[at], chance.random()
        free = [action for action in actions if not any(action in w.holds for w in writers)]
        if doing < 0.5 and free:
            await writer.write(chance.choice(free), chance)
        elif doing < 0.7:
            await writer.end(well=chance.random() < 0.8)
        elif doing < 0.75:
            await writer.be_killed(owner)
            writers[at] = Writer(await asyncpg.connect(database.migrate_url))
        else:
            follow_without_repetition(copy, limit=chance.choice((1, 3, 1_000)))
    for writer in writers:
        await writer.end(well=True)
        await writer.connection.close()
    follow_without_repetition(copy, limit=2)
    assert copy.follow() == []
    assert copy.rows == copy.as_pulled_anew()


def follow_without_repetition(copy: Copy, *, limit: int) -> None:
    before = dict(copy.rows)
    for row in copy.follow(limit=limit):
        assert before.get(row["id"]) != row, "sent although nothing about it has changed"
    assert copy.rows == copy.as_pulled_anew()


async def test_a_change_committed_late_is_not_overtaken(
    api: Api, owner: Any, database: Database, actions: list[UUID]
) -> None:
    """The first writer begins first and commits last; in between a later one is pulled."""
    first, second = actions[:2]
    slow = Writer(await asyncpg.connect(database.migrate_url))
    copy = Copy(api.as_(REPORTER), "restorative-actions").begin()
    await slow.write(first, random.Random(1))
    await owner.execute(
        "UPDATE restorative_actions SET due_on = '2031-01-01' WHERE id = $1", second
    )
    assert [row["id"] for row in copy.follow()] == [str(second)]
    await slow.end(well=True)
    await slow.connection.close()
    assert [row["id"] for row in copy.follow()] == [str(first)]
    assert copy.follow() == []


@pytest.fixture
def actions(casework: Casework) -> list[UUID]:
    """Actions that these tests alone write to."""
    return [action for _ in range(3) for action in casework.completed_audit(actions=3).action_ids]


@pytest.mark.long
async def test_after_restoring_into_another_cluster_nothing_is_lost(
    api: Api, owner: Any, actions: list[UUID]
) -> None:
    """There the stamps of the old cluster lie in the future, until the owner begins an epoch."""
    stamp = "UPDATE restorative_actions SET changed_xid = '99999999999' WHERE id = ANY ($1)"
    await owner.execute("ALTER TABLE restorative_actions DISABLE TRIGGER USER")
    await owner.execute(stamp, actions)
    await owner.execute("ALTER TABLE restorative_actions ENABLE TRIGGER USER")
    await owner.execute("SELECT begin_epoch(0)")
    copy = Copy(api.as_(REPORTER), "restorative-actions").begin(limit=2)
    assert {str(action) for action in actions} <= set(copy.rows)
    assert copy.follow() == []
