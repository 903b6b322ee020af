"""Clients that read and write versions of few things at once, and note what they were told."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

import httpx

from tests.api import Json
from tests.histories.checker import Done, Read, Write
from tests.patient import Patient, many_connections


@dataclass(frozen=True, eq=False)
class Register:
    """A thing with versions, one text of which is written and read."""

    method: str
    path: str
    text: str
    """The field that holds the text."""
    token: str
    rest: Json = field(default_factory=dict)
    """What a write says beside the text."""

    @property
    def authorised(self) -> dict[str, str]:
        """The header of whoever may read and write it."""
        return {"authorization": f"Bearer {self.token}"}


GoesOn = Callable[[int], bool]
"""Whether a client that has sent so many requests sends another one."""

Answered = Callable[[httpx.Response], Awaitable[None]]


async def recorded(
    urls: Sequence[str],
    registers: Sequence[Register],
    *,
    clients: int,
    goes_on: GoesOn,
    seed: str,
    answered: Answered | None = None,
) -> list[Done]:
    """What so many clients were told, whose requests go to any of the services.

    `answered` is told of each answer, of those too after which a client asks again.
    """
    random = Random(seed)
    async with many_connections(clients) as http:
        http.event_hooks = {"response": [answered] if answered else []}
        patient = Patient(http, lambda: random.choice(urls))
        first = await asyncio.gather(*(_as_it_is(patient, one) for one in registers))
        known = dict(zip(registers, (write.made or 0 for write in first), strict=True))
        several = [
            _Client(number, patient, dict(known), Random(f"{seed} {number}"))
            for number in range(1, clients + 1)
        ]
        told = await asyncio.gather(*(client.send(goes_on) for client in several))
    return [*first, *(one for history in told for one in history)]


async def _as_it_is(patient: Patient, register: Register) -> Write:
    """The version from which the history begins, as if somebody had just written it."""
    answer, _ = await patient.ask("GET", register.path, headers=register.authorised)
    now = time.monotonic()
    return Write(0, register.path, now, now, _text(answer, register), 0, _version(answer))


@dataclass
class _Client:
    number: int
    patient: Patient
    known: dict[Register, int]
    random: Random

    async def send(self, goes_on: GoesOn) -> Iterable[Done]:
        """One request after the other; half of them write what nobody else writes."""
        registers = list(self.known)
        told: list[Done] = []
        while goes_on(len(told)):
            register = self.random.choice(registers)
            if self.random.random() < 0.5:
                told.append(await self._read(register))
            else:
                told.append(await self._write(register, f"{self.number}-{len(told)}"))
        return told

    async def _read(self, register: Register) -> Read:
        answer, started = await self.patient.ask("GET", register.path, headers=register.authorised)
        ended = time.monotonic()
        assert answer.status_code == 200, answer.text
        self.known[register] = version = _version(answer)
        return Read(self.number, register.path, started, ended, _text(answer, register), version)

    async def _write(self, register: Register, text: str) -> Write:
        """On the version that the client knows; again with the same key until it is answered."""
        based_on = self.known[register]
        said = {"if-match": f'"{based_on}.{"0" * 16}"', "idempotency-key": uuid4().hex}
        answer, started = await self.patient.ask(
            register.method,
            register.path,
            headers=register.authorised | said,
            json=register.rest | {register.text: text},
        )
        ended = time.monotonic()
        assert answer.status_code in {200, 412}, answer.text
        self.known[register] = _version(answer)  # of a refusal: the one that is there now
        made = _version(answer) if answer.status_code == 200 else None
        return Write(self.number, register.path, started, ended, text, based_on, made)


def _version(answer: httpx.Response) -> int:
    return int(answer.headers["etag"].strip('"').partition(".")[0])


def _text(answer: httpx.Response, register: Register) -> str:
    return str(answer.json()[register.text])
