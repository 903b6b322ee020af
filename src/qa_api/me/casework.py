"""What waits of audits and what follows from them: responses, actions, escalations, gates."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    not_,
    null,
    or_,
    outerjoin,
    select,
    true,
)

from qa_api.auth.duty import acts_for, is_one_of, leads, led_by_somebody, may_see, these
from qa_api.auth.reach import person_behind
from qa_api.auth.roles import Role
from qa_api.me.beyond import (
    DOERS,
    RESPONDERS,
    action_beyond,
    audit_beyond,
    response_beyond,
    review_beyond,
)
from qa_api.me.work_items import (
    LEADS,
    QUALITY_STANDARDS,
    TEAM_LEADS,
    TEAM_SUPERVISORS,
    Column,
    can,
    can_over,
    last_day,
    wait,
    waits_for,
    with_the_team,
)
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.catalogue import AuditType
from qa_api.models.closures import ClosureGate
from qa_api.models.escalations import Escalation, EscalationRecipient
from qa_api.models.inner import there_is
from qa_api.models.notifications import Notification
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.reads.expressions import (
    doer,
    of_standing_audit,
    responded,
    responder,
    soonest_due,
    soonest_stood_for,
)
from qa_api.rules.states import (
    ACTION_TO_DO,
    AUDIT_OPEN,
    ESCALATION_UNACKNOWLEDGED,
    GATE_UNCLEARED,
    RESPONSE_TO_SUBMIT,
    ActionState,
    AuditState,
    EscalationState,
    NotificationState,
    ResponseState,
)


def casework() -> list[Select[Any]]:
    """What waits of a case that was audited, or that is to be (§4.1 to §4.3)."""
    return [*_audits(), *_responses(), *_actions(), *_escalations(), *_gates()]


def _audits() -> list[Select[Any]]:
    return [
        *_to_assign(),
        waits_for(
            "complete",
            "audits",
            Audit,
            Audit.auditor,
            Role.AUDITOR,
            due_on=Audit.due_on,
            sort_on=soonest_due(Audit),
        ).where(_given()),
        # Reported as made on the wrong child; whoever reported it is not who confirms it.
        wait(
            "confirm_error",
            "audits",
            Audit,
            due_on=null(),
            waits_for=QUALITY_STANDARDS,
            barred=these(person_behind(Audit.error_reported_by)),
        ).where(Audit.error_reported_by.is_not(None), Audit.recorded_in_error_at.is_(None)),
    ]


def _given() -> ColumnElement[bool]:
    return and_(Audit.state.in_(AUDIT_OPEN), Audit.auditor.is_not(None))


def _to_assign() -> list[Select[Any]]:
    type_ = aliased(AuditType)
    managed_type = there_is(type_, type_.code == Audit.type, type_.owner == "service_area")
    # Who audits under a quarter plan or of another type is for Quality & Standards to say.
    of_team = and_(Audit.team.is_not(None), Audit.plan_id.is_(None), managed_type)
    to_take_on = and_(Audit.state == AuditState.PLANNED, Audit.auditor.is_(None))
    given = _given()
    audits = can(Audit.auditor, Audit, Role.AUDITOR)
    assign: dict[str, Any] = {"kind": "assign", "list_": "audits", "due_on": Audit.due_on}
    supervisors = (*LEADS, Role.PRACTICE_SUPERVISOR)
    judged = these(Audit.worker, Audit.audited_worker)
    beyond = audit_beyond(Audit)
    return [
        *with_the_team(
            Audit,
            group=TEAM_SUPERVISORS,
            roles=supervisors,
            where=and_(beyond, to_take_on, of_team),
            barred=judged,
            **assign,
        ),
        # Its auditor is gone or away; a supervisor does not see a draft.
        *with_the_team(
            Audit,
            group=TEAM_LEADS,
            where=and_(beyond, given, not_(audits), of_team),
            barred=judged,
            **assign,
        ),
        wait(record=Audit, waits_for=QUALITY_STANDARDS, barred=judged, **assign).where(
            beyond, or_(to_take_on, and_(given, not_(audits))), not_(of_team)
        ),
    ]


def _responses() -> list[Select[Any]]:
    return [*_to_submit(), *_to_review(), *_to_notify()]


def _to_submit() -> list[Select[Any]]:
    response, round_ = AuditResponse, ResponseRound
    # Looked up once for each response, which has it in several columns.
    last = (
        select(round_.due_on)
        .where(round_.response_id == response.id, round_.submitted_at.is_(None))
        .order_by(round_.number.desc())
        .limit(1)
        .correlate_except(round_)
        .lateral("last_round")
    )
    round_due = last.c.due_on
    with_its_round = outerjoin(response, last, true())
    to_submit = and_(response.state.in_(RESPONSE_TO_SUBMIT), of_standing_audit(response))
    who = responder(response)
    # The first round has the response's own date; a later one its own, or none yet.
    answer: dict[str, Any] = {
        "due_on": round_due,
        "uncounted": and_(response.explanation.is_not(None), round_due.is_(None)),
    }

    name = ("respond", "audit-responses")
    theirs = wait(*name, response, person=who, in_roles=RESPONDERS, **answer)
    waiting = [
        theirs.where(to_submit, can_over(who, response, *RESPONDERS, even_away=True)),
        # Where they cannot, a supervisor or manager responds or hands it over, not the auditor.
        *with_the_team(
            response,
            kind="respond",
            list_="audit-responses",
            group=TEAM_SUPERVISORS,
            roles=(*LEADS, Role.PRACTICE_SUPERVISOR),
            where=and_(
                response_beyond(response),
                to_submit,
                not_(can_over(who, response, *RESPONDERS)),
            ),
            barred=these(who, response.auditor),
            **answer,
        ),
    ]
    return [each.select_from(with_its_round) for each in waiting]


def _to_review() -> list[Select[Any]]:
    response, round_ = AuditResponse, ResponseRound
    barred = func.array_cat(these(Audit.auditor, Audit.audited_worker), responded(response.id))
    reviewer = acts_for(response.team, response, barred)

    def review(**whom: Any) -> Select[Any]:
        waits = wait(
            "review",
            "audit-responses",
            round_,
            due_on=round_.review_due_on,
            about=round_.response_id,
            uncounted=round_.review_due_on.is_(None),
            **whom,
        )
        return (
            waits.join(response, response.id == round_.response_id)
            .join(Audit, Audit.id == response.audit_id)
            .where(
                response.state == ResponseState.SUBMITTED,
                round_.submitted_at.is_not(None),
                round_.outcome.is_(None),
                Audit.recorded_in_error_at.is_(None),
            )
        )

    lead, beyond = leads(), review_beyond(response)
    # Found by the teams that somebody leads, and by what those before them may have to leave.
    theirs = review(person=lead.c.worker, in_roles=LEADS).join(lead, lead.c.team == response.team)
    free = and_(not_(is_one_of(lead.c.worker, barred)), may_see(lead.c.worker, response))
    return [
        theirs.where(lead.c.is_first, free),
        theirs.where(not_(lead.c.is_first), beyond, lead.c.worker == reviewer),
        review(waits_for=QUALITY_STANDARDS, barred=barred).where(beyond, reviewer.is_(None)),
    ]


def _to_notify() -> list[Select[Any]]:
    """Notifications that nobody can send, or that have waited too long: a person tells the worker
    (R4.2.8)."""
    untold = or_(
        Notification.state == NotificationState.UNDELIVERABLE,
        and_(
            Notification.state == NotificationState.QUEUED,
            Notification.queued_until <= func.qa_now(),
        ),
    )
    return with_the_team(
        Notification,
        kind="notify_by_hand",
        list_="notifications",
        group=TEAM_LEADS,
        where=and_(untold, of_standing_audit(Notification)),
        due_on=last_day(Notification.queued_until),
        uncounted=Notification.queued_until.is_(None),
    )


def _actions() -> list[Select[Any]]:
    return [*_actions_to_do(), *_actions_to_verify()]


def _actions_to_do() -> list[Select[Any]]:
    action = RestorativeAction
    owner = doer(action)
    to_do = and_(
        # Not set yet, it is part of the auditor's draft.
        action.set_at.is_not(None),
        action.state.in_(ACTION_TO_DO),
        of_standing_audit(action),
    )
    does = can(owner, action, *DOERS)
    still_does = can(owner, action, *DOERS, even_away=True)
    dates: dict[str, Any] = {
        "due_on": action.due_on,
        "late_on": func.coalesce(action.missed_on, action.due_on),
    }

    stands_on = {"sort_on": soonest_stood_for(action)}
    do = waits_for("do", "restorative-actions", action, owner, *DOERS, **dates, **stands_on)
    return [
        do.where(to_do),
        *with_the_team(
            action,
            kind="do",
            list_="restorative-actions",
            group=TEAM_LEADS,
            where=and_(action_beyond(action), to_do, not_(does)),
            # Away, they have it in their own list already.
            barred=these(case((still_does, owner))),
            **dates,
        ),
    ]


def _actions_to_verify() -> list[Select[Any]]:
    action = RestorativeAction
    auditor = action.auditor
    done = and_(action.state == ActionState.DONE, of_standing_audit(action))
    # Never the doer, nor who reported it done; for a lead who is the auditor too, it waits once.
    vouched = these(action.done_by, action.done_reported_by)
    another = not_(is_one_of(auditor, vouched))
    verifies = and_(another, can(auditor, action, Role.AUDITOR, even_away=True))
    others = func.array_append(vouched, case((verifies, auditor)))
    led = led_by_somebody(action, *LEADS, barred=vouched)
    about: dict[str, Any] = {
        "list_": "restorative-actions",
        "record": action,
        "due_on": action.due_on,
        # What was done in time is not late for being verified later.
        "late_on": case(
            (action.missed_on.is_not(None), action.missed_on),
            (action.done_on > action.due_on, action.due_on),
        ),
    }
    return [
        wait("verify", person=auditor, in_roles=(Role.AUDITOR,), **about).where(done, verifies),
        # Where no lead is there, and the auditor is not either, Quality & Standards verifies.
        wait("verify", waits_for=TEAM_LEADS, barred=others, **about).where(done),
        wait("verify", waits_for=QUALITY_STANDARDS, barred=vouched, **about).where(
            done,
            not_(led),
            not_(and_(another, can(auditor, action, Role.AUDITOR))),
        ),
    ]


def _escalations() -> list[Select[Any]]:
    unheard = Escalation.state.in_(ESCALATION_UNACKNOWLEDGED)
    asked = EscalationRecipient
    acting = acts_for(asked.for_team, asked)

    def addressed(kind: str, by: Column, when: ColumnElement[bool]) -> list[Select[Any]]:
        def to(**whom: Any) -> Select[Any]:
            waits = wait(
                kind,
                "escalations",
                asked,
                due_on=last_day(by),
                about=asked.escalation_id,
                uncounted=by.is_(None),
                **whom,
            )
            return waits.join(Escalation, Escalation.id == asked.escalation_id).where(
                asked.replaced_at.is_(None), when
            )

        return [
            to(person=acting, in_roles=LEADS),
            to(waits_for=QUALITY_STANDARDS).where(acting.is_(None)),
        ]

    return [
        *addressed(
            "acknowledge", Escalation.acknowledge_by, and_(unheard, asked.acknowledged_at.is_(None))
        ),
        *addressed(
            "inform_quality_standards",
            Escalation.inform_by,
            Escalation.state == EscalationState.ACKNOWLEDGED,
        ),
        wait(
            "resolve",
            "escalations",
            Escalation,
            due_on=last_day(Escalation.inform_by),
            uncounted=Escalation.inform_by.is_(None),
            waits_for=QUALITY_STANDARDS,
        ).where(Escalation.state == EscalationState.QUALITY_STANDARDS_INFORMED),
    ]


def _gates() -> list[Select[Any]]:
    gate = ClosureGate
    return with_the_team(
        gate,
        kind="approve_override",
        list_="closure-gates",
        group=TEAM_LEADS,
        where=and_(
            gate.state.in_(GATE_UNCLEARED),
            gate.override_requested_at.is_not(None),
            gate.override_approved_at.is_(None),
            gate.override_withdrawn_at.is_(None),
        ),
        due_on=gate.closure_on,
        # A second person approves.
        barred=these(person_behind(gate.override_requested_by)),
    )
