"""A newly proclaimed bank holiday lengthens open clocks, and nothing else does (R4.2.4)."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.calendars.service import add_bank_holiday, withdraw_bank_holiday
from qa_api.models.responses import AuditResponse
from qa_api.notifications.service import mark_delivered
from qa_api.settings import Settings
from qa_api.work import Work
from qa_api.worker.sweep import count_again_under_new_calendar
from tests.responses.casework import Service, complete_audit, event_of

At = Callable[[str], None]
HOLIDAY = date(2026, 11, 25)


@pytest.fixture
def own_service(
    clone_of_authority: Callable[[], Any], authority: Settings, issuer: DevelopmentIssuer, at: At
) -> Iterator[Service]:
    """An authority of its own, since its calendar changes."""
    at("2026-11-23T09:30:00Z")
    database = clone_of_authority()
    urls = {
        "database_url": SecretStr(database.database_url),
        "read_url": SecretStr(database.read_url),
    }
    with Service.over(authority.model_copy(update=urls)) as opened:
        yield opened


async def notified_audit(work: Work, ref: str) -> UUID:
    audit_id = (await complete_audit(work, ref))[0]
    await mark_delivered(work, await event_of(work, audit_id), clock.now())
    return audit_id


def response_of(service: Service, audit_id: UUID) -> AuditResponse:
    async def found(work: Work) -> AuditResponse:
        return (
            await work.session.scalars(
                select(AuditResponse).where(AuditResponse.audit_id == audit_id)
            )
        ).one()

    return service.work(found)


async def accepted(work: Work, audit_id: UUID) -> None:
    response = (
        await work.session.scalars(select(AuditResponse).where(AuditResponse.audit_id == audit_id))
    ).one()
    for state in ("submitted", "adequate"):
        response.state = state
        await work.session.flush()


@pytest.mark.long
def test_open_clocks_get_longer_and_closed_ones_stand(own_service: Service, at: At) -> None:
    still_open = own_service.work(lambda work: notified_audit(work, "C-1"))
    closed = own_service.work(lambda work: notified_audit(work, "C-2"))
    own_service.work(lambda work: accepted(work, closed))
    assert response_of(own_service, still_open).due_on == date(2026, 11, 30)

    at("2026-11-24T09:30:00Z")
    own_service.work(
        lambda work: add_bank_holiday(work, HOLIDAY, title="A jubilee", reason="Proclaimed")
    )
    lengthened = response_of(own_service, still_open)
    assert (lengthened.due_on, lengthened.due_on_before) == (date(2026, 12, 1), date(2026, 11, 30))
    assert lengthened.explanation is not None
    skipped = [s["date"] for s in lengthened.explanation["steps"] if "jubilee" in s["reason"]]
    assert skipped == ["2026-11-25"]
    assert lengthened.explanation["facts"]["previous_due_on"] == "2026-11-30"
    assert lengthened.explanation["facts"]["notified_at"] == "2026-11-23T09:30:00Z"
    assert lengthened.calendar_version == 2
    stands = response_of(own_service, closed)
    assert (stands.due_on, stands.due_on_before) == (date(2026, 11, 30), None)

    own_service.work(lambda work: withdraw_bank_holiday(work, HOLIDAY, reason="Called off"))
    assert response_of(own_service, still_open).due_on == date(2026, 12, 1), "never shorter"


@pytest.mark.long
def test_a_clock_that_was_started_while_the_calendar_changed_is_counted_again(
    own_service: Service, at: At
) -> None:
    async def start_under_the_old_calendar(work: Work) -> UUID:
        audit_id = (await complete_audit(work, "C-3"))[0]
        work.calendar_version -= 1  # as it was when this work began
        await mark_delivered(work, await event_of(work, audit_id), clock.now())
        return audit_id

    own_service.work(
        lambda work: add_bank_holiday(work, HOLIDAY, title="A jubilee", reason="Proclaimed")
    )
    started = own_service.work(start_under_the_old_calendar)
    assert response_of(own_service, started).due_on == date(2026, 11, 30)

    own_service.work(count_again_under_new_calendar)

    assert response_of(own_service, started).due_on == date(2026, 12, 1)
    at("2026-11-24T09:31:00Z")
    own_service.work(count_again_under_new_calendar)
    assert response_of(own_service, started).due_on == date(2026, 12, 1)
