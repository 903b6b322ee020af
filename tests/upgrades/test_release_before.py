"""An older release works on while the database is migrated by this one, and leaves all to it.

Its own code serves its own data directory: its API is asked and its worker delivers, while one
migration after the other runs until the newest. Then this release starts on the directory. Only
`./dev drill upgrade` does that, for a release takes a quarter of a minute to start; `--release`
names a commit.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.embedded import Urls, running
from qa_api.embedded.server import find_running
from tests.api import Api, Server, contract
from tests.drill import SEED
from tests.histories.written import registers
from tests.kept import KEPT
from tests.kills.load import Load
from tests.kills.machines import asked, machine_in, send_changes_of_gates
from tests.kills.test_kills import (
    WAITING,
    each_message_came_in_its_turn,
    nothing_is_lost_or_doubled,
    the_command_finds_nothing,
)
from tests.scratch import scratch_directory
from tests.test_main import until
from tests.upgrades.conftest import WHOLE
from tests.upgrades.releases import Release, commit_before, commit_of_release
from tests.upgrades.revisions import migrate_to, revisions
from tests.worker.receiving import Receiver, receiving

ENOUGH: Final = 10
"""Changes that are taken after each migration; more than are under way at a time."""
NAMED: Final = os.environ.get("DRILL_RELEASE")
RELEASES: Final[dict[str, Callable[[], str]]] = (
    {"named": lambda: str(NAMED)}
    if NAMED
    else {
        "that is kept": commit_of_release,
        "before 0122": lambda: commit_before("0122"),
        "before the newest migration": lambda: commit_before(revisions(1)[-1][0]),
    }
)
"""The migration 0122 is the one that meets who works most often."""

pytestmark = pytest.mark.skipif(not WHOLE, reason="a drill: it starts older releases")


@dataclass
class Step:
    """One migration, and what people were answered from when it began until they got on."""

    name: str
    seconds: float
    silence: float
    """The longest time in which nothing was acknowledged."""
    busy: int
    """How many were told to come again (503)."""
    wrong: int
    """How many were told that something is wrong (any other 5xx)."""

    def __str__(self) -> str:
        return (
            f"  {self.name[:42]:<44}{self.seconds:>6.2f}{self.silence:>8.2f}"
            f"{self.busy:>6}{self.wrong:>7}"
        )


HEAD: Final = f"  {'migration':<44}{'s':>6}{'silence':>8}{'503':>6}{'other':>7}"


@pytest.fixture
def data() -> Iterator[Path]:
    with scratch_directory() as made:
        (made / "data").mkdir()
        yield made / "data"


@pytest.mark.long
@pytest.mark.parametrize("which", RELEASES)
def test_an_older_release_works_through_every_migration_and_this_one_has_all_it_took(
    which: str,
    data: Path,
    new_ref: Callable[[], str],
    record_property: Callable[[str, object], None],
) -> None:
    release = Release.of(RELEASES[which](), data.parent)
    with running(data) as server:
        migrate_to(server.urls().migrate_url, release.revision)
    issuer = DevelopmentIssuer.open(data / "keys")
    with receiving() as receiver:
        with release.serving(data) as url:
            urls = find_running(data)
            assert urls is not None
            with Api(Server(url, release.contract), issuer) as api:
                send_changes_of_gates(api, receiver.url)
                load = Load([url], issuer.issue, registers(api, new_ref), SEED)
                steps = migrated_under(load, urls, release.revision)
            until(lambda: asked(urls, WAITING) == [0])
            KEPT.close()
        this_release_goes_on(data, load, issuer, receiver)
    answered = load.statuses.total() + load.of_versions.total()
    record_property("asked", answered)
    record_property("wrong", sum(step.wrong for step in steps))
    longest = sorted(steps, key=lambda step: (step.busy, step.silence), reverse=True)[:6]
    summary = (
        f"release {release.commit} at {release.revision}: {len(steps)} migrations,"
        f" {answered:,} answers, {sum(step.busy for step in steps)} of them 503"
    )
    record_property("told", [summary, HEAD, *map(str, longest)])
    assert not any(step.wrong for step in steps)


def migrated_under(load: Load, urls: Urls, since: str) -> list[Step]:
    """Each migration after that one, while the load goes on; it is over in the end."""
    steps = []
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(asyncio.run, load.run())

        def gets_on() -> None:
            enough = load.acknowledged + ENOUGH
            until(lambda: load.acknowledged >= enough or working.done())
            assert not working.done(), working.result()

        try:
            gets_on()
            for revision, name in revisions(1):
                if revision > since:
                    before = load.statuses + load.of_versions
                    begun = time.monotonic()
                    migrate_to(urls.migrate_url, revision)
                    seconds = time.monotonic() - begun
                    gets_on()
                    met = load.statuses + load.of_versions - before
                    wrong = sum(many for status, many in met.items() if status >= 500)
                    silence = load.longest_silence(begun)
                    steps.append(Step(name, seconds, silence, met[503], wrong - met[503]))
        finally:
            load.stop.set()
        working.result()
    assert steps
    return steps


def this_release_goes_on(
    data: Path, load: Load, issuer: DevelopmentIssuer, receiver: Receiver
) -> None:
    """It starts on the directory, has what the older one acknowledged, and takes more."""
    with machine_in(data) as machine:
        nothing_is_lost_or_doubled(load, machine.urls)
        each_message_came_in_its_turn(receiver, machine.urls.migrate_url)
        with Api(Server(machine.url, contract()), issuer) as api:
            *_, last = load.planned.values()
            assert api.get(f"/v1/audits/{last}").json()["state"] == "planned"
            plan = {"type": "collaborative", "team": "lincoln-fast"}
            assert api.create("/v1/audits", plan).status_code == 201
        for command in ("verify", "figures", "check"):
            the_command_finds_nothing(command, machine.urls)
