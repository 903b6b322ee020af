"""What happens to a webhook endpoint and to what is sent to it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from qa_api import problems
from qa_api.alerts import alert_role
from qa_api.auth.roles import Role
from qa_api.events import ConfigurationChanged, EndpointTested
from qa_api.http.changing import check_version
from qa_api.http.etags import Precondition
from qa_api.models.deliveries import Delivery, DeliveryAttempt, WebhookEndpoint
from qa_api.models.subjects import CaseSystem
from qa_api.problems import InputError
from qa_api.rules.alerts import AlertKind
from qa_api.webhooks import outbox
from qa_api.webhooks.schemas import SENT_TYPES, EndpointChange, EndpointRegistration
from qa_api.webhooks.signing import first_secret, new_secret, rotated
from qa_api.webhooks.targets import Targets
from qa_api.work import Work

FAILING_FOR: Final = timedelta(hours=2)
"""How long deliveries may fail before people are told."""


async def register_endpoint(
    work: Work, endpoint_id: UUID, wanted: EndpointRegistration, targets: Targets
) -> str:
    """Register an endpoint and return its secret, which nobody can read again."""
    _check(wanted.url, wanted.event_types, targets)
    if wanted.system is not None and await work.session.get(CaseSystem, wanted.system) is None:
        raise problems.validation(
            [InputError.at(["system"], "unknown", "No case system has this code.")]
        )
    secret = new_secret()
    work.session.add(
        WebhookEndpoint(
            id=endpoint_id,
            system=wanted.system,
            url=wanted.url,
            event_types=sorted(set(wanted.event_types)),
            secrets=first_secret(secret),
        )
    )
    await _record_change(work, endpoint_id)
    return secret


async def change_endpoint(
    work: Work, endpoint_id: UUID, change: EndpointChange, expected: Precondition, targets: Targets
) -> None:
    """Send to another URL or other event types from now on; what waits goes to the new URL."""
    endpoint = await _endpoint(work, endpoint_id)
    check_version(expected, endpoint)
    _check(change.url, change.event_types, targets)
    if change.url is not None:
        endpoint.url = change.url
    if change.event_types is not None:
        endpoint.event_types = sorted(set(change.event_types))
    await _record_change(work, endpoint_id)


async def rotate_secret(work: Work, endpoint_id: UUID, expected: Precondition) -> str:
    """Sign with a new secret, and for a while with the one before it too; returns the new one."""
    endpoint = await _endpoint(work, endpoint_id)
    check_version(expected, endpoint)
    secret = new_secret()
    endpoint.secrets = rotated(endpoint.secrets, secret, work.now)
    await _record_change(work, endpoint_id)
    return secret


async def disable_endpoint(work: Work, endpoint_id: UUID, expected: Precondition) -> None:
    """Send nothing and queue nothing any more; what waits is kept."""
    endpoint = await _endpoint(work, endpoint_id)
    check_version(expected, endpoint)
    if endpoint.disabled_at is not None:
        raise problems.state_conflict("disabled", ["resume"])
    endpoint.disabled_at = work.now
    await _record_change(work, endpoint_id)


async def resume_endpoint(work: Work, endpoint_id: UUID, expected: Precondition) -> None:
    """Send again, now, all that waits: after a 410, after disabling, or once a fault is mended."""
    endpoint = await _endpoint(work, endpoint_id)
    check_version(expected, endpoint)
    endpoint.parked_at = None
    endpoint.disabled_at = None
    await _record_change(work, endpoint_id)
    await outbox.make_due(work, endpoint_id)


async def test_endpoint(work: Work, delivery_id: UUID, endpoint_id: UUID) -> None:
    """Queue a `webhook_endpoint.test` event for this endpoint alone."""
    endpoint = await _endpoint(work, endpoint_id)
    _refuse_disabled(endpoint)
    event_id = await work.record(EndpointTested(about=endpoint.id))
    await outbox.send_again(work, delivery_id, event_id, endpoint.id)


async def replay_delivery(work: Work, new_delivery_id: UUID, delivery_id: UUID) -> None:
    """Send what had been delivered once more, under the same message id."""
    delivery = await work.find(select(Delivery).where(Delivery.id == delivery_id))
    if delivery.delivered_at is None:
        raise problems.state_conflict(
            "waiting", [], "It is still on its way; resuming its endpoint sends it now."
        )
    _refuse_disabled(await _endpoint(work, delivery.endpoint_id))
    await outbox.send_again(work, new_delivery_id, delivery.event_id, delivery.endpoint_id)


async def alert_failing_endpoints(work: Work) -> None:
    """Tell the administrators, once a day, of endpoints that have failed for two hours."""
    first = aliased(DeliveryAttempt)
    failing = (
        select(Delivery.endpoint_id)
        .join(WebhookEndpoint, WebhookEndpoint.id == Delivery.endpoint_id)
        .join(first, and_(first.delivery_id == Delivery.id, first.number == 1))
        .where(
            Delivery.delivered_at.is_(None),
            Delivery.attempts > 0,
            first.at <= work.now - FAILING_FOR,
            WebhookEndpoint.parked_at.is_(None),
            WebhookEndpoint.disabled_at.is_(None),
        )
        .distinct()
    )
    for endpoint_id in (await work.session.scalars(failing)).all():
        await alert_role(
            work,
            Role.ADMINISTRATOR,
            AlertKind.WEBHOOK_ENDPOINT_FAILING,
            endpoint_id,
            occasion=work.today.isoformat(),
        )


async def _endpoint(work: Work, endpoint_id: UUID) -> WebhookEndpoint:
    found = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).with_for_update()
    return await work.find(found)


async def _record_change(work: Work, endpoint_id: UUID) -> None:
    await work.record(
        ConfigurationChanged(about=endpoint_id, what="webhook_endpoint", code=str(endpoint_id))
    )


def _refuse_disabled(endpoint: WebhookEndpoint) -> None:
    if endpoint.disabled_at is not None:
        raise problems.state_conflict("disabled", ["resume"])


def _check(url: str | None, event_types: Sequence[str] | None, targets: Targets) -> None:
    errors = [
        InputError.at(["event_types", number], "unknown", "No event of this type is sent.")
        for number, name in enumerate(event_types or ())
        if name not in SENT_TYPES
    ]
    if url is not None and not targets.may_register(url):
        errors.append(
            InputError.at(["url"], "target_not_allowed", "The operator's list does not name it.")
        )
    if errors:
        raise problems.validation(errors)
