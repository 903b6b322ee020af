"""`./dev bench processes`: what a second process of the API on the same port brings.

`qa-api serve` and `qa-api serve --processes N` over the same database, loaded in turns by wrk.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench import options
from bench.asked import Scenario, scenarios
from bench.database import Authority, authority
from bench.load import Burst, burst
from bench.processes import Served, family, memory, serving


def main(words: list[str], environment: Callable[[Authority], dict[str, str]], machine: str) -> int:
    """Fill, serve by one process and by several, load both in turns, report."""
    asked = options.parser(
        "processes", __doc__, processes=2, audits=5_000, rounds=5, seconds=5.0
    ).parse_args(words)
    print(machine)
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name, ExitStack() as all_:
        data = asked.data or Path(name)
        data.mkdir(parents=True, exist_ok=True)
        filled = all_.enter_context(authority(data, asked.audits))
        settings = environment(filled)
        many = ("--processes", str(asked.processes))
        served = [all_.enter_context(serving("qa_api", settings, *each)) for each in ((), many)]
        for scenario in asyncio.run(scenarios(filled, served[0].url)):
            rounds = _measure(scenario, served, filled, data, asked)
            print(_report(scenario.name, rounds, asked.processes), flush=True)
        for number, one in zip((1, asked.processes), served, strict=True):
            sizes = [f"{memory(pid) / 2**20:.0f}" for pid in family(one.process.pid)]
            print(f"memory of {number}: {' + '.join(sizes)} MiB resident")
        print(f"load {os.getloadavg()[0]:.1f} after")
    return 0


def _measure(
    scenario: Scenario,
    served: list[Served],
    filled: Authority,
    data: Path,
    asked: argparse.Namespace,
) -> list[tuple[Burst, Burst]]:
    """Rounds of a burst each, after one that warms what is kept and is not counted."""
    postgres, requests = filled.server.pid, scenario.write(data, "qa_api")
    assert postgres is not None

    def once(number: int) -> tuple[Burst, Burst]:
        seconds = asked.seconds if number >= 0 else 2
        one, several = (
            burst(
                each,
                postgres,
                scenario.method,
                requests,
                seconds=seconds,
                mark=f"{os.getpid()}-{number}-{each.port}",
            )
            for each in served
        )
        return one, several

    return [once(number) for number in range(-1, asked.rounds)][1:]


def _report(name: str, rounds: list[tuple[Burst, Burst]], processes: int) -> str:
    """Medians and ranges: the rate, how long people wait, and what an answer costs."""

    def of(figure: Callable[[Burst], float]) -> str:
        ratios = [figure(several) / figure(one) for one, several in rounds]
        return f"{median(ratios):.2f} x ({min(ratios):.2f}-{max(ratios):.2f})"

    failed = sum(one.failed + several.failed for one, several in rounds)
    return (
        f"{name:<5} {median(one.rate for one, _ in rounds):.0f} per s by one process,"
        f" {median(several.rate for _, several in rounds):.0f} by {processes}:"
        f" {of(lambda burst: burst.rate)}; p99 {of(lambda burst: burst.p99)};"
        f" CPU of an answer {of(lambda burst: burst.cpu)}; failed {failed}"
    )
