"""A cluster that keeps its write-ahead log, and another one as the first was at a point in time.

With PostgreSQL's own programs, as the guide for operators says.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from qa_api.embedded import EmbeddedPostgres, running
from tests.conftest import execute
from tests.kept import KEPT
from tests.test_main import until

ARCHIVED: Final = """
SELECT last_archived_wal >= $1 AND failed_count = 0 FROM pg_stat_archiver
"""


@contextmanager
def archiving(data: Path) -> Iterator[tuple[EmbeddedPostgres, Path]]:
    """A server whose log is copied to a directory as it is written, and that directory."""
    with running(data) as server:
        archive = data / "archive"
        server._account.make_private_directory(archive)
        execute(
            server.urls().superuser_url,
            "ALTER SYSTEM SET archive_mode = on",
            f"ALTER SYSTEM SET archive_command = 'test ! -f {archive}/%f && cp %p {archive}/%f'",
        )
        server.stop()
        server.start()
        yield server, archive


def base_backup(server: EmbeddedPostgres, into: EmbeddedPostgres) -> None:
    """A physical copy of all files, made while the server works."""
    program = server._binaries / "pg_basebackup"
    address = server.urls("postgres").superuser_url
    options = ("--checkpoint=fast", "--wal-method=none", f"--pgdata={into._layout.cluster}")
    command = server._account.command(program, f"--dbname={address}", *options)
    subprocess.run(command, check=True, capture_output=True, cwd="/")


def archive_all(server: EmbeddedPostgres) -> None:
    """Whatever has been written is in the archive."""
    url = server.urls().superuser_url
    switched = "SELECT pg_walfile_name(pg_switch_wal())"
    newest = KEPT.ask(url, lambda kept: kept.fetchval(switched))
    until(lambda: KEPT.ask(url, lambda kept: kept.fetchval(ARCHIVED, newest)))


def recover(server: EmbeddedPostgres, archive: Path, moment: str) -> None:
    """Start it from its base backup, go on by the archive up to the moment, and then serve."""
    cluster = server._layout.cluster
    with (cluster / "postgresql.auto.conf").open("a") as settings:
        settings.write("archive_mode = off\n")
        settings.write(f"restore_command = 'cp {archive}/%f %p'\n")
        settings.write(f"recovery_target_time = '{moment}'\n")
        settings.write("recovery_target_action = promote\n")
        settings.write("hot_standby = off\n")
    (cluster / "recovery.signal").touch()
    server.start()
