-- What is open on restricted records, and who could do it: the person named, the holders of these
-- roles over the team (in post, where the post is asked), and Quality & Standards; never the barred.
-- With its owner's reach, since nobody without a grant sees the rows themselves: so it says ids and
-- dates alone, and to those who reach the whole authority.
-- An error that was reported waits for another person of Quality & Standards than who reported it; what
-- was learned from an audit recorded in error waits for nobody.
-- Whom a thing waits for by name counts where they hold one of their roles (`as_one_of`), away or
-- not where `even_away`; whoever is barred is barred as one of a group, and never named here.
DROP VIEW withheld_work, restricted_work;

CREATE VIEW restricted_work AS
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
           ARRAY['team_manager', 'head_of_service'], nullif(a.auditor, x.done_by),
           '{auditor}', true, ARRAY[x.done_by]
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

-- What of it nobody with an unexpired grant can do.
CREATE VIEW withheld_work AS
SELECT w.id, min(w.due_on) AS due_on
FROM restricted_work w
WHERE NOT EXISTS (
    SELECT FROM restriction_grants g
    JOIN principals p ON p.id = g.principal_id
    JOIN role_holders h ON h.worker = p.worker
    WHERE g.subject_id = w.subject_id AND g.expires_at > qa_now()
      AND ((h.worker = w.person AND h.role = ANY (w.as_one_of) AND (w.even_away OR NOT h.away))
           OR (h.worker <> ALL (array_remove(w.barred, NULL))
               AND (h.role = 'quality_standards'
                    OR (h.team = w.team AND h.role = ANY (w.roles) AND NOT h.away
                        AND (NOT w.in_post OR EXISTS (
                            SELECT FROM team_leads l
                            WHERE l.team = w.team AND l.worker = h.worker)))))))
GROUP BY w.id;

GRANT SELECT ON restricted_work, withheld_work TO qa_app, qa_read, qa_backup;
