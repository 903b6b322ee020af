"""A newly proclaimed bank holiday lengthens the open deadlines of an escalation (R4.2.4)."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from qa_api.auth.development import DevelopmentIssuer
from qa_api.calendars.service import add_bank_holiday
from qa_api.events import UrgentFindingRaised
from qa_api.models.audits import Audit, UrgentFinding
from qa_api.models.base import new_id
from qa_api.models.escalations import Escalation
from qa_api.settings import Settings
from qa_api.work import Work
from tests.responses.casework import Service, complete_audit


@pytest.fixture
def own_service(
    clone_of_authority: Callable[[], Any],
    authority: Settings,
    issuer: DevelopmentIssuer,
    at: Callable[[str], None],
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


async def raised(work: Work) -> UUID:
    """The escalation of an urgent finding."""
    audit = await work.session.get_one(Audit, (await complete_audit(work, "C-1"))[0])
    finding = UrgentFinding(
        id=new_id(),
        audit_id=audit.id,
        kind="serious_safeguarding",
        description="Nobody has visited.",
        child_safe_now="no",
        raised_at=work.now,
        subject_id=audit.subject_id,
        team=audit.team,
        worker=audit.worker,
    )
    work.session.add(finding)
    event = UrgentFindingRaised(
        about=audit.id, subject=audit.subject_id, finding_id=finding.id, kind=finding.kind
    )
    await work.record(event)
    return (
        await work.session.scalars(select(Escalation.id).where(Escalation.finding_id == finding.id))
    ).one()


def read(service: Service, escalation_id: UUID) -> Escalation:
    async def found(work: Work) -> Escalation:
        return await work.session.get_one(Escalation, escalation_id)

    return service.work(found)


@pytest.mark.long
def test_open_deadlines_get_longer_and_say_why(own_service: Service) -> None:
    escalation_id = own_service.work(raised)
    before = read(own_service, escalation_id)
    assert before.inform_by == datetime(2026, 11, 25, tzinfo=UTC)
    own_service.work(
        lambda work: add_bank_holiday(
            work, date(2026, 11, 24), title="A jubilee", reason="Proclaimed"
        )
    )
    after = read(own_service, escalation_id)
    assert after.acknowledge_by == before.acknowledge_by
    assert after.inform_by == datetime(2026, 11, 26, tzinfo=UTC)
    why = after.explanation["inform_by"]
    assert why["facts"]["previous_due_on"] == "2026-11-24"
    assert [step["date"] for step in why["steps"] if "jubilee" in step["reason"]] == ["2026-11-24"]
    assert after.calendar_version > before.calendar_version
