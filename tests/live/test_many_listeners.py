"""Many who listen to one process and do nothing: what they take, and that all of them hear.

The suite has a few of them; `./dev drill live` has 2,000, and says what they took.
"""

import asyncio
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.api import Api, Server, client_of, contract
from tests.audits.auditing import MANAGER, SUPERVISOR, of_new_child
from tests.conftest import Database
from tests.drill import share
from tests.live.listening import WORK, begun

MANY = share(60) or 2_000
MOST_EACH = 100 * 1024 / 2_000
"""Kilobytes that one of them may take: 2,000 take at most 100 MB."""
OF_THE_FIRST = 12 * 1024
"""Kilobytes that the process takes once when it first tells anybody anything."""
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1"


@dataclass
class Process:
    """`qa-api serve` as its own process."""

    server: Server
    pid: int

    @property
    def kilobytes(self) -> int:
        """What it takes of memory."""
        return self._of("VmRSS:")

    @property
    def files(self) -> int:
        """How many files and connections it holds open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def _of(self, name: str) -> int:
        said = Path(f"/proc/{self.pid}/status").read_text()
        (line,) = (line for line in said.splitlines() if line.startswith(name))
        return int(line.split()[1])


@pytest.fixture
def process(database: Database, issuer: DevelopmentIssuer) -> Iterator[Process]:
    """Served as an operator serves it, but for how many may listen."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    settings = Settings()
    assert settings.live_listeners >= 2_000, "2,000 are let in as the service comes"
    running = subprocess.Popen(
        [sys.executable, "-m", "qa_api", "serve"],
        env={
            **kept,
            "QA_ENVIRONMENT": "development",
            "QA_DATABASE_URL": database.database_url,
            "QA_READ_URL": database.read_url,
            "QA_TOKEN_ISSUERS": f"[{issuer.settings.model_dump_json()}]",
            "QA_PORT": str(port),
            "QA_LIVE_LISTENERS_EACH": "2500",
            "QA_LOG_LEVEL": "error",
        },
    )
    url = f"http://127.0.0.1:{port}"
    try:
        with client_of(url) as client:
            until(lambda: _is_ready(client))
        yield Process(Server(url, contract()), running.pid)
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == -signal.SIGTERM, "it stops, and in time"


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds; fails after half a minute."""

    async def waiting() -> None:
        async with asyncio.timeout(30):
            while not holds():  # noqa: ASYNC110 - of another process there is nothing to await
                await asyncio.sleep(0.05)

    asyncio.run(waiting())


async def listen(server: Server, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """One who listens, with as little as that takes here."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=4_096)
    head = f"GET {WORK} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
    writer.write(head.encode())
    async with asyncio.timeout(30):
        while b"started" not in await reader.readline():
            pass
    return reader, writer


async def hears(reader: asyncio.StreamReader, path: str) -> bool:
    """Whether a change at this path is told."""
    async with asyncio.timeout(60):
        while line := await reader.readline():
            if path.encode() in line:
                return True
    return False


async def connections(database: Database) -> int:
    """How many connections there are to the database."""
    connection = await asyncpg.connect(database.migrate_url)
    try:
        found: int = await connection.fetchval(CONNECTIONS, database.name)
        return found
    finally:
        await connection.close()


@pytest.mark.long
def test_many_listen_and_take_little(
    process: Process,
    database: Database,
    issuer: DevelopmentIssuer,
    new_ref: Callable[[], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8_192), hard))
    with Api(process.server, issuer) as api:
        case = of_new_child(api, new_ref)
        idle = process.kilobytes
        with begun(api.as_(SUPERVISOR)) as first:
            audit = f"/v1/audits/{case.plan(auditor=SUPERVISOR)['id']}"
            assert first.changes(until=audit)
        until(lambda: process.files < 40)
        warm, files = process.kilobytes, process.files
        tokens = [api.as_(person).token() for person in (SUPERVISOR, MANAGER, "qs-1")]

        async def many() -> tuple[int, int, int]:
            before = await connections(database)
            listeners = []
            for start in range(0, MANY, 20):
                batch = range(start, min(start + 20, MANY))
                asked = (listen(process.server, tokens[number % 3]) for number in batch)
                listeners += await asyncio.gather(*asked)
            taken = process.kilobytes
            more = await connections(database) - before
            told = asyncio.gather(*(hears(reader, audit) for reader, _ in listeners))
            cancel = asyncio.to_thread(
                lambda: api.as_("qs-1").act(f"{audit}/cancel", {"reason": "Opened twice."})
            )
            answer, heard = await asyncio.gather(cancel, told)
            assert answer.status_code == 200, answer.text
            for _, writer in listeners:
                writer.close()
            return taken, more, sum(heard)

        taken, more, heard = asyncio.run(many())
        until(lambda: process.files <= files + 10)
        left = process.kilobytes
    with capsys.disabled():
        print(  # noqa: T201 - what a drill says
            f"\n{MANY} listeners: {(taken - idle) / 1024:.1f} MB above the idle process"
            f" ({(taken - warm) / MANY:.1f} KB each), {more} connections to the database more;"
            f" {heard} heard one change; {(left - idle) / 1024:.1f} MB above it when all had gone"
        )
    assert heard == MANY
    assert more <= Settings().read_pool_size, "those of the pool, and no more"
    assert taken - idle <= MANY * MOST_EACH + (OF_THE_FIRST if MANY < 2_000 else 0)
