"""Reading audits: who may see which, and the statements that return them."""

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    and_,
    case,
    cast,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSON

from qa_api.audits.changing import IN_PARTS, changed_last
from qa_api.audits.judged import (
    CONTENT_SHOWN,
    content_shown,
    domain_judged,
    domain_judged_so,
    in_profile,
    of_whole,
)
from qa_api.audits.naming import holder_named, judged_named, owner_named, team_named
from qa_api.audits.read_schemas import (
    AnswerOut,
    AuditActionOut,
    AuditOut,
    AuditRow,
    FamilyContactOut,
    JudgementOut,
    OwnViewOut,
    RevisionOut,
    UrgentFindingOut,
    WorkerViewOut,
)
from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    allowed_actions,
    another_person,
    managed,
    person_behind,
    roles_over,
    was_audited,
    whole_authority,
)
from qa_api.auth.reasons.cases import AUDITS as AUDITS_SEEN
from qa_api.auth.reasons.cases import AUDITS_NOT_TO_MODERATE, AUDITS_OPENLY
from qa_api.auth.reasons.through_audits import (
    WRITE_OWN_VIEWS,
    is_auditor_of,
)
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import (
    Audit,
    AuditAnswer,
    AuditRevision,
    DomainJudgement,
    FamilyContact,
    FamilyContactAttempt,
    OwnView,
    UrgentFinding,
    WorkerView,
)
from qa_api.models.catalogue import ToolQuestion
from qa_api.models.escalations import Escalation
from qa_api.models.inner import one_of, there_is, value_of
from qa_api.models.planning import PlanExemption, QuarterPlan
from qa_api.models.sealed import SEALED, is_sealed, is_sealed_here, stands_in, told_in
from qa_api.reads.documents import Document
from qa_api.reads.expressions import in_service, soonest_due, subject_of, working_days_left
from qa_api.reads.filters import (
    about_subject,
    before,
    by_change,
    equals,
    flag,
    on_or_after,
    supervised_by,
)
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape, written_instant
from qa_api.rules.audits import ContactOutcome
from qa_api.rules.states import AUDIT_FINISHED, AUDIT_OPEN, AuditState


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Which audits the caller may know of (X3)."""
    return AUDITS_SEEN.see(row, me, row.recorded_in_error_at.is_(None))


def visible_not_to_moderate(row: Any, me: Me) -> ColumnElement[bool]:
    """The same for whatever reason but that they are to moderate it (R4.5.3)."""
    return AUDITS_NOT_TO_MODERATE.see(row, me, row.recorded_in_error_at.is_(None))


def visible_openly(row: Any, me: Me) -> ColumnElement[bool]:
    """The same for reasons that whoever reads the audit may know of somebody."""
    return AUDITS_OPENLY.see(row, me, row.recorded_in_error_at.is_(None))


def _visible_at_once(row: Any, me: Me) -> ColumnElement[bool]:
    """Those of them that most callers read; nothing is searched to say so."""
    return AUDITS_SEEN.see_at_once(row, me, row.recorded_in_error_at.is_(None))


def content_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Which audits the caller may read what is said in."""
    return and_(visible_to(row, me), content_shown(row, me))


def part_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Which parts of audits the caller may read: those of audits whose content they may."""
    audit = aliased(Audit)
    return there_is(audit, audit.id == row.audit_id, content_visible_to(audit, me))


def _followed(row: Any, me: Me) -> ColumnElement[Any]:
    """What became of a finding. The auditor and the case's managers see it, a worker never does."""
    escalation = aliased(Escalation)
    became = select(
        escalation.id.label("escalation_id"),
        escalation.state,
        written_instant(escalation.acknowledged_at).label("acknowledged_at"),
        written_instant(escalation.quality_standards_informed_at).label(
            "quality_standards_informed_at"
        ),
        escalation.actions_to_be_taken,
        written_instant(escalation.resolved_at).label("resolved_at"),
        escalation.resolution,
    ).where(escalation.audit_id == row.audit_id, escalation.finding_id == row.id)
    told = or_(whole_authority(me), managed(row, me), is_auditor_of(row.audit_id, me))
    return case((told, one_of(escalation, became)), else_=cast(None, JSON))


_FINDING = Shape(UrgentFindingOut, UrgentFinding, {"followed": _followed}, shown=content_shown)


def answer_stands(row: Any, _: Me) -> ColumnElement[bool]:
    """Whether an answer counts: a completed audit leaves out what does not apply (R4.1.1)."""
    stands: ColumnElement[bool] = row.left_out.is_(False)
    return stands


def question_applies(row: Any, _: Me) -> ColumnElement[bool]:
    """Whether the question of an answer is to be answered, as the others are answered now."""
    asked = aliased(ToolQuestion)
    # What a question without a condition has there is JSON's null, which is no NULL.
    hangs_on = select(asked.applies_when["question"].astext).where(
        asked.tool_id == row.tool_id, asked.key == row.question_key
    )
    always = value_of(asked, hangs_on).is_(None)
    applies = func.question_applies(row.audit_id, row.tool_id, row.question_key, type_=Boolean)
    return case((always, true()), else_=applies)


def _applies_in(audit: Any) -> dict[str, Expression]:
    """Whether the question applies, of an answer in this audit.

    In a completed one each does: what did not apply was left out when it was completed, and is
    left out by an amendment (R4.1.1). So nothing is looked up for it.
    """
    finished = stands_in(audit, AUDIT_FINISHED)
    return {
        "applies": lambda row, me: case((finished, true()), else_=question_applies(row, me)),
    }


def _only_shown(name: str) -> Expression:
    return lambda row, me: case((content_shown(row, me), getattr(row, name)))


def _family_contacted(row: Any, me: Me) -> ColumnElement[bool]:
    contact = aliased(FamilyContactAttempt)
    spoken = there_is(contact, contact.audit_id == row.id, contact.outcome == ContactOutcome.SPOKEN)
    return and_(content_shown(row, me), spoken)


def _exempt(row: Any) -> ColumnElement[bool]:
    """Whether it was cancelled before it started because its team is exempt (R4.4.2)."""
    exemption, plan, its_plan = aliased(PlanExemption), aliased(QuarterPlan), aliased(QuarterPlan)
    of_team = there_is(
        (exemption, plan, its_plan),
        its_plan.id == row.plan_id,
        plan.quarter == its_plan.quarter,
        exemption.plan_id == plan.id,
        exemption.team == row.plan_team,
        exemption.decided_at <= row.cancelled_at,
    )
    return and_(
        stands_in(row, (AuditState.CANCELLED,)),
        row.started_at.is_(None),
        of_team,
    )


_ONCE: dict[str, Expression] = {
    SEALED: lambda row, _: is_sealed(row.id),
    CONTENT_SHOWN: content_shown,
}
_ROW: dict[str, Expression] = {
    "subject": subject_of,
    "changed_at": changed_last,
    "working_days_left": lambda row, me: case(
        (stands_in(row, AUDIT_OPEN), working_days_left(row.due_on, me))
    ),
    "judgement_sealed": lambda row, _: is_sealed_here(row),
    "overall_judgement": _only_shown("overall_judgement"),
    "worker": lambda row, me: case((holder_named(row, me), row.worker)),
    "team": lambda row, me: case((team_named(row, me), row.team)),
}
_ACTION: dict[str, Expression] = {"owner": lambda row, me: case((owner_named(row, me), row.owner))}

_ANSWER: dict[str, Expression] = {"applies": question_applies}

_WITHHELD_UNLESS_SHOWN = (
    "conflict_override_reason",
    "error_reason",
    "overall_rationale",
    "positive_feedback",
    "paper_records_read",
    "discussed_in_comment_id",
)


def _error_reported_by(row: Any, me: Me) -> ColumnElement[Any]:
    """The worker code of who reported the audit, for those who read what it says."""
    return case((content_shown(row, me), person_behind(row.error_reported_by)))


def _only_if(row: Any, me: Me) -> dict[str, ColumnElement[bool]]:
    """Steps that depend on more than a role.

    Nobody plans, assigns or cancels the audit of their own work (R4.1.8). An error is reported
    once; then another person confirms it, or it is withdrawn (R4.1.5). Whose work it was writes
    their own view once they have been told (R4.1.9).
    """
    by = row.error_reported_by
    caller = func.coalesce(me.worker, "")
    anothers = and_(
        row.worker.is_distinct_from(caller), row.audited_worker.is_distinct_from(caller)
    )
    return {
        **dict.fromkeys(("edit", "assign", "cancel"), anothers),
        "record_in_error": by.is_(None),
        "confirm_error": and_(by.is_not(None), another_person(by, me)),
        "withdraw_error": by.is_not(None),
        "write_own_view": was_audited(row, me),
    }


AUDIT = Document(
    Shape(
        AuditOut,
        Audit,
        {
            **_ROW,
            **{name: _only_shown(name) for name in _WITHHELD_UNLESS_SHOWN},
            "audited_worker": lambda row, me: case((judged_named(row, me), row.audited_worker)),
            "error_reported_by": _error_reported_by,
            "content_withheld": lambda row, me: not_(content_shown(row, me)),
            "answers": Shape(
                AnswerOut,
                AuditAnswer,
                shown=content_shown,
                kept=answer_stands,
                by_parent=_applies_in,
            ),
            "judgements": Shape(JudgementOut, DomainJudgement, shown=content_shown),
            "family_contact": Shape(FamilyContactOut, FamilyContact, shown=content_shown),
            "worker_view": Shape(WorkerViewOut, WorkerView, shown=content_shown),
            "own_view": Shape(OwnViewOut, OwnView, shown=content_shown),
            "revisions": Shape(RevisionOut, AuditRevision, shown=content_shown),
            "urgent_findings": _FINDING,
            "actions": Shape(AuditActionOut, RestorativeAction, _ACTION, shown=content_shown),
            "allowed_actions": lambda row, me: allowed_actions(
                row,
                # As its worker somebody takes one step: they write their own view.
                roles_over(
                    row,
                    me,
                    auditor=row.auditor,
                    worker=row.audited_worker,
                    as_worker=WRITE_OWN_VIEWS,
                ),
                _only_if(row, me),
            ),
        },
        once=_ONCE,
    ),
    visible=visible_to,
    at_once=_visible_at_once,
    subject="subject_id",
)

ANSWER = Document(
    Shape(AnswerOut, AuditAnswer, _ANSWER),
    visible=lambda row, me: and_(answer_stands(row, me), part_visible_to(row, me)),
    key=("audit_id", "question_key"),
    subject="subject_id",
)

URGENT_FINDING = Document(
    _FINDING,
    visible=part_visible_to,
    key=("audit_id", "id"),
    version=None,
    subject="subject_id",
)

ACTION = Document(
    Shape(AuditActionOut, RestorativeAction, _ACTION),
    visible=part_visible_to,
    key=("audit_id", "id"),
    subject="subject_id",
)

AUDITS = Listing(
    name="audits",
    shape=Shape(AuditRow, Audit, _ROW, once=_ONCE),
    visible=visible_to,
    subject="subject_id",
    arms=AUDITS_SEEN.arms,
    orders={
        "due_on": (soonest_due, lambda row, _: row.id),
        "changed_at": (changed_last, lambda row, _: row.id),
    },
    parts_of={"changed_at": IN_PARTS},
    filters={
        **by_change(changed_last),
        "state": Filter(lambda row, value, _: told_in(row, value)),
        "type": equals("type"),
        "team": Filter(
            lambda row, value, me: and_(row.team == value, team_named(row, me)),
            narrows=True,
            column="team",
        ),
        "service": Filter(
            lambda row, value, me: and_(in_service(row, value, me), team_named(row, me))
        ),
        "worker": Filter(
            lambda row, value, me: and_(row.worker == value, holder_named(row, me)),
            narrows=True,
            column="worker",
        ),
        "supervisor": supervised_by(holder_named),
        "auditor": equals("auditor", narrows=True),
        "subject": about_subject(narrows=True),
        "overdue": Filter(
            lambda row, _, me: and_(
                stands_in(row, AUDIT_OPEN), func.coalesce(row.due_on < me.today, False)
            ),
            None,
        ),
        "done": flag(lambda row, _: stands_in(row, AUDIT_FINISHED)),
        "cancelled": flag(lambda row, _: stands_in(row, (AuditState.CANCELLED,))),
        "exempt": flag(lambda row, _: _exempt(row)),
        "theme": equals("theme_code"),
        "judgement": Filter(
            lambda row, value, me: and_(content_shown(row, me), row.overall_judgement == value)
        ),
        "scale": Filter(lambda row, value, _: and_(row.scale_code == value, of_whole(row))),
        "scale_number": Filter(
            lambda row, value, _: and_(row.scale_number == value, of_whole(row)), Integer()
        ),
        "profile": Filter(in_profile),
        "domain": Filter(domain_judged),
        "domain_judgement": Filter(domain_judged_so),
        "family_contacted": flag(_family_contacted),
        "completed_from": on_or_after("completed_on"),
        "completed_to": before("completed_on"),
        "due_from": on_or_after("due_on"),
        "due_to": before("due_on"),
    },
)
"""Newest first. Half-open: `due_from` is in, `due_to` is out."""
