"""`./dev bench start`: what it costs until a process of the API is ready, and how large it is."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from bench import options
from bench.database import Authority, authority
from bench.processes import Served

AFTERWARDS = 2.0
"""Seconds after which it is looked at again: what it does beside its first answers is done then."""


@dataclass(frozen=True)
class Start:
    """CPU seconds and resident bytes at the first 200 of `/readyz`, and a while later."""

    ready_cpu: float
    ready_bytes: int
    later_cpu: float
    later_bytes: int


def main(words: list[str], environment: Callable[[Authority], dict[str, str]], machine: str) -> int:
    """Start the API several times in turn; print medians and ranges."""
    asked = options.parser("start", __doc__, rounds=6).parse_args(words)
    print(machine)
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        place = asked.data or Path(name)
        place.mkdir(parents=True, exist_ok=True)
        with authority(place, 100) as filled:
            once(environment(filled))  # whatever is compiled is compiled now
            starts = [once(environment(filled)) for _ in range(asked.rounds)]
    print(_line("CPU s until ready", [one.ready_cpu for one in starts], ".2f"))
    print(_line("MiB resident then", [one.ready_bytes / 2**20 for one in starts], ".0f"))
    print(_line(f"CPU s {AFTERWARDS:.0f} s later", [one.later_cpu for one in starts], ".2f"))
    print(_line("MiB resident then", [one.later_bytes / 2**20 for one in starts], ".0f"))
    return 0


def once(environment: Mapping[str, str]) -> Start:
    """Start `qa-api serve`, wait for its readiness, look, wait, look again, stop it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "qa_api", "serve"],
        env={**os.environ, **environment, "QA_HOST": "127.0.0.1", "QA_PORT": str(port)},
        stderr=subprocess.DEVNULL,
    )
    served = Served("start", port, process)
    try:
        while not _is_ready(served):
            if process.poll() is not None:
                raise RuntimeError("the API did not start")
            time.sleep(0.03)
        cpu, size = served.cpu_seconds(), served.memory()
        time.sleep(AFTERWARDS)
        return Start(cpu, size, served.cpu_seconds(), served.memory())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _is_ready(served: Served) -> bool:
    try:
        return httpx.get(f"{served.url}/readyz", timeout=20).status_code == 200
    except httpx.HTTPError:
        return False


def _line(name: str, values: list[float], form: str) -> str:
    return f"{name:<20}{median(values):{form}} ({min(values):{form}}-{max(values):{form}})"
