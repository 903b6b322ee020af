"""A server that follows another one as it goes, made with PostgreSQL's own programs."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg

from qa_api.embedded import EmbeddedPostgres
from tests.kept import KEPT
from tests.scratch import scratch_directory
from tests.test_main import until

FLUSHED: Final = "SELECT pg_logical_emit_message(true, 'tests', '')"
WRITTEN: Final = "SELECT pg_current_wal_insert_lsn()::text"
REPLAYED: Final = "SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn"


@dataclass
class Pair:
    """A server that takes changes, and one that follows it."""

    primary: EmbeddedPostgres
    standby: EmbeddedPostgres

    def catch_up(self) -> None:
        """Wait until all that has been written is replayed."""
        asyncio.run(_flush(self.primary.urls().superuser_url))
        written = self.asked_of_primary(WRITTEN)
        until(lambda: self.asked_of_standby(REPLAYED, written))

    def hold(self) -> None:
        """Let the standby stay as it is from now on."""
        self.catch_up()
        self.asked_of_standby("SELECT pg_wal_replay_pause()")
        state = "SELECT pg_get_wal_replay_pause_state()"
        until(lambda: self.asked_of_standby(state) == "paused")

    def let_go(self) -> None:
        """Let it follow again."""
        self.asked_of_standby("SELECT pg_wal_replay_resume()")
        self.catch_up()

    def asked_of_primary(self, question: str, *values: object) -> object:
        """One value, as its superuser."""
        return _asked(self.primary, question, *values)

    def asked_of_standby(self, question: str, *values: object) -> object:
        """One value, as its superuser."""
        return _asked(self.standby, question, *values)


@contextmanager
def following(primary: EmbeddedPostgres, *settings: str) -> Iterator[Pair]:
    """A standby of a server until the block ends, with lines of its own configuration."""
    with scratch_directory() as directory:
        standby = EmbeddedPostgres(directory, fsync=False)
        program = primary._binaries / "pg_basebackup"
        address = primary.urls("postgres").superuser_url
        options = ("--checkpoint=fast", "--no-sync", "--write-recovery-conf")
        where = f"--pgdata={standby._layout.cluster}"
        command = primary._account.command(program, f"--dbname={address}", *options, where)
        subprocess.run(command, check=True, capture_output=True, cwd="/")
        with (standby._layout.cluster / "postgresql.auto.conf").open("a") as told:
            told.writelines(f"{line}\n" for line in ("hot_standby_feedback = on", *settings))
        standby.start()
        try:
            yield Pair(primary, standby)
        finally:
            KEPT.close()
            standby.stop()


async def _flush(url: str) -> None:
    connection = await asyncpg.connect(url, server_settings={"synchronous_commit": "local"})
    try:
        await connection.execute(FLUSHED)
    finally:
        await connection.close()


def _asked(server: EmbeddedPostgres, question: str, *values: object) -> object:
    url = server.urls().superuser_url
    return KEPT.ask(url, lambda kept: kept.fetchval(question, *values))
