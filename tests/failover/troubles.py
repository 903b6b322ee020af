"""What happens to a cluster: each begins, and gives what makes it good again."""

import signal
from collections.abc import Callable
from random import Random
from typing import Final

from tests.failover.cluster import Cluster

MadeGood = Callable[[], None]
Trouble = Callable[[Cluster, Random], MadeGood]


def _nothing() -> None:
    """It heals by itself."""


def leader_killed(cluster: Cluster, _: Random) -> MadeGood:
    """The machine of the leader is gone: PostgreSQL and who minds it."""
    cluster.who("leader").send(signal.SIGKILL)
    return _nothing


def leader_hangs(cluster: Cluster, _: Random) -> MadeGood:
    """The machine of the leader stands still: it takes connections and answers nothing."""
    leader = cluster.who("leader")
    leader.send(signal.SIGSTOP)
    return lambda: leader.send(signal.SIGCONT)


def postgresql_killed(cluster: Cluster, _: Random) -> MadeGood:
    """PostgreSQL of the leader dies; its Patroni starts it again or lets another lead."""
    cluster.who("leader").send(signal.SIGKILL, patroni=False)
    return _nothing


def switched_over(cluster: Cluster, _: Random) -> MadeGood:
    """Somebody who works on the leader's machine has another one lead."""
    leader, standby = cluster.who("leader"), cluster.who("sync_standby")
    leader.ask("POST", "/switchover", json={"leader": leader.name, "candidate": standby.name})
    return _nothing


def standby_killed(cluster: Cluster, _: Random) -> MadeGood:
    """The standby that every commit waits for is gone."""
    cluster.who("sync_standby").send(signal.SIGKILL)
    return _nothing


def etcd_cut(cluster: Cluster, random: Random) -> MadeGood:
    """One of those who say who leads is gone."""
    random.choice(cluster.etcds).send(signal.SIGKILL)
    return _nothing


def etcd_without_majority(cluster: Cluster, random: Random) -> MadeGood:
    """Two of three hang: nobody can say who leads, and the leader lays it down."""
    two = random.sample(cluster.etcds, 2)
    for each in two:
        each.send(signal.SIGSTOP)

    def again() -> None:
        for each in two:
            each.send(signal.SIGCONT)

    return again


TROUBLES: Final[dict[str, Trouble]] = {
    "the leader's machine is gone": leader_killed,
    "the leader's machine hangs": leader_hangs,
    "the leader's PostgreSQL is killed": postgresql_killed,
    "a switchover": switched_over,
    "the synchronous standby is gone": standby_killed,
    "an etcd is cut": etcd_cut,
    "no majority of etcd": etcd_without_majority,
}
"""By name. Each but the last leaves a cluster that finds a leader by itself."""
LEADERLESS: Final = "no majority of etcd"
"""Until this is made good nobody may lead."""
