"""Eight kinds of tampering with each log, by a superuser of the database: all of them are found.

The suite tries a share; `./dev drill tamper` a hundred of each (`--seed` repeats a run).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.worker.checkpoints import CheckpointForged, Checkpoints, reconciled
from qa_api.worker.verifying import LogBroken
from tests.conftest import Database, settings_for
from tests.drill import SEED, share
from tests.tamper.logs import HAPPENED, KEYS, LOOKED, Logs, lived_through

TIMES: Final = share(3) or 100

EDITS: Final = {
    "events": {
        "at": "at - interval '1 microsecond'",
        "type": "'audit.opened'",
        "principal_id": "CASE WHEN random() < 0.5 THEN gen_random_uuid() END",
        "correlation_id": "correlation_id || 'x'",
        "about_id": "gen_random_uuid()",
        "subject_id": "CASE WHEN random() < 0.5 THEN gen_random_uuid() END",
        "data": """data || '{"revision": 2}'""",
        "id": "gen_random_uuid()",
    },
    "access_log": {
        "at": "at + interval '1 microsecond'",
        "principal_id": "gen_random_uuid()",
        "correlation_id": "''",
        "operation": "'list_audits'",
        "subject_ids": "subject_ids[1:cardinality(subject_ids) - 1]",
        "purpose": "CASE WHEN purpose IS NULL THEN 'inspection' END",
        "detail": "CASE WHEN random() < 0.5 THEN NULL ELSE '{}'::jsonb END",
        "id": "gen_random_uuid()",
    },
}
SEALED: Final = {
    "events": "SELECT event_id AS id, number FROM event_seals WHERE event_id IS NOT NULL"
    " ORDER BY number",
    "access_log": "SELECT line.id, (SELECT min(number) FROM access_seals WHERE"
    " (line.xid, line.at, line.id) <= (last_xid, last_at, last_id)) AS number"
    " FROM access_log line ORDER BY line.xid, line.at, line.id",
}
COPIED: Final = {
    "events": "INSERT INTO events (id, xid, at, type, correlation_id, about_id, data)"
    " SELECT gen_random_uuid(), xid, at, 'audit.opened', '', about_id, data"
    " FROM events WHERE id = $1",
    "access_log": "INSERT INTO access_log"
    " (id, xid, at, principal_id, correlation_id, operation, subject_ids)"
    " SELECT gen_random_uuid(), xid, at, principal_id, '', operation, subject_ids"
    " FROM access_log WHERE id = $1",
}


class Attack:
    """One attempt on one log. Each kind says whether the database alone still looks whole."""

    def __init__(self, logs: Logs, log: str, seed: str) -> None:
        self.logs = logs
        self.owner = logs.owner
        self.log = log
        self.random = random.Random(seed)

    async def victim(self, *, but_last: bool = False) -> Any:
        """A sealed row of the log: its id, and the number of its seal."""
        rows = await self.owner.fetch(SEALED[self.log])
        return self.random.choice(rows[:-1] if but_last else rows)

    async def _edit(self) -> Any:
        row = await self.victim()
        columns = EDITS[self.log]
        column = self.random.choice([name for name in columns if name != "id"])
        await self.owner.execute(
            f"UPDATE {self.log} SET {column} = {columns[column]} WHERE id = $1", row["id"]
        )
        return row

    async def edited(self) -> bool:
        """A column of a row says something else."""
        await self._edit()
        return False

    async def deleted(self) -> bool:
        """A row is gone; of the access log also under the name of retention."""
        row = await self.victim()
        await self.owner.execute(f"DELETE FROM {self.log} WHERE id = $1", row["id"])
        if self.log == "access_log" and self.random.random() < 0.5:
            await self.owner.execute(
                "INSERT INTO access_removals (item_id, number, places)"
                " SELECT md5('item')::uuid, $1::int, array_agg(place)"
                " FROM generate_series(1, (SELECT lines FROM access_seals WHERE number = $1))"
                " AS place",
                row["number"],
            )
        return False

    async def slipped_in(self) -> bool:
        """A row is there that never was."""
        row = await self.victim(but_last=True)
        await self.owner.execute(COPIED[self.log], row["id"])
        return False

    async def moved(self) -> bool:
        """A row stands elsewhere in the order, even after all that is sealed."""
        row, other = await self.victim(), await self.victim()
        to = f"(SELECT max(xid)::text::bigint + 1 FROM {self.log})::text::xid8"
        if other["id"] != row["id"] and self.random.random() < 0.7:
            to = f"(SELECT xid FROM {self.log} WHERE id = '{other['id']}')"
        await self.owner.execute(f"UPDATE {self.log} SET xid = {to} WHERE id = $1", row["id"])
        return False

    async def sealed_anew(self) -> bool:
        """A column says something else, and all seals from there on were made to fit."""
        row = await self._edit()
        await self.logs.reseal(row["number"])
        return True

    async def cut_off(self) -> bool:
        """The end is gone, with its seals."""
        row = await self.victim()
        await self.logs.cut(row["number"])
        return True

    async def older_backup(self) -> bool:
        """The database is one of before, and other things happened since, and were sealed."""
        newest = await self.owner.fetchval("SELECT max(number) FROM event_seals")
        row = await self.victim()
        await self.logs.cut(row["number"])
        happened = HAPPENED if self.log == "events" else LOOKED
        await self.logs.go_on(happened, newest + self.random.randint(-2, 3), self.random)
        return True

    async def cut_with_the_file(self) -> bool:
        """The end is gone, and with it what our file of checkpoints said of it."""
        row = await self.victim()
        await self.logs.cut(row["number"])
        kept = [one for one in self.logs.ours.read() if one.number < row["number"]]
        self.logs.ours.file.write_text("\n".join(KEYS.note(one) for one in kept))
        return True


KINDS: Final = {
    name: getattr(Attack, name)
    for name in (
        "edited",
        "deleted",
        "slipped_in",
        "moved",
        "sealed_anew",
        "cut_off",
        "older_backup",
        "cut_with_the_file",
    )
}


@pytest.fixture(scope="module")
def attacked(
    clone: Callable[[], Database],
    issuer: DevelopmentIssuer,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Database, Path]:
    """A database whose logs are sealed and signed, and the file that says so."""
    database, directory = clone(), tmp_path_factory.mktemp("tamper")
    settings = settings_for(database, issuer)
    return database, asyncio.run(lived_through(settings, database.migrate_url, directory)).file


async def found_out(logs: Logs, attack: Attack, kind: Callable[[Attack], Awaitable[bool]]) -> bool:
    """Whether an attempt is found, and nothing else was the matter; it is undone afterwards."""
    before = logs.witness.file.read_bytes()
    undone = logs.owner.transaction()
    await undone.start()
    try:
        looks_whole = await kind(attack)
        if looks_whole:
            # So well done that only what stands elsewhere shows it.
            await logs.verify([])
        try:
            known = reconciled([logs.ours, logs.witness])
            await logs.verify(known)
        except CheckpointForged:
            try:  # The witness's copy alone does it, too.
                await logs.verify(logs.witness.read())
            except LogBroken:
                return True
            return False
        except LogBroken:
            return True
        return False
    finally:
        await undone.rollback()
        logs.ours.file.write_bytes(before)


async def tried(kind: str, log: str, logs: Logs) -> int:
    """How many attempts of a kind were not found."""
    transaction = logs.owner.transaction(isolation="repeatable_read")
    await transaction.start()
    try:
        for table in ("events", "event_seals", "access_log", "access_seals", "access_removals"):
            await logs.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        whole = await logs.verify(reconciled([logs.ours, logs.witness]))
        assert min(whole.seals, whole.lines) > 50
        attacks = [Attack(logs, log, f"{SEED} {kind} {log} {number}") for number in range(TIMES)]
        found = [await found_out(logs, attack, KINDS[kind]) for attack in attacks]
        assert await logs.verify(reconciled([logs.ours, logs.witness])) == whole
        return found.count(False)
    finally:
        await transaction.rollback()


@pytest.mark.parametrize("log", list(EDITS))
@pytest.mark.parametrize("kind", list(KINDS))
def test_tampering_is_found(
    kind: str,
    log: str,
    attacked: tuple[Database, Path],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    database, ours = attacked
    witness = tmp_path / "witness.txt"
    witness.write_bytes(ours.read_bytes())

    async def by_the_owner() -> int:
        owner = await asyncpg.connect(database.migrate_url.replace("qa_owner", "postgres"))
        try:
            logs = Logs(owner, Checkpoints(ours, KEYS), Checkpoints(witness, KEYS))
            return await tried(kind, log, logs)
        finally:
            await owner.close()

    unseen = asyncio.run(by_the_owner())
    record_property("asked", TIMES)
    record_property("wrong", unseen)
    assert unseen == 0
