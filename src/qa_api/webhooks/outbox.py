"""Deliveries on their way: queued, and claimed under a lease, in order.

When a delivery is due and how long a lease holds is measured by the database's clock, which all
processes share; no clock of theirs decides when anything is sent. Of each case and lane only the
first that waits can be claimed, and of each endpoint only what a worker has room for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Interval, Text, Uuid, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql import bindparam

from qa_api.event_log import TURN_OF_CASE
from qa_api.models.base import new_id
from qa_api.models.deliveries import Delivery
from qa_api.rules.states import DeliveryState
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

CHANNEL: Final = "deliveries"
"""The channel whose notices wake the workers."""

TEST_LANE: Final = "test"
LANES: Final = ("escalation", "ordinary", TEST_LANE)
"""Escalations wait for nothing else, and tests of an endpoint not even for each other."""


class Claimed(Unchanging):
    """A delivery that this worker holds for the time of its lease, with all that sending takes."""

    id: UUID
    lane: str
    lease: UUID
    claimed_at: datetime
    """By the database's clock, which also says when the message leaves."""
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
    worker_reference: str | None
    """What the endpoint's case system calls the worker in the data, where that is known."""
    team_reference: str | None
    """What it calls the team in the data, where that is known."""

    @property
    def subject(self) -> dict[str, str] | None:
        """The subject as its case system names it."""
        if self.subject_system is None or self.subject_ref is None:
            return None
        return {"system": self.subject_system, "ref": self.subject_ref}


async def claim(
    work: Work,
    lane: str,
    *,
    slots: int,
    lease_seconds: float,
    busy: Mapping[UUID, int] | None = None,
) -> list[Claimed]:
    """Take the due deliveries of a lane, up to `slots` of each endpoint.

    `busy` says how many of an endpoint's slots are taken already. No other worker sends what is
    claimed meanwhile.
    """
    lease = new_id()
    busy = busy or {}
    rows = await work.session.execute(
        _CLAIM,
        {
            "lane": lane,
            "slots": slots,
            "endpoints": list(busy),
            "taken": list(busy.values()),
            "lease": lease,
            "held": timedelta(seconds=lease_seconds),
        },
    )
    return [Claimed(lane=lane, lease=lease, **row) for row in rows.mappings()]


async def seconds_until_next(work: Work, lane: str) -> float | None:
    """How long until a delivery falls due or a lease runs out; None when nothing waits."""
    found = await work.session.execute(_NEXT, {"lane": lane})
    seconds = found.scalar_one()
    return None if seconds is None else float(seconds)


async def send_test(work: Work, delivery_id: UUID, event_id: UUID, endpoint_id: UUID) -> None:
    """Queue a test of one endpoint: it waits for nothing, and nothing waits for it."""
    await work.session.execute(
        insert(Delivery).values(
            id=delivery_id,
            event_id=event_id,
            endpoint_id=endpoint_id,
            lane=TEST_LANE,
            case_key=str(event_id),
            due_at=func.clock_timestamp(),
        )
    )
    await wake(work)


async def send_again(work: Work, delivery_id: UUID, event_id: UUID, endpoint_id: UUID) -> None:
    """Queue an event for one endpoint once more, behind what waits; its message id stays."""
    await work.session.execute(
        _QUEUE_AGAIN,
        {"id": delivery_id, "event_id": event_id, "endpoint_id": endpoint_id},
    )
    await wake(work)


async def make_due(work: Work, endpoint_id: UUID) -> None:
    """Make everything that waits for an endpoint due now."""
    await work.session.execute(
        update(Delivery)
        .where(Delivery.endpoint_id == endpoint_id, Delivery.state == DeliveryState.WAITING)
        .values(due_at=func.least(Delivery.due_at, func.clock_timestamp()))
    )
    await wake(work)


async def database_time(work: Work) -> datetime:
    """The present by the clock that all processes share."""
    now: datetime = (await work.session.execute(select(func.clock_timestamp()))).scalar_one()
    return now


async def wake(work: Work) -> None:
    """Wake the workers when this work is committed."""
    await work.session.execute(_WAKE)


# One endpoint after the other, so that none takes the room of another. Of each case only the first
# that still waits, found in one walk along the queue: asking of each whether one stands before it
# took seconds after an outage. Locked, it is asked once more whether it waits.


def _called(kind: str) -> str:
    """What the endpoint's case system calls the worker or team of an event, on its day or later."""
    day = "(event.at AT TIME ZONE 'Europe/London')::date"
    return f"""(SELECT called.reference FROM case_system_references called
        WHERE called.system = endpoint.system AND called.{kind} = event.data ->> '{kind}'
          AND (upper(called.valid) IS NULL OR upper(called.valid) > {day})
        ORDER BY called.valid @> {day} DESC, lower(called.valid) DESC NULLS LAST, called.folded
        LIMIT 1) AS {kind}_reference"""  # noqa: S608 - of our own words only


_CLAIM = (
    text(f"""
WITH due AS MATERIALIZED (
    SELECT first.id
    FROM webhook_endpoints endpoint
    LEFT JOIN unnest(:endpoints, :taken) AS busy (endpoint_id, taken)
        ON busy.endpoint_id = endpoint.id
    CROSS JOIN LATERAL (
        SELECT delivery.id
        FROM deliveries delivery
        WHERE delivery.id = ANY (ARRAY(
              SELECT head.id FROM (
                  SELECT DISTINCT ON (queued.case_key)
                         queued.id, queued.event_id, queued.due_at, queued.leased_until
                  FROM deliveries queued
                  WHERE queued.endpoint_id = endpoint.id AND queued.lane = :lane
                    AND queued.state = 'waiting'
                  ORDER BY queued.case_key, queued.position
              ) head
              WHERE head.due_at <= clock_timestamp()
                AND (head.leased_until IS NULL OR head.leased_until < clock_timestamp())
                -- Only the case system that restricted a record hears of it meanwhile (X3).
                AND (endpoint.system IS NOT NULL OR NOT EXISTS (
                    SELECT FROM events JOIN subjects ON subjects.id = events.subject_id
                    WHERE events.id = head.event_id AND subjects.restricted
                ))
          ))
          AND delivery.state = 'waiting'
          AND (delivery.leased_until IS NULL OR delivery.leased_until < clock_timestamp())
        ORDER BY delivery.due_at, delivery.position
        LIMIT greatest(:slots - coalesce(busy.taken, 0), 0)
        FOR UPDATE OF delivery SKIP LOCKED
    ) first
    -- A test asks whether a parked endpoint takes anything again.
    WHERE (endpoint.parked_at IS NULL OR :lane = 'test') AND endpoint.disabled_at IS NULL
), claimed AS (
    UPDATE deliveries delivery SET lease = :lease, leased_until = clock_timestamp() + :held
    FROM due WHERE delivery.id = due.id
    RETURNING delivery.id, delivery.attempts, delivery.position, delivery.event_id,
              delivery.endpoint_id
)
SELECT claimed.id, claimed.attempts, clock_timestamp() AS claimed_at,
       endpoint.id AS endpoint_id, endpoint.system AS endpoint_system, endpoint.url,
       endpoint.secrets,
       event.id AS event_id, event.type AS event_type, event.at AS event_at, event.correlation_id,
       event.about_id, event.data,
       subject.system AS subject_system, subject.ref AS subject_ref, gate.episode_id,
       {_called("worker")}, {_called("team")}
FROM claimed
JOIN webhook_endpoints endpoint ON endpoint.id = claimed.endpoint_id
JOIN events event ON event.id = claimed.event_id
LEFT JOIN subjects subject ON subject.id = event.subject_id
LEFT JOIN closure_gates gate ON gate.id = event.about_id
ORDER BY claimed.position
""")  # noqa: S608 - of our own words only
    .bindparams(
        bindparam("lane", type_=Text),
        bindparam("slots", type_=Integer),
        bindparam("endpoints", type_=ARRAY(Uuid)),
        bindparam("taken", type_=ARRAY(Integer)),
        bindparam("lease", type_=Uuid),
        bindparam("held", type_=Interval),
    )
    .columns(secrets=JSONB, data=JSONB)
)

# What is due and held back waits for a lease or for the retry of another, and those are here.
_NEXT = text("""
SELECT extract(epoch FROM least(
    min(delivery.due_at) FILTER (WHERE delivery.due_at > clock_timestamp()),
    min(delivery.leased_until) FILTER (WHERE delivery.leased_until > clock_timestamp())
) - clock_timestamp())
FROM deliveries delivery JOIN webhook_endpoints endpoint ON endpoint.id = delivery.endpoint_id
WHERE delivery.lane = :lane AND delivery.state = 'waiting'
  AND (endpoint.parked_at IS NULL OR delivery.lane = 'test') AND endpoint.disabled_at IS NULL
""").bindparams(bindparam("lane", type_=Text))

_QUEUE_AGAIN = text(f"""
WITH event AS MATERIALIZED (
    SELECT id, CASE WHEN type LIKE 'escalation.%' THEN 'escalation' ELSE 'ordinary' END AS lane,
           coalesce(subject_id, about_id)::text AS case_key
    FROM events WHERE id = :event_id
), turn AS MATERIALIZED (
    SELECT count(pg_advisory_xact_lock({TURN_OF_CASE})) AS taken FROM event
)
INSERT INTO deliveries (id, event_id, endpoint_id, lane, case_key, due_at)
SELECT :id, event.id, :endpoint_id, event.lane, event.case_key, clock_timestamp()
FROM event, turn WHERE turn.taken > 0
""").bindparams(  # noqa: S608 - put together from a constant
    bindparam("id", type_=Uuid),
    bindparam("event_id", type_=Uuid),
    bindparam("endpoint_id", type_=Uuid),
)

_WAKE = text(f"SELECT pg_notify('{CHANNEL}', '')")
