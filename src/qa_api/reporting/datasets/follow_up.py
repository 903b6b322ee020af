"""What follows an audit: actions, responses, notifications, escalations, gates (§4.2, §4.3, §3)."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func

from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.closures import ClosureGate
from qa_api.models.escalations import Escalation
from qa_api.models.inner import there_is
from qa_api.models.notifications import Notification
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.reads.expressions import doer, responder
from qa_api.reporting.columns import (
    Dataset,
    code,
    coded,
    day,
    flag,
    id_of,
    instant,
    london_date,
    named,
    on_time,
    subject,
    unrestricted,
    whole,
    worker,
)
from qa_api.reporting.datasets.audits import A_TEAM, TEAM, of_standing_audit

_AUDIT: Final = id_of("audit", "The audit it belongs to.", read=lambda row: row.audit_id)
_TEAM: Final = named("team", "The team that holds the case now.", A_TEAM, TEAM)
_WORKER: Final = worker("worker", "The worker who holds the case now.")

RESTORATIVE_ACTIONS: Final = Dataset(
    name="restorative-actions",
    entity=RestorativeAction,
    meaning="What must be put right, from the completion of its audit on.",
    clause="R4.2.6",
    dated="set_on",
    shown=lambda row: and_(row.set_at.is_not(None), of_standing_audit(row)),
    listed_at="/v1/restorative-actions",
    columns=(
        *subject(),
        _AUDIT,
        *_TEAM,
        worker(
            "owner",
            "Who is to do it: the owner named, else the worker who holds the case now.",
            "R4.2.6",
            doer,
        ),
        flag(
            "owner_named",
            "Whether that is by name; else it follows the case.",
            "R4.2.6",
            lambda row: row.owner.is_not(None),
        ),
        *coded("kind", "What kind of action it is.", "practice", "R4.2.6"),
        *coded("state", "Where it stands.", "planned", "R4.2.6"),
        flag("needed_before_closure", "Whether the case waits for it.", "R4.2.6"),
        day("set_on", "When it was set.", read=lambda row: london_date(row.set_at)),
        day("due_on", "By when it is to be finished, as promised last.", "R4.2.3"),
        day("first_promised_on", "The date promised first, wherever it has moved.", "R4.2.6"),
        day("missed_on", "The earliest promised date that had passed when it moved.", "R4.2.6"),
        flag(
            "by_first_promise",
            "Whether it was done at once or by the date promised first; null until it was done.",
            "R4.2.6",
            lambda row: row.done_on <= func.coalesce(row.first_promised_on, row.done_on),
        ),
        day("planned_on", "When it was planned.", read=lambda row: london_date(row.planned_at)),
        day("done_on", "When it was done.", "R4.2.6"),
        day("verified_on", "When it was verified.", read=lambda row: london_date(row.verified_at)),
        flag("made_a_difference", "Whether it made a difference, as the verifier found.", "R4.2.6"),
        day(
            "cancelled_on", "When it was cancelled.", read=lambda row: london_date(row.cancelled_at)
        ),
    ),
)

AUDIT_RESPONSES: Final = Dataset(
    name="audit-responses",
    entity=AuditResponse,
    meaning="The response that an audit with restorative actions calls for.",
    clause="R4.2.1",
    dated="due_on",
    shown=of_standing_audit,
    listed_at="/v1/audit-responses",
    columns=(
        *subject(),
        _AUDIT,
        *_TEAM,
        _WORKER,
        worker(
            "responder",
            "Who is to respond: whom it was handed to, else the worker who holds the case now.",
            "R4.2.3",
            responder,
        ),
        *coded("state", "Where it stands.", "awaiting_response", "R4.2.8"),
        day(
            "notified_on",
            "When the worker was told: day 0.",
            "R4.2.1",
            lambda row: london_date(row.notified_at),
        ),
        day(
            "due_on",
            "The original due date; null before it is notified, or past the calendar.",
            "R4.2.1",
        ),
        day("due_on_before", "The due date before a bank holiday was proclaimed.", "R4.2.4"),
        day("first_submitted_on", "When it was first submitted.", "R4.2.4"),
        flag(
            "first_submitted_on_time",
            "Whether that was by the due date; null until submitted and the date is known.",
            "R4.2.4",
            lambda row: on_time(row.first_submitted_on, row.due_on, row.notified_at),
        ),
        day(
            "adequate_on",
            "When it was found adequate.",
            read=lambda row: london_date(row.adequate_at),
        ),
        day("adequate_submitted_on", "When the round found adequate was submitted.", "R4.2.4"),
        flag(
            "adequate_on_time",
            "Whether that was by the due date, which is the Board's figure; null until found"
            " adequate.",
            "R4.2.4",
            lambda row: on_time(row.adequate_submitted_on, row.due_on, row.notified_at),
        ),
        whole("policy_version", "The version of the policy that made the due date.", 1),
        whole("calendar_version", "The version of the calendar that made the due date.", 1),
    ),
)


def _of_standing_response(row: Any) -> ColumnElement[bool]:
    response, audit = aliased(AuditResponse), aliased(Audit)
    stands = there_is(
        (response, audit),
        response.id == row.response_id,
        audit.id == response.audit_id,
        audit.recorded_in_error_at.is_(None),
    )
    return and_(unrestricted(row), stands)


RESPONSE_ROUNDS: Final = Dataset(
    name="response-rounds",
    entity=ResponseRound,
    meaning="Each submission of a response and its review; a return opens the next round.",
    clause="R4.2.4",
    dated="submitted_on",
    shown=_of_standing_response,
    columns=(
        *subject(),
        id_of("audit_response", "The response.", read=lambda row: row.response_id),
        *_TEAM,
        whole("number", "Which round of the response it is, from 1.", 1, "R4.2.4"),
        day("due_on", "By when this round is due; the first is due with the response.", "R4.2.4"),
        day(
            "submitted_on", "When it was submitted.", read=lambda row: london_date(row.submitted_at)
        ),
        worker("submitted_by", "Who submitted it."),
        flag("on_behalf", "Whether that was on the worker's behalf.", "R4.2.3"),
        worker("on_behalf_of", "On whose.", "R4.2.3"),
        day("review_due_on", "By when it is to be reviewed.", "R4.2.4"),
        worker("reviewer", "Who is to review it; null is Quality & Standards.", "R4.2.4"),
        *coded("reviewer_acts_as", "In which place the reviewer acts.", "team_manager", "R4.2.4"),
        day("reviewed_on", "When it was reviewed.", read=lambda row: london_date(row.reviewed_at)),
        worker("reviewed_by", "Who reviewed it."),
        *coded("reviewed_as", "In which place they did.", "deputy", "R4.2.4"),
        *coded("outcome", "What the review found.", "adequate", "R4.2.4"),
    ),
)

NOTIFICATIONS: Final = Dataset(
    name="notifications",
    entity=Notification,
    meaning="How the allocated worker was told of an audit.",
    clause="R4.2.8",
    dated="queued_on",
    shown=of_standing_audit,
    listed_at="/v1/notifications",
    columns=(
        *subject(),
        _AUDIT,
        *_TEAM,
        _WORKER,
        *coded("kind", "What it asks of the worker.", "response_required", "R4.1.6"),
        *coded("state", "Where it stands.", "delivered", "R4.2.8"),
        day("queued_on", "When it was queued.", read=lambda row: london_date(row.queued_at)),
        instant("queued_at", "The instant at which it was queued."),
        instant("queued_until", "Queued past this instant, the manager is told.", "R4.2.8"),
        instant("notified_at", "When the worker was notified: the clock starts here.", "R4.2.8"),
        *coded("undeliverable_reason", "Why it cannot be delivered.", "worker_left", "R4.2.8"),
        flag(
            "delivered_by_hand",
            "Whether somebody told the worker by hand; null until delivered.",
            "R4.2.8",
            lambda row: row.notified_at.is_not(None) & row.delivered_by.is_not(None),
        ),
    ),
)

ESCALATIONS: Final = Dataset(
    name="escalations",
    entity=Escalation,
    meaning="Urgent findings, inadequate judgements and closures without audit, hop by hop.",
    clause="R4.3.3",
    dated="raised_on",
    shown=unrestricted,
    listed_at="/v1/escalations",
    columns=(
        *subject(),
        id_of("audit", "The audit that raised it.", read=lambda row: row.audit_id),
        id_of("closure_gate", "The gate that raised it.", read=lambda row: row.gate_id),
        *_TEAM,
        *coded("trigger", "What raised it.", "urgent_finding", "§4.3"),
        *coded("state", "Where it stands.", "acknowledged", "R4.3.3"),
        flag("disputed", "Whether it is disputed: a mark beside the state.", "R4.3.3"),
        day("raised_on", "When it was raised.", read=lambda row: london_date(row.raised_at)),
        instant("raised_at", "The instant at which it was raised."),
        instant("notified_at", "When its managers were notified.", "R4.3.3"),
        instant("acknowledge_by", "By when it is to be acknowledged.", "R4.3.3"),
        instant("acknowledged_at", "When every manager asked had acknowledged it.", "R4.3.3"),
        instant("inform_by", "By when Quality & Standards is to be informed.", "R4.3.3"),
        instant("quality_standards_informed_at", "When Quality & Standards was.", "R4.3.3"),
        instant("resolved_at", "When Quality & Standards resolved it.", "R4.3.3"),
        whole("policy_version", "The version of the policy that made the times.", 1),
        whole("calendar_version", "The version of the calendar that made the times.", 1),
    ),
)

CLOSURE_GATES: Final = Dataset(
    name="closure-gates",
    entity=ClosureGate,
    meaning="The gate of one subject at one closing of an episode: may the case close?",
    clause="C3",
    dated="opened_on",
    shown=lambda row: and_(unrestricted(row), row.duplicate_of.is_(None)),
    listed_at="/v1/closure-gates",
    columns=(
        *subject(),
        id_of("audit", "The closure audit that counts.", read=lambda row: row.audit_id),
        *_TEAM,
        code("system", "The case system.", "mosaic"),
        whole("cycle", "Which closing of the episode it is, from 1.", 1, "C5"),
        flag("current", "Whether it answers for the episode now.", "C5"),
        *coded("state", "Where it stands.", "awaiting_audit", "C3"),
        flag("may_close", "Whether the case may close.", "C3"),
        day("opened_on", "When it was opened.", read=lambda row: london_date(row.opened_at)),
        day("closure_on", "The date of closure that the case system proposed.", "C1"),
        code("reason_code", "The case system's reason for closing.", "RC1", "C1"),
        instant("cleared_at", "Since when nothing has been lacking or an override has held.", "C3"),
        instant("closed_at", "When the case closed, as the case system said.", "C4"),
        instant(
            "closing_counts_at",
            "When the closing counts: as said, or when it was first heard of if that is earlier.",
            "C4",
        ),
        flag(
            "overridden",
            "Whether an override was approved.",
            "C5",
            lambda row: and_(
                row.override_approved_at.is_not(None), row.override_withdrawn_at.is_(None)
            ),
        ),
        whole("policy_version", "The version of the policy that it was opened under.", 1),
    ),
)
