-- Whoever reports an action done has vouched for it, as the doer has: neither verifies it (R4.2.6).
ALTER TABLE restorative_actions
    ADD CONSTRAINT restorative_actions_done_reported_by_fkey
        FOREIGN KEY (done_reported_by) REFERENCES workers (code) NOT VALID,
    ADD CONSTRAINT restorative_actions_verified_by_no_reporter_check
        CHECK (verified_by <> done_reported_by) NOT VALID;

-- What waits to be verified: the response that says so was handed in by somebody. What was verified
-- before stands as it is.
SELECT set_config('qa.reach', 'service', true);
UPDATE restorative_actions x
SET done_reported_by = coalesce(
    (SELECT r.submitted_by FROM response_items i JOIN response_rounds r ON r.id = i.round_id
     WHERE i.action_id = x.id AND i.done_on = x.done_on AND r.on_behalf
     ORDER BY r.submitted_at DESC LIMIT 1),
    x.done_by)
WHERE x.state = 'done';
SELECT set_config('qa.reach', '', true);
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE restorative_actions
    VALIDATE CONSTRAINT restorative_actions_done_reported_by_fkey,
    VALIDATE CONSTRAINT restorative_actions_verified_by_no_reporter_check;

DROP TRIGGER IF EXISTS frozen_verification ON restorative_actions;
CREATE TRIGGER frozen_verification BEFORE UPDATE ON restorative_actions FOR EACH ROW
    WHEN (OLD.verified_at IS NOT NULL
          AND (OLD.done_by, OLD.done_reported_by, OLD.verified_at, OLD.verified_by, OLD.made_a_difference, OLD.verification_note) IS DISTINCT FROM (NEW.done_by, NEW.done_reported_by, NEW.verified_at, NEW.verified_by, NEW.made_a_difference, NEW.verification_note)
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was seen done stands');

-- As in 0045; whoever reported it done verifies it as little as the doer.
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
) open
WHERE qa_reach() IN ('service', 'authority');
