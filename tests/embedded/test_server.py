"""The embedded server is real, private, and never outlives who started it."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from qa_api.embedded import EmbeddedPostgres, EmbeddedPostgresError, find_running, running
from tests.scratch import scratch_directory

OWNER_PROGRAM = """
import sys
import time
from pathlib import Path
from qa_api.embedded import running
with running(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with scratch_directory() as directory:
        yield directory


@pytest.fixture
def owner(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that runs the server, and the server's process id."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER_PROGRAM, str(data_dir)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "src"},
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
        process.kill()


def value(url: str, query: str) -> Any:
    async def once() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(once())


def comes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_gone(pid: int) -> bool:
    """Whether the process has ended; one that waits to be reaped has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.long
def test_what_was_written_is_there_after_a_restart(data_dir: Path) -> None:
    with running(data_dir, fsync=False) as server:
        value(server.urls().migrate_url, "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS n")
        first = server.pid
    assert first is not None
    assert is_gone(first)
    with running(data_dir, fsync=False) as server:
        assert value(server.urls().migrate_url, "SELECT n FROM kept") == 42


@pytest.mark.long
def test_each_role_is_itself_and_no_more(data_dir: Path) -> None:
    with running(data_dir, fsync=False) as server:
        urls = server.urls()
        for url, role in (
            (urls.database_url, "qa_app"),
            (urls.read_url, "qa_read"),
            (urls.migrate_url, "qa_owner"),
        ):
            assert value(url, "SELECT current_user::text") == role
            rights = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles"
            assert value(url, f"{rights} WHERE rolname = current_user") is False
        of_database = "SELECT pg_get_userbyid(datdba)::text FROM pg_database"
        of_this_database = f"{of_database} WHERE datname = current_database()"
        assert value(urls.migrate_url, of_this_database) == "qa_owner"
        assert value(urls.backup_url, "SELECT current_user::text") == "qa_backup"


@pytest.mark.long
def test_nothing_listens_on_the_network(data_dir: Path) -> None:
    with running(data_dir, fsync=False) as server:
        assert value(server.urls().read_url, "SHOW listen_addresses") == ""
        assert value(server.urls().read_url, "SHOW unix_socket_permissions") == "0700"


def test_a_refused_row_never_reaches_the_log(data_dir: Path) -> None:
    with running(data_dir, fsync=False) as server:
        url = server.urls().migrate_url
        value(url, "CREATE TABLE IF NOT EXISTS one_each (word text UNIQUE)")
        value(url, "INSERT INTO one_each VALUES ('mockingbird') ON CONFLICT DO NOTHING")
        with pytest.raises(asyncpg.UniqueViolationError):
            value(url, "INSERT INTO one_each VALUES ('mockingbird')")
    log = (data_dir / "postgres.log").read_text()
    assert "one_each" in log
    assert "mockingbird" not in log


@pytest.mark.long
def test_several_run_side_by_side(data_dir: Path) -> None:
    with (
        scratch_directory() as other_dir,
        running(data_dir, fsync=False) as one,
        running(other_dir, fsync=False) as other,
    ):
        value(one.urls().migrate_url, "CREATE TABLE IF NOT EXISTS only_in_one (n int)")
        assert value(other.urls().migrate_url, "SELECT to_regclass('only_in_one')") is None


def test_the_death_of_the_owner_takes_the_server_along(
    owner: tuple[subprocess.Popen[str], int],
) -> None:
    process, server_pid = owner
    assert not is_gone(server_pid)
    process.send_signal(signal.SIGKILL)
    assert comes_true(lambda: is_gone(server_pid))


@pytest.mark.long
def test_a_killed_server_recovers_at_the_next_start(
    data_dir: Path, owner: tuple[subprocess.Popen[str], int]
) -> None:
    process, server_pid = owner
    urls = find_running(data_dir)
    assert urls is not None
    value(urls.migrate_url, "CREATE TABLE IF NOT EXISTS survived AS SELECT 7 AS n")
    os.kill(server_pid, signal.SIGKILL)
    process.kill()
    process.wait()
    with running(data_dir) as server:
        assert server.pid != server_pid
        assert value(server.urls().migrate_url, "SELECT n FROM survived") == 7


def test_another_process_finds_it_and_may_not_start_it_twice(
    data_dir: Path, owner: tuple[subprocess.Popen[str], int]
) -> None:
    urls = find_running(data_dir)
    assert urls is not None
    assert value(urls.read_url, "SELECT 1") == 1
    with pytest.raises(EmbeddedPostgresError, match="another process"):
        EmbeddedPostgres(data_dir).start()
    assert value(urls.read_url, "SELECT 1") == 1


def test_nobody_finds_one_that_does_not_run(data_dir: Path) -> None:
    assert find_running(data_dir) is None
    assert find_running(data_dir / "nowhere") is None


def test_it_is_not_started_from_a_thread_that_may_end_first(data_dir: Path) -> None:
    refused: list[Exception] = []

    def start() -> None:
        try:
            EmbeddedPostgres(data_dir).start()
        except EmbeddedPostgresError as error:
            refused.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert len(refused) == 1


@pytest.mark.long
def test_an_unfinished_preparation_is_begun_anew(data_dir: Path) -> None:
    with scratch_directory() as new_dir:
        server = EmbeddedPostgres(new_dir, fsync=False)
        unfinished = new_dir / "postgres" / f"{server.major}.unfinished"
        unfinished.mkdir()
        (unfinished / "PG_VERSION").write_text("half")
        server.start()
        try:
            assert value(server.urls().read_url, "SELECT 1") == 1
        finally:
            server.stop()
        assert not unfinished.exists()
