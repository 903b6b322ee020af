"""Three PostgreSQL that follow each other under Patroni, and three etcd that say who leads."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import asyncpg
import httpx
import orjson

from qa_api.embedded.account import Account, available_account
from qa_api.embedded.addresses import BOOTSTRAP, DATABASE, ROLES, Urls
from qa_api.embedded.layout import Layout, binaries_for, lay_out
from tests.failover import programs

NAMES: Final = ("one", "two", "three")
TIME_TO_LIVE: Final = 20
"""Seconds after which a leader that says nothing is taken to be lost; the least Patroni allows."""
LOOKED_EVERY, TRIED_FOR = 5, 7
HOST: Final = "127.0.0.1"
PASSWORD: Final = "of a drill, nobody's"
COMES_ABOUT: Final = 120.0
"""Seconds after which what should come about is taken to have failed."""


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    held = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


@dataclass
class Etcd:
    """One of those who say who leads."""

    name: str
    client: int
    peer: int
    data: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self, all_of_them: list["Etcd"]) -> None:
        """Start it, or start it again."""
        program = programs.etcd()
        assert program is not None
        several = ",".join(f"{each.name}=http://{HOST}:{each.peer}" for each in all_of_them)
        words = {
            "name": self.name,
            "data-dir": str(self.data),
            "listen-client-urls": f"http://{HOST}:{self.client}",
            "advertise-client-urls": f"http://{HOST}:{self.client}",
            "listen-peer-urls": f"http://{HOST}:{self.peer}",
            "initial-advertise-peer-urls": f"http://{HOST}:{self.peer}",
            "initial-cluster": several,
        }
        with self.data.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, *(f"--{name}={value}" for name, value in words.items())],
                stdout=log,
                stderr=log,
            )

    def send(self, number: signal.Signals) -> None:
        """A signal; one that ends it is waited for."""
        assert self.process is not None
        self.process.send_signal(number)
        if number in {signal.SIGKILL, signal.SIGTERM}:
            self.process.wait()


@dataclass
class Node:
    """One PostgreSQL and the Patroni that minds it: a machine of the cluster."""

    name: str
    port: int
    rest: int
    layout: Layout
    account: Account
    process: "subprocess.Popen[bytes] | None" = None

    def start(self, program: Path) -> None:
        """Start Patroni, which starts PostgreSQL."""
        command = self.account.command_tied_to_parent(program, self.layout.home / "patroni.json")
        with self.layout.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd="/", start_new_session=True
            )

    @property
    def postgres(self) -> list[int]:
        """The processes of its PostgreSQL, the first of them before its children."""
        try:
            server = int(self.layout.pid_file.read_text().split()[0])
            children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        except (OSError, IndexError, ValueError):
            return []
        return [server, *map(int, children)]

    def send(self, number: signal.Signals, *, patroni: bool = True) -> None:
        """A signal to PostgreSQL and, unless told otherwise, to Patroni before it."""
        assert self.process is not None
        if patroni and self.process.poll() is None:
            self.process.send_signal(number)
        for pid in self.postgres:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if patroni and number == signal.SIGKILL:
            self.process.wait()

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """What its Patroni answers; None where it answers nothing."""
        try:
            url = f"http://{HOST}:{self.rest}{path}"
            answer = httpx.request(method, url, trust_env=False, timeout=10, **more)
            return answer.json() if method == "GET" else answer.text
        except (httpx.HTTPError, ValueError):
            return None


@dataclass
class Cluster:
    """The whole of it."""

    etcds: list[Etcd]
    nodes: list[Node]
    patroni: Path
    urls: Urls = field(init=False)

    def __post_init__(self) -> None:
        places = ",".join(f"{HOST}:{node.port}" for node in self.nodes)

        def url(role: str) -> str:
            wanted = "target_session_attrs=read-write"
            return f"postgresql://{role}:{quote(PASSWORD, safe='')}@{places}/{DATABASE}?{wanted}"

        self.urls = Urls(*map(url, ("qa_app", "qa_read", "qa_owner", "qa_backup", "postgres")))

    def roles(self) -> dict[str, str]:
        """What each node is, as one that answers says: leader, sync_standby, replica."""
        for node in self.nodes:
            told = node.ask("GET", "/cluster")
            if told is not None and "members" in told:
                up = {"running", "streaming"}
                return {
                    member["name"]: member["role"]
                    for member in told["members"]
                    if member["state"] in up
                }
        return {}

    def who(self, role: str) -> Node:
        """The node of a role; it comes about."""
        found: list[Node] = []

        def is_there() -> bool:
            roles = self.roles()
            found[:] = [node for node in self.nodes if roles.get(node.name) == role]
            return bool(found)

        comes_about(is_there, f"there is no {role}")
        return found[0]

    def is_whole(self) -> bool:
        """Whether all three are up, one leads and one is waited for by every commit."""
        return sorted(self.roles().values()) == ["leader", "replica", "sync_standby"]

    def until_whole(self) -> None:
        """Wait until it is; what has ended is started again."""
        for node in self.nodes:
            assert node.process is not None
            if node.process.poll() is not None:
                node.start(self.patroni)
        for each in self.etcds:
            assert each.process is not None
            if each.process.poll() is not None:
                each.start(self.etcds)
        comes_about(self.is_whole, "the cluster is not whole")


def comes_about(is_so: Callable[[], bool], otherwise: str) -> None:
    """Wait for it."""
    give_up = time.monotonic() + COMES_ABOUT
    while not is_so():
        assert time.monotonic() < give_up, otherwise
        time.sleep(0.2)


@contextmanager
def cluster_in(directory: Path) -> Iterator[Cluster]:
    """A cluster with the roles and the empty database of the service, until the block ends."""
    account = available_account()
    binaries, major = binaries_for(account)
    ports = iter(free_ports(4 * len(NAMES)))
    etcds = [Etcd(name, next(ports), next(ports), directory / f"etcd-{name}") for name in NAMES]
    nodes = [
        Node(name, next(ports), next(ports), lay_out(directory / name, account, major), account)
        for name in NAMES
    ]
    cluster = Cluster(etcds, nodes, programs.patroni())
    try:
        for each in etcds:
            each.start(etcds)
        for node in nodes:
            told = node.layout.home / "patroni.json"  # JSON is YAML
            told.write_bytes(orjson.dumps(_configuration(node, etcds, binaries)))
            node.start(cluster.patroni)
        comes_about(cluster.is_whole, "the cluster did not come up")
        asyncio.run(_prepare(cluster))
        yield cluster
    finally:
        for node in nodes:
            _end(node)
        for each in etcds:
            if each.process is not None:
                each.send(signal.SIGKILL)


def _end(node: Node) -> None:
    if node.process is not None:
        with suppress(ProcessLookupError):
            node.send(signal.SIGCONT)
        node.send(signal.SIGKILL)


def _configuration(node: Node, etcds: list[Etcd], binaries: Path) -> dict[str, Any]:
    place = f"{HOST}:{node.port}"
    return {
        "scope": "qa",
        "name": node.name,
        "restapi": {"listen": f"{HOST}:{node.rest}", "connect_address": f"{HOST}:{node.rest}"},
        "etcd3": {"hosts": [f"{HOST}:{each.client}" for each in etcds]},
        "bootstrap": {
            "dcs": {
                "ttl": TIME_TO_LIVE,
                "loop_wait": LOOKED_EVERY,
                "retry_timeout": TRIED_FOR,
                "synchronous_mode": True,
                "synchronous_mode_strict": True,
                "postgresql": {
                    "use_pg_rewind": True,
                    "parameters": {"max_connections": 200, "synchronous_commit": "on"},
                },
            },
            "initdb": [{"encoding": "UTF8"}, "no-locale", "data-checksums"],
        },
        "postgresql": {
            "listen": place,
            "connect_address": place,
            "data_dir": str(node.layout.cluster),
            "bin_dir": str(binaries),
            "pgpass": str(node.layout.home / "pgpass"),
            "authentication": {
                "superuser": {"username": "postgres", "password": PASSWORD},
                "replication": {"username": "replicator", "password": PASSWORD},
                "rewind": {"username": "rewinder", "password": PASSWORD},
            },
            "pg_hba": [
                "local all postgres trust",
                f"host all all {HOST}/32 scram-sha-256",
                f"host replication replicator {HOST}/32 scram-sha-256",
            ],
            "parameters": {
                "unix_socket_directories": str(node.layout.socket_dir),
                "shared_buffers": "128MB",
                "fsync": "off",  # processes are killed, no machine loses its memory
                "log_min_error_statement": "panic",
                "log_error_verbosity": "terse",
            },
        },
        "watchdog": {"mode": "off"},
        "tags": {},
    }


async def _prepare(cluster: Cluster) -> None:
    """The roles and the database, as the embedded server has them."""
    url = cluster.urls.superuser_url.replace(f"/{DATABASE}?", "/template1?")
    superuser = await asyncpg.connect(url)
    try:
        for command in BOOTSTRAP.splitlines():
            await superuser.execute(command)
        for role in ROLES:
            written = PASSWORD.replace("'", "''")
            await superuser.execute(f"ALTER ROLE {role} PASSWORD '{written}'")
    finally:
        await superuser.close()
