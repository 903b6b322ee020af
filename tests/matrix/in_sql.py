"""Conditions asked of the world's rows for one person, by the owner, whom no policy binds."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any, TypeAlias

import asyncpg

from qa_api.auth.actor import Actor, finding_the_caller
from qa_api.auth.roles import Role
from qa_api.db import Prepared
from tests.matrix.world import NOW, PEOPLE, World

Values: TypeAlias = Mapping[str, Any]
Ask: TypeAlias = Callable[[asyncpg.Connection, str, Values], Awaitable[None]]
AT = datetime.fromisoformat(NOW)


def in_the_context(world: World, ask: Ask, *before: str, people: Iterable[str] = PEOPLE) -> None:
    """Ask in the context of everybody, with the values of their own actor; nothing of it stays.

    `before`: what is written first, for this test alone.
    """

    async def one_by_one() -> None:
        connection = await asyncpg.connect(world.url)
        try:
            for name in people:
                within = connection.transaction()
                await within.start()
                for statement in before:
                    await connection.execute(statement)
                row = await caller(connection, world, name)
                assert row is not None, name
                actor = Actor.of(SimpleNamespace(**dict(row)))
                await ask(connection, name, actor.given(AT, AT.date()))
                await within.rollback()
        finally:
            await connection.close()

    asyncio.run(one_by_one())


async def caller(
    connection: asyncpg.Connection, world: World, subject: str, **changed: Any
) -> asyncpg.Record | None:
    """The row of the statement that finds the caller, which sets the context too."""
    values = {
        "issuer": world.settings.token_issuers[0].issuer,
        "subject": subject,
        "now": AT,
        "today": AT.date(),
        "permitted_roles": sorted(Role),
        **changed,
    }
    finding = finding_the_caller()
    return await connection.fetchrow(finding.sql, *finding.arguments(values))


async def rows(
    connection: asyncpg.Connection, asked: Prepared, values: Values
) -> list[tuple[Any, ...]]:
    """What a statement finds for whoever has these values."""
    found = await connection.fetch(asked.sql, *asked.arguments(values))
    return [tuple(row) for row in found]


async def ids(connection: asyncpg.Connection, asked: Prepared, values: Values) -> set[Any]:
    """The ids that it finds."""
    return {row[0] for row in await rows(connection, asked, values)}
