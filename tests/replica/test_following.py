"""`./dev drill replica`: what takes longer, of servers that follow; see also `test_replica.py`."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from random import Random
from typing import Any, Final

import asyncpg
import httpx
import orjson
import pytest
from pydantic import SecretStr

from qa_api import migrate
from qa_api.auth.development import DevelopmentIssuer
from qa_api.embedded import EmbeddedPostgres, running
from qa_api.replica import Ends
from qa_api.settings import Settings
from tests.api import Api, serving
from tests.conftest import Clone, Database, execute, load_authority, settings_for
from tests.drill import SEED
from tests.feeds.following import Follower, followers
from tests.feeds.noting import note_writes
from tests.feeds.test_feeds import WRITERS, nothing_is_missed_or_repeated, writers
from tests.feeds.writing import Clients, Rounds, Written
from tests.kept import KEPT
from tests.matrix.world import World, built
from tests.patient import Patient, many_connections
from tests.replica.standby import Pair, following
from tests.replica.test_replica import AS_AT
from tests.reporting.copies import REPORTER, download, kept
from tests.scratch import scratch_directory
from tests.test_main import until

pytestmark = pytest.mark.skipif("DRILL_SEED" not in os.environ, reason="only `./dev drill replica`")

ROUNDS: Final = 25
LOOKS: Final = 4_000
TABLES: Final = 60
"""Dropped together, which takes a while after the transaction is no longer open."""
NOTE: Final = "INSERT INTO seen_writes VALUES (pg_current_xact_id()::text::bigint)"
MANY: Final = """
INSERT INTO workers (code, version) SELECT 'many-' || n, 1 FROM generate_series(1, 150000) n
"""


class Downloader(Follower):
    """Follows by downloads, which a replica may answer."""

    by: Counter[str]

    async def _pull(self, limit: int, **asked: str) -> tuple[list[Any], str]:
        del limit
        self.pulls += 1
        path = f"/v1/reporting/{self.dataset}?{httpx.QueryParams(format='ndjson', **asked)}"
        answer, _ = await self.patient.ask("GET", path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        self.by["replica" if AS_AT in answer.headers else "primary"] += 1
        rows = [orjson.loads(line) for line in answer.text.splitlines()]
        return rows, answer.headers["changes-token"]


@pytest.fixture(scope="module")
def primary() -> Iterator[EmbeddedPostgres]:
    """One with prepared transactions and an authority of its own."""
    with scratch_directory() as directory, running(directory, fsync=False) as server:
        migrate.upgrade(server.urls().migrate_url)
        url = server.urls().superuser_url
        execute(url, f"ALTER SYSTEM SET max_prepared_transactions = {2 * WRITERS}")
        server.stop()
        server.start()
        yield server


@pytest.fixture(scope="module")
def authority_there(primary: EmbeddedPostgres, issuer: DevelopmentIssuer) -> Settings:
    """Its settings, with no server that follows."""
    urls = primary.urls()
    there = Database("qa", urls.database_url, urls.read_url, urls.migrate_url)
    settings = settings_for(there, issuer)
    asyncio.run(load_authority(settings, issuer))
    return settings


Served = Callable[..., Api]


@pytest.fixture
def served(authority_there: Settings, issuer: DevelopmentIssuer) -> Iterator[Served]:
    """Serves with other servers than the primary for some of its settings."""
    with ExitStack() as stack:

        def serve(**urls: Any) -> Api:
            server = stack.enter_context(serving(authority_there.model_copy(update=urls)))
            return stack.enter_context(Api(server, issuer)).as_(REPORTER)

        yield serve


def secret(server: EmbeddedPostgres, url: str = "read_url", database: str = "qa") -> SecretStr:
    """How a server is reached."""
    return SecretStr(getattr(server.urls(database), url))


# --- which transactions a snapshot has not seen ---------------------------------------------------


def test_what_a_replica_has_not_seen_is_exact_beside_writers_of_every_kind(
    primary: EmbeddedPostgres, record_property: Callable[[str, object], None]
) -> None:
    url = primary.urls().superuser_url
    execute(url, "CREATE TABLE seen_writes (xid bigint)", "GRANT SELECT ON seen_writes TO qa_read")
    with following(primary) as pair:
        looks = asyncio.run(_looked(pair))
        rows = KEPT.ask(url, lambda kept: kept.fetch("SELECT DISTINCT xid FROM seen_writes"))
    committed = {row["xid"] for row in rows}
    exact = [look for look in looks if look[1].is_as(look[0])]
    for _, ends, seen in exact:
        there = {xid for xid in committed if ends.first <= xid < ends.last}
        assert seen == there - {*(ends.open or ())}
    record_property("asked", len(looks))
    record_property("wrong", 0)
    most = max(len(ends.open or ()) for _, ends, _ in exact)
    record_property("told", [f"{len(exact)} at the first look, up to {most} open"])


Look = tuple[Ends, Ends, set[int]]


async def _looked(pair: Pair) -> list[Look]:
    over = asyncio.Event()
    url = pair.primary.urls().superuser_url
    writing = [asyncio.create_task(_write(url, number, over)) for number in range(WRITERS)]
    writing.append(asyncio.create_task(_drop(url, over)))
    looks: list[Look] = []
    reader = await asyncpg.connect(pair.standby.urls().read_url)
    try:
        while len(looks) < LOOKS:
            before = await Ends.seen(reader)
            async with reader.transaction(isolation="repeatable_read", readonly=True):
                ends = await Ends.seen(reader)
                found = "SELECT DISTINCT xid FROM seen_writes WHERE xid >= $1"
                seen = {row["xid"] for row in await reader.fetch(found, ends.first)}
            looks.append((before, ends, seen))
    finally:
        over.set()
        await reader.close()
        await asyncio.gather(*writing)
    return looks


async def _write(url: str, number: int, over: asyncio.Event) -> None:
    """Short and long transactions, some with many within them, some prepared, some given up."""
    random, connection = Random(f"{SEED} {number}"), await asyncpg.connect(url)
    while not over.is_set():
        how = random.random()
        await connection.execute("BEGIN")
        await connection.execute(NOTE)
        for _ in range(random.choice((0, 0, 3, 90)) if how < 0.3 else 0):
            within = connection.execute
            await within("SAVEPOINT one")
            await within(NOTE)
            await within("RELEASE one" if random.random() < 0.7 else "ROLLBACK TO one")
        await asyncio.sleep(random.random() * random.choice((0.001, 0.05, 0.5)))
        if how > 0.9:
            await connection.execute(f"PREPARE TRANSACTION 'seen {number}'")
            await asyncio.sleep(random.random() * 0.1)
            await connection.execute(f"COMMIT PREPARED 'seen {number}'")
        else:
            await connection.execute("COMMIT" if how > 0.1 else "ROLLBACK")
    await connection.close()


async def _drop(url: str, over: asyncio.Event) -> None:
    """Its replay goes on for a while after its transaction is no longer open."""
    connection = await asyncpg.connect(url)
    names = [f"dropped_{number}" for number in range(TABLES)]
    while not over.is_set():
        await connection.execute("; ".join(f"CREATE TABLE {name} (id int)" for name in names))
        async with connection.transaction():
            await connection.execute(NOTE)
            await connection.execute(f"DROP TABLE {', '.join(names)}")
    await connection.close()


# --- whoever follows by it ------------------------------------------------------------------------


@pytest.fixture
def world(
    clone_of_authority: Clone, authority: Settings, issuer: DevelopmentIssuer
) -> Iterator[tuple[World, Database]]:
    """Rows of every dataset."""
    database = clone_of_authority()
    with built(lambda: database, authority, issuer) as made:
        yield made, database


@pytest.mark.parametrize("delay", [0, 2], ids=["at-once", "two-seconds-later"])
def test_who_follows_by_a_replica_misses_nothing_and_is_sent_nothing_again(
    world: tuple[World, Database],
    issuer: DevelopmentIssuer,
    record_property: Callable[[str, object], None],
    delay: int,
) -> None:
    made, database = world
    assert database.log is not None
    note_writes(database.migrate_url)
    by: Counter[str] = Counter()
    copies = followers(issuer.issue(REPORTER), SEED)
    downloaders = [Downloader(copy.dataset, copy.headers, copy.random) for copy in copies]
    for copy in downloaders:
        copy.by = by
    with following(
        EmbeddedPostgres(database.log.parent), f"recovery_min_apply_delay = '{delay}s'"
    ) as pair:
        reports = SecretStr(pair.standby.urls(database.name).read_url)
        with serving(settings_for(database, issuer, report_url=reports)) as server:
            written = asyncio.run(
                _followed(server.url, database, issuer, downloaders, made.api.server.url)
            )
            pair.catch_up()
            asyncio.run(_followed_to_the_end(server.url, downloaders))
    nothing_is_missed_or_repeated(database, [*downloaders])
    assert by["replica"] > len(copies)
    record_property("asked", sum(copy.pulls for copy in downloaders))
    record_property("wrong", 0)
    told = ", ".join(f"{count} by the {server_}" for server_, count in sorted(by.items()))
    record_property("told", [told, str(written)])


async def _followed(
    url: str,
    database: Database,
    issuer: DevelopmentIssuer,
    copies: list[Downloader],
    written_by: str,
) -> Written:
    rounds, written = Rounds(ROUNDS), Written()
    async with many_connections(16) as http:
        reading, writing_ = Patient(http, lambda: url), Patient(http, lambda: written_by)
        for copy in copies:
            copy.patient = reading
            await copy.begin()
        clients = Clients(writing_, issuer.issue, written)
        writing = asyncio.gather(*writers(database, [*copies], clients, rounds))
        while not rounds.over and not writing.done():
            for copy in copies:
                await copy.follow()
            rounds.gone_round()
        await writing
    return written


async def _followed_to_the_end(url: str, copies: list[Downloader]) -> None:
    async with many_connections(4) as http:
        for copy in copies:
            copy.patient = Patient(http, lambda: url)
            await copy.follow()
            assert await copy.follow() == 0, f"{copy.dataset}: sent although nothing has changed"
            rows, _ = await copy.anew()
            assert copy.rows == rows, copy.dataset


# --- servers that are lost ------------------------------------------------------------------------


def test_a_download_whose_replica_is_killed_is_unfinished_and_comes_whole_from_the_primary(
    primary: EmbeddedPostgres, served: Served
) -> None:
    execute(primary.urls().superuser_url, MANY)
    with following(primary) as pair:
        pair.catch_up()
        api = served(report_url=secret(pair.standby))
        headers = {"authorization": f"Bearer {api.token()}"}
        url = f"{api.server.url}/v1/reporting/workers?format=csv"
        with httpx.stream("GET", url, headers=headers, trust_env=False) as cut:
            assert AS_AT in cut.headers
            pieces = cut.iter_raw(1_000)
            assert next(pieces)
            pid = pair.standby.pid
            assert pid is not None
            os.kill(pid, signal.SIGQUIT)
            until(lambda: pair.standby.ended() is not None)
            with pytest.raises(httpx.TransportError):
                b"".join(pieces)
        assert kept(api, cut)["state"] == "unfinished"
        again = download(api, "workers", "csv")
        assert AS_AT not in again.headers
        assert again.text.count("\n") > 150_000
        assert kept(api, again)["state"] == "finished"


def test_a_replica_of_a_server_that_was_replaced_answers_nothing(
    primary: EmbeddedPostgres, served: Served
) -> None:
    with following(primary) as left, following(primary) as taking_over:
        taking_over.catch_up()
        before = served(report_url=secret(left.standby))
        assert AS_AT in download(before, "services", "csv").headers
        cut_off = "ALTER SYSTEM SET primary_conninfo = ''"
        execute(taking_over.standby.urls().superuser_url, cut_off, "SELECT pg_reload_conf()")
        receivers = "SELECT count(*) FROM pg_stat_wal_receiver"
        until(lambda: taking_over.asked_of_standby(receivers) == 0)
        lost = "INSERT INTO services (code, name, version) VALUES ('lost', 'Lost', 1)"
        execute(primary.urls().superuser_url, lost)
        left.catch_up()
        assert "lost" in download(before, "services", "csv").text
        assert taking_over.asked_of_standby("SELECT pg_promote()")

        reports, leader = secret(left.standby), taking_over.standby
        changes = secret(leader, "database_url")
        after = served(report_url=reports, read_url=secret(leader), database_url=changes)
        answer = download(after, "services", "csv")
        assert (AS_AT in answer.headers, "lost" in answer.text) == (False, False)
        assert AS_AT not in after.get("/v1/reporting/metrics/2026-27 Q3").headers
        # While it takes over: what was read follows the former leader, the entry is the new one's.
        between = served(report_url=reports, database_url=changes)
        assert AS_AT not in download(between, "services", "csv").headers
