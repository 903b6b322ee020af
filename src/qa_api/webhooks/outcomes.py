"""Recording what came of sending a delivery, while this worker still holds its lease.

If somebody settled the delivery meanwhile, by skipping it or telling the worker by hand, that
stands. The attempt is logged all the same, and what the receiver took counts as taken.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    DateTime,
    Integer,
    Interval,
    Text,
    Uuid,
    case,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.sql import bindparam
from sqlalchemy.types import TypeEngine

from qa_api.alerts import alert_role
from qa_api.auth.roles import Role
from qa_api.db import Prepared, parameter
from qa_api.events import DeliverySettled, EndpointParked
from qa_api.models.deliveries import Delivery, DeliveryAttempt, WebhookEndpoint
from qa_api.rules.alerts import AlertKind
from qa_api.rules.deliveries import (
    LONGEST_SILENCE,
    Meaning,
    alone_since,
    is_to_be_parked,
    meaning_of,
    until_parked,
)
from qa_api.rules.states import DeliveryState
from qa_api.rules.unchanging import Unchanging
from qa_api.webhooks.outbox import TEST_LANE, Claimed
from qa_api.work import Work

_INSTANT: Final = DateTime(timezone=True)


class Attempt(Unchanging):
    """What came of sending once: the status that was answered, or why there is none."""

    at: datetime
    """By the service's clock: when somebody was notified."""
    status: int | None = None
    failure: str | None = None
    retry_after: timedelta | None = None

    @property
    def meaning(self) -> Meaning:
        """What it says, and about what."""
        return meaning_of(self.status, self.failure)


async def note_attempt(
    work: Work, sent: Claimed, attempt: Attempt, *, wait: timedelta
) -> DeliveryState | None:
    """Write down an attempt and where the delivery stands now; None when the lease has gone.

    `wait` is when the schedule tries again, where it is to be tried again at all.
    """
    match attempt.meaning:
        case Meaning.TAKEN:
            return await _write(work, sent, attempt, DeliveryState.DELIVERED)
        case Meaning.REFUSED:
            return await _refuse(work, sent, attempt)
        case _ if sent.lane == TEST_LANE:
            # Whoever tests an endpoint reads what it answered, and tests again.
            return await _write(work, sent, attempt, DeliveryState.PARKED)
        case Meaning.GONE:
            return await _park_endpoint(work, sent, attempt)
        case Meaning.MISCONFIGURED:
            state = await _try_again(work, sent, attempt, wait)
            await _tell_of_spell(work, sent)
            return state
        case _:
            return await _try_again(work, sent, attempt, wait)


async def _refuse(work: Work, sent: Claimed, attempt: Attempt) -> DeliveryState | None:
    """Settle what the receiver will never take, so that the case's next message is sent."""
    state = await _write(work, sent, attempt, DeliveryState.REFUSED)
    if state is DeliveryState.REFUSED and sent.lane != TEST_LANE:
        await _record(work, sent, state)
        await alert_role(work, Role.ADMINISTRATOR, AlertKind.WEBHOOK_MESSAGE_REFUSED, sent.id)
    return state


async def _try_again(
    work: Work, sent: Claimed, attempt: Attempt, wait: timedelta
) -> DeliveryState | None:
    """Let it wait in its place, or set it aside when it alone has failed for the policy's time."""
    evidence = (await work.session.execute(_EVIDENCE, {"id": sent.id})).one()
    alone = alone_since(
        evidence.alone_since,
        evidence.now,
        tried_at=evidence.tried_at,
        took_others_for=evidence.took_others_for,
        failed_others=evidence.failed_others,
    )
    hours = (await work.policy()).message_parked_after_hours
    singled_out = evidence.took_others_for is not None
    if singled_out and is_to_be_parked(alone, evidence.now, hours):
        state = await _write(work, sent, attempt, DeliveryState.PARKED, alone_since=alone)
        if state is DeliveryState.PARKED:
            await _record(work, sent, state)
            await alert_role(work, Role.ADMINISTRATOR, AlertKind.WEBHOOK_MESSAGE_PARKED, sent.id)
        return state
    last_try = until_parked(alone, evidence.now, hours)
    # While nothing else is taken the schedule stands: its time does not run.
    if singled_out and last_try is not None and attempt.retry_after is None:
        wait = min(wait, last_try)
    return await _write(
        work,
        sent,
        attempt,
        DeliveryState.WAITING,
        wait=wait,
        alone_since=alone,
    )


async def _park_endpoint(work: Work, sent: Claimed, attempt: Attempt) -> DeliveryState | None:
    """Hold all deliveries of an endpoint that answered 410, and tell the administrators.

    Nothing is dropped: they are due again as soon as the endpoint is resumed.
    """
    # The endpoint before its deliveries, as whoever resumes it does.
    await work.session.execute(
        select(WebhookEndpoint.id)
        .where(WebhookEndpoint.id == sent.endpoint_id)
        .with_for_update(key_share=True)
    )
    state = await _write(work, sent, attempt, DeliveryState.WAITING, wait=timedelta())
    if state is None:
        return None
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
    return state


async def _tell_of_spell(work: Work, sent: Claimed) -> None:
    """Tell the administrators of a misconfigured endpoint, once until it has taken a message."""
    last_taken = await work.session.scalar(
        select(func.max(Delivery.delivered_at)).where(
            Delivery.endpoint_id == sent.endpoint_id, Delivery.lane != TEST_LANE
        )
    )
    await alert_role(
        work,
        Role.ADMINISTRATOR,
        AlertKind.WEBHOOK_ENDPOINT_MISCONFIGURED,
        sent.endpoint_id,
        occasion="taken nothing yet" if last_taken is None else f"since {last_taken.isoformat()}",
    )


async def _record(work: Work, sent: Claimed, state: DeliveryState) -> None:
    await work.record(
        DeliverySettled(
            about=sent.id,
            state=state.value,
            event_id=sent.event_id,
            endpoint_id=sent.endpoint_id,
        )
    )


async def _write(
    work: Work, sent: Claimed, attempt: Attempt, state: DeliveryState, **changes: Any
) -> DeliveryState | None:
    """Log the attempt and move the delivery on, unless somebody has settled it meanwhile.

    `changes`: how long it is to `wait`, and since when it has failed alone.
    """
    values = {"id": sent.id, "lease": sent.lease, "at": attempt.at}
    moved = await work.run(_moved(state, frozenset(changes)), **values, **changes)
    if not moved:
        return None
    (row,) = moved
    told = {"status": attempt.status, "failure": attempt.failure}
    await work.run(_attempted(), **values, number=row.attempts, **told)
    return state if state is DeliveryState.DELIVERED else DeliveryState(row.state)


@cache
def _moved(state: DeliveryState, changed: frozenset[str]) -> Prepared:
    """Put together once: each message that is sent asks for it, and a session costs more."""
    now, at = func.statement_timestamp(), parameter("at", _INSTANT)
    written: dict[str, Any] = {}
    if state is DeliveryState.DELIVERED:
        written["delivered_at"] = at
    if state is not DeliveryState.WAITING:
        written["settled_at"] = func.coalesce(Delivery.settled_at, at)
    if "wait" in changed:
        written["due_at"] = now + parameter("wait", Interval())
    if "alone_since" in changed:
        written["alone_since"] = parameter("alone_since", _INSTANT)
    if {"wait", "alone_since"} <= changed:
        written["failing_since"] = func.coalesce(Delivery.failing_since, now)
    return Prepared.of(
        update(Delivery)
        .where(Delivery.id == parameter("id", Uuid()), Delivery.lease == parameter("lease", Uuid()))
        .values(
            attempts=Delivery.attempts + 1,
            attempted_at=now,
            lease=None,
            leased_until=None,
            version=Delivery.version + 1,
            state=case(
                (Delivery.state == DeliveryState.WAITING, state.value), else_=Delivery.state
            ),
            **written,
        )
        .returning(Delivery.attempts, Delivery.state)
    )


@cache
def _attempted() -> Prepared:
    types: dict[str, TypeEngine[Any]] = {
        "number": Integer(),
        "at": _INSTANT,
        "status": Integer(),
        "failure": Text(),
    }
    values = {name: parameter(name, type_) for name, type_ in types.items()}
    return Prepared.of(
        insert(DeliveryAttempt).values(delivery_id=parameter("id", Uuid()), **values)
    )


# From one message that the endpoint took to the next, where none failed between and no long silence
# was: only of that time is it known that the endpoint takes others. Tests say nothing of it:
# somebody may be mending the endpoint.
_EVIDENCE = (
    text("""
WITH mine AS MATERIALIZED (
    SELECT id, endpoint_id, attempted_at, failing_since, alone_since,
           coalesce((SELECT max(taken.attempted_at) FROM deliveries taken
                     WHERE taken.endpoint_id = delivery.endpoint_id AND taken.state = 'delivered'
                     AND taken.lane <> 'test' AND taken.attempted_at <= delivery.attempted_at),
                    attempted_at) AS seen_from
    FROM deliveries delivery WHERE id = :id
), took AS MATERIALIZED (
    SELECT other.attempted_at, other.failing_since FROM mine
    JOIN deliveries other ON other.endpoint_id = mine.endpoint_id
    WHERE other.state = 'delivered' AND other.lane <> 'test'
      AND other.attempted_at >= mine.seen_from
), failed AS MATERIALIZED (
    SELECT other.attempted_at, other.failing_since FROM mine
    JOIN deliveries other ON other.endpoint_id = mine.endpoint_id AND other.id <> mine.id
    WHERE other.state = 'waiting' AND other.attempted_at IS NOT NULL
      AND other.attempted_at >= mine.seen_from
), seen (at, taken) AS (
    SELECT attempted_at, true FROM took
    UNION ALL SELECT attempted_at, false FROM failed
    UNION ALL SELECT began.failing_since, false
    FROM mine, (SELECT failing_since FROM took UNION ALL SELECT failing_since FROM failed) began
    WHERE began.failing_since >= mine.seen_from
), spans AS (
    SELECT at, taken, lag(at) OVER seen_in_turn AS before,
           taken AND lag(taken) OVER seen_in_turn AS taking
    FROM seen WINDOW seen_in_turn AS (ORDER BY at, taken)
), since AS (
    SELECT bool_or(spans.taken) AS took_others, bool_or(NOT spans.taken) AS failed_others,
           sum(spans.at - greatest(spans.before, mine.failing_since))
               FILTER (WHERE spans.taking AND spans.at - spans.before <= :silence) AS taking_for
    FROM mine JOIN spans ON spans.at > mine.attempted_at
)
SELECT statement_timestamp() AS now, mine.alone_since, mine.attempted_at AS tried_at,
       CASE WHEN since.took_others THEN coalesce(since.taking_for, interval '0') END
           AS took_others_for,
       coalesce(since.failed_others, false) AS failed_others
FROM mine, since
""")
    .bindparams(bindparam("id", type_=Uuid), bindparam("silence", LONGEST_SILENCE, Interval))
    .columns(
        now=DateTime(timezone=True),
        alone_since=DateTime(timezone=True),
        tried_at=DateTime(timezone=True),
        took_others_for=Interval,
    )
)
