"""`./dev bench load`: how fast events of years past are loaded, beside a COPY of what they leave.

`qa-api import events FILE` loads a file into one copy of an authority. The very rows that it left
behind are then copied into another copy of it, into the same tables with their keys, indexes and
triggers on, in one transaction. The ratio is COPY's time by that of the command, its start
included.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg

from bench import options
from bench.database import Authority, authority
from bench.processes import family_cpu_seconds

FLOOR = 0.40
IN_USE_FROM = "2026-01-01"
TABLES = (
    "case_events",
    "subjects",
    "subject_aliases",
    "closure_gates",
    "case_event_outcomes",
    "case_system_references",
    "events",
)
"""What a load writes, each after what it refers to."""
Environment = Callable[[Authority], dict[str, str]]
Connection = Any


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, and of CPU, PostgreSQL's included."""

    wall: float
    cpu: float


def main(words: Sequence[str], environment: Environment, machine: str) -> int:
    """Write the file, load it, copy what it left, report."""
    asked = arguments(words)
    print(machine)
    with place(asked.data) as data, authority(data, asked.audits) as filled:
        file = data / f"history-{asked.events}.ndjson"
        file.write_text("".join(json.dumps(each) + "\n" for each in history(asked.events)))
        size = file.stat().st_size / 2**20
        print(f"{asked.events:,} events, {size:.0f} MiB; durable PostgreSQL, all constraints on\n")
        ratios, by_cpu = [], []
        for _ in range(asked.rounds):
            loaded, copied, rows = asyncio.run(one_round(filled, environment(filled), file, data))
            ratios.append(copied.wall / loaded.wall)
            by_cpu.append(copied.cpu / loaded.cpu)
            print(
                f"load {loaded.wall:6.1f} s ({asked.events / loaded.wall:,.0f} events a second,"
                f" CPU {loaded.cpu:.1f} s)   COPY of {rows:,} rows {copied.wall:6.1f} s"
                f" (CPU {copied.cpu:.1f} s)   x {ratios[-1]:.2f}",
                flush=True,
            )
    held = "met" if median(ratios) >= FLOOR else "missed"
    print(
        f"\nload beside COPY: {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}),"
        f" by CPU {median(by_cpu):.2f}   floor {FLOOR:.2f}: {held}"
    )
    return 0


async def one_round(
    filled: Authority, environment: dict[str, str], file: Path, data: Path
) -> tuple[Took, Took, int]:
    """One load, one COPY of what it left, and how many rows that was."""
    postgres = filled.server.pid
    assert postgres is not None
    names = (f"load_{os.getpid()}", f"copy_{os.getpid()}")
    for name in names:
        await _do(filled.server.urls("postgres").superuser_url, _CLONE.format(name=name))
        await _do(filled.server.urls(name).superuser_url, _IN_USE)
    try:
        urls = filled.server.urls(names[0])
        before = await rows_in(urls.superuser_url)
        loaded = _timed(postgres, lambda: _load(environment | urls.as_environment(), file))
        count = sum((await rows_in(urls.superuser_url)).values()) - sum(before.values())
        parts = await written(urls.superuser_url, data)
        copied = await copy(filled.server.urls(names[1]).superuser_url, parts, postgres)
    finally:
        for name in names:
            await _do(filled.server.urls("postgres").superuser_url, f"DROP DATABASE {name}")
    return loaded, copied, count


_CLONE = "CREATE DATABASE {name} TEMPLATE qa OWNER qa_owner STRATEGY FILE_COPY"
_IN_USE = f"""
SET session_replication_role = replica;
UPDATE policy_versions SET values = values || '{{"in_use_from": "{IN_USE_FROM}"}}'
"""


def _timed(postgres: int, act: Callable[[], None]) -> Took:
    started, cpu = time.perf_counter(), -family_cpu_seconds(postgres) - _children()
    act()
    cpu += family_cpu_seconds(postgres) + _children()
    return Took(time.perf_counter() - started, cpu)


def _load(environment: dict[str, str], file: Path) -> None:
    command = [sys.executable, "-m", "qa_api", "import", "events", str(file)]
    subprocess.run(
        command, env={**os.environ, **environment}, check=True, stderr=subprocess.DEVNULL
    )


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _own() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def rows_in(url: str) -> dict[str, int]:
    """How many rows each table has."""
    connection = await asyncpg.connect(url)
    try:
        return {
            table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES
        }
    finally:
        await connection.close()


async def written(url: str, data: Path) -> list[tuple[str, list[str], Path]]:
    """The rows that a load left, as COPY takes them: by table, its columns, a file.

    What a table fills in by itself is left to it: stamps, and what is computed.
    """
    connection = await asyncpg.connect(url)
    parts = []
    try:
        for table in TABLES:
            columns = [row[0] for row in await connection.fetch(_COLUMNS, table)]
            file = data / f"{table}.copy"
            query = f"SELECT {', '.join(columns)} FROM {table} WHERE {_NEW[table]}"
            await connection.copy_from_query(query, output=str(file), format="binary")
            parts.append((table, columns, file))
    finally:
        await connection.close()
    return parts


_COLUMNS = """
SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'
AND table_name = $1 AND is_generated = 'NEVER' AND udt_name <> 'xid8' ORDER BY ordinal_position
"""
_LOADED = "correlation_id = 'cli' AND type <> 'command.run'"
_SUBJECTS = "SELECT subject_id FROM case_event_outcomes"
_NEW = {
    "case_events": "true",
    "subjects": f"id IN ({_SUBJECTS})",
    "subject_aliases": f"subject_id IN ({_SUBJECTS})",
    "closure_gates": "true",
    "case_event_outcomes": "true",
    "case_system_references": "first_told_at IS NOT NULL",
    "events": _LOADED,
}


async def copy(url: str, parts: Sequence[tuple[str, list[str], Path]], postgres: int) -> Took:
    """Copy them in, by somebody whom the triggers bind as they bind the service."""
    connection = await asyncpg.connect(url)
    try:
        started, cpu = time.perf_counter(), -family_cpu_seconds(postgres) - _own()
        async with connection.transaction():
            await connection.execute("SELECT set_config('qa.reach', 'service', true)")
            for table, columns, file in parts:
                await connection.copy_to_table(
                    table, source=str(file), columns=columns, format="binary"
                )
        cpu += family_cpu_seconds(postgres) + _own()
        return Took(time.perf_counter() - started, cpu)
    finally:
        await connection.close()


async def _do(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()


LIVES = (
    ("allocation.changed.v1", "case.closure_proposed.v1", "case.closed.v1"),
    ("case.closure_proposed.v1", "case.closed.v1"),
    ("allocation.changed.v1", "allocation.changed.v1", "case.closed.v1"),
    (
        "case.closure_proposed.v1",
        "case.closure_cancelled.v1",
        "case.closure_proposed.v1",
        "case.closed.v1",
        "case.reopened.v1",
        "case.closed.v1",
    ),
)


def history(events: int) -> Iterator[dict[str, Any]]:
    """Cases of ten years by when they closed: half of the staff have left, a third are sisters."""
    chance = random.Random(10)
    staff = [f"sw{n}-lincoln-fast" for n in (1, 2)] + [f"left{n}" for n in range(200)]
    written, case = 0, 0
    while written < events:
        case += 1
        children = [
            {
                "ref": f"H-{case}-{n}",
                "role": "child",
                "born_on": f"20{chance.randrange(10):02}-05-06",
            }
            for n in range(chance.choice((1, 1, 2)))
        ]
        year = 2015 + case * 10 // max(events, 10)
        for version, type_ in enumerate(chance.choice(LIVES), start=1):
            if written == events:
                return
            written += 1
            said: dict[str, Any] = {
                "episode_id": f"H-E{case}",
                "subjects": children,
                "source_version": version,
                "occurred_at": f"{year}-{version:02}-{1 + case % 28:02}T09:30:00Z",
            }
            holder = {"worker": chance.choice(staff), "team": "lincoln-fast"}
            if type_ == "allocation.changed.v1":
                said["allocation"] = holder
            else:
                said |= holder
                said["closure"] = {"date": f"{year}-12-01", "reason_code": "RC1"}
            yield {
                "specversion": "1.0",
                "id": f"h-{case}-{version}",
                "source": "urn:mosaic",
                "type": type_,
                "time": said["occurred_at"],
                "datacontenttype": "application/json",
                "data": said,
            }


@contextmanager
def place(kept: Path | None) -> Iterator[Path]:
    """Where the database is: kept for the next run where a place is named."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        yield Path(name)


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    return options.parser("load", __doc__, events=100_000, rounds=3, audits=1_000).parse_args(words)
