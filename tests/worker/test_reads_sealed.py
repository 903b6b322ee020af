"""Who looked is sealed: a line that is changed, taken out, moved or slipped in is found."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from math import isnan
from typing import Any

import asyncpg
import httpx
import pytest

from qa_api.app import create_app
from qa_api.models.base import new_id
from qa_api.settings import Settings
from qa_api.work import Workshop
from qa_api.worker.sealing import AT_ONCE, line_leaf
from qa_api.worker.verifying import LogBroken, verify_log
from qa_api.worker.witnessing import seal_all, tell_of_delay
from tests.conftest import Database
from tests.worker.conftest import LOOKED, PATIENCE, Look


@asynccontextmanager
async def as_owner(database: Database) -> AsyncIterator[Any]:
    """The owner with the triggers switched off, in a transaction that is undone."""
    connection = await asyncpg.connect(database.migrate_url)
    transaction = connection.transaction(isolation="repeatable_read")
    await transaction.start()
    try:
        for table in ("access_log", "access_seals", "event_seals", "access_removals"):
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()


async def verified(database: Database) -> int:
    reader = await asyncpg.connect(database.read_url)
    try:
        return (await verify_log(reader, [])).lines
    finally:
        await reader.close()


@pytest.mark.long
async def test_lines_are_sealed_many_at_a_time_and_none_is_left_out(
    workshop: Workshop, looked: Look, worker_database: Database
) -> None:
    await seal_all(workshop)
    owner = await asyncpg.connect(worker_database.migrate_url)
    try:
        before = await owner.fetchval("SELECT count(*) FROM access_seals")
        await owner.execute(  # more than go behind one seal
            "INSERT INTO access_log (id, at, principal_id, correlation_id, operation, subject_ids)"
            " SELECT gen_random_uuid(), now(), gen_random_uuid(), '', 'x', '{}'"
            f" FROM generate_series(1, {AT_ONCE + 5})"
        )
        await looked(4)
        await seal_all(workshop)
        assert await owner.fetchval("SELECT count(*) FROM access_seals") == before + 2
        all_of_them = await owner.fetchval("SELECT count(*) FROM access_log")
        assert await owner.fetchval("SELECT sum(lines) FROM access_seals") == all_of_them
    finally:
        await owner.close()
    assert await verified(worker_database) == all_of_them


async def test_a_line_of_a_transaction_still_open_is_sealed_later_and_never_skipped(
    workshop: Workshop, looked: Look, worker_database: Database
) -> None:
    slow = await asyncpg.connect(worker_database.read_url)
    try:
        opened = slow.transaction()
        await opened.start()
        await slow.execute(LOOKED, new_id(), [new_id()], None)
        await looked(3)
        await seal_all(workshop)
        sealed = await verified(worker_database)
        await opened.commit()
    finally:
        await slow.close()
    await seal_all(workshop)
    assert await verified(worker_database) == sealed + 4


async def test_a_transaction_left_open_holds_up_the_seals_and_everybody_is_told(
    workshop: Workshop,
    worker_database: Database,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """By the worker's log and by the metric, which needs no worker."""
    await seal_all(workshop)
    assert await tell_of_delay(workshop) == timedelta()
    app = create_app(settings)
    asked: Any = {"transport": httpx.ASGITransport(app), "base_url": "http://localhost"}
    async with app.router.lifespan_context(app), httpx.AsyncClient(**asked) as operator:
        assert await unsealed(operator) == 0
        forgotten = await asyncpg.connect(worker_database.read_url)
        try:
            opened = forgotten.transaction()
            await opened.start()
            await forgotten.fetchval("SELECT pg_current_xact_id()")
            reader = await asyncpg.connect(worker_database.read_url)
            earlier = LOOKED.replace("clock_timestamp()", "now() - interval '2 minutes'")
            await reader.execute(earlier, new_id(), [new_id()], None)
            await reader.close()
            await seal_all(workshop)
            assert await tell_of_delay(workshop) > timedelta(minutes=1)
            assert "nothing is sealed for" in caplog.text
            assert await unsealed(operator) > 60
            await opened.rollback()
        finally:
            await forgotten.close()
        await seal_all(workshop)
        assert await tell_of_delay(workshop) == timedelta()
        assert await unsealed(operator) == 0


async def unsealed(operator: httpx.AsyncClient) -> float:
    """What the metrics say of how old the oldest is that is in no seal, once they know."""
    async with asyncio.timeout(PATIENCE):
        while True:
            told = (await operator.get("/metrics")).text
            (said,) = re.findall(r"^qa_unsealed_seconds (.*)$", told, re.MULTILINE)
            if not isnan(float(said)):
                return float(said)


LINE = """
INSERT INTO access_log (id, at, principal_id, correlation_id, operation, subject_ids, {0})
VALUES (gen_random_uuid(), {1}, gen_random_uuid(), 'qa-test', 'get_audit', '{{}}', {2})
"""
EVENT = """
INSERT INTO events (id, at, type, correlation_id, about_id, data, xid)
VALUES (gen_random_uuid(), {0}, 'audit.started', 'qa-test', gen_random_uuid(), '{{}}', {1})
"""
SEAL = "INSERT INTO event_seals (number, event_id, hash) SELECT {0}, {1}, 'x' FROM event_seals"
OF_LINES = """
INSERT INTO access_seals (number, lines, root, leaves, last_xid, last_at, last_id)
SELECT max(number), {0}, '', '', {1}, now(), {2} FROM event_seals
"""
NEVER_SEALED = {
    "a line yet to come": LINE.format(
        "xid", "now()", "((stamp()::text)::bigint + 9999)::text::xid8"
    ),
    "a line before all": LINE.format("xid", "now()", "'1'"),
    "an event yet to come": EVENT.format("now()", "((stamp()::text)::bigint + 9999)::text::xid8"),
    "an event before all": EVENT.format("now()", "'1'"),
    **{
        f"{what} {when}": statement
        for when, at in (
            ("of no year there is", "'20000-01-01Z'"),
            ("before our era", "'0044-03-15Z BC'"),
            ("never", "'infinity'"),
        )
        for what, statement in (
            ("a line", LINE.format("detail", at, "NULL")),
            ("an event", EVENT.format(at, "stamp()")),
        )
    },
    "a seal far ahead": SEAL.format("max(number) + 1000", "NULL"),
    "a seal of an event that there is not": SEAL.format("max(number) + 1", "gen_random_uuid()"),
    "a seal of an event that is not the next": EVENT.format("now()", "stamp()")
    + ";"
    + SEAL.format("max(number) + 1", "(SELECT id FROM events ORDER BY xid DESC, id DESC LIMIT 1)"),
    "a seal of lines yet to come": SEAL.format("max(number) + 1", "NULL")
    + ";"
    + OF_LINES.format("0", "((stamp()::text)::bigint + 9999)::text::xid8", "gen_random_uuid()"),
    "a seal that passes lines over": LINE.format("detail", "now()", "NULL")
    + ";"
    + SEAL.format("max(number) + 1", "NULL")
    + ";"
    + OF_LINES.format("1", "(SELECT max(xid) FROM access_log)", "gen_random_uuid()"),
}
"""What a role of the service might write so that it, or all that follows, is never sealed."""


@pytest.mark.parametrize("attempt", NEVER_SEALED)
@pytest.mark.parametrize("role", ["database_url", "read_url"])
async def test_no_role_of_the_service_writes_what_the_sealer_would_pass_over_or_stop_at(
    attempt: str, role: str, workshop: Workshop, looked: Look, worker_database: Database
) -> None:
    refused = (
        asyncpg.InsufficientPrivilegeError,
        asyncpg.CheckViolationError,
        asyncpg.RestrictViolationError,
    )
    attacker = await asyncpg.connect(getattr(worker_database, role))
    try:
        with pytest.raises(refused):
            await attacker.execute(NEVER_SEALED[attempt])
    finally:
        await attacker.close()
    (line,) = await looked(1)
    await seal_all(workshop)
    owner = await asyncpg.connect(worker_database.migrate_url)
    try:
        assert await owner.fetchval(SEALED, line)
    finally:
        await owner.close()


SEALED = """
SELECT EXISTS (SELECT FROM access_log line JOIN access_seals seal
               ON (seal.last_xid, seal.last_at, seal.last_id) >= (line.xid, line.at, line.id)
               WHERE line.id = $1)
"""

SLIPPED_IN = """
INSERT INTO access_log (id, xid, at, principal_id, correlation_id, operation, subject_ids)
SELECT gen_random_uuid(), xid, at, principal_id, correlation_id, operation, subject_ids
FROM access_log WHERE id = $1
"""


NEWEST = "number = (SELECT max(number) FROM access_seals)"


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE access_log SET principal_id = gen_random_uuid() WHERE id = $1", "was changed"),
        ("UPDATE access_log SET at = at - interval '1 day' WHERE id = $1", "was changed"),
        ("UPDATE access_log SET operation = 'list_audits' WHERE id = $1", "was changed"),
        ("UPDATE access_log SET subject_ids = '{}' WHERE id = $1", "was changed"),
        ("""UPDATE access_log SET detail = '{"rows": 4}' WHERE id = $1""", "was changed"),
        ("UPDATE access_log SET correlation_id = 'x' WHERE id = $1", "was changed"),
        ("UPDATE access_log SET xid = stamp() WHERE id = $1", "is missing"),
        ("DELETE FROM access_log WHERE id = $1", "is missing"),
        (SLIPPED_IN, "was put in behind seal"),
        (f"DELETE FROM access_seals WHERE {NEWEST} AND $1 IS NOT NULL", "stands for is missing"),
        (
            f"UPDATE access_seals SET leaves = decode(md5($1::text), 'hex') WHERE {NEWEST}",
            "was changed",
        ),
    ],
)
async def test_tampering_with_who_looked_is_found(
    tampering: str, said: str, workshop: Workshop, looked: Look, worker_database: Database
) -> None:
    line = (await looked(5))[2]
    await seal_all(workshop)
    async with as_owner(worker_database) as owner:
        assert (await verify_log(owner, [])).lines >= 5
        await owner.execute(tampering.replace("$1", f"'{line}'::uuid"))
        with pytest.raises(LogBroken, match=said):
            await verify_log(owner, [])


def test_what_a_later_release_adds_to_a_line_is_sealed_and_changes_none_of_before() -> None:
    line = {
        "id": new_id(),
        "xid": 9,
        "at": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        "principal_id": new_id(),
        "correlation_id": "c",
        "operation": "get_audit",
        "subject_ids": [new_id()],
        "detail_said": None,
    }
    assert line_leaf(line | {"further": None}) == line_leaf(line)
    leaves = {
        line_leaf(line | further)
        for further in ({}, {"further": "a"}, {"further": "b"}, {"another": "a"})
    }
    assert len(leaves) == 4
