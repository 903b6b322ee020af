-- What is the most of in an authority, beside its audits: answers, events, lines of the access log.
-- In the transaction of `bench/growth.sql`, which leaves the audits in `made` and makes
-- `pg_temp.id_at`.

INSERT INTO audit_answers (audit_id, question_key, tool_id, value, evidence, answered_at, subject_id,
                           team, worker, version)
SELECT made.id, question.key, made.tool_id, '"yes"', 'Seen in the record.', at + interval '9 days',
       subject_id, team, worker, 1
FROM made JOIN LATERAL (
    SELECT key FROM tool_questions q WHERE q.tool_id = made.tool_id ORDER BY key LIMIT 5
) question ON finished;

INSERT INTO events (id, at, type, correlation_id, about_id, subject_id, data)
SELECT pg_temp.id_at(at + interval '20 days', 'event' || n || what), at + interval '20 days', what,
       'made', id, subject_id, '{}'
FROM made, unnest(ARRAY['audit.started', 'audit.completed', 'audit.closed']) AS what
WHERE finished
ORDER BY n, what;

INSERT INTO access_log (id, at, principal_id, correlation_id, operation, subject_ids)
SELECT pg_temp.id_at(at + make_interval(days => look), 'look' || n || look),
       at + make_interval(days => look), md5('principal' || n % 60)::uuid, 'made', 'audit:read',
       ARRAY[subject_id]
FROM made, generate_series(1, 3) AS look
ORDER BY n, look;

INSERT INTO notifications (id, audit_id, subject_id, team, worker, kind, event_id, queued_at,
                           queued_until, explanation, notified_at, state, left_state, version)
SELECT pg_temp.id_at(at + interval '20 days', 'notification' || n), id, subject_id, team, worker,
       'response_required', pg_temp.id_at(at + interval '20 days', 'event' || n || 'audit.completed'),
       at + interval '20 days', at + interval '21 days', '{}', at + interval '20 days', 'delivered',
       'queued', 2
FROM made WHERE answered;
