"""Who leads each team today, for what is withheld from those who lead: as the directory has it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from qa_api.auth.led import leading_today, led_by_one
from qa_api.auth.roles import Role
from tests.matrix.in_sql import caller
from tests.matrix.world import World

pytestmark = pytest.mark.long
LEADING: Final = (Role.PRACTICE_SUPERVISOR, Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE)
BEFORE: Final = (
    # Somebody who is let in without a worker's code, and manages two teams.
    "UPDATE principals SET worker = NULL WHERE subject = 'tm-boston-fast'",
    (
        "INSERT INTO role_assignments (id, principal_id, role, scope, team, valid, version)"
        " SELECT md5('second')::uuid, id, 'team_manager', 'team', 'lac-north', '[2026-01-01,)', 1"
        " FROM principals WHERE subject = 'tm-boston-fast'"
    ),
    # Somebody who leads a team and lists every row anyway.
    (
        "INSERT INTO role_assignments (id, principal_id, role, scope, valid, version)"
        " SELECT md5('all')::uuid, id, 'quality_standards', 'authority', '[2026-01-01,)', 1"
        " FROM principals WHERE subject = 'tm-lincoln-fast'"
    ),
)


def told(world: World) -> tuple[Mapping[str, frozenset[str]], list[frozenset[str]], list[Any], str]:
    """What both say, the rows of the directory, and the id of who has no worker's code."""

    async def ask() -> tuple[Any, ...]:
        engine = create_async_engine(
            "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(world.url)
        )
        try:
            async with AsyncSession(engine) as session:
                for statement in BEFORE:
                    await session.execute(text(statement))
                raw = await (await session.connection()).get_raw_connection()
                assert await caller(raw.driver_connection, world, "qs-1") is not None
                holders = await session.execute(text("SELECT * FROM role_holders"))
                who = "SELECT id::text FROM principals WHERE subject = 'tm-boston-fast'"
                without = await session.scalar(text(who))
                found = await leading_today(session), await led_by_one(session)
                rows = [dict(row) for row in holders.mappings()]
                await session.rollback()
                return *found, rows, without
        finally:
            await engine.dispose()

    return asyncio.run(ask())


def test_each_team_is_led_by_who_supervises_manages_or_heads_it_but_lists_not_every_row(
    world: World,
) -> None:
    leading, led_by, holders, without = told(world)
    reads_all = {row["worker"] for row in holders if row["role"] == Role.QUALITY_STANDARDS}
    wanted: dict[str, set[str]] = {}
    for row in holders:
        if row["role"] in LEADING and row["team"] is not None and row["worker"] is not None:
            theirs = set() if row["worker"] in reads_all else {row["worker"]}
            wanted.setdefault(row["team"], set()).update(theirs)
    for team in ("boston-fast", "lac-north"):
        wanted.setdefault(team, set()).add(without)
    assert leading == {team: workers for team, workers in wanted.items() if workers}
    assert "tm-lincoln-fast" in reads_all
    assert "dm-lincoln-fast" in leading["lincoln-fast"]
    assert "hos-fast" in leading["boston-fast"]
    teams: dict[str, set[str]] = {}
    for team, workers in leading.items():
        for worker in workers:
            teams.setdefault(worker, set()).add(team)
    several = {frozenset(of) for of in teams.values() if len(of) > 1}
    assert led_by == sorted(several, key=sorted), "each once, in an order that is always the same"
    assert frozenset({"boston-fast", "lac-north"}) in led_by
    assert len(led_by) > 2
