"""The instant decides policy and calendar, also where it is written down later (R4.2.8, R4.2.4)."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.calendars.policies import install_policy
from qa_api.calendars.service import add_bank_holiday, withdraw_bank_holiday
from qa_api.models.notifications import Notification
from qa_api.models.responses import AuditResponse
from qa_api.notifications.service import mark_delivered
from qa_api.rules.decision import RuleRefused
from qa_api.work import Work
from tests.conftest import Database, settings_for
from tests.responses.casework import Service, complete_audit, event_of

TOLD_AT = datetime.fromisoformat("2026-11-23T10:00:00+00:00")
HOLIDAY = date(2026, 11, 25)


@pytest.fixture
def own_service(
    clone_of_authority: Callable[[], Database], issuer: DevelopmentIssuer, at: Callable[[str], None]
) -> Iterator[Service]:
    """An authority of its own, since its calendar and policy change."""
    at("2026-11-23T09:30:00Z")
    with Service.over(settings_for(clone_of_authority(), issuer)) as opened:
        yield opened


def queued(service: Service, ref: str) -> UUID:
    """An audit whose worker has not been told by the case system."""

    async def complete(work: Work) -> UUID:
        return (await complete_audit(work, ref))[0]

    return service.work(complete)


def told(service: Service, audit_id: UUID) -> None:
    """Somebody writes down that the worker was told on Monday 23 November."""

    async def deliver(work: Work) -> None:
        await mark_delivered(work, await event_of(work, audit_id), TOLD_AT)

    service.work(deliver)


def response_of(service: Service, audit_id: UUID) -> AuditResponse:
    async def found(work: Work) -> AuditResponse:
        of_audit = select(AuditResponse).where(AuditResponse.audit_id == audit_id)
        return (await work.session.scalars(of_audit)).one()

    return service.work(found)


def test_what_is_told_later_is_counted_by_the_policy_of_its_day(
    own_service: Service, at: Callable[[str], None]
) -> None:
    audit_id = queued(own_service, "C-1")
    at("2026-11-26T09:30:00Z")

    async def change(work: Work) -> None:
        await install_policy(
            work, {"response_working_days": 10}, effective_from=work.today, reason="Decided."
        )

    own_service.work(change)
    told(own_service, audit_id)
    response = response_of(own_service, audit_id)
    assert (response.due_on, response.policy_version) == (date(2026, 11, 30), 1)
    after = queued(own_service, "C-2")

    async def today(work: Work) -> None:
        await mark_delivered(work, await event_of(work, after), clock.now())

    own_service.work(today)
    assert response_of(own_service, after).due_on == date(2026, 12, 10)


def test_a_policy_that_is_made_for_a_day_is_that_days_policy_at_once(own_service: Service) -> None:
    """Also where the same piece of work has asked for that day before."""

    async def versions(work: Work) -> tuple[int, int, int]:
        await install_policy(work, effective_from=work.today, reason="Decided.")
        before = await work.policy_on(HOLIDAY - timedelta(days=20))
        made = await install_policy(
            work, effective_from=HOLIDAY - timedelta(days=30), reason="As it was in force then."
        )
        after = await work.policy_on(HOLIDAY - timedelta(days=20))
        return before.version, made.version, after.version

    before, made, after = own_service.work(versions)
    assert before != made == after


@pytest.mark.long
def test_a_holiday_of_that_day_counts_and_one_proclaimed_since_too(
    own_service: Service, at: Callable[[str], None]
) -> None:
    first, second = queued(own_service, "C-1"), queued(own_service, "C-2")
    own_service.work(
        lambda work: add_bank_holiday(work, HOLIDAY, title="A jubilee", reason="Proclaimed")
    )
    at("2026-11-24T09:30:00Z")
    told(own_service, first)
    assert response_of(own_service, first).due_on == date(2026, 12, 1)
    own_service.work(lambda work: withdraw_bank_holiday(work, HOLIDAY, reason="A slip"))
    told(own_service, second)
    assert response_of(own_service, second).due_on == date(2026, 12, 1), "what it would have been"


@pytest.mark.long
def test_a_date_that_stands_by_a_holiday_that_never_was_says_so(own_service: Service) -> None:
    own_service.work(
        lambda work: add_bank_holiday(work, HOLIDAY, title="A jubilee", reason="Proclaimed")
    )
    audit_id = queued(own_service, "C-1")
    told_at = clock.now()

    async def deliver(work: Work) -> None:
        await mark_delivered(work, await event_of(work, audit_id), told_at)

    own_service.work(deliver)

    def words() -> tuple[Any, str]:
        response = response_of(own_service, audit_id)
        assert response.explanation is not None
        steps = response.explanation["steps"]
        return response.due_on, next(s["reason"] for s in steps if s["date"] == "2026-11-25")

    assert words() == (date(2026, 12, 1), "Bank holiday: A jubilee")
    own_service.work(lambda work: withdraw_bank_holiday(work, HOLIDAY, reason="A slip"))
    due_on, said = words()
    assert due_on == date(2026, 12, 1), "the date stands"
    assert said == (
        "Bank holiday: A jubilee; withdrawn since (A slip). The date that was given stands"
    )


def test_a_rule_that_refuses_costs_its_own_row_alone(
    own_service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    audits = [queued(own_service, f"C-{number}") for number in range(3)]

    async def touch(work: Work) -> None:
        rows = await work.session.scalars(
            select(Notification).where(Notification.audit_id.in_(audits)).order_by(Notification.id)
        )

        async def act(row: Notification) -> None:
            row.delivered_how = "touched"
            await work.session.flush()
            if row.audit_id == audits[1]:
                raise RuleRefused("some-rule", "§4.2", "No.")

        await work.row_by_row("touching", rows.all(), act)

    own_service.work(touch)

    async def touched(work: Work) -> set[UUID]:
        found = await work.session.scalars(
            select(Notification.audit_id).where(Notification.delivered_how == "touched")
        )
        return set(found)

    assert own_service.work(touched) == {audits[0], audits[2]}
    assert "touching: one was refused: some-rule" in caplog.text
