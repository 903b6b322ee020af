"""Raising escalations, in the transaction of what calls for them, and asking the right people.

Whoever acts for the team now is asked, and whoever acts for the team as it was audited where that
is another. An escalation that nobody has acknowledged follows its case to a new team.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import selectinload

from qa_api import events
from qa_api.audits.content import recorded_in, tool_and_scale_of
from qa_api.directory.acting import About, who_acts_for
from qa_api.models.audits import Audit, UrgentFinding
from qa_api.models.closures import ClosureGate
from qa_api.models.escalations import Escalation, EscalationRecipient
from qa_api.models.subjects import Subject
from qa_api.rules.deadlines import acknowledge_due, inform_due
from qa_api.rules.decision import Explanation
from qa_api.rules.escalation import (
    ChildSafeNow,
    EscalationTrigger,
    UrgentFindingKind,
    closure_escalates,
    judgement_escalates,
    urgent_finding_escalates,
)
from qa_api.rules.routing import Routed
from qa_api.rules.states import ESCALATION_UNACKNOWLEDGED, EscalationState, GateState
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

NOT_WITHOUT_AUDIT = "The case did not close without an audit: its case system told so later."
ONE_IS_ASKED = "Two records are one person's: the escalation of the other one's closing counts."


def stands(row: Any) -> ColumnElement[bool]:
    """Whether what was raised on a closing is open, or was resolved by somebody."""
    return func.coalesce(row.resolution, "").not_in((NOT_WITHOUT_AUDIT, ONE_IS_ASKED))


Asked = tuple[str | None, Routed]
"""A team that is asked, and who acts for it."""


class _Case(Unchanging):
    """Whose case it is about and who holds it now."""

    subject_id: UUID | None
    team: str | None
    worker: str | None
    restricted: bool


async def raise_urgent_finding(work: Work, event: events.UrgentFindingRaised) -> None:
    """An urgent finding escalates at once, whatever it says (R4.3.1)."""
    finding = await work.session.get_one(UrgentFinding, event.finding_id)
    because = urgent_finding_escalates(
        UrgentFindingKind(finding.kind), ChildSafeNow(finding.child_safe_now), work.policy_version
    )
    await _raise_for_audit(work, event.about, because, finding_id=finding.id)


async def raise_inadequate_judgement(work: Work, event: events.AuditCompleted) -> None:
    """What was judged with the scale's mark escalates on completion, always (R4.3.2).

    As a whole, or in a domain that the tool marks; one escalation names all of it.
    """
    if not event.escalates:
        return
    audit = await work.session.get_one(Audit, event.about)
    tool = await tool_and_scale_of(work, audit)
    found = tool.escalating_in(await recorded_in(work, audit, tool))
    because = judgement_escalates(found, work.policy_version)
    if because is None:
        raise LookupError("an audit that escalates has a judgement that does")
    await _raise_for_audit(work, event.about, because)


async def raise_closure_without_audit(work: Work, event: events.ClosedWithoutAudit) -> None:
    """A case closed without a clear gate escalates, once for each closing (C4).

    Again where it seemed meanwhile that it had not, or that another gate stood for this one.
    """
    twins = select(ClosureGate.id).where(ClosureGate.duplicate_of == event.about)
    raised = exists().where(
        or_(Escalation.gate_id == event.about, Escalation.gate_id.in_(twins)),
        Escalation.trigger == EscalationTrigger.CLOSED_WITHOUT_AUDIT,
        stands(Escalation),
    )
    because = closure_escalates(GateState.CLOSED_WITHOUT_AUDIT, work.policy_version)
    if because is None or await work.session.scalar(select(raised)):
        return
    held = await work.session.execute(
        select(Subject.id, Subject.team, Subject.worker, Subject.restricted).where(
            Subject.id == event.subject
        )
    )
    subject = held.one()
    case = _Case(subject.id, subject.team, subject.worker, subject.restricted)
    await _raise(
        work, because, case, asked=await _who_acts(work, [case.team], case), gate_id=event.about
    )


async def readdress(work: Work, event: events.AllocationChanged) -> None:
    """Address an escalation nobody has acknowledged to the case's new manager as well (R4.1.5)."""
    waiting = await work.session.scalars(
        select(Escalation)
        .where(
            Escalation.subject_id == event.about, Escalation.state.in_(ESCALATION_UNACKNOWLEDGED)
        )
        .options(selectinload(Escalation.recipients))
        .order_by(Escalation.id)
        .with_for_update(of=Escalation)
        .execution_options(populate_existing=True)
    )
    for escalation in waiting.all():
        if event.team in {recipient.for_team for recipient in escalation.recipients}:
            continue
        ((team, routed),) = await _who_acts(work, [event.team], escalation)
        escalation.recipients.append(recipient_of(work, escalation, team, routed))
        await work.record(
            events.EscalationReaddressed(about=escalation.id, subject=escalation.subject_id)
        )


async def _raise_for_audit(
    work: Work, audit_id: UUID, because: Explanation, *, finding_id: UUID | None = None
) -> None:
    held = await work.session.execute(
        select(
            Audit.subject_id, Audit.team, Audit.worker, Audit.restricted, Audit.audited_team
        ).where(Audit.id == audit_id)
    )
    audit = held.one()
    case = _Case(audit.subject_id, audit.team, audit.worker, audit.restricted)
    # A case whose team is not known yet is for Q&S alone.
    teams = [case.team, audit.audited_team] if case.team and audit.audited_team else [case.team]
    asked = await _who_acts(work, teams, case)
    await _raise(work, because, case, asked=asked, audit_id=audit_id, finding_id=finding_id)


async def _raise(
    work: Work,
    because: Explanation,
    case: _Case,
    *,
    asked: Iterable[Asked],
    audit_id: UUID | None = None,
    finding_id: UUID | None = None,
    gate_id: UUID | None = None,
) -> None:
    policy, calendar = await work.policy(), await work.calendar()
    acknowledge, inform = (due(work.now, policy, calendar) for due in (acknowledge_due, inform_due))
    escalation = Escalation(
        trigger=because.facts["trigger"],
        state=EscalationState.RAISED,
        audit_id=audit_id,
        finding_id=finding_id,
        gate_id=gate_id,
        raised_at=work.now,
        acknowledge_by=acknowledge.due_at,
        inform_by=inform.due_at,
        policy_version=policy.version,
        calendar_version=calendar.version,
        explanation={
            "raised": because.as_json(),
            "acknowledge_by": acknowledge.explanation.as_json(),
            "inform_by": inform.explanation.as_json(),
        },
        subject_id=case.subject_id,
        team=case.team,
        worker=case.worker,
        restricted=case.restricted,
    )
    escalation.recipients = [recipient_of(work, escalation, team, routed) for team, routed in asked]
    work.session.add(escalation)
    await work.session.flush()
    await work.record(
        events.EscalationRaised(
            about=escalation.id,
            subject=case.subject_id,
            trigger=escalation.trigger,
            audit_id=audit_id,
            gate_id=gate_id,
        )
    )


async def _who_acts(work: Work, teams: Iterable[str | None], about: About) -> list[Asked]:
    """Who acts for each of the teams today."""
    return [(team, await who_acts_for(work, team, about)) for team in dict.fromkeys(teams)]


def recipient_of(
    work: Work, escalation: Escalation, team: str | None, routed: Routed
) -> EscalationRecipient:
    """Who is asked for a team from now on, and as what."""
    return EscalationRecipient(
        recipient=routed.worker,
        acts_as=routed.acting_as,
        for_team=team,
        notified_at=work.now,
        subject_id=escalation.subject_id,
        team=escalation.team,
        worker=escalation.worker,
        restricted=escalation.restricted,
    )
