"""Sending an endpoint once more what it was sent since some time: after it lost what it had."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, Integer, Text, Uuid, text
from sqlalchemy.sql import bindparam

from qa_api import problems
from qa_api.event_log import TURN_OF_CASE
from qa_api.events import EndpointReplayed
from qa_api.problems import InputError
from qa_api.webhooks import outbox
from qa_api.webhooks.schemas import EndpointReplay, EndpointReplayOut
from qa_api.webhooks.service import refuse_disabled, take_endpoint
from qa_api.work import Work

AT_ONCE: Final = 500
"""Each case takes a lock until the commit, and a database has some thousands of them."""


async def replay_endpoint(
    work: Work, endpoint_id: UUID, asked: EndpointReplay
) -> EndpointReplayOut:
    """Queue it behind what waits, each message under its own id and in the order it had.

    Delivered, refused and parked messages, each once, however often it was replayed before. What
    was skipped or told by hand somebody decided not to send. Where there is nothing to send again,
    nothing has happened and no event says otherwise.
    """
    endpoint = await take_endpoint(work, endpoint_id)
    refuse_disabled(endpoint)
    until = work.now if asked.until is None else asked.until
    if faults := _faults(asked.since, until, work.now):
        raise problems.validation(faults)
    values = {
        "endpoint_id": endpoint_id,
        "since": asked.since,
        "until": until,
        "event_type": asked.event_type,
        "most": AT_ONCE,
    }
    await work.flush()
    queued = int((await work.session.execute(_QUEUE, values)).scalar_one())
    left = int((await work.session.execute(_LEFT, values)).scalar_one())
    if queued:
        await work.record(
            EndpointReplayed(
                about=endpoint_id,
                since=asked.since,
                until=until,
                event_type=asked.event_type,
                messages=queued,
            )
        )
        await outbox.wake(work)
    return EndpointReplayOut(since=asked.since, until=until, queued=queued, left=left)


def _faults(since: datetime, until: datetime, now: datetime) -> list[InputError]:
    faults = [
        InputError.at([name], "in-the-future", "This time must not be in the future.")
        for name, at in (("since", since), ("until", until))
        if at > now
    ]
    if not faults and until < since:
        faults.append(InputError.at(["until"], "order", "Must not be earlier than since."))
    return faults


# The newest delivery of an event is the one that was not replayed; what waits is not settled.
_ASKED_FOR: Final = """
    FROM deliveries d JOIN events e ON e.id = d.event_id
    WHERE d.endpoint_id = :endpoint_id AND d.lane <> 'test' AND d.replayed_as IS NULL
      AND d.state IN ('delivered', 'refused', 'parked')
      AND d.settled_at >= :since AND d.settled_at < :until
      AND (:event_type IS NULL OR e.type = :event_type)"""
_VALUES: Final = (
    bindparam("endpoint_id", type_=Uuid),
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
    bindparam("event_type", type_=Text),
)

_QUEUE = text(f"""
WITH chosen AS MATERIALIZED (
    SELECT d.id, gen_random_uuid() AS again, d.event_id, d.lane, d.case_key, d.position
    {_ASKED_FOR}
    ORDER BY d.position LIMIT :most
    FOR UPDATE OF d
), turns AS MATERIALIZED (
    SELECT count(pg_advisory_xact_lock(turn)) AS taken
    FROM (SELECT DISTINCT {TURN_OF_CASE} AS turn FROM chosen ORDER BY turn OFFSET 0) t
), queued AS (
    INSERT INTO deliveries (id, event_id, endpoint_id, lane, case_key, due_at)
    SELECT chosen.again, chosen.event_id, :endpoint_id, chosen.lane, chosen.case_key,
           clock_timestamp()
    FROM chosen, turns WHERE turns.taken >= 0
    ORDER BY chosen.position
    RETURNING id
), marked AS (
    UPDATE deliveries d SET replayed_as = chosen.again, version = d.version + 1
    FROM chosen WHERE d.id = chosen.id
)
SELECT count(*) FROM queued
""").bindparams(*_VALUES, bindparam("most", type_=Integer))  # noqa: S608 - of our own words only

_LEFT = text(f"SELECT count(*) {_ASKED_FOR}").bindparams(*_VALUES)
