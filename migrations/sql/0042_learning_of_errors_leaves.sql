-- What was learned from an audit recorded in error leaves with all else that hung on it.
CREATE OR REPLACE FUNCTION note_departures_of_audit() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO dataset_departures (dataset, id, key, left_xid)
    SELECT part.dataset, part.id, part.key, stamp()
    FROM (
        SELECT 'audit-answers' AS dataset, dataset_id(audit_id::text, question_key) AS id,
               ARRAY[audit_id::text, question_key] AS key
        FROM audit_answers WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'audit-judgements', dataset_id(audit_id::text, domain_key),
               ARRAY[audit_id::text, domain_key]
        FROM domain_judgements WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'restorative-actions', id, ARRAY[id::text] FROM restorative_actions
        WHERE audit_id = NEW.id AND NOT restricted AND set_at IS NOT NULL
        UNION ALL
        SELECT 'audit-responses', id, ARRAY[id::text] FROM audit_responses
        WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'response-rounds', o.id, ARRAY[o.id::text]
        FROM response_rounds o JOIN audit_responses r ON r.id = o.response_id
        WHERE r.audit_id = NEW.id AND NOT o.restricted
        UNION ALL
        SELECT 'notifications', id, ARRAY[id::text] FROM notifications
        WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'moderation-outcomes', id, ARRAY[id::text] FROM moderation_outcomes
        WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'learning-actions', l.id, ARRAY[l.id::text]
        FROM learning_actions l JOIN moderation_outcomes m ON m.id = l.outcome_id
        WHERE m.audit_id = NEW.id AND NOT l.restricted
    ) part
    ON CONFLICT (dataset, id) DO UPDATE SET left_xid = excluded.left_xid;
    RETURN NULL;
END $$;

-- Of those recorded in error before: every copy is told now.
SELECT set_config('qa.reach', 'service', true);
INSERT INTO dataset_departures (dataset, id, key, left_xid)
SELECT 'learning-actions', l.id, ARRAY[l.id::text], stamp()
FROM learning_actions l
JOIN moderation_outcomes m ON m.id = l.outcome_id JOIN audits a ON a.id = m.audit_id
WHERE a.recorded_in_error_at IS NOT NULL AND NOT l.restricted
ON CONFLICT (dataset, id) DO UPDATE SET left_xid = excluded.left_xid;
SELECT set_config('qa.reach', '', true);
