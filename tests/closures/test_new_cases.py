"""Events of new cases, worked out together: as they leave when each is applied by itself."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings

from qa_api.auth.development import DevelopmentIssuer
from qa_api.case_events.event_file import READ
from qa_api.case_events.intake import receive_for
from qa_api.work import Work
from tests.api import Json
from tests.closures.orders import NOW, Story, child, event, stories
from tests.closures.orders import send as send_batch
from tests.closures.sending import ALLOCATED, CANCELLED, CLOSED, PROPOSED, REOPENED
from tests.closures.statements import statements
from tests.closures.test_loading import EXAMPLES
from tests.closures.two_authorities import SENDER, Authority, take
from tests.closures.two_ways import assert_alike, differences
from tests.conftest import settings_for
from tests.drill import examples_by_seed
from tests.responses.casework import Service

ROUND_TRIPS = 10
"""Of a whole request, of which three begin its work, find its caller and commit."""


@pytest.fixture(scope="module")
def applying(two: list[Authority], issuer: DevelopmentIssuer) -> Iterator[Service]:
    """The service over the first authority, for what is applied there one by one."""
    with Service.over(settings_for(two[0].database, issuer)) as service:
        yield service


def compare(
    applying: Service, authorities: Sequence[Authority], batches: Sequence[list[Json]]
) -> None:
    """Each event applied by itself, and the same in batches; neither answers nor rows differ."""

    async def apply(work: Work, each: Json) -> Json:
        work.actor = work.actor.but(principal_id=await work.driver.fetchval(SENDER))
        await work.act_as_service()
        (receipt,) = await receive_for(work, "mosaic", [READ.validate_python(each)], [each])
        return receipt.model_dump(mode="json")

    one, other = authorities
    alone = [applying.work(partial(apply, each=each)) for batch in batches for each in batch]
    together = [item for batch in batches for item in send_batch(other.api, batch)]
    for item in together:
        assert not item.pop("errors")
        del item["position"]
    assert_alike(alone, together)
    # By itself a gate is written before its audit, and once more with it.
    assert not differences(one.database, other.database, but={"closure_gates": ("version",)})


def lives(run: str, *types: str, sisters: int = 1, **said: Any) -> list[Json]:
    """The events of a case to be closed, one each minute; all but allocations of its episode."""
    told = []
    for number, type_ in enumerate(types, start=1):
        data: Json = {
            "subjects": [child(letter) for letter in "abc"[:sisters]],
            "occurred_at": f"2026-11-23T08:{number:02}:00Z",
            "source_version": number,
            "episode_id": "RUN-E1",
            "closure": {"date": f"2026-12-{number:02}", "reason_code": "RC1"},
            "team": "lincoln-fast",
            "worker": "SmithJ@x",
        } | said
        if type_ == ALLOCATED:
            data["allocation"] = {"team": "boston-fast", "worker": "sw1-boston-fast"}
        told.append(event(number, type_, **data))
    return Story(tuple(told)).told(f"{run}{uuid4().hex[:8]}")


LIVES = {
    "proposed": lives("A", PROPOSED, sisters=2),
    "proposed again": lives("B", PROPOSED, PROPOSED, PROPOSED),
    "called off": lives("C", PROPOSED, CANCELLED),
    "proposed anew": lives("D", PROPOSED, CANCELLED, PROPOSED, CANCELLED, PROPOSED),
    "moved": lives("E", PROPOSED, ALLOCATED, PROPOSED, sisters=3),
    "reopened": lives("F", PROPOSED, REOPENED, PROPOSED, REOPENED, CANCELLED),
    "exempt": lives("G", PROPOSED, PROPOSED, closure={"reason_code": "rc5"}),
    "of a household": lives("H", PROPOSED, subjects=[child("a", role="carer_household")]),
    "closed": lives("I", PROPOSED, CLOSED),
    "never proposed": lives("J", CANCELLED, REOPENED, ALLOCATED),
}


@pytest.mark.long
@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_new_cases_in_one_batch_leave_what_each_event_leaves_by_itself(
    applying: Service, live_authorities: list[Authority], backwards: bool
) -> None:
    told = [each for life in LIVES.values() for each in life]
    run = uuid4().hex[:6]
    again = [{**each, "id": f"{run}{each['id']}"} for each in told]
    compare(applying, live_authorities, [again[::-1] if backwards else again])


@pytest.mark.long
@examples_by_seed
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stories())
def test_any_story_of_today_leaves_the_same_in_batches(
    applying: Service,
    live_authorities: list[Authority],
    at: Callable[[str], None],
    story: tuple[Story, list[list[int]]],
) -> None:
    at(NOW)
    told, arrival = story
    events = told.told(f"L{uuid4().hex[:10]}")
    compare(applying, live_authorities, [[events[each] for each in batch] for batch in arrival])


@pytest.mark.long
def test_a_new_case_takes_ten_round_trips_and_a_hundred_take_no_more(
    applying: Service, live_authorities: list[Authority]
) -> None:
    sender = applying.work(lambda work: work.driver.fetchval(SENDER))
    one = lives("N", PROPOSED)
    hundred = [each for _ in range(100) for each in lives("N", PROPOSED)]
    of_ten_cases = [each for _ in range(10) for each in lives("N", *(PROPOSED,) * 10)]
    # The first has the statements prepared.
    _, alone, many, again = (
        statements(applying, partial(take, batch=events, sender=sender))
        for events in (one, one, hundred, of_ten_cases)
    )
    assert len(alone) + 3 <= ROUND_TRIPS, alone
    # Those that are known of whom several tell are locked together, in one order.
    assert len(many) <= len(alone) + 1, many
    assert len(again) <= len(alone) + 1, again
