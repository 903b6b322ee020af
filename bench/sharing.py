"""`./dev bench sharing`: what greedy neighbours cost the people who are answered beside them.

People ask at a steady pace for their lists and audits. Each round they do so alone and beside a
reporting tool that downloads whole datasets on many connections, a case system that sends batches
of a hundred events, and somebody who asks for a quarter's report again and again. None of them
waits when it is told to. The quotas are those that the service comes with.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import Process, Queue
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

import httpx

from bench import options
from bench.asked import Request, scenarios
from bench.database import Authority, authority
from bench.processes import Served, serving
from qa_api.rules.local_time import FinancialQuarter, local_date

AT_ONCE = 8
"""People who ask side by side."""
PACE = 0.08
"""Seconds from one request of a person to the next."""
GREEDY = 12
"""Connections of the reporting tool."""
DATASETS = ("audit-answers", "audits", "restorative-actions")
BATCH = 100
"""Events that are sent at once, each of a new case."""
MOST = 2.0
"""So many times as long may the slowest of a hundred take."""


@dataclass(frozen=True)
class Heard:
    """How long people waited, in milliseconds, and what was not answered."""

    p50: float
    p99: float
    answers: int
    failed: int


@dataclass(frozen=True)
class Round:
    """People alone, and beside their neighbours; what each of these got."""

    alone: Heard
    beside: Heard
    got: dict[str, Counter[str]]


def main(words: list[str], environment: Callable[[Authority], dict[str, str]], machine: str) -> int:
    """Fill, serve, measure, report."""
    asked = _arguments(words)
    print(machine)
    with (
        tempfile.TemporaryDirectory(prefix="qa-bench-") as made,
        authority(asked.data or Path(made), asked.audits) as filled,
        serving("qa_api", environment(filled) | _quotas()) as served,
    ):
        found = asyncio.run(scenarios(filled, served.url))
        requests = [one for scenario in found if scenario.method == "GET" for one in scenario.own]
        tokens = {one: filled.issuer.issue(one) for one in asked.neighbours}
        # Each connection has its statements ready, as in a process that has run for a while.
        asyncio.run(_people(served, requests, 15.0, at_once=5 * AT_ONCE))
        _round(served, requests, tokens, 3.0)
        rounds = [_round(served, requests, tokens, asked.seconds) for _ in range(asked.rounds)]
    print(report(rounds))
    return 0


def _quotas() -> dict[str, str]:
    """As in production; people have no quota here, since a few tokens stand for all of them."""
    return {"QA_QUOTA_REPORTING": "600", "QA_QUOTA_CASE_SYSTEMS": "12000"}


def _round(
    served: Served, requests: list[Request], tokens: dict[str, str], seconds: float
) -> Round:
    alone = asyncio.run(_people(served, requests, seconds))
    told: Queue[tuple[str, Counter[str]]] = Queue()
    neighbours = [
        Process(target=_greedy, args=(who, served.url, token, seconds + 1, told))
        for who, token in tokens.items()
    ]
    for one in neighbours:
        one.start()
    time.sleep(0.5)
    beside = asyncio.run(_people(served, requests, seconds))
    got = dict(told.get(timeout=60) for _ in neighbours)
    for one in neighbours:
        one.join()
    return Round(alone, beside, got)


async def _people(
    served: Served, requests: list[Request], seconds: float, at_once: int = AT_ONCE
) -> Heard:
    waits: list[float] = []
    failed = 0
    async with httpx.AsyncClient(base_url=served.url, timeout=30) as client:
        until = time.monotonic() + seconds

        async def person(number: int) -> None:
            nonlocal failed
            await asyncio.sleep(PACE * number / at_once)
            turn = number
            while time.monotonic() < until:
                path, token, _ = requests[turn % len(requests)]
                turn += at_once
                began = time.perf_counter()
                answer = await client.get(path, headers={"authorization": f"Bearer {token}"})
                took = time.perf_counter() - began
                waits.append(1000 * took)
                failed += not answer.is_success
                await asyncio.sleep(max(0.0, PACE - took))

        await asyncio.gather(*(person(number) for number in range(at_once)))
    return Heard(median(waits), quantiles(waits, n=100)[98], len(waits), failed)


def _greedy(
    who: str, url: str, token: str, seconds: float, told: "Queue[tuple[str, Counter[str]]]"
) -> None:
    told.put((who, asyncio.run(NEIGHBOURS[who](url, token, time.monotonic() + seconds))))


async def _export(url: str, token: str, until: float) -> Counter[str]:
    got: Counter[str] = Counter()
    headers = {"authorization": f"Bearer {token}", "accept": "application/x-ndjson"}

    async with httpx.AsyncClient(base_url=url, timeout=60) as client:

        async def one(number: int) -> None:
            path = f"/v1/reporting/{DATASETS[number % len(DATASETS)]}"
            while time.monotonic() < until:
                async with client.stream("GET", path, headers=headers) as answer:
                    got[str(answer.status_code)] += 1
                    async for part in answer.aiter_raw():
                        got["bytes"] += len(part)
                        if time.monotonic() > until:
                            break
                await asyncio.sleep(0.01)

        await asyncio.gather(*(one(number) for number in range(GREEDY)))
    return got


async def _send_events(url: str, token: str, until: float) -> Counter[str]:
    got: Counter[str] = Counter()
    headers = {
        "authorization": f"Bearer {token}",
        "content-type": "application/cloudevents-batch+json",
    }
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while time.monotonic() < until:
            events = [_proposal() for _ in range(BATCH)]
            answer = await client.post("/v1/case-events/batch", json=events, headers=headers)
            got[str(answer.status_code)] += 1
    return got


def _proposal() -> dict[str, Any]:
    """That a case of a child of whom nobody has heard is to be closed."""
    case = uuid4().hex
    told = {"occurred_at": datetime.now(UTC).isoformat(), "source_version": 1}  # noqa: TID251 - the service runs by it
    told |= {"team": "lincoln-fast", "worker": "sw1-lincoln-fast"}
    of_case = {"episode_id": case, "subjects": [{"ref": f"N-{case}", "role": "child"}]}
    return {
        "specversion": "1.0",
        "id": uuid4().hex,
        "source": "urn:mosaic",
        "type": "case.closure_proposed.v1",
        "data": told | of_case,
    }


async def _ask_for_reports(url: str, token: str, until: float) -> Counter[str]:
    got: Counter[str] = Counter()
    quarter = FinancialQuarter.of(local_date(datetime.now(UTC))).previous  # noqa: TID251 - the service runs by it
    path = f"/v1/reporting/metrics/{quarter.label.replace(' ', '%20')}"
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while time.monotonic() < until:
            answer = await client.get(path, headers={"authorization": f"Bearer {token}"})
            got[str(answer.status_code)] += 1
    return got


NEIGHBOURS: dict[str, Callable[[str, str, float], Coroutine[Any, Any, Counter[str]]]] = {
    "reporting-1": _export,
    "case-system-mosaic": _send_events,
    "qs-2": _ask_for_reports,
}
"""Who is greedy beside people, and how."""


def report(rounds: list[Round]) -> str:
    """A row for each round, and the ratio in the middle."""
    lines = [f"{'':>6}{'p50 ms':>18}{'p99 ms':>18}{'p99 ratio':>11}{'their neighbours':>60}"]
    ratios = []
    for number, one in enumerate(rounds, start=1):
        ratios.append(one.beside.p99 / one.alone.p99)
        export, events, reports = (one.got.get(who, Counter()) for who in NEIGHBOURS)
        got = f"{export['bytes'] / 2**20:.0f} MiB, {export['200']} begun, {export['429']} refused"
        got += f"; {events['202']} batches; {reports['200']} reports"
        lines.append(
            f"{number:>6}{one.alone.p50:>8.1f}{one.beside.p50:>10.1f}"
            f"{one.alone.p99:>8.1f}{one.beside.p99:>10.1f}{ratios[-1]:>11.2f}{got:>60}"
        )
    failed = sum(one.alone.failed + one.beside.failed for one in rounds)
    kept = "kept" if median(ratios) <= MOST else "NOT kept"
    lines.append(
        f"people's p99 beside greedy neighbours: {median(ratios):.2f} times as long (at most"
        f" {MOST:g}: {kept}); {failed} of their requests failed; {os.cpu_count()} cores"
    )
    return "\n".join(lines)


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = options.parser("sharing", __doc__, audits=20_000, seconds=10.0, rounds=5)
    parser.add_argument(
        "--neighbours",
        nargs="+",
        choices=tuple(NEIGHBOURS),
        default=tuple(NEIGHBOURS),
        help="who is greedy: the one that exports, the one that sends events, who asks for reports",
    )
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit("run ./dev bench sharing")
