"""Today's policy gives just what the service itself lists, whatever an authority lived through.

A drill: `./dev drill simulate` lives through four months. In the suite the same is asked of stories
(`test_relations`, `test_command`).
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from qa_api import clock
from qa_api.rules.local_time import local_date, start_of_local_day
from qa_api.rules.sampling import draw
from qa_api.simulating.simulation import Counted, Facts, compare, count, read_facts
from qa_api.work import Workshop
from tests.drill import SEED, share
from tests.year.conftest import Places, places
from tests.year.histories import FIRST, drawn
from tests.year.living import live
from tests.year.steps import WEIGHTS
from tests.year.turn import Place

__all__ = ("places",)

pytestmark = pytest.mark.skipif(share(1) != 0, reason="a drill lives through months")

DAYS: Final = int(os.environ.get("DRILL_DAYS") or 120)
A_DAY: Final = 16
LOOKED_AT: Final = start_of_local_day(FIRST + timedelta(days=DAYS + 26))
"""Late enough that every month that was lived through is over."""
_RESTRICTED: Final = {name for name in WEIGHTS if "restrict" in name}


@dataclass
class Lived:
    """An authority in which something happened, and what a simulation reads of it."""

    place: Place
    facts: Facts
    today: Counted

    def read(self, path: str) -> Any:
        """A document, as Quality & Standards see it."""
        headers = {"authorization": f"Bearer {self.place.token('qs-1')}"}
        answer = self.place.caller.ask("GET", path, None, headers)
        assert answer.status == 200, answer.body
        return answer.body

    def listed(self, path: str, **filters: str) -> list[dict[str, Any]]:
        """Every row of a list, as Quality & Standards see it."""
        found: list[dict[str, Any]] = []
        asked, more = urlencode({"limit": 200, **filters}), ""
        while True:
            page = self.read(f"{path}?{asked}{more}")
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            more = f"&cursor={page['next_cursor']}"


@pytest.fixture(scope="module")
def lived(places: Places) -> Iterator[Lived]:
    """Some time of an authority of which nothing is restricted: Quality & Standards see it all."""
    weights = {name: weight for name, weight in WEIGHTS.items() if name not in _RESTRICTED}
    history = drawn(SEED, DAYS, weights, A_DAY)
    with places.opened() as place:
        # A fault ends the history: `tests/year` is there to find it.
        live(place, history, check_every=DAYS, only=frozenset())
        clock.freeze(LOOKED_AT)
        facts = place.caller.work(facts_of)
        yield Lived(place, facts, count(facts, facts.policies, "1"))
    clock.reset()


async def facts_of(workshop: Workshop) -> Facts:
    async with workshop.open_as_service("simulate", to_read=True) as work:
        return await read_facts(work)


def london(instant: str | None) -> date | None:
    return local_date(datetime.fromisoformat(instant)) if instant else None


def test_responses_are_late_as_the_list_says(lived: Lived) -> None:
    figures = lived.today.figures
    rows = lived.listed("/v1/audit-responses")
    told = [row for row in rows if lived.facts.year.holds(london(row["notified_at"]))]
    assert figures["responses"] == len(told) > 0
    assert figures["first_late"] == sum(row["first_submitted_on_time"] is False for row in told)
    assert figures["adequate_late"] == sum(row["adequate_on_time"] is False for row in told)
    overdue = lived.listed("/v1/audit-responses", overdue="true")
    assert figures["responses_overdue"] == len(overdue)


def test_rounds_and_reviews_are_late_by_the_dates_that_are_kept(lived: Lived) -> None:
    today, year = lived.facts.year.today, lived.facts.year
    rounds = lived.place.rows(
        "SELECT r.*, lag(r.reviewed_at) OVER (PARTITION BY response_id ORDER BY number) AS begun"
        " FROM response_rounds r JOIN audit_responses a ON a.id = r.response_id"
        " JOIN audits au ON au.id = a.audit_id WHERE au.recorded_in_error_at IS NULL"
    )

    def late(due_on: date | None, done_at: datetime | None) -> bool:
        return due_on is not None and due_on < (local_date(done_at) if done_at else today)

    returns = [row for row in rounds if row["begun"] and year.holds(local_date(row["begun"]))]
    reviews = [
        row for row in rounds if row["submitted_at"] and year.holds(local_date(row["submitted_at"]))
    ]
    figures = lived.today.figures
    assert figures["returns_late"] == sum(
        late(row["due_on"], row["submitted_at"]) for row in returns
    )
    assert figures["reviews_late"] == sum(
        late(row["review_due_on"], row["reviewed_at"]) for row in reviews
    )


def test_escalations_are_late_by_the_instants_that_are_kept(lived: Lived) -> None:
    now, figures = clock.now(), lived.today.figures
    rows = [
        row
        for row in lived.place.rows("SELECT * FROM escalations")
        if lived.facts.year.holds(local_date(row["raised_at"]))
    ]
    assert figures["escalations"] == len(rows)
    for name, by, hops in (
        ("acknowledged_late", "acknowledge_by", ("acknowledged_at",)),
        ("informed_late", "inform_by", ()),
    ):
        ends = (*hops, "quality_standards_informed_at", "resolved_at")
        late = [
            min([*(row[end] for end in ends if row[end]), now]) >= row[by]
            for row in rows
            if row[by]
        ]
        assert figures[name] == sum(late)


def test_closings_need_an_audit_as_the_list_says(lived: Lived) -> None:
    rows = lived.place.rows(
        "SELECT opened_at, explanation FROM closure_gates WHERE duplicate_of IS NULL"
    )
    of_year = [row for row in rows if lived.facts.year.holds(local_date(row["opened_at"]))]
    needed = [row for row in of_year if not json.loads(row["explanation"])["facts"]["exempt"]]
    assert lived.today.figures["closings"] == len(of_year)
    assert lived.today.figures["closings_to_audit"] == len(needed)


def test_observations_stand_as_compliance_says(lived: Lived) -> None:
    (row,) = lived.listed("/v1/observation-compliance", level="authority")
    figures = lived.today.figures
    assert figures["observations_required"] == row["required"]
    assert figures["observations_remaining"] == row["remaining"]
    assert figures["workers_behind"] == (
        row["on_pace"]["denominator"] - row["on_pace"]["numerator"]
    )


def test_what_was_drawn_is_drawn_again_and_pairs_are_those_of_agreement(lived: Lived) -> None:
    moderation, policies = lived.facts.moderation, lived.facts.policies
    for sample in moderation.samples:
        again = draw(sample.population, policies.of(sample.policy_version), sample.seed)
        assert set(again.drawn) == sample.drawn
    agreed = lived.read("/v1/moderation-agreement")["scales"]
    figures = lived.today.figures
    assert figures["kinds_of_pairs"] == len(agreed)
    assert figures["pairs"] == sum(scale["pairs"] for scale in agreed)
    few = [scale for scale in agreed if scale["withheld"] == "too_few_pairs"]
    assert figures["pairs_too_few"] == len(few)


def test_a_file_that_changes_nothing_makes_no_difference(lived: Lived) -> None:
    compared = compare(lived.facts, {}, "1")
    assert compared.proposed == compared.today == lived.today
    assert not compared.changes
    same = lived.facts.policies.on(lived.facts.year.today).values()
    assert compare(lived.facts, {"purposes": same["purposes"]}, "1").today == lived.today


@pytest.mark.parametrize("days", [1, 5, 9, 20])
def test_more_time_makes_nobody_late_who_was_not(lived: Lived, days: int) -> None:
    short, longer = (
        compare(lived.facts, {"response_working_days": given}, "1").proposed.figures
        for given in (days, days + 1)
    )
    for name in ("first_late", "adequate_late", "responses_overdue"):
        assert longer[name] <= short[name]
