"""Lines of the access log: written together, on the disk before anybody is answered, none lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import httpx
import pytest

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.db import Database as Connections
from qa_api.reads.lines import MOST_TOGETHER, AccessLines, Line
from tests.api import Api
from tests.conftest import Database, settings_for

pytestmark = pytest.mark.anyio

WAITS = "SELECT count(*) FROM pg_locks WHERE relation = 'access_log'::regclass AND NOT granted"
FOUND = "SELECT xid, subject_ids FROM access_log WHERE correlation_id = $1 ORDER BY at, id"


@pytest.fixture
async def connections(database: Database, issuer: DevelopmentIssuer) -> AsyncIterator[Connections]:
    opened = await Connections.open(settings_for(database, issuer))
    yield opened
    await opened.close()


def line(correlation_id: str, *about: str, reader: str | None = None) -> Line:
    named = frozenset(about or {str(uuid4())})
    return Line(clock.now(), reader or str(uuid4()), correlation_id, "audit:read", named)


async def left(database: Database, correlation_id: str) -> list[asyncpg.Record]:
    """The lines of a request, as they are on the disk."""
    connection = await asyncpg.connect(database.migrate_url)
    try:
        return list(await connection.fetch(FOUND, correlation_id))
    finally:
        await connection.close()


@asynccontextmanager
async def held(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Nobody else writes a line while the block runs."""
    holder = await asyncpg.connect(database.migrate_url)
    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE access_log IN SHARE MODE")
            yield holder
    finally:
        await holder.close()


async def one_waits(holder: asyncpg.Connection) -> None:
    async with asyncio.timeout(30):
        while not await holder.fetchval(WAITS):
            pass


async def test_what_is_read_while_a_line_is_written_is_written_together(
    database: Database, connections: Connections
) -> None:
    lines, asked = AccessLines(connections), str(uuid4())
    async with held(database) as holder:
        first = asyncio.create_task(lines.write(line(asked)))
        await one_waits(holder)
        others = [asyncio.create_task(lines.write(line(asked))) for _ in range(MOST_TOGETHER + 1)]
        await asyncio.sleep(0)
        assert not any(each.done() for each in (first, *others))
    await asyncio.gather(first, *others)
    found = await left(database, asked)
    assert len(found) == MOST_TOGETHER + 2
    assert len({row["xid"] for row in found}) == 3


async def test_a_line_that_the_database_refuses_is_no_matter_of_the_others(
    database: Database, connections: Connections
) -> None:
    lines, asked = AccessLines(connections), str(uuid4())
    async with held(database) as holder:
        first = asyncio.create_task(lines.write(line(asked)))
        await one_waits(holder)
        bad = asyncio.create_task(lines.write(line(asked, reader="nobody's id")))
        good = asyncio.create_task(lines.write(line(asked)))
        await asyncio.sleep(0)
    await asyncio.gather(first, good)
    with pytest.raises(asyncpg.DataError):
        await bad
    assert len(await left(database, asked)) == 2


async def test_the_line_of_a_reader_who_went_away_is_written_and_the_next_ones_too(
    database: Database, connections: Connections
) -> None:
    lines, asked = AccessLines(connections), str(uuid4())
    async with held(database) as holder:
        gone = asyncio.create_task(lines.write(line(asked)))
        await one_waits(holder)
        gone.cancel()
        after = asyncio.create_task(lines.write(line(asked)))
        await asyncio.sleep(0)
    await lines.close()
    assert after.done()
    assert len(await left(database, asked)) == 2


async def test_where_lines_cannot_be_written_every_reader_is_told(
    database: Database, connections: Connections
) -> None:
    lines, asked = AccessLines(connections), str(uuid4())
    connections.logged_reads.terminate()
    tasks = [asyncio.create_task(lines.write(line(asked))) for _ in range(3)]
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, asyncpg.InterfaceError) for each in told), told
    assert await left(database, asked) == []


def reading(api: Api, path: str, correlation: str) -> httpx.Response:
    return api.as_("qs-1").get(path, headers={"x-correlation-id": correlation})


async def test_nobody_is_answered_before_their_line_is_written(
    api: Api, database: Database, new_ref: Callable[[], str]
) -> None:
    path, correlation = f"/v1/subjects/mosaic/{new_ref()}", str(uuid4())
    body = {"kind": "child", "team": "cwd", "worker": "sw1-cwd"}
    assert api.change("PUT", path, body).status_code == 200
    with ThreadPoolExecutor(1) as pool:
        async with held(database) as holder:
            answer = pool.submit(reading, api, path, correlation)
            await one_waits(holder)
            assert not answer.done()
        assert answer.result().status_code == 200
    assert len(await left(database, correlation)) == 1
