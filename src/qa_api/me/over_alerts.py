"""When an alert is over, because what it tells of is over (X6).

Each condition looks for a row that says so. A row that the reader may not see ends nothing: the
alert then stays until somebody notes it.
"""

from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, cast, false, func, or_, select

from qa_api.models.actions import RestorativeAction
from qa_api.models.alerts import Alert
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.deliveries import Delivery, WebhookEndpoint
from qa_api.models.escalations import Escalation
from qa_api.models.inner import there_is, value_of
from qa_api.models.notifications import Notification
from qa_api.models.observations import PracticeObservation
from qa_api.models.policy import CalendarDay
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.rules.alerts import AlertKind
from qa_api.rules.states import (
    ESCALATION_ACKNOWLEDGED,
    ESCALATION_INFORMED,
    NOTIFICATION_SETTLED,
    RESPONSE_AWAITED,
    ActionState,
    DeliveryState,
    EscalationState,
    NotificationState,
    ResponseState,
)


def over(alert: Any, today: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether what an alert tells of is over; kinds without a condition end when they are noted."""
    conditions = {
        AlertKind.NOTIFICATION_UNDELIVERABLE: _notified(alert, (NotificationState.DELIVERED,)),
        AlertKind.NOTIFICATION_OVERDUE: _notified(
            # That it cannot be delivered is told by itself.
            alert,
            NOTIFICATION_SETTLED,
        ),
        AlertKind.RESPONSE_OVERDUE: _not_awaited(alert, today),
        AlertKind.REVIEW_OVERDUE: _reviewed(alert),
        AlertKind.REVIEW_HANDED_ON: _not_submitted(alert),
        AlertKind.ESCALATION_HANDED_ON: _went_on(alert, ESCALATION_INFORMED),
        AlertKind.ESCALATION_UNACKNOWLEDGED: _went_on(alert, ESCALATION_ACKNOWLEDGED),
        AlertKind.QUALITY_STANDARDS_UNINFORMED: _went_on(alert, ESCALATION_INFORMED),
        AlertKind.ACTION_DATE_CHANGED: _settled(alert),
        AlertKind.PRACTICE_OBSERVATION_RECORDED: _withdrawn(alert),
        AlertKind.WEBHOOK_ENDPOINT_PARKED: _sends_again(alert),
        AlertKind.WEBHOOK_ENDPOINT_FAILING: _fails_no_more(alert),
        AlertKind.WEBHOOK_ENDPOINT_MISCONFIGURED: _fails_no_more(alert),
        AlertKind.WEBHOOK_MESSAGE_REFUSED: _stands_no_more(alert, DeliveryState.REFUSED),
        AlertKind.WEBHOOK_MESSAGE_PARKED: _stands_no_more(alert, DeliveryState.PARKED),
        AlertKind.CALENDAR_ENDS_SOON: _reaches_further(alert),
        AlertKind.CALENDAR_UNKNOWN: _reaches_further(alert),
    }
    is_over = case(
        *((alert.kind == kind.value, is_over) for kind, is_over in conditions.items()),
        else_=false(),
    )
    return or_(_told_again(alert), is_over)


def _told_again(alert: Any) -> ColumnElement[bool]:
    """The same person was told of the same thing again since: the newest telling is enough."""
    later = aliased(Alert)
    return there_is(
        later,
        later.kind == alert.kind,
        later.about_id == alert.about_id,
        later.recipient_role == alert.recipient_role,
        later.recipient == alert.recipient,
        later.at > alert.at,
    )


def _in_error(row: Any) -> ColumnElement[bool]:
    audit = aliased(Audit)
    return there_is(audit, audit.id == row.audit_id, audit.recorded_in_error_at.is_not(None))


def _notified(alert: Any, states: tuple[NotificationState, ...]) -> ColumnElement[bool]:
    one = aliased(Notification)
    return there_is(one, one.id == alert.about_id, or_(one.state.in_(states), _in_error(one)))


def _not_awaited(alert: Any, today: ColumnElement[Any]) -> ColumnElement[bool]:
    """Answered; or by a date that is still to come, as in a round that a return opened."""
    response = aliased(AuditResponse)
    turn = aliased(ResponseRound)
    of_round = select(func.max(turn.due_on)).where(
        turn.response_id == response.id, turn.submitted_at.is_(None)
    )
    due_on = func.coalesce(value_of(turn, of_round), response.due_on)
    return there_is(
        response,
        response.id == alert.about_id,
        or_(response.state.not_in(RESPONSE_AWAITED), due_on >= today, _in_error(response)),
    )


def _reviewed(alert: Any) -> ColumnElement[bool]:
    turn = aliased(ResponseRound)
    response = aliased(AuditResponse)
    return there_is(
        (turn, response),
        response.id == alert.about_id,
        turn.response_id == response.id,
        func.concat("round ", turn.number) == alert.occasion,
        or_(turn.outcome.is_not(None), _in_error(response)),
    )


def _not_submitted(alert: Any) -> ColumnElement[bool]:
    """No review waits any more, whoever was told of it."""
    one = aliased(AuditResponse)
    return there_is(
        one, one.id == alert.about_id, or_(one.state != ResponseState.SUBMITTED, _in_error(one))
    )


def _went_on(alert: Any, states: tuple[EscalationState, ...]) -> ColumnElement[bool]:
    one = aliased(Escalation)
    return there_is(one, one.id == alert.about_id, one.state.in_(states))


def _settled(alert: Any) -> ColumnElement[bool]:
    """Verified since its date was changed, cancelled, or out of the record with its audit."""
    one = aliased(RestorativeAction)
    return there_is(
        one,
        one.id == alert.about_id,
        or_(
            and_(one.state == ActionState.VERIFIED, one.verified_at > alert.at),
            one.state == ActionState.CANCELLED,
            _in_error(one),
        ),
    )


def _withdrawn(alert: Any) -> ColumnElement[bool]:
    one = aliased(PracticeObservation)
    return there_is(one, one.id == alert.about_id, one.withdrawn_at.is_not(None))


def _sends_again(alert: Any) -> ColumnElement[bool]:
    one = aliased(WebhookEndpoint)
    # By its id alone: the secrets of an endpoint are in no reader's reach.
    found = select(one.id).where(
        one.id == alert.about_id, or_(one.parked_at.is_(None), one.disabled_at.is_not(None))
    )
    return found.correlate_except(one).exists()


def _fails_no_more(alert: Any) -> ColumnElement[bool]:
    """Nothing that was tried in vain waits any more. (Deliveries are hidden from no reader.)"""
    one = aliased(WebhookEndpoint)
    waiting = aliased(Delivery)
    in_vain = there_is(
        waiting,
        waiting.endpoint_id == one.id,
        waiting.state == DeliveryState.WAITING,
        waiting.attempts > 0,
    )
    found = select(one.id).where(
        one.id == alert.about_id,
        or_(one.disabled_at.is_not(None), ~in_vain),
    )
    return found.correlate_except(one).exists()


def _stands_no_more(alert: Any, state: DeliveryState) -> ColumnElement[bool]:
    """Sent once more, which is a delivery of its own; told by hand; or for nobody any more."""
    one, endpoint = aliased(Delivery), aliased(WebhookEndpoint)
    deleted = select(endpoint.id).where(
        endpoint.id == one.endpoint_id, endpoint.deleted_at.is_not(None)
    )
    return there_is(
        one,
        one.id == alert.about_id,
        or_(
            one.state != state,
            one.replayed_as.is_not(None),
            deleted.correlate_except(endpoint).exists(),
        ),
    )


def _reaches_further(alert: Any) -> ColumnElement[bool]:
    """The calendar knows days after the one that the alert named as its last."""
    day = aliased(CalendarDay)
    return there_is(day, and_(day.day > cast(alert.occasion, Date)))
