"""One request, one transaction: all of it happens, before the answer leaves, or none of it."""

import asyncio
from collections.abc import Iterator
from typing import Annotated
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, Response
from sqlalchemy import text

from qa_api import problems
from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Permission
from qa_api.event_log import QUEUE
from qa_api.http.access import secured
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.models.base import new_id
from qa_api.models.directory import AuditorGroup
from qa_api.rules.decision import RuleRefused
from qa_api.settings import Settings
from qa_api.work import Work, Workshop
from tests.api import Server, serving
from tests.conftest import Database

# Routes that misbehave or tell of themselves, guarded and opened like every other.
router = APIRouter(prefix="/v1/tests", route_class=StrictRoute)
Changing = Annotated[Change, secured(Change.of, Permission.DIRECTORY_WRITE)]
attempts: list[str] = []
DATABASE: list[str] = []
PLANS = "SELECT generic_plans FROM pg_prepared_statements WHERE statement = $1"
PLANNED_WITH_VALUES = "SELECT custom_plans FROM pg_prepared_statements WHERE statement = $1"
BY_ITS_CODE = "SELECT code FROM auditor_groups WHERE code = $1 AND name <> 'a test of plans'"
MOMENTS = 120
"""More than one transaction has in which the event loop turns to others."""


async def _make_group(work: Work, code: str) -> None:
    work.session.add(AuditorGroup(code=code, name="made by a test"))
    await work.session.flush()


@router.post("/loses-its-connection/{code}")
async def lose_the_connection(code: str, changing: Changing) -> Response:
    await changing.do(_make_group, code)
    pid = await changing.work.session.scalar(text("SELECT pg_backend_pid()"))
    ended = await asyncpg.connect(DATABASE[0])
    await ended.execute(f"SELECT pg_terminate_backend({pid})")
    await ended.close()
    return Response("the work is done")


@router.post("/plans/{code}")
async def say_how_often_it_was_planned(code: str, changing: Changing) -> Response:
    for _ in range(3):
        await changing.work.driver.fetch(BY_ITS_CODE, code)
    planned = await changing.work.driver.fetchval(PLANNED_WITH_VALUES, BY_ITS_CODE)
    return Response(f"{planned} times")


@router.post("/is-in-the-way/{code}")
async def be_in_the_way_once(code: str, changing: Changing) -> Response:
    await changing.do(_make_group, code)
    attempts.append(code)
    if attempts.count(code) == 1:
        await changing.work.session.execute(
            text("DO $$ BEGIN RAISE EXCEPTION 'undone' USING ERRCODE = 'deadlock_detected'; END $$")
        )
    return Response("done at the second attempt")


@router.post("/is-refused/{code}")
async def be_refused(code: str, changing: Changing) -> Response:
    await changing.do(_make_group, code)
    raise problems.business_rule("§4.1", "Refused after the work was done.")


@pytest.fixture(scope="module")
def misbehaving(authority: Settings, issuer: DevelopmentIssuer) -> Iterator[httpx.Client]:
    DATABASE[:] = [authority.database_url.get_secret_value()]
    with serving(authority, router) as server:
        headers = {"authorization": f"Bearer {issuer.issue('admin-1')}"}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            yield client


@pytest.fixture
def code() -> str:
    return f"g-{uuid4().hex[:12]}"


def groups_called(authority: Settings, code: str) -> int:
    async def count() -> int:
        connection = await asyncpg.connect(authority.read_url.get_secret_value())
        try:
            return int(
                await connection.fetchval(
                    "SELECT count(*) FROM auditor_groups WHERE code = $1", code
                )
            )
        finally:
            await connection.close()

    return asyncio.run(count())


def test_no_success_leaves_before_the_commit(
    misbehaving: httpx.Client, authority: Settings, code: str
) -> None:
    answer = misbehaving.post(f"/v1/tests/loses-its-connection/{code}")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert groups_called(authority, code) == 0


def test_a_transaction_that_was_undone_for_another_is_done_again_once(
    misbehaving: httpx.Client, authority: Settings, code: str
) -> None:
    answer = misbehaving.post(f"/v1/tests/is-in-the-way/{code}")
    assert answer.status_code == 200, answer.text
    assert attempts.count(code) == 2
    assert groups_called(authority, code) == 1


def test_a_refusal_undoes_everything(
    misbehaving: httpx.Client, authority: Settings, code: str
) -> None:
    answer = misbehaving.post(f"/v1/tests/is-refused/{code}")
    assert answer.status_code == 422
    assert groups_called(authority, code) == 0


def test_a_keyed_change_is_carried_out_once(
    misbehaving: httpx.Client, authority: Settings, code: str
) -> None:
    key = {"idempotency-key": uuid4().hex}
    first = misbehaving.post(f"/v1/tests/is-in-the-way/{code}", headers=key)
    second = misbehaving.post(f"/v1/tests/is-in-the-way/{code}", headers=key)
    assert (first.status_code, second.status_code) == (200, 200)
    assert groups_called(authority, code) == 1


def test_what_a_refused_row_wrote_is_undone_whichever_way_it_was_written(
    server: Server, authority: Settings, code: str
) -> None:
    async def write(work: Work, name: str) -> None:
        insert = "INSERT INTO auditor_groups (code, name, version) VALUES ($1, 'a test', 1)"
        await work.driver.execute(insert, f"{code}-driver-{name}")
        await _make_group(work, f"{code}-session-{name}")
        if name == "refused":
            raise RuleRefused("a_test", "§4.1", "This row is refused.")

    async def act(workshop: Workshop) -> None:
        async with workshop.open_as_service("0" * 32) as work:
            rows = ("first", "refused", "last")
            await work.row_by_row("a test", rows, lambda name: write(work, name))

    server.work(act)
    for way in ("driver", "session"):
        left = [
            groups_called(authority, f"{code}-{way}-{name}")
            for name in ("first", "refused", "last")
        ]
        assert left == [1, 0, 1], way


@pytest.mark.long
def test_a_connection_that_the_server_closed_is_not_used(
    server: Server, authority: Settings
) -> None:
    async def act(workshop: Workshop) -> int:
        async with workshop.open_as_service("0" * 32) as work:
            closed: int = await work.driver.fetchval("SELECT pg_backend_pid()")
            driver = work.driver
        other = await asyncpg.connect(authority.database_url.get_secret_value())
        await other.execute("SELECT pg_terminate_backend($1)", closed)
        await other.close()
        while not driver.is_closed():  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0)
        async with workshop.open_as_service("0" * 32) as work:
            assert await work.driver.fetchval("SELECT pg_backend_pid()") != closed
        return closed

    assert server.work(act)


@pytest.mark.long
def test_what_is_broken_off_at_any_moment_leaves_nothing_to_who_comes_next(
    server: Server, authority: Settings, code: str
) -> None:
    """A transaction that was still open would take the next one along, and end without commit."""

    async def begin(workshop: Workshop) -> None:
        async with workshop.open_as_service("0" * 32):
            pass

    async def act(workshop: Workshop) -> None:
        for moments in range(MOMENTS):
            task = asyncio.create_task(begin(workshop))
            for _ in range(moments // 2):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
            async with workshop.open_as_service("0" * 32) as work:
                await _make_group(work, f"{code}-{moments}")

    server.work(act)
    kept = [groups_called(authority, f"{code}-{moments}") for moments in range(MOMENTS)]
    assert kept == [1] * MOMENTS


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "plans-of-a-change"}])
def test_a_change_keeps_the_plans_of_its_statements(
    misbehaving: httpx.Client, code: str, headers: dict[str, str]
) -> None:
    answer = misbehaving.post(f"/v1/tests/plans/{code}", headers=headers)
    assert answer.text == "0 times"


async def test_places_in_the_queues_are_planned_once(database: Database) -> None:
    connection = await asyncpg.connect(database.database_url)
    try:
        for _ in range(9):
            await connection.fetch(QUEUE.sql, [new_id()])
        plans = await connection.fetchrow(PLANS, QUEUE.sql)
    finally:
        await connection.close()
    assert plans is not None
    assert plans["generic_plans"] > 0
