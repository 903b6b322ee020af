"""One measured burst: `wrk` on 32 kept-alive connections, and what it cost."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Served, family_cpu_seconds

CONNECTIONS = 32
SCRIPT = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True)
class Burst:
    """What one application did under load for a while."""

    answers: int
    rate: float
    """Answers per second."""
    p50: float
    """Milliseconds that half of the answers took at most."""
    p99: float
    failed: int
    """Answers that were no success, and connections that broke."""
    server_cpu: float
    """CPU milliseconds per answer in the application's process."""
    postgres_cpu: float
    """The same in all processes of PostgreSQL."""

    @property
    def cpu(self) -> float:
        """Both together: what an answer costs, whoever else is busy on the machine."""
        return self.server_cpu + self.postgres_cpu


def burst(
    served: Served,
    postgres: int,
    method: str,
    requests: Path,
    *,
    seconds: float,
    mark: str,
    once: bool = False,
    connections: int = CONNECTIONS,
) -> Burst:
    """Send the requests of a file for some seconds. `mark` makes the idempotency keys unique.

    `once`: each of them once, and no more when all are answered.
    """
    server_before, postgres_before = served.cpu_seconds(), family_cpu_seconds(postgres)
    said = subprocess.run(
        [
            *("wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"),
            *("-s", str(SCRIPT), served.url, "--", method, str(requests), mark),
            *(("once",) if once else ()),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    outcome = json.loads(said.splitlines()[-1])
    answers = max(1, outcome["requests"])
    return Burst(
        answers=outcome["requests"],
        rate=outcome["requests"] / outcome["seconds"],
        p50=outcome["p50"],
        p99=outcome["p99"],
        failed=outcome["failed"],
        server_cpu=1000 * (served.cpu_seconds() - server_before) / answers,
        postgres_cpu=1000 * (family_cpu_seconds(postgres) - postgres_before) / answers,
    )
