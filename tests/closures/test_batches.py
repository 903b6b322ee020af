"""A batch of events of years past is answered, and leaves behind, what its events do one by one."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import orjson
import pytest
from hypothesis import given

from qa_api.auth.development import DevelopmentIssuer
from qa_api.work import Work
from tests.api import Json
from tests.closures.orders import AHEAD, MERGED, NOW, PAST, Story, child, event, stories
from tests.closures.orders import send as send_batch
from tests.closures.scanning import scans
from tests.closures.sending import CLOSED
from tests.closures.statements import statements
from tests.closures.test_loading import EXAMPLES
from tests.closures.two_authorities import SENDER, WAITING, Authority, history, send, take
from tests.closures.two_ways import assert_alike, differences
from tests.conftest import settings_for
from tests.drill import NO_HURRY, stories_by_seed
from tests.kept import KEPT, Connection
from tests.responses.casework import Service

LARGEST = 100
REGISTER = """
WITH reach AS MATERIALIZED (SELECT set_config('qa.reach', 'service', true)),
person AS (
    INSERT INTO subjects (id, kind, system, ref, restricted, version)
    SELECT gen_random_uuid(), 'child', 'mosaic', $1, false, 1 FROM reach RETURNING id
)
INSERT INTO subject_aliases (system, ref, subject_id) SELECT 'mosaic', $1, id FROM person
"""


def compare(authorities: Sequence[Authority], batches: Sequence[list[Json]]) -> None:
    """The same events to both, one by one and in batches; neither answers nor rows differ."""
    one, other = authorities
    alone = [answer for batch in batches for answer in send(one.api, batch)]
    together = [item for batch in batches for item in send_batch(other.api, batch)]
    positions = [position for batch in batches for position in range(len(batch))]
    assert [item.pop("position") for item in together] == positions
    assert not any(item.pop("errors") for item in together)
    assert_alike(alone, together)
    assert not differences(one.database, other.database)


@pytest.mark.long
def test_a_batch_of_years_past_is_answered_as_its_events_are_one_by_one(
    authorities: list[Authority],
) -> None:
    compare(authorities, [history(20, cases=12)])


@pytest.mark.long
def test_a_batch_that_comes_again_is_answered_as_repeats(authorities: list[Authority]) -> None:
    events = history(21, cases=4)
    compare(authorities, [events, events])


@pytest.mark.long
def test_years_past_and_today_come_in_one_batch(
    authorities: list[Authority], at: Callable[[str], None]
) -> None:
    at("2027-01-04T09:30:00Z")
    events, ref = history(22, cases=6), f"now-{uuid4().hex[:8]}"
    said = {"subjects": [{"ref": ref}], "episode_id": ref, "source_version": 1}
    today = event(0, CLOSED, **said, occurred_at="2027-01-02T09:00:00Z") | {"id": ref}
    other = events[1] | {"data": events[1]["data"] | {"occurred_at": "2014-01-01T00:00:00Z"}}
    compare(authorities, [[*events[:5], today, *events[5:], other]])


@pytest.mark.long
@stories_by_seed(EXAMPLES)
@given(stories())
def test_any_story_is_answered_alike_in_batches(
    authorities: list[Authority], at: Callable[[str], None], story: tuple[Story, list[list[int]]]
) -> None:
    at(NOW)
    told, arrival = story
    events = told.told(f"B{uuid4().hex[:10]}")
    compare(authorities, [[events[number] for number in batch] for batch in arrival])


@pytest.mark.long
@pytest.mark.parametrize("occurred_at", [AHEAD[1], PAST[-1]])
@pytest.mark.parametrize("named", ["ab", "ba"])
@pytest.mark.parametrize("place", range(4))
def test_of_two_gates_that_a_merge_brings_together_the_same_goes_on(
    authorities: list[Authority],
    at: Callable[[str], None],
    place: int,
    named: str,
    occurred_at: str,
) -> None:
    """As much was done for both, so the older one answers, if by less than a millisecond.

    In whichever order their closing named the two.
    """
    at(NOW)
    said = {"occurred_at": occurred_at, "source_version": 1, "episode_id": "RUN-E1"}
    both = {"subjects": [child(who) for who in named], "closure": {"date": "2026-11-20"}}
    into = "ab"[place % 2]
    merge = {"from": f"RUN-{'ba'[place % 2]}", "into": f"RUN-{into}"}
    story = Story(
        (
            event(0, CLOSED, **said, **both),
            event(1, MERGED, occurred_at=occurred_at, merge=merge),
        )
    )
    events = story.told(f"M{uuid4().hex[:10]}")
    compare(authorities, [events] if place < 2 else [[each] for each in events])


def test_a_large_batch_of_years_past_takes_no_more_statements_than_a_small_one(
    authorities: list[Authority], issuer: DevelopmentIssuer
) -> None:
    small, large = history(23, cases=3), history(24, cases=25)[:LARGEST]
    assert len(large) > 3 * len(small)
    with Service.over(settings_for(authorities[1].database, issuer, **NO_HURRY)) as service:
        # The first run has the statements prepared.
        _, few, many = (
            statements(service, partial(take, batch=events)) for events in (small, small, large)
        )
    assert len(many) <= len(few) < 12, few


@pytest.mark.long
def test_a_large_batch_reads_no_table_from_end_to_end_more_often_than_a_small_one(
    authorities: list[Authority], issuer: DevelopmentIssuer
) -> None:
    """Though events that came alone, and the small one, have left their plans on the connection."""
    alone, small, large = history(27, cases=1), history(28, cases=3), history(29, cases=25)

    async def one_by_one(work: Work) -> None:
        for each in alone:
            await take(work, [each])

    with Service.over(settings_for(authorities[1].database, issuer, **NO_HURRY)) as service:
        _, few, many = scans(
            service,
            one_by_one,
            lambda work: take(work, small),
            lambda work: take(work, large[:LARGEST]),
        )
    assert many <= few


@pytest.mark.long
def test_a_batch_waits_for_whoever_registers_one_of_its_people_and_is_taken_all_the_same(
    authorities: list[Authority],
) -> None:
    one, other = authorities
    events = history(26, cases=3)
    ref = events[0]["data"]["subjects"][0]["ref"]

    KEPT.ask(one.database.migrate_url, lambda kept: kept.execute(REGISTER, ref))
    alone = send(one.api, events)
    with ThreadPoolExecutor(1) as sender:

        async def register(kept: Connection) -> Future[list[Json]]:
            async with kept.transaction():
                await kept.execute(REGISTER, ref)
                sending = sender.submit(send_batch, other.api, events)
                while not sending.done() and not await kept.fetchval(WAITING):
                    pass
                assert not sending.done()
            return sending

        together = KEPT.ask(other.database.migrate_url, register).result()
    assert [each["outcome"] for each in together] == [each["outcome"] for each in alone]
    assert not differences(one.database, other.database)


@pytest.mark.long
def test_the_log_says_who_sent_a_batch(authorities: list[Authority]) -> None:
    events = history(25, cases=3)
    items = send_batch(authorities[1].api, events)
    send(authorities[0].api, events)
    ids = orjson.dumps([item["event_id"] for item in items]).decode()
    asked = f"""SELECT array_agg(DISTINCT principal_id) = array({SENDER})
        AND count(DISTINCT correlation_id) = 1 AND count(DISTINCT xid) = 1
        FROM events WHERE about_id IN (SELECT e::uuid FROM jsonb_array_elements_text($1) e)"""
    assert KEPT.ask(authorities[1].database.migrate_url, lambda kept: kept.fetchval(asked, ids))
