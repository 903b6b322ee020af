"""Deleting a webhook endpoint: nothing more is sent to it, and the log of what was sent stays."""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from qa_api.models.deliveries import Delivery, WebhookEndpoint
from qa_api.rules.states import DeliveryState
from qa_api.values.preconditions import Precondition
from qa_api.webhooks.service import record_change, sent_by, settle, take_endpoint
from qa_api.work import Work

AT_ONCE: Final = 500
"""How many waiting deliveries are skipped in one transaction; the sweep does the rest."""


async def delete_endpoint(work: Work, endpoint_id: UUID, expected: Precondition) -> None:
    """Send and queue nothing for it from now on, for good; its secrets are forgotten.

    What waits is skipped: where it was for a worker, people are told to do it by hand (R4.2.7).
    """
    endpoint = await take_endpoint(work, endpoint_id)
    expected.check(endpoint.version)
    before = sent_by(endpoint)
    endpoint.disabled_at = endpoint.disabled_at or work.now
    endpoint.deleted_at = work.now
    endpoint.secrets = []
    await record_change(work, endpoint, before)
    await skip_what_waits_for_deleted(work)


async def skip_what_waits_for_deleted(work: Work) -> None:
    """Skip what waits for endpoints that were deleted, a part of it at a time.

    Also what was queued by somebody whose work had begun before the endpoint was deleted.
    """
    await work.flush()
    deliveries = await work.session.scalars(
        select(Delivery)
        .join(WebhookEndpoint, WebhookEndpoint.id == Delivery.endpoint_id)
        .where(WebhookEndpoint.deleted_at.is_not(None), Delivery.state == DeliveryState.WAITING)
        .order_by(Delivery.id)
        .limit(AT_ONCE)
        .with_for_update(of=Delivery)
    )
    await settle(work, deliveries.all(), "skip")
