"""What holds of any proposal: more time makes nobody late, and no change makes no difference."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_api.simulating.clocks import ResponseGiven
from qa_api.simulating.simulation import compare
from tests.simulating.facts import TODAY, facts, response
from tests.simulating.facts import given as round_given

LATE = ("first_late", "adequate_late", "responses_overdue")


@st.composite
def responses(draw: st.DrawFn) -> ResponseGiven:
    """Notified on some day of two years, perhaps answered, reviewed, returned, answered again."""
    day = TODAY - timedelta(days=draw(st.integers(0, 730)))
    notified, rounds, returned = day.isoformat(), [], None
    for number in range(1, draw(st.integers(1, 3)) + 1):
        day += timedelta(days=draw(st.integers(0, 30)))
        if day > TODAY:
            break
        submitted = day.isoformat()
        day += timedelta(days=draw(st.integers(0, 30)))
        reviewed = day.isoformat() if day <= TODAY else None
        outcome = draw(st.sampled_from(["adequate", "returned"]))
        rounds.append(
            round_given(
                number,
                returned=returned,
                submitted=submitted,
                reviewed=reviewed,
                outcome=outcome,
            )
        )
        if reviewed is None:
            return response(notified, *rounds, state="submitted")
        if outcome == "adequate":
            return response(notified, *rounds)
        returned = reviewed
    rounds.append(round_given(len(rounds) + 1, returned=returned))
    return response(notified, *rounds, state="returned" if returned else "awaiting_response")


@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(st.lists(responses(), max_size=12), st.integers(1, 30), st.integers(1, 30))
def test_more_time_makes_nobody_late_who_was_not(
    several: list[ResponseGiven], days: int, more: int
) -> None:
    of = facts(responses=several, values={"response_working_days": days})
    compared = compare(of, {"response_working_days": days + more}, "1")
    for name in LATE:
        assert compared.proposed.figures[name] <= compared.today.figures[name]
    assert compared.today.figures["first_late"] <= compared.today.figures["responses"]


@pytest.mark.long
@settings(max_examples=20, deadline=None)
@given(st.lists(responses(), max_size=12), st.integers(1, 60))
def test_a_file_that_repeats_what_is_in_force_makes_no_difference(
    several: list[ResponseGiven], days: int
) -> None:
    of = facts(responses=several, values={"response_working_days": days})
    compared = compare(of, {"response_working_days": days}, "1")
    assert compared.proposed == compared.today
    assert not compared.changes
