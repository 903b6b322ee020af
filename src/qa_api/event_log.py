"""How an event is written, and how its deliveries take their places in the queues (ADR 5)."""

from typing import Final

from sqlalchemy import DateTime, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql import bindparam

from qa_api.db import Prepared

_TYPES = (
    bindparam("id", type_=Uuid),
    bindparam("at", type_=DateTime(timezone=True)),
    bindparam("type", type_=Text),
    bindparam("principal_id", type_=Uuid),
    bindparam("correlation_id", type_=Text),
    bindparam("about_id", type_=Uuid),
    bindparam("subject_id", type_=Uuid),
    bindparam("data", type_=JSONB),
)


def recording(**rows: str) -> Prepared:
    """Writes rows and then one event, in one statement; `stamp` is its transaction's.

    `rows`: INSERT statements by name; what they bind is text. The event is written whatever the
    actor may reach, the rows only as they may: the reach is widened when all of them are written.
    """
    writing = "".join(f"{name} AS ({insert} RETURNING 1),\n" for name, insert in rows.items())
    written = " + ".join(["0", *(f"(SELECT count(*) FROM {name})" for name in rows)])
    return Prepared.of(
        text(f"""
WITH {writing}reach AS MATERIALIZED (
    SELECT set_config('qa.reach', 'service', true) AS reach WHERE {written} >= 0
), event AS (
    INSERT INTO events (id, at, type, principal_id, correlation_id, about_id, subject_id, data)
    SELECT :id, :at, :type, :principal_id, :correlation_id, :about_id, :subject_id, :data
    FROM reach
    RETURNING xid
)
SELECT xid::text AS stamp FROM event""").bindparams(*_TYPES)
    )


RECORD: Final = recording()
"""Writes one event alone."""

TURN_OF_CASE: Final = "hashtextextended('deliveries of ' || case_key, 0)"
"""The advisory lock under which a case's deliveries take their places, in SQL."""

# Each endpoint gets the events of its own system's subjects, in order for each subject. The
# subject's system is looked up behind `reach`, since the actor may not see the subject. The ids
# stand in a sub-select, so that PostgreSQL does not count them: it would plan the statement anew
# each time, because it thinks a plan for one or two of them cheaper than one for any number.
QUEUE: Final = Prepared.of(
    text(f"""
WITH reach AS MATERIALIZED (SELECT set_config('qa.reach', 'service', true) AS reach),
wanted AS MATERIALIZED (
    SELECT told.number, event.id AS event_id, endpoint.id AS endpoint_id,
           CASE WHEN event.type LIKE 'escalation.%' THEN 'escalation' ELSE 'ordinary' END AS lane,
           coalesce(event.subject_id, event.about_id)::text AS case_key
    FROM unnest((SELECT CAST(:ids AS uuid[]))) WITH ORDINALITY AS told (id, number)
    JOIN events event ON event.id = told.id
    JOIN webhook_endpoints endpoint ON event.type = ANY (endpoint.event_types)
    WHERE endpoint.disabled_at IS NULL AND (
        endpoint.system IS NULL OR endpoint.system = (
            SELECT subject.system FROM reach, LATERAL (
                SELECT s.system FROM subjects s
                WHERE s.id = event.subject_id AND reach.reach IS NOT NULL OFFSET 0
            ) subject
        )
    )
),
turns AS MATERIALIZED (
    SELECT count(pg_advisory_xact_lock(turn)) AS taken
    FROM (SELECT DISTINCT {TURN_OF_CASE} AS turn FROM wanted ORDER BY turn OFFSET 0) t
),
queued AS (
    INSERT INTO deliveries (id, event_id, endpoint_id, lane, case_key, due_at)
    SELECT gen_random_uuid(), wanted.event_id, wanted.endpoint_id, wanted.lane, wanted.case_key,
           clock_timestamp()
    FROM wanted, turns WHERE turns.taken > 0
    ORDER BY wanted.number
    RETURNING id
)
SELECT pg_notify('deliveries', '') FROM queued LIMIT 1""").bindparams(
        bindparam("ids", type_=ARRAY(Uuid))
    )
)
"""Gives the events of these `ids` their place in the queue of each endpoint that wants them."""
