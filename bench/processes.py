"""What a process and its children used: CPU seconds and memory, as Linux counts them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import peers

TICKS = os.sysconf("SC_CLK_TCK")
STARTED_WITHIN = 20.0  # seconds


@dataclass(frozen=True)
class Served:
    """One application in a process of its own."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """User and system time that it and its children have used so far."""
        return family_cpu_seconds(self.process.pid)

    def memory(self) -> int:
        """Its resident memory in bytes, with that of its children."""
        return sum(map(memory, family(self.process.pid)))


@contextmanager
def serving(name: str, environment: Mapping[str, str], *options: str) -> Iterator[Served]:
    """Start one application; stop it at the end. Ours is started as an authority starts it.

    `options` are those of `qa-api serve`.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ours = ["qa_api", "serve", *options]
    started = ours if name == "qa_api" else ["bench.serve", name, str(port)]
    process = subprocess.Popen(
        peers.command(name, port) if name in peers.PEERS else [sys.executable, "-m", *started],
        env={**os.environ, **environment, "QA_HOST": "127.0.0.1", "QA_PORT": str(port)},
    )
    try:
        _wait_for(process, port)
        yield Served(name, port, process)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    give_up = time.monotonic() + STARTED_WITHIN
    while process.poll() is None and time.monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("an application did not start")


def memory(pid: int) -> int:
    """The resident memory of one process in bytes."""
    return _told(f"/proc/{pid}/status", "VmRSS:") * 1024


def wake_ups(pid: int) -> int:
    """How often its threads that are alive have waited for something and gone on."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(_told(f"{one}/status", "voluntary_ctxt_switches:") for one in threads)


def _told(status: str, name: str) -> int:
    lines = Path(status).read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def cpu_seconds(pid: int) -> float:
    """User and system time of one process, its own threads included."""
    _, used, _ = _stat(pid)
    return used


def family_cpu_seconds(pid: int) -> float:
    """The same for a process, its living children, and the children it has buried."""
    _, own, buried = _stat(pid)
    return own + buried + sum(used for _, (parent, used, _) in _all() if parent == pid)


def family(pid: int) -> list[int]:
    """A process and its living children."""
    return [pid, *(one for one, (parent, _, _) in _all() if parent == pid)]


def _all() -> Iterator[tuple[int, tuple[int, float, float]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int(entry.name), _stat(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue


def _stat(pid: int) -> tuple[int, float, float]:
    """The parent's id, the process's own seconds, and those of children that have ended."""
    text = Path(f"/proc/{pid}/stat").read_text()
    fields = text[text.rindex(")") + 2 :].split()
    own = int(fields[11]) + int(fields[12])
    buried = int(fields[13]) + int(fields[14])
    return int(fields[1]), own / TICKS, buried / TICKS
