"""Whatever is wrong beside the service, everybody is answered, and what was taken is kept.

The suite tries one trouble of all, `./dev drill neighbours` each, and prints what was answered
before, during and after it.
"""

import asyncio
import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from time import monotonic
from typing import Final

import httpx
import pytest

from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, Server, contract
from tests.drill import SEED, share
from tests.kills.killing import Machine
from tests.kills.machines import asked, machine_in, send_changes_of_gates
from tests.neighbours.answers import Asked, ask_everything
from tests.neighbours.named import DEAF, HEARING, Named, named
from tests.neighbours.nameless import NAMELESS, STARTING
from tests.neighbours.troubles import TROUBLES, hanging_database
from tests.worker.receiving import Received, Receiver, receiving

ALL: Final = {**TROUBLES, **NAMELESS}
SHORT: Final = sorted(ALL.keys() - STARTING.keys())
TRIED: Final = sorted(random.Random(SEED).sample(SHORT, share(1)) if share(1) else ALL)
ROOM: Final = "700m"
DONE: Final = {"reads": "200", "changes": "201", "events": "202", "ready": "200"}
COME_BACK: Final = "503 with Retry-After"
PARTS: Final = ("API", "worker")


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
def names(data: Path) -> Iterator[Named]:
    """What the machine is told, so that it asks a resolver of ours for its neighbours."""
    with named(data, data.with_name("names")) as made:
        yield made


@pytest.fixture(scope="module")
def machine(data: Path, receiver: Receiver, names: Named) -> Iterator[Machine]:
    """A machine whose case system is sent what changes about its cases, by each of two names."""
    with machine_in(data, data.with_name("clock"), names.settings) as made:
        issuer = DevelopmentIssuer.open(data / "keys")
        with Api(Server(made.url, contract()), issuer) as api:
            for name in (DEAF, HEARING):
                send_changes_of_gates(api, names.place(name, receiver.url))
        yield made


@pytest.mark.long
@pytest.mark.parametrize("name", TRIED)
def test_everybody_is_answered_beside(
    machine: Machine,
    receiver: Receiver,
    names: Named,
    name: str,
    record_property: Callable[[str, object], None],
) -> None:
    if name == "a full disk" and not os.path.ismount(machine.data):
        pytest.skip("no small disk can be made here")
    if name in NAMELESS and names.resolver is None:
        pytest.skip("no name server can be made here")
    token = DevelopmentIssuer.open(machine.data / "keys").issue
    before = asyncio.run(ask_everything(machine.url, token))
    told = len(_heard(receiver))
    with beginning(name, machine, receiver, names):
        during = asyncio.run(ask_everything(machine.url, token))
        if names.finds(HEARING):
            machine.stays_until(lambda: len(_heard(receiver)) >= told + len(during.events))
    machine.until_ready()
    machine.stays_until(lambda: asked_as(token, machine.url) != 503)
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


@pytest.mark.long
def test_a_resolver_that_hangs_keeps_nobody_from_ending(machine: Machine, names: Named) -> None:
    """The short form of it is in `tests/test_names.py`."""
    if share(1):
        pytest.skip("takes half a minute: `./dev drill neighbours`")
    if names.resolver is None:
        pytest.skip("no name server can be made here")
    with NAMELESS["a resolver that hangs, an API that starts"](machine, names.resolver):
        machine.kill("worker")
        machine.stays_until(lambda: all(asks_a_resolver(machine, part) for part in PARTS))
        ended = {part: machine.processes.end(part) for part in PARTS}
    assert -signal.SIGKILL not in ended.values(), ended
    machine.until_ready()


@pytest.mark.long
@pytest.mark.parametrize("requests", ["answered", "under way"])
def test_a_database_that_hangs_keeps_nobody_from_ending(
    machine: Machine,
    receiver: Receiver,
    requests: str,
    record_property: Callable[[str, object], None],
) -> None:
    """The short form of it is in `tests/test_servers.py`."""
    if share(1):
        pytest.skip("takes half a minute: `./dev drill neighbours`")
    token = DevelopmentIssuer.open(machine.data / "keys").issue
    told = []
    asyncio.run(ask_everything(machine.url, token))
    with hanging_database(machine, receiver), ThreadPoolExecutor(1) as beside:
        asking = beside.submit(asyncio.run, ask_everything(machine.url, token))
        if requests == "answered":
            asking.result()
        for part in PARTS:
            began = monotonic()
            assert machine.processes.end(part) != -signal.SIGKILL, part
            told.append(f"{part} ended after {monotonic() - began:.1f} s")
    machine.until_ready()
    record_property("told", told)


def asks_a_resolver(machine: Machine, part: str) -> bool:
    """Whether one of the processes waits for an answer of a name server; the API is asked too."""
    if part == "API":
        with suppress(httpx.HTTPError):
            httpx.get(f"{machine.url}/readyz", timeout=5)
    sockets = {
        f"socket:[{line.split()[9]}]"
        for line in Path("/proc/net/udp").read_text().splitlines()[1:]
        if line.split()[2].endswith(":0035")
    }
    held = Path(f"/proc/{machine.processes.pid(part)}/fd").iterdir()
    with suppress(FileNotFoundError):  # closed while it was looked at
        return any(str(one.readlink()) in sockets for one in held)
    return False


def beginning(
    name: str, machine: Machine, receiver: Receiver, names: Named
) -> AbstractContextManager[None]:
    """A trouble, whatever kind it is of."""
    if name in TROUBLES:
        return TROUBLES[name](machine, receiver)
    assert names.resolver is not None
    return NAMELESS[name](machine, names.resolver)


def asked_as(token: Callable[[str], str], url: str) -> int:
    """What somebody is answered who asks something small."""
    headers = {"authorization": f"Bearer {token('qs-1')}"}
    return httpx.get(f"{url}/v1/me", headers=headers, trust_env=False, timeout=60).status_code


def _heard(receiver: Receiver) -> list[Received]:
    """What came about a case that is to close, to the receiver whose name is always found."""
    return [
        each
        for each in list(receiver.came)
        if each.headers["host"].startswith(HEARING)
        and each.message["type"] == "closure_gate.opened"
    ]


def _count(phase: Asked) -> int:
    return sum(said.statuses.total() for said in phase.kinds.values())


def _line(phase: Asked) -> str:
    return "; ".join(f"{kind} {said}" for kind, said in phase.kinds.items())
