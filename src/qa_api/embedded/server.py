"""The embedded server: prepared once, started and stopped with the process that owns it."""

import fcntl
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from qa_api.embedded.account import Account, available_account
from qa_api.embedded.addresses import BOOTSTRAP, DATABASE, Urls, urls_of
from qa_api.embedded.errors import EmbeddedPostgresError, unusable
from qa_api.embedded.layout import Layout, binaries_for, lay_out

READY_WITHIN = 60.0  # seconds; a crash recovery takes some of them
GONE_WITHIN = 15.0  # seconds that the processes of a killed server may take to leave
STOPPED_WITHIN = 30.0  # seconds before a stop becomes an immediate one
POLL = 0.02
LOG_LIMIT = 10_000_000  # bytes, at start
LEFTOVERS = (b'lock file "postmaster.pid" already exists', b"pre-existing shared memory block")
ENVIRONMENT = {"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)}

ALWAYS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A log line never holds a row, a parameter or the text of a statement.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# How a statement is planned follows from what a test says, and not from when rows were counted.
FOR_THE_DAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class EmbeddedPostgres:
    """One PostgreSQL server whose files live in and belong to `data_dir`.

    `fsync=False` is for databases that nobody will miss. The server ends with the thread that
    called `start`, however that ends, so start it from the main thread.
    """

    def __init__(self, data_dir: Path, *, fsync: bool = True) -> None:
        self._fsync = fsync
        self._account = available_account()
        self._binaries, self.major = binaries_for(self._account)
        self._layout = lay_out(data_dir, self._account, self.major)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[bytes] | None = None

    def urls(self, database: str = DATABASE) -> Urls:
        """How each role reaches `database`, whether or not the server runs now."""
        return urls_of(self._layout.socket_dir, database)

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs as a child of this process."""
        return None if self._process is None else self._process.pid

    def ended(self) -> int | None:
        """The exit status of a server that was started and has ended by itself; else None."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Prepare the cluster if it is new, start the server and return when it takes queries.

        One that has ended is started again.

        Raises EmbeddedPostgresError if another process runs it, or if it will not start.
        """
        if threading.current_thread() is not threading.main_thread():
            raise EmbeddedPostgresError("the server ends with its thread: start it in the main one")
        if self._process is not None and self._process.poll() is None:
            return
        self._take_lock()
        try:
            if not self._layout.cluster.exists():
                _prepare(self._layout, self._account, self._binaries, fsync=self._fsync)
            self._process = self._start_process()
        except BaseException:
            self._release_lock()
            raise

    def stop(self) -> None:
        """Stop cleanly: sessions are ended, everything committed is on disk."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)
        self._release_lock()

    def _start_process(self) -> subprocess.Popen[bytes]:
        give_up = time.monotonic() + GONE_WITHIN
        while True:
            process, log_start = self._spawn()
            try:
                if _becomes_ready(process, self._layout):
                    return process
            except BaseException:
                _end(process)
                raise
            said = _read_from(self._layout.log, log_start)
            if not any(leftover in said for leftover in LEFTOVERS) or time.monotonic() > give_up:
                raise EmbeddedPostgresError(f"PostgreSQL did not start; see {self._layout.log}")
            time.sleep(0.2)

    def _spawn(self) -> tuple[subprocess.Popen[bytes], int]:
        options = {"unix_socket_directories": str(self._layout.socket_dir), **ALWAYS}
        if not self._fsync:
            options |= FOR_THE_DAY
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = self._account.command_tied_to_parent(
            self._binaries / "postgres", "-D", self._layout.cluster, *arguments
        )
        with _open_log(self._layout.log) as log:
            log_start = log.tell()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,  # Ctrl-C is for the parent, which stops us in order
            )
        return process, log_start

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        try:
            lock = self._layout.lock.open("ab")
        except OSError as fault:
            raise unusable(self._layout.lock, fault) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise EmbeddedPostgresError(
                f"another process runs the database in {self._layout.lock.parent}"
            ) from None
        self._lock = lock

    def _release_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


@contextmanager
def running(data_dir: Path, *, fsync: bool = True) -> Iterator[EmbeddedPostgres]:
    """The server of `data_dir`, started here and stopped at the end."""
    server = EmbeddedPostgres(data_dir, fsync=fsync)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def find_running(data_dir: Path) -> Urls | None:
    """The addresses of the server that another process runs on `data_dir`, if one does."""
    if not data_dir.is_dir():
        return None
    account = available_account()
    layout = lay_out(data_dir, account, binaries_for(account)[1])
    if not layout.lock.exists():
        return None
    with layout.lock.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return urls_of(layout.socket_dir, DATABASE) if _says_ready(layout, None) else None
    return None


def _prepare(layout: Layout, account: Account, binaries: Path, *, fsync: bool) -> None:
    """Make the cluster with its roles and database, whole or not at all."""
    unfinished = layout.cluster.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    initdb = account.command_tied_to_parent(
        binaries / "initdb",
        *("-D", unfinished, "-U", "postgres", "--encoding=UTF8", "--no-locale"),
        *("--auth-local=trust", "--auth-host=reject"),
        *(() if fsync else ("--no-sync",)),
    )
    _run(initdb, layout.log)
    single_user = account.command_tied_to_parent(
        *(binaries / "postgres", "--single", "-D", unfinished, "-c", "exit_on_error=on"),
        *(() if fsync else ("-c", "fsync=off")),
        "template1",
    )
    _run(single_user, layout.log, BOOTSTRAP.encode())
    unfinished.rename(layout.cluster)


def _run(command: list[str | Path], log_path: Path, words: bytes = b"") -> None:
    with _open_log(log_path) as log:
        ended = subprocess.run(
            command, input=words, stdout=log, stderr=log, cwd="/", env=ENVIRONMENT, check=False
        )
    if ended.returncode != 0:
        raise EmbeddedPostgresError(f"PostgreSQL could not be prepared; see {log_path}")


def _becomes_ready(process: subprocess.Popen[bytes], layout: Layout) -> bool:
    """Wait until this very process says so; False when it ended instead."""
    give_up = time.monotonic() + READY_WITHIN
    while time.monotonic() < give_up:
        if process.poll() is not None:
            return False
        if _says_ready(layout, process.pid):
            return True
        time.sleep(POLL)
    raise EmbeddedPostgresError(f"PostgreSQL is not ready yet; see {layout.log}")


def _says_ready(layout: Layout, pid: int | None) -> bool:
    """Line 8 says ready, and line 1 is the expected process: a killed server leaves its file."""
    try:
        lines = layout.pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready" and pid in (None, int(lines[0]))


def _end(process: subprocess.Popen[bytes]) -> None:
    for how, seconds in ((signal.SIGINT, STOPPED_WITHIN), (signal.SIGQUIT, 10.0)):
        if process.poll() is None:
            process.send_signal(how)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()


def _open_log(path: Path) -> IO[bytes]:
    try:
        log = path.open("ab")
    except OSError as fault:
        raise unusable(path, fault) from None
    if log.tell() > LOG_LIMIT:
        log.truncate(0)
        log.seek(0)
    return log


def _read_from(path: Path, offset: int) -> bytes:
    with path.open("rb") as log:
        log.seek(offset)
        return log.read()
