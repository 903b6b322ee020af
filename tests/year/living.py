"""Living through a history: its steps, each day's duties, and what must hold after them."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final

from qa_api import clock
from qa_api.rules.local_time import start_of_local_day
from tests.year.calling import Caller, Failed
from tests.year.duties import DutyFailed, Receiver, a_days_duties
from tests.year.histories import FIRST, Day, History, Step
from tests.year.invariants import EVERYTHING, Fault, faults
from tests.year.steps import KINDS, Act
from tests.year.turn import NothingToDo, Place, Refused, Turn
from tests.year.unchanged import Settled

_MORNING: Final = timedelta(hours=8)
_EVENING: Final = timedelta(hours=19)
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
    """Seconds of this process."""
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
    lived, begun = Lived(refusals=place.refusals), time.process_time()
    known = {name: kind.act for name, kind in KINDS.items()} | dict(acts or {})
    receiver, settled = Receiver(), Settled(place.database)
    with _own_clock():
        _register(place)
        for number, day in enumerate(history.days, start=1):
            lived.days = number
            lived.fault = _a_day(place, day, lived, known, receiver)
            if lived.fault is None and (number % check_every == 0 or number == len(history.days)):
                lived.checks += 1
                found = faults(place.caller, place.database, settled, sealed=day.worked, of=only)
                lived.fault = found[0] if found else None
            if lived.fault is not None:
                lived.fault_on = day
                break
    lived.cpu, lived.requests = time.process_time() - begun, place.requests
    return lived


def _a_day(
    place: Place, day: Day, lived: Lived, known: Mapping[str, Act], receiver: Receiver
) -> Fault | None:
    begins = start_of_local_day(day.on)
    apart = (_EVENING - _MORNING) / (len(day.steps) + 1)
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
    clock.freeze(begins + _EVENING)
    if day.worked:
        try:
            _do_duties(place.caller, receiver)
        except DutyFailed as failed:
            return Fault(str(failed))
    return None


def _do_duties(caller: Caller, receiver: Receiver) -> None:
    caller.work(lambda workshop: a_days_duties(workshop, receiver))


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
