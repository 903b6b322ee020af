"""A client that asks again, with the same key, until it is answered: its server may be killed."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from tests.api import WITHOUT_TLS

TRY_AGAIN: Final = {429, 503}
PATIENCE: Final = 60.0
"""Seconds after which a request that was never answered is taken to be a fault."""


def many_connections(most: int) -> httpx.AsyncClient:
    """An HTTP client of services on this machine, for so many requests at once."""
    limits = httpx.Limits(max_connections=most)
    return httpx.AsyncClient(verify=WITHOUT_TLS, trust_env=False, timeout=PATIENCE, limits=limits)


@dataclass(frozen=True)
class Patient:
    """Asks as one person or system."""

    http: httpx.AsyncClient
    url: Callable[[], str]
    """The service that is asked next."""

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], json: Any = None
    ) -> tuple[httpx.Response, float]:
        """The answer, and when it was first asked for."""
        started = time.monotonic()
        while True:
            pause = 0.1
            try:
                answer = await self.http.request(
                    method, self.url() + path, headers=headers, json=json
                )
            except httpx.TransportError:
                if time.monotonic() > started + PATIENCE:
                    raise
            else:
                if answer.status_code not in TRY_AGAIN:
                    return answer, started
                assert time.monotonic() < started + PATIENCE, answer.text
                pause = float(answer.headers["retry-after"])
            await asyncio.sleep(pause)
