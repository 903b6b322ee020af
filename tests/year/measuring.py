"""CPU that a year takes: of this process, and of the PostgreSQL server that it asks."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.conftest import Database
from tests.kept import KEPT

_PROCESSES: Final = Path("/proc")
_TICK: Final = os.sysconf("SC_CLK_TCK")
_OWN, _WITH_ENDED_CHILDREN = slice(11, 13), slice(11, 15)
"""Where a process's own ticks stand after its name, and those of children that ended as well."""


class Spent:
    """What was spent since it was made, in seconds."""

    def __init__(self, database: Database) -> None:
        self._postmaster = _postmaster(database)
        self._python, self._server = time.process_time(), self._server_now()

    @property
    def python(self) -> float:
        """By this process."""
        return time.process_time() - self._python

    @property
    def server(self) -> float:
        """By PostgreSQL, whoever asked it; 0 where its processes are not to be seen from here."""
        return self._server_now() - self._server

    def _server_now(self) -> float:
        if self._postmaster is None:
            return 0.0
        ended = _ticks(_stat(self._postmaster), _WITH_ENDED_CHILDREN)
        return (ended + sum(_of_children(self._postmaster))) / _TICK


def _postmaster(database: Database) -> int | None:
    backend: int = KEPT.ask(
        database.migrate_url, lambda kept: kept.fetchval("SELECT pg_backend_pid()")
    )
    try:
        return int(_stat(backend)[1])
    except OSError:
        return None  # another machine, or another namespace


def _of_children(parent: int) -> Iterator[int]:
    for process in _PROCESSES.glob("[0-9]*"):
        try:
            said = _stat(int(process.name))
        except OSError:
            continue  # it ended meanwhile
        if int(said[1]) == parent:
            yield _ticks(said, _OWN)


def _stat(process: int) -> list[str]:
    """What the kernel says of a process, after its name: a state, its parent, and so on."""
    return (_PROCESSES / str(process) / "stat").read_text().rpartition(")")[2].split()


def _ticks(said: list[str], where: slice) -> int:
    return sum(map(int, said[where]))
