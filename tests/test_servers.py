"""Of several servers that a URL names, the one that takes changes is found, also after another."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import asyncpg
import pytest
from pydantic import SecretStr

from qa_api import db, notices
from qa_api.__main__ import main
from qa_api.attempts import DATABASE_FAULTS
from qa_api.db import Database, DatabaseAway, connect
from qa_api.embedded import running
from qa_api.embedded.account import available_account
from qa_api.embedded.layout import binaries_for, lay_out
from qa_api.embedded.server import ENVIRONMENT
from qa_api.servers import Servers, dsn_arguments
from qa_api.settings import Settings
from tests.scratch import scratch_directory
from tests.test_main import postmaster_of

CHANNEL: Final = "failover"
WAITS_FOR_STANDBY: Final = """
SELECT count(*) FROM pg_stat_activity WHERE usename = 'qa_app' AND wait_event = 'SyncRep'
"""
FOLLOWS: Final = "SELECT pg_is_in_recovery()"


@pytest.mark.parametrize(
    ("url", "host", "port", "wanted"),
    [
        pytest.param("postgresql://qa_app@one/qa", "one", 5432, None, id="one"),
        pytest.param("postgresql://qa_app@one:6/qa", "one", 6, None, id="port"),
        pytest.param("postgresql://qa_app@/qa?host=/run/pg", "/run/pg", 5432, None, id="socket"),
        pytest.param("postgresql:///qa", None, None, None, id="none"),
        pytest.param(
            "postgresql://qa_app@one,two:6,[::1]:7/qa",
            ["one", "two", "::1"],
            [5432, 6, 7],
            "read-write",
            id="several",
        ),
        pytest.param(
            "postgresql://qa_app@one,two/qa?target_session_attrs=primary",
            ["one", "two"],
            [5432, 5432],
            "primary",
            id="which",
        ),
        pytest.param(
            "postgresql://qa_app@/qa?host=/one,/two&port=6,7",
            ["/one", "/two"],
            [6, 7],
            "read-write",
            id="sockets",
        ),
        pytest.param(
            "postgresql://qa_app@/qa?host=/one,/two&port=6",
            ["/one", "/two"],
            [6, 6],
            "read-write",
            id="one port",
        ),
    ],
)
def test_a_url_names_one_server_or_several(
    url: str, host: object, port: object, wanted: str | None
) -> None:
    found = dsn_arguments(url)
    assert (found.get("host"), found.get("port")) == (host, port)
    assert found.get("target_session_attrs") == wanted
    assert found["database"] == "qa"


def test_a_password_is_not_taken_for_a_server() -> None:
    found = dsn_arguments("postgresql://qa_app:a%2Cb%40c@one:5,two:6/qa")
    assert (found["user"], found["password"]) == ("qa_app", "a,b@c")
    assert found["host"] == ["one", "two"]


MEANINGLESS: Final = {
    "ports": ("postgresql://qa_app:secret@/qa?host=/one,/two,/three&port=6,7", "ports"),
    "kind": ("postgresql://qa_app:secret@/qa?target_session_attrs=best", "target_session_attrs"),
    "encryption": ("postgresql://qa_app:secret@one/qa?sslmode=secret", "sslmode"),
    "port": ("postgresql://qa_app:secret@one:secret/qa", "a port"),
    "port of a socket": ("postgresql://qa_app@/qa?host=/one&port=secret", "a port"),
    "no port": ("postgresql://qa_app:secret@one:70000/qa", "a port"),
    "slash in a password": ("postgresql://qa_app:sec/ret@one/qa", "%2F"),
    "bracket": ("postgresql://qa_app:secret@[::1/qa", "postgresql://role"),
    "name": ("postgresql://qa_app:secret@one..secret/qa", "host"),
    "another database": ("mysql://qa_app:secret@one/qa", "begins with postgresql://"),
    "words": ("secret", "begins with postgresql://"),
}
"""URLs that mean nothing, and what is said of each."""


@pytest.mark.parametrize("name", MEANINGLESS)
def test_a_url_that_means_nothing_is_refused(name: str) -> None:
    url, said = MEANINGLESS[name]
    with pytest.raises(DatabaseAway, match=said) as told:
        asyncio.run(connect("QA_MIGRATE_URL", SecretStr(url)))
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "variable", ["QA_DATABASE_URL", "QA_READ_URL", "QA_REPORT_URL", "QA_WEBHOOK_TARGETS"]
)
@pytest.mark.parametrize("command", ["serve", "serve --processes 2", "worker"])
def test_service_and_worker_say_in_a_line_that_a_setting_means_nothing(
    command: str,
    variable: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("QA_ENVIRONMENT", "development")
    monkeypatch.setenv("QA_DATABASE_URL", "postgresql://qa_app@127.0.0.1:1/qa")
    monkeypatch.setenv(variable, "postgresql://qa_app:secret@127.0.0.1:port/qa")
    assert main(command.split()) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"qa-api: the settings are not right: {variable}: ")
    assert "secret" not in said


@contextmanager
def pair() -> Iterator[tuple[Path, Path]]:
    """The data directories of a server and of a standby that follows it."""
    account = available_account()
    binaries, major = binaries_for(account)
    with scratch_directory() as directory:
        first, second = directory / "first", directory / "second"
        with running(first, fsync=False) as server:
            cluster = lay_out(second, account, major).cluster
            copy = account.command(
                *(binaries / "pg_basebackup", "-D", cluster, "--checkpoint=fast", "-R"),
                *("--no-sync", "-d", server.urls().superuser_url),
            )
            subprocess.run(copy, check=True, cwd="/", env=ENVIRONMENT)
            with running(second, fsync=False):
                yield first, second


def url_of(role: str, *data: Path) -> str:
    account = available_account()
    sockets = [str(lay_out(each, account, binaries_for(account)[1]).socket_dir) for each in data]
    return f"postgresql://{role}@/qa?host={quote(','.join(sockets))}"


@contextmanager
def standing_still(data: Path) -> Iterator[None]:
    """A server all of whose processes hang: connections to it are made, and nothing answers."""
    server = postmaster_of(data)
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    standing = [server, *map(int, children)]
    for pid in standing:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in standing:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


async def by_all(database: Database) -> list[bool]:
    """Whether each pool is at a server that follows another one."""
    async with database.transaction() as made:
        found = [await made.driver.fetchval(FOLLOWS)]
    for pool in (database.logged_reads, database.plain_reads):
        async with pool.acquire(timeout=5) as connection:
            found.append(await connection.fetchval(FOLLOWS))
    return found


async def eventually(ask: Callable[[], Awaitable[Any]]) -> Any:
    """What is answered at last where the database does not answer at first."""
    for _ in range(100):
        try:
            return await ask()
        except DATABASE_FAULTS:
            await asyncio.sleep(0.05)
    return await ask()


@pytest.mark.long
def test_all_connections_move_to_the_server_that_takes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notices, "SEEN_EVERY", 0.2)
    monkeypatch.setattr(notices, "RECONNECT_AFTER", 0.05)
    with pair() as (first, second):
        settings = Settings(
            environment="development",
            database_url=SecretStr(url_of("qa_app", second, first)),
            read_url=SecretStr(url_of("qa_read", second, first)),
            connect_timeout_seconds=0.5,
            command_timeout_seconds=0.5,
        )
        owner = SecretStr(url_of("qa_owner", second, first))
        successor = url_of("postgres", second)
        stranger = Servers.of(url_of("stranger", second.with_name("nowhere"), first))

        async def story() -> None:
            heard = asyncio.Event()
            listening = asyncio.create_task(notices.listen(settings, CHANNEL, heard.set))
            database = await Database.open(settings)
            try:
                await heard.wait()
                assert await by_all(database) == [False] * 3
                await what_no_standby_has_is_not_done(database, first)
                await a_standby_is_not_kept(second)
                with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                    await stranger.connect(timeout=5)
                with standing_still(first):
                    heard.clear()
                    promoting = await asyncpg.connect(**dsn_arguments(successor))
                    await promoting.fetchval("SELECT pg_promote()")
                    assert await eventually(lambda: by_all(database)) == [False] * 3
                    command = await connect("QA_MIGRATE_URL", owner)
                    assert not await command.fetchval(FOLLOWS)
                    await command.close()
                    await heard.wait()  # listening again
                    heard.clear()
                    await promoting.execute(f"NOTIFY {CHANNEL}")
                    await heard.wait()
                    await promoting.close()
            finally:
                listening.cancel()
                await database.close()
            await connections_to_one_that_hangs_are_cut(second, monkeypatch)

        asyncio.run(asyncio.wait_for(story(), 60))


async def connections_to_one_that_hangs_are_cut(
    server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of a process nobody waits for a database for as long as for its answers."""
    monkeypatch.setattr(db, "CLOSED_WITHIN", 0.2)
    settings = Settings(
        environment="development",
        database_url=SecretStr(url_of("qa_app", server)),
        read_url=SecretStr(url_of("qa_read", server)),
        command_timeout_seconds=600,
    )
    database = await Database.open(settings)
    assert await by_all(database) == [False] * 3
    async with database.logged_reads.acquire() as kept:
        reading = kept._con
        with standing_still(server):
            asking = asyncio.create_task(kept.fetchval(FOLLOWS))
            await asyncio.sleep(0)
            await asyncio.wait_for(database.close(), 30)
            assert reading.is_closed()
            await asyncio.wait([asking])
        assert asking.exception() is not None


async def what_no_standby_has_is_not_done(database: Database, server: Path) -> None:
    """A commit that waits for a standby in vain is told to nobody, whoever stops waiting for it."""
    owner = await asyncpg.connect(**dsn_arguments(url_of("qa_owner", server)))
    await owner.execute("CREATE TABLE kept (number int); GRANT INSERT ON kept TO qa_app")
    superuser = await asyncpg.connect(**dsn_arguments(url_of("postgres", server)))

    async def wait_for(standby: str) -> None:
        await superuser.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
        await superuser.execute("SELECT pg_reload_conf()")

    async def keep() -> None:
        async with database.transaction() as made:
            await made.driver.execute("SET LOCAL synchronous_commit = on")
            await made.driver.execute("INSERT INTO kept VALUES (1)")

    async def many() -> int:
        return int(await owner.fetchval("SELECT count(*) FROM kept"))

    async def waiting() -> int:
        return int(await superuser.fetchval(WAITS_FOR_STANDBY))

    await wait_for("nobody")
    acknowledged = 0
    for waited_before, stopped in enumerate((True, False)):
        # What is kept before the server hears of it waits for nobody.
        while await waiting() == waited_before:
            keeping = asyncio.create_task(keep())
            while not keeping.done() and await waiting() == waited_before:  # noqa: ASYNC110 - in PostgreSQL
                await asyncio.sleep(0.01)
            if stopped:
                keeping.cancel()
            await asyncio.wait([keeping])
            acknowledged += not keeping.cancelled() and keeping.exception() is None
    assert await many() == acknowledged
    await wait_for("")
    while await many() < acknowledged + 2:  # noqa: ASYNC110 - in another process
        await asyncio.sleep(0.01)
    await owner.close()
    await superuser.close()


async def a_standby_is_not_kept(standby: Path) -> None:
    """A URL that names one server, which follows another one now: connections to it are let go."""
    settings = Settings(
        environment="development",
        database_url=SecretStr(url_of("qa_app", standby)),
        read_url=SecretStr(url_of("qa_read", standby)),
    )
    database = await Database.open(settings)
    try:
        changing = []

        async def change() -> None:
            async with database.transaction() as made:
                changing.append(made.driver)
                await made.driver.execute("CREATE TABLE change ()")

        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await change()
        assert changing[0].is_closed()
        async with database.logged_reads.acquire() as reading:
            kept = reading._con
            assert await reading.fetchval(FOLLOWS)
        await asyncio.sleep(0)
        assert kept.is_closed()
    finally:
        await database.close()
