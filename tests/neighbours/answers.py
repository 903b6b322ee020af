"""What people and systems are answered while something beside the service is wrong."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from tests.closures.sending import CLOUDEVENT, TEAM
from tests.kills.load import event_of
from tests.patient import many_connections

EACH = 6
"""Of each kind of request so many, at once."""
LONGEST = 60.0
"""Seconds that a request waits for its answer before it counts as none."""


@dataclass
class Answers:
    """What was answered to requests of one kind."""

    statuses: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def __str__(self) -> str:
        told = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        return f"{told}, {self.slowest:.1f} s"


@dataclass
class Asked:
    """Everything that was asked in one phase: by kind, and what was acknowledged."""

    kinds: dict[str, Answers] = field(default_factory=dict)
    audits: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


async def ask_everything(url: str, token: Callable[[str], str]) -> Asked:
    """Reads, changes, events of a case system, and whether the service is ready, all at once."""
    asked = Asked()
    async with many_connections(4 * EACH) as http:

        def as_(person: str, **more: str) -> dict[str, str]:
            return {"authorization": f"Bearer {token(person)}"} | more

        async def read() -> httpx.Response:
            return await http.get(f"{url}/v1/audits?limit=5", headers=as_("qs-1"))

        async def change() -> httpx.Response:
            headers = as_("qs-1", **{"idempotency-key": uuid4().hex})
            body = {"type": "collaborative", "team": TEAM}
            answer = await http.post(f"{url}/v1/audits", headers=headers, json=body)
            if answer.status_code == 201:
                asked.audits.append(answer.json()["id"])
            return answer

        async def event() -> httpx.Response:
            headers = as_("case-system-mosaic", **{"content-type": CLOUDEVENT})
            name = uuid4().hex[:12]
            said = event_of(f"C-{name}", f"EP-{name}", 1)
            answer = await http.post(f"{url}/v1/case-events", headers=headers, json=said)
            if answer.status_code == 202:
                asked.events.append(str(said["id"]))
            return answer

        async def ready() -> httpx.Response:
            return await http.get(f"{url}/readyz")

        kinds: dict[str, Callable[[], Awaitable[httpx.Response]]] = {
            "reads": read,
            "changes": change,
            "events": event,
            "ready": ready,
        }
        asked.kinds = {name: Answers() for name in kinds}
        await asyncio.gather(
            *(
                _answered(kind, asked.kinds[name])
                for name, kind in kinds.items()
                for _ in range(EACH)
            )
        )
    return asked


async def _answered(kind: Callable[[], Awaitable[httpx.Response]], answers: Answers) -> None:
    started = time.monotonic()
    try:
        answer = await kind()
    except httpx.HTTPError as fault:
        status = type(fault).__name__
    else:
        told = answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
        status = "503 with Retry-After" if told else str(answer.status_code)
    answers.statuses[status] += 1
    answers.slowest = max(answers.slowest, time.monotonic() - started)
