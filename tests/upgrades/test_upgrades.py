"""Every migration from the first on, over rows and beside a client that works.

How long each locks a table is measured. The suite upgrades a small authority, some revisions at a
time; `./dev drill upgrade` one with rows of every kind and as many audits as `--audits` says, one
revision at a time. `--since` names the revision that the rows are made in: what came before it is
not measured again.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import asyncpg
import pytest

from qa_api.embedded import EmbeddedPostgres, Urls, running
from tests.conftest import Database
from tests.kept import KEPT
from tests.kills.test_kills import the_command_finds_nothing
from tests.scratch import ROOM, scratch_directory
from tests.upgrades.conftest import WHOLE
from tests.upgrades.locks import Locks, Watch
from tests.upgrades.revisions import migrate_to, revisions
from tests.upgrades.rows import Copied, columns_of, copy_back, fill, fills_as_it_is
from tests.upgrades.traffic import Client, Waits, Working

log = logging.getLogger(__name__)
AUDITS: Final = int(os.environ.get("DRILL_AUDITS", "5000" if WHOLE else "50"))
SINCE: Final = os.environ.get("DRILL_SINCE", "")
"""The revision in which the rows are made; the first if none is named."""
AT_ONCE: Final = 1 if WHOLE else 19
"""Migrations between two looks; in the suite several, for each connects anew."""
SHOWN: Final = 20
"""The longest locks that are told, of all migrations, besides each that is too long."""
BYTES: Final = 40_000
"""An audit and what comes of it, twice: a migration may write a table anew."""
MEASURED: Final = "0157"
"""Up to here the guide for operators says which lock for too long; a later one counts as wrong."""
TOO_LONG: Final = 1.0
"""Seconds for which nobody may be kept waiting, at the size that is asked for."""


@dataclass
class Step:
    """One migration, what it locked, and what the client met."""

    name: str
    seconds: float
    locks: Locks
    waits: Waits

    @property
    def locked(self) -> float:
        """Seconds for which somebody could not write to a table, or not even read it."""
        return max(Locks.longest(self.locks.reads)[0], Locks.longest(self.locks.writes)[0])

    def __str__(self) -> str:
        reads, table = Locks.longest(self.locks.reads)
        writes, other = Locks.longest(self.locks.writes)
        return (
            f"{self.name[:38]:<39}{self.seconds:>7.2f}{reads:>8.2f} {table[:22]:<23}"
            f"{writes:>7.2f} {other[:22]:<23}{self.waits.longest:>6.2f}{self.waits.refused:>4}"
        )


HEAD: Final = (
    f"{'migration':<39}{'s':>7}{'no read':>8} {'of':<22}{'no write':>8} {'of':<22}{'waited':>7}  "
    "tries"
)


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server of this test's own, since all that wait in it are watched."""
    room = max(ROOM, AUDITS * BYTES)
    with scratch_directory(room) as directory, running(directory, fsync=False) as started:
        yield started
        KEPT.close()


@pytest.mark.long
def test_every_migration_runs_over_rows_and_beside_who_works(
    newest: Database,
    server: EmbeddedPostgres,
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
) -> None:
    urls = server.urls()
    steps, client, copied = asyncio.run(upgraded(newest, urls))
    kept = "SELECT id FROM audits WHERE id = ANY ($1)"
    found = KEPT.ask(urls.migrate_url, lambda asked: asked.fetch(kept, client.planned))
    assert len(found) == len(client.planned) > len(steps), "what was acknowledged is there"
    moved = "SELECT sum(due_on - date '2027-03-01') FROM audits WHERE id = ANY ($1)"
    days = KEPT.ask(urls.migrate_url, lambda asked: asked.fetchval(moved, client.planned))
    assert days == client.changed
    assert (
        KEPT.ask(urls.migrate_url, lambda asked: asked.fetch("SELECT * FROM wrong_rollups()")) == []
    )
    the_command_finds_nothing("figures", urls)
    again = sum("trying again" in record.getMessage() for record in caplog.records)
    longest = sorted(steps, key=lambda step: step.locked, reverse=True)
    record_property("asked", len(steps))
    too_long = [step for step in steps if step.locked > TOO_LONG]
    record_property("wrong", sum(step.name[: len(MEASURED)] > MEASURED for step in too_long))
    record_property(
        "told",
        [
            *summary(steps, copied),
            f"{again} tries of migrations met the client and came again",
            HEAD,
            *map(str, longest[: max(SHOWN, len(too_long))]),
        ],
    )


def summary(steps: list[Step], copied: Copied) -> Iterator[str]:
    """What it was tried on."""
    refused = ", ".join(copied.refused) or "none"
    yield (
        f"{AUDITS:,} audits; {copied.rows.total():,} rows of {len(copied.rows)} tables copied back,"
        f" {copied.refused.total()} not taken by their revision ({refused})"
    )
    answered = sum(step.waits.answered for step in steps)
    too_long = sum(step.locked > TOO_LONG for step in steps)
    yield f"{answered:,} requests answered; {too_long} migrations lock for over {TOO_LONG:g} s"


async def upgraded(newest: Database, urls: Urls) -> tuple[list[Step], Client, Copied]:
    """From nothing to the newest revision, one by one."""
    new, old, watching = await asyncio.gather(
        *map(asyncpg.connect, (newest.migrate_url, urls.superuser_url, urls.superuser_url))
    )
    client, copied, steps = Client(urls.database_url), Copied(), list[Step]()
    watch, known = Watch(watching), set[str]()
    try:
        for revision, name in revisions(AT_ONCE, SINCE):
            step = await migrated(
                urls.migrate_url, revision, name, watch, client if known else None
            )
            if known:
                steps.append(step)
                log.info("%s", step)
            tables = (await columns_of(old)).keys() - known
            await copy_back(new, old, sorted(tables), copied)
            if not known:
                await fill(old, AUDITS)
            known |= tables
        assert await fills_as_it_is(old, 50) == 50
    finally:
        await asyncio.gather(new.close(), old.close(), watching.close())
    return steps, client, copied


async def migrated(url: str, revision: str, name: str, watch: Watch, client: Client | None) -> Step:
    """One migration, while its locks are watched and somebody works."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    await watch.begin()
    looking = asyncio.create_task(watch.look(over))
    begun = loop.time()
    try:
        if client is None:
            waits = Waits()
            await asyncio.to_thread(migrate_to, url, revision)
        else:
            client.waits = waits = Waits()
            async with Working(client):
                await asyncio.to_thread(migrate_to, url, revision)
    finally:
        over.set()
        await looking
    return Step(name, loop.time() - begun, watch.locks, waits)
