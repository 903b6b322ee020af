"""What is asked of a service while its parts are killed, and what it acknowledged."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from threading import Event as Flag
from uuid import uuid4

import httpx

from qa_api import clock
from tests.api import Json
from tests.closures.sending import CANCELLED, CLOUDEVENT, PROPOSED, TEAM, WORKER
from tests.histories.checker import Done
from tests.histories.recording import Register, recorded
from tests.patient import Patient, many_connections

PLANNERS, SYSTEMS, WRITERS = 2, 3, 3
EVENTS_OF_A_CHILD = 6


@dataclass
class Load:
    """Clients that go on until they are told to stop; each finishes what it began."""

    urls: Sequence[str]
    """One API or several, any of which is asked."""
    token: Callable[[str], str]
    registers: list[Register]
    seed: str
    stop: Flag = field(default_factory=Flag)
    planned: dict[str, str] = field(default_factory=dict)
    """By the key of a request, the audit that it was told to have planned."""
    sent: list[str] = field(default_factory=list)
    """The events of the case system that were taken."""
    history: list[Done] = field(default_factory=list)
    """What was read and written of things with versions."""
    taken: list[float] = field(default_factory=list)
    """When each audit and event was acknowledged."""
    statuses: Counter[int] = field(default_factory=Counter)
    """What was answered to them; a 503 says when to come back, or nobody would."""
    sent_off: int = 0
    of_versions: Counter[int] = field(default_factory=Counter)
    """What was answered to those who read and write versions."""

    @property
    def unanswered(self) -> int:
        """Requests of which nobody was told anything."""
        return self.sent_off - self.statuses.total()

    def longest_silence(self, since: float) -> float:
        """The longest time, from then on, in which nothing was acknowledged."""
        points = [since, *(at for at in self.taken if at > since)]
        return max(after - before for before, after in pairwise(points))

    @property
    def acknowledged(self) -> int:
        """How many were planned or taken until now."""
        return len(self.planned) + len(self.sent)

    async def run(self) -> None:
        """All clients at once."""
        async with many_connections(PLANNERS + SYSTEMS) as http:
            random = Random(self.seed)
            patient = Patient(http, lambda: random.choice(self.urls))
            http.event_hooks = {"request": [self._sent], "response": [self._answered]}
            told = asyncio.create_task(
                recorded(
                    self.urls,
                    self.registers,
                    clients=WRITERS,
                    goes_on=lambda _: not self.stop.is_set(),
                    seed=self.seed,
                    answered=self._answered_a_version,
                )
            )
            await asyncio.gather(
                told,
                *(self._plan(patient) for _ in range(PLANNERS)),
                *(self._tell(patient) for _ in range(SYSTEMS)),
            )
        self.history = told.result()

    async def _sent(self, _: httpx.Request) -> None:
        self.sent_off += 1

    async def _answered(self, answer: httpx.Response) -> None:
        self.statuses[answer.status_code] += 1
        if answer.is_success:
            self.taken.append(time.monotonic())

    async def _answered_a_version(self, answer: httpx.Response) -> None:
        self.of_versions[answer.status_code] += 1

    async def _plan(self, patient: Patient) -> None:
        """Quality & Standards plan one audit after the other."""
        while not self.stop.is_set():
            key = uuid4().hex
            answer, _ = await patient.ask(
                "POST",
                "/v1/audits",
                headers={"authorization": f"Bearer {self.token('qs-1')}", "idempotency-key": key},
                json={"type": "collaborative", "team": TEAM},
            )
            assert answer.status_code == 201, answer.text
            self.planned[key] = answer.json()["id"]

    async def _tell(self, patient: Patient) -> None:
        """A case system proposes to close a child's case, takes it back, proposes it again."""
        while not self.stop.is_set():
            child, episode = f"C-{uuid4().hex[:12]}", f"EP-{uuid4().hex[:12]}"
            for version in range(1, 1 + EVENTS_OF_A_CHILD):
                event = event_of(child, episode, version)
                answer, _ = await patient.ask(
                    "POST",
                    "/v1/case-events",
                    headers={
                        "authorization": f"Bearer {self.token('case-system-mosaic')}",
                        "content-type": CLOUDEVENT,
                    },
                    json=event,
                )
                assert answer.status_code == 202, answer.text
                self.sent.append(event["id"])


def event_of(child: str, episode: str, version: int) -> Json:
    """A proposal to close a child's case, or what takes it back: every other version."""
    return {
        "specversion": "1.0",
        "id": uuid4().hex,
        "source": "urn:mosaic",
        "type": PROPOSED if version % 2 else CANCELLED,
        "data": {
            "episode_id": episode,
            "subjects": [{"ref": child, "role": "child"}],
            "source_version": version,
            "occurred_at": clock.now().isoformat(),
            "team": TEAM,
            "worker": WORKER,
        },
    }
