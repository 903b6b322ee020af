"""What happens to a webhook endpoint and to what is sent to it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from qa_api import problems
from qa_api.alerts import alert_role
from qa_api.auth.roles import Role
from qa_api.changed_rights import Related, reach_changed
from qa_api.events import (
    ConfigurationChanged,
    DeliveryHastened,
    DeliveryReplayed,
    DeliverySettled,
    EndpointTested,
)
from qa_api.models.deliveries import Delivery, WebhookEndpoint
from qa_api.models.events import CheckpointReceipt
from qa_api.models.subjects import CaseSystem
from qa_api.problems import InputError
from qa_api.rules.alerts import AlertKind
from qa_api.rules.decision import AlreadySo
from qa_api.rules.states import DELIVERY_UNSENT, DeliveryState
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.webhooks import outbox
from qa_api.webhooks.schemas import CHECKPOINTS, SENT_TYPES, EndpointChange, EndpointRegistration
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
    endpoint = WebhookEndpoint(
        id=endpoint_id,
        system=wanted.system,
        url=wanted.url,
        event_types=sorted(set(wanted.event_types)),
        secrets=first_secret(secret),
    )
    work.session.add(endpoint)
    await record_change(work, endpoint, before=frozenset())
    return secret


async def change_endpoint(
    work: Work, endpoint_id: UUID, change: EndpointChange, expected: Precondition, targets: Targets
) -> None:
    """Send to another URL or other event types from now on; what waits goes to the new URL."""
    endpoint = await take_endpoint(work, endpoint_id)
    expected.check(endpoint.version)
    _check(change.url, change.event_types, targets)
    before = sent_by(endpoint)
    if change.url is not None:
        endpoint.url = change.url
    if change.event_types is not None:
        endpoint.event_types = sorted(set(change.event_types))
    await record_change(work, endpoint, before)


async def rotate_secret(work: Work, endpoint_id: UUID, expected: Precondition) -> str:
    """Sign with a new secret, and for a while with the one before it too; returns the new one."""
    endpoint = await take_endpoint(work, endpoint_id)
    expected.check(endpoint.version)
    secret = new_secret()
    endpoint.secrets = rotated(endpoint.secrets, secret, await outbox.database_time(work))
    # A receiver that does not learn of it will take nothing any more.
    another = Related("secret", "another", work.today)
    await record_change(work, endpoint, sent_by(endpoint), also=another)
    return secret


async def disable_endpoint(work: Work, endpoint_id: UUID, expected: Precondition) -> None:
    """Send nothing and queue nothing any more; what waits is kept."""
    endpoint = await take_endpoint(work, endpoint_id)
    if endpoint.disabled_at is not None:
        raise AlreadySo("webhook_endpoint")
    expected.check(endpoint.version)
    before = sent_by(endpoint)
    endpoint.disabled_at = work.now
    await record_change(work, endpoint, before)


async def resume_endpoint(work: Work, endpoint_id: UUID, expected: Precondition) -> None:
    """Send again, now, all that waits: after a 410, after disabling, or once a fault is mended."""
    endpoint = await take_endpoint(work, endpoint_id)
    expected.check(endpoint.version)
    before = sent_by(endpoint)
    endpoint.parked_at = None
    endpoint.disabled_at = None
    await record_change(work, endpoint, before)
    await outbox.make_due(work, endpoint_id)


async def test_endpoint(work: Work, delivery_id: UUID, endpoint_id: UUID) -> None:
    """Send a `webhook_endpoint.test` event to this endpoint alone: at once, and once.

    Also to one that is parked, which is how to find out whether it takes anything again.
    """
    endpoint = await take_endpoint(work, endpoint_id)
    refuse_disabled(endpoint)
    event_id = await work.record(EndpointTested(about=endpoint.id))
    await outbox.send_test(work, delivery_id, event_id, endpoint.id)


async def replay_delivery(work: Work, new_delivery_id: UUID, delivery_id: UUID) -> None:
    """Send what waits no more once more, under the same message id, behind what waits."""
    delivery = await _delivery(work, delivery_id)
    next_state("webhook_delivery", delivery.state, "replay")
    refuse_disabled(await work.session.get_one(WebhookEndpoint, delivery.endpoint_id))
    again = outbox.send_test if delivery.lane == outbox.TEST_LANE else outbox.send_again
    await again(work, new_delivery_id, delivery.event_id, delivery.endpoint_id)
    delivery.replayed_as = new_delivery_id
    await work.record(DeliveryReplayed(about=delivery.id, delivery_id=new_delivery_id))


async def send_delivery_now(work: Work, delivery_id: UUID, expected: Precondition) -> None:
    """Try what waits again now; it keeps its place, so what stands before it goes first."""
    delivery = await _delivery(work, delivery_id)
    next_state("webhook_delivery", delivery.state, "send_now")
    expected.check(delivery.version)
    refuse_disabled(await work.session.get_one(WebhookEndpoint, delivery.endpoint_id))
    delivery.due_at = await outbox.database_time(work)
    await work.record(DeliveryHastened(about=delivery.id))
    await outbox.wake(work)


async def skip_delivery(work: Work, delivery_id: UUID, expected: Precondition) -> None:
    """Give it up, so that those behind it are sent."""
    delivery = await _delivery(work, delivery_id)
    delivery.state = next_state("webhook_delivery", delivery.state, "skip")
    expected.check(delivery.version)
    delivery.settled_at = work.now
    await work.record(
        DeliverySettled(
            about=delivery.id,
            state=delivery.state,
            event_id=delivery.event_id,
            endpoint_id=delivery.endpoint_id,
        )
    )
    await reach_changed(
        work,
        "webhook_delivery",
        str(delivery.id),
        delivery.id,
        before=[Related("message", str(delivery.event_id))],
        after=[],
        reason="It is not sent any more.",
    )
    await outbox.wake(work)


async def settle_told_by_hand(work: Work, event_id: UUID) -> None:
    """Stop sending a message that somebody has told by hand; the case's next one is sent."""
    of_case_systems = WebhookEndpoint.system.is_not(None)
    await _settle(
        work, event_id, "tell_by_hand", and_(Delivery.state.in_(DELIVERY_UNSENT), of_case_systems)
    )


async def settle_what_is_over(work: Work, event_id: UUID) -> None:
    """Stop sending messages about a record that no longer counts; those behind them are sent."""
    await _settle(work, event_id, "skip", Delivery.state == DeliveryState.WAITING)


async def _settle(work: Work, event_id: UUID, step: str, which: ColumnElement[bool]) -> None:
    deliveries = await work.session.scalars(
        select(Delivery)
        .join(WebhookEndpoint, WebhookEndpoint.id == Delivery.endpoint_id)
        .where(Delivery.event_id == event_id, which)
        .order_by(Delivery.id)
        .with_for_update(of=Delivery)
    )
    await settle(work, deliveries.all(), step)


async def settle(work: Work, deliveries: Sequence[Delivery], step: str) -> None:
    """Stop sending these, which are locked, by one step; those behind them are sent."""
    for delivery in deliveries:
        delivery.state = next_state("webhook_delivery", delivery.state, step)
        delivery.settled_at = work.now
        await work.record(
            DeliverySettled(
                about=delivery.id,
                state=delivery.state,
                event_id=delivery.event_id,
                endpoint_id=delivery.endpoint_id,
            )
        )
    await outbox.wake(work)


async def is_of_case_system(work: Work, endpoint_id: UUID) -> bool:
    """Whether an endpoint is a case system's: others may listen, but tell no worker."""
    system = select(WebhookEndpoint.system).where(WebhookEndpoint.id == endpoint_id)
    return await work.session.scalar(system) is not None


async def alert_failing_endpoints(work: Work) -> None:
    """Tell the administrators, once a day, of endpoints that have failed for two hours.

    The two hours are the queue's and so by the database's clock; the day is the service's.
    """
    for_long = func.clock_timestamp() - FAILING_FOR
    deliveries = select(Delivery.endpoint_id).where(
        Delivery.state == DeliveryState.WAITING, Delivery.failing_since <= for_long
    )
    checkpoints = select(CheckpointReceipt.endpoint_id).where(
        CheckpointReceipt.failing_since <= for_long
    )
    failing = select(WebhookEndpoint.id).where(
        or_(
            WebhookEndpoint.id.in_(deliveries),
            and_(
                WebhookEndpoint.id.in_(checkpoints),
                WebhookEndpoint.event_types.any_() == CHECKPOINTS,
            ),
        ),
        WebhookEndpoint.parked_at.is_(None),
        WebhookEndpoint.disabled_at.is_(None),
    )
    for endpoint_id in (await work.session.scalars(failing)).all():
        await alert_role(
            work,
            Role.ADMINISTRATOR,
            AlertKind.WEBHOOK_ENDPOINT_FAILING,
            endpoint_id,
            occasion=work.today.isoformat(),
        )


async def _delivery(work: Work, delivery_id: UUID) -> Delivery:
    delivery = await work.find(select(Delivery).where(Delivery.id == delivery_id).with_for_update())
    _check_own(work, await work.session.get_one(WebhookEndpoint, delivery.endpoint_id))
    return delivery


async def take_endpoint(work: Work, endpoint_id: UUID) -> WebhookEndpoint:
    """An endpoint, to change it; of another's, and of one that was deleted, nothing changes."""
    found = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    # Its key stays, so nobody who holds a turn and queues a delivery for it has to wait.
    endpoint = await work.find(found.with_for_update(key_share=True))
    _check_own(work, endpoint)
    if endpoint.deleted_at is not None:
        raise AlreadySo("deleted_webhook_endpoint")
    return endpoint


def _check_own(work: Work, endpoint: WebhookEndpoint) -> None:
    """A case system knows of no endpoint but its own."""
    if work.actor.system is not None and endpoint.system != work.actor.system:
        raise problems.not_found()


async def record_change(
    work: Work,
    endpoint: WebhookEndpoint,
    before: frozenset[Related],
    *,
    also: Related | None = None,
) -> None:
    code = str(endpoint.id)
    await work.record(ConfigurationChanged(about=endpoint.id, what="webhook_endpoint", code=code))
    await reach_changed(
        work,
        "webhook_endpoint",
        code,
        endpoint.id,
        before=before,
        after=sent_by(endpoint) | ({also} if also else set()),
        reason="Changed where the service sends what happened.",
    )


def sent_by(endpoint: WebhookEndpoint) -> frozenset[Related]:
    """What decides who is told by an endpoint: where it sends, what, about whose subjects."""
    state = (
        "deleted"
        if endpoint.deleted_at
        else "disabled"
        if endpoint.disabled_at
        else "parked"
        if endpoint.parked_at
        else "active"
    )
    return frozenset(
        {
            Related("url", endpoint.url),
            Related("system", endpoint.system or "every"),
            Related("state", state),
            *(Related("event_type", name) for name in endpoint.event_types),
        }
    )


def refuse_disabled(endpoint: WebhookEndpoint) -> None:
    """Nothing is queued for an endpoint that is disabled, or deleted."""
    if endpoint.deleted_at is not None:
        raise AlreadySo("deleted_webhook_endpoint")
    if endpoint.disabled_at is not None:
        raise AlreadySo("webhook_endpoint")


def _check(url: str | None, event_types: Sequence[str] | None, targets: Targets) -> None:
    errors = [
        InputError.at(["event_types", number], "unknown", "No event of this type is sent.")
        for number, name in enumerate(event_types or ())
        if name not in (*SENT_TYPES, CHECKPOINTS)
    ]
    if url is not None and not targets.may_register(url):
        errors.append(
            InputError.at(["url"], "target_not_allowed", "It is not on the operator's list.")
        )
    if errors:
        raise problems.validation(errors)
