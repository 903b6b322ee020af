"""`./dev bench`: how fast the service is beside what it could be, and beside what is usual.

Everything is measured in one run and in pairs: A B C A B C. It reports and decides nothing.
"""

import argparse
import asyncio
import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path

import asyncpg
import orjson

from bench import (
    caseloads,
    first_load,
    growth,
    idle,
    peers,
    report,
    reporting,
    sealing,
    several,
    sharing,
    start,
    working_days,
    writing,
)
from bench.asked import Scenario, scenarios
from bench.database import Authority, authority
from bench.load import Burst, burst
from bench.processes import Served, serving
from bench.same import differences

ALONE = {
    "caseloads": caseloads,
    "growth": growth,
    "idle": idle,
    "load": first_load,
    "reporting": reporting,
    "sharing": sharing,
    "start": start,
}
"""What is measured by itself, without wrk."""
LOADED = {"processes": several, "sealing": sealing, "writes": writing}
"""What is measured by itself, under load."""
APPLICATIONS = ("qa_api", "bare", "idiomatic")
PACKAGES = ("fastapi", "starlette", "pydantic", "sqlalchemy", "asyncpg", "uvicorn", "uvloop")


def main() -> int:
    """Fill, serve, check that all three answer alike, measure, report."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left running
    if (measured := ALONE.get(" ".join(sys.argv[1:2]))) is not None:
        status: int = measured.main(sys.argv[2:], environment, machine())
        return status
    if shutil.which("wrk") is None:
        print("The load comes from wrk, which is not here: apt-get install wrk", file=sys.stderr)
        return 2
    if (loaded := LOADED.get(" ".join(sys.argv[1:2]))) is not None:
        done: int = loaded.main(sys.argv[2:], environment, machine())
        return done
    asked = arguments()
    applications = APPLICATIONS
    if asked.peers:
        peers.install()
        applications += peers.PEERS
    print(machine())
    with (
        directory(asked.data) as data,
        authority(data, asked.audits) as filled,
        ExitStack() as all_,
    ):
        served = {
            name: all_.enter_context(serving(name, environment(filled))) for name in applications
        }
        print(f"PostgreSQL {asyncio.run(server_version(filled))}, fsync on\n")
        for scenario in asyncio.run(scenarios(filled, served["qa_api"].url)):
            for difference in differences(scenario, served):
                print(f"      not comparable: {difference}")
            print(report.scenario(scenario.name, measure(scenario, served, filled, data, asked)))
            print(flush=True)
        for one in served.values():
            print(f"memory {one.name:<10} {one.memory() / 2**20:.0f} MiB resident")
    print(working_days.compare(asked.rounds))
    return 0


def measure(
    scenario: Scenario,
    served: dict[str, Served],
    filled: Authority,
    data: Path,
    asked: argparse.Namespace,
) -> report.Rounds:
    """Rounds of one burst each, after one that warms plans and caches and is not counted."""
    postgres = filled.server.pid
    assert postgres is not None
    rounds: dict[str, list[Burst]] = {name: [] for name in served}
    files = {name: scenario.write(data, name) for name in served}
    for number in range(-1, asked.rounds):
        for name, one in served.items():
            done = burst(
                one,
                postgres,
                scenario.method,
                files[name],
                seconds=asked.seconds if number >= 0 else 2,
                mark=f"{os.getpid()}-{number}-{name}",
            )
            if number >= 0:
                rounds[name].append(done)
    return rounds


def environment(filled: Authority) -> dict[str, str]:
    """What all three are started with; each takes what it needs."""
    settings = filled.settings
    issuers = [issuer.model_dump(mode="json") for issuer in settings.token_issuers]
    secret = settings.cursor_secret
    assert secret is not None
    return filled.server.urls().as_environment() | {
        "QA_ENVIRONMENT": "development",
        "QA_TOKEN_ISSUERS": orjson.dumps(issuers).decode(),
        "QA_CURSOR_SECRET": secret.get_secret_value(),
    }


@contextmanager
def directory(kept: Path | None) -> Iterator[Path]:
    """Where the database is: kept for the next run where a place is named."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        yield Path(name)


async def server_version(filled: Authority) -> str:
    """The version of PostgreSQL that is measured."""
    connection = await asyncpg.connect(filled.owner_url)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


def machine() -> str:
    """Where and with what this was measured."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f} before; {platform.system()} {platform.release()}\n"
        f"Python {platform.python_version()}; {packages}"
    )


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--audits", type=int, metavar="N", help="default: 100,000")
    parser.add_argument("--seconds", type=float, metavar="S", help="of each burst; default: 5")
    parser.add_argument("--rounds", type=int, metavar="R", help="default: 5")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the filled database there")
    parser.add_argument("--peers", action="store_true", help="beside Django REST framework too")
    parser.add_argument("--quick", action="store_true", help="5,000 audits, three short rounds")
    asked = parser.parse_args()
    small = asked.quick
    asked.audits = asked.audits or (5_000 if small else 100_000)
    asked.seconds = asked.seconds or (1.0 if small else 5.0)
    asked.rounds = asked.rounds or (3 if small else 5)
    return asked


if __name__ == "__main__":
    sys.exit(main())
