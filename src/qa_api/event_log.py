"""How an event is written, and how its deliveries take their places in the queues (ADR 5)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import BindParameter, DateTime, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql import bindparam

from qa_api.db import DIALECT, Prepared
from qa_api.events import Event
from qa_api.models.base import Base

_BY_WHOM = (
    bindparam("at", type_=DateTime(timezone=True)),
    bindparam("principal_id", type_=Uuid),
    bindparam("correlation_id", type_=Text),
)
_ONE = (
    bindparam("id", type_=Uuid),
    bindparam("type", type_=Text),
    bindparam("about_id", type_=Uuid),
    bindparam("subject_id", type_=Uuid),
    bindparam("data", type_=JSONB),
)


def recording(**rows: str) -> Prepared:
    """Writes rows and then one event, in one statement; `stamp` is its transaction's.

    `rows`: statements by name that insert or update; what they bind is text. The event is written
    whatever the actor may reach, the rows only as they may: the reach is widened when all of them
    are written. `written` says how many there were.
    """
    event = "SELECT :id, :at, :type, :principal_id, :correlation_id, :about_id, :subject_id, :data"
    return _recording(f"{event} FROM reach", _ONE, rows)


def recording_all(**rows: str) -> Prepared:
    """The same of several events: `told`, an array of them as JSON."""
    events = """
    SELECT told.id, :at, told.type, :principal_id, :correlation_id, told.about_id, told.subject_id,
           told.data
    FROM reach, jsonb_to_recordset(:told)
        AS told (id uuid, type text, about_id uuid, subject_id uuid, data jsonb)"""
    return _recording(events, (bindparam("told", type_=JSONB),), rows)


def as_json(values: object) -> str:
    """Values for a statement of `recording` to read as rows."""
    return orjson.dumps(values, default=str).decode()  # the driver has a UUID of its own


def as_record(entity: type[Base], names: Iterable[str]) -> str:
    """Columns of an entity with their types, as a record that is read from JSON is told them.

    To read its whole row costs as much as some statements do.
    """
    columns = entity.__table__.c
    return ", ".join(f"{name} {columns[name].type.compile(dialect=DIALECT)}" for name in names)


def changing(entity: type[Base], names: Sequence[str], given: str) -> str:
    """Writes columns of the rows that are `given` as JSON by their ids, each as a new version."""
    table = entity.__tablename__
    return f"""
    UPDATE {table} was
    SET version = was.version + 1, {", ".join(f"{name} = becomes.{name}" for name in names)}
    FROM jsonb_to_recordset(CAST(CAST(:{given} AS text) AS jsonb))
        AS becomes ({as_record(entity, ("id", *names))})
    WHERE was.id = becomes.id"""  # constants


def _recording(
    events: str, told: Iterable[BindParameter[Any]], rows: Mapping[str, str]
) -> Prepared:
    writing = "".join(f"{name} AS ({write} RETURNING 1),\n" for name, write in rows.items())
    written = " + ".join(["0", *(f"(SELECT count(*) FROM {name})" for name in rows)])
    return Prepared.of(
        text(f"""
WITH {writing}reach AS MATERIALIZED (
    SELECT set_config('qa.reach', 'service', true) AS reach, written
    FROM (SELECT {written} AS written OFFSET 0) counted WHERE written >= 0
), event AS (
    INSERT INTO events (id, at, type, principal_id, correlation_id, about_id, subject_id, data)
    {events}
    RETURNING xid
)
SELECT event.xid::text AS stamp, reach.written FROM event, reach LIMIT 1""").bindparams(
            *_BY_WHOM, *told
        )
    )


def logged(event_id: UUID, event: Event) -> dict[str, Any]:
    """What a statement of `recording` takes of its event."""
    return _columns(event_id, event) | {"data": orjson.dumps(event.data()).decode()}


def all_logged(events: Mapping[UUID, Event]) -> str:
    """What a statement of `recording_all` takes of its events, by their ids."""
    rows = [_columns(one, event) | {"data": event.data()} for one, event in events.items()]
    return as_json(rows)


def _columns(event_id: UUID, event: Event) -> dict[str, Any]:
    return {
        "id": event_id,
        "type": event.type,
        "about_id": event.about,
        "subject_id": event.subject,
    }


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
