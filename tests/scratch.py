"""Directories for a run's database servers: in memory where there is room, gone when the run is."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - a private directory is made in it
ROOM = 4 * 1024**3  # bytes that must be free there: a whole run leaves most of it unused
PREFIX = "qa-tests-"


@contextmanager
def scratch_directory(room: int = ROOM) -> Iterator[Path]:
    """A directory in memory when there is room for a server's files, else a temporary one.

    `room`: how many bytes must be free in memory; whoever writes more than most says so.
    """
    remove_leftovers(MEMORY)
    with directory_in(MEMORY if room_in_memory() > room else Path(tempfile.gettempdir())) as made:
        yield made


@contextmanager
def directory_in(parent: Path) -> Iterator[Path]:
    """A new directory that is held by a lock for as long as this process lives."""
    directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    held = os.open(directory, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        os.close(held)


def remove_leftovers(parent: Path) -> None:
    """Remove what killed runs left: directories that nobody holds.

    One that is still empty may be held in a moment, and takes no room.
    """
    for directory in parent.glob(f"{PREFIX}*"):
        if _is_leftover(directory):
            shutil.rmtree(directory, ignore_errors=True)


def _is_leftover(directory: Path) -> bool:
    try:
        tried = os.open(directory, os.O_RDONLY)
    except OSError:  # somebody else's, or gone by now
        return False
    try:
        fcntl.flock(tried, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return any(directory.iterdir())
    except OSError:
        return False
    finally:
        os.close(tried)


def room_in_memory() -> int:
    """Bytes that files in memory may take: what the file system allows and the machine has."""
    if not MEMORY.is_dir():
        return 0
    return min(shutil.disk_usage(MEMORY).free, _available_memory())


def _available_memory() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0
