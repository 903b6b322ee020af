-- A moderated domain leaves the dataset with its row, when its record is restricted, and with an
-- audit that is recorded in error.
CREATE TRIGGER note_departure AFTER DELETE ON moderated_domains FOR EACH ROW
    WHEN (NOT OLD.restricted)
    EXECUTE FUNCTION note_departure('moderated-domains', 'outcome_id', 'domain_key');
CREATE TRIGGER note_hiding AFTER UPDATE ON moderated_domains FOR EACH ROW
    WHEN (NOT OLD.restricted AND NOT (NOT NEW.restricted))
    EXECUTE FUNCTION note_departure('moderated-domains', 'outcome_id', 'domain_key');

-- With all else that hung on the audit.
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
        SELECT 'moderated-domains', dataset_id(outcome_id::text, domain_key),
               ARRAY[outcome_id::text, domain_key]
        FROM moderated_domains WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'learning-actions', l.id, ARRAY[l.id::text]
        FROM learning_actions l JOIN moderation_outcomes m ON m.id = l.outcome_id
        WHERE m.audit_id = NEW.id AND NOT l.restricted
    ) part
    ON CONFLICT (dataset, id) DO UPDATE SET left_xid = excluded.left_xid;
    RETURN NULL;
END $$;
