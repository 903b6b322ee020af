"""The story's people, its calendar, and what has come about so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final
from uuid import uuid4

import httpx

from qa_api import clock
from qa_api.demo.callers import PATIENCE, Caller, Json, Unexpected
from qa_api.demo.receiver import Receiver
from qa_api.demo.telling import Teller, day
from qa_api.rules.local_time import LONDON, FinancialQuarter, Month, local_date, start_of_local_day

TEAM: Final = "lincoln-fast"
_MORNING: Final = timedelta(hours=9, minutes=30)
_TOKEN_HOLDS: Final = timedelta(hours=1)


def new_ref() -> str:
    """A case reference that nobody has used."""
    return f"C-{uuid4().hex[:8]}"


def now() -> datetime:
    """The story's instant."""
    return clock.now()


def today() -> date:
    """The story's day in London."""
    return local_date(now())


def in_days(days: int) -> str:
    """A day before or after today, as the API writes it."""
    return (today() + timedelta(days=days)).isoformat()


def weekday(on: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return on + timedelta(days=max(0, 7 - on.weekday()) if on.weekday() > 4 else 0)


def london(written: str) -> str:
    """An instant as people in London say it."""
    instant = datetime.fromisoformat(written).astimezone(LONDON)
    return f"{day(instant.date())}, {instant:%H:%M} in London"


@dataclass
class Story:
    """Who takes part, and what has come about so far.

    `turn` sets the clock of everybody; the story ends at `present` and never goes past it.
    """

    teller: Teller
    receiver: Receiver
    http: httpx.Client
    token: Callable[[str], str]
    turn: Callable[[datetime], None]
    pages: Path
    present: datetime
    meanwhile: Callable[[], None]
    refs: tuple[str, str] = field(default_factory=lambda: (new_ref(), new_ref()))
    episode: str = field(default_factory=lambda: f"E-{uuid4().hex[:10]}")
    made: dict[str, Any] = field(default_factory=dict)
    _tokens: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    # --- the calendar: the quarter before the present one, then on to the present ---

    @cached_property
    def quarter(self) -> FinancialQuarter:
        """The quarter that the story is about: the last one that is over."""
        return FinancialQuarter.of(local_date(self.present)).previous

    @property
    def months(self) -> tuple[Month, Month, Month]:
        """The months of the quarter."""
        first = Month.of(self.quarter.starts_on)
        return first, first.next, first.next.next

    def move_to(self, on: date) -> None:
        """On to the morning of a day, as far as there is time; never back."""
        self._turn(start_of_local_day(on) + _MORNING)

    def wait(self, **time: int) -> None:
        """On by hours or days."""
        before = today()
        self._turn(now() + timedelta(**time))
        if today() != before:
            self.teller.on(today())

    def wait_working_days(self, days: int) -> None:
        """On to the morning of a working day, as the service's own calendar counts."""
        query = {"start": today().isoformat(), "days": days}
        self.move_to(
            date.fromisoformat(self.standards.get("/v1/working-days/add", **query)["due_on"])
        )
        self.teller.on(today())

    def _turn(self, instant: datetime) -> None:
        self.until_workers_are_told()
        self.turn(max(now(), min(instant, self.present)))

    # --- the people ---

    def caller(self, name: str) -> Caller:
        """Somebody of the demo authority, or one of its systems."""
        return Caller(name, self.http, self._token, self.meanwhile)

    def _token(self, name: str) -> str:
        issued, token = self._tokens.get(name, (now() - 2 * _TOKEN_HOLDS, ""))
        if now() - issued > _TOKEN_HOLDS:
            token = self.token(name)
            self._tokens[name] = (now(), token)
        return token

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

    # --- what must come true ---

    @property
    def audit(self) -> str:
        """The path of the audit that the main job follows."""
        return f"/v1/audits/{self.made['audit']}"

    def check(self, so: object, what: str) -> None:
        """Raise Unexpected where something is otherwise than the story tells."""
        if not so:
            raise Unexpected(what)

    def hear(self, kind: str, **data: Any) -> None:
        """Wait for a webhook; the receiver has verified its signature."""

        def is_it(event: Json) -> bool:
            return bool(event["type"] == kind and data.items() <= event["data"].items())

        give_up = monotonic() + PATIENCE
        while not self.receiver.wait_for(is_it, seconds=1):
            self.check(monotonic() < give_up, f"the webhook {kind} did not come")
            self.meanwhile()
        self.teller.show("webhook, signature verified", kind)

    def until(self, ask: Callable[[], Json], is_it: Callable[[Json], Any]) -> Json:
        """Ask until it is so: the worker's part may take a moment."""
        give_up = monotonic() + PATIENCE
        while not is_it(answer := ask()):
            self.check(monotonic() < give_up, "what was waited for did not come")
            sleep(0.05)
        return answer

    def until_workers_are_told(self) -> None:
        """Until the case system has taken every notification that waits for it.

        Hours pass at once here. What is on its way for an instant would be queued past the end of
        the day, and the manager told of it (R4.2.8).
        """
        self.until(
            lambda: self.standards.get("/v1/notifications", state="queued", limit=1),
            lambda queued: not queued["items"],
        )

    def keep(self, name: str, page: str) -> None:
        """Keep a page where the reader can open it."""
        self.pages.mkdir(parents=True, exist_ok=True)
        file = self.pages / name
        file.write_text(page, encoding="utf-8")
        self.made.setdefault("pages", []).append(file)
        self.teller.show("the page is kept in", file)


Scene = Callable[[Story], None]


@dataclass(frozen=True)
class Chapter:
    """A part of the story: what the command line calls it, when it begins, and its scenes."""

    name: str
    title: str
    begins_on: Callable[[Story], date]
    scenes: tuple[tuple[str, Scene], ...]
