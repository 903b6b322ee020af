"""Audits that a quarter plan asks for: opened, and taken back before they begin."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select

from qa_api import events
from qa_api.models.audits import Audit
from qa_api.rules.states import AuditState
from qa_api.rules.transitions import next_state
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


class Planned(Unchanging):
    """So many audits of one team for one theme of a quarter plan, due on a day."""

    plan_id: UUID
    audit_type: str
    team: str
    theme: str
    due_on: date
    number: int


async def open_planned_audits(work: Work, planned: Planned) -> None:
    """Open the audits that a published plan asks for: no case and no auditor yet (R4.4.3)."""
    audits = [
        Audit(
            type=planned.audit_type,
            state=AuditState.PLANNED,
            team=planned.team,
            opened_by="plan",
            plan_id=planned.plan_id,
            plan_team=planned.team,
            theme_code=planned.theme,
            policy_version=work.policy_version,
            planned_at=work.now,
            due_on=planned.due_on,
        )
        for _ in range(planned.number)
    ]
    work.session.add_all(audits)
    await work.session.flush()
    for audit in audits:
        await work.record(events.AuditPlanned(about=audit.id, audit_type=audit.type))


async def withdraw_planned_audits(work: Work, audit_ids: Collection[UUID], why: str) -> None:
    """Cancel those that are still planned and nobody asks for any more; what has begun goes on.

    A team that a quarter plan exempts (R4.4.2), a case that is not to close after all (C3).
    """
    audits = await work.session.scalars(
        select(Audit)
        .where(Audit.id.in_(audit_ids), Audit.state == AuditState.PLANNED)
        .order_by(Audit.id)
        .with_for_update(key_share=True)
    )
    for audit in audits.all():
        if audit.state != AuditState.PLANNED:
            continue  # what followed from an earlier one has taken it back already
        audit.state = next_state("audit", audit.state, "cancel")
        # One that was planned while this work waited for its turn is not taken back before.
        audit.cancelled_at, audit.cancel_reason = max(work.now, audit.planned_at), why
        await work.record(events.AuditCancelled(about=audit.id, subject=audit.subject_id))
