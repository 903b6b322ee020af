"""Processes of the service that one process owns: one that ends by itself is started again.

A development service's, with its database; or those of `qa-api serve --processes`.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Self

from qa_api.embedded import EmbeddedPostgres, EmbeddedPostgresError

Say = Callable[[str], None]

STOPPED_WITHIN: Final = 25.0
"""Seconds that a process may take to finish what it does; then it is killed."""
MOST_RESTARTS: Final = 3
"""Times that a process which ended by itself is started again within `RESTARTS_WITHIN` seconds."""
RESTARTS_WITHIN: Final = 60.0


class Stopped(BaseException):
    """Somebody asked for the end: Ctrl-C or SIGTERM."""


class Children:
    """The processes of the service; all end with the block, and with this process.

    `server` is the database they work on, where it is ours too.
    """

    def __init__(self, environment: dict[str, str], server: EmbeddedPostgres | None) -> None:
        self._environment = environment
        self._server = server
        self._commands: dict[str, tuple[tuple[str, ...], int | None]] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._restarts: list[float] = []

    def start(self, name: str, *command: str, keep: int | None = None) -> None:
        """Start `qa-api` with a command; `keep` is a descriptor that it inherits."""
        if (before := self._processes.get(name)) is not None and before.stdin is not None:
            before.stdin.close()
        self._commands[name] = (command, keep)
        self._processes[name] = subprocess.Popen(
            [sys.executable, "-m", "qa_api", *command, "--tied"],
            stdin=subprocess.PIPE,  # its end tells the child that this process is gone
            env=self._environment,
            pass_fds=() if keep is None else (keep,),
        )

    def pid(self, name: str) -> int:
        """The process id of one of them."""
        return self._processes[name].pid

    def end(self, name: str) -> int:
        """Have one of them stop in order; its exit status, negative if it had to be killed."""
        process = self._processes[name]
        process.terminate()
        return _wait_for_end(process, time.monotonic() + STOPPED_WITHIN)

    def ended(self) -> dict[str, int]:
        """Who has ended, with the exit status."""
        statuses = {name: process.poll() for name, process in self._processes.items()}
        return {name: status for name, status in statuses.items() if status is not None}

    def watch(self, say: Say) -> None:
        """Start again what ends by itself; returns when that happens too often."""
        while self.keep(say):
            time.sleep(0.2)

    def keep(self, say: Say) -> bool:
        """Start again what has ended by itself; False when that happens too often."""
        if not self.keep_database(say):
            return False
        for name, status in self.ended().items():
            if not self._may_restart(name, status, say):
                return False
            command, keep = self._commands[name]
            self.start(name, *command, keep=keep)
        return True

    def keep_database(self, say: Say) -> bool:
        """Start our own database again if it has ended; False when that happens too often."""
        if self._server is None or (status := self._server.ended()) is None:
            return True
        if not self._may_restart("PostgreSQL", status, say):
            return False
        try:
            self._server.start()
        except EmbeddedPostgresError as fault:
            say(f"{fault}; stopping everything")
            return False
        say("PostgreSQL takes queries again")
        return True

    def _may_restart(self, name: str, status: int, say: Say) -> bool:
        what = name if name == "PostgreSQL" else f"the {name}"
        now = time.monotonic()
        self._restarts = [t for t in self._restarts if now - t < RESTARTS_WITHIN]
        if len(self._restarts) >= MOST_RESTARTS:
            say(f"{what} keeps ending (exit {status}); stopping everything")
            return False
        say(f"{what} ended by itself (exit {status}); starting it again")
        self._restarts.append(now)
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes.values():
            process.terminate()
        give_up = time.monotonic() + STOPPED_WITHIN
        for process in self._processes.values():
            _wait_for_end(process, give_up)
            if process.stdin is not None:
                process.stdin.close()


def _wait_for_end(process: subprocess.Popen[bytes], give_up: float) -> int:
    try:
        return process.wait(max(0.1, give_up - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def computed(pid: int) -> int | None:
    """How much processor time a process has used, in ticks; None where nobody can say."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(words[11]) + int(words[12])


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Inside, the first SIGTERM or SIGINT raises Stopped; what follows is not disturbed again."""

    asked = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    except Exception:
        if asked:  # a library took it for a fault of its own
            raise Stopped from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
