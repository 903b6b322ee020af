"""`./dev bench sealing`: what it costs those who read that a worker seals who reads, beside them.

Each round is one burst without a worker and one beside it, in turns; ratios are taken within.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import asyncpg

from bench import options
from bench.asked import Scenario, scenarios
from bench.database import Authority, authority
from bench.load import Burst, burst
from bench.processes import Served, cpu_seconds, serving
from qa_api.worker.notes import SignerKey
from qa_api.worker.witnessing import EVERY

LOOKS = 4
"""How often the sealer looks during a burst: what it costs is spread over that time."""
SEALED_WITHIN = 300.0
RESTS = 0.1
"""CPU seconds between two looks of a worker that has nothing to do."""
MOST = 0.05
"""What the readers may lose."""

_UNSEALED = """
SELECT coalesce((SELECT xid FROM access_log ORDER BY xid DESC, at DESC, id DESC LIMIT 1)
                > (SELECT last_xid FROM access_seals ORDER BY number DESC LIMIT 1), true)"""


@dataclass(frozen=True)
class Round:
    """A burst that nobody sealed, and one beside the worker."""

    alone: Burst
    beside: Burst
    worker_cpu: float
    """CPU milliseconds of the worker for each answer given meanwhile."""
    sealing_cpu: float
    """The same with those of its connections in PostgreSQL."""

    @property
    def share(self) -> float:
        """Of all CPU that was used meanwhile, what went into sealing."""
        return self.sealing_cpu / (self.beside.cpu + self.worker_cpu)


def main(words: list[str], environment: Callable[[Authority], dict[str, str]], machine: str) -> int:
    """Fill, serve, measure GET and LIST with and without the worker, report."""
    asked = options.parser("sealing", __doc__, audits=20_000, rounds=5).parse_args(words)
    print(machine)
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        data = asked.data or Path(name)
        data.mkdir(parents=True, exist_ok=True)
        with authority(data, asked.audits) as filled:
            settings = environment(filled)
            with serving("qa_api", settings) as served:
                for scenario in asyncio.run(scenarios(filled, served.url)):
                    if scenario.method == "GET":
                        rounds = measure(scenario, served, filled, data, settings, asked.rounds)
                        print(report(scenario.name, rounds), flush=True)
    return 0


def measure(
    scenario: Scenario,
    served: Served,
    filled: Authority,
    data: Path,
    settings: Mapping[str, str],
    count: int,
) -> list[Round]:
    """So many rounds, after a burst that warms what is kept and is not counted."""
    postgres, requests = filled.server.pid, scenario.write(data, "qa_api")
    assert postgres is not None

    def once(seconds: float) -> Burst:
        return burst(served, postgres, scenario.method, requests, seconds=seconds, mark="")

    def beside() -> tuple[Burst, float, float]:
        with working(filled, data, settings) as worker:
            backends = asyncio.run(_backends(filled))
            before = cpu_seconds(worker), sum(map(cpu_seconds, backends))
            done = once(LOOKS * EVERY)
            each = 1000 / max(1, done.answers)
            used = each * (cpu_seconds(worker) - before[0])
            return done, used, used + each * (sum(map(cpu_seconds, backends)) - before[1])

    once(2)
    rounds = []
    for number in range(count):
        if number % 2:
            sealed, alone = beside(), once(LOOKS * EVERY)
        else:
            alone, sealed = once(LOOKS * EVERY), beside()
        rounds.append(Round(alone, *sealed))
    return rounds


@contextmanager
def working(filled: Authority, data: Path, settings: Mapping[str, str]) -> Iterator[int]:
    """A worker that has done all there is to do; its process id. It sweeps once, before."""
    key = data / "checkpoint-key"
    if not key.exists():
        key.write_text(SignerKey.new("bench.example/log").written())
    signing = {
        "QA_CHECKPOINT_KEY": key.read_text(),
        "QA_CHECKPOINT_FILE": str(data / "checkpoints"),
        "QA_SWEEP_INTERVAL_SECONDS": "86400",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "qa_api", "worker"], env={**os.environ, **settings, **signing}
    )
    try:
        asyncio.run(_sealed(filled))
        rests_at = -1.0
        while cpu_seconds(process.pid) > rests_at + RESTS:
            rests_at = cpu_seconds(process.pid)
            time.sleep(EVERY)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


async def _sealed(filled: Authority) -> None:
    owner = await asyncpg.connect(filled.owner_url)
    try:
        give_up = time.monotonic() + SEALED_WITHIN
        while await owner.fetchval(_UNSEALED):
            if time.monotonic() > give_up:
                raise RuntimeError("the worker does not seal")
            await asyncio.sleep(0.2)
    finally:
        await owner.close()


async def _backends(filled: Authority) -> list[int]:
    """The connections in which things are written: while others only read, the worker's."""
    owner = await asyncpg.connect(filled.owner_url)
    try:
        rows = await owner.fetch("SELECT pid FROM pg_stat_activity WHERE usename = 'qa_app'")
        return [row["pid"] for row in rows]
    finally:
        await owner.close()


def report(name: str, rounds: Sequence[Round]) -> str:
    """Medians and ranges: how many answers fewer there are, and what sealing takes of the CPU."""
    rate = [one.beside.rate / one.alone.rate for one in rounds]
    cpu = [(one.beside.cpu + one.worker_cpu) / one.alone.cpu for one in rounds]
    share = [one.share for one in rounds]
    failed = sum(one.alone.failed + one.beside.failed for one in rounds)
    return (
        f"{name:<5} {median(one.alone.rate for one in rounds):.0f} per s without,"
        f" {median(one.beside.rate for one in rounds):.0f} beside a worker that seals:"
        f" {_range(rate)} x, all CPU of an answer {_range(cpu)} x; failed {failed}\n"
        f"      sealing took {median(one.sealing_cpu for one in rounds):.3f} ms of an answer's CPU,"
        f" {_range(share)} of it   at most {MOST:g}:"
        f" {'met' if median(share) <= MOST else 'missed'}"
    )


def _range(values: Sequence[float]) -> str:
    return f"{median(values):.3f} ({min(values):.3f}-{max(values):.3f})"
