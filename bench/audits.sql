-- Generated audits for the demo authority's teams: set-based, because a loop of inserts would take
-- longer than everything that is measured. How many: the setting `bench.audits`.
-- Run with foreign keys unchecked; what they would check holds by construction.

CREATE TEMPORARY TABLE team ON COMMIT DROP AS
    SELECT code, row_number() OVER (ORDER BY code) - 1 AS number FROM teams;

CREATE TEMPORARY TABLE tool ON COMMIT DROP AS
    SELECT id, scale_code, scale_number FROM audit_tools
    WHERE state = 'published' ORDER BY code = 'collaborative' DESC, code LIMIT 1;

CREATE TEMPORARY TABLE question ON COMMIT DROP AS
    SELECT q.key FROM tool_questions q JOIN tool ON tool.id = q.tool_id
    WHERE q.answer_kind = 'yes_no_partial_na' ORDER BY q.domain_key, q.position LIMIT 10;

CREATE TEMPORARY TABLE domain ON COMMIT DROP AS
    SELECT d.key FROM tool_domains d JOIN tool ON tool.id = d.tool_id
    WHERE d.judged ORDER BY d.position LIMIT 5;

CREATE TEMPORARY TABLE made ON COMMIT DROP AS
    SELECT n, at, team, n % 10 < 6 AS closed, n % 10 < 8 AS completed, n % 10 < 9 AS begun,
           -- Version 7, like the ids of the service: later ones sort after earlier ones.
           (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
               || substr(hash, 1, 3) || 'a' || substr(hash, 4, 15))::uuid AS id,
           md5('subject' || n / 2)::uuid AS subject_id,
           'sw' || n / 42 % 2 + 1 || '-' || team AS worker, hash
    FROM (SELECT n, md5('audit' || n) AS hash, team.code AS team,
                 now() - make_interval(mins => 15 * (audits - n)) AS at
          FROM (SELECT current_setting('bench.audits')::int AS audits) size,
               generate_series(1, audits) AS n
          JOIN team ON team.number = n / 2 % (SELECT count(*) FROM team)) numbered
    ORDER BY n;

INSERT INTO subjects (id, kind, system, ref, team, worker, restricted, version)
SELECT DISTINCT ON (subject_id) subject_id, 'child', 'mosaic', 'B-' || n / 2, team, worker,
       false, 1
FROM made ORDER BY subject_id, n;

INSERT INTO subject_aliases (system, ref, subject_id)
SELECT system, ref, id FROM subjects WHERE ref LIKE 'B-%';

INSERT INTO audits (
    id, type, subject_id, team, worker, tool_id, scale_code, scale_number, opened_by,
    policy_version, auditor, audited_worker, audited_team, audited_team_manager, due_on,
    planned_at, started_at, completed_at, completed_on, closed_at, overall_judgement,
    overall_rationale, positive_feedback, state, left_state, version)
SELECT made.id, type.code, subject_id, team, worker,
       tool.id, tool.scale_code, tool.scale_number, 'person', policy.version,
       CASE WHEN begun OR n % 20 = 9 THEN 'au-' || n % 2 + 1 END, worker, team, 'tm-' || team,
       (at AT TIME ZONE 'Europe/London')::date + 30, at,
       CASE WHEN begun THEN at + interval '5 days' END,
       CASE WHEN completed THEN at + interval '6 days' END,
       CASE WHEN completed THEN ((at + interval '6 days') AT TIME ZONE 'Europe/London')::date END,
       CASE WHEN closed THEN at + interval '30 days' END,
       CASE WHEN completed THEN point.code END,
       CASE WHEN completed THEN repeat('The plan is clear and reviewed with the family. ', 4) END,
       CASE WHEN completed THEN repeat('Direct work was thoughtful. ', 3) END,
       CASE WHEN closed THEN 'closed' WHEN completed THEN 'completed' WHEN begun THEN 'in_progress'
            ELSE 'planned' END,
       CASE WHEN closed THEN 'completed' WHEN completed THEN 'in_progress' WHEN begun THEN 'planned'
            ELSE 'new' END,
       4
FROM made, tool,
     LATERAL (SELECT t.code FROM audit_types t JOIN audit_tools ON audit_tools.code = t.tool_code
              WHERE audit_tools.id = tool.id ORDER BY t.code LIMIT 1) type,
     (SELECT max(version) AS version FROM policy_versions) policy,
     LATERAL (SELECT p.code FROM scale_points p
              WHERE (p.scale_code, p.scale_number) = (tool.scale_code, tool.scale_number)
              ORDER BY md5(p.code || made.n) LIMIT 1) point;

INSERT INTO audit_answers (audit_id, question_key, tool_id, subject_id, team, worker, value,
                           evidence, rationale, comment, answered_at, version)
SELECT made.id, question.key, tool.id, subject_id, team, worker, '"yes"', 'CN-' || n,
       'Seen in the record and confirmed with the worker.',
       CASE WHEN n % 3 = 0 THEN 'Worth sharing with the team.' END, at + interval '5 days', 1
FROM made, tool, question
WHERE begun;

INSERT INTO domain_judgements (audit_id, domain_key, tool_id, subject_id, team, worker,
                               scale_code, scale_number, judgement, rationale)
SELECT made.id, domain.key, tool.id, made.subject_id, made.team, made.worker, tool.scale_code,
       tool.scale_number, a.overall_judgement, 'The evidence for this part is consistent.'
FROM made JOIN audits a USING (id), tool, domain
WHERE completed;

INSERT INTO family_contacts (audit_id, subject_id, team, worker, expected, key_worker_forewarned,
                             contact_details_checked)
SELECT id, made.subject_id, team, worker, true, true, true FROM made WHERE begun;

INSERT INTO family_contact_attempts (audit_id, number, subject_id, team, worker, who, how, at,
                                     outcome, feedback)
SELECT id, number, made.subject_id, team, worker, 'Mother', 'Telephone', at + interval '5 days',
       CASE number WHEN 1 THEN 'not_reached' ELSE 'spoken' END,
       CASE number WHEN 2 THEN 'We were listened to and the visits helped.' END
FROM made, generate_series(1, 2) AS number WHERE begun;

INSERT INTO restorative_actions (id, audit_id, subject_id, team, worker, kind, description,
                                 needed_before_closure, owner, due_on, how, planned_at, done_on,
                                 done_by, verified_at, verified_by, made_a_difference, state,
                                 left_state, version, set_at)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint + number), 12, '0') || '7'
               || substr(hash, 1, 3) || 'b' || substr(hash, 4, 15))::uuid,
       id, subject_id, team, worker,
       CASE number WHEN 1 THEN 'compliance' ELSE 'practice' END,
       'Bring the plan up to date with the family and record it.', number = 1, worker,
       at::date + 20, 'At the next visit.', at + interval '10 days', at::date + 18, worker,
       CASE WHEN closed THEN at + interval '25 days' END, CASE WHEN closed THEN 'tm-' || team END,
       CASE WHEN closed THEN true END,
       CASE WHEN closed THEN 'verified' ELSE 'done' END,
       CASE WHEN closed THEN 'done' ELSE 'planned' END, 3, at + interval '6 days'
FROM made, generate_series(1, 2) AS number WHERE completed
ORDER BY n, number;
