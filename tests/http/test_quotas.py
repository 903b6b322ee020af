"""Each caller has a quota by what they are, and nobody's greed keeps people from being answered."""

import asyncio
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.tokens import Caller
from qa_api.clock import now
from qa_api.http.quotas import (
    LONGEST_REST_SECONDS,
    MOST_REMEMBERED,
    Allowance,
    ClientClass,
    Quotas,
)
from qa_api.http.request_context import RequestContext, leave
from qa_api.problems import Problem
from qa_api.settings import Settings
from tests.api import Api, Server, serving
from tests.conftest import Database, settings_for

EVENTS = "/v1/case-events"
PEOPLE = Allowance(requests=3, places=None)
ONE_PLACE = Allowance(requests=None, places=1)
ALLOWED = {
    ClientClass.PEOPLE: PEOPLE,
    ClientClass.CASE_SYSTEMS: ONE_PLACE,
    ClientClass.REPORTING: ONE_PLACE,
}


@pytest.fixture(scope="module")
def small_settings(database: Database, issuer: DevelopmentIssuer) -> Settings:
    """Quotas that are soon used up, and one place for case systems."""
    return settings_for(
        database,
        issuer,
        quota_people=4,
        quota_case_systems=4,
        quota_reporting=4,
        share_case_systems=0.1,
        pool_wait_seconds=1,
        live_longest_seconds=600,
    )


@pytest.fixture
def small(small_settings: Settings, issuer: DevelopmentIssuer) -> Iterator[Api]:
    """A process that nobody has asked for anything yet."""
    with serving(small_settings) as server, Api(server, issuer) as client:
        yield client


@pytest.mark.parametrize(
    ("person", "path", "policy"),
    [
        ("qs-1", "/v1/me", '"people";q=4;w=60'),
        ("qs-1", "/v1/audits/not-an-id", '"people";q=4;w=60'),
        ("case-system-mosaic", "/v1/me", '"case_systems";q=4;w=60'),
        ("reporting-1", "/v1/reporting/datasets", '"reporting";q=4;w=60'),
    ],
)
def test_every_answer_says_what_is_left_of_which_quota(
    small: Api, person: str, path: str, policy: str
) -> None:
    for left in (3, 2):
        answer = small.as_(person).get(path)
        assert answer.headers["ratelimit-policy"] == policy
        name, remaining, seconds = answer.headers["ratelimit"].split(";")
        assert (name, remaining) == (policy.partition(";")[0], f"r={left}")
        assert 0 < int(seconds.removeprefix("t=")) <= 60


def test_over_the_quota_is_429_with_when_to_come_back_and_others_are_answered(small: Api) -> None:
    for _ in range(4):
        assert small.get("/v1/me").status_code == 200
    for path in ("/v1/me", "/v1/audits", f"/v1/audits/{uuid4()}/changes"):
        answer = small.get(path)
        assert (answer.status_code, answer.json()["type"]) == (429, "/problems/quota-exceeded")
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert ";r=0;" in answer.headers["ratelimit"]
    assert small.as_("tm-lincoln-fast").get("/v1/me").status_code == 200


def test_what_changes_something_is_counted_once(small: Api) -> None:
    answer = small.create("/v1/audits", {})
    assert answer.status_code == 422
    assert ";r=3;" in answer.headers["ratelimit"]


def test_no_event_is_ever_refused_with_429(small: Api) -> None:
    system = small.as_("case-system-mosaic")
    body = {"specversion": "1.0"}
    for path in (EVENTS, f"{EVENTS}/batch"):
        for _ in range(4):
            system.post(path, body)
        answer = system.post(path, body)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert 0 < int(answer.headers["retry-after"]) <= 60
    assert system.get(EVENTS).status_code == 429, "to read them can wait"


def test_a_token_that_is_not_accepted_is_told_of_no_quota(small: Api) -> None:
    answer = small.http.get("/v1/me", headers={"authorization": "Bearer x"})
    assert answer.status_code == 401
    assert "ratelimit" not in answer.headers


@pytest.mark.long
def test_another_process_and_a_restart_begin_anew(
    small_settings: Settings, issuer: DevelopmentIssuer
) -> None:
    """What is kept per process errs to the side of answering."""
    for _ in range(2):
        with serving(small_settings) as server, Api(server, issuer) as client:
            assert [client.get("/v1/me").status_code for _ in range(5)] == [200] * 4 + [429]


def test_listening_takes_no_place(small: Api) -> None:
    system = small.as_("case-system-mosaic")
    headers = {"authorization": f"Bearer {system.token()}"}
    with small.http.stream("GET", "/v1/me/work/changes", headers=headers) as listening:
        assert listening.status_code == 200
        assert system.get("/v1/me").status_code == 200


def test_without_a_setting_development_has_no_quota_and_production_has(server: Server) -> None:
    assert Settings(environment="development").quota("people") is None
    assert Settings(environment="development", quota_people=7).quota("people") == 7
    for each in ClientClass:
        assert Settings(environment="production").quota(each)


# --- the quotas themselves ---


def caller(subject: str = "somebody") -> Caller:
    return Caller("https://login.example.org", subject, now())


def context() -> RequestContext:
    return RequestContext("0" * 32, None)


def quotas(class_: str | None) -> Quotas:
    async def learn(_: Caller) -> str | None:
        return class_

    return Quotas(ALLOWED, learn, patience_seconds=0.01, never_429=frozenset({"POST /events"}))


async def test_who_finds_no_place_is_refused_until_one_is_given_back() -> None:
    of_reporting = quotas("reporting")
    first, second = context(), context()
    await of_reporting.enter(first, caller(), "GET /rows")
    with pytest.raises(Problem) as refused:
        await of_reporting.enter(context(), caller("another"), "GET /rows")
    assert refused.value.status == 429
    await of_reporting.enter(context(), caller("another"), "POST /events")  # has turns of its own
    leave(first)
    leave(first)
    await of_reporting.enter(second, caller("another"), "GET /rows")
    with pytest.raises(Problem):
        await of_reporting.enter(context(), caller(), "GET /rows")


async def test_a_further_attempt_at_a_request_is_not_counted_again() -> None:
    of_people = quotas("people")
    one = context()
    for _ in range(9):
        await of_people.enter(one, caller(), "GET /rows")
    assert b";r=2;" in dict(one.rate_limit)[b"ratelimit"]


async def test_whom_nobody_knows_is_counted_as_people() -> None:
    nobody = quotas(None)
    for _ in range(3):
        await nobody.enter(context(), caller(), "GET /rows")
    with pytest.raises(Problem):
        await nobody.enter(context(), caller(), "GET /rows")


async def test_what_a_caller_is_waits_for_a_database_that_is_away() -> None:
    answers: list[Exception | str] = [OSError(), "reporting"]

    async def learn(_: Caller) -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    some = Quotas(ALLOWED, learn, patience_seconds=0.01)
    first, second = context(), context()
    await some.enter(first, caller(), "GET /rows")
    assert first.leave is None
    await some.enter(second, caller(), "GET /rows")
    assert second.leave is not None
    assert answers == []


async def test_of_very_many_callers_those_asked_first_are_forgotten() -> None:
    of_people = quotas("people")
    for number in range(MOST_REMEMBERED + 5):
        await of_people.enter(context(), caller(f"c-{number}"), "GET /rows")
    assert len(of_people) == MOST_REMEMBERED


async def test_all_who_wait_for_a_place_get_one_in_their_order() -> None:
    async def learn(_: Caller) -> str:
        return "reporting"

    patient = Quotas(ALLOWED, learn, patience_seconds=5)
    order: list[int] = []

    async def ask(number: int) -> None:
        mine = context()
        await patient.enter(mine, caller(), "GET /rows")
        order.append(number)
        leave(mine)

    await asyncio.gather(*(ask(number) for number in range(5)))
    assert order == list(range(5))


# --- long work behind people ---


async def test_while_people_ask_long_work_is_done_one_piece_at_a_time() -> None:
    busy = quotas("people")
    await busy.enter(context(), caller(), "GET /rows")
    under_way, most = 0, 0

    async def piece() -> None:
        nonlocal under_way, most
        async with busy.behind_people():
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(piece() for _ in range(4)))
    assert most == 1


async def test_while_nobody_asks_long_work_waits_for_nothing() -> None:
    alone = quotas("reporting")
    await alone.enter(context(), caller(), "GET /rows")
    inside = asyncio.Barrier(3)

    async def piece() -> None:
        async with alone.behind_people():
            await inside.wait()

    async with asyncio.timeout(5):
        await asyncio.gather(*(piece() for _ in range(3)))


async def test_long_work_goes_on_outside_its_turn_while_no_person_asks_alone() -> None:
    for class_, alone in (("people", False), ("reporting", True), ("case_systems", True)):
        asked = quotas(class_)
        assert asked.nobody_waits()
        await asked.enter(context(), caller(), "GET /rows")
        assert asked.nobody_waits() is alone, class_


async def test_a_piece_that_fails_lets_the_next_one_in() -> None:
    busy = quotas("people")
    await busy.enter(context(), caller(), "GET /rows")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            async with busy.behind_people():
                _ = 1 / 0


async def test_whoever_did_a_piece_need_not_stay_for_the_rest_and_the_next_one_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rests: list[tuple[float, Callable[[], object]]] = []
    monkeypatch.setattr(
        asyncio.get_running_loop(), "call_later", lambda *rest: rests.append(rest), raising=False
    )
    busy = quotas("people")
    await busy.enter(context(), caller(), "GET /rows")
    async with busy.behind_people():
        pass
    ((seconds, end_the_rest),) = rests
    assert 0 <= seconds <= LONGEST_REST_SECONDS
    following = asyncio.create_task(one_piece(busy))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not following.done()
    end_the_rest()
    await following


async def one_piece(busy: Quotas) -> None:
    async with busy.behind_people():
        pass


async def test_who_waits_too_long_for_a_turn_is_to_come_back_and_it_is_not_lost() -> None:
    busy = quotas("people")
    await busy.enter(context(), caller(), "GET /rows")
    async with busy.behind_people():
        with pytest.raises(Problem) as refused:
            async with busy.behind_people(patience_seconds=0.01):
                raise AssertionError("one is under way")
    assert refused.value.status == 503
    assert int(refused.value.headers["Retry-After"]) > 0
    async with asyncio.timeout(5):
        await one_piece(busy)


async def most_at_once(busy: Quotas, *people: str) -> int:
    """How many reports of these are made at once, where all of them ask at the same time."""
    under_way, most = 0, 0

    async def report(subject: str) -> None:
        nonlocal under_way, most
        async with busy.behind_others(caller(subject)):
            under_way += 1
            most = max(most, under_way)
            for _ in range(3):
                await asyncio.sleep(0)
            under_way -= 1

    for subject in people:
        await busy.enter(context(), caller(subject), "GET /rows")
    await asyncio.gather(*map(report, people))
    return most


@pytest.mark.parametrize(
    ("people", "at_once"),
    [
        (("one", "one", "one"), 3),  # nobody else asks
        (("other", "one", "one", "one"), 2),
        (("one", "one", "other", "one"), 2),
        (("one", "one", "other"), 2),
        (("one", "other", "third"), 3),
    ],
)
async def test_beside_others_a_person_makes_one_report_at_a_time_and_the_first_at_once(
    people: tuple[str, ...], at_once: int
) -> None:
    async def learn(_: Caller) -> str:
        return "people"

    unlimited = {ClientClass.PEOPLE: Allowance(requests=None, places=None)}
    some = Quotas(unlimited, learn, patience_seconds=1)
    assert await most_at_once(some, *people) == at_once
