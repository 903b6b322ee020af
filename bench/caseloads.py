"""`./dev bench caseloads`: what it costs to take the caseload of a day, sent over HTTP as NDJSON.

Each round sends the caseload of another day: children of whom half are known, with a worker, a
date and two strata. CPU is user and system time of the API and of all of PostgreSQL.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median

import asyncpg
import httpx
import orjson

from bench import options
from bench.database import Authority, authority
from bench.processes import Served, family_cpu_seconds, serving
from qa_api import clock
from qa_api.rules.local_time import local_date

MOST = 5.0
"""CPU seconds that a caseload of 10,000 may take."""
STATUSES = ("child-in-need", "child-protection", "looked-after", "care-leaver")
_TEAMS = "SELECT code FROM teams ORDER BY code"
_KNOWN = "SELECT ref FROM subjects WHERE system = 'mosaic' ORDER BY id LIMIT $1"


@dataclass(frozen=True)
class Taken:
    """CPU and wall-clock seconds of one caseload."""

    api: float
    postgres: float
    seconds: float


def main(words: list[str], environment: Callable[[Authority], dict[str, str]], machine: str) -> int:
    """Send a caseload for each of some days; print medians and ranges."""
    asked = options.parser(
        "caseloads", __doc__, children=10_000, audits=10_000, rounds=7
    ).parse_args(words)
    print(machine)
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        place = asked.data or Path(name)
        place.mkdir(parents=True, exist_ok=True)
        with (
            authority(place, asked.audits) as filled,
            serving("qa_api", environment(filled)) as served,
        ):
            teams, known = asyncio.run(_there(filled, asked.children // 2))
            once(
                served, filled, -1, [*children(asked.children, teams, known)]
            )  # warms what is kept
            rounds = [
                once(served, filled, day, [*children(asked.children, teams, known)])
                for day in range(asked.rounds)
            ]
    print(report(asked.children, rounds))
    return 0


async def _there(filled: Authority, most: int) -> tuple[list[str], list[str]]:
    owner = await asyncpg.connect(filled.owner_url)
    try:
        teams = [row["code"] for row in await owner.fetch(_TEAMS)]
        return teams, [row["ref"] for row in await owner.fetch(_KNOWN, most)]
    finally:
        await owner.close()


def children(number: int, teams: list[str], known: list[str]) -> Iterator[bytes]:
    """Lines of NDJSON: those who are known, and others."""
    chance = Random(number)
    for at in range(number):
        team = chance.choice(teams)
        yield orjson.dumps(
            {
                "ref": known[at] if at < len(known) else f"OPEN-{at}",
                "team": team,
                "worker": f"sw1-{team}",
                "status": chance.choice(STATUSES),
                "open_since": f"202{chance.randint(0, 4)}-0{chance.randint(1, 9)}-15",
                "strata": {
                    "age": chance.choice(("0-4", "5-9", "10-15", "16-17")),
                    "placement": chance.choice(("home", "foster", "kinship")),
                },
            }
        )


def once(served: Served, filled: Authority, day: int, lines: list[bytes]) -> Taken:
    """Send one caseload, of so many days ago and one more."""
    postgres = filled.server.pid
    assert postgres is not None
    headers = {
        "authorization": f"Bearer {filled.issuer.issue('case-system-mosaic')}",
        "content-type": "application/x-ndjson",
        "if-none-match": "*",
    }
    on = local_date(clock.now()) - timedelta(days=day + 2)
    before = served.cpu_seconds(), family_cpu_seconds(postgres), time.perf_counter()
    answer = httpx.put(
        f"{served.url}/v1/caseloads/{on}",
        content=b"\n".join(lines) + b"\n",
        headers=headers,
        timeout=120,
    )
    if answer.status_code != 201 or answer.json()["children"] != len(lines):
        raise RuntimeError(f"the caseload was not taken: {answer.status_code} {answer.text[:300]}")
    return Taken(
        served.cpu_seconds() - before[0],
        family_cpu_seconds(postgres) - before[1],
        time.perf_counter() - before[2],
    )


def report(number: int, rounds: list[Taken]) -> str:
    """Medians and ranges, and whether the goal is met."""
    both = [one.api + one.postgres for one in rounds]
    verdict = ""
    if number == 10_000:
        verdict = f"   at most {MOST:g}: {'met' if median(both) <= MOST else 'missed'}"
    return "\n".join(
        (
            f"{number:,} children, {len(rounds)} caseloads",
            f"CPU s, API          {_range([one.api for one in rounds])}",
            f"CPU s, PostgreSQL   {_range([one.postgres for one in rounds])}",
            f"CPU s, both         {_range(both)}{verdict}",
            f"seconds             {_range([one.seconds for one in rounds])}",
        )
    )


def _range(values: list[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"
