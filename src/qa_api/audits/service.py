"""The life of an audit: planned, in progress, completed, closed; or cancelled (R4.1.5).

What is recorded in it while it is in progress is in `content`; how one is planned in `planning`.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import exists, or_, select

from qa_api import events, problems
from qa_api.audits.facts import CLAUSE as ABOUT_AUDITORS
from qa_api.audits.facts import (
    AuditFacts,
    check_runs,
    check_starts,
    facts_of_audit,
)
from qa_api.audits.planning import (
    BEGUN_COMPLETE,
    NO_TOOL,
    TEAM_IS_THE_SUBJECTS,
    plan_audit,
    resolved,
)
from qa_api.audits.schemas import (
    Assignment,
    AuditEdit,
    AuditPlan,
    Cancellation,
    SupervisionIn,
)
from qa_api.audits.steps import take_step
from qa_api.auth.roles import Permission, Role
from qa_api.catalogue.service import audit_type
from qa_api.models.audits import Audit, UrgentFinding
from qa_api.models.comments import Comment
from qa_api.models.due_audits import AuditDueDate
from qa_api.models.subjects import Subject
from qa_api.problems import InputError, Problem
from qa_api.rules.audits import (
    StarterRule,
    check_not_judged,
)
from qa_api.rules.states import AUDIT_OPEN, AuditState
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

__all__ = [
    "CONSTRAINT_REFUSALS",
    "assign_audit",
    "cancel_audit",
    "close_audit",
    "discuss_in_supervision",
    "edit_audit",
    "follow_closure_date",
    "open_closure_audit",
    "plan_audit",
    "start_audit",
]

_PLAN_FIELDS: Final = frozenset({"due_on", "subject", "team"})
_RECORDED_FIELDS: Final = frozenset({"positive_feedback", "paper_records_read"})


# --- before it begins ---


async def edit_audit(work: Work, audit_id: UUID, expected: Precondition, edit: AuditEdit) -> None:
    """Change the plan of an open audit, or what its auditor writes about the whole (R4.1.5)."""
    audit = await take_step(work, audit_id, "edit", expected)
    given = edit.model_fields_set
    if given & _PLAN_FIELDS:
        work.require(Permission.AUDIT_PLAN, team=audit.team)
        _check_not_judged(work, audit)
        type_ = await audit_type(work, audit.type)
        rule = StarterRule(type_.may_start)
        check_starts(work, rule, type_.start_teams, team=audit.team, auditor=audit.auditor)
    if given & _RECORDED_FIELDS:
        work.require(Permission.AUDIT_CARRY_OUT, team=audit.team, auditor=audit.auditor)
        next_state("audit", audit.state, "answer")
    for name in given - {"subject", "team"}:
        setattr(audit, name, getattr(edit, name))
    if given & {"subject", "team"}:
        await _move(work, audit, edit)
        _check_not_judged(work, audit)
    if given:
        await work.record(events.AuditEdited(about=audit.id, subject=audit.subject_id))


async def _move(work: Work, audit: Audit, edit: AuditEdit) -> None:
    """Change whom a planned audit is about: another subject, or a team until a subject is named.

    Naming a team alone never takes a child out of the audit; only `subject` null does.
    """
    settled = audit.state != AuditState.PLANNED or audit.opened_by == "gate"
    found = or_(
        exists().where(UrgentFinding.audit_id == audit.id),
        exists().where(AuditDueDate.audit_id == audit.id, AuditDueDate.subject_id.is_not(None)),
    )
    if settled or await work.session.scalar(select(found)):
        detail = (
            "The subject cannot change once the audit has started or has a gate, a due date or"
            " a finding."
        )
        fields = sorted(edit.model_fields_set & {"subject", "team"})
        raise problems.business_rule(
            BEGUN_COMPLETE, detail, [InputError.at([name], "settled", detail) for name in fields]
        )
    if audit.subject_id is not None and "subject" not in edit.model_fields_set:
        at = InputError.at(["team"], "not-both", TEAM_IS_THE_SUBJECTS)
        raise problems.validation([at])
    plan = AuditPlan(
        type=audit.type,
        subject=edit.subject,
        # Without a child it stays with the team that it was with, unless another is named.
        team=edit.team if "team" in edit.model_fields_set or edit.subject else audit.team,
        auditor=audit.auditor,
        re_audit_of=audit.re_audit_of,
    )
    refers_to = await resolved(work, plan)
    holder = refers_to.holder
    refers_to.facts.check_starts(work, holder.team, audit.auditor)
    audit.subject_id, audit.restricted = holder.subject_id, holder.restricted
    audit.team, audit.worker = holder.team, holder.worker
    if audit.auditor is not None:
        _admit_auditor(work, audit, refers_to.facts)
        _set_who_is_audited(audit, refers_to.facts)


async def assign_audit(
    work: Work, audit_id: UUID, expected: Precondition, assignment: Assignment
) -> None:
    """Name the auditor (R4.1.8). A practice supervisor can only name themselves.

    Only Quality & Standards can let somebody audit a case of a worker they supervise, with a
    reason.
    """
    audit = await take_step(work, audit_id, "assign", expected)
    roles = work.require(Permission.AUDIT_ASSIGN, team=audit.team)
    _check_not_judged(work, audit)
    if roles == {Role.PRACTICE_SUPERVISOR} and assignment.auditor != work.actor.worker:
        raise problems.forbidden("A practice supervisor can only assign an audit to themselves.")
    if assignment.conflict_override_reason and Role.QUALITY_STANDARDS not in roles:
        raise problems.forbidden("Only Quality & Standards can override a conflict of interest.")
    audit.auditor = assignment.auditor
    audit.conflict_override_reason = assignment.conflict_override_reason
    facts = await facts_of_audit(work, audit, audit.auditor)
    facts.check_runs(roles)
    _admit_auditor(work, audit, facts)
    if audit.state == AuditState.PLANNED:
        _set_who_is_audited(audit, facts)
    await work.record(
        events.AuditAssigned(about=audit.id, subject=audit.subject_id, auditor=assignment.auditor)
    )


async def start_audit(work: Work, audit_id: UUID, expected: Precondition) -> None:
    """Start the audit: keep who holds the case now, and the tool that is published now."""
    audit = await take_step(work, audit_id, "start", expected)
    if audit.subject_id is None:
        raise problems.business_rule(BEGUN_COMPLETE, "An audit cannot start without a subject.")
    facts = await facts_of_audit(work, audit, audit.auditor)
    if facts.tool is None:
        raise problems.business_rule("§4.1, R4.1.1", NO_TOOL)
    _admit_auditor(work, audit, facts)
    _set_who_is_audited(audit, facts)
    audit.tool_id = facts.tool.id
    audit.scale_code, audit.scale_number = facts.tool.scale_code, facts.tool.scale_number
    audit.overall_asked = facts.tool.overall
    audit.started_at = work.now
    await work.record(events.AuditStarted(about=audit.id, subject=audit.subject_id))


def _admit_auditor(work: Work, audit: Audit, facts: AuditFacts) -> None:
    overridden = audit.conflict_override_reason is not None
    facts.check_auditor(work.policy_version, overridden=overridden)
    audit.auditor_team = facts.auditor_team


def _set_who_is_audited(audit: Audit, facts: AuditFacts) -> None:
    audit.audited_team, audit.audited_worker = audit.team, audit.worker
    audit.audited_team_manager = facts.manager
    audit.audited_head_of_service = facts.head_of_service


def _check_not_judged(work: Work, audit: Audit) -> None:
    check_not_judged(work.actor.worker, {audit.worker, audit.audited_worker})


async def _check_runs(work: Work, audit: Audit, roles: frozenset[Role]) -> None:
    run_by = (await audit_type(work, audit.type)).owner
    check_runs(run_by, roles)


# --- its end ---


async def cancel_audit(
    work: Work, audit_id: UUID, expected: Precondition, cancellation: Cancellation
) -> None:
    """Cancel an audit before it is completed, with the reason (R4.1.5)."""
    audit = await take_step(work, audit_id, "cancel", expected)
    await _check_runs(work, audit, work.require(Permission.AUDIT_CANCEL, team=audit.team))
    _check_not_judged(work, audit)
    audit.cancelled_at, audit.cancel_reason = work.now, cancellation.reason
    await work.record(events.AuditCancelled(about=audit.id, subject=audit.subject_id))


async def discuss_in_supervision(
    work: Work, audit_id: UUID, expected: Precondition, mark: SupervisionIn
) -> None:
    """Record when the audit was, or is to be, discussed in case supervision (R4.2.2)."""
    audit = await take_step(work, audit_id, "discuss_in_supervision", expected)
    if audit.completed_on is not None and mark.discussed_on < audit.completed_on:
        detail = "Only a completed audit can be discussed."
        raise problems.business_rule(
            "§4.2, R4.2.2", detail, [InputError.at(["discussed_on"], "too-early", detail)]
        )
    await _check_comment(work, audit, mark.comment_id)
    audit.discussed_in_supervision_on = mark.discussed_on
    audit.discussed_in_comment_id = mark.comment_id
    await work.record(events.AuditDiscussed(about=audit.id, subject=audit.subject_id))


async def _check_comment(work: Work, audit: Audit, comment_id: UUID | None) -> None:
    """Whoever reads the audit reads what it points to."""
    said = select(Comment.id).where(
        Comment.id == comment_id, Comment.audit_id == audit.id, Comment.addressed.is_(False)
    )
    if comment_id is not None and await work.session.scalar(said) is None:
        detail = "There is no such comment on this audit that everybody reads who reads the audit."
        raise problems.validation([InputError.at(["comment_id"], "unknown", detail)])


# --- for the domains above; they act as the service ---


async def open_closure_audit(
    work: Work, gate_id: UUID, subject: Subject, type_: str, due_on: date | None = None
) -> UUID:
    """Open the closure audit that a gate asks for: planned, and without an auditor yet (R4.1.8).

    Its type is the authority's for every closing of such a subject.
    """
    audit = Audit(
        type=type_,
        state=AuditState.PLANNED,
        subject_id=subject.id,
        team=subject.team,
        worker=subject.worker,
        restricted=subject.restricted,
        gate_id=gate_id,
        opened_by="gate",
        policy_version=work.policy_version,
        planned_at=work.now,
        due_on=due_on,
    )
    work.session.add(audit)
    await work.session.flush()
    await work.record(events.AuditPlanned(about=audit.id, subject=subject.id, audit_type=type_))
    return audit.id


async def follow_closure_date(
    work: Work, audit_id: UUID, before: date | None, due_on: date | None
) -> None:
    """Make an open closure audit due by the proposed day, unless somebody set another date."""
    audit = await work.session.scalar(
        select(Audit)
        .where(
            Audit.id == audit_id,
            Audit.state.in_(AUDIT_OPEN),
            Audit.due_on.is_not_distinct_from(before),
        )
        .with_for_update(key_share=True)
    )
    if audit is not None:
        audit.due_on = due_on
        await work.record(events.AuditEdited(about=audit.id, subject=audit.subject_id))


async def due_by_closing(work: Work, audit_id: UUID, due_on: date | None) -> None:
    """Make the audit that a closing waits for due by its day, unless somebody set another date."""
    if due_on is not None:
        await _due_by(work, [audit_id], None, due_on)


async def due_by_no_closing(work: Work, audit_ids: Collection[UUID], before: date | None) -> None:
    """Take the due date off audits that have started and that no closing waits for any more."""
    if before is not None:
        await _due_by(work, audit_ids, before, None)


async def _due_by(
    work: Work, audit_ids: Collection[UUID], before: date | None, due_on: date | None
) -> None:
    audits = await work.session.scalars(
        select(Audit)
        .where(
            Audit.id.in_(audit_ids),
            Audit.state != AuditState.CANCELLED,
            Audit.due_on.is_not_distinct_from(before),
        )
        .order_by(Audit.id)
        .with_for_update(key_share=True)
    )
    for audit in audits:
        audit.due_on = due_on
        await work.record(events.AuditEdited(about=audit.id, subject=audit.subject_id))


async def close_audit(work: Work, audit_id: UUID) -> bool:
    """Close an audit if it is completed; says whether it did (R4.2.6).

    The caller has made sure that nothing is left to do. An audit in another state is left alone.
    """
    audit: Audit | None = await work.session.scalar(
        select(Audit)
        .where(Audit.id == audit_id, Audit.state == AuditState.COMPLETED)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if audit is None:
        return False
    audit.state, audit.closed_at = next_state("audit", audit.state, "close"), work.now
    await work.record(events.AuditClosed(about=audit.id, subject=audit.subject_id))
    return True


CONSTRAINT_REFUSALS: Mapping[str, Callable[[], Problem]] = {
    "audits_not_own_work_check": lambda: problems.business_rule(
        ABOUT_AUDITORS, "Nobody audits their own work.", code="own-work"
    ),
    "audits_begun_with_auditor_and_subject_check": lambda: problems.business_rule(
        BEGUN_COMPLETE, "An audit cannot start without an auditor, a subject and a tool."
    ),
}
"""What the constraints that stand behind these services mean when one of them fires."""
