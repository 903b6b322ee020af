"""Events that are worked out together leave what each of them leaves that is applied by itself."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given

from qa_api.auth.development import DevelopmentIssuer
from qa_api.case_events.event_file import READ
from qa_api.case_events.intake import receive_for
from qa_api.work import Work
from tests.api import Json
from tests.closures.orders import NOW, Story, child, event, stories
from tests.closures.orders import send as send_batch
from tests.closures.sending import ALLOCATED, CANCELLED, CLOSED, PROPOSED, REOPENED, Episode
from tests.closures.statements import statements
from tests.closures.test_loading import EXAMPLES
from tests.closures.two_authorities import SENDER, WAITING, Authority, take
from tests.closures.two_ways import assert_alike, differences
from tests.conftest import settings_for
from tests.drill import NO_HURRY, stories_by_seed
from tests.kept import KEPT, Connection
from tests.responses.casework import Service

ROUND_TRIPS = 10
"""Of a whole request, of which three begin its work, find its caller and commit."""


@pytest.fixture(scope="module")
def applying(two: list[Authority], issuer: DevelopmentIssuer) -> Iterator[Service]:
    """The service over the first authority, for what is applied there one by one."""
    with Service.over(settings_for(two[0].database, issuer, **NO_HURRY)) as service:
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


HOUSEHOLD = child("a", role="carer_household")


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


LIVES: dict[str, tuple[tuple[str, ...], Json]] = {
    "proposed": (("A", PROPOSED), {"sisters": 2}),
    "proposed again": (("B", PROPOSED, PROPOSED, PROPOSED), {}),
    "called off": (("C", PROPOSED, CANCELLED), {}),
    "proposed anew": (("D", PROPOSED, CANCELLED, PROPOSED, CANCELLED, PROPOSED), {}),
    "moved": (("E", PROPOSED, ALLOCATED, PROPOSED), {"sisters": 3}),
    "reopened": (("F", PROPOSED, REOPENED, PROPOSED, REOPENED, CANCELLED), {}),
    "exempt": (("G", PROPOSED, PROPOSED), {"closure": {"reason_code": "rc5"}}),
    "of a household": (("H", PROPOSED, CANCELLED), {"subjects": [HOUSEHOLD]}),
    "closed": (("I", PROPOSED, CLOSED), {}),
    "exempt and closed": (
        ("L", PROPOSED, CLOSED, REOPENED, PROPOSED),
        {"closure": {"reason_code": "RC5"}, "sisters": 2},
    ),
    "never proposed": (("J", CANCELLED, REOPENED, ALLOCATED), {}),
    "held by nobody known": (("K", PROPOSED, PROPOSED), {"team": "nobody's", "worker": None}),
}


@pytest.mark.long
@pytest.mark.parametrize("size", [100, 3, 1])
@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_cases_told_of_in_batches_leave_what_each_event_leaves_by_itself(
    applying: Service, live_authorities: list[Authority], backwards: bool, size: int
) -> None:
    told = [each for named in LIVES.values() for each in lives(*named[0], **named[1])]
    if backwards:
        told.reverse()
    batches = [told[first : first + size] for first in range(0, len(told), size)]
    compare(applying, live_authorities, batches)


AUDITED: dict[str, tuple[tuple[str, ...], int]] = {
    "closed": ((CLOSED,), 0),
    "proposed again and closed": ((PROPOSED, CLOSED, CLOSED), 0),
    "closed and proposed anew": ((CLOSED, PROPOSED, CANCELLED), 0),
    "called off": ((CANCELLED,), 0),
    "moved and closed": ((ALLOCATED, CLOSED), 1),
    "closed with an open action": ((PROPOSED, CLOSED), 1),
}
"""What is told of a case once its audit is completed; how many actions that has left."""


@pytest.mark.long
@pytest.mark.parametrize("size", [100, 1])
def test_cases_that_were_audited_leave_what_each_event_leaves_by_itself(
    applying: Service, live_authorities: list[Authority], size: int
) -> None:
    told = [lives("Q", PROPOSED, *types) for types, _ in AUDITED.values()]
    compare(applying, live_authorities, [[each[0] for each in told]])
    for case, (_, actions) in zip(told, AUDITED.values(), strict=True):
        for each in live_authorities:
            complete(each, case[0], actions)
    after = [each for case in told for each in case[1:]]
    batches = [after[first : first + size] for first in range(0, len(after), size)]
    compare(applying, live_authorities, batches)


def complete(authority: Authority, proposed: Json, actions: int = 0) -> None:
    """The audit that is owed for a proposal is done."""
    data = proposed["data"]
    (named,) = data["subjects"]
    Episode(authority.api, [named["ref"]], id=data["episode_id"]).complete_audit(actions=actions)


@pytest.mark.long
def test_of_a_clock_that_was_ahead_the_policy_of_the_receipt_decides(
    applying: Service, live_authorities: list[Authority], at: Callable[[str], None]
) -> None:
    """Of the day of the receipt another policy was in force than of today."""
    ahead, today = lives("T", PROPOSED, PROPOSED)
    ahead["data"]["occurred_at"] = "2099-01-01T00:00:00Z"
    at("2026-11-20T12:00:00Z")
    compare(applying, live_authorities, [[ahead]])
    at(NOW)
    compare(applying, live_authorities, [[today]])


@pytest.mark.long
@stories_by_seed(EXAMPLES)
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


@pytest.mark.long
def test_what_follows_of_a_hundred_cases_takes_as_many_statements_as_of_three(
    applying: Service, live_authorities: list[Authority]
) -> None:
    sender = applying.work(lambda work: work.driver.fetchval(SENDER))

    def counted(cases: int, *steps: str) -> int:
        types = [each for each in steps if each not in {"exempt", "repeats"}]
        reason: Json = {"closure": {"reason_code": "RC5"}} if "exempt" in steps else {}
        told = [lives("F", *types, **reason) for _ in range(cases)]
        batches = [[case[place] for case in told] for place in range(len(types))]
        if "repeats" in steps:
            batches.append(batches[0])

        async def act(work: Work) -> None:
            for batch in batches:
                await take(work, batch, sender)

        return len(statements(applying, act))

    for again in (
        (PROPOSED, PROPOSED, CANCELLED),
        (PROPOSED, ALLOCATED, PROPOSED),
        ("exempt", PROPOSED, CLOSED, REOPENED),
        (PROPOSED, PROPOSED, "repeats"),
    ):
        # The first has the statements prepared.
        _, few, many = (counted(cases, *again) for cases in (3, 3, 100))
        assert many <= few, again
    one = counted(1, PROPOSED)
    # The audit is due on another day, and the gate says so.
    assert counted(1, PROPOSED, PROPOSED) - one <= 12


@pytest.mark.long
def test_an_audit_that_somebody_changes_meanwhile_is_read_again(
    live_authorities: list[Authority],
) -> None:
    proposed, called_off = lives("M", PROPOSED, CANCELLED)
    ref = proposed["data"]["subjects"][0]["ref"]
    for each in live_authorities:
        send_batch(each.api, [proposed])
        with ThreadPoolExecutor(1) as sender:
            change = partial(
                _change_while, sender, partial(send_batch, each.api, [called_off]), ref
            )
            sending = KEPT.ask(each.database.migrate_url, change)
            assert [item["outcome"] for item in sending.result()] == ["gate_changed"]
        found = KEPT.ask(each.database.migrate_url, lambda kept: kept.fetchrow(AUDIT, ref))
        assert tuple(found) == ("cancelled", "2026-12-24", 3)


async def _change_while(
    sender: ThreadPoolExecutor, send: Callable[[], list[Json]], ref: str, kept: Connection
) -> Future[list[Json]]:
    """Change the audit of a case, and commit once what is sent meanwhile waits for that."""
    async with kept.transaction():
        await kept.execute(CHANGE, ref)
        sending = sender.submit(send)
        while not sending.done() and not await kept.fetchval(WAITING):
            pass
        assert not sending.done()
    return sending


_OF_REF = "subject_id IN (SELECT subject_id FROM subject_aliases WHERE ref = $1)"
CHANGE = f"UPDATE audits SET due_on = '2026-12-24', version = version + 1 WHERE {_OF_REF}"
AUDIT = f"SELECT state, due_on::text, version FROM audits WHERE {_OF_REF}"
