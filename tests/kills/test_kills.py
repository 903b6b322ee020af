"""Whatever is killed while people work, nothing that was acknowledged is lost or doubled.

The suite kills each part once, `./dev drill kill` 500 times.
"""

import asyncio
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Final

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.embedded.addresses import Urls
from tests.api import Api, Server, contract
from tests.crash.test_every_statement import TWICE
from tests.drill import SEED, share
from tests.histories.checker import faults_of
from tests.histories.written import registers
from tests.kept import KEPT
from tests.kills.killing import PARTS, Machine, in_turn
from tests.kills.load import Load
from tests.kills.machines import asked, machine_in, send_changes_of_gates
from tests.test_main import environment_of
from tests.worker.receiving import Receiver, receiving

KILLS: Final = share(len(PARTS)) or 500
MOST_BETWEEN: Final = 12
"""What is acknowledged between a service that is ready again and the next kill, at the most."""
PLANNED = "SELECT id::text FROM audits WHERE type = 'collaborative'"
TAKEN = "SELECT event_id FROM case_events"
WAITING = "SELECT count(*) FROM deliveries WHERE state = 'waiting'"
LEASED = "SELECT count(*) FROM deliveries WHERE lease IS NOT NULL AND leased_until > now()"
DELIVERED = """
SELECT d.event_id::text, d.lane || ' ' || d.case_key AS queue FROM deliveries d
WHERE d.state = 'delivered' ORDER BY d.position
"""


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine of this test's own."""
    with machine_in(tmp_path / "data") as made:
        yield made


@pytest.mark.long
def test_nothing_that_was_acknowledged_is_lost_or_doubled(
    machine: Machine,
    new_ref: Callable[[], str],
    record_property: Callable[[str, object], None],
) -> None:
    issuer = DevelopmentIssuer.open(machine.data / "keys")
    random, server = Random(SEED), Server(machine.url, contract())
    with receiving() as receiver, Api(server, issuer) as api, ThreadPoolExecutor(1) as pool:
        send_changes_of_gates(api, receiver.url)
        load = Load([machine.url], issuer.issue, registers(api, new_ref), SEED)
        working = pool.submit(asyncio.run, load.run())
        try:
            for part in in_turn(random, KILLS):
                enough = load.acknowledged + random.randint(1, MOST_BETWEEN)
                machine.stays_until(lambda: load.acknowledged >= enough or working.done())  # noqa: B023 - asked within this turn
                machine.kill(part)
                machine.until_ready()
        finally:
            load.stop.set()
        machine.stays_until(working.done)
        working.result()
        machine.stays_until(lambda: asked(machine.urls, WAITING) == [0])
    record_property("asked", len(load.history) + load.acknowledged)
    record_property("wrong", 0)
    assert min(len(load.history), load.acknowledged) > KILLS, "it was under load"
    nothing_is_lost_or_doubled(load, machine.urls)
    each_message_came_in_its_turn(receiver, machine.urls.migrate_url)
    for command in ("verify", "figures", "check"):
        the_command_finds_nothing(command, machine.urls)


def nothing_is_lost_or_doubled(load: Load, urls: Urls) -> None:
    """Every acknowledgement is looked for, and nothing else is found."""
    faults = faults_of(load.history)
    assert not faults, "\n".join(str(fault) for fault in faults[:3])
    assert sorted(asked(urls, PLANNED)) == sorted(load.planned.values())
    assert sorted(asked(urls, TAKEN)) == sorted(load.sent)
    assert asked(urls, TWICE) == []
    assert asked(urls, LEASED) == [0]


def each_message_came_in_its_turn(receiver: Receiver, url: str) -> None:
    """At least once, always the same under its id, and those of one case in their order."""
    first: dict[str, int] = {}
    said: dict[str, bytes] = {}
    for number, message in enumerate(receiver.came):
        first.setdefault(message.id, number)
        assert said.setdefault(message.id, message.body) == message.body
    queues: dict[str, list[int]] = defaultdict(list)
    delivered = KEPT.ask(url, lambda kept: kept.fetch(DELIVERED))
    for row in delivered:
        queues[row["queue"]].append(first[row["event_id"]])
    assert {row["event_id"] for row in delivered} == set(first)
    assert all(came == sorted(came) for came in queues.values())


def the_command_finds_nothing(command: str, urls: Urls) -> None:
    """One of the commands by which an operator sees that all is well."""
    ended = subprocess.run(
        [sys.executable, "-m", "qa_api", command],
        env=environment_of(urls),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"
