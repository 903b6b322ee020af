"""Deliveries on their way: claimed under a lease, in order, and what became of each attempt.

A lease is measured by the database's clock, which all workers share; when a delivery is due, by
the service's. Of each case and lane only the first that waits can be claimed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, Integer, Interval, Text, Uuid, func, insert, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import bindparam

from qa_api.alerts import alert_role
from qa_api.auth.roles import Role
from qa_api.events import EndpointParked
from qa_api.models.base import new_id
from qa_api.models.deliveries import Delivery, DeliveryAttempt, WebhookEndpoint
from qa_api.rules.alerts import AlertKind
from qa_api.work import Work

CHANNEL: Final = "deliveries"
"""The channel whose notices wake the workers."""

LANES: Final = ("escalation", "ordinary")
"""Escalations wait for nothing else."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker holds for the time of its lease, with all that sending takes."""

    id: UUID
    lease: UUID
    attempts: int
    """Attempts made before this one."""
    endpoint_id: UUID
    endpoint_system: str | None
    url: str
    secrets: Sequence[Mapping[str, Any]]
    event_id: UUID
    event_type: str
    event_at: datetime
    correlation_id: str
    about_id: UUID
    data: Mapping[str, Any]
    subject_system: str | None
    subject_ref: str | None
    episode_id: str | None
    """Of a gate: what its case system calls the episode."""

    @property
    def subject(self) -> dict[str, str] | None:
        """The subject as its case system names it."""
        if self.subject_system is None or self.subject_ref is None:
            return None
        return {"system": self.subject_system, "ref": self.subject_ref}


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending once: the status that was answered, or why there is none."""

    at: datetime
    status: int | None = None
    failure: str | None = None
    retry_after: timedelta | None = None

    @property
    def accepted(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def receiver_gone(self) -> bool:
        """Whether the receiver wants nothing more (410)."""
        return self.status == 410

    @property
    def refused_for_good(self) -> bool:
        """Whether the receiver refused this very message, and not just this moment."""
        return (
            self.status is not None
            and 400 <= self.status < 500
            and self.status not in (408, 410, 421, 425, 429)
        )


async def claim(work: Work, lane: str, *, room: int, lease_seconds: float) -> list[Claimed]:
    """Take up to `room` due deliveries of a lane; no other worker sends them meanwhile."""
    lease = new_id()
    rows = await work.session.execute(
        _CLAIM,
        {
            "lane": lane,
            "room": room,
            "now": work.now,
            "lease": lease,
            "held": timedelta(seconds=lease_seconds),
        },
    )
    return [Claimed(lease=lease, **row) for row in rows.mappings()]


async def seconds_until_next(work: Work, lane: str) -> float | None:
    """How long until a delivery falls due or a lease runs out; None when nothing waits."""
    found = await work.session.execute(_NEXT, {"lane": lane, "now": work.now})
    seconds = found.scalar_one()
    return None if seconds is None else float(seconds)


async def mark_delivered(work: Work, sent: Claimed, attempt: Attempt) -> bool:
    """Write that the receiver took it; False when the lease has gone to another worker."""
    return await _settle(work, sent, attempt, delivered_at=attempt.at)


async def mark_failed(work: Work, sent: Claimed, attempt: Attempt, due_at: datetime) -> bool:
    """Write that it was not taken and when it is tried again; False when the lease has gone."""
    return await _settle(work, sent, attempt, due_at=due_at)


async def park(work: Work, sent: Claimed, attempt: Attempt) -> bool:
    """Let all deliveries of an endpoint wait that answered 410, and tell the administrator.

    Nothing is dropped: what was refused is due again as soon as the endpoint is resumed.
    """
    if not await _settle(work, sent, attempt, due_at=work.now):
        return False
    parked = await work.session.execute(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.id == sent.endpoint_id, WebhookEndpoint.parked_at.is_(None))
        .values(parked_at=work.now, version=WebhookEndpoint.version + 1)
        .returning(WebhookEndpoint.id)
    )
    if parked.scalar_one_or_none() is not None:
        await work.record(EndpointParked(about=sent.endpoint_id))
        await alert_role(
            work,
            Role.ADMINISTRATOR,
            AlertKind.WEBHOOK_ENDPOINT_PARKED,
            sent.endpoint_id,
            occasion=work.now.isoformat(),
        )
    return True


async def send_again(work: Work, delivery_id: UUID, event_id: UUID, endpoint_id: UUID) -> None:
    """Queue an event for one endpoint once more, behind what waits; its message id stays."""
    await work.session.execute(
        _QUEUE_AGAIN,
        {"id": delivery_id, "event_id": event_id, "endpoint_id": endpoint_id, "now": work.now},
    )
    await wake(work)


async def make_due(work: Work, endpoint_id: UUID) -> None:
    """Make everything that waits for an endpoint due now."""
    await work.session.execute(
        update(Delivery)
        .where(Delivery.endpoint_id == endpoint_id, Delivery.delivered_at.is_(None))
        .values(due_at=func.least(Delivery.due_at, work.now))
    )
    await wake(work)


async def wake(work: Work) -> None:
    """Wake the workers when this work is committed."""
    await work.session.execute(_WAKE)


async def _settle(work: Work, sent: Claimed, attempt: Attempt, **outcome: datetime) -> bool:
    mine = (
        update(Delivery)
        .where(Delivery.id == sent.id, Delivery.lease == sent.lease)
        .values(attempts=Delivery.attempts + 1, lease=None, leased_until=None, **outcome)
        .returning(Delivery.attempts)
    )
    number = (await work.session.execute(mine)).scalar_one_or_none()
    if number is None:
        return False
    await work.session.execute(
        insert(DeliveryAttempt).values(
            delivery_id=sent.id,
            number=number,
            at=attempt.at,
            status=attempt.status,
            failure=attempt.failure,
        )
    )
    return True


_CLAIM = (
    text("""
WITH due AS (
    SELECT delivery.id
    FROM deliveries delivery JOIN webhook_endpoints endpoint ON endpoint.id = delivery.endpoint_id
    WHERE delivery.lane = :lane
      AND delivery.delivered_at IS NULL
      AND delivery.due_at <= :now
      AND (delivery.leased_until IS NULL OR delivery.leased_until < clock_timestamp())
      AND endpoint.parked_at IS NULL AND endpoint.disabled_at IS NULL
      -- Only the case system that restricted a record hears of it meanwhile (X3).
      AND (endpoint.system IS NOT NULL OR NOT EXISTS (
          SELECT FROM events JOIN subjects ON subjects.id = events.subject_id
          WHERE events.id = delivery.event_id AND subjects.restricted
      ))
      AND NOT EXISTS (
          SELECT FROM deliveries earlier
          WHERE earlier.endpoint_id = delivery.endpoint_id AND earlier.lane = delivery.lane
            AND earlier.case_key = delivery.case_key AND earlier.position < delivery.position
            AND earlier.delivered_at IS NULL
      )
    ORDER BY delivery.due_at, delivery.position
    LIMIT :room
    FOR UPDATE OF delivery SKIP LOCKED
), claimed AS (
    UPDATE deliveries delivery SET lease = :lease, leased_until = clock_timestamp() + :held
    FROM due WHERE delivery.id = due.id
    RETURNING delivery.id, delivery.attempts, delivery.position, delivery.event_id,
              delivery.endpoint_id
)
SELECT claimed.id, claimed.attempts,
       endpoint.id AS endpoint_id, endpoint.system AS endpoint_system, endpoint.url,
       endpoint.secrets,
       event.id AS event_id, event.type AS event_type, event.at AS event_at, event.correlation_id,
       event.about_id, event.data,
       subject.system AS subject_system, subject.ref AS subject_ref, gate.episode_id
FROM claimed
JOIN webhook_endpoints endpoint ON endpoint.id = claimed.endpoint_id
JOIN events event ON event.id = claimed.event_id
LEFT JOIN subjects subject ON subject.id = event.subject_id
LEFT JOIN closure_gates gate ON gate.id = event.about_id
ORDER BY claimed.position
""")
    .bindparams(
        bindparam("lane", type_=Text),
        bindparam("room", type_=Integer),
        bindparam("now", type_=DateTime(timezone=True)),
        bindparam("lease", type_=Uuid),
        bindparam("held", type_=Interval),
    )
    .columns(secrets=JSONB, data=JSONB)
)

# What is due and held back waits for a lease or for the retry of another, and those are here.
_NEXT = text("""
SELECT least(
    min(extract(epoch FROM delivery.due_at - :now)) FILTER (WHERE delivery.due_at > :now),
    min(extract(epoch FROM delivery.leased_until - clock_timestamp()))
        FILTER (WHERE delivery.leased_until > clock_timestamp())
)
FROM deliveries delivery JOIN webhook_endpoints endpoint ON endpoint.id = delivery.endpoint_id
WHERE delivery.lane = :lane AND delivery.delivered_at IS NULL
  AND endpoint.parked_at IS NULL AND endpoint.disabled_at IS NULL
""").bindparams(bindparam("lane", type_=Text), bindparam("now", type_=DateTime(timezone=True)))

_QUEUE_AGAIN = text("""
INSERT INTO deliveries (id, event_id, endpoint_id, lane, case_key, due_at)
SELECT :id, event.id, :endpoint_id,
       CASE WHEN event.type LIKE 'escalation.%' THEN 'escalation' ELSE 'ordinary' END,
       coalesce(event.subject_id, event.about_id)::text, :now
FROM events event WHERE event.id = :event_id
""").bindparams(
    bindparam("id", type_=Uuid),
    bindparam("event_id", type_=Uuid),
    bindparam("endpoint_id", type_=Uuid),
    bindparam("now", type_=DateTime(timezone=True)),
)

_WAKE = text(f"SELECT pg_notify('{CHANNEL}', '')")
