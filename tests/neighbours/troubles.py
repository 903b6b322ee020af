"""What can be wrong beside the service: each begins with its block, and is over with it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event as Flag
from typing import Final

import asyncpg

from qa_api import clock
from tests.conftest import Database
from tests.http.test_waiting import locked
from tests.kept import KEPT
from tests.kills.killing import Machine
from tests.test_main import postmaster_of
from tests.worker.receiving import Answer, Received, Receiver

Trouble = Callable[[Machine, Receiver], AbstractContextManager[None]]


@contextmanager
def hanging_database(machine: Machine, _: Receiver) -> Iterator[None]:
    """PostgreSQL and all its processes stand still."""
    server = postmaster_of(machine.data)
    standing = [server, *_children_of(server)]
    for pid in standing:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in standing:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def hanging_receiver(_: Machine, receiver: Receiver) -> Iterator[None]:
    """Who is sent webhooks takes the connection and never answers."""
    over = Flag()

    def never(_received: Received) -> Answer:
        over.wait()
        return Answer()

    receiver.answer = never
    try:
        yield
    finally:
        receiver.answer = lambda _received: Answer()
        over.set()


@contextmanager
def read_only_server(machine: Machine, _: Receiver) -> Iterator[None]:
    """PostgreSQL takes no change, as a standby or a server whose operator says so."""
    url = machine.urls.superuser_url
    _as_superuser(url, "ALTER SYSTEM SET default_transaction_read_only = on")
    try:
        yield
    finally:
        _as_superuser(url, "ALTER SYSTEM RESET default_transaction_read_only")


@contextmanager
def held_lock(machine: Machine, _: Receiver) -> Iterator[None]:
    """Somebody holds a table that every change writes to, and does not let go."""
    with locked(_database(machine), "LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE"):
        yield


@contextmanager
def no_connection_left(machine: Machine, _: Receiver) -> Iterator[None]:
    """Others have taken every connection that PostgreSQL gives."""
    url = machine.urls.superuser_url
    _as_superuser(url, "ALTER DATABASE qa CONNECTION LIMIT 0")
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename ~ '^qa_'"
    _as_superuser(url, ended)
    try:
        yield
    finally:
        _as_superuser(url, "ALTER DATABASE qa CONNECTION LIMIT -1")


@contextmanager
def full_disk(machine: Machine, _: Receiver) -> Iterator[None]:
    """There is no room left where PostgreSQL keeps its files."""
    filling = machine.data / "filling"
    with filling.open("wb") as file:
        try:
            while True:
                file.write(bytes(1 << 16))
                file.flush()
        except OSError:
            pass
    try:
        yield
    finally:
        filling.unlink()


def clock_apart(by: timedelta) -> Trouble:
    """The clock of the service's machine is not that of the database and of who signs tokens."""

    @contextmanager
    def apart(machine: Machine, _: Receiver) -> Iterator[None]:
        assert machine.clock_file is not None
        clock.turn(machine.clock_file, clock.now() + by)
        try:
            yield
        finally:
            clock.turn(machine.clock_file, clock.now())

    return apart


TROUBLES: Final[dict[str, Trouble]] = {
    "a database that hangs": hanging_database,
    "a receiver that hangs": hanging_receiver,
    "a server that only reads": read_only_server,
    "a lock that somebody holds": held_lock,
    "no connection left": no_connection_left,
    "a full disk": full_disk,
    "a clock an hour ahead": clock_apart(timedelta(hours=1)),
    "a clock 25 seconds behind": clock_apart(timedelta(seconds=-25)),
}


def _children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _database(machine: Machine) -> Database:
    urls = machine.urls
    return Database("qa", urls.database_url, urls.read_url, urls.migrate_url)


def _as_superuser(url: str, statement: str) -> None:
    """Outside a transaction, and heard of by every session."""

    async def carry_out(kept: "asyncpg.Connection[asyncpg.Record]") -> None:
        await kept.execute("SET default_transaction_read_only = off")
        await kept.execute(statement)
        await kept.execute("SELECT pg_reload_conf()")

    KEPT.ask(url, carry_out)
    KEPT.close()
