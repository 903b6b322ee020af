"""Who takes part in the demo's story, what has come about, and how days are told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx

from qa_api import clock
from qa_api.demo.callers import Caller
from qa_api.demo.receiver import Receiver
from qa_api.demo.telling import Teller
from qa_api.rules.local_time import local_date

TEAM: Final = "lincoln-fast"


def new_ref() -> str:
    return f"C-{uuid4().hex[:8]}"


def now() -> datetime:
    return clock.now()


def today() -> date:
    return local_date(now())


def later(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def day(written: str) -> str:
    return f"{date.fromisoformat(written):%A %d %B %Y}"


def london(written: str) -> str:
    instant = datetime.fromisoformat(written).astimezone(UTC)
    return f"{local_date(instant):%A %d %B %Y} (London), {instant:%H:%M} UTC"


@dataclass
class Story:
    """Who takes part, and what has come about so far."""

    teller: Teller
    receiver: Receiver
    http: httpx.Client
    token: Callable[[str], str]
    refs: tuple[str, str] = field(default_factory=lambda: (new_ref(), new_ref()))
    episode: str = field(default_factory=lambda: f"E-{uuid4().hex[:10]}")
    made: dict[str, Any] = field(default_factory=dict)

    def caller(self, name: str) -> Caller:
        """Somebody of the demo authority, or one of its systems."""
        return Caller(name, self.http, self.token)

    @property
    def case_system(self) -> Caller:
        """The case system."""
        return self.caller("case-system-mosaic")

    @property
    def manager(self) -> Caller:
        """The team manager."""
        return self.caller(f"tm-{TEAM}")

    @property
    def auditor(self) -> Caller:
        """The auditor: a practice supervisor of the team, as the closure audit's policy says."""
        return self.caller(f"ps-{TEAM}")

    @property
    def worker(self) -> Caller:
        """The social worker whose case it is."""
        return self.caller(f"sw1-{TEAM}")

    @property
    def standards(self) -> Caller:
        """The Quality & Standards team."""
        return self.caller("qs-1")

    @property
    def audit(self) -> str:
        """The path of the audit that the story follows."""
        return f"/v1/audits/{self.made['audit']}"
