"""Everything that waits for somebody, as one relation: what, about which record, by when, for whom.

A row names the person it waits for, or the group that may take it on. It holds no text: the record
itself is one request away.
"""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    Uuid,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from qa_api.auth.roles import Role
from qa_api.db import parameter
from qa_api.http.expressions import NO_DATE, doer, of_standing_audit, responder
from qa_api.me.over import over
from qa_api.models.access import RoleAssignment
from qa_api.models.actions import RestorativeAction
from qa_api.models.alerts import Alert
from qa_api.models.audits import Audit
from qa_api.models.base import Base
from qa_api.models.board import BoardDecision
from qa_api.models.closures import ClosureGate
from qa_api.models.directory import Absence, TeamService, Worker
from qa_api.models.escalations import Escalation, EscalationRecipient
from qa_api.models.moderation import LearningAction, ModerationOutcome, ModerationSample
from qa_api.models.notifications import Notification
from qa_api.models.observations import AwaitedObservation, LearningHighlight
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.models.retention import RetentionRun
from qa_api.rules.alerts import LIST_OF, WHOLE_LIST
from qa_api.rules.transitions import (
    ActionState,
    AuditState,
    EscalationState,
    GateState,
    LearningActionState,
    NotificationState,
    ResponseState,
    RetentionRunState,
    SampleState,
)

Column = ColumnElement[Any] | InstrumentedAttribute[Any]

PERSON: Final = "person"
TEAM_LEADS: Final = "team_leads"
TEAM_SUPERVISORS: Final = "team_supervisors"
TEAM_OBSERVERS: Final = "team_observers"
QUALITY_STANDARDS: Final = "quality_standards"
ADMINISTRATORS: Final = "administrator"
ADDRESSED: Final = ("learning_development", "practice_advisor")
"""Roles that a learning highlight is routed to."""


def _wait(
    kind: str,
    list_: str,
    record: Any,
    *,
    due_on: Column,
    waits_for: str | Column = PERSON,
    person: Column | None = None,
    about: Column | None = None,
    path: Column | None = None,
    told: Column | None = None,
    told_on: Column | None = None,
) -> Select[Any]:
    """What waits in a list of the API; `path` where that is not where the record itself is."""
    about = record.id if about is None else about
    due = cast(due_on, Date)
    return select(
        func.concat(literal(f"{kind}:"), cast(record.id, Text)).label("key"),
        literal(kind, Text).label("kind"),
        (func.concat(f"/v1/{list_}/", cast(about, Text)) if path is None else path).label("path"),
        cast(told if told is not None else null(), Text).label("told"),
        cast(told_on if told_on is not None else null(), Date).label("told_on"),
        literal(told is not None).label("only_told"),
        about.label("about"),
        due.label("due_on"),
        func.coalesce(due if told_on is None else told_on, literal(NO_DATE, Date)).label("sort_on"),
        getattr(record, "subject_id", cast(null(), Uuid)).label("subject_id"),
        getattr(record, "team", cast(null(), Text)).label("team"),
        getattr(record, "restricted", literal(False)).label("restricted"),
        cast(person if person is not None else null(), Text).label("person"),
        cast(waits_for, Text).label("waits_for"),
    )


def _last_day(instant: Column) -> ColumnElement[Any]:
    """The London day that ends at an instant: deadlines end with their day."""
    return cast(
        func.timezone("Europe/London", instant - func.make_interval(0, 0, 0, 0, 0, 0, 1)), Date
    )


def _to_whom(person: Column) -> ColumnElement[Any]:
    """To the person named, else to Quality & Standards."""
    return case((person.is_(None), literal(QUALITY_STANDARDS, Text)), else_=literal(PERSON, Text))


def _without_leads(team: Column) -> ColumnElement[bool]:
    """Nobody supervises or manages the team today, nor heads a service that it belongs to."""
    held, belongs, today = aliased(RoleAssignment), aliased(TeamService), parameter("today", Date())
    leads = (Role.PRACTICE_SUPERVISOR, Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE)
    current = and_(held.role.in_(leads), held.valid.contains(today))
    of_team = select(held.team).where(current, held.team.is_not(None))
    of_service = (
        select(belongs.team)
        .join(held, held.service == belongs.service)
        .where(current, belongs.valid.contains(today))
    )
    return team.not_in(union(of_team, of_service))


def _is_gone(person: Column) -> ColumnElement[bool]:
    """Nobody is named, or they have left."""
    worker, today = aliased(Worker), parameter("today", Date())
    left = exists().where(worker.code == person, worker.leaves_on < today)
    return or_(person.is_(None), left.correlate_except(worker))


def _is_away(person: Column) -> ColumnElement[bool]:
    """Nobody is known, or they have left, or an absence of theirs is recorded for today."""
    absence, today = aliased(Absence), parameter("today", Date())
    absent = exists().where(absence.worker == person, absence.valid.contains(today))
    return or_(_is_gone(person), absent.correlate_except(absence))


def _audits() -> list[Select[Any]]:
    unassigned = and_(Audit.state == AuditState.PLANNED, Audit.auditor.is_(None))
    taken_on = and_(
        Audit.state.in_((AuditState.PLANNED, AuditState.IN_PROGRESS)), Audit.auditor.is_not(None)
    )
    to_assign = {"due_on": Audit.due_on}
    return [
        _wait("assign", "audits", Audit, waits_for=TEAM_SUPERVISORS, **to_assign).where(
            unassigned, Audit.team.is_not(None), Audit.plan_id.is_(None)
        ),
        # Who audits under a quarter plan is theirs to say, whichever team the case is with; and
        # they act where nobody leads the team any more.
        _wait("assign", "audits", Audit, waits_for=QUALITY_STANDARDS, **to_assign).where(
            unassigned,
            or_(Audit.team.is_(None), Audit.plan_id.is_not(None), _without_leads(Audit.team)),
        ),
        _wait("complete", "audits", Audit, due_on=Audit.due_on, person=Audit.auditor).where(
            taken_on
        ),
    ]


def _responses() -> list[Select[Any]]:
    to_submit = (
        ResponseState.AWAITING_NOTIFICATION,
        ResponseState.AWAITING_RESPONSE,
        ResponseState.RETURNED,
    )
    round_due = (
        select(ResponseRound.due_on)
        .where(ResponseRound.response_id == AuditResponse.id, ResponseRound.submitted_at.is_(None))
        .order_by(ResponseRound.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    to_answer: dict[str, Any] = {
        "due_on": func.coalesce(round_due, AuditResponse.due_on),
        "person": responder(AuditResponse),
    }
    nobody_responds = and_(
        AuditResponse.state.in_(to_submit),
        of_standing_audit(AuditResponse),
        _is_away(responder(AuditResponse)),
    )
    return [
        _wait(
            "respond",
            "audit-responses",
            AuditResponse,
            due_on=func.coalesce(round_due, AuditResponse.due_on),
            person=responder(AuditResponse),
        ).where(AuditResponse.state.in_(to_submit), of_standing_audit(AuditResponse)),
        # Where the worker cannot, their supervisor or manager responds or hands it over.
        _wait(
            "respond", "audit-responses", AuditResponse, waits_for=TEAM_SUPERVISORS, **to_answer
        ).where(nobody_responds, ~_without_leads(AuditResponse.team)),
        _wait(
            "respond", "audit-responses", AuditResponse, waits_for=QUALITY_STANDARDS, **to_answer
        ).where(
            nobody_responds,
            or_(AuditResponse.team.is_(None), _without_leads(AuditResponse.team)),
        ),
        _wait(
            "review",
            "audit-responses",
            ResponseRound,
            due_on=ResponseRound.review_due_on,
            waits_for=_to_whom(ResponseRound.reviewer),
            person=ResponseRound.reviewer,
            about=ResponseRound.response_id,
        )
        .join(AuditResponse, AuditResponse.id == ResponseRound.response_id)
        .where(
            ResponseRound.submitted_at.is_not(None),
            ResponseRound.outcome.is_(None),
            of_standing_audit(AuditResponse),
        ),
        _wait(
            "notify_by_hand",
            "notifications",
            Notification,
            due_on=_last_day(Notification.queued_until),
            waits_for=TEAM_LEADS,
        ).where(
            Notification.state == NotificationState.UNDELIVERABLE, of_standing_audit(Notification)
        ),
    ]


def _actions() -> list[Select[Any]]:
    action = RestorativeAction
    auditor = select(Audit.auditor).where(Audit.id == action.audit_id).scalar_subquery()
    stands = of_standing_audit(action)
    done = and_(action.state == ActionState.DONE, stands)
    return [
        _wait(
            "do",
            "restorative-actions",
            action,
            due_on=action.due_on,
            person=doer(action),
        ).where(
            # Not set yet, it is part of the auditor's draft.
            action.set_at.is_not(None),
            action.state.in_((ActionState.OPEN, ActionState.PLANNED)),
            stands,
        ),
        _wait("verify", "restorative-actions", action, due_on=action.due_on, person=auditor).where(
            done
        ),
        # For a lead who is the auditor too, it waits once.
        _wait(
            "verify",
            "restorative-actions",
            action,
            due_on=action.due_on,
            waits_for=TEAM_LEADS,
            person=auditor,
        ).where(done),
    ]


def _escalations() -> list[Select[Any]]:
    unheard = (EscalationState.RAISED, EscalationState.NOTIFIED)

    def addressed(kind: str, by: Column) -> Select[Any]:
        recipient = EscalationRecipient
        return _wait(
            kind,
            "escalations",
            recipient,
            due_on=_last_day(by),
            waits_for=_to_whom(recipient.recipient),
            person=recipient.recipient,
            about=recipient.escalation_id,
        ).join(Escalation, Escalation.id == recipient.escalation_id)

    return [
        addressed("acknowledge", Escalation.acknowledge_by).where(
            Escalation.state.in_(unheard), EscalationRecipient.acknowledged_at.is_(None)
        ),
        addressed("inform_quality_standards", Escalation.inform_by).where(
            Escalation.state == EscalationState.ACKNOWLEDGED
        ),
        _wait(
            "resolve",
            "escalations",
            Escalation,
            due_on=_last_day(Escalation.inform_by),
            waits_for=QUALITY_STANDARDS,
        ).where(Escalation.state == EscalationState.QUALITY_STANDARDS_INFORMED),
    ]


def _gates() -> list[Select[Any]]:
    uncleared = (GateState.AWAITING_AUDIT, GateState.ACTIONS_OUTSTANDING)
    return [
        _wait(
            "approve_override",
            "closure-gates",
            ClosureGate,
            due_on=ClosureGate.closure_on,
            waits_for=TEAM_LEADS,
        ).where(
            ClosureGate.state.in_(uncleared),
            ClosureGate.override_requested_at.is_not(None),
            ClosureGate.override_approved_at.is_(None),
            ClosureGate.override_withdrawn_at.is_(None),
        )
    ]


def _moderation() -> list[Select[Any]]:
    outcome, action = ModerationOutcome, LearningAction
    place = func.concat(
        "/v1/moderation-samples/",
        cast(outcome.sample_id, Text),
        "/outcomes/",
        cast(outcome.audit_id, Text),
    )

    def drawn(kind: str, **facts: Any) -> Select[Any]:
        return (
            _wait(
                kind,
                "moderation-samples",
                outcome,
                due_on=null(),
                about=outcome.audit_id,
                path=place,
                **facts,
            )
            .join(ModerationSample, ModerationSample.id == outcome.sample_id)
            .join(Audit, Audit.id == outcome.audit_id)
            .where(
                ModerationSample.state == SampleState.OPEN,
                outcome.moderated_at.is_(None),
                Audit.recorded_in_error_at.is_(None),
            )
        )

    def learning(kind: str, state: LearningActionState, **facts: Any) -> Select[Any]:
        waits = _wait(kind, "learning-actions", action, due_on=action.due_on, **facts)
        return waits.where(action.state == state)

    # Nobody verifies what they did, also where they set it themselves.
    verifier = case((action.set_by != action.done_by, action.set_by))

    return [
        drawn("moderate", person=outcome.moderator).where(outcome.moderator.is_not(None)),
        drawn("assign_moderator", waits_for=QUALITY_STANDARDS).where(outcome.moderator.is_(None)),
        learning("do", LearningActionState.OPEN, person=action.owner),
        learning("verify", LearningActionState.DONE, person=verifier, waits_for=_to_whom(verifier)),
    ]


def _observations() -> list[Select[Any]]:
    awaited = AwaitedObservation
    query = func.concat(
        "/v1/observation-compliance?level=worker&worker=", awaited.worker, "&team=", awaited.team
    )
    return [
        _wait(
            "observe",
            "observation-compliance",
            awaited,
            due_on=awaited.due_on,
            path=query,
            waits_for=TEAM_OBSERVERS,
            person=awaited.worker,
        )
    ]


def _highlights() -> list[Select[Any]]:
    highlight = LearningHighlight
    return [
        _wait(
            "answer",
            "learning-highlights",
            highlight,
            due_on=null(),
            waits_for=highlight.routed_to,
        ).where(highlight.answered_at.is_(None))
    ]


def _decisions() -> list[Select[Any]]:
    decision = BoardDecision
    gone = _is_gone(decision.owner)
    to_do: dict[str, Any] = {"due_on": decision.due_on, "person": decision.owner}
    open_ = decision.done_at.is_(None)
    return [
        _wait("do", "board-decisions", decision, **to_do).where(open_, ~gone),
        _wait("do", "board-decisions", decision, waits_for=QUALITY_STANDARDS, **to_do).where(
            open_, gone
        ),
    ]


def _retention() -> list[Select[Any]]:
    run = RetentionRun
    return [
        _wait(
            "approve_removal",
            "retention-runs",
            run,
            due_on=null(),
            waits_for=QUALITY_STANDARDS,
            person=run.proposed_by,
        ).where(run.state == RetentionRunState.PROPOSED)
    ]


def _alerts() -> list[Select[Any]]:
    for_role = Alert.recipient.in_((QUALITY_STANDARDS, ADMINISTRATORS))
    told = case((for_role, Alert.recipient), else_=literal(PERSON, Text))
    where = case(
        *(
            (
                Alert.kind == kind.value,
                literal(f"/v1/{path}", Text)
                if kind in WHOLE_LIST
                else func.concat(f"/v1/{path}/", cast(Alert.about_id, Text)),
            )
            for kind, path in LIST_OF.items()
        )
    )
    return [
        _wait(
            "told",
            "me/alerts",
            Alert,
            due_on=null(),  # there is nothing to do about it
            told_on=cast(func.timezone("Europe/London", Alert.at), Date),
            waits_for=told,
            person=Alert.recipient,
            path=where,
            told=Alert.kind,
        ).where(
            Alert.seen_at.is_(None),
            Alert.over_at.is_(None),
            ~over(Alert, parameter("today", Date())),
        )
    ]


class WaitingWork(Base):
    """One thing that waits for somebody."""

    __table__ = union_all(
        *_audits(),
        *_responses(),
        *_actions(),
        *_escalations(),
        *_gates(),
        *_moderation(),
        *_observations(),
        *_highlights(),
        *_decisions(),
        *_retention(),
        *_alerts(),
    ).subquery("waiting_work")
    __mapper_args__ = {"primary_key": [__table__.c.key, __table__.c.waits_for]}  # noqa: RUF012
