"""An audit closes when nothing is left to do about it, and not before (R4.2.2, R4.2.6)."""

from uuid import UUID

import pytest
from sqlalchemy import select

from qa_api.events import EscalationResolved
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.escalations import Escalation
from qa_api.work import Work
from tests.escalations.explained import due_now
from tests.responses.casework import MANAGER, Case, Casework


def state_of(casework: Casework, case: Case) -> str:
    async def found(work: Work) -> str:
        return (
            await work.session.scalars(select(Audit.state).where(Audit.id == case.audit_id))
        ).one()

    return casework.as_service(found)


def test_without_actions_it_closes_when_the_worker_is_notified(casework: Casework) -> None:
    case = casework.completed_audit(actions=0)
    found = casework.api.as_("qs-1").get(f"/v1/audit-responses?audit={case.audit_id}")
    assert found.json()["items"] == [], "no actions: no response exists"
    assert case.read(case.notification)["kind"] == "information_only"
    assert state_of(casework, case) == "completed"
    casework.deliver(case)
    assert state_of(casework, case) == "closed"


@pytest.mark.long
def test_with_actions_it_waits_for_the_response_and_every_action(casework: Casework) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    case.submit()
    case.review("adequate")
    assert state_of(casework, case) == "completed"
    case.act(f"{case.action()}/verify", MANAGER, made_a_difference=True)
    assert state_of(casework, case) == "completed"
    case.act(f"{case.action(1)}/cancel", "qs-1", reason="The family has moved.")
    assert state_of(casework, case) == "closed"


@pytest.mark.long
def test_settled_actions_wait_for_an_adequate_response(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    casework.deliver(case)
    case.submit()
    case.act(f"{case.action()}/verify", "au-1", made_a_difference=True)
    assert state_of(casework, case) == "completed"
    case.review("adequate")
    assert state_of(casework, case) == "closed"


@pytest.mark.long
def test_an_adequate_response_waits_for_the_notification(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    case.submit()
    case.act(f"{case.action()}/verify", "au-1", made_a_difference=True)
    case.review("adequate")
    assert state_of(casework, case) == "completed"
    casework.deliver(case)
    assert state_of(casework, case) == "closed"
    assert case.read(case.response)["state"] == "adequate"


def test_an_open_escalation_keeps_it_open(casework: Casework) -> None:
    case = casework.completed_audit(actions=0)
    escalation_id = casework.as_service(lambda work: escalate(work, case))
    casework.deliver(case)
    assert state_of(casework, case) == "completed"
    casework.as_service(lambda work: resolve(work, case, escalation_id))
    assert state_of(casework, case) == "closed"


async def escalate(work: Work, case: Case) -> UUID:
    escalation = Escalation(
        id=new_id(),
        trigger="inadequate_judgement",
        audit_id=case.audit_id,
        raised_at=work.now,
        **await due_now(work),
        subject_id=case.subject_id,
        team=case.team,
        worker=case.worker,
        state="raised",
    )
    work.session.add(escalation)
    await work.session.flush()
    return escalation.id


async def resolve(work: Work, case: Case, escalation_id: UUID) -> None:
    escalation = await work.session.get_one(Escalation, escalation_id)
    escalation.actions_to_be_taken = "A strategy meeting was held."
    for state in ("acknowledged", "quality_standards_informed", "resolved"):
        escalation.state = state
        await work.session.flush()
    await work.record(
        EscalationResolved(
            about=escalation_id, subject=case.subject_id, audit_id=case.audit_id, gate_id=None
        )
    )
