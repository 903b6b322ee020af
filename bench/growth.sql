-- Generated casework for the growth benchmark: audits, responses, actions, escalations, gates and
-- contacts, spread evenly over five years, so that every quarter grows with the authority. The same
-- share is open and overdue however many there are. How many audits: the setting `bench.audits`.
-- Run with foreign keys and triggers off; what they would hold is so by construction.

-- Version 7, like the ids of the service: later ones sort after earlier ones.
CREATE OR REPLACE FUNCTION pg_temp.id_at(at timestamptz, what text) RETURNS uuid
LANGUAGE sql IMMUTABLE
RETURN (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
            || substr(md5(what), 1, 3) || 'a' || substr(md5(what), 4, 15))::uuid;

CREATE TEMPORARY TABLE team ON COMMIT DROP AS
    SELECT code, row_number() OVER (ORDER BY code) - 1 AS number FROM teams;

CREATE TEMPORARY TABLE type ON COMMIT DROP AS
    SELECT t.code, tool.id AS tool_id, tool.scale_code, tool.scale_number,
           row_number() OVER (ORDER BY t.code) - 1 AS number
    FROM audit_types t JOIN audit_tools tool ON tool.code = t.tool_code
    WHERE tool.state = 'published';

CREATE TEMPORARY TABLE point ON COMMIT DROP AS
    SELECT scale_code, scale_number, code, position,
           count(*) OVER (PARTITION BY scale_code, scale_number) AS points
    FROM scale_points;

CREATE TEMPORARY TABLE made ON COMMIT DROP AS
    SELECT n, at, day, team, type, tool_id, scale_code, scale_number, chance,
           pg_temp.id_at(at, 'audit' || n) AS id,
           pg_temp.id_at(at_first, 'subject' || n / 2) AS subject_id,
           'sw' || n / 42 % 2 + 1 || '-' || team AS worker,
           CASE WHEN chance < 2 THEN 'cancelled' WHEN chance < 5 THEN 'planned'
                WHEN day > current_date - 40 THEN 'in_progress'
                WHEN chance < 15 THEN 'completed' ELSE 'closed' END AS state,
           chance >= 5 AND day <= current_date - 40 AS finished,
           chance >= 5 AND day <= current_date - 40 AND n % 2 = 0 AS answered
    FROM (SELECT n, team.code AS team, type.code AS type, type.tool_id,
                 type.scale_code, type.scale_number, at, at_first,
                 (at AT TIME ZONE 'Europe/London')::date AS day,
                 ('x' || substr(md5('chance' || n), 1, 7))::bit(28)::int % 100 AS chance
          FROM (SELECT n, now() - interval '5 years' * (1 - n / audits::float) AS at,
                       now() - interval '5 years' * (1 - n / 2 * 2 / audits::float) AS at_first
                FROM (SELECT current_setting('bench.audits')::int AS audits) size,
                     generate_series(1, audits) AS n) spread
          JOIN team ON team.number = n / 2 % (SELECT count(*) FROM team)
          JOIN type ON type.number = n / 7 % (SELECT count(*) FROM type)) numbered
    ORDER BY n;
ANALYZE made;

INSERT INTO subjects (id, kind, system, ref, team, worker, restricted, version)
SELECT DISTINCT ON (subject_id) subject_id, 'child', 'mosaic', 'G-' || n / 2, team, worker,
       false, 1
FROM made ORDER BY subject_id, n;

INSERT INTO subject_aliases (system, ref, subject_id)
SELECT system, ref, id FROM subjects WHERE ref LIKE 'G-%';

INSERT INTO audits (
    id, type, subject_id, team, worker, tool_id, scale_code, scale_number, opened_by,
    policy_version, auditor, audited_worker, audited_team, due_on, planned_at, started_at,
    completed_at, completed_on, closed_at, cancelled_at, cancel_reason, overall_judgement,
    overall_rationale, state, left_state, version)
SELECT made.id, type, subject_id, team, worker, tool_id, scale_code, scale_number, 'person', 1,
       'au-' || n % 2 + 1, worker, team, day + 30, at,
       CASE WHEN state NOT IN ('planned', 'cancelled') THEN at + interval '5 days' END,
       CASE WHEN finished THEN at + interval '20 days' END,
       CASE WHEN finished THEN ((at + interval '20 days') AT TIME ZONE 'Europe/London')::date END,
       CASE WHEN state = 'closed' THEN at + interval '40 days' END,
       CASE WHEN state = 'cancelled' THEN at + interval '9 days' END,
       CASE WHEN state = 'cancelled' THEN 'The case has moved away.' END,
       CASE WHEN finished THEN point.code END,
       CASE WHEN finished THEN 'The plan is clear and reviewed with the family.' END,
       state,
       CASE state WHEN 'closed' THEN 'completed' WHEN 'completed' THEN 'in_progress'
                  WHEN 'in_progress' THEN 'planned' WHEN 'cancelled' THEN 'planned'
                  ELSE 'new' END,
       3
FROM made JOIN point USING (scale_code, scale_number)
WHERE point.position = (SELECT min(position) FROM point) + n % point.points
ORDER BY n;

INSERT INTO family_contacts (audit_id, subject_id, team, worker, expected)
SELECT id, subject_id, team, worker, true FROM made WHERE finished;

INSERT INTO family_contact_attempts (audit_id, number, subject_id, team, worker, who, how, at,
                                     outcome)
SELECT id, 1, subject_id, team, worker, 'Mother', 'Telephone', at + interval '9 days',
       CASE WHEN n % 10 < 7 THEN 'spoken' ELSE 'not_reached' END
FROM made WHERE finished;

-- Of every hundred answers asked for four are still awaited, two wait for the manager.
INSERT INTO audit_responses (id, audit_id, subject_id, team, worker, notified_at, due_on,
                             explanation, policy_version, calendar_version, first_submitted_at,
                             first_submitted_on, adequate_at, adequate_submitted_on, state,
                             left_state, version)
SELECT pg_temp.id_at(at + interval '20 days', 'response' || n), id, subject_id, team, worker,
       at + interval '20 days', day + 27, '{}', 1, 1,
       CASE WHEN chance >= 9 THEN at + make_interval(days => 21 + n % 11) END,
       CASE WHEN chance >= 9 THEN day + 21 + n % 11 END,
       CASE WHEN chance >= 11 THEN at + interval '35 days' END,
       CASE WHEN chance >= 11 THEN day + 21 + n % 11 END,
       CASE WHEN chance < 9 THEN 'awaiting_response' WHEN chance < 11 THEN 'submitted'
            ELSE 'adequate' END,
       CASE WHEN chance < 9 THEN 'awaiting_notification' WHEN chance < 11 THEN 'awaiting_response'
            ELSE 'submitted' END,
       3
FROM made WHERE answered;

INSERT INTO response_rounds (id, response_id, subject_id, team, worker, number, due_on,
                             submitted_at, submitted_by, reviewed_at, outcome, reasons)
SELECT pg_temp.id_at(at + make_interval(days => 13 + 7 * number), 'round' || n || number),
       pg_temp.id_at(at + interval '20 days', 'response' || n), subject_id, team, worker, number,
       day + 27,
       CASE WHEN chance >= 9 THEN at + make_interval(days => 21 + n % 11) END, worker,
       CASE WHEN chance >= 11 THEN at + interval '35 days' END,
       CASE WHEN chance >= 11 THEN CASE WHEN n % 20 = 0 AND number = 1 THEN 'returned'
                                        ELSE 'adequate' END END,
       CASE WHEN chance >= 11 AND n % 20 = 0 AND number = 1 THEN 'Say more.' END
FROM made, generate_series(1, 2) AS number
WHERE answered AND (number = 1 OR (chance >= 11 AND n % 20 = 0))
ORDER BY n, number;

-- Of every hundred actions five are not done and past their date.
INSERT INTO restorative_actions (id, audit_id, subject_id, team, worker, kind, description,
                                 needed_before_closure, owner, due_on, how, planned_at, done_on,
                                 done_by, verified_at, verified_by, made_a_difference, state,
                                 left_state, version, set_at)
SELECT pg_temp.id_at(at + interval '20 days', 'action' || n || number), id, subject_id, team,
       worker,
       CASE number WHEN 1 THEN 'compliance' ELSE 'practice' END,
       'Bring the plan up to date with the family and record it.', number = 1, worker, day + 38,
       'At the next visit.', at + interval '25 days', CASE WHEN chance >= 10 THEN day + 36 END,
       CASE WHEN chance >= 10 THEN worker END,
       CASE WHEN chance >= 10 THEN at + interval '39 days' END,
       CASE WHEN chance >= 10 THEN 'tm-' || team END, CASE WHEN chance >= 10 THEN true END,
       CASE WHEN chance < 10 THEN 'planned' ELSE 'verified' END,
       CASE WHEN chance < 10 THEN 'open' ELSE 'done' END, 3, at + interval '20 days'
FROM made, generate_series(1, 2) AS number WHERE answered
ORDER BY n, number;

INSERT INTO escalations (id, trigger, audit_id, subject_id, team, worker, raised_at,
                         policy_version, calendar_version, explanation, acknowledge_by, inform_by,
                         notified_at, acknowledged_at, quality_standards_informed_at,
                         actions_to_be_taken, resolved_at, resolution, state, left_state, version)
SELECT pg_temp.id_at(at + interval '10 days', 'escalation' || n),
       CASE WHEN n % 80 = 0 THEN 'inadequate_judgement' ELSE 'urgent_finding' END,
       id, subject_id, team, worker, at + interval '10 days', 1, 1, '{}', at + interval '11 days',
       at + interval '12 days', at + interval '10 days',
       at + interval '10 days' + make_interval(mins => n / 40 % 400),
       at + interval '10 days' + make_interval(mins => 60 + n / 40 % 1200),
       'The child is seen today.', at + interval '15 days', 'Seen and safe.', 'resolved',
       'quality_standards_informed', 5
FROM made WHERE finished AND n % 40 = 0;

INSERT INTO escalation_recipients (id, escalation_id, subject_id, team, worker, recipient, acts_as,
                                   for_team, notified_at, acknowledged_at, acknowledged_by)
SELECT pg_temp.id_at(at + interval '10 days', 'recipient' || n),
       pg_temp.id_at(at + interval '10 days', 'escalation' || n), subject_id, team, worker,
       'tm-' || team, 'team_manager', team, at + interval '10 days',
       at + interval '10 days' + make_interval(mins => n / 40 % 400), 'tm-' || team
FROM made WHERE finished AND n % 40 = 0;

-- Since 0028 a gate says when its closing counts; older revisions take this too.
DO $do$
DECLARE
    counts boolean := EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = 'closure_gates'::regclass AND attname = 'closing_counts_at');
BEGIN
    EXECUTE format($insert$
        INSERT INTO closure_gates (id, system, episode_id, cycle, current, subject_id, team, worker,
                                   audit_id, opened_by_event, may_close, explanation,
                                   policy_version, opened_at, closed_at, state, left_state,
                                   version %s)
        SELECT pg_temp.id_at(at + interval '22 days', 'gate' || n), 'mosaic', 'G-' || n, 1, true,
               subject_id, team, worker, CASE WHEN n %% 50 > 0 THEN id END,
               pg_temp.id_at(at + interval '22 days', 'proposed' || n), true, '{"facts": {}}', 1,
               at + interval '22 days', at + interval '45 days', 'closed', 'clear', 3 %s
        FROM made WHERE finished AND n %% 10 = 0 AND day <= current_date - 45
        ORDER BY n
        $insert$, CASE WHEN counts THEN ', closing_counts_at' END,
        CASE WHEN counts THEN $$, at + interval '45 days'$$ END);
END $do$;
