"""Nothing stands still: who waits for a lock waits alone, for a while, and holds one connection."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event as Flag
from typing import Any

import asyncpg
import httpx
import pytest

from qa_api.app import MESSAGES_AT_ONCE
from qa_api.attempts import MOST_ATTEMPTS
from qa_api.auth.development import DevelopmentIssuer
from qa_api.case_events.turns import turn_of_ref
from qa_api.clock import now
from qa_api.embedded import running
from qa_api.http import quotas
from qa_api.rules.local_time import FinancialQuarter, local_date
from qa_api.settings import Settings
from tests.api import Api, Json, serving
from tests.closures.conftest import episode
from tests.closures.sending import CLOUDEVENTS, PROPOSED, REOPENED, Episode
from tests.conftest import Clone, Database, execute, settings_for
from tests.scratch import scratch_directory

__all__ = ("episode",)

NEVER = 600.0
"""Seconds, for time-outs that a test shows not to be needed."""
TAKEN = 202
UNDER_WAY = """
SELECT pid, query_start FROM pg_stat_activity
WHERE datname = current_database() AND usename = 'qa_app' AND state <> 'idle'
    AND pid <> pg_backend_pid()
"""


@contextmanager
def locked(database: Database, statement: str) -> Iterator[None]:
    """Somebody else holds a lock, in a transaction of their own, while the block runs."""
    held, done = Flag(), Flag()

    async def hold() -> None:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            async with connection.transaction():
                await connection.execute(statement)
                held.set()
                await asyncio.to_thread(done.wait)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(asyncio.run, hold())
        while not held.wait(0.05):
            assert not holder.done(), holder.result()
        try:
            yield
        finally:
            done.set()
        holder.result()


def event(episode: Episode, type_: str, version: int) -> Json:
    """An event of a version beyond the hours of a day."""
    minute = f"2026-11-23T{version // 60:02}:{version % 60:02}:00Z"
    return episode.event(type_, version, occurred_at=minute)


def no_event_is_kept(database: Database) -> Any:
    """A lock that every event of a case system waits for."""
    return locked(database, "LOCK TABLE case_events IN SHARE ROW EXCLUSIVE MODE")


def wait_until(database: Database, condition: str) -> None:
    """Ask the database until something holds."""

    async def ask() -> None:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            give_up = time.monotonic() + 30
            while not await connection.fetchval(f"SELECT {condition}"):
                assert time.monotonic() < give_up, condition
        finally:
            await connection.close()

    asyncio.run(ask())


def connections_held(database: Database, until: "Future[Any]") -> set[tuple[int, int]]:
    """How many transactions of changes were under way at once, at which statements of theirs."""

    async def look() -> set[tuple[int, int]]:
        seen: set[tuple[int, int]] = set()
        # As the service itself: nobody else may see what its sessions do.
        connection = await asyncpg.connect(database.database_url)
        try:
            while not until.done():
                rows = await connection.fetch(UNDER_WAY)
                seen |= {(len(rows), hash(row["query_start"])) for row in rows}
        finally:
            await connection.close()
        return seen

    return asyncio.run(look())


def assert_come_back(answer: httpx.Response) -> None:
    """503 with the seconds after which it may be tried again."""
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.long
def test_a_change_that_waits_for_a_lock_holds_one_connection_however_often_it_is_tried(
    api: Api, database: Database
) -> None:
    body = {"type": "collaborative", "team": "lincoln-fast"}
    with (
        locked(database, "LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE"),
        ThreadPoolExecutor(1) as pool,
    ):
        asked = pool.submit(api.create, "/v1/audits", body, key="a-key-that-waits")
        seen = connections_held(database, asked)
    assert_come_back(asked.result())
    assert {count for count, _ in seen} == {1}
    assert len({statement for _, statement in seen}) >= MOST_ATTEMPTS
    assert api.create("/v1/audits", body, key="a-key-that-waits").status_code == 201


@pytest.mark.long
def test_events_that_wait_for_a_lock_leave_the_intake_as_they_found_it(
    authority: Settings, issuer: DevelopmentIssuer, database: Database, new_ref: Callable[[], str]
) -> None:
    # No deadline of the request or of its turn: each attempt gives back what it took by itself.
    without = {"request_deadline_seconds": NEVER, "message_wait_seconds": NEVER}
    soon = {"lock_timeout_seconds": 0.2}
    with serving(authority.model_copy(update=without | soon)) as server, Api(server, issuer) as api:
        episode = Episode(api, [new_ref()])
        events = [event(episode, PROPOSED, n) for n in range(1, 1 + 2 * MESSAGES_AT_ONCE)]
        with ThreadPoolExecutor(len(events)) as pool:
            with no_event_is_kept(database):
                answers = list(pool.map(episode.post, events))
            for answer in answers:
                assert_come_back(answer)
        assert {episode.post(one).status_code for one in events} == {TAKEN}
        assert api.get("/readyz").status_code == 200


@pytest.mark.long
def test_a_burst_of_one_episode_is_answered_whole(episode: Episode) -> None:
    events = [event(episode, PROPOSED, version) for version in range(1, 21)] + [
        event(episode, REOPENED, version) for version in range(21, 51)
    ]
    with ThreadPoolExecutor(len(events)) as pool:
        answers = list(pool.map(episode.post, events))
    for answer in answers:
        if answer.status_code != TAKEN:
            assert_come_back(answer)
    for one, answer in zip(events, answers, strict=True):
        assert answer.status_code == TAKEN or episode.post(one).status_code == TAKEN


@pytest.mark.long
def test_a_large_batch_and_single_events_of_one_family_at_two_processes_are_all_taken_in(
    episode: Episode, authority: Settings, issuer: DevelopmentIssuer, new_ref: Callable[[], str]
) -> None:
    episode.refs.append(new_ref())
    batch = [event(episode, REOPENED, version) for version in range(1, 101)]
    singles = [event(episode, REOPENED, version) for version in range(101, 105)]
    with serving(authority) as other, Api(other, issuer) as there:
        second = Episode(there, episode.refs, id=episode.id)
        with ThreadPoolExecutor(1 + len(singles)) as pool:
            sent = pool.submit(episode.send_batch, batch)
            answers = list(pool.map(second.post, singles))
        assert {item["outcome"] for item in sent.result()} <= {"parked", "applied", "no_change"}
        for one, answer in zip(singles, answers, strict=True):
            assert answer.status_code in {TAKEN, 503}
            assert answer.status_code == TAKEN or second.post(one).status_code == TAKEN
        assert there.get("/readyz").status_code == 200


@pytest.fixture
def own(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Database:
    """A database of its own, with the demo authority."""
    return clone_of_authority()


def patient(database: Database, issuer: DevelopmentIssuer, **changed: Any) -> Settings:
    """An API that would wait for the database without end."""
    waits = ("connect_timeout", "command_timeout", "statement_timeout", "lock_timeout")
    return settings_for(database, issuer, **{f"{name}_seconds": NEVER for name in waits}, **changed)


@pytest.mark.long
def test_an_intake_that_stands_is_noticed_and_ready_again_when_it_moves(
    own: Database, issuer: DevelopmentIssuer, new_ref: Callable[[], str]
) -> None:
    settings = patient(own, issuer, message_wait_seconds=0.2, request_deadline_seconds=NEVER)
    with serving(settings) as server, Api(server, issuer) as api:
        episode = Episode(api, [new_ref()])
        with ThreadPoolExecutor(MESSAGES_AT_ONCE) as pool:
            with no_event_is_kept(own):
                holding = [
                    pool.submit(episode.post, event(episode, PROPOSED, version))
                    for version in range(1, 1 + MESSAGES_AT_ONCE)
                ]
                wait_until(own, f"count(*) = {MESSAGES_AT_ONCE} FROM pg_locks WHERE NOT granted")
                assert api.get("/readyz").status_code == 200
                assert_come_back(episode.post(event(episode, PROPOSED, 99)))
                assert_come_back(api.get("/readyz"))
            assert {one.result().status_code for one in holding} == {TAKEN}
        assert api.get("/readyz").status_code == 200
        assert episode.post(event(episode, PROPOSED, 100)).status_code == TAKEN


@pytest.fixture
def people_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked once is taken to ask still; what comes after them rests next to nothing."""
    monkeypatch.setattr(quotas, "RECENTLY_SECONDS", NEVER)
    monkeypatch.setattr(quotas, "LONGEST_REST_SECONDS", 0.001)


@pytest.mark.long
@pytest.mark.usefixtures("people_ask")
def test_beside_people_a_batch_waits_for_its_turn_and_takes_no_place_of_single_events(
    own: Database, issuer: DevelopmentIssuer, new_ref: Callable[[], str]
) -> None:
    settings = patient(own, issuer, message_wait_seconds=0.5, request_deadline_seconds=NEVER)
    with serving(settings) as server, Api(server, issuer) as api, ThreadPoolExecutor(1) as pool:
        first, second, single = (Episode(api, [new_ref()]) for _ in range(3))
        batch = [event(second, PROPOSED, 1)]
        assert api.get("/v1/me").status_code == 200
        turn = turn_of_ref("mosaic", first.refs[0])
        with locked(own, f"SELECT pg_advisory_xact_lock({turn})"):
            held = pool.submit(post_batch, first, [event(first, PROPOSED, 1)])
            wait_until(own, "count(*) = 1 FROM pg_locks WHERE NOT granted")
            for _ in range(MESSAGES_AT_ONCE):
                assert_come_back(post_batch(second, batch))
            assert single.post(event(single, PROPOSED, 1)).status_code == TAKEN
            assert api.get("/readyz").status_code == 200
        assert held.result().status_code == TAKEN
        again = post_batch(second, batch)
        assert again.status_code == TAKEN
        assert again.json()["items"][0]["outcome"] == held.result().json()["items"][0]["outcome"]


def post_batch(episode: Episode, events: list[Json]) -> httpx.Response:
    """Send events together, whatever the answer."""
    system = episode.api.as_("case-system-mosaic")
    return system.post("/v1/case-events/batch", events, headers={"content-type": CLOUDEVENTS})


@pytest.mark.long
@pytest.mark.usefixtures("people_ask")
@pytest.mark.parametrize("report", ["", "/charts", "/breakdown?by=team"])
def test_beside_others_the_reports_of_a_person_hold_one_connection_and_others_make_theirs(
    own: Database, issuer: DevelopmentIssuer, report: str
) -> None:
    quarter = FinancialQuarter.of(local_date(now())).previous.label.replace(" ", "%20")
    path = f"/v1/reporting/metrics/{quarter}{report}"
    settings = patient(own, issuer, request_deadline_seconds=NEVER)
    waiting = "count(*) {} FROM pg_locks WHERE NOT granted"
    with serving(settings) as server, Api(server, issuer) as api, ThreadPoolExecutor(5) as pool:
        assert api.as_("qs-2").get("/v1/me").status_code == 200
        assert api.as_("qs-1").get(path).status_code == 200
        with locked(own, "LOCK TABLE rollups"):
            asked = [pool.submit(api.as_("qs-1").get, path) for _ in range(4)]
            wait_until(own, waiting.format("= 1"))
            asked.append(pool.submit(api.as_("qs-2").get, path))
            wait_until(own, waiting.format("= 2"))
            for _ in range(50):
                wait_until(own, waiting.format("= 2"))
        assert {one.result().status_code for one in asked} == {200}


@pytest.mark.long
def test_no_request_waits_longer_than_its_deadline_and_none_is_half_done(
    own: Database, issuer: DevelopmentIssuer
) -> None:
    settings = patient(own, issuer, request_deadline_seconds=0.5, pool_size=2)
    body = {"type": "collaborative", "team": "lincoln-fast"}
    with serving(settings) as server, Api(server, issuer) as api:
        with locked(own, "LOCK TABLE audits IN SHARE ROW EXCLUSIVE MODE"):
            for _ in range(settings.pool_size + 1):
                assert_come_back(api.create("/v1/audits", body, key="a-key-of-a-deadline"))
        answer = api.create("/v1/audits", body, key="a-key-of-a-deadline")
        assert answer.status_code == 201
        assert "idempotent-replayed" not in answer.headers


def is_ready(api: Api) -> httpx.Response:
    return api.get("/readyz")


CALLS: tuple[Callable[[Api], httpx.Response], ...] = (
    lambda api: api.create("/v1/audits", {"type": "collaborative", "team": "lincoln-fast"}),
    lambda api: api.get("/v1/audits"),
    lambda api: api.get("/v1/working-days/add?start=2026-12-24&days=5"),
    lambda api: api.get("/v1/reporting/audits", headers={"accept": "application/x-ndjson"}),
)


@pytest.mark.long
def test_a_read_only_server_is_not_ready_and_its_answers_can_be_tried_again(
    own: Database, issuer: DevelopmentIssuer
) -> None:
    execute(own.migrate_url, f"ALTER DATABASE {own.name} SET default_transaction_read_only = on")
    with serving(settings_for(own, issuer)) as server, Api(server, issuer) as api:
        assert_come_back(api.get("/readyz"))
        answers = [call(api) for call in CALLS]
    assert 503 in {answer.status_code for answer in answers}
    for answer in answers:
        if answer.status_code != 200:  # what is not logged can still be read
            assert_come_back(answer)


@pytest.mark.long
def test_a_database_that_takes_no_connections_is_answered_with_503(
    own: Database, postgres: Database, issuer: DevelopmentIssuer
) -> None:
    execute(postgres.migrate_url, f"ALTER DATABASE {own.name} ALLOW_CONNECTIONS false")
    try:
        with serving(settings_for(own, issuer)) as server, Api(server, issuer) as api:
            for call in (*CALLS, is_ready):
                assert_come_back(call(api))
    finally:
        execute(postgres.migrate_url, f"ALTER DATABASE {own.name} ALLOW_CONNECTIONS true")


@pytest.mark.long
def test_a_server_that_shuts_down_or_hangs_is_answered_with_503(issuer: DevelopmentIssuer) -> None:
    with scratch_directory() as directory, running(directory, fsync=False) as server:
        urls = server.urls()
        database = Database("qa", urls.database_url, urls.read_url, urls.migrate_url)
        assert server.pid is not None
        postmaster = server.pid
        settings = settings_for(database, issuer, connect_timeout_seconds=NEVER)
        with serving(settings) as api_server, Api(api_server, issuer) as api:
            os.kill(postmaster, signal.SIGSTOP)
            try:
                # The client waits for 30 s, the connection that the probe asks for ten minutes.
                for _ in range(2):
                    assert_come_back(api.get("/readyz"))
            finally:
                os.kill(postmaster, signal.SIGCONT)

        async def shut_down_behind_a_session() -> None:
            staying = await asyncpg.connect(database.migrate_url)
            try:
                os.kill(postmaster, signal.SIGTERM)
                give_up = time.monotonic() + 20
                while time.monotonic() < give_up:
                    try:
                        await (await asyncpg.connect(database.migrate_url)).close()
                    except asyncpg.CannotConnectNowError:
                        await asyncio.to_thread(ask_everything)
                        return
                raise AssertionError("the server goes on taking connections")
            finally:
                await staying.close()

        def ask_everything() -> None:
            with (
                serving(settings_for(database, issuer)) as closing,
                Api(closing, issuer) as api,
            ):
                for call in (*CALLS, is_ready):
                    assert_come_back(call(api))

        asyncio.run(shut_down_behind_a_session())
