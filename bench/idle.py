"""`./dev bench idle`: how large the API and the worker are, and what they do while nothing happens.

An authority with nothing open: started, left until the first sweep is over, then watched.
"""

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx

from bench import options
from bench.database import Authority, authority
from bench.processes import Served, memory, serving, wake_ups

LARGEST = {"API": 110, "worker": 90}
"""MiB."""
BUSIEST = 0.5
"""Of a hundred of a core."""
SETTLED_AFTER = 30.0
"""Seconds: the first sweep is over, and the tables' classes are tied."""

_STATEMENT = re.compile(r"LOG:  (?:execute [^:]*|statement): (.*)")


def main(words: list[str], environment: Callable[[Authority], dict[str, str]], machine: str) -> int:
    """Start one after the other, watch each for a while, print what it used and asked."""
    parser = options.parser("idle", __doc__, seconds=120.0)
    parser.add_argument("--statements", action="store_true", help="print the commonest")
    asked = parser.parse_args(words)
    print(machine)
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        data = asked.data or Path(name)
        data.mkdir(parents=True, exist_ok=True)
        with authority(data, 100) as filled:
            settings = environment(filled)
            said = data / "postgres" / "postgres.log"
            with serving("qa_api", settings) as served:
                _answer(served)
                print(_watch("API", served.process.pid, filled, said, asked))
            with _working(settings) as pid:
                print(_watch("worker", pid, filled, said, asked))
    return 0


def _answer(served: Served) -> None:
    """After the first answer the tables' classes are tied, which a process in use has done."""
    httpx.get(f"{served.url}/readyz", timeout=20).raise_for_status()


@contextmanager
def _working(settings: Mapping[str, str]) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "qa_api", "worker"],
        env={**os.environ, **settings},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _watch(name: str, pid: int, filled: Authority, log: Path, asked: argparse.Namespace) -> str:
    """One line of what the process used while nothing happened, by the minute."""
    time.sleep(SETTLED_AFTER)
    with _statements_told(filled):
        written, woken, used = log.stat().st_size, wake_ups(pid), _fine_cpu_seconds(pid)
        started = time.monotonic()
        time.sleep(asked.seconds)
        passed = time.monotonic() - started
        woken, used = wake_ups(pid) - woken, _fine_cpu_seconds(pid) - used
    with log.open("rb") as file:
        file.seek(written)
        statements = Counter(_STATEMENT.findall(file.read().decode(errors="replace")))
    if asked.statements:
        for words, times in statements.most_common(15):
            print(f"  {60 * times / passed:7.1f} a minute  {words[:90]}")
    size, share = memory(pid) / 2**20, 100 * used / passed
    return (
        f"{name:<7} {size:4.0f} MiB resident, at most {LARGEST[name]}:"
        f" {_met(size <= LARGEST[name])}; {share:.2f} % of a core, at most {BUSIEST}:"
        f" {_met(share <= BUSIEST)}; {60 * statements.total() / passed:.0f} statements and"
        f" {60 * woken / passed:.0f} wake-ups a minute"
    )


def _met(met: bool) -> str:
    return "met" if met else "missed"


def _fine_cpu_seconds(pid: int) -> float:
    """What all its threads ran, by the scheduler's nanoseconds: a tick would be too coarse."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9


@contextmanager
def _statements_told(filled: Authority) -> Iterator[None]:
    """Whatever comes from the service's roles stands in the server's log meanwhile."""
    asyncio.run(_tell_statements(filled, "all"))
    time.sleep(1)  # until each of the server's processes has read it
    try:
        yield
    finally:
        asyncio.run(_tell_statements(filled, "none"))


async def _tell_statements(filled: Authority, which: str) -> None:
    connection = await asyncpg.connect(filled.server.urls().superuser_url)
    try:
        await connection.execute(f"ALTER SYSTEM SET log_statement = '{which}'")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()
