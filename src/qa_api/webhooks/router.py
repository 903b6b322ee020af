"""The webhook routes: endpoints and the delivery log."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of
from qa_api.webhooks import deleting, queries, replaying, service
from qa_api.webhooks.schemas import (
    DeliveryOut,
    DeliveryQuery,
    DeliveryRow,
    EndpointChange,
    EndpointOut,
    EndpointQuery,
    EndpointRegistration,
    EndpointReplay,
    EndpointReplayOut,
    EndpointWithSecret,
)
from qa_api.webhooks.targets import Targets

router = APIRouter(prefix="/v1", tags=["webhooks"], route_class=StrictRoute)


def listed_targets(request: Request) -> Targets:
    """Where the operator lets webhooks go."""
    targets: Targets = request.app.state.webhook_targets
    return targets


Reading = Annotated[Reader, secured(Reader.of, Permission.WEBHOOK_READ)]
Creating = Annotated[Change, secured(Change.creating, Permission.WEBHOOK_MANAGE)]
Changing = Annotated[Change, secured(Change.of, Permission.WEBHOOK_MANAGE)]
# What whoever is sent to may do as well, for their own endpoint.
Sending = Annotated[Change, secured(Change.creating, Permission.WEBHOOK_RECEIVE)]
Receiving = Annotated[Change, secured(Change.of, Permission.WEBHOOK_RECEIVE)]
Repeating = Annotated[Change, secured(Change.acting, Permission.WEBHOOK_RECEIVE)]
ListedTargets = Annotated[Targets, Depends(listed_targets)]


@router.get("/webhook-endpoints", response_model=page_of(EndpointOut))
async def list_webhook_endpoints(
    query: Annotated[EndpointQuery, Query()], reading: Reading
) -> Response:
    """The endpoints, newest first, also those that were deleted. A case system sees its own."""
    return await reading.page(queries.ENDPOINTS, query)


@router.post("/webhook-endpoints", response_model=EndpointWithSecret, status_code=201)
async def register_webhook_endpoint(
    body: EndpointRegistration, creating: Creating, targets: ListedTargets
) -> Response:
    """Register an endpoint. Its signing secret is in this answer and never shown again."""
    secret = await creating.do(service.register_endpoint, creating.id, body, targets)
    return await creating.created(
        queries.ENDPOINT_WITH_SECRET,
        f"/v1/webhook-endpoints/{creating.id}",
        id=creating.id,
        secret=secret,
    )


@router.get("/webhook-endpoints/{endpoint_id}", response_model=EndpointOut)
async def get_webhook_endpoint(endpoint_id: Uuid, reading: Reading) -> Response:
    """One endpoint."""
    return await reading.document(queries.ENDPOINT, id=endpoint_id)


@router.patch("/webhook-endpoints/{endpoint_id}", response_model=EndpointOut)
async def change_webhook_endpoint(
    endpoint_id: Uuid, body: EndpointChange, changing: Changing, targets: ListedTargets
) -> Response:
    """Change the URL or the event types. What waits already is sent to the new URL."""
    await changing.do(service.change_endpoint, endpoint_id, body, changing.if_match, targets)
    return await changing.document(queries.ENDPOINT, id=endpoint_id)


@router.post("/webhook-endpoints/{endpoint_id}/rotate-secret", response_model=EndpointWithSecret)
async def rotate_webhook_secret(endpoint_id: Uuid, receiving: Receiving) -> Response:
    """Make a new signing secret. The former one also signs for another 24 hours."""
    secret = await receiving.do(service.rotate_secret, endpoint_id, receiving.if_match)
    return await receiving.document(queries.ENDPOINT_WITH_SECRET, id=endpoint_id, secret=secret)


@router.post("/webhook-endpoints/{endpoint_id}/disable", response_model=EndpointOut)
async def disable_webhook_endpoint(endpoint_id: Uuid, changing: Changing) -> Response:
    """Stop sending to it and queuing for it. What waits is kept until it is resumed."""
    return await changing.step(queries.ENDPOINT, service.disable_endpoint, endpoint_id)


@router.post("/webhook-endpoints/{endpoint_id}/resume", response_model=EndpointOut)
async def resume_webhook_endpoint(endpoint_id: Uuid, changing: Changing) -> Response:
    """Send all that waits, now. Needed after a 410; useful as soon as a fault is mended."""
    return await changing.step(queries.ENDPOINT, service.resume_endpoint, endpoint_id)


@router.delete("/webhook-endpoints/{endpoint_id}", response_model=EndpointOut)
async def delete_webhook_endpoint(endpoint_id: Uuid, changing: Changing) -> Response:
    """Delete it for good: nothing more is sent, what waits is skipped, its secret is forgotten.

    It can still be read, and so can the log of what was sent to it.
    """
    return await changing.step(queries.ENDPOINT, deleting.delete_endpoint, endpoint_id)


@router.post("/webhook-endpoints/{endpoint_id}/replay", response_model=EndpointReplayOut)
async def replay_webhook_endpoint(
    endpoint_id: Uuid, body: EndpointReplay, repeating: Repeating
) -> EndpointReplayOut:
    """Send once more what an endpoint was sent since some time, or of that one type only.

    Up to 500 messages at a time, in their order, behind what waits. Each comes under the
    `webhook-id` that it had. With `until` the same request sends nothing a second time.
    """
    return await replaying.replay_endpoint(repeating.work, endpoint_id, body)


@router.post("/webhook-endpoints/{endpoint_id}/test", response_model=DeliveryOut, status_code=201)
async def test_webhook_endpoint(endpoint_id: Uuid, sending: Sending) -> Response:
    """Send a `webhook_endpoint.test` event to this endpoint; the answer is its delivery.

    It is sent at once, even if the endpoint is parked, and only once. What came of it is in the
    delivery's log.
    """
    await sending.do(service.test_endpoint, sending.id, endpoint_id)
    return await sending.created(queries.DELIVERY, f"/v1/webhook-deliveries/{sending.id}")


@router.get("/webhook-deliveries", response_model=page_of(DeliveryRow))
async def list_webhook_deliveries(
    query: Annotated[DeliveryQuery, Query()], reading: Reading
) -> Response:
    """What was and what will be sent, newest first. A case system sees what is sent to its own."""
    return await reading.page(queries.DELIVERIES, query)


@router.get("/webhook-deliveries/{delivery_id}", response_model=DeliveryOut)
async def get_webhook_delivery(delivery_id: Uuid, reading: Reading) -> Response:
    """One delivery with each attempt."""
    return await reading.document(queries.DELIVERY, id=delivery_id)


@router.post("/webhook-deliveries/{delivery_id}/send-now", response_model=DeliveryOut)
async def send_webhook_delivery_now(delivery_id: Uuid, receiving: Receiving) -> Response:
    """Try a waiting delivery again now. It keeps its place: those before it go first."""
    return await receiving.step(queries.DELIVERY, service.send_delivery_now, delivery_id)


@router.post("/webhook-deliveries/{delivery_id}/skip", response_model=DeliveryOut)
async def skip_webhook_delivery(delivery_id: Uuid, changing: Changing) -> Response:
    """Give it up, so that those behind it are sent. If it was for a worker, tell them by hand."""
    return await changing.step(queries.DELIVERY, service.skip_delivery, delivery_id)


@router.post(
    "/webhook-deliveries/{delivery_id}/replay", response_model=DeliveryOut, status_code=201
)
async def replay_webhook_delivery(delivery_id: Uuid, sending: Sending) -> Response:
    """Send once more what was delivered, refused, parked, skipped or told by hand.

    The answer is the new delivery, behind what waits; the one before names it in `replayed_as`.
    """
    await sending.do(service.replay_delivery, sending.id, delivery_id)
    return await sending.created(queries.DELIVERY, f"/v1/webhook-deliveries/{sending.id}")
