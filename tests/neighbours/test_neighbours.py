"""Whatever is wrong beside the service, everybody is answered, and what was taken is kept.

The suite tries one trouble of all, `./dev drill neighbours` each, and prints what was answered
before, during and after it.
"""

import asyncio
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, Server, contract
from tests.drill import SEED, share
from tests.kills.killing import Machine
from tests.kills.machines import asked, machine_in, send_changes_of_gates
from tests.neighbours.answers import Asked, ask_everything
from tests.neighbours.troubles import TROUBLES
from tests.worker.receiving import Receiver, receiving

TRIED: Final = sorted(random.Random(SEED).sample(sorted(TROUBLES), share(1) or len(TROUBLES)))
ROOM: Final = "700m"
DONE: Final = {"reads": "200", "changes": "201", "events": "202", "ready": "200"}
COME_BACK: Final = "503 with Retry-After"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory on a small disk of its own, where that can be made."""
    place = tmp_path_factory.mktemp("small") / "data"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        yield place
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture(scope="module")
def machine(data: Path, receiver: Receiver) -> Iterator[Machine]:
    """A machine whose case system is sent what changes about its cases."""
    with machine_in(data, data.with_name("clock")) as made:
        issuer = DevelopmentIssuer.open(data / "keys")
        with Api(Server(made.url, contract()), issuer) as api:
            send_changes_of_gates(api, receiver)
        yield made


@pytest.mark.long
@pytest.mark.parametrize("name", TRIED)
def test_everybody_is_answered_beside(
    machine: Machine,
    receiver: Receiver,
    name: str,
    record_property: Callable[[str, object], None],
) -> None:
    if name == "a full disk" and not os.path.ismount(machine.data):
        pytest.skip("no small disk can be made here")
    token = DevelopmentIssuer.open(machine.data / "keys").issue
    before = asyncio.run(ask_everything(machine.url, token))
    with TROUBLES[name](machine, receiver):
        during = asyncio.run(ask_everything(machine.url, token))
    machine.until_ready()
    after = asyncio.run(ask_everything(machine.url, token))
    phases = {"before": before, "during": during, "after": after}
    record_property("asked", sum(_count(phase) for phase in phases.values()))
    record_property("wrong", 0)
    record_property("told", [f"{when:<8}{_line(phase)}" for when, phase in phases.items()])
    for phase in (before, after):
        assert {kind: set(said.statuses) for kind, said in phase.kinds.items()} == {
            kind: {status} for kind, status in DONE.items()
        }
    for kind, said in during.kinds.items():
        assert set(said.statuses) <= {DONE[kind], COME_BACK}, f"{kind}: {said}"
    kept = set(asked(machine.urls, "SELECT id::text FROM audits"))
    assert {audit for phase in phases.values() for audit in phase.audits} <= kept
    taken = set(asked(machine.urls, "SELECT event_id FROM case_events"))
    assert {event for phase in phases.values() for event in phase.events} <= taken


def _count(phase: Asked) -> int:
    return sum(said.statuses.total() for said in phase.kinds.values())


def _line(phase: Asked) -> str:
    return "; ".join(f"{kind} {said}" for kind, said in phase.kinds.items())
