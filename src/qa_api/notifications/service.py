"""What happens to a notification, from the completed audit to the worker who was told."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from qa_api import events, problems
from qa_api.audits.steps import holder_of
from qa_api.auth.roles import Permission
from qa_api.directory.service import is_in_service, known_worker
from qa_api.event_log import as_json, recording
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.deliveries import Delivery
from qa_api.models.notifications import Notification
from qa_api.notifications.alerts import alert, told
from qa_api.notifications.queries import visible_to
from qa_api.notifications.schemas import DeliveryByHand
from qa_api.problems import InputError
from qa_api.reads.expressions import of_standing_audit, passes_a_day
from qa_api.rules.alerts import AlertKind
from qa_api.rules.deadlines import count_again, queued_notification_due
from qa_api.rules.local_time import last_day_before
from qa_api.rules.notifications import NotificationKind, UndeliverableReason, why_not_sent
from qa_api.rules.policy_values import Recipient
from qa_api.rules.states import DeliveryState, NotificationState
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.webhooks.service import (
    is_of_case_system,
    settle_told_by_hand,
    settle_what_is_over,
)
from qa_api.work import Work

CLAUSE = "§4.2, R4.2.8"
_RESPONSE_REQUIRED = NotificationKind.RESPONSE_REQUIRED
_INFORMATION_ONLY = NotificationKind.INFORMATION_ONLY

FAILED = AlertKind.NOTIFICATION_UNDELIVERABLE
OVERDUE = AlertKind.NOTIFICATION_OVERDUE


async def queue_notification(work: Work, event: events.AuditCompleted) -> None:
    """Queue the notification of the worker who holds the case now (R4.1.6).

    It says whether a response is asked for. Where nothing can be sent it is undeliverable at
    once, and the team manager is told: no clock starts, and none is lost (R4.2.7).
    """
    held = await holder_of(work, event.about)
    worker = held["worker"]
    due = queued_notification_due(work.now, await work.policy(), await work.calendar())
    queued: dict[str, Any] = {
        "id": new_id(),
        "audit_id": event.about,
        "kind": _RESPONSE_REQUIRED if event.action_ids else _INFORMATION_ONLY,
        "state": NotificationState.QUEUED,
        "queued_at": work.now,
        "queued_until": due.due_at,
        "explanation": due.explanation.as_json(),
        **held,
    }
    reason = why_not_sent(
        worker=worker,
        in_service=worker is not None and await is_in_service(work, worker),
        restricted=held["restricted"],
    )
    if reason is not None or worker is None:
        notification = Notification(**queued)
        work.session.add(notification)
        await work.session.flush()
        await _fail(work, notification, reason or UndeliverableReason.NO_ALLOCATED_WORKER)
        return
    message = _message(
        queued["kind"], queued["id"], event.about, subject=held["subject_id"], worker=worker
    )
    row = as_json(queued | {"version": 1})
    await work.record(message, _WITH_ITS_MESSAGE, queued=row)


_QUEUED: Final = (
    "id, audit_id, kind, state, queued_at, queued_until, explanation, subject_id, team, worker,"
    " restricted, version"
)
_WITH_ITS_MESSAGE: Final = recording(
    notification=f"""
    INSERT INTO notifications ({_QUEUED}, event_id)
    SELECT {_QUEUED}, :id
    FROM jsonb_populate_record(NULL::notifications, CAST(CAST(:queued AS text) AS jsonb))"""  # noqa: S608  # constants
)
"""The notification and the message that sends it, in one statement."""


async def send_to_newly_known(work: Work, event: events.AllocationChanged) -> None:
    """Somebody holds the case by now: what could be sent to nobody is sent to them (R4.2.7).

    It stays undeliverable until the case system takes it, so a person may still tell them first.
    """
    if event.worker is None or not await is_in_service(work, event.worker):
        return
    waiting = await work.session.scalars(
        select(Notification)
        .join(Audit, Audit.id == Notification.audit_id)
        .where(
            Notification.subject_id == event.subject,
            Notification.state == NotificationState.UNDELIVERABLE,
            Notification.undeliverable_reason == UndeliverableReason.NO_ALLOCATED_WORKER,
            Notification.event_id.is_(None),
            Notification.restricted.is_(False),
            Audit.recorded_in_error_at.is_(None),
        )
        .order_by(Notification.id)
        .with_for_update(of=Notification)
    )
    for notification in waiting.all():
        await _send(work, notification, event.worker)


async def _send(work: Work, notification: Notification, worker: str) -> None:
    message = _message(
        notification.kind,
        notification.id,
        notification.audit_id,
        subject=notification.subject_id,
        worker=worker,
    )
    notification.event_id = await work.record(message)


def _message(
    kind: str, notification_id: UUID, audit_id: UUID, *, subject: UUID | None, worker: str
) -> events.ResponseRequired | events.InformationOnly:
    message = events.ResponseRequired if kind == _RESPONSE_REQUIRED else events.InformationOnly
    return message(
        about=notification_id,
        subject=subject,
        audit_id=audit_id,
        notification_id=notification_id,
        worker=worker,
    )


async def queue_notification_of_first_actions(work: Work, event: events.AuditAmended) -> None:
    """An amendment that sets the first actions notifies anew; its clock starts then (R4.1.5)."""
    if event.action_ids:
        await queue_notification(work, event)


async def mark_delivered(work: Work, event_id: UUID, at: datetime) -> None:
    """The case system answered 2xx to the message at an instant: the worker is notified (R4.2.8).

    Messages that notify nobody, and repeated ones, change nothing.
    """
    notification = await _notified_by(work, event_id)
    if notification is not None and notification.state != NotificationState.DELIVERED:
        await _deliver(work, notification, "deliver", at)


async def mark_undeliverable(work: Work, event_id: UUID, reason: UndeliverableReason) -> None:
    """The message was refused, or its schedule is exhausted; the team manager is told (R4.2.7)."""
    notification = await _notified_by(work, event_id)
    if notification is not None and notification.state == NotificationState.QUEUED:
        await _fail(work, notification, reason)


async def give_up_skipped(work: Work, event: events.DeliverySettled) -> None:
    """Somebody decided that the message is not sent any more: people tell the worker (R4.2.7)."""
    if event.state == DeliveryState.SKIPPED and await is_of_case_system(work, event.endpoint_id):
        await mark_undeliverable(work, event.event_id, UndeliverableReason.SKIPPED)


async def take_back_those_of_error(work: Work, event: events.AuditRecordedInError) -> None:
    """An audit was recorded in error: what is still on its way about it is not sent (R4.1.5)."""
    on_their_way = await work.session.scalars(
        select(Notification.event_id)
        .where(Notification.audit_id == event.about, Notification.event_id.is_not(None))
        .order_by(Notification.event_id)
    )
    for event_id in on_their_way.all():
        if event_id is not None:
            await settle_what_is_over(work, event_id)


async def record_delivery(
    work: Work, notification_id: UUID, expected: Precondition, body: DeliveryByHand
) -> None:
    """Record that the worker was told by hand: by whom, how and when (R4.2.8).

    The message that would have told them is settled with it, and their case goes on.
    """
    # The deliveries before the notification, as whoever notes what came of an attempt does.
    await work.session.execute(
        select(Delivery.id)
        .join(Notification, Notification.event_id == Delivery.event_id)
        .where(Notification.id == notification_id)
        .with_for_update(of=Delivery)
    )
    notification = await work.take(Notification, notification_id, visible_to)
    work.require(Permission.NOTIFICATION_RECORD_DELIVERY, team=notification.team)
    next_state("notification", notification.state, "record_delivery")
    expected.check(notification.version)
    if not notification.queued_at <= body.at <= work.now:
        raise _refused(
            "at", "The time must be after the completion of the audit, and not in the future."
        )
    if not await known_worker(work, body.by):
        raise _refused("by", "There is no worker of this code.")
    notification.delivered_by, notification.delivered_how = body.by, body.how
    await _deliver(work, notification, "record_delivery", body.at)
    if notification.event_id is not None:
        await settle_told_by_hand(work, notification.event_id)


async def alert_queued_past_policy(work: Work) -> None:
    """Tell the team manager and Q&S, once, of what is queued past policy (R4.2.8).

    The rule is asked again: a bank holiday proclaimed meanwhile gives more time.
    """
    late = await work.session.scalars(
        select(Notification)
        .where(
            Notification.state == NotificationState.QUEUED,
            Notification.queued_until <= work.now,
            of_standing_audit(Notification),
            ~told(OVERDUE, Notification.id, "once"),
        )
        .order_by(Notification.id)
        .with_for_update(skip_locked=True)
    )
    calendar = await work.calendar()

    async def tell(notification: Notification) -> None:
        policy = await work.policy(notification.explanation["policy_version"])
        until = queued_notification_due(notification.queued_at, policy, calendar).due_at
        if until is None or until > work.now:
            return
        for recipient in (Recipient.TEAM_MANAGER, Recipient.QUALITY_STANDARDS):
            await alert(work, notification, OVERDUE, recipient)
        await work.record(
            events.NotificationOverdue(
                about=notification.id,
                subject=notification.subject_id,
                audit_id=notification.audit_id,
            )
        )

    await work.row_by_row("notifications queued past policy", late.all(), tell)


async def count_queues_again(work: Work, event: events.CalendarChanged) -> None:
    """The calendar changed: until when a notification may be queued is counted again (R4.2.4)."""
    concerned = await work.session.scalars(
        select(Notification)
        .where(
            or_(
                Notification.state == NotificationState.QUEUED,
                Notification.queued_until.is_(None),
                passes_a_day(Notification.explanation, event.days),
            )
        )
        .order_by(Notification.id)
        .with_for_update()
    )
    calendar = await work.calendar(event.calendar_version)

    async def again(notification: Notification) -> None:
        policy = await work.policy(notification.explanation["policy_version"])
        over_at = notification.queued_until
        found = count_again(
            notification.explanation,
            None if over_at is None else last_day_before(over_at),
            calendar,
            is_open=notification.state == NotificationState.QUEUED,
            counting=queued_notification_due(notification.queued_at, policy, calendar).counting,
        )
        if found is not None:
            notification.queued_until = found.due_at
            notification.explanation = dict(found.explanation)

    await work.row_by_row("queued notifications", concerned.all(), again)


async def _notified_by(work: Work, event_id: UUID) -> Notification | None:
    """The notification whose message an event is; the other events notify nobody.

    Nor does one of an audit that was recorded in error: no clock starts by it, and nobody is told.
    """
    found = await work.session.scalars(
        select(Notification)
        .where(Notification.event_id == event_id, of_standing_audit(Notification))
        .with_for_update()
    )
    return found.one_or_none()


async def _deliver(work: Work, notification: Notification, step: str, at: datetime) -> None:
    notification.state = next_state("notification", notification.state, step)
    notification.notified_at = at
    await work.record(
        events.WorkerNotified(
            about=notification.id,
            subject=notification.subject_id,
            audit_id=notification.audit_id,
            by_hand=step == "record_delivery",
        )
    )


async def _fail(work: Work, notification: Notification, reason: UndeliverableReason) -> None:
    notification.state = next_state("notification", notification.state, "fail")
    notification.undeliverable_reason = reason
    await work.record(
        events.NotificationFailed(
            about=notification.id,
            subject=notification.subject_id,
            audit_id=notification.audit_id,
            reason=reason.value,
        )
    )
    await alert(work, notification, FAILED, Recipient.TEAM_MANAGER, occasion=reason.value)


def _refused(field: str, detail: str) -> problems.Problem:
    return problems.business_rule(CLAUSE, detail, [InputError.at([field], "not-accepted", detail)])
