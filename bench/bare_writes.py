"""The bare application's other changes: each one statement that writes the rows the service writes.

What the service computes (when something is due, and why) is said by the statement as it comes.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from bench.bare_rows import document, instant
from qa_api import clock
from qa_api.models.base import new_id
from qa_api.rules.local_time import local_date

Asked = tuple[int, str, list[Any]]
"""The status, the statement and its values."""

# $1 today, $2 now, $3 what it is about, $4 correlation id, $5 key, $6 fingerprint, $7 principal
KEYED = """keyed AS (
    INSERT INTO idempotency_keys (principal_id, digest, fingerprint, created_id, at)
    VALUES ($7::uuid, $5::text, $6::text, $3::uuid, $2::timestamptz)
)"""
_LOGGED = """line AS (
    INSERT INTO access_log (id, at, principal_id, correlation_id, operation, subject_ids)
    SELECT gen_random_uuid(), $2, $7, $4::text, '{operation}', ARRAY[subject_id] FROM {of}
)"""
_EVENTS = "events (id, at, type, principal_id, correlation_id, about_id, subject_id, data)"

# $8 question, $9 value, $10 evidence, $11 rationale, $12 event
ANSWER = f"""
WITH {KEYED}, answer AS (
    INSERT INTO audit_answers (audit_id, question_key, tool_id, subject_id, team, worker, value,
                               evidence, rationale, answered_at, version)
    SELECT id, $8::text, tool_id, subject_id, team, worker, $9::jsonb, $10::text, $11::text, $2, 1
    FROM audits WHERE id = $3 AND state = 'in_progress' RETURNING *
), event AS (
    INSERT INTO {_EVENTS}
    SELECT $12::uuid, $2, 'audit.answer_recorded', $7, $4, $3, subject_id,
           jsonb_build_object('question_key', question_key) FROM answer
), {_LOGGED.format(operation="put:record_answer", of="answer")}
SELECT row_to_json(d)::text AS body FROM (
    SELECT question_key, value, evidence, rationale, comment, done_on, expected_by,
           {instant("answered_at")}, $1::date IS NOT NULL AS applies, version FROM answer) d"""

# $8 judgement, $9 rationale, $10 explanation, $11 to $15 response, round, notification, events
COMPLETE = f"""
WITH {KEYED}, audit AS (
    UPDATE audits SET state = 'completed', completed_at = $2, completed_on = $1::date,
        overall_judgement = $8::text, overall_rationale = $9::text, version = version + 1
    WHERE id = $3 AND state = 'in_progress' RETURNING *
), actions AS (
    UPDATE restorative_actions SET set_at = $2 FROM audit
    WHERE audit_id = audit.id RETURNING restorative_actions.*
), response AS (
    INSERT INTO audit_responses (id, audit_id, state, subject_id, team, worker, version)
    SELECT $11::uuid, id, 'awaiting_notification', subject_id, team, worker, 1 FROM audit
    RETURNING *
), round AS (
    INSERT INTO response_rounds (id, response_id, number, subject_id, team, worker)
    SELECT $12::uuid, id, 1, subject_id, team, worker FROM response
), event AS (
    INSERT INTO {_EVENTS}
    SELECT told.id, $2, told.type, $7, $4, told.about, subject_id, told.data
    FROM audit, LATERAL (VALUES
        ($14::uuid, 'audit.completed', $3,
         jsonb_build_object('audit_type', audit.type, 'judgement', $8, 'escalates', false)),
        ($15::uuid, 'audit.response_required', $13::uuid,
         jsonb_build_object('worker', worker, 'audit_id', $3))) told (id, type, about, data)
), notification AS (
    INSERT INTO notifications (id, audit_id, kind, event_id, queued_at, queued_until, explanation,
                               subject_id, team, worker, state, version)
    SELECT $13, id, 'response_required', $15, $2, $2, $10::jsonb, subject_id, team, worker,
           'queued', 1 FROM audit
), {_LOGGED.format(operation="post:complete_audit", of="audit")}
SELECT (SELECT row_to_json(d)::text FROM (
    SELECT {document(answers="audit_answers", actions="actions", role="auditor")}) d) AS body
FROM audit a"""

# $8 items, $9 explanation, $10 reviewed by, $11 to $13 events
SUBMIT = f"""
WITH {KEYED}, response AS (
    UPDATE audit_responses SET state = 'submitted', first_submitted_at = $2,
        first_submitted_on = $1::date, version = version + 1
    WHERE id = $3 AND state = 'awaiting_notification' RETURNING *
), round AS (
    UPDATE response_rounds SET submitted_at = $2, submitted_by = response.worker,
        review_due_on = $10::date, review_explanation = $9::jsonb,
        reviewer = 'tm-' || response.team, reviewer_acts_as = 'team_manager'
    FROM response WHERE response_id = response.id AND number = 1 RETURNING response_rounds.*
), asked AS (
    SELECT * FROM jsonb_to_recordset($8::jsonb)
        AS x(action uuid, how text, done_on date, finish_on date, not_immediate_because text)
), items AS (
    INSERT INTO response_items (round_id, action_id, how, done_on, finish_on,
                                reason_not_immediate, subject_id, team, worker)
    SELECT round.id, action, how, done_on, finish_on, not_immediate_because, subject_id, team,
           worker FROM round, asked RETURNING *
), actions AS (
    UPDATE restorative_actions SET how = asked.how, done_on = asked.done_on,
        due_on = asked.finish_on, first_promised_on = asked.finish_on, planned_at = $2,
        done_by = CASE WHEN asked.done_on IS NOT NULL THEN response.worker END,
        done_reported_by = CASE WHEN asked.done_on IS NOT NULL THEN response.worker END,
        state = CASE WHEN asked.done_on IS NULL THEN 'planned' ELSE 'done' END,
        version = restorative_actions.version + 1
    FROM response, asked WHERE restorative_actions.id = asked.action
), event AS (
    INSERT INTO {_EVENTS}
    SELECT told.id, $2, told.type, $7, $4, $3, subject_id, jsonb_build_object('audit_id', audit_id)
    FROM response, (VALUES ($11::uuid, 'action.done'), ($12::uuid, 'action.planned'),
                           ($13::uuid, 'response.submitted')) told (id, type)
), {_LOGGED.format(operation="post:submit_response", of="response")}
SELECT row_to_json(d)::text AS body FROM (
    SELECT r.id, r.audit_id, r.team, r.worker, r.state, {instant("r.changed_at")}, r.due_on,
        r.restricted, r.version, {instant("r.first_submitted_at")},
        (SELECT row_to_json(s) FROM (SELECT s.id, s.kind, s.system, s.ref FROM subjects s
                                     WHERE s.id = r.subject_id) s) AS subject,
        array_to_json(ARRAY(SELECT row_to_json(x) FROM (
            SELECT number, due_on, {instant("submitted_at")}, submitted_by, review_due_on,
                   review_explanation, reviewer, reviewer_acts_as,
                   array_to_json(ARRAY(SELECT row_to_json(y) FROM (
                       SELECT action_id AS action, how, done_on, finish_on FROM items) y)) AS items
            FROM round) x)) AS rounds
    FROM response r) d"""

# $5 subject's reference, $6 the case event, $8 explanation, $9 to $11 what is made, then events
EVENT = f"""
WITH told AS (
    SELECT $6::jsonb AS event, $6::jsonb -> 'data' AS data
), subject AS (
    INSERT INTO subjects (id, kind, system, ref, team, worker, allocated_at, restricted, version)
    SELECT $9::uuid, 'child', 'mosaic', $5::text, data ->> 'team', data ->> 'worker', $2, false, 1
    FROM told RETURNING *
), alias AS (
    INSERT INTO subject_aliases (system, ref, subject_id) SELECT system, ref, id FROM subject
), received AS (
    INSERT INTO case_events (id, system, event_id, type, episode_id, source_version, occurred_at,
                             received_at, fingerprint, data, parked)
    SELECT $3::uuid, 'mosaic', event ->> 'id', event ->> 'type', data ->> 'episode_id', 1, $2,
           $2::timestamptz, encode(sha256(event::text::bytea), 'hex'), event, false
    FROM told RETURNING *
), gate AS (
    INSERT INTO closure_gates (id, system, episode_id, cycle, current, audit_id, opened_by_event,
                               may_close, explanation, policy_version, opened_at, subject_id, team,
                               worker, restricted, state, version)
    SELECT $10::uuid, 'mosaic', received.episode_id, 1, true, $11::uuid, $3, false, $8::jsonb, 1,
           $2, subject.id, team, worker, false, 'awaiting_audit', 1
    FROM received, subject RETURNING *
), audit AS (
    INSERT INTO audits (id, type, gate_id, opened_by, policy_version, planned_at, subject_id, team,
                        worker, state, version)
    SELECT $11, 'closure', gate.id, 'gate', 1, $2, subject_id, team, worker, 'planned', 1 FROM gate
), outcome AS (
    INSERT INTO case_event_outcomes (case_event_id, position, ref, outcome, subject_id, gate_id)
    SELECT $3, 0, $5, 'gate_opened', subject_id, id FROM gate
), event AS (
    INSERT INTO {_EVENTS}
    SELECT said.id, $2, said.type, $7::uuid, $4::text, said.about, subject_id, said.data
    FROM gate, LATERAL (VALUES
        ($12::uuid, 'subject.registered', $9, jsonb_build_object('team', team, 'worker', worker)),
        ($13::uuid, 'audit.planned', $11, jsonb_build_object('audit_type', 'closure')),
        ($14::uuid, 'closure_gate.opened', $10, jsonb_build_object('state', state)),
        ($15::uuid, 'case_event.received', $3, '{{}}')) said (id, type, about, data)
)
SELECT row_to_json(d)::text AS body FROM (
    SELECT $3 AS event_id, array_to_json(ARRAY(SELECT row_to_json(x) FROM (
        SELECT $5 AS ref, 'gate_opened' AS outcome, subject_id, id AS gate_id) x)) AS outcomes,
        $1::date AS received_on
    FROM gate) d"""

WHY = orjson.dumps(
    {
        "rule": "queued_notification_due",
        "clause": "§4.2, R4.2.8",
        "facts": {"division": "england-and-wales", "working_days": 5, "acting_as": "team_manager"},
        "steps": [
            {"date": f"2026-11-{day}", "counted": True, "reason": f"Working day {day - 22}"}
            for day in range(23, 28)
        ],
        "policy_version": 1,
        "calendar_version": 1,
    }
).decode()
PRINCIPAL = UUID(int=1)


def asked_for(path: str, body: bytes) -> Asked:
    """The statement that a request asks for."""
    asked = orjson.loads(body)
    if path == "/v1/case-events":
        ref = asked["data"]["subjects"][0]["ref"]
        today, now, correlation = _begun()
        values = [ref, body.decode(), PRINCIPAL, WHY, *(new_id() for _ in range(7))]
        return 202, EVENT, [today, now, new_id(), correlation, *values]
    *_, of, step = path.split("/")
    if step == "complete":
        overall = asked["overall"]
        values = [overall["judgement"], overall["rationale"], WHY, *(new_id() for _ in range(5))]
        return 200, COMPLETE, [*_keyed(UUID(of), body), *values]
    if step == "submit":
        due = local_date(clock.now()) + timedelta(days=7)
        items = orjson.dumps(asked["items"]).decode()
        return (
            200,
            SUBMIT,
            [*_keyed(UUID(of), body), items, WHY, due, *(new_id() for _ in range(3))],
        )
    audit_id = UUID(path.split("/")[3])
    said = [orjson.dumps(asked["value"]).decode(), asked["evidence"], asked["rationale"]]
    return 200, ANSWER, [*_keyed(audit_id, body), step, *said, new_id()]


def _begun() -> tuple[date, datetime, str]:
    now = datetime.now(UTC)  # noqa: TID251  # no part of the service
    return local_date(now), now, "0" * 32


def _keyed(about: UUID, body: bytes) -> list[Any]:
    today, now, correlation = _begun()
    digest, fingerprint = str(new_id()), hashlib.sha256(body).hexdigest()
    return [today, now, about, correlation, digest, fingerprint, PRINCIPAL]
