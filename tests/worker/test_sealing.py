"""Both logs tell when they were changed, cut or added to."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from qa_api.events import AuditClosed
from qa_api.models.base import new_id
from qa_api.work import Workshop
from qa_api.worker import witnessing
from qa_api.worker.checkpoints import CheckpointForged, Checkpoints, Keys
from qa_api.worker.notes import SignerKey
from qa_api.worker.sealing import chained
from qa_api.worker.verifying import LogBroken, verify_log
from qa_api.worker.witnessing import Signer, seal_all
from tests.conftest import Database

KEY = SignerKey.new("qa.example.org/tests")


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints.txt", Keys((KEY.verifier,), KEY))


@pytest.fixture
def sealed(workshop: Workshop, record: Any, checkpoints: Checkpoints) -> Any:
    """Records some events and seals everything there is."""

    async def make(count: int = 5) -> None:
        await record(*(AuditClosed(about=new_id()) for _ in range(count)))
        await seal_all(workshop)
        async with workshop.open_as_service("test") as work:
            await Signer(checkpoints).sign(work)

    return make


@pytest.fixture
async def owner(sealed: Any, worker_database: Database) -> Any:
    """The owner of a sealed log, who can switch off triggers, in a transaction that is undone."""
    await sealed()
    connection = await asyncpg.connect(worker_database.migrate_url)
    transaction = connection.transaction(isolation="repeatable_read")
    await transaction.start()
    await connection.execute(
        "ALTER TABLE events DISABLE TRIGGER USER; ALTER TABLE event_seals DISABLE TRIGGER USER"
    )
    try:
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()


async def test_a_look_that_finds_nothing_new_takes_no_turn(
    sealed: Any, record: Any, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sealed()
    turns: list[str] = []

    async def take(_workshop: Workshop, _id: str, name: str, _act: object) -> int:
        turns.append(name)
        return 0

    monkeypatch.setattr(witnessing, "do_alone", take)
    await seal_all(workshop)
    assert turns == []
    await record(AuditClosed(about=new_id()))
    await seal_all(workshop)
    assert len(turns) == 2, "of each log"


async def test_a_log_that_nobody_touched_holds(
    sealed: Any, worker_database: Database, checkpoints: Checkpoints
) -> None:
    await sealed()
    connection = await asyncpg.connect(worker_database.read_url)
    try:
        known = checkpoints.read()
        assert (await verify_log(connection, known)).seals == known[-1].number >= 5
    finally:
        await connection.close()


THIRD_LAST = "(SELECT event_id FROM event_seals ORDER BY number DESC OFFSET 2 LIMIT 1)"


SLIP_IN = f"""
INSERT INTO events (id, xid, at, type, correlation_id, about_id, data)
SELECT gen_random_uuid(), xid, at, type, '', about_id, data FROM events WHERE id = {THIRD_LAST}
"""


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE events SET type = 'audit.started'", "was changed"),
        ("UPDATE events SET at = at - interval '1 day'", "was changed"),
        ("""UPDATE events SET data = data || '{"a": 1}'""", "was changed"),
        ("UPDATE events SET principal_id = gen_random_uuid()", "was changed"),
        ("DELETE FROM events", "is missing"),
        (SLIP_IN, "behind the seal"),
    ],
)
async def test_tampering_is_found_and_the_first_bad_row_is_named(
    tampering: str, said: str, owner: Any
) -> None:
    bad = str(await owner.fetchval(f"SELECT {THIRD_LAST}"))
    where = "" if tampering == SLIP_IN else f" WHERE id = {THIRD_LAST}"
    await owner.execute(tampering + where)
    with pytest.raises(LogBroken, match=said) as broken:
        await verify_log(owner, [])
    if said != "behind the seal":
        assert bad in str(broken.value)


async def test_a_log_cut_off_at_its_end_is_found_by_its_checkpoint_alone(
    owner: Any, checkpoints: Checkpoints
) -> None:
    last = await owner.fetchval("SELECT max(number) FROM event_seals")
    await owner.execute(
        "WITH cut AS (DELETE FROM event_seals WHERE number > $1 RETURNING event_id)"
        " DELETE FROM events WHERE id IN (SELECT event_id FROM cut)",
        last - 3,
    )
    assert (await verify_log(owner, [])).seals == last - 3
    with pytest.raises(LogBroken, match=f"ends at seal {last - 3}, but seal {last} "):
        await verify_log(owner, checkpoints.read())


async def test_a_chain_that_was_written_anew_contradicts_its_checkpoint(
    owner: Any, checkpoints: Checkpoints
) -> None:
    number = checkpoints.read()[-1].number
    before, newest = await owner.fetch(
        "SELECT s.hash, s.event_id AS id, e.xid::text AS xid, at, type, principal_id,"
        " correlation_id, about_id, subject_id, data::text AS data FROM event_seals s"
        " JOIN events e ON e.id = s.event_id WHERE number >= $1 ORDER BY number",
        number - 1,
    )
    forged = chained(before["hash"], number, dict(newest) | {"type": "audit.started"})
    await owner.execute("UPDATE events SET type = 'audit.started' WHERE id = $1", newest["id"])
    await owner.execute("UPDATE event_seals SET hash = $1 WHERE number = $2", forged, number)
    assert (await verify_log(owner, [])).seals == number
    with pytest.raises(LogBroken, match="differs from its checkpoint"):
        await verify_log(owner, checkpoints.read())


async def test_a_checkpoint_that_is_not_signed_by_us_is_refused(
    sealed: Any, checkpoints: Checkpoints
) -> None:
    await sealed()
    note = checkpoints.file.read_text()
    size = str(checkpoints.read()[-1].number)
    again = Checkpoints(checkpoints.file, checkpoints.keys)
    checkpoints.file.write_text(note.replace(f"\n{size}\n", f"\n1{size}\n"))
    with pytest.raises(CheckpointForged, match="line 1: its signature is not over this text"):
        again.read()
    checkpoints.file.write_text("not a checkpoint\n")
    with pytest.raises(CheckpointForged, match="line 1: it is cut off"):
        again.read()


async def test_an_event_of_a_transaction_still_open_is_sealed_later_and_never_skipped(
    workshop: Workshop, sealed: Any, record: Any
) -> None:
    open_one = AuditClosed(about=new_id())
    async with workshop.open_as_service("test") as slow:
        event_id = await slow.record(open_one)
        await sealed(2)  # later transactions, which commit first
    await sealed(1)
    async with workshop.open_as_service("test") as work:
        connection = await (await work.session.connection()).get_raw_connection()
        driver: Any = connection.driver_connection
        assert await driver.fetchval("SELECT 1 FROM event_seals WHERE event_id = $1", event_id)
        orders = "SELECT bool_and(ok) FROM (SELECT (e.xid, e.id) > lag((e.xid, e.id)) OVER w AS ok"
        assert await driver.fetchval(
            orders + " FROM event_seals s JOIN events e ON e.id = s.event_id"
            " WINDOW w AS (ORDER BY s.number)) x"
        )
