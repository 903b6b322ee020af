"""Who follows every dataset while many write and commit in any order misses nothing, nor is sent
anything again; also over a restore of a dump that was made meanwhile.

The suite goes round a few times, with rows of some datasets. `./dev drill feeds` goes round 40
times with rows of each, and again over the restore.
"""

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.children import Children
from qa_api.embedded import running
from qa_api.reporting.datasets import DATASETS
from qa_api.settings import Settings
from qa_api.worker.sealing import seal_events
from tests.api import serving
from tests.conftest import Clone, Database, execute, settings_for
from tests.drill import SEED, share
from tests.dumps import dump, restore
from tests.feeds.following import Follower, TokenRefused, followers
from tests.feeds.noting import id_of, note_writes, writes_of
from tests.feeds.writing import WRITES, Clients, Holder, Rounds, Written
from tests.kept import KEPT
from tests.kills.machines import send_changes_of_gates
from tests.kills.test_kills import each_message_came_in_its_turn, the_command_finds_nothing
from tests.matrix.world import World, built, served
from tests.patient import Patient, many_connections
from tests.reporting.copies import REPORTER
from tests.responses.casework import Service, complete_audit
from tests.scratch import scratch_directory
from tests.test_main import environment_of, until
from tests.worker.receiving import Receiver, receiving

WHOLE: Final = share(1) == 0
ROUNDS: Final = 40 if WHOLE else 5
WRITERS: Final = 8
PULLERS: Final = 4
"""So many datasets are pulled at once."""
FURTHER: Final = """
INSERT INTO moderated_domains (outcome_id, domain_key, audit_id, scale_code, scale_number,
    auditor_judgement, auditor_rationale, subject_id, team, worker, restricted)
SELECT o.id, 'domain-' || n, o.audit_id, o.scale_code, o.scale_number, o.auditor_judgement, 'So.',
    o.subject_id, o.team, o.worker, o.restricted
FROM moderation_outcomes o, generate_series(1, 4) n WHERE o.auditor_judgement IS NOT NULL;
INSERT INTO board_coverages (id, report_id, quarter, day, audited_from, by, children, audited,
    enough)
SELECT gen_random_uuid(), r.id, '2026-27 Q2', '2026-09-30', '2026-07-01', 'team', 10 + n, 3, false
FROM board_reports r, generate_series(1, 4) n
"""
"""Rows of the two datasets of which the world has none."""
WAITING: Final = """
SELECT count(*) FROM deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
WHERE e.url = '{url}' AND d.state = 'waiting'
"""
OUT_OF_ORDER: Final = """
SELECT count(*) FROM (
    SELECT (e.xid, e.id) < lag((e.xid, e.id)) OVER (ORDER BY s.number) AS wrong
    FROM event_seals s JOIN events e ON e.id = s.event_id) sealed
WHERE wrong
"""
WRITTEN: Final = "SELECT DISTINCT place FROM feed_writes WHERE place NOT LIKE 'named %'"
SEALED: Final = "SELECT count(*) FROM event_seals"
UNSEALED: Final = """
SELECT count(*) FROM events WHERE NOT EXISTS (SELECT FROM event_seals WHERE event_id = events.id)
"""


@pytest.fixture
def world(
    clone_of_authority: Clone, authority: Settings, issuer: DevelopmentIssuer
) -> Iterator[tuple[World, Database]]:
    """In the drill rows of every dataset, in the suite of some."""
    database = clone_of_authority()
    if WHOLE:
        with built(lambda: database, authority, issuer) as made:
            execute(database.migrate_url, FURTHER)
            yield made, database
        return
    with served(database, authority, issuer) as made:
        for number in range(6):
            made.service.work(partial(complete_audit, ref=f"F-{number}"))
        yield made, database


@pytest.fixture
def worker(world: tuple[World, Database], receiver: Receiver, tmp_path: Path) -> Iterator[None]:
    """The worker process, which seals the events and sends what changes about gates."""
    made, database = world
    send_changes_of_gates(made.api, receiver.url)
    told = {
        "QA_ENVIRONMENT": "development",
        "QA_DATA_DIR": str(tmp_path),
        "QA_WEBHOOK_TARGETS": "http://127.0.0.1",
        "QA_SWEEP_INTERVAL_SECONDS": "1",
    }
    with Children(environment_of(database) | told, None) as children:
        children.start("worker", "worker")
        yield
        assert not children.ended()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Who is sent webhooks."""
    with receiving() as made:
        yield made


@pytest.mark.long
@pytest.mark.usefixtures("worker")
def test_who_follows_misses_nothing_and_is_sent_nothing_again_over_a_restore_too(
    world: tuple[World, Database],
    receiver: Receiver,
    issuer: DevelopmentIssuer,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    made, database = world
    note_writes(database.migrate_url)
    copies = followers(issuer.issue(REPORTER), SEED)
    file = tmp_path / "qa.dump"
    first = asyncio.run(
        followed(made.api.server.url, database, issuer, copies, meanwhile=partial(dump, file=file))
    )
    nothing_is_missed_or_repeated(database, copies)
    waiting = WAITING.format(url=receiver.url)
    until(lambda: asked(database, waiting) == [0])
    each_message_came_in_its_turn(receiver, database.migrate_url)
    events_are_sealed_in_order(made.service, database)
    told = [f"{len(asked(database, WRITTEN))} of {len(DATASETS)} datasets written", str(first)]
    told.append(
        f"{len(receiver.came)} webhooks, {asked(database, SEALED)[0]} events sealed in order"
    )
    if WHOLE:
        told.append(over_a_restore(file, issuer, copies))
    record_property("asked", sum(copy.pulls for copy in copies))
    record_property("wrong", 0)
    record_property("told", told)


def over_a_restore(file: Path, issuer: DevelopmentIssuer, copies: list[Follower]) -> str:
    """The dump in a fresh cluster, where transactions are counted anew: everybody goes on."""
    with scratch_directory() as directory, running(directory, fsync=False) as server:
        database = restore(file, server, "restored")
        the_command_finds_nothing("restored", server.urls("restored"))
        execute(database.migrate_url, "TRUNCATE feed_writes")
        settings = settings_for(database, issuer)
        with serving(settings) as served_again, Service.over(settings) as service:
            second = asyncio.run(followed(served_again.url, database, issuer, copies, refused=True))
            nothing_is_missed_or_repeated(database, copies)
            events_are_sealed_in_order(service, database)
        the_command_finds_nothing("verify", server.urls("restored"))
        KEPT.close()
    return f"restored: {second}"


async def followed(
    url: str,
    database: Database,
    issuer: DevelopmentIssuer,
    copies: list[Follower],
    *,
    meanwhile: Callable[[str], None] | None = None,
    refused: bool = False,
) -> Written:
    """Everybody writes while every copy follows; then each copy is what the rows are.

    `meanwhile` is done with the database in the middle of it. `refused`: whether the tokens of the
    copies are those of a database that is no more.
    """
    rounds, written = Rounds(ROUNDS), Written()
    async with many_connections(PULLERS + 8) as http:
        patient = Patient(http, lambda: url)
        for copy in copies:
            copy.patient = patient
            if refused:
                with pytest.raises(TokenRefused):
                    await copy.follow()
            await copy.begin()
        writing = asyncio.gather(
            *writers(database, copies, Clients(patient, issuer.issue, written), rounds)
        )
        while not rounds.over and not writing.done():
            await gone_round(copies, written)
            rounds.gone_round()
            if meanwhile and rounds.done == ROUNDS // 2:
                await asyncio.to_thread(meanwhile, database.migrate_url)
        await writing
        await gone_round(copies, written)
        for copy in copies:
            assert await copy.follow() == 0, f"{copy.dataset}: sent although nothing has changed"
            rows, _ = await copy.anew()
            assert copy.rows == rows, copy.dataset
    return written


def writers(
    database: Database, copies: list[Follower], clients: Clients, rounds: Rounds
) -> Iterator[Coroutine[Any, Any, None]]:
    """Eight who hold transactions open, and three who write through the service."""
    numbers = itertools.count(1)
    there = {copy.dataset for copy in copies if copy.rows}
    with_rows = [name for name in WRITES if name in there]
    for number in range(WRITERS):
        random = Random(f"{SEED} {number}")
        holder = Holder(
            database.migrate_url, number, WRITERS, random, lambda: next(numbers), with_rows
        )
        yield holder.write(rounds, clients.written)
    yield clients.plan(rounds)
    yield clients.tell(rounds)
    yield clients.tell(rounds)


async def gone_round(copies: list[Follower], written: Written) -> None:
    """Every copy follows once; it has what was acknowledged before it asked."""
    places = asyncio.Semaphore(PULLERS)

    async def follow(copy: Follower) -> None:
        async with places:
            acknowledged = len(written.audits)
            await copy.follow()
            if copy.dataset == "audits":
                assert copy.seen.issuperset(written.audits[:acknowledged])

    await asyncio.gather(*map(follow, copies))


def nothing_is_missed_or_repeated(database: Database, copies: list[Follower]) -> None:
    """Held against what transactions wrote that were committed."""
    writes = writes_of(database.migrate_url)
    for copy in copies:
        of_rows = writes.get(copy.dataset, {})
        missed = {row for row in of_rows if row in copy.rows and not copy.sent[row]}
        assert not missed, f"{copy.dataset}: {sorted(missed)[:3]} were written and never sent"
        often = {row for row, times in copy.sent.items() if times > of_rows.get(row, 0)}
        assert not often, f"{copy.dataset}: {sorted(often)[:3]} were sent again for no reason"
        table = DATASETS[copy.dataset].entity.__tablename__
        there = set(asked(database, f"SELECT {id_of(DATASETS[copy.dataset])} FROM {table} row"))
        assert copy.rows.keys() <= there, copy.dataset


def events_are_sealed_in_order(service: Service, database: Database) -> None:
    """Each event has one seal, in the order of their transactions."""
    while service.work(seal_events):
        pass
    assert asked(database, UNSEALED) == [0]
    assert asked(database, OUT_OF_ORDER) == [0]


def asked(database: Database, question: str) -> list[Any]:
    """The first column of what the owner of the database finds."""
    return [row[0] for row in KEPT.ask(database.migrate_url, lambda kept: kept.fetch(question))]
