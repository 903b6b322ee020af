"""What was before the year: a day of seven years ago, of which the records' time is coming."""

from datetime import date
from random import Random
from typing import Final

from qa_api import clock
from tests.year.gone import Gone
from tests.year.histories import Day, Step
from tests.year.living import Lived, live_a_day
from tests.year.steps import KINDS
from tests.year.steps.closing import SUBJECTS, case_worker
from tests.year.turn import Place, Turn

LONG_AGO: Final = date(2019, 5, 8)
_BORN: Final = (*range(1938, 1948), 2012)
"""Most of the children known then were born more than 75 years before the year that is lived."""
_DONE: Final = (
    *(("propose a closing", "a family is to be closed", "observe somebody", "plan an audit") * 2),
    *(("somebody does what waits for them",) * 10),
    *("an episode goes on", "hide a text", "register children"),
)


def live_before(place: Place) -> None:
    """Live through that day, and enter when the children were born."""
    random, lived, gone = Random("before"), Lived(), Gone(place.database)
    known = {name: kind.act for name, kind in KINDS.items()} | {
        "enter birthdays": enter_birthdays,
        "register children": register_children,
    }
    names = [*random.sample(_DONE, len(_DONE)), "enter birthdays"]
    steps = tuple(Step(name, random.randrange(10**9)) for name in names)
    fault = live_a_day(place, Day(LONG_AGO, steps), lived, known, gone)
    assert fault is None, f"{fault}: {lived.refusals}"
    clock.reset()


def register_children(turn: Turn) -> None:
    """Children of whom there is a record and no case is open."""
    for number in range(3):
        worker, team = case_worker(turn)
        body = {"kind": "child", "team": team, "worker": worker}
        turn.put("qs-1", f"/v1/subjects/mosaic/K-{turn.step.number}-{number}", body, new=True)


def enter_birthdays(turn: Turn) -> None:
    """Somebody enters them for whom none is known."""
    for child in turn.place.rows(f"{SUBJECTS} AND born_on IS NULL AND NOT restricted ORDER BY id"):
        body = {
            "kind": "child",
            "team": child["team"],
            "worker": child["worker"],
            "born_on": f"{turn.one_of(_BORN)}-02-11",
        }
        turn.put("qs-1", f"/v1/subjects/{child['system']}/{child['ref']}", body)
