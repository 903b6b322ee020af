"""Where the files of one embedded server are.

Beside the data directory itself, a server that runs as another account may need its cluster and
its programs in a place that this account can enter, and a socket needs a short path.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from qa_api.embedded.account import Account
from qa_api.embedded.addresses import PORT, SOCKET_PATH_LIMIT
from qa_api.embedded.binaries import copy_of, find_binaries, major_version
from qa_api.embedded.errors import EmbeddedPostgresError, unusable

PERSISTENT = Path("/var/tmp")  # noqa: S108 - private directories, checked for their owner
SHORT = Path("/tmp")  # noqa: S108 - private directories, checked for their owner


@dataclass(frozen=True)
class Layout:
    """The places of one server; equal for equal data directories, so that others find it."""

    home: Path
    cluster: Path
    socket_dir: Path
    log: Path
    lock: Path

    @property
    def pid_file(self) -> Path:
        """Written by the server: its process id first, its state in line 8."""
        return self.cluster / "postmaster.pid"


def lay_out(data_dir: Path, account: Account, major: int) -> Layout:
    """Decide, and make, the directories of the server of `data_dir`."""
    data_dir = data_dir.resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise unusable(data_dir, fault) from None
    key = sha256(os.fsencode(data_dir)).hexdigest()[:16]
    home = data_dir / "postgres"
    if not account.can_enter(data_dir):
        home = PERSISTENT / f"qa-postgres-{account.owner}-{key}"
    account.make_private_directory(home)
    socket_dir = home / "socket"
    if len(os.fsencode(socket_dir / f".s.PGSQL.{PORT}")) > SOCKET_PATH_LIMIT:
        socket_dir = SHORT / f"qa-socket-{account.owner}-{key}"
    account.make_private_directory(socket_dir)
    return Layout(
        home=home,
        cluster=home / str(major),  # another major version cannot read it
        socket_dir=socket_dir,
        log=data_dir / "postgres.log",
        lock=data_dir / "postgres.lock",
    )


def binaries_for(account: Account) -> tuple[Path, int]:
    """The programs this account can start, and their major version; copied if they must be."""
    binaries = find_binaries()
    major = major_version(binaries)
    if account.can_run(binaries / "postgres", "--version"):
        return binaries, major
    key = sha256(os.fsencode(binaries)).hexdigest()[:16]
    target = PERSISTENT / f"qa-postgres-programs-{os.geteuid()}-{major}-{key}"
    copied = target / binaries.parent.parent.name / binaries.parent.name / binaries.name
    if not copied.is_dir():
        partial = Path(tempfile.mkdtemp(dir=PERSISTENT))
        copy_of(binaries, partial)
        try:
            partial.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(partial)
    if target.lstat().st_uid != os.geteuid() or not account.can_run(
        copied / "postgres", "--version"
    ):
        raise EmbeddedPostgresError(f"PostgreSQL's programs cannot be started from {target}")
    return copied, major
