-- A comment on a restricted record asks somebody, and nobody who may see it can answer: it was in nobody's
-- list. It stands where other work on restricted records stands, by its id alone, so that somebody gives
-- access (X3, X8).

-- The roles that take part in conversations. A test holds them to the service's.
CREATE FUNCTION qa_commenting_roles() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY['auditor', 'head_of_service', 'practice_supervisor', 'quality_standards',
                 'senior_leader', 'team_manager', 'worker'];
REVOKE ALL ON FUNCTION qa_commenting_roles() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qa_commenting_roles() TO qa_app, qa_read, qa_backup;

-- As in 0067, and the comments.
CREATE OR REPLACE VIEW restricted_work AS
SELECT open.*
FROM (
    SELECT e.id, (e.inform_by AT TIME ZONE 'Europe/London')::date AS due_on, e.subject_id,
           r.for_team AS team, true AS in_post,
           ARRAY['team_manager', 'head_of_service'] AS roles,
           NULL::text AS person, '{}'::text[] AS as_one_of, true AS even_away,
           '{}'::text[] AS barred
    FROM escalations e
    JOIN escalation_recipients r ON r.escalation_id = e.id AND r.replaced_at IS NULL
    WHERE e.restricted AND ((e.state IN ('raised', 'notified') AND r.acknowledged_at IS NULL)
                            OR e.state = 'acknowledged')
    UNION ALL
    SELECT e.id, (e.inform_by AT TIME ZONE 'Europe/London')::date, e.subject_id,
           NULL, false, '{}', NULL, '{}', true, '{}'
    FROM escalations e WHERE e.restricted AND e.state = 'quality_standards_informed'
    UNION ALL
    SELECT a.id, a.due_on, a.subject_id,
           CASE WHEN t.owner = 'service_area' AND a.plan_id IS NULL THEN a.team END, false,
           CASE WHEN a.auditor IS NULL
                THEN ARRAY['practice_supervisor', 'team_manager', 'head_of_service']
                ELSE ARRAY['team_manager', 'head_of_service'] END,
           a.auditor, '{auditor}', true, '{}'
    FROM audits a JOIN audit_types t ON t.code = a.type
    WHERE a.restricted AND a.state IN ('planned', 'in_progress')
    UNION ALL
    SELECT a.id, NULL, a.subject_id, NULL, false, '{}', NULL, '{}', true, ARRAY[p.worker]
    FROM audits a LEFT JOIN principals p ON p.id = a.error_reported_by
    WHERE a.restricted AND a.error_reported_by IS NOT NULL AND a.recorded_in_error_at IS NULL
    UNION ALL
    SELECT r.id, r.due_on, r.subject_id, r.team, false,
           ARRAY['practice_supervisor', 'team_manager', 'head_of_service'],
           nullif(coalesce(r.handed_to, r.worker), a.auditor), '{worker}', true, ARRAY[a.auditor]
    FROM audit_responses r JOIN audits a ON a.id = r.audit_id
    WHERE r.restricted AND a.recorded_in_error_at IS NULL
      AND r.state IN ('awaiting_notification', 'awaiting_response', 'returned')
    UNION ALL
    SELECT r.id, r.due_on, r.subject_id, r.team, true,
           ARRAY['team_manager', 'head_of_service'], NULL, '{}', true,
           ARRAY[a.auditor, a.audited_worker]
           || ARRAY(SELECT n.submitted_by FROM response_rounds n WHERE n.response_id = r.id)
           || ARRAY(SELECT n.on_behalf_of FROM response_rounds n WHERE n.response_id = r.id)
    FROM audit_responses r JOIN audits a ON a.id = r.audit_id
    WHERE r.restricted AND a.recorded_in_error_at IS NULL AND r.state = 'submitted'
    UNION ALL
    SELECT n.id, (n.queued_until AT TIME ZONE 'Europe/London')::date, n.subject_id, n.team, false,
           ARRAY['team_manager', 'head_of_service'], NULL, '{}', true, '{}'
    FROM notifications n JOIN audits a ON a.id = n.audit_id
    WHERE n.restricted AND a.recorded_in_error_at IS NULL AND n.state = 'undeliverable'
    UNION ALL
    SELECT x.id, x.due_on, x.subject_id, x.team, false,
           ARRAY['team_manager', 'head_of_service'], coalesce(x.owner, x.worker),
           ARRAY(SELECT unnest(s.roles) FROM allowed_actions s
                 WHERE s.aggregate = 'restorative_action' AND s.action = 'complete'), true, '{}'
    FROM restorative_actions x JOIN audits a ON a.id = x.audit_id
    WHERE x.restricted AND a.recorded_in_error_at IS NULL AND x.set_at IS NOT NULL
      AND x.state IN ('open', 'planned')
    UNION ALL
    SELECT x.id, x.due_on, x.subject_id, x.team, false,
           ARRAY['team_manager', 'head_of_service'], CASE WHEN a.auditor IS DISTINCT FROM x.done_by
                AND a.auditor IS DISTINCT FROM x.done_reported_by THEN a.auditor END,
           '{auditor}', true, ARRAY[x.done_by, x.done_reported_by]
    FROM restorative_actions x JOIN audits a ON a.id = x.audit_id
    WHERE x.restricted AND a.recorded_in_error_at IS NULL AND x.state = 'done'
    UNION ALL
    SELECT g.id, g.closure_on, g.subject_id, g.team, false,
           ARRAY['team_manager', 'head_of_service'], NULL, '{}', true, ARRAY[p.worker]
    FROM closure_gates g LEFT JOIN principals p ON p.id = g.override_requested_by
    WHERE g.restricted AND g.state IN ('awaiting_audit', 'actions_outstanding')
      AND g.override_requested_at IS NOT NULL AND g.override_approved_at IS NULL
      AND g.override_withdrawn_at IS NULL
    UNION ALL
    -- Known by the drawn audit, as in the lists of those who may see it; it has no date.
    SELECT o.audit_id, NULL, o.subject_id, NULL, false, '{}', o.moderator,
           ARRAY(SELECT unnest(s.roles) FROM allowed_actions s
                 WHERE s.aggregate = 'moderation_sample' AND s.action = 'record_outcome'),
           false, '{}'
    FROM moderation_outcomes o
    JOIN moderation_samples m ON m.id = o.sample_id
    JOIN audits a ON a.id = o.audit_id
    WHERE o.restricted AND o.moderated_at IS NULL AND m.state = 'open'
      AND a.recorded_in_error_at IS NULL
    UNION ALL
    SELECT l.id, l.due_on, l.subject_id, NULL, false, '{}', l.owner,
           ARRAY(SELECT unnest(s.roles) FROM allowed_actions s
                 WHERE s.aggregate = 'learning_action' AND s.action = 'complete'),
           false, ARRAY[l.owner]
    FROM learning_actions l WHERE l.restricted AND l.state = 'open'
      AND l.outcome_id <> ALL ((SELECT qa_moderated_in_error())::uuid[])
    UNION ALL
    SELECT l.id, l.due_on, l.subject_id, NULL, false, '{}', nullif(l.set_by, l.done_by),
           ARRAY(SELECT unnest(s.roles) FROM allowed_actions s
                 WHERE s.aggregate = 'learning_action' AND s.action = 'verify'),
           false, ARRAY[l.owner, l.done_by]
    FROM learning_actions l WHERE l.restricted AND l.state = 'done'
      AND l.outcome_id <> ALL ((SELECT qa_moderated_in_error())::uuid[])
    UNION ALL
    -- A comment waits for each whom it asks and who can still answer; for Quality & Standards otherwise.
    SELECT c.id, NULL, c.subject_id, NULL, false, '{}',
           CASE WHEN NOT EXISTS (
                   SELECT FROM moderation_outcomes o JOIN moderation_samples m ON m.id = o.sample_id
                   WHERE o.audit_id = c.audit_id AND o.moderator = w.addressee AND m.state = 'open'
                     AND o.sealed AND o.moderated_at IS NULL)
                AND (w.addressee = c.worker
                     OR EXISTS (SELECT FROM role_holders h
                                WHERE h.worker = w.addressee AND NOT h.away
                                  AND (h.role IN ('quality_standards', 'senior_leader')
                                       OR (h.team = c.team
                                           AND h.role IN ('practice_supervisor', 'team_manager',
                                                          'head_of_service'))))
                     OR EXISTS (SELECT FROM audits a
                                WHERE a.id = c.audit_id AND a.auditor = w.addressee)
                     OR (c.kind IN ('audit', 'question')
                         AND qa_was_audited(c.audit_id, w.addressee))
                     OR (c.kind IN ('audit', 'question', 'moderation_outcome')
                         AND EXISTS (SELECT FROM moderation_outcomes o
                                     JOIN moderation_samples m ON m.id = o.sample_id
                                     WHERE o.audit_id = c.audit_id AND o.moderator = w.addressee
                                       AND m.state = 'open'))
                     OR EXISTS (SELECT FROM restorative_actions x
                                WHERE x.id = c.action_id AND x.owner = w.addressee
                                  AND x.state NOT IN ('verified', 'cancelled'))
                     OR EXISTS (SELECT FROM audit_responses r
                                WHERE r.audit_id = c.audit_id AND r.handed_to = w.addressee
                                  AND r.state <> 'adequate')
                     OR EXISTS (SELECT FROM escalation_recipients r
                                WHERE r.escalation_id = c.escalation_id
                                  AND r.recipient = w.addressee))
                THEN w.addressee END,
           qa_commenting_roles(), false, '{}'
    FROM comments c
    JOIN comment_addressees w ON w.comment_id = c.id AND w.answered_at IS NULL
    LEFT JOIN audits p ON p.id = c.audit_id
    WHERE c.restricted AND c.addressed AND c.reply_to IS NULL AND c.resolved_at IS NULL
      AND p.recorded_in_error_at IS NULL
      AND qa_is_open_to_comments(c.kind, c.audit_id, c.response_id, c.action_id, c.escalation_id,
                                 c.outcome_id)
) open
WHERE qa_reach() IN ('service', 'authority');
