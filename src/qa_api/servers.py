"""The servers that a PostgreSQL URL names, and the connection to the one that takes changes.

In a cluster another server takes over when the first one is lost, so a URL may name several. The
driver asks them one behind the other within one time-out: a server that hangs, or whose machine is
gone without a word, would keep it from the next. Here the next is asked beside it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from weakref import WeakKeyDictionary

import asyncpg
from pydantic import SecretStr

from qa_api.attempts import DRIVER_FAULTS


class MeansNothing(ValueError):
    """A URL that names no servers; the message says why, and repeats nothing of it."""


Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Address = tuple[str, int]

PORT: Final = 5432
ASKED_BESIDE_AFTER: Final = 0.3
"""Seconds that a server has to answer before the next one is asked too."""
KINDS: Final = ("any", "primary", "read-write", "standby", "read-only")
"""What `target_session_attrs` may ask of a server."""
ENCRYPTED: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""What `sslmode` may ask of a connection."""
_NO_ANSWER: Final = (OSError, *DRIVER_FAULTS)


def dsn_arguments(url: str, wanted: str | None = None) -> dict[str, Any]:
    """A PostgreSQL URL as asyncpg's arguments; `?host=/dir` names a unix socket's directory.

    What `wanted` says is wanted, unless `target_session_attrs` says otherwise; without either, of
    several hosts (`host-1:5432,host-2:5432`) one that takes changes. Raises MeansNothing.
    """
    parts = _parts(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    addresses = _addresses(parts.netloc.rpartition("@")[2], query)
    several = len(addresses) > 1
    wanted = wanted or ("read-write" if several else None)
    wanted = query.get("target_session_attrs", wanted)
    if wanted is not None and wanted not in KINDS:
        raise MeansNothing(f"target_session_attrs is one of {', '.join(KINDS)}")
    encrypted = query.get("sslmode") or query.get("ssl")
    if encrypted is not None and encrypted not in ENCRYPTED:
        raise MeansNothing(f"sslmode is one of {', '.join(ENCRYPTED)}")
    hosts, ports = [host for host, _ in addresses], [port for _, port in addresses]
    arguments: dict[str, Any] = {
        "host": hosts if several else next(iter(hosts), None),
        "port": ports if several else next(iter(ports), None),
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "database": parts.path.lstrip("/") or None,
        "ssl": encrypted,
        "target_session_attrs": wanted,
    }
    return {name: value for name, value in arguments.items() if value is not None}


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise MeansNothing("a database URL is postgresql://role:password@host:port/name") from None
    if parts.scheme not in {"postgresql", "postgres"}:
        raise MeansNothing("a database URL begins with postgresql://")
    return parts


def _addresses(netloc: str, query: dict[str, str]) -> list[Address]:
    """Host and port of each server, in their order; none where the URL leaves it to the driver."""
    named = [part for part in (query.get("host") or netloc).split(",") if part]
    ports = [_port(port) for port in query.get("port", "").split(",") if port]
    if len(ports) not in {0, 1, len(named)}:
        raise MeansNothing("a database URL names as many ports as hosts, or one")
    found = []
    for number, name in enumerate(named):
        host, port = _apart(name)
        if ports:
            port = ports[number if len(ports) > 1 else 0]
        found.append((host, port or PORT))
    return found


def _apart(name: str) -> tuple[str, int | None]:
    if name.startswith("/"):
        return name, None
    try:
        host = unquote(urlsplit(f"//{name}").hostname or "")
        host.encode("idna")
    except ValueError:  # of IPv6, or of a name, which has no empty parts and no long ones
        raise MeansNothing("a database URL names no such host; IPv6 is written [::1]") from None
    written = name.rpartition("]")[2].partition(":")[2]
    return host, _port(written) if written else None


def _port(written: str) -> int:
    if written.isdecimal() and written.isascii() and 0 < int(written[:6]) < 65_536:
        return int(written)
    raise MeansNothing(
        "a port of a database URL is a number from 1 to 65535 (in a password %2F stands for /,"
        " %23 for #, %3A for :, %3F for ?, %40 for @)"
    )


@dataclass
class Servers:
    """The servers of one URL, and the connections to them that are open.

    Only one of them takes changes. So when a connection is made to another server than before, the
    one before has lost that part: the connections to it are ended, what is being asked on them too.
    Nobody need wait until each of them has timed out.
    """

    arguments: dict[str, Any]
    _open: "WeakKeyDictionary[Connection, Address]" = field(default_factory=WeakKeyDictionary)
    _answered: Address | None = None

    @classmethod
    def of(cls, url: str, wanted: str | None = None) -> "Servers":
        """Those that a URL names, of the kind that is wanted. Raises MeansNothing."""
        return cls(dsn_arguments(url, wanted))

    @classmethod
    def of_setting(cls, variable: str, url: SecretStr, wanted: str | None = None) -> "Servers":
        """Those of a URL that `variable` holds, which the fault names. Raises MeansNothing."""
        try:
            return cls.of(url.get_secret_value(), wanted)
        except MeansNothing as fault:
            raise MeansNothing(f"{variable}: {fault}") from None

    async def connect(self, *_: Any, **how: Any) -> Connection:
        """A connection to the server that is wanted; `how` goes to the driver.

        Its `timeout` is that of each server. Raises what the driver raises.
        """
        arguments = self._wanted(self.arguments | {n: v for n, v in how.items() if v is not None})
        addresses = self._in_order(arguments)
        if len(addresses) == 1:
            connection, address = await asyncpg.connect(**arguments), addresses[0]
        else:
            connection, address = await _first_of(addresses, arguments)
        self._came_to(address, connection)
        return connection

    def _wanted(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """A session that shall only read is told from a server that only reads."""
        settings = arguments.get("server_settings") or {}
        only_reads = settings.get("default_transaction_read_only") == "on"
        if only_reads and arguments.get("target_session_attrs") == "read-write":
            return arguments | {"target_session_attrs": "primary"}
        return arguments

    def _in_order(self, arguments: dict[str, Any]) -> list[Address]:
        """The one that answered last is asked first."""
        hosts, ports = arguments.get("host"), arguments.get("port")
        if not isinstance(hosts, list) or not isinstance(ports, list):
            return [(str(hosts), ports if isinstance(ports, int) else PORT)]
        addresses = list(zip(hosts, ports, strict=True))
        return sorted(addresses, key=lambda address: address != self._answered)

    def _came_to(self, address: Address, connection: Connection) -> None:
        for other, there in list(self._open.items()):
            if other.is_closed():
                del self._open[other]
            elif there != address or (is_standby(other) and not is_standby(connection)):
                other.terminate()
        self._open[connection] = address
        self._answered = address


def is_standby(connection: Connection) -> bool:
    """Whether its server has told that it follows another one. Asks nothing."""
    if connection.is_closed():
        return False
    return getattr(connection.get_settings(), "in_hot_standby", "off") == "on"


async def _first_of(
    addresses: Sequence[Address], arguments: dict[str, Any]
) -> tuple[Connection, Address]:
    """Ask one after the other, each beside those that have not answered yet."""
    waiting, asked = list(addresses), dict[asyncio.Task[Connection], Address]()
    faults: list[BaseException] = []
    try:
        while waiting or asked:
            if waiting:
                host, port = address = waiting.pop(0)
                one = asyncpg.connect(**arguments | {"host": host, "port": port})
                asked[asyncio.ensure_future(one)] = address
            done, _ = await asyncio.wait(
                asked,
                timeout=ASKED_BESIDE_AFTER if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                address = asked.pop(task)
                try:
                    return task.result(), address
                except _NO_ANSWER as fault:
                    faults.append(fault)
    finally:
        for task in asked:
            task.add_done_callback(_let_go)
            task.cancel()
    raise max(faults, key=_how_telling)


def _let_go(asked: asyncio.Task[Connection]) -> None:
    """One that has answered although nobody waits for it any more."""
    if not asked.cancelled() and asked.exception() is None:
        asked.result().terminate()


def _how_telling(fault: BaseException) -> int:
    """A server that lets nobody in says more than one that is not there or is not the right one."""
    if isinstance(fault, asyncpg.PostgresError):
        return 1 if isinstance(fault, asyncpg.CannotConnectNowError) else 2
    return 0
