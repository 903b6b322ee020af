"""Whatever an authority lives through, what must hold does, and what does not is found and told.

The suite lives through a week and the beginning of the next of a small authority, and through a day
over HTTP;
`./dev drill year` through years of 21 teams and some sixty people, each from a seed of its own.
"""

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, Final

import pytest

from qa_api import clock
from qa_api.rules.local_time import start_of_local_day
from qa_api.worker.sweep import TASKS
from tests.conftest import execute
from tests.drill import SEED, share
from tests.year.by_command import check_by_command
from tests.year.calling import Failed
from tests.year.conftest import Places
from tests.year.duties import UNDER_A_NEW_CALENDAR, of_today
from tests.year.histories import FIRST, History, Step, drawn
from tests.year.invariants import Fault
from tests.year.living import live
from tests.year.people import TEAMS
from tests.year.shrinking import shortest
from tests.year.steps import WEIGHTS, Act
from tests.year.steps import listed as steps_of_lists
from tests.year.steps.auditing import plan
from tests.year.steps.listed import settle
from tests.year.tables import table
from tests.year.turn import Place, Refused, Turn
from tests.year.unchanged import UNCHANGED

DRILL: Final = share(1) == 0
YEARS: Final = int(os.environ.get("DRILL_YEARS") or 3) if DRILL else 1
DAYS: Final = int(os.environ.get("DRILL_DAYS") or 365) if DRILL else 8
CHECK_EVERY: Final = int(os.environ.get("DRILL_CHECK_EVERY") or 7) if DRILL else 7
A_DAY: Final = 16 if DRILL else 8
OVER_HTTP: Final = 10
"""One year of so many is lived over HTTP."""
SMALL: Final = 4
"""Teams of an authority whose weeks the suite lives through."""


def same_fault(places: Places, teams: int, fault: Fault, **acts: Act) -> Callable[[History], bool]:
    """Whether another history ends in the same fault, lived through in a new authority.

    It is asked of what did not hold and nothing else; once, after the last day, unless it is about
    what was so before.
    """

    def fails(history: History) -> bool:
        with places.opened(teams) as place:
            lived = live(
                place,
                history,
                check_every=1 if fault.what == UNCHANGED else max(1, len(history.days)),
                only=frozenset({fault.what}),
                acts=acts,
            )
        return lived.fault is not None and lived.fault.what == fault.what

    return fails


@pytest.fixture
def tell_at_once(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Shows something in the middle of a drill: to make a history short takes many lives."""

    def tell(said: str) -> None:
        with capfd.disabled():
            sys.stderr.write(f"{said}\n")

    return tell if DRILL else lambda _: None


@pytest.mark.long
@pytest.mark.parametrize("year", range(1, YEARS + 1))
def test_what_must_hold_does_whatever_is_lived_through(
    places: Places,
    record_property: Callable[[str, object], None],
    tell_at_once: Callable[[str], None],
    year: int,
) -> None:
    seed, teams = f"{SEED}-{year}", TEAMS if DRILL else SMALL
    history = drawn(seed, DAYS, WEIGHTS, A_DAY)
    tell_at_once(f"\nseed {seed}: {DAYS} days, {history.steps} steps")
    with places.opened(teams, http=DRILL and year % OVER_HTTP == 0) as place:
        lived = live(place, history, check_every=CHECK_EVERY)
        by_command = DRILL and lived.fault is None
        checked = check_by_command(place.database, history.days[-1].on) if by_command else None
    record_property("asked", lived.requests)
    record_property("told", [*table(seed, lived), *([f"  {checked}"] if checked else [])])
    if lived.fault is not None:
        tell_at_once(f"seed {seed}: {lived.fault}\non {lived.fault_on}")
        failing = History(seed, history.days[: lived.days])
        found = shortest(failing, same_fault(places, teams, lived.fault))
        pytest.fail(f"{lived.fault}\non {lived.fault_on}\nthe shortest that still fails: {found}")
    assert checked is None or checked.status == 0, checked.said
    assert lived.days == DAYS
    assert lived.checks >= DAYS // CHECK_EVERY
    assert sum(lived.taken.values()) > sum(lived.ended.values()), "most of it comes about"


@pytest.mark.long
def test_what_must_hold_does_over_http(
    places: Places, record_property: Callable[[str, object], None]
) -> None:
    history = drawn(f"{SEED}-http", 1, WEIGHTS, A_DAY)
    with places.opened(SMALL, http=True) as place:
        lived = live(place, history)
    record_property("asked", lived.requests)
    assert lived.fault is None, f"{lived.fault} on {lived.fault_on}: {history}"
    assert lived.requests > lived.days


_OF_YEAR: Final = "opened_at > '2026-01-01' ORDER BY id"
"""Opened in the year that is lived, and not before it."""


def write_over_a_date(turn: Turn) -> None:
    """By hand, past every lock: what a database administrator may do."""
    gate = turn.row(f"SELECT id FROM closure_gates WHERE state = 'awaiting_audit' AND {_OF_YEAR}")
    execute(
        turn.place.database.migrate_url,
        "ALTER TABLE closure_gates DISABLE TRIGGER USER",
        f"UPDATE closure_gates SET closure_on = closure_on + 90 WHERE id = '{gate['id']}'",
        "ALTER TABLE closure_gates ENABLE TRIGGER USER",
    )


def write_over_a_gate(turn: Turn) -> None:
    """The same of what stands for ever: by which event a gate was opened."""
    gate = turn.row(f"SELECT id FROM closure_gates WHERE {_OF_YEAR}")
    execute(
        turn.place.database.migrate_url,
        "UPDATE closure_gates SET opened_at = opened_at - interval '1 day', version = version + 1"
        f" WHERE id = '{gate['id']}'",
    )


BUSY: Final = {"propose a closing": 3, "plan an audit": 1, "somebody is away": 2}
LEFT: Final = ["propose a closing", "planted"]
"""What leads to either fault that is planted, and nothing else."""


def with_planted(days: int) -> History:
    """Busy days; on the second, after all others, a step that goes past the service."""
    made = list(drawn("planted", days, BUSY, 3).days)
    made[1] = replace(made[1], steps=(*made[1].steps, Step("planted", 1)))
    return History("planted", tuple(made))


def steps_of(history: History, *names: str) -> History:
    """On each day the steps of one name alone, with no worker process."""
    days = (
        replace(day, steps=tuple(step for step in day.steps if step.name == name), worked=False)
        for day, name in zip(history.days, names, strict=True)
    )
    return History(history.seed, tuple(days))


@pytest.mark.long
def test_a_planted_fault_is_found_and_its_history_made_short(places: Places) -> None:
    """Among other steps of some days one goes past the service; what remains leads up to it."""
    history = with_planted(2)
    with places.opened(SMALL) as place:
        lived = live(place, history, acts={"planted": write_over_a_date})
    assert lived.fault is not None
    assert lived.fault_on == history.days[1]
    fails = same_fault(places, SMALL, lived.fault, planted=write_over_a_date)
    found = shortest(History("planted", history.days[: lived.days]), fails)
    assert [step.name for day in found.days for step in day.steps] == LEFT
    assert str(found).startswith("seed planted, ")


@pytest.mark.long
def test_what_stands_is_found_changed_with_what_led_up_to_it_and_not_without(
    places: Places,
) -> None:
    history = steps_of(with_planted(2), *LEFT)
    with places.opened(SMALL) as place:
        lived = live(place, history, acts={"planted": write_over_a_gate})
    assert lived.fault is not None
    assert (lived.fault.what, lived.fault_on) == (UNCHANGED, history.days[1])
    fails = same_fault(places, SMALL, lived.fault, planted=write_over_a_gate)
    assert not fails(steps_of(history, "nothing", "planted"))


@pytest.mark.long
@pytest.mark.parametrize(
    ("after", "counted"), [(-10, False), (-0.01, False), (0.01, True), (0.9, True), (1.1, False)]
)
def test_clocks_are_counted_again_for_a_day_after_the_calendar_changed_and_not_before(
    places: Places, after: float, counted: bool
) -> None:
    """A year lies where it was written to lie: the day of its adoption may be in it, or behind."""
    with places.opened(SMALL) as place:
        adopted = place.rows("SELECT max(recorded_at) AS at FROM calendar_versions")[0]["at"]
        clock.freeze(adopted + timedelta(days=after))
        try:
            duties = place.caller.work(of_today)
        finally:
            clock.reset()
    assert (UNDER_A_NEW_CALENDAR in duties) == counted
    assert {*TASKS} - {*duties} <= {UNDER_A_NEW_CALENDAR}


@pytest.mark.long
@pytest.mark.parametrize("listed", [False, True])
def test_what_ended_since_a_list_was_read_is_left_alone_and_may_not_be_in_it_still(
    places: Places, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
    with places.opened(SMALL) as place:
        clock.freeze(start_of_local_day(FIRST) + timedelta(hours=10))
        try:
            turn = Turn(place, Step("carry out", 1), Random(1))
            audit = planned(place)
            path = f"/v1/audits/{audit['id']}"
            turn.act("qs-1", f"{path}/cancel", {"reason": "Owed no more."})
            if listed:
                monkeypatch.setattr(steps_of_lists, "_still_waits", lambda *_: True)
            found = pytest.raises(Failed, match="is open no more") if listed else nullcontext()
            with found:
                item = {"kind": "complete", "path": path, "about": str(audit["id"])}
                settle(turn, audit["auditor"], item)
        finally:
            clock.reset()


def planned(place: Place) -> Any:
    """An audit that waits for its auditor, who is let in by the worker's own code."""
    for number in range(20):
        with suppress(Refused):
            plan(Turn(place, Step("plan an audit", number), Random(number)))
        found = place.rows(
            "SELECT a.id, a.auditor FROM audits a JOIN principals p ON p.subject = a.auditor"
            " WHERE a.state = 'planned'"
        )
        if found:
            return found[0]
    raise AssertionError("none was planned with an auditor")


def test_of_a_long_history_what_is_left_is_what_still_fails() -> None:
    history = drawn("long", 30, WEIGHTS, 16)
    first, last = history.days[3].steps[2], history.days[21].steps[5]

    def fails(tried: History) -> bool:
        steps = [step for day in tried.days for step in day.steps]
        return first in steps and last in steps

    found = shortest(history, fails)
    assert [day.steps for day in found.days] == [(first,), (last,)]
