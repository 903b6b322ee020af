"""Moderated pairs beside the audits that they are of tell of no single one (R4.5.4, R4.7.3)."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.api import Api, Json
from tests.board.test_publishing import judgements
from tests.board.test_versions import SECTION, audits, report, standing
from tests.moderation.moderating import Moderating
from tests.responses.casework import Casework

PAIRS = "agreement/pairs"
GOOD, WORSE = "good", "requires_improvement"


@pytest.fixture
def moderating(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Moderating:
    return Moderating(casework.service, board, new_ref, at)


def of_pairs(figures: Json) -> tuple[int | None, Mapping[str, Any]]:
    """How many were moderated, and how often each judgement was given before."""
    (scale,) = figures["judgements"]
    return scale["moderated_pairs"], {
        one["judgement"]: one["before"] for one in scale["moderated"] if one["before"]
    }


def told_of(board: Api, quarter: str) -> Json:
    found, _ = report(board, quarter)
    figures: Json = found["snapshot"]["figures"]
    return figures


@pytest.mark.long
def test_completed_less_moderated_is_no_single_audit(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    """73 were completed, 25 of them requiring improvement; 72 were moderated, 24 of them so."""
    quarter, then = "2076-77 Q1", "2076-05-16T09:00:00Z"
    made = [*audits(moderating, 16, GOOD, then), *audits(moderating, 8, WORSE, then)]
    moderating.audits(then, judgement=WORSE, team="lac-south", worker="sw1-lac-south")
    at("2076-06-20T09:00:00Z")
    moderating.judged(made, *[(GOOD, GOOD)] * 24, *[(GOOD, WORSE)] * 24, *[(WORSE, WORSE)] * 24)
    at("2076-07-04T09:00:00Z")
    figures = told_of(board, quarter)
    assert judgements(figures)[WORSE] == 25
    assert of_pairs(figures) == (None, {})
    assert figures["agreement"] == []


@pytest.mark.long
def test_no_version_of_completed_audits_less_one_of_pairs_is_the_audit_that_left(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    """Completed audits stand as presented, since one left; the pairs of all others say which."""
    quarter = "2077-78 Q1"
    first = audits(moderating, 8, GOOD, "2077-04-16T09:00:00Z")
    then = "2077-05-16T09:00:00Z"
    others = [*audits(moderating, 8, GOOD, then), *audits(moderating, 8, WORSE, then)]
    left = moderating.audit(then, judgement=WORSE, team="lac-south", worker="sw1-lac-south")
    at("2077-06-20T09:00:00Z")
    moderating.judged(first, *[(GOOD, GOOD)] * 24)
    at("2077-07-04T09:00:00Z")
    told = told_of(board, quarter)
    assert of_pairs(told) == (24, {})
    at("2077-07-06T09:00:00Z")
    moderating.record_in_error(left)
    moderating.judged(others, *[(GOOD, GOOD)] * 24, *[(WORSE, WORSE)] * 24)
    at("2077-07-20T09:00:00Z")
    again = told_of(board, quarter)
    assert standing(again).keys() >= {SECTION, PAIRS}
    assert judgements(again)[WORSE] == 25
    assert of_pairs(again) == (24, {})


@pytest.mark.long
def test_pairs_that_a_trend_told_are_a_version_too(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    """The next quarter's report told 72 pairs; since then one more was moderated."""
    quarter, following = "2078-79 Q1", "2078-79 Q2"
    then = "2078-05-16T09:00:00Z"
    made = [*audits(moderating, 16, GOOD, then), *audits(moderating, 8, WORSE, then)]
    more = audits(moderating, 5, GOOD, "2078-06-10T09:00:00Z")
    at("2078-06-20T09:00:00Z")
    moderating.judged(made, *[(GOOD, GOOD)] * 24, *[(GOOD, WORSE)] * 24, *[(WORSE, WORSE)] * 24)
    at("2078-10-04T09:00:00Z")
    found, _ = report(board, following)
    (trend,) = (one for one in found["snapshot"]["trend"] if one["quarter"] == quarter)
    assert of_pairs(trend) == (72, {GOOD: 48, WORSE: 24})
    at("2078-10-06T09:00:00Z")
    moderating.judged(more[:1], (GOOD, WORSE))
    at("2078-10-08T09:00:00Z")
    own = told_of(board, quarter)
    assert standing(own).keys() == {PAIRS}
    assert of_pairs(own) == (72, {GOOD: 48, WORSE: 24})
    assert own["agreement"] == [], "the trend said nothing of it"
