"""Whatever an authority lives through, what must hold does, and what does not is found and told.

The suite lives through two weeks of a small authority, and through some days over HTTP;
`./dev drill year` through years of 21 teams and some sixty people, each from a seed of its own.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from tests.conftest import execute
from tests.drill import SEED, share
from tests.year.conftest import Places
from tests.year.histories import History, Step, drawn
from tests.year.invariants import Fault
from tests.year.living import live
from tests.year.people import TEAMS
from tests.year.shrinking import shortest
from tests.year.steps import WEIGHTS, Act
from tests.year.tables import table
from tests.year.turn import Turn
from tests.year.unchanged import UNCHANGED

DRILL: Final = share(1) == 0
YEARS: Final = int(os.environ.get("DRILL_YEARS") or 3) if DRILL else 1
DAYS: Final = int(os.environ.get("DRILL_DAYS") or 365) if DRILL else 14
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


@pytest.mark.long
@pytest.mark.parametrize("year", range(1, YEARS + 1))
def test_what_must_hold_does_whatever_is_lived_through(
    places: Places, record_property: Callable[[str, object], None], year: int
) -> None:
    seed, teams = f"{SEED}-{year}", TEAMS if DRILL else SMALL
    history = drawn(seed, DAYS, WEIGHTS, A_DAY)
    with places.opened(teams, http=DRILL and year % OVER_HTTP == 0) as place:
        lived = live(place, history, check_every=CHECK_EVERY)
    record_property("asked", lived.requests)
    record_property("cpu", lived.cpu)
    record_property("told", table(seed, lived))
    if lived.fault is not None:
        failing = History(seed, history.days[: lived.days])
        found = shortest(failing, same_fault(places, teams, lived.fault))
        pytest.fail(f"{lived.fault}\non {lived.fault_on}\nthe shortest that still fails: {found}")
    assert lived.days == DAYS
    assert lived.checks >= DAYS // CHECK_EVERY
    assert sum(lived.taken.values()) > sum(lived.ended.values()), "most of it comes about"


@pytest.mark.long
def test_what_must_hold_does_over_http(
    places: Places, record_property: Callable[[str, object], None]
) -> None:
    history = drawn(f"{SEED}-http", 3, WEIGHTS, A_DAY)
    with places.opened(SMALL, http=True) as place:
        lived = live(place, history, check_every=3)
    record_property("asked", lived.requests)
    assert lived.fault is None, f"{lived.fault} on {lived.fault_on}: {history}"
    assert lived.requests > lived.days


def write_over_a_date(turn: Turn) -> None:
    """By hand, past every lock: what a database administrator may do."""
    gate = turn.row("SELECT id FROM closure_gates WHERE state = 'awaiting_audit' ORDER BY id")
    execute(
        turn.place.database.migrate_url,
        "ALTER TABLE closure_gates DISABLE TRIGGER USER",
        f"UPDATE closure_gates SET closure_on = closure_on + 90 WHERE id = '{gate['id']}'",
        "ALTER TABLE closure_gates ENABLE TRIGGER USER",
    )


def write_over_a_gate(turn: Turn) -> None:
    """The same of what stands for ever: by which event a gate was opened."""
    gate = turn.row("SELECT id FROM closure_gates ORDER BY id")
    execute(
        turn.place.database.migrate_url,
        "UPDATE closure_gates SET opened_at = opened_at - interval '1 day', version = version + 1"
        f" WHERE id = '{gate['id']}'",
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("planted", "left"),
    [
        pytest.param(write_over_a_date, ["propose a closing", "planted"], id="a row written over"),
        pytest.param(write_over_a_gate, ["propose a closing", "planted"], id="what stands changed"),
    ],
)
def test_a_planted_fault_is_found_and_its_history_made_short(
    places: Places, planted: Act, left: list[str]
) -> None:
    """Among other steps of some days one goes past the service; what remains leads up to it."""
    busy = {"propose a closing": 3, "plan an audit": 1, "somebody is away": 2}
    days = list(drawn("planted", 3, busy, 4).days)
    days[1] = replace(days[1], steps=(*days[1].steps, Step("planted", 1)))
    history = History("planted", tuple(days))
    with places.opened(SMALL) as place:
        lived = live(place, history, acts={"planted": planted})
    assert lived.fault is not None
    assert lived.fault_on == days[1]
    fails = same_fault(places, SMALL, lived.fault, planted=planted)
    found = shortest(History("planted", history.days[: lived.days]), fails)
    assert [step.name for day in found.days for step in day.steps] == left
    assert str(found).startswith("seed planted, ")
