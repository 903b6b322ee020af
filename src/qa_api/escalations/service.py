"""What happens to an escalation: two hops, each proved by the person who makes it (R4.3.3)."""

from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from qa_api import events, problems
from qa_api.auth.roles import Permission, Role
from qa_api.directory.acting import who_acts_for
from qa_api.directory.service import team_leads
from qa_api.escalations.queries import visible_to
from qa_api.escalations.raising import (
    NOT_WITHOUT_AUDIT,
    ONE_IS_ASKED,
    stands,
)
from qa_api.escalations.schemas import ActionsToBeTaken, Dispute, Resolution
from qa_api.models.aliases import aliased
from qa_api.models.closures import ClosureGate
from qa_api.models.escalations import Escalation, EscalationRecipient
from qa_api.reads.expressions import passes_a_day
from qa_api.rules.calendar import Calendar
from qa_api.rules.deadlines import Change, acknowledge_due, count_again, inform_due
from qa_api.rules.decision import NotAllowedInState
from qa_api.rules.escalation import (
    EscalationTrigger,
    Hop,
    acknowledged_by_all,
)
from qa_api.rules.local_time import last_day_before
from qa_api.rules.routing import acts_as
from qa_api.rules.states import (
    ESCALATION_UNACKNOWLEDGED,
    ESCALATION_UNINFORMED,
    EscalationState,
    GateState,
)
from qa_api.rules.transitions import CLAUSES, allowed_actions, next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

RECORDED_IN_ERROR: Final = "The audit that raised it was recorded in error."


async def mark_notified(work: Work, escalation_id: UUID, at: datetime) -> None:
    """The message that it was raised arrived at an instant; that is no acknowledgement."""
    await work.act_as_service()
    escalation = await work.session.get(Escalation, escalation_id, with_for_update=True)
    if escalation is None or escalation.notified_at is not None:
        return
    escalation.state = next_state("escalation", escalation.state, "notify")
    escalation.notified_at = at
    await work.record(events.EscalationNotified(about=escalation.id, subject=escalation.subject_id))


async def acknowledge(work: Work, escalation_id: UUID, expected: Precondition) -> None:
    """Acknowledge it as a manager addressed, or in their stead (§4.3).

    It is acknowledged when everyone addressed has; until then it waits for the others.
    """
    escalation = await _find(work, escalation_id)
    person = work.person()
    asked = [each for each in escalation.recipients if each.replaced_at is None]
    theirs = [each for each in asked if await _stands_for(work, each)]
    if not theirs:
        raise problems.forbidden("Only whoever leads the team that was asked can do this.")
    acknowledged = next_state("escalation", escalation.state, "acknowledge")
    expected.check(escalation.version)
    for recipient in theirs:
        if recipient.acknowledged_at is None:
            recipient.acknowledged_at, recipient.acknowledged_by = work.now, person
            leads = await team_leads(work, recipient.for_team)
            recipient.acknowledged_as = acts_as(person, leads)
    heard = [str(each.id) for each in asked if each.acknowledged_at is not None]
    if not acknowledged_by_all([str(each.id) for each in asked], heard):
        await work.note_change(escalation)
        await work.record(events.EscalationSeen(about=escalation.id, subject=escalation.subject_id))
        return
    escalation.state, escalation.acknowledged_at = acknowledged, work.now
    await work.record(
        events.EscalationAcknowledged(about=escalation.id, subject=escalation.subject_id)
    )


async def inform_quality_standards(
    work: Work, escalation_id: UUID, expected: Precondition, body: ActionsToBeTaken
) -> None:
    """Tell Q&S the actions to be taken: the manager's own hop, never the service's (§4.3).

    Q&S makes it only where nobody manages the team nor heads its service.
    """
    escalation = await _find(work, escalation_id)
    person = work.person()
    led = work.actor.managed_teams | work.actor.headed_teams
    if escalation.team not in led:
        theirs = [each for each in escalation.recipients if await _stands_for(work, each)]
        if not theirs:
            raise problems.forbidden("The team's manager has to inform Quality & Standards.")
    escalation.state = next_state("escalation", escalation.state, "inform_quality_standards")
    expected.check(escalation.version)
    escalation.quality_standards_informed_at, escalation.informed_by = work.now, person
    escalation.actions_to_be_taken = body.actions_to_be_taken
    await work.record(
        events.QualityStandardsInformed(about=escalation.id, subject=escalation.subject_id)
    )


async def resolve(
    work: Work, escalation_id: UUID, expected: Precondition, body: Resolution
) -> None:
    """Resolve it; only Quality & Standards does (R4.3.3)."""
    escalation = await _find(work, escalation_id)
    work.require(Permission.ESCALATION_RESOLVE, team=escalation.team)
    person = work.person()
    escalation.state = next_state("escalation", escalation.state, "resolve")
    expected.check(escalation.version)
    escalation.resolved_at, escalation.resolved_by = work.now, person
    escalation.resolution = body.resolution
    await work.record(
        events.EscalationResolved(
            about=escalation.id,
            subject=escalation.subject_id,
            audit_id=escalation.audit_id,
            gate_id=escalation.gate_id,
        )
    )


async def end_those_of_error(work: Work, event: events.AuditRecordedInError) -> None:
    """Resolve the escalations of an audit recorded in error, by whoever confirmed that (R4.1.5).

    Nothing of them is deleted; they are resolved with that reason, and nobody is asked any more.
    """
    await _end(work, Escalation.audit_id == event.about, RECORDED_IN_ERROR, work.actor.worker)


async def end_those_of_closing(work: Work, event: events.GateChanged) -> None:
    """Resolve the escalation of a case that did not close without an audit after all (C2, C4).

    A later event says so, for example by a reason that needs no audit. Told in the other order,
    nothing would have been raised. The escalation stays on record as what it was.
    """
    if event.state != GateState.CLOSED_WITHOUT_AUDIT:
        gates = select(ClosureGate.id).where(
            or_(ClosureGate.id == event.about, ClosureGate.duplicate_of == event.about)
        )
        of_gate = and_(
            Escalation.gate_id.in_(gates),
            Escalation.trigger == EscalationTrigger.CLOSED_WITHOUT_AUDIT,
        )
        await _end(work, of_gate, NOT_WITHOUT_AUDIT, None)


async def end_those_of_twins(work: Work, subject_id: UUID) -> None:
    """Resolve the escalation of a gate for which another one answers, after a merge of two records.

    One closing keeps one escalation, that of the gate that answers, as if the merge had come first.
    It keeps none if that gate does not say that the case closed without an audit (C2, C6).
    """
    await _end_doubled(work, _answering().subject_id == subject_id)


async def end_doubled(work: Work) -> None:
    """Do the same for every closing, for what earlier merges left behind."""
    await work.act_as_service()
    await _end_doubled(work, true())


@cache
def _answering() -> Any:
    """The gate that answers for a closing: itself, or the one that it stands back for."""
    return aliased(ClosureGate)


async def _end_doubled(work: Work, of_closings: ColumnElement[bool]) -> None:
    answers = _answering()
    raised = (
        select(
            Escalation.id,
            func.row_number()
            .over(
                partition_by=answers.id,
                order_by=(Escalation.gate_id != answers.id, Escalation.id),
            )
            .label("place"),
        )
        .join(ClosureGate, ClosureGate.id == Escalation.gate_id)
        .join(answers, answers.id == func.coalesce(ClosureGate.duplicate_of, ClosureGate.id))
        .where(Escalation.trigger == EscalationTrigger.CLOSED_WITHOUT_AUDIT, of_closings)
    )
    not_so = raised.where(answers.state != GateState.CLOSED_WITHOUT_AUDIT).subquery()
    await _end(work, Escalation.id.in_(select(not_so.c.id)), NOT_WITHOUT_AUDIT, None)
    asked = raised.where(stands(Escalation)).subquery()
    others = select(asked.c.id).where(asked.c.place > 1)
    await _end(work, Escalation.id.in_(others), ONE_IS_ASKED, None)


async def _end(work: Work, which: ColumnElement[bool], why: str, person: str | None) -> None:
    open_ones = await work.session.scalars(
        select(Escalation)
        .where(which, Escalation.state != EscalationState.RESOLVED)
        .order_by(Escalation.id)
        .with_for_update()
    )
    for escalation in open_ones.all():
        if escalation.state == EscalationState.RESOLVED:
            continue  # what followed from an earlier one has ended it already
        escalation.state = next_state("escalation", escalation.state, "end")
        escalation.resolved_at, escalation.resolved_by = work.now, person
        escalation.resolution = why
        await work.record(
            events.EscalationResolved(
                about=escalation.id,
                subject=escalation.subject_id,
                audit_id=escalation.audit_id,
                gate_id=escalation.gate_id,
            )
        )


async def dispute(work: Work, escalation_id: UUID, expected: Precondition, body: Dispute) -> None:
    """Put the mark beside it: who disputes it, when and why. Nothing else changes (R4.3.4)."""
    escalation = await _find(work, escalation_id)
    person = work.person()
    next_state("escalation", escalation.state, "dispute")
    if escalation.disputed:
        others = allowed_actions("escalation", escalation.state)
        raise NotAllowedInState(
            CLAUSES["escalation"],
            "escalation",
            escalation.state,
            tuple(step for step in others if step != "dispute"),
            "It is disputed already.",
        )
    expected.check(escalation.version)
    escalation.disputed, escalation.disputed_at = True, work.now
    escalation.disputed_by, escalation.dispute_reason = person, body.reason
    await work.record(events.EscalationDisputed(about=escalation.id, subject=escalation.subject_id))


async def count_deadlines_again(work: Work, event: events.CalendarChanged) -> None:
    """The calendar changed: what it could not count is counted now, and open deadlines get longer.

    They never get shorter; where a holiday was withdrawn, the words say so (R4.2.4).
    """
    words = {hop: Escalation.explanation[name] for hop, name in _DUE.items()}
    concerned = await work.session.scalars(
        select(Escalation)
        .where(
            or_(
                Escalation.state.in_(ESCALATION_UNINFORMED),
                Escalation.acknowledge_by.is_(None),
                Escalation.inform_by.is_(None),
                *(passes_a_day(each, event.days) for each in words.values()),
            )
        )
        .order_by(Escalation.id)
        .with_for_update()
    )
    calendar = await work.calendar(event.calendar_version)

    async def again(escalation: Escalation) -> None:
        for hop in Hop:
            await _count_again(work, escalation, hop, calendar)

    await work.row_by_row("deadlines of escalations", concerned.all(), again)


_DUE = {Hop.ACKNOWLEDGEMENT: "acknowledge_by", Hop.QUALITY_STANDARDS: "inform_by"}
_CLOCKS = {Hop.ACKNOWLEDGEMENT: acknowledge_due, Hop.QUALITY_STANDARDS: inform_due}
_RUNS = {
    Hop.ACKNOWLEDGEMENT: ESCALATION_UNACKNOWLEDGED,
    Hop.QUALITY_STANDARDS: ESCALATION_UNINFORMED,
}


async def _count_again(work: Work, escalation: Escalation, hop: Hop, calendar: Calendar) -> None:
    name = _DUE[hop]
    before: datetime | None = getattr(escalation, name)
    policy = await work.policy(escalation.policy_version)
    found = count_again(
        escalation.explanation[name],
        last_day(before),
        calendar,
        is_open=escalation.state in _RUNS[hop],
        counting=_CLOCKS[hop](escalation.raised_at, policy, calendar).counting,
    )
    if found is None:
        return
    setattr(escalation, name, found.due_at)
    escalation.explanation = {**escalation.explanation, name: dict(found.explanation)}
    about: dict[str, Any] = {"about": escalation.id, "subject": escalation.subject_id}
    if found.change is Change.REWORDED:
        return
    escalation.calendar_version = calendar.version
    if found.change is Change.COUNTED and found.due_at is not None:
        counted = events.EscalationDeadlineCounted(**about, hop=hop.value, due_at=found.due_at)
        await work.record(counted)
    elif before is not None:
        await work.record(
            events.EscalationLengthened(
                **about, hop=hop.value, due_at=found.due_at, due_at_before=before
            )
        )


async def _find(work: Work, escalation_id: UUID) -> Escalation:
    escalation = await work.take(Escalation, escalation_id, visible_to)
    # Everyone who is asked counts, whether or not the caller may see that they are.
    await work.act_as_service()
    await work.session.refresh(escalation, ["recipients"])
    return escalation


async def _stands_for(work: Work, recipient: EscalationRecipient) -> bool:
    """Whether the actor leads the team today: as its manager, deputy or head of service.

    Q&S does where none of them can: it is addressed to the post, whoever held it then.
    """
    actor = work.actor
    if recipient.for_team in actor.managed_teams | actor.headed_teams:
        return True
    if Role.QUALITY_STANDARDS not in actor.roles:
        return False
    return (await who_acts_for(work, recipient.for_team, recipient)).worker is None


def last_day(over_at: datetime | None) -> date | None:
    """The London day that a deadline's instant ends; None for one that is not counted yet."""
    return None if over_at is None else last_day_before(over_at)
