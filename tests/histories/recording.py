"""Clients that read and write versions of few things at once, and note what they were told."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.api import WITHOUT_TLS, Json
from tests.histories.checker import Done, Read, Write

TRY_AGAIN: Final = {429, 503}
PATIENCE: Final = 60.0
"""Seconds after which a request that was never answered is taken to be a fault."""


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


async def recorded(
    urls: Sequence[str], registers: Sequence[Register], *, clients: int, each: int, seed: str
) -> list[Done]:
    """What so many clients were told, who each send so many requests to any of the services."""
    async with httpx.AsyncClient(
        verify=WITHOUT_TLS,
        trust_env=False,
        timeout=PATIENCE,
        limits=httpx.Limits(max_connections=clients),
    ) as http:
        first = await asyncio.gather(*(_as_it_is(http, urls[0], one) for one in registers))
        known = dict(zip(registers, (write.made or 0 for write in first), strict=True))
        several = [
            _Client(number, http, urls, dict(known), Random(f"{seed} {number}"))
            for number in range(1, clients + 1)
        ]
        told = await asyncio.gather(*(client.send(each) for client in several))
    return [*first, *(one for history in told for one in history)]


async def _as_it_is(http: httpx.AsyncClient, url: str, register: Register) -> Write:
    """The version from which the history begins, as if somebody had just written it."""
    answer = await http.get(url + register.path, headers=register.authorised)
    now = time.monotonic()
    return Write(0, register.path, now, now, _text(answer, register), 0, _version(answer))


@dataclass
class _Client:
    number: int
    http: httpx.AsyncClient
    urls: Sequence[str]
    known: dict[Register, int]
    random: Random

    async def send(self, requests: int) -> Iterable[Done]:
        """One request after the other; half of them write what nobody else writes."""
        registers = list(self.known)
        told: list[Done] = []
        for number in range(requests):
            register = self.random.choice(registers)
            if self.random.random() < 0.5:
                told.append(await self._read(register))
            else:
                told.append(await self._write(register, f"{self.number}-{number}"))
        return told

    async def _read(self, register: Register) -> Read:
        answer, started = await self._ask("GET", register)
        assert answer.status_code == 200, answer.text
        self.known[register] = version = _version(answer)
        ended, text = time.monotonic(), _text(answer, register)
        return Read(self.number, register.path, started, ended, text, version)

    async def _write(self, register: Register, text: str) -> Write:
        """On the version that the client knows; again with the same key until it is answered."""
        based_on = self.known[register]
        headers = {"if-match": f'"{based_on}.{"0" * 16}"', "idempotency-key": uuid4().hex}
        body = register.rest | {register.text: text}
        answer, started = await self._ask(register.method, register, headers, body)
        ended = time.monotonic()
        assert answer.status_code in {200, 412}, answer.text
        self.known[register] = _version(answer)  # of a refusal: the one that is there now
        made = _version(answer) if answer.status_code == 200 else None
        return Write(self.number, register.path, started, ended, text, based_on, made)

    async def _ask(
        self,
        method: str,
        register: Register,
        headers: dict[str, str] | None = None,
        body: Any = None,
    ) -> tuple[httpx.Response, float]:
        """The answer, and when it was first asked for."""
        started = time.monotonic()
        while True:
            answer = await self.http.request(
                method,
                self.random.choice(self.urls) + register.path,
                headers=register.authorised | (headers or {}),
                json=body,
            )
            if answer.status_code not in TRY_AGAIN:
                return answer, started
            assert time.monotonic() < started + PATIENCE, answer.text
            await asyncio.sleep(float(answer.headers["retry-after"]))


def _version(answer: httpx.Response) -> int:
    return int(answer.headers["etag"].strip('"').partition(".")[0])


def _text(answer: httpx.Response, register: Register) -> str:
    return str(answer.json()[register.text])
