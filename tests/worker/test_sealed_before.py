"""What an earlier release sealed and signed stays whole, and the new form goes on from it."""

import asyncio
import os
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from alembic import command

from qa_api import db, migrate
from qa_api.auth.development import DevelopmentIssuer
from qa_api.events import AuditClosed
from qa_api.models.base import new_id
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.work import Workshop
from qa_api.worker.checkpoints import CheckpointForged, Checkpoints, Keys, former_signature
from qa_api.worker.notes import SignerKey
from qa_api.worker.proving import proof_of
from qa_api.worker.sealing import EVENT_COLUMNS, chained
from qa_api.worker.verifying import LogBroken, verify_log
from qa_api.worker.witnessing import CannotSign, Signer, seal_all
from tests.conftest import Database, created, settings_for

SECRET = b"the secret that signed lines before"
KEY = SignerKey.new("qa.example.org/before")
KEYS = Keys((KEY.verifier,), KEY, SECRET)
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def before(postgres: Database) -> Iterator[Database]:
    """A database of the release before, with sealed events and lines of the access log."""
    with created(postgres, f"qa_sealed_{os.getpid()}") as old:
        to = "0064"
        asyncio.run(migrate.with_owner(old.migrate_url, lambda at: command.upgrade(at, to)))
        asyncio.run(lived(old))
        yield old


async def lived(old: Database) -> None:
    owner = await asyncpg.connect(old.migrate_url)
    try:
        await owner.execute(
            "INSERT INTO policy_versions VALUES (1, '2020-01-01', '{}', 'first', now(), NULL);"
            " INSERT INTO calendar_versions"
            " (version, division, known_from, known_until, recorded_at, reason)"
            " VALUES (1, 'x', '2020-01-01', '2029-01-01', now(), 'first')"
        )
        for _ in range(4):
            await owner.execute(
                "INSERT INTO events (id, at, type, correlation_id, about_id, data)"
                " VALUES ($1, $2, 'audit.closed', 'c', $3, '{}')",
                *(uuid4(), AT, uuid4()),
            )
            await owner.execute(
                "INSERT INTO access_log (id, at, principal_id, correlation_id, operation,"
                " subject_ids) VALUES ($1, $2, $3, 'c', 'get_audit', $4)",
                *(uuid4(), AT, uuid4(), [uuid4()]),
            )
        events = await owner.fetch(
            f"SELECT {EVENT_COLUMNS} FROM events event ORDER BY event.xid, event.id LIMIT 3"
        )
        previous = ""
        for number, event in enumerate(events, start=1):
            previous = chained(previous, number, event)
            seal = "INSERT INTO event_seals (number, event_id, hash) VALUES ($1, $2, $3)"
            await owner.execute(seal, number, event["id"], previous)
    finally:
        await owner.close()


async def seals_of(database: Database) -> list[Any]:
    owner = await asyncpg.connect(database.migrate_url)
    try:
        return list(await owner.fetch("SELECT * FROM event_seals ORDER BY number"))
    finally:
        await owner.close()


def former_file(file: Path, seals: list[Any]) -> None:
    """As earlier releases wrote it, the first line without an epoch."""
    with file.open("wb") as out:
        for seal, further in zip(seals[1:], ({}, {"epoch": 0}), strict=True):
            said = {
                "number": seal["number"],
                "event_id": str(seal["event_id"]),
                "hash": seal["hash"],
                "at": AT.isoformat(),
                **further,
            }
            line = {**said, "signature": former_signature(SECRET, said)}
            out.write(orjson.dumps(line) + b"\n")


@pytest.mark.long
def test_old_seals_and_checkpoints_hold_and_new_ones_follow_them(
    before: Database, issuer: DevelopmentIssuer, tmp_path: Path
) -> None:
    seals = asyncio.run(seals_of(before))
    former_file(tmp_path / "checkpoints.jsonl", seals)
    migrate.upgrade(before.migrate_url)
    checkpoints = Checkpoints(tmp_path / "checkpoints.jsonl", KEYS)
    asyncio.run(goes_on(before, issuer, checkpoints, seals[0]["event_id"]))
    assert asyncio.run(seals_of(before))[:3] == seals

    content = checkpoints.file.read_bytes()
    without = Checkpoints(checkpoints.file, Keys((KEY.verifier,), KEY))
    with pytest.raises(CheckpointForged, match="line 1: it is of the former form"):
        without.read()
    for bad, said in ((b'"number":3', b'"number":2'), (b'"at"', b'"a"')):
        checkpoints.file.write_bytes(content.replace(bad, said))
        with pytest.raises(CheckpointForged, match=r"line [12]: it (is not signed|cannot be read)"):
            Checkpoints(checkpoints.file, KEYS).read()


async def goes_on(
    database: Database, issuer: DevelopmentIssuer, checkpoints: Checkpoints, oldest: UUID
) -> None:
    opened = await db.Database.open(settings_for(database, issuer))
    owner = await asyncpg.connect(database.migrate_url)
    try:
        workshop = Workshop(opened, Rulebook(), REACTIONS)
        known = checkpoints.read()
        assert [(one.number, one.former) for one in known] == [(2, True), (3, True)]
        assert (await verify_log(owner, known)).seals == 3

        async def sign() -> None:
            async with workshop.open_as_service("test") as work:
                await Signer(checkpoints).sign(work)

        await seal_all(workshop)
        await sign()
        async with workshop.open_as_service("test") as work:
            await work.record(AuditClosed(about=new_id()))
        await seal_all(workshop)
        await sign()
        known = checkpoints.read()
        assert [one.former for one in known] == [True, True, False, False]
        whole = await verify_log(owner, known)
        assert (whole.seals, whole.lines) == (known[-1].number, 4) == (6, 4)
        _form, extra, *_ = (await proof_of(owner, oldest, checkpoints)).split("\n")
        assert str(oldest) in b64decode(extra.removeprefix("extra ")).decode()
        await _a_change_of_what_was_sealed_before_is_found(owner, checkpoints, sign)
    finally:
        await owner.close()
        await opened.close()


async def _a_change_of_what_was_sealed_before_is_found(
    owner: Any, checkpoints: Checkpoints, sign: Any
) -> None:
    await owner.execute("ALTER TABLE event_seals DISABLE TRIGGER USER")
    hashed = await owner.fetchval("SELECT hash FROM event_seals WHERE number = 2")
    change = "UPDATE event_seals SET hash = $1 WHERE number = 2"
    await owner.execute(change, "00" * 32)
    with pytest.raises(LogBroken, match=r"seal 2\) was changed"):
        await verify_log(owner, checkpoints.read())
    with pytest.raises(CannotSign):
        await sign()
    await owner.execute(change, hashed)
    await owner.execute("ALTER TABLE event_seals ENABLE TRIGGER USER")
