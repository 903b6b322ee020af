"""Living through a history: its steps, each day's duties, and what must hold after them."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final
from uuid import UUID

from qa_api import clock
from qa_api.rules.local_time import start_of_local_day
from tests.year.calling import Failed
from tests.year.duties import DutyFailed, a_days_duties
from tests.year.gone import Gone
from tests.year.happened import Happened
from tests.year.histories import FIRST, Day, History, Step
from tests.year.invariants import EVERYTHING, Fault, faults
from tests.year.measuring import Spent
from tests.year.steps import KINDS, Act
from tests.year.turn import NothingToDo, Place, Refused, Turn
from tests.year.unchanged import Settled

ALL_EVERY: Final = 4
"""Of so many checks one asks about the gates of everybody, and so does the last; others about those
of whom something was recorded since."""
_MORNING: Final = timedelta(hours=8)
EVENING: Final = timedelta(hours=19)
"""When a day's duties are done: so long after it begins."""
_HEARD: Final = (
    *("audit.response_required", "audit.information_only", "response.overdue"),
    *("response.returned", "response.accepted", "escalation.raised", "closure_gate.changed"),
)


@dataclass
class Lived:
    """What came of a history."""

    taken: Counter[str] = field(default_factory=Counter)
    """Steps that were taken to their end, by kind."""
    ended: Counter[str] = field(default_factory=Counter)
    """Steps that a refusal ended."""
    idle: Counter[str] = field(default_factory=Counter)
    """Steps for which there was nothing to do."""
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By the problem's name, and by the step and what it asked for."""
    requests: int = 0
    days: int = 0
    checks: int = 0
    cpu: float = 0.0
    """Seconds of this process, and of the PostgreSQL server."""
    server_cpu: float = 0.0
    """Those of them that the server took."""
    fault: Fault | None = None
    fault_on: Day | None = None
    fault_in: Step | None = None


def live(
    place: Place,
    history: History,
    *,
    check_every: int = 1,
    only: frozenset[str] = frozenset(EVERYTHING),
    acts: Mapping[str, Act] | None = None,
) -> Lived:
    """Live through the days until something does not hold, or to the end.

    `check_every` is after how many days it is asked what must hold; after the last it always is.
    """
    lived, spent = Lived(refusals=place.refusals), Spent(place.database)
    known = {name: kind.act for name, kind in KINDS.items()} | dict(acts or {})
    settled, gone = Settled(place.database), Gone(place.database)
    happened = Happened(place.database)
    with _own_clock():
        _register(place)
        for number, day in enumerate(history.days, start=1):
            lived.days = number
            lived.fault = live_a_day(place, day, lived, known, gone)
            if lived.fault is None and (number % check_every == 0 or number == len(history.days)):
                lived.checks += 1
                about: Collection[UUID] | None = happened.to_whom()
                if lived.checks % ALL_EVERY == 0 or number == len(history.days):
                    about = None
                found = faults(place, settled, gone, sealed=day.worked, of=only, about=about)
                lived.fault = found[0] if found else None
            if lived.fault is not None:
                lived.fault_on = day
                break
    lived.server_cpu, lived.requests = spent.server, place.requests
    lived.cpu = spent.python + lived.server_cpu
    return lived


def live_a_day(
    place: Place, day: Day, lived: Lived, known: Mapping[str, Act], gone: Gone
) -> Fault | None:
    """Take a day's steps, then do the worker's duties; what went wrong in them."""
    begins = start_of_local_day(day.on)
    apart = (EVENING - _MORNING) / (len(day.steps) + 1)
    for number, step in enumerate(day.steps, start=1):
        clock.freeze(begins + _MORNING + number * apart)
        try:
            known[step.name](Turn(place, step, Random(step.number)))
        except Refused:
            lived.ended[step.name] += 1
        except NothingToDo:
            lived.idle[step.name] += 1
        except Failed as failed:
            lived.fault_in = step
            return Fault(str(failed))
        else:
            lived.taken[step.name] += 1
    clock.freeze(begins + EVENING)
    if day.worked:
        try:
            gone.look()
            place.caller.work(lambda workshop: a_days_duties(workshop, place.receiver))
        except DutyFailed as failed:
            return Fault(str(failed))
    return None


def _register(place: Place) -> None:
    """The case system hears of what concerns it, from the first morning on."""
    clock.freeze(start_of_local_day(FIRST) + _MORNING)
    turn = Turn(place, Step("register", 0), Random(0))
    body = {"system": "mosaic", "url": "http://127.0.0.1:9/", "event_types": list(_HEARD)}
    turn.create("admin-1", "/v1/webhook-endpoints", body)


@contextmanager
def _own_clock() -> Iterator[None]:
    try:
        yield
    finally:
        clock.reset()
