"""The service of a machine whose parts are killed one after the other."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final, Literal

import httpx

from qa_api.children import Children
from qa_api.embedded.addresses import Urls
from tests.kept import KEPT
from tests.patient import PATIENCE
from tests.test_main import postmaster_of

Part = Literal["API", "worker", "connection", "backend", "PostgreSQL"]
PARTS: Final[tuple[Part, ...]] = ("API", "worker", "connection", "backend", "PostgreSQL")
A_BACKEND: Final = """
SELECT pid FROM pg_stat_activity WHERE usename IN ('qa_app', 'qa_read') ORDER BY random() LIMIT 1
"""
"""One of the processes of the server that work for the service."""


@dataclass
class Machine:
    """A running service, its processes and its database."""

    url: str
    data: Path
    urls: Urls
    processes: Children
    clock_file: Path | None = None

    def kill(self, part: Part) -> None:
        """At once and without a warning, but for a connection, which is ended by the server."""
        match part:
            case "API" | "worker":
                os.kill(self.processes.pid(part), signal.SIGKILL)
            case "connection" | "backend":
                pid = KEPT.ask(self.urls.superuser_url, lambda kept: kept.fetchval(A_BACKEND))
                KEPT.close()  # this connection dies with any other process of the server
                if pid is not None:
                    os.kill(pid, signal.SIGTERM if part == "connection" else signal.SIGKILL)
            case "PostgreSQL":
                os.kill(postmaster_of(self.data), signal.SIGKILL)

    def until_ready(self) -> None:
        """Start again whatever ends, until the service says that it is ready."""
        self.stays_until(self._is_ready)

    def stays_until(self, is_so: Callable[[], bool]) -> None:
        """Start again whatever ends, until something holds."""
        give_up = time.monotonic() + 2 * PATIENCE
        while not is_so():
            assert time.monotonic() < give_up, "it never happened"
            assert self.processes.keep(lambda _line: None), "the service does not stay"
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False


def in_turn(random: Random, kills: int) -> list[Part]:
    """Which part dies when: each as often as any other, in any order."""
    parts: list[Part] = [PARTS[number % len(PARTS)] for number in range(kills)]
    random.shuffle(parts)
    return parts
