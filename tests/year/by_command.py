"""`qa-api check` itself, asked at the end of what was lived: its answer, and what it takes."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from typing import Final

from qa_api.rules.local_time import start_of_local_day
from tests.conftest import Database
from tests.test_main import environment_of
from tests.year.living import EVENING
from tests.year.measuring import Spent

_CHECK: Final = (sys.executable, "-m", "qa_api", "check")


@dataclass(frozen=True)
class Checked:
    """What the command printed, how it ended, and what it took."""

    status: int
    said: str
    seconds: float
    cpu: float
    """Seconds of its process and of the PostgreSQL server."""
    server_cpu: float

    def __str__(self) -> str:
        return (
            f"`qa-api check` at the end: {self.seconds:.1f} s, of CPU {self.cpu:.1f} s,"
            f" {self.server_cpu:.1f} of them PostgreSQL's"
        )


def check_by_command(database: Database, on: date) -> Checked:
    """Ask as an operator does, on the evening of a day."""
    evening = (start_of_local_day(on) + EVENING).isoformat()
    set_to = {"QA_ENVIRONMENT": "development", "QA_CLOCK": evening}
    spent, children, begun = Spent(database), _of_children(), time.monotonic()
    ended = subprocess.run(
        _CHECK,
        env=environment_of(database) | set_to,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds, server = time.monotonic() - begun, spent.server
    cpu = _of_children() - children + server
    return Checked(ended.returncode, ended.stdout + ended.stderr, seconds, cpu, server)


def _of_children() -> float:
    """Seconds of CPU that ended children of this process took."""
    times = os.times()
    return times.children_user + times.children_system
