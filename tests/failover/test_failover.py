"""Whatever happens to a cluster, the service goes on by itself, and nothing acknowledged is lost.

`./dev drill failover` needs etcd and takes minutes; the suite has `tests/test_servers.py`.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Final

import pytest

from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, Server, contract
from tests.drill import SEED
from tests.failover import programs
from tests.failover.cluster import TIME_TO_LIVE, Cluster, cluster_in, comes_about
from tests.failover.following import Copies
from tests.failover.service import Two, two_of_each
from tests.failover.troubles import LEADERLESS, TROUBLES
from tests.feeds.noting import note_writes
from tests.histories.written import registers
from tests.kept import KEPT
from tests.kills.load import Load
from tests.kills.machines import asked, send_changes_of_gates
from tests.kills.test_kills import (
    WAITING,
    each_message_came_in_its_turn,
    nothing_is_lost_or_doubled,
    the_command_finds_nothing,
)
from tests.scratch import scratch_directory
from tests.worker.receiving import receiving

IN_TIME: Final = TIME_TO_LIVE + 5.0
"""Seconds within which changes are taken again."""
ENOUGH: Final = 40
"""Changes that are taken before and after each trouble; more than are under way at a time."""
SILENCE: Final = 3.0
"""Seconds without a change that is taken, after which none is."""
SEALS: Final = "SELECT count(*) FROM event_seals"

pytestmark = pytest.mark.skipif(
    "DRILL_SEED" not in os.environ or programs.etcd() is None,
    reason="a drill, and it needs etcd",
)


@pytest.fixture
def directory() -> Iterator[Path]:
    with scratch_directory() as made:
        yield made


@pytest.fixture
def cluster(directory: Path) -> Iterator[Cluster]:
    with cluster_in(directory / "cluster") as made:
        yield made
        KEPT.close()


@pytest.fixture
def service(directory: Path, cluster: Cluster) -> Iterator[Two]:
    with two_of_each(directory / "data", cluster.urls) as made:
        yield made


def test_whoever_leads_nothing_acknowledged_is_lost(
    directory: Path,
    cluster: Cluster,
    service: Two,
    new_ref: Callable[[], str],
    record_property: Callable[[str, object], None],
) -> None:
    issuer, random = DevelopmentIssuer.open(directory / "data" / "keys"), Random(SEED)
    names = sorted(TROUBLES)
    random.shuffle(names)
    server = Server(service.urls[0], contract())
    began = service.pids()
    note_writes(cluster.urls.migrate_url)
    with receiving() as receiver, Api(server, issuer) as api, ThreadPoolExecutor(2) as pool:
        send_changes_of_gates(api, receiver.url)
        load = Load(service.urls, issuer.issue, registers(api, new_ref), SEED)
        copies = Copies(service.urls, issuer.issue)
        following = pool.submit(asyncio.run, copies.run())
        comes_about(lambda: copies.begun.is_set() or following.done(), "nobody follows")
        working = pool.submit(asyncio.run, load.run())
        try:
            told = [lived_through(name, cluster, load, random) for name in names]
            load.stop.set()
            working.result()
            comes_about(lambda: asked(cluster.urls, WAITING) == [0], "deliveries wait")
        finally:
            load.stop.set()
            copies.stop.set()
        following.result()
    told.append(copies.have(set(load.planned.values()), cluster.urls))
    record_property("asked", len(load.history) + load.acknowledged)
    record_property("wrong", sum("LATE" in line for line in told))
    record_property("told", told)
    assert service.pids() == began
    assert load.unanswered == 0
    assert {status for status in load.statuses if status >= 400} <= {503}
    nothing_is_lost_or_doubled(load, cluster.urls)
    each_message_came_in_its_turn(receiver, cluster.urls.migrate_url)
    for command in ("verify", "figures", "check"):
        the_command_finds_nothing(command, cluster.urls)
    assert not [line for line in told if "LATE" in line]


def lived_through(name: str, cluster: Cluster, load: Load, random: Random) -> str:
    """A trouble, until the cluster is whole again; gives the line of the table."""
    cluster.until_whole()
    before = asked(cluster.urls, SEALS)[0]
    KEPT.close()
    taken = len(load.taken)
    comes_about(lambda: len(load.taken) >= taken + ENOUGH, f"before {name}: nothing is taken")
    begun, refused = time.monotonic(), load.statuses[503]
    make_good = TROUBLES[name](cluster, random)
    if name == LEADERLESS:
        comes_about(lambda: time.monotonic() > load.taken[-1] + SILENCE, "somebody leads")
        make_good()
        begun = time.monotonic()
    taken = len(load.taken)
    comes_about(lambda: len(load.taken) >= taken + ENOUGH, f"after {name}: nothing is taken")
    make_good()
    cluster.until_whole()
    silence = load.longest_silence(begun)
    comes_about(lambda: asked(cluster.urls, SEALS)[0] > before, f"after {name}: nothing is sealed")
    KEPT.close()
    late = "" if silence <= IN_TIME else " LATE"
    return (
        f"{name:<36}taken again after {silence:4.1f} s{late};"
        f" {load.statuses[503] - refused} x 503 with Retry-After"
    )
