"""What happens is sealed, signed and told to the witnesses; what is not as it was is not signed."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from qa_api.events import AuditClosed
from qa_api.models.base import new_id
from qa_api.models.deliveries import WebhookEndpoint
from qa_api.settings import Settings
from qa_api.webhooks.service import alert_failing_endpoints
from qa_api.work import Workshop
from qa_api.worker import witnessing
from qa_api.worker.checkpoints import Checkpoints, Keys
from qa_api.worker.notes import SignerKey
from qa_api.worker.proving import FORM, NotProved, proof_of, proof_of_growth, proof_of_line
from qa_api.worker.sending import Sender
from qa_api.worker.verifying import verify_log
from qa_api.worker.witnessing import CannotSign, Herald, Signer, run_witnessing, seal_all
from tests.conftest import Database, told
from tests.worker.conftest import ask, start_at, until, until_stored
from tests.worker.proofs import goes_on, holds
from tests.worker.receiving import Answer, Receiver

KEY = SignerKey.new("qa.example.org/witnessed")
KEYS = Keys((KEY.verifier,), KEY)
Told = tuple[int, int, list[bytes], bytes]
LOGS = "SELECT count(*) FROM events"


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints.txt", KEYS)


@pytest.fixture
def signer(checkpoints: Checkpoints) -> Signer:
    return Signer(checkpoints)


@pytest.fixture
def sign(workshop: Workshop, signer: Signer) -> Callable[..., Any]:
    """Seals what there is and signs it, as the worker does."""

    async def all_of_it(by: Signer | None = None) -> None:
        await seal_all(workshop)
        async with workshop.open_as_service("test") as work:
            await (by or signer).sign(work)

    return all_of_it


@pytest.fixture
async def witness(workshop: Workshop, receiver: Receiver) -> UUID:
    """A witness that has just been registered."""
    endpoint_id = new_id()
    async with workshop.open_as_service("test") as work:
        work.session.add(
            WebhookEndpoint(
                id=endpoint_id,
                system=None,
                url=receiver.url,
                event_types=["log.checkpoint"],
                secrets=[{"secret": "whsec_AAAA", "signs_until": None}],
            )
        )
        await work.record(told())
    return endpoint_id


@pytest.fixture
def herald(workshop: Workshop, settings: Settings) -> Any:
    @asynccontextmanager
    async def open_() -> AsyncIterator[Herald]:
        async with Sender.open(settings) as sender:
            yield Herald(workshop, sender)

    return open_


async def test_a_checkpoint_is_signed_when_something_is_new_and_hourly_otherwise(
    sign: Any, record: Any, checkpoints: Checkpoints, workshop: Workshop
) -> None:
    start_at("2026-11-23T09:30:00Z")
    await record(AuditClosed(about=new_id()))
    await sign()
    (first,) = checkpoints.read()
    await sign()
    assert checkpoints.read() == [first]
    start_at("2026-11-23T10:29:59Z")
    await sign()
    assert checkpoints.read() == [first]
    start_at("2026-11-23T10:30:00Z")
    await sign()
    assert [(one.number, one.hash) for one in checkpoints.read()] == [
        (first.number, first.hash)
    ] * 2
    await record(AuditClosed(about=new_id()))
    await sign()
    assert checkpoints.read()[-1].number == first.number + 1
    assert checkpoints.file.read_text().count(f"{KEY.name}\n") == 3


async def test_another_worker_goes_on_where_the_file_ends(
    sign: Any, record: Any, checkpoints: Checkpoints, worker_database: Database
) -> None:
    for by in (None, Signer(Checkpoints(checkpoints.file, KEYS)), None):
        await record(AuditClosed(about=new_id()))
        await sign(by)
    reader = await asyncpg.connect(worker_database.read_url)
    try:
        known = checkpoints.read()
        assert len(known) == 3
        assert (await verify_log(reader, known)).seals == known[-1].number
    finally:
        await reader.close()


async def test_nothing_is_signed_over_a_log_that_is_not_as_it_was(
    sign: Any, record: Any, checkpoints: Checkpoints, worker_database: Database
) -> None:
    """Neither by who saw it as it was, nor by who begins with the file."""
    await record(AuditClosed(about=new_id()))
    await sign()
    file = checkpoints.file.read_text()
    owner = await asyncpg.connect(worker_database.migrate_url)
    try:
        newest = await owner.fetchrow("SELECT * FROM event_seals ORDER BY number DESC LIMIT 1")
        forge = "ALTER TABLE event_seals {} TRIGGER USER"
        change = "UPDATE event_seals SET hash = $1 WHERE number = $2"
        await owner.execute(forge.format("DISABLE"))
        await owner.execute(change, "00" * 32, newest["number"])
        try:
            await record(AuditClosed(about=new_id()))
            with pytest.raises(CannotSign, match="is not in the log as it was"):
                await sign()
            with pytest.raises(CannotSign, match="the log is not as it was at seal"):
                await sign(Signer(Checkpoints(checkpoints.file, KEYS)))
        finally:
            # What was sealed on top of it goes, too.
            await owner.execute("DELETE FROM event_seals WHERE number > $1", newest["number"])
            await owner.execute(change, newest["hash"], newest["number"])
            await owner.execute(forge.format("ENABLE"))
    finally:
        await owner.close()
    assert checkpoints.file.read_text() == file
    await sign()
    assert checkpoints.file.read_text() != file


async def test_who_signed_sees_that_the_file_was_cut(
    sign: Any, record: Any, checkpoints: Checkpoints
) -> None:
    await record(AuditClosed(about=new_id()))
    await sign()
    first = checkpoints.file.read_text()
    await record(AuditClosed(about=new_id()))
    await sign()
    whole = checkpoints.file.read_text()
    for cut in (first, ""):
        checkpoints.file.write_text(cut)
        with pytest.raises(CannotSign, match="put back a copy"):
            await sign()
        assert checkpoints.file.read_text() == cut
    checkpoints.file.write_text(whole)
    await record(AuditClosed(about=new_id()))
    await sign()
    assert checkpoints.file.read_text().startswith(whole)


async def test_a_witness_is_sent_each_checkpoint_and_no_event_comes_of_it(
    sign: Any,
    record: Any,
    checkpoints: Checkpoints,
    witness: UUID,
    receiver: Receiver,
    herald: Any,
    workshop: Workshop,
) -> None:
    await record(AuditClosed(about=new_id()))
    await sign()
    async with workshop.open_as_service("test") as work:
        before = await ask(work, LOGS)
    async with herald() as telling:
        for _ in range(3):
            await telling.tell(checkpoints.newest_note())
            await telling.finish()
        assert [one.body.decode() for one in receiver.came] == [checkpoints.newest_note()]
        assert receiver.came[0].headers["content-type"].startswith("text/plain")
        assert receiver.came[0].headers["webhook-signature"].startswith("v1,")
        await record(AuditClosed(about=new_id()))
        await sign()
        await telling.tell(checkpoints.newest_note())
        await telling.finish()
    assert len(receiver.came) == 2
    copy = Checkpoints(checkpoints.file.with_name("copy"), KEYS)
    copy.file.write_bytes(b"\n".join(one.body for one in receiver.came))
    assert copy.read() == checkpoints.read()
    taken = "SELECT size FROM checkpoint_receipts WHERE endpoint_id = :id"
    async with workshop.open_as_service("test") as work:
        assert await ask(work, LOGS) == before + 1
        assert await ask(work, taken, id=witness) == checkpoints.read()[-1].number


async def test_of_a_witness_that_does_not_answer_people_are_told_and_it_is_tried_less_often(
    sign: Any,
    record: Any,
    checkpoints: Checkpoints,
    witness: UUID,
    receiver: Receiver,
    herald: Any,
    workshop: Workshop,
) -> None:
    receiver.answer = lambda _: Answer(503)
    await record(AuditClosed(about=new_id()))
    await sign()
    told = "SELECT count(*) FROM alerts WHERE kind = 'webhook_endpoint_failing' AND about_id = :id"
    failing = "SELECT 1 FROM checkpoint_receipts WHERE endpoint_id = :id AND {}"
    async with herald() as telling:
        for _ in range(3):
            await telling.tell(checkpoints.newest_note())
            await telling.finish()
        assert len(receiver.came) == 1, "the next attempt is later"
        async with workshop.open_as_service("test") as work:
            await alert_failing_endpoints(work)
            assert await ask(work, told, id=witness) == 0
            await ask(
                work,
                "UPDATE checkpoint_receipts SET failing_since = failing_since - interval '2 hours'"
                " WHERE endpoint_id = :id RETURNING 1",
                id=witness,
            )
            await alert_failing_endpoints(work)
            assert await ask(work, told, id=witness) == 1
        receiver.answer = lambda _: Answer()
        telling._not_before.clear()
        await telling.tell(checkpoints.newest_note())
        await telling.finish()
    async with workshop.open_as_service("test") as work:
        assert await ask(work, failing.format("failing_since IS NULL"), id=witness)


async def test_the_worker_seals_signs_and_tells_by_itself(
    workshop: Workshop,
    settings: Settings,
    checkpoints: Checkpoints,
    witness: UUID,
    receiver: Receiver,
    record: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert witnessing.EVERY <= 5, "what is new at one look is sealed and signed before ten seconds"
    monkeypatch.setattr(witnessing, "EVERY", 0.05)
    async with Sender.open(settings) as sender:
        working = asyncio.create_task(run_witnessing(workshop, sender, checkpoints))
        try:
            event_id = await record(AuditClosed(about=new_id()))
            sealed = "SELECT number FROM event_seals WHERE event_id = :id"
            number = await until_stored(workshop, sealed, id=event_id)
            await until(lambda: bool(receiver.came and checkpoints.read()[-1].number >= number))
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working


@pytest.fixture
async def reader(worker_database: Database) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(worker_database.read_url)
    yield connection
    await connection.close()


async def test_one_event_is_proved_to_somebody_who_sees_nothing_else(
    sign: Any, record: Any, checkpoints: Checkpoints, reader: Any
) -> None:
    """Checked with the form's own words and by an implementation that is none of ours."""
    about = new_id()
    event_ids = [await record(AuditClosed(about=about)) for _ in range(3)]
    await sign()
    for event_id in event_ids:
        proof = await proof_of(reader, event_id, checkpoints)
        line, told = read(proof, checkpoints)
        assert str(event_id) in line.decode()
        assert str(about) in line.decode()
        assert holds(leaf_of(line), *told)
        assert not holds(leaf_of(line.replace(b"audit.closed", b"audit.opened")), *told)


def read(proof: str, checkpoints: Checkpoints) -> tuple[bytes, Told]:
    """What a proof carries along; and the place, size, hashes and root, as the form has them."""
    head, _, note = proof.partition("\n\n")
    form, extra, index, *path = head.split("\n")
    assert form == FORM
    origin, size, root = note.split("\n")[:3]
    assert (origin, note) == (KEY.name, checkpoints.newest_note())
    place = int(index.removeprefix("index "))
    line = base64.b64decode(extra.removeprefix("extra "))
    return line, (place, int(size), in_bytes(path), base64.b64decode(root))


def in_bytes(hashes: list[str]) -> list[bytes]:
    return [base64.b64decode(one) for one in hashes]


async def test_one_look_is_proved_to_somebody_who_sees_nothing_else(
    sign: Any, looked: Any, checkpoints: Checkpoints, reader: Any
) -> None:
    """From the line to the root of those sealed with it, and from their seal to the checkpoint."""
    line_ids = [*await looked(5)]
    await sign()
    line_ids += await looked(1)
    await sign()
    for line_id in line_ids:
        extra, told = read(await proof_of_line(reader, line_id, checkpoints), checkpoints)
        shown = json.loads(extra)
        seal, line = shown["seal"].encode(), shown["line"].encode()
        assert str(line_id) in shown["line"]
        assert [word for word in map(str, line_ids) if word in shown["line"]] == [str(line_id)]
        _, number, what, count, root, *_ = json.loads(seal)
        assert (what, number) == ("access_log", told[0] + 1)
        behind = (shown["index"], count, in_bytes(shown["beside"]), bytes.fromhex(root))
        assert holds(leaf_over(line), *behind)
        assert not holds(leaf_over(line.replace(b"get_audit", b"get_other")), *behind)
        assert holds(leaf_of(seal), *told)
        assert not holds(leaf_of(seal.replace(root.encode(), b"00" * 32)), *told)


async def test_a_witness_is_shown_that_what_it_saw_is_still_there(
    sign: Any, record: Any, checkpoints: Checkpoints, reader: Any
) -> None:
    for count in (1, 1, 3, 6):
        await record(*(AuditClosed(about=new_id()) for _ in range(count)))
        await sign()
    known = checkpoints.read()
    newest = known[-1]
    for old in known:
        proof = await proof_of_growth(reader, old.number, checkpoints)
        head, _, note = proof.partition("\n\n")
        first, *hashes = head.split("\n")
        assert (first, note) == (f"old {old.number}", checkpoints.newest_note())
        path, root = in_bytes(hashes), bytes.fromhex(newest.hash)
        assert goes_on(old.number, bytes.fromhex(old.hash), newest.number, root, path)
        other = hashlib.sha256(b"of another log").digest()
        assert not goes_on(old.number, other, newest.number, root, path)
    assert await proof_of_growth(reader, 0, checkpoints) == f"old 0\n\n{checkpoints.newest_note()}"
    with pytest.raises(NotProved, match="the log that was seen then is not this one"):
        await proof_of_growth(reader, newest.number + 1, checkpoints)


async def test_nothing_is_proved_of_a_log_that_was_made_anew(
    sign: Any,
    looked: Any,
    record: Any,
    checkpoints: Checkpoints,
    reader: Any,
    worker_database: Database,
) -> None:
    event_id = await record(AuditClosed(about=new_id()))
    (line_id,) = await looked(1)
    await sign()
    owner = await asyncpg.connect(worker_database.migrate_url)
    try:
        newest = await owner.fetchrow("SELECT * FROM event_seals ORDER BY number DESC LIMIT 1")
        change = (
            "ALTER TABLE event_seals DISABLE TRIGGER USER;"
            "UPDATE event_seals SET hash = '{}' WHERE number = {};"
            "ALTER TABLE event_seals ENABLE TRIGGER USER"
        )
        await owner.execute(change.format("00" * 32, newest["number"]))
        try:
            for asked in (
                proof_of(reader, event_id, checkpoints),
                proof_of_line(reader, line_id, checkpoints),
                proof_of_growth(reader, 1, checkpoints),
            ):
                with pytest.raises(NotProved, match="is not what was sealed and signed"):
                    await asked
        finally:
            await owner.execute(change.format(newest["hash"], newest["number"]))
        edit = (
            "ALTER TABLE access_log DISABLE TRIGGER USER;"
            "UPDATE access_log SET operation = '{}' WHERE id = '{}';"
            "ALTER TABLE access_log ENABLE TRIGGER USER"
        )
        await owner.execute(edit.format("get_other", line_id))
        try:
            with pytest.raises(NotProved, match="is not what was sealed and signed"):
                await proof_of_line(reader, line_id, checkpoints)
        finally:
            await owner.execute(edit.format("get_audit", line_id))
    finally:
        await owner.close()
    assert await proof_of_line(reader, line_id, checkpoints)


def leaf_over(said: bytes) -> bytes:
    return hashlib.sha256(b"\0" + said).digest()


def leaf_of(line: bytes) -> bytes:
    return leaf_over(hashlib.sha256(line).digest())


async def test_of_what_is_not_signed_there_is_no_proof_and_it_is_said_why(
    sign: Any, record: Any, looked: Any, checkpoints: Checkpoints, reader: Any, workshop: Workshop
) -> None:
    event_id = await record(AuditClosed(about=new_id()))
    with pytest.raises(NotProved, match="no checkpoint of today's form"):
        await proof_of(reader, event_id, checkpoints)
    await sign()
    unknown = new_id()
    with pytest.raises(NotProved, match=f"there is no event {unknown}"):
        await proof_of(reader, unknown, checkpoints)
    with pytest.raises(NotProved, match=f"there is no line {unknown}"):
        await proof_of_line(reader, unknown, checkpoints)
    late = await record(AuditClosed(about=new_id()))
    (seen,) = await looked(1)
    with pytest.raises(NotProved, match=f"event {late} is not sealed yet"):
        await proof_of(reader, late, checkpoints)
    with pytest.raises(NotProved, match=f"line {seen} is not sealed yet"):
        await proof_of_line(reader, seen, checkpoints)
    await seal_all(workshop)
    with pytest.raises(NotProved, match="the newest checkpoint is of seal"):
        await proof_of(reader, late, checkpoints)
    with pytest.raises(NotProved, match="the newest checkpoint is of seal"):
        await proof_of_line(reader, seen, checkpoints)
    assert await proof_of(reader, event_id, checkpoints)
