"""Both logs of an authority of its own: lived through, sealed, signed, and with a witness."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import asyncpg

from qa_api import db
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.work import Workshop
from qa_api.worker.checkpoints import Checkpoint, Checkpoints, Keys
from qa_api.worker.notes import SignerKey
from qa_api.worker.sealing import (
    EVENT_COLUMNS,
    LINE_COLUMNS,
    chained,
    lines_said,
    lines_seal,
)
from qa_api.worker.verifying import Whole, verify_log
from qa_api.worker.witnessing import Signer, seal_all

KEY: Final = SignerKey.new("qa.example.org/drill")
KEYS: Final = Keys((KEY.verifier,), KEY)
ROUNDS: Final = 12
"""Each with some events and some lines, sealed and signed."""

HAPPENED: Final = """
INSERT INTO events (id, at, type, principal_id, correlation_id, about_id, subject_id, data)
VALUES (gen_random_uuid(), clock_timestamp(), 'audit.closed', gen_random_uuid(),
        md5(random()::text), gen_random_uuid(), gen_random_uuid(), '{"revision": 1}')
"""
LOOKED: Final = """
INSERT INTO access_log (id, at, principal_id, correlation_id, operation, subject_ids, purpose,
                        detail)
VALUES (gen_random_uuid(), clock_timestamp(), gen_random_uuid(), md5(random()::text), 'get_audit',
        ARRAY[gen_random_uuid(), gen_random_uuid()],
        CASE WHEN random() < 0.5 THEN 'complaint' END, '{"rows": 1}')
"""
_UNUSED_STAMPS: Final = """
DO $$ BEGIN FOR i IN 1..600 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$
"""
LETTING_GO: Final = """
INSERT INTO policy_versions VALUES (1, '2020-01-01', '{}', 'first', now(), NULL);
INSERT INTO workers (code, version) VALUES ('one', 1), ('two', 1);
ALTER TABLE retention_runs DISABLE TRIGGER USER;
INSERT INTO retention_runs (id, as_at, policy_version, proposed_at, proposed_by, items_hash,
                            truncated, state, version)
VALUES (md5('run')::uuid, now(), 1, now(), 'one', '', false, 'proposed', 1);
ALTER TABLE retention_runs ENABLE TRIGGER USER;
INSERT INTO retention_items (id, run_id, record_class, month, kept_until, explanation)
VALUES (md5('item')::uuid, md5('run')::uuid, 'access_log', '2020-01-01', '2026-01-31', '{}');
"""


@dataclass
class Logs:
    """What an attacker has before them: the database as a superuser, and the worker's file."""

    owner: Any
    ours: Checkpoints
    witness: Checkpoints

    async def verify(self, known: Sequence[Checkpoint]) -> Whole:
        """Check as an operator does, by the role that the guide names."""
        await self.owner.execute("SET LOCAL ROLE qa_read")
        try:
            return await verify_log(self.owner, known)
        finally:
            await self.owner.execute("RESET ROLE")

    async def reseal(self, first: int) -> None:
        """Make all seals from one on anew, so that they fit what stands there now."""
        previous = await self.owner.fetchval(
            "SELECT hash FROM event_seals WHERE number = $1", first - 1
        )
        hashes, seals = [], []
        previous = previous or ""
        await self.owner.execute(_LAST_AS_THEY_ARE)
        for seal in await self.owner.fetch(_SEALS, first):
            if seal["id"] is None:
                lines = await self.owner.fetch(_LINES_BEHIND, seal["number"])
                again = lines_seal([dict(line) for line in lines])
                said = lines_said(previous, seal["number"], again)
                previous = sha256(said).hexdigest()
                seals.append(
                    (again["lines"], again["leaves"], again["root"], again["last_at"],
                     again["last_id"], int(again["last_xid"]), seal["number"])
                )  # fmt: skip
            else:
                previous = chained(previous, seal["number"], seal)
            hashes.append((previous, seal["number"]))
        await self.owner.executemany("UPDATE event_seals SET hash = $1 WHERE number = $2", hashes)
        await self.owner.executemany(_SEAL_LINES_ANEW, seals)

    async def cut(self, first: int) -> None:
        """Take out all seals from one on, and what they stand for."""
        await self.owner.execute(
            "DELETE FROM events WHERE id IN (SELECT event_id FROM event_seals WHERE number >= $1)",
            first,
        )
        await self.owner.execute(_CUT_LINES, first)
        await self.owner.execute("DELETE FROM access_seals WHERE number >= $1", first)
        await self.owner.execute("DELETE FROM event_seals WHERE number >= $1", first)

    async def go_on(self, happened: str, upto: int, random_: random.Random) -> None:
        """Let other things happen than those that were cut off, and seal them."""
        number = await self.owner.fetchval("SELECT coalesce(max(number), 0) FROM event_seals")
        first = number + 1
        while number < upto:
            number += 1
            if happened == HAPPENED:
                new = await self.owner.fetchval(f"{HAPPENED} RETURNING id")
                await self.owner.execute(_LATER.format("events"), new)
                await self.owner.execute(
                    "INSERT INTO event_seals (number, event_id, hash) VALUES ($1, $2, '')",
                    *(number, new),
                )
                continue
            for _ in range(random_.randint(1, 3)):
                new = await self.owner.fetchval(f"{LOOKED} RETURNING id")
                await self.owner.execute(_LATER.format("access_log"), new)
            await self.owner.execute(
                "INSERT INTO event_seals (number, hash) VALUES ($1, '')", number
            )
            await self.owner.execute(_STANDS_FOR, number, new)
        await self.reseal(first)


# All of an attempt is one transaction: so it takes stamps that nobody has used.
_LATER: Final = """
UPDATE {0} SET xid = (SELECT coalesce(max(xid)::text::bigint, 0) + 1 FROM (
    SELECT xid FROM {0} WHERE id <> $1) other)::text::xid8 WHERE id = $1
"""
_STANDS_FOR: Final = """
INSERT INTO access_seals (number, lines, root, leaves, last_xid, last_at, last_id)
SELECT $1, 0, '', '', xid, at, id FROM access_log WHERE id = $2
"""
_SEALS: Final = f"""
SELECT seal.number, {EVENT_COLUMNS}
FROM event_seals seal LEFT JOIN events event ON event.id = seal.event_id
WHERE seal.number >= $1 ORDER BY seal.number
"""
_LINES_BEHIND: Final = f"""
SELECT {LINE_COLUMNS} FROM access_log line, access_seals seal
WHERE seal.number = $1
  AND (line.xid, line.at, line.id) <= (seal.last_xid, seal.last_at, seal.last_id)
  AND NOT EXISTS (
      SELECT FROM access_seals earlier WHERE earlier.number < seal.number
      AND (line.xid, line.at, line.id) <= (earlier.last_xid, earlier.last_at, earlier.last_id))
ORDER BY line.xid, line.at, line.id
"""
_SEAL_LINES_ANEW: Final = """
UPDATE access_seals SET lines = $1, leaves = $2, root = $3, last_at = $4, last_id = $5,
    last_xid = $6 WHERE number = $7
"""
_LAST_AS_THEY_ARE: Final = """
UPDATE access_seals seal SET last_xid = line.xid, last_at = line.at
FROM access_log line WHERE line.id = seal.last_id
"""
_CUT_LINES: Final = """
DELETE FROM access_log line WHERE NOT EXISTS (
    SELECT FROM access_seals seal WHERE seal.number < $1
    AND (line.xid, line.at, line.id) <= (seal.last_xid, seal.last_at, seal.last_id))
"""


async def lived_through(settings: Settings, migrate_url: str, directory: Path) -> Checkpoints:
    """Let things happen, seal and sign them; gives the file of checkpoints."""
    made = Checkpoints(directory / "checkpoints.txt", KEYS)
    database = await db.Database.open(settings)
    owner = await asyncpg.connect(migrate_url)
    try:
        workshop, signer = Workshop(database, Rulebook(), REACTIONS), Signer(made)
        await owner.execute(LETTING_GO)
        for number in range(ROUNDS):
            for _ in range(3 + number % 3):
                await owner.execute(HAPPENED)
                await owner.execute(LOOKED)
            await seal_all(workshop)
            await owner.execute(LOOKED)
            await seal_all(workshop)
            async with workshop.open_as_service("drill") as work:
                await signer.sign(work)
        await owner.execute(_UNUSED_STAMPS)
    finally:
        await owner.close()
        await database.close()
    return made
