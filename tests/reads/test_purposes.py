"""The purposes of a policy, and for how long a process goes by what it knows of them (X3)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, cast
from uuid import UUID

import orjson
import pytest

from qa_api.db import Database
from qa_api.problems import Problem
from qa_api.reads import purposes as module
from qa_api.reads.purposes import HEADER, KEPT_SECONDS, Purposes, PurposesInForce
from qa_api.rules.policy_keys import policy_from_values

DAY, NEXT_DAY = date(2026, 11, 23), date(2026, 11, 24)
ACCOUNT = UUID("0199d1f0-7c1b-7000-8000-000000000003")
ANOTHER = UUID("0199d1f0-7c1b-7000-8000-000000000004")
ASKS = {
    "purpose_required": True,
    "purposes": ["complaint", "inspection"],
    "purposes_standing": [{"account": str(ACCOUNT), "purpose": "inspection"}],
}
PATIENCE = 3.5


def of(**values: object) -> Purposes | None:
    return Purposes.of(policy_from_values(7, DAY, values))


def asked_for() -> Purposes:
    found = of(**ASKS)
    assert found is not None
    return found


def test_a_policy_that_asks_for_no_purpose_has_none_whatever_else_it_says() -> None:
    assert of() is None
    assert of(**ASKS | {"purpose_required": False}) is None
    assert asked_for().codes == ("complaint", "inspection")
    assert asked_for().standing == {str(ACCOUNT): "inspection"}


def test_a_purpose_is_one_of_the_policys_or_none_and_any_other_is_told_which_there_are() -> None:
    purposes = asked_for()
    assert purposes.named({}) is None
    assert purposes.named({HEADER: "complaint"}) == "complaint"
    for wrong in ("curiosity", "", "Complaint"):
        with pytest.raises(Problem) as refused:
            purposes.named({HEADER: wrong})
        assert refused.value.kind.status == 422
        (error,) = refused.value.errors
        assert (error.parameter, error.pointer, error.code) == ("X-Purpose", None, "unknown-code")
        assert "complaint, inspection" in error.detail
        assert not wrong or wrong not in error.detail, "what was sent is not echoed"


def test_a_statement_is_given_the_purpose_that_is_named_and_those_that_stand() -> None:
    for headers, named in (({}, None), ({HEADER: "inspection"}, "inspection")):
        values = asked_for().values(headers)
        assert values.keys() == {"purpose", "standing"}
        assert values["purpose"] == named
        assert orjson.loads(values["standing"]) == {str(ACCOUNT): "inspection"}
        assert isinstance(values["standing"], str)


def test_only_a_systems_own_account_has_a_standing_purpose() -> None:
    purposes = asked_for()
    assert purposes.of_account(ACCOUNT, None) == "inspection"
    assert purposes.of_account(ACCOUNT, "sw1-lincoln-fast") is None
    assert purposes.of_account(ANOTHER, None) is None


class Kept:
    """A database with one policy, or none, that counts how often it is asked."""

    def __init__(self) -> None:
        self.days: list[date] = []
        self.values: dict[str, object] | None = dict(ASKS)
        self.meanwhile: Callable[[], Any] | None = None
        self.fails = False
        self.pool_wait_seconds = PATIENCE
        self.plain_reads = self

    @asynccontextmanager
    async def acquire(self, *, timeout: float) -> AsyncIterator["Kept"]:  # noqa: ASYNC109  # as a pool's
        assert timeout == PATIENCE
        yield self

    async def fetchrow(self, sql: str, day: date) -> dict[str, object] | None:
        assert "policy_versions" in sql
        self.days.append(day)
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.fails:
            raise ConnectionError("the server is gone")
        if self.values is None:
            return None
        said = orjson.dumps(self.values)
        return {"version": 7, "effective_from": day, "values": said}


class Asking:
    """A process that asks for its purposes, by a clock that is set."""

    def __init__(self) -> None:
        self.now, self.kept, self.in_force = 1000.0, Kept(), PurposesInForce()

    async def on(self, day: date) -> tuple[str, ...] | None:
        """The codes in force."""
        found = await self.in_force.on(day, cast("Database", self.kept))
        return None if found is None else found.codes


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Asking:
    made = Asking()
    monkeypatch.setattr(module, "monotonic", lambda: made.now)
    return made


CODES = ("complaint", "inspection")


async def test_what_is_known_of_the_policy_holds_for_a_few_seconds_of_the_same_day(
    asking: Asking,
) -> None:
    assert await asking.on(DAY) == CODES
    asking.kept.values = None
    asking.now += KEPT_SECONDS - 0.1
    assert await asking.on(DAY) == CODES
    assert asking.kept.days == [DAY]
    asking.now += 0.1
    assert await asking.on(DAY) is None, "the policy is asked for again"
    asking.now += KEPT_SECONDS - 0.1
    assert await asking.on(DAY) is None
    assert asking.kept.days == [DAY, DAY]


async def test_another_day_has_its_own_policy_from_its_first_read_on(asking: Asking) -> None:
    assert await asking.on(DAY) == CODES
    asking.kept.values = {"purpose_required": False}
    assert await asking.on(NEXT_DAY) is None
    assert asking.kept.days == [DAY, NEXT_DAY]


async def test_while_one_asks_again_others_go_by_what_was_known(asking: Asking) -> None:
    await asking.on(DAY)
    asking.now += KEPT_SECONDS
    others: list[tuple[str, ...] | None] = []

    async def another() -> None:
        asking.kept.meanwhile = None
        asking.now += KEPT_SECONDS - 0.1
        others.append(await asyncio.wait_for(asking.on(DAY), 10))

    asking.kept.meanwhile = another
    asking.kept.values = None
    assert await asking.on(DAY) is None
    assert others == [CODES]
    assert asking.kept.days == [DAY, DAY]


async def test_what_could_not_be_asked_is_asked_by_the_next_at_once(asking: Asking) -> None:
    await asking.on(DAY)
    asking.now += KEPT_SECONDS
    asking.kept.fails = True
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await asking.on(DAY)
    asking.kept.fails = False
    asking.kept.values = None
    assert await asking.on(DAY) is None
    assert asking.kept.days == [DAY] * 4
    asking.now += KEPT_SECONDS - 0.1
    assert await asking.on(DAY) is None
    assert asking.kept.days == [DAY] * 4
